r"""The self-check: each optimiser itself, from random starts near each critical point, against its ruling.

Attraction and repulsion are local, so the starts lie on a sphere that is small against the loss's own scale; they are
inside when 1000 times nearer, outside when 100 times farther (momentum's transients reach about 1/(1 - gamma) times
the start's distance). Normalised SAM never settles: `saddlecheck.verification.analysis.cycle_check` measures what it
does instead. Where the Hessian is degenerate a path slows down as it nears: it starts farther away, half or twice the
distance decides, and it has more steps. A start that is neither in them decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from saddlecheck.numerics.statistics import wilson_interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.optimisers.bases import Base
from saddlecheck.verification.analysis import adaptive_check, cycle_check
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.dynamics import Floats, Surface, projected, projection, stacked, start, step
from saddlecheck.verification.analysis.ends import beside, follow, on_sphere, resolved
from saddlecheck.verification.analysis.result import Point, Ruling, Seen, Share
from saddlecheck.verification.analysis.settings import SHOWN, AnalysisSettings
from saddlecheck.verification.analysis.stability import judged as rules_of
from saddlecheck.verification.analysis.stability import same_map

_NEAR = 1e-6  # of the point's own size: the linear region of most losses, far above rounding
_IN, _OUT = 1e-3, 1e2
_FAR, _NEARER, _FARTHER = 0.05, 0.6, 2.0
_ASCENT, _NEAREST = 0.1, 1e-30  # of the distance from a degenerate point; the smallest distance, of its size
_CAUGHT = 6.0  # widths of the cycle, or of the largest of several
_CHECK_EVERY = 10
_RESOLVED = 1e-15  # of the point's distance from 0: what floats beside it are apart
_TOO_NEAR = "rounding does not resolve the distances at which rho is small"
# Times as many steps at a degenerate point: by s' = -4 s^3, x^4 falls to 0.6 r in (0.6^-2 - 1)/(8 eta r^2) steps.
_PATIENCE = 5
_RADII = (0.01, 0.1, 0.3, 1.0)  # of the distance to the nearest other critical point


@dataclass(frozen=True)
class Probe:
    """Starts (n, k) around a centre (n,), and the distances below which and above which a path is decided.

    Attributes:
        across: projection (n, n) in which distances are taken, for a point on a line of critical points; None: all of
            them.
    """

    centre: Floats
    starts: Floats
    inside: float
    outside: float
    across: Floats | None = None


@dataclass(frozen=True)
class Arrivals:
    """How many of the starts ended inside, outside, or in neither; last: median final distance."""

    inside: int
    outside: int
    undecided: int
    last: float

    @property
    def total(self) -> int:
        """Number of starts."""
        return self.inside + self.outside + self.undecided


def run(
    rule: Optimiser, landscape: Surface, probes: Sequence[Probe], settings: AnalysisSettings, steps: int,
    deadline: float | None = None,
) -> list[Arrivals]:  # fmt: skip
    """All probes together, until every path is decided, the steps or the time spent."""
    w = np.concatenate([p.starts for p in probes], axis=1)
    counts = [p.starts.shape[1] for p in probes]
    centre = np.repeat(np.stack([p.centre for p in probes], axis=1), counts, axis=1)
    inside, outside = (np.repeat([getattr(p, name) for p in probes], counts) for name in ("inside", "outside"))
    m = start(rule, w)
    advance = step(rule, landscape, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    across = stacked([p.across for p in probes], counts)
    decided = np.zeros(w.shape[1], int)
    last = np.zeros(w.shape[1])
    live = np.arange(w.shape[1])
    with np.errstate(all="ignore"):
        for k in range(steps):
            w, m = advance(w, m)
            late = over(deadline)
            if k % _CHECK_EVERY and k < steps - 1 and not late:
                continue
            apart = projected(w - centre[:, live], None if across is None else across[:, :, live])
            distance = np.sqrt(np.sum(apart**2, axis=0))
            distance = np.where(np.isfinite(distance), distance, math.inf)
            last[live] = distance
            state = np.where(distance <= inside[live], 1, np.where(distance >= outside[live], -1, 0))
            decided[live] = state
            keep = state == 0
            w, m, live = w[:, keep], m[:, keep], live[keep]
            if late or not len(live):
                break
    splits = np.cumsum(counts)[:-1]
    return [
        Arrivals(int(np.sum(d == 1)), int(np.sum(d == -1)), int(np.sum(d == 0)), float(np.median(x)))
        for d, x in zip(np.split(decided, splits), np.split(last, splits), strict=True)
    ]


def check(
    points: Sequence[Point], landscape: Surface, settings: AnalysisSettings, deadline: float | None = None
) -> list[Point]:
    """The points with `simulated` and `seen` filled in, every ruling against its own optimiser, while there is time."""
    rng = np.random.default_rng(settings.seed)
    rulings: list[dict[str, Ruling]] = [dict(p.optimisers) for p in points]
    judgeable, rules = [p for p in points if p.optimisers], rules_of(settings)
    shared: dict[Any, list[Any]] = {}
    for name in judgeable[0].optimisers if judgeable else ():
        if name not in rules or over(deadline):
            continue  # its fixed point is not this one (decay in the descent)
        rule = rules[name]
        # Without a second derivative there is no scale on which to begin.
        mine = [i for i, p in enumerate(points) if name in p.optimisers and all(map(math.isfinite, p.eigenvalues))]
        if not mine:
            continue
        # The orbits of one map are run once, whatever the optimisers are called that have it.
        key = (*same_map(rule, settings), tuple((i, points[i].optimisers[name].cycle) for i in mine))
        seen = shared.setdefault(key, [])
        tested = _tested(rule, [points[i] for i in mine], landscape, settings, rng, deadline, seen)
        for i, ruling in zip(mine, tested, strict=True):
            rulings[i][name] = ruling
    return [replace(p, optimisers=mine) for p, mine in zip(points, rulings, strict=True)]


def _tested(
    rule: Optimiser, points: Sequence[Point], landscape: Surface, settings: AnalysisSettings, rng: np.random.Generator,
    deadline: float | None, seen: list[Any],
) -> list[Ruling]:  # fmt: skip
    """Return one optimiser's rulings at the points, tested; as they are where time runs out.

    `seen`: how runs of the same map at these points ended, empty before the first.
    """
    given = [p.optimisers[rule.id] for p in points]
    spheres = [on_sphere(rng, landscape.n, settings.starts) for _ in points]
    if rule.base is not None:
        pairs = zip(points, given, spheres, strict=True)
        return [_over_base(rule, rule.base, p, r, s, landscape, settings, deadline) for p, r, s in pairs]
    if rule.force.normalised and settings.rho > 0:
        centres = [np.array(p.at) for p in points]
        begin = [
            beside(c, p.eigenvalues, rule, s, settings, r.cycle or 0.0)
            for c, p, r, s in zip(centres, points, given, spheres, strict=True)
        ]
        across = [
            projection(landscape, c, kernel=False) if p.transverse else None
            for c, p in zip(centres, points, strict=True)
        ]
        others = np.stack(centres, axis=1)
        seen += [] if seen else follow(rule, landscape, centres, begin, settings, deadline, across, others) or []
        if not seen:
            return given
        return [
            cycle_check.judged(rule, r, e, p, settings, others)
            if resolved(c, b)
            else replace(r, simulated="inconclusive", seen=_TOO_NEAR)
            for r, e, p, c, b in zip(given, seen, points, centres, begin, strict=True)
        ]
    probes = [_probe(p, landscape, settings, s) for p, s in zip(points, spheres, strict=True)]
    if not seen:
        seen += run(rule, landscape, probes, settings, settings.steps, deadline)
        for i, p in enumerate(points):
            if is_slow(p) and seen[i].undecided:
                (seen[i],) = run(rule, landscape, [probes[i]], settings, _PATIENCE * settings.steps, deadline)
    if over(deadline):
        return given
    return [
        judged(r, o)
        if probe.inside > _RESOLVED * np.linalg.norm(probe.centre)
        else replace(r, simulated="inconclusive", seen=_TOO_NEAR)
        for r, o, probe in zip(given, seen, probes, strict=True)
    ]


def _over_base(
    rule: Optimiser, base: Base, point: Point, ruling: Ruling, sphere: Floats, landscape: Surface,
    settings: AnalysisSettings, deadline: float | None,
) -> Ruling:  # fmt: skip
    """Over an adaptive base: from starts where the base is linear, or what its runs do where it comes to no rest."""
    if over(deadline):
        return ruling
    if ruling.verdict in ("cycle", "undecided"):
        return adaptive_check.judged(rule, ruling, point, landscape, sphere, settings, deadline)
    near = _probe(point, landscape, settings, sphere)
    nearer = adaptive_check.shrunk(rule, base, landscape, near.starts, settings)
    centre = adaptive_check.centre_of(rule, base, landscape, near.centre, settings)
    starts = centre[:, None] + nearer * (near.starts - near.centre[:, None])
    probe = replace(near, centre=centre, starts=starts, inside=nearer * near.inside, outside=nearer * near.outside)
    if probe.inside <= _RESOLVED * np.linalg.norm(centre):
        return replace(ruling, simulated="inconclusive", seen=_TOO_NEAR)
    return judged(ruling, run(rule, landscape, [probe], settings, settings.steps, deadline)[0])


def judged(ruling: Ruling, outcome: Arrivals) -> Ruling:
    """The ruling with what was seen: confirmed, contradicted or inconclusive."""
    inside, outside, total = outcome.inside, outcome.outside, outcome.total
    seen = f"{inside} of {total} starts came close, {outside} left"
    word: Seen
    match ruling.verdict:
        case "attracts":
            word = "confirmed" if inside == total else "contradicted" if outside else "inconclusive"
        case "repels":
            # One side of a degenerate point may attract: a quarter that leaves is not an attractor.
            stays = outside == 0 and 2 * inside > total
            word = "confirmed" if 4 * outside >= total else "contradicted" if stays else "inconclusive"
        case "neutral":
            word = "confirmed" if inside == outside == 0 else "contradicted"
        case _:
            word = "inconclusive"
            seen = f"of {total} starts {inside} came close, {total - inside - outside} stayed near, {outside} left"
    return replace(ruling, simulated=word, seen=seen)


def _probe(point: Point, landscape: Surface, settings: AnalysisSettings, sphere: Floats) -> Probe:
    centre = np.array(point.at)
    if is_slow(point):
        radius = _FAR * (1 + float(np.linalg.norm(centre)))
        along = projection(landscape, centre, kernel=True) @ sphere
        toward = along / np.maximum(np.linalg.norm(along, axis=0), 1e-300) + 1e-3 * sphere
        while settings.rho and radius > _NEAREST * (1 + np.linalg.norm(centre)):  # where the ascent is a small part
            ascent = settings.rho * np.linalg.norm(landscape.gradient(centre[:, None] + radius * toward), axis=0)
            if np.all(ascent <= _ASCENT * radius):
                break
            radius /= 2
        return Probe(centre, centre[:, None] + radius * toward, _NEARER * radius, _FARTHER * radius)
    largest = max((abs(e) for e in point.eigenvalues), default=0.0)
    radius = _NEAR * (1 + float(np.linalg.norm(centre))) / (1 + settings.rho * largest)
    across = projection(landscape, centre, kernel=False) if point.transverse else None
    return Probe(centre, centre[:, None] + radius * sphere, _IN * radius, _OUT * radius, across)


def is_slow(point: Point) -> bool:
    """Whether the next order moves the paths: they start far along the kernel."""
    return point.kind == "degenerate" and not point.transverse


def basins(
    points: Sequence[Point],
    others: Floats,
    landscape: Surface,
    settings: AnalysisSettings,
    deadline: float | None = None,
) -> list[Point]:
    """Return the points with the shares of captured starts at growing distances, for the rules that attract or circle.

    `others`: all critical points, shape (k, n): distances are in units of that to the nearest other one.
    """
    rng, rules = np.random.default_rng(settings.seed + 1), rules_of(settings)
    out = []
    for p in points:
        centre = np.array(p.at)
        scale = _scale(centre, others)
        found: dict[str, tuple[Share, ...]] = {}
        for name, ruling in p.optimisers.items():
            usual = name in rules and (settings.optimisers is not None or name in SHOWN)
            if not usual or rules[name].base is not None or ruling.verdict not in ("attracts", "cycle"):
                continue
            width = _CAUGHT * max([ruling.cycle or 0.0, *(e.half_width for e in ruling.ends)])
            goal = max(1e-3 * _RADII[0] * scale, width)
            radii = [r * scale for r in _RADII if r * scale > width] or [width]
            probes = [
                Probe(centre, centre[:, None] + r * on_sphere(rng, landscape.n, settings.starts), goal, 20 * scale)
                for r in radii
            ]
            outcomes = run(rules[name], landscape, probes, settings, settings.steps, deadline)
            if over(deadline):
                break
            found[name] = tuple(_share(r, o) for r, o in zip(radii, outcomes, strict=True))
        out.append(replace(p, basins=found))
    return out


def _share(radius: float, outcome: Arrivals) -> Share:
    low, high = wilson_interval(outcome.inside, outcome.total)
    return Share(radius, outcome.inside, outcome.total, outcome.inside / outcome.total, low, high)


def _scale(centre: Floats, others: Floats) -> float:
    distances = np.linalg.norm(others - centre, axis=1)
    apart = distances[distances > 1e-9 * (1 + np.linalg.norm(centre))]
    return float(np.min(apart)) if len(apart) else max(1.0, float(np.linalg.norm(centre)))
