r"""Where starts beside a point end under an optimiser that never settles: extent and period of the last steps.

The starts lie at rest at distances from a tenth of to ten times the 2-cycle's half-width; nearer ones all make the same
first step. A path is looked at every 240 steps. It has left when it was farther away than all starts throughout a
look; it has settled when it repeats after some steps, at the look's end as at its beginning. The extent is half the
largest distance between two positions of its last period. An end belongs to the point if its mean position lies within
two half-widths of it, and no other critical point is nearer to that mean; else the path has ended elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import cycle_model
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.dynamics import Floats, Surface, projected, stacked, step
from saddlecheck.verification.analysis.settings import AnalysisSettings

NEAREST, FARTHEST = 0.1, 10.0  # of the 2-cycle's half-width
ROUNDING = 1e-3  # of an extent: what a settled path may change by during a look
_RESOLVED = 1e-12  # of the centre's distance from 0
LOOK = 240  # steps
_AWAY = 3.0  # times the farthest start
_BESIDE = 2.0  # half-widths: how far from the point the mean of a cycle of its own may be
_STEADY = 0.01  # of the gap at a shorter shift: by what it may change during a look of a settled path
Counts = NDArray[np.int64]
Truths = NDArray[np.bool_]
Kind = tuple[int, float]  # period and extent


@dataclass(frozen=True)
class Ends:
    """One entry a path.

    Attributes:
        extents: shape (k,).
        periods: 0 where it has not settled.
        distances: largest after the first look, from the centre.
        left: whether it went away.
        elsewhere: whether it stayed but ended about another place.
        means: mean positions at the end (unsettled: after the first look), shape (n, k).
        states: (w, m) at the end, shape (2, n, k).
    """

    extents: Floats
    periods: Counts
    distances: Floats
    left: Truths
    elsewhere: Truths
    means: Floats
    states: Floats

    @property
    def total(self) -> int:
        """Number of starts."""
        return len(self.left)

    @property
    def away(self) -> int:
        """How many left."""
        return int(np.sum(self.left))

    @property
    def strayed(self) -> int:
        """How many ended about another place."""
        return int(np.sum(self.elsewhere))

    @property
    def settled(self) -> Truths:
        """Which came to a cycle about this point."""
        return (self.periods > 0) & ~self.left & ~self.elsewhere

    @property
    def loose(self) -> int:
        """How many stayed about this point without settling."""
        return int(np.sum(~self.left & ~self.elsewhere & (self.periods == 0)))

    def cycles(self) -> list[tuple[Kind, int]]:
        """Periods and extents of the cycles about this point (equal within twice the rounding), most frequent first."""
        found: Counter[Kind] = Counter()
        for q, x, mine in zip(self.periods, self.extents, self.settled, strict=True):
            if mine:
                same = (k for k in found if k[0] == q and abs(k[1] - x) <= 2 * ROUNDING * x)
                found[next(same, (int(q), float(x)))] += 1
        return found.most_common()


def beside(
    centre: Floats,
    eigenvalues: Sequence[float],
    rule: Optimiser,
    sphere: Floats,
    settings: AnalysisSettings,
    band: float,
) -> Floats:
    """Starts beside a point, shape (n, k), from uniform directions; band: their size where no 2-cycle gives one."""
    top = Interval.exact(Fraction(float(max(eigenvalues, default=0.0))))
    size = cycle_model.width(rule, top, settings)
    if size > 0:
        return np.asarray(centre[:, None] + size * np.geomspace(NEAREST, FARTHEST, sphere.shape[1]) * sphere)
    # Uphill everywhere: inside the ball of gradients that holds them, a start's gradient is at most the band's.
    curved = [abs(e) for e in eigenvalues if e] or [1.0]
    band = band or settings.lr * settings.rho * max(curved) or settings.rho
    return np.asarray(centre[:, None] + band * min(curved) / max(curved) * sphere)


def belongs(means: Floats, half_widths: Floats, others: Floats | None = None) -> Truths:
    """Whether motions about mean positions are about the point at 0; see the module.

    Args:
        means: relative to the point, shape (n, k).
        half_widths: shape (k,).
        others: critical points relative to this one (which may be among them), shape (n, m); None where unknown.

    Returns:
        Booleans, shape (k,).
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a diverged path is infinitely far: not about this point
        own = np.linalg.norm(means, axis=0)
        near = own <= _BESIDE * half_widths
        for other in [] if others is None else others.T:  # the rounding decides no tie
            near &= own <= (1 + ROUNDING) * np.linalg.norm(means - other[:, None], axis=0)
    return np.asarray(near)


def resolved(centre: Floats, starts: Floats) -> bool:
    """Whether the starts are far enough from the centre for rounding not to hold them where they are."""
    nearest = np.min(np.linalg.norm(starts - centre[:, None], axis=0))
    return bool(nearest > _RESOLVED * np.linalg.norm(centre))


def on_sphere(rng: np.random.Generator, n: int, count: int) -> Floats:
    """Uniform directions, shape (n, count)."""
    x = rng.standard_normal((n, count))
    return np.asarray(x / np.linalg.norm(x, axis=0))


def follow(
    rule: Optimiser, landscape: Surface, centres: Sequence[Floats], starts: Sequence[Floats],
    settings: AnalysisSettings,
    deadline: float | None = None, across: Sequence[Floats | None] | None = None, others: Floats | None = None,
) -> list[Ends] | None:  # fmt: skip
    """Run all starts together, at most `settings.steps` steps; None where time runs out.

    Args:
        rule: the optimiser.
        landscape: the loss.
        centres: one a point, shape (n,).
        starts: one set a point, shape (n, k).
        settings: rho, lr, momentum, steps.
        deadline: of the clock.
        across: one projection a point, shape (n, n), in which distances are taken; None: all directions.
        others: the critical points that are known, shape (n, m), on which ends elsewhere may be centred.

    Returns:
        One `Ends` a point.
    """
    counts = [s.shape[1] for s in starts]
    owner = np.repeat(np.arange(len(counts)), counts)
    middle = np.repeat(np.stack(centres, axis=1), counts, axis=1)
    projections = across or [None] * len(counts)
    each = stacked(projections, counts)
    w = np.concatenate(starts, axis=1)
    outset = projected(w - middle, each)
    far = _AWAY * np.array([np.max(np.linalg.norm(outset[:, owner == i], axis=0)) for i in range(len(counts))])[owner]
    total = w.shape[1]
    m, live = np.zeros_like(w), np.arange(total)
    extents, periods, left = np.zeros(total), np.zeros(total, int), np.zeros(total, bool)
    lows, highs, means, states = np.zeros(total), np.zeros(total), np.zeros_like(w), np.zeros((2, *w.shape))
    advance = step(rule, landscape, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    with np.errstate(all="ignore"):
        for look in range(max(settings.steps // LOOK, 1)):
            track = np.empty((LOOK, *w.shape))
            for k in range(LOOK):
                w, m = advance(w, m)
                track[k] = w
                if over(deadline):
                    return None
            track = projected(track - middle[:, live], None if each is None else each[:, :, live])
            distance = np.linalg.norm(track, axis=1)
            states[:, :, live] = w, m
            low, high, mean = np.min(distance, axis=0), np.max(distance, axis=0), np.mean(track, axis=0)
            if look > 1:  # what came before the second look is the way there
                low, high = np.minimum(lows[live], low), np.maximum(highs[live], high)
                mean = means[:, live] + (mean - means[:, live]) / look
            lows[live], highs[live], means[:, live] = low, high, mean
            left[live] = ~(np.min(distance, axis=0) <= far[live])
            keep = ~left[live]
            extents[live], periods[live] = _motions(track)
            for j, q in enumerate(periods[live]):
                if q:
                    means[:, live[j]] = np.mean(track[-q:, :, j], axis=0)
            keep &= periods[live] == 0
            w, m, live = w[:, keep], m[:, keep], live[keep]
            if not len(live):
                break
        # An unsettled path is as wide as its distances differ in the long run: it may turn around the point slowly.
        widths = np.where(periods > 0, extents, np.maximum(extents, (highs - lows) / 2))
    out = []
    for i, (centre, projection) in enumerate(zip(centres, projections, strict=True)):
        mine = np.flatnonzero(owner == i)
        # Beside a line of critical points the distances along it are not taken, and no other point can be compared.
        rivals = None if others is None or projection is not None else others - centre[:, None]
        strays = ~left[mine] & ~belongs(means[:, mine], widths[mine], rivals)
        at = centre[:, None] + means[:, mine]
        out.append(Ends(extents[mine], periods[mine], highs[mine], left[mine], strays, at, states[:, :, mine]))
    return out


def _motions(track: Floats) -> tuple[Floats, Counts]:
    """Extents of paths, track of shape (steps, n, k), and the smallest shifts after which each repeats (0: none)."""
    steps, _, k = track.shape
    extents, periods = _extents(track), np.zeros(k, int)
    # Most shifts fail at the last step already: only the others are compared throughout.
    gaps = np.max(np.abs(track[-2 : -2 - steps // 2 : -1] - track[-1]), axis=1)
    for j in range(k):
        path = track[:, :, j]
        for q in 2 + np.flatnonzero(gaps[1:, j] <= ROUNDING * extents[j]):
            last = float(_extents(track[-q - 1 :, :, j : j + 1])[0])
            if np.max(np.abs(path[q:] - path[:-q])) > ROUNDING * last:
                continue
            whole = q * ((steps - q) // q)  # as many periods as there are
            if np.max(np.abs(path[whole:] - path[:-whole])) <= ROUNDING * last and _steady(path, int(q)):
                periods[j], extents[j] = q, last
            break
    return extents, periods


def _steady(path: Floats, q: int) -> bool:
    """Whether q is the period itself, and not a multiple at which a path repeats that still nears a shorter one.

    On an orbit of period q its positions a divisor of q apart stay as far apart as they are; on the way to an orbit
    of that shorter period they close up.

    Returns:
        False where positions a divisor of q apart close up.
    """
    for d in (d for d in range(1, q) if q % d == 0):
        gaps = np.linalg.norm(path[d:] - path[:-d], axis=1)
        begin, end = np.max(gaps[:q]), np.max(gaps[-q:])
        if abs(begin - end) > _STEADY * max(begin, end):
            return False
    return True


def _extents(track: Floats) -> Floats:
    paths = np.arange(track.shape[2])
    farthest = np.argmax(np.linalg.norm(track - track[0], axis=1), axis=0)
    return np.asarray(np.max(np.linalg.norm(track - track[farthest, :, paths].T, axis=1), axis=0) / 2)
