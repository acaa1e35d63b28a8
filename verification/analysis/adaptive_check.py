r"""What an adaptive base does beside a point where no linear map decides: its own runs, from starts at rest.

The starts lie at a tenth of to ten times lr, the scale of a step there, from v = 0. A path is followed for 10 times
the memory of v, to a cycle until little is left of the way there, at most five times the steps of the self-check. It is
looked at during the last third: how far from the point it is at most, and whether its last positions alternate. It has
left when it ends beyond the distance within which a coordinate with a positive rate stays
(`saddlecheck.theory.optimisers.bases`). A path that comes to where the rule has no value, as GSAM where the gradient is
0, stays there.

With mini-batch noise both gradients of a step see one error of covariance |H|/B, H the Hessian at the point, as in
`saddlecheck.verification.analysis.noise`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.optimisers.bases import Adam, Base
from saddlecheck.verification.analysis import adaptive_rest, cycle_check
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.dynamics import Floats, Surface, projection, start, step
from saddlecheck.verification.analysis.ends import Ends, Truths
from saddlecheck.verification.analysis.result import Point, Ruling, Seen
from saddlecheck.verification.analysis.settings import AnalysisSettings

_NEAREST, _FARTHEST = 0.1, 10.0  # of lr
_MEMORIES, _PATIENCE = 10, 5
_UNBOUNDED = 1000.0  # steps of lr that count as left where no distance is proved
_ULPS = 1e-14  # of the point's distance from 0
_LINEAR = 0.01  # of epsilon: the largest |g| of a start for the linear map, whose steps then err by a hundredth
_KNOWN, _WITHIN_A_FIFTH, _TRANSIENT, _TO_A_CYCLE = 1e-3, 0.25, 10.0, 0.01


def lr_of(base: Base, settings: AnalysisSettings) -> float:
    """The base's learning rate, or the analysis'."""
    return settings.lr if base.lr is None else float(base.lr)


def steps_of(base: Base, settings: AnalysisSettings, cycle: Ruling | None = None) -> int:
    """How many steps a run has; to a cycle as many as leave a hundredth of its width of the way there."""
    if cycle is None:
        wanted = _MEMORIES * _memory(base)
    else:
        share = _TO_A_CYCLE * (cycle.cycle or 0.0) / (_TRANSIENT * _FARTHEST * lr_of(base, settings))
        wanted = 2 * math.log(share) / math.log(cycle.rate) if 0 < cycle.rate < 1 and 0 < share < 1 else 0.0
    return max(settings.steps, min(_PATIENCE * settings.steps, math.ceil(wanted)))


def forgotten(base: Base, settings: AnalysisSettings, scale: float) -> int:
    """Steps after which sqrt(v) has forgotten a start `scale` away, where |g| may be scale/lr times as large."""
    return math.ceil((_MEMORIES + 2 * math.log(max(1.0, scale / lr_of(base, settings)))) * _memory(base))


def _memory(base: Base) -> float:
    """How many steps the slowest of its means reaches back."""
    return 1 / (1 - float(getattr(base, "alpha", None) or max(getattr(base, "betas", (0.0,)))))


def shrunk(rule: Optimiser, base: Base, surface: Surface, starts: Floats, settings: AnalysisSettings) -> float:
    """The factor by which starts, shape (n, k), have to be nearer so that |g| is below a hundredth of epsilon."""
    direction = rule.force.on(surface.gradient, settings.rho, hessian=surface.hessian)
    largest = float(np.max(np.abs(direction(starts)), initial=0.0))
    eps = float(getattr(base, "eps", math.inf))
    return min(1.0, _LINEAR * eps / largest) if largest > 0 else 1.0


def centre_of(rule: Optimiser, base: Base, surface: Surface, at: Floats, settings: AnalysisSettings) -> Floats:
    """Where the base rests: the point itself, or AdamW's own rest point beside it."""
    if not isinstance(base, Adam) or not base.decay:
        return at
    found = adaptive_rest.place(rule, base, surface, at, settings)
    return at if found is None else found


@dataclass(frozen=True)
class Band:
    """What the paths did, one entry a start.

    Attributes:
        distances: the largest from the point in the last third.
        half_steps: half the length of the last step.
        off_centre: how far from the point the middle of that step lies.
        left: which went away.
        held: which came to where the next step is lost in rounding, though the exact path would leave again.
        steps: of each.
    """

    distances: Floats
    half_steps: Floats
    off_centre: Floats
    left: Truths
    held: Truths
    steps: int


class _Noisy:
    """A surface whose gradients all have one error, which is drawn anew at each step."""

    def __init__(self, surface: Surface, at: Floats, batch: float, seed: int, *, together: bool) -> None:
        self.n, self._surface, self._rng, self._together = surface.n, surface, np.random.default_rng(seed), together
        values, vectors = np.linalg.eigh(surface.hessian(at[:, None])[:, :, 0])
        self._root = vectors * np.sqrt(np.abs(values) / batch)
        self._error: Floats = np.zeros((self.n, 1))

    def draw(self, paths: int) -> None:
        self._error = self._root @ self._rng.standard_normal((self.n, 1 if self._together else paths))

    def gradient(self, w: Floats) -> Floats:
        return self._surface.gradient(w) + self._error

    def hessian(self, w: Floats) -> Floats:
        return self._surface.hessian(w)


def band(
    rule: Optimiser, surface: Surface, at: Floats, sphere: Floats, settings: AnalysisSettings,
    deadline: float | None = None, *, transverse: bool = False, cycle: Ruling | None = None,
) -> Band | None:  # fmt: skip
    """Run the starts on the directions `sphere`, shape (n, k); None where time runs out."""
    base = rule.base
    assert base is not None
    lr, steps, reach = lr_of(base, settings), steps_of(base, settings, cycle), base.reach(lr_of(base, settings))
    allowed = max(2 * _FARTHEST * lr, math.sqrt(surface.n) * (reach if reach < math.inf else _UNBOUNDED * lr))
    across = projection(surface, at, kernel=False) if transverse else np.eye(surface.n)
    w = at[:, None] + lr * np.geomspace(_NEAREST, _FARTHEST, sphere.shape[1]) * sphere
    m, before = start(rule, w), w
    noisy = None
    if settings.batch is not None:  # a rule for one vector sees one error on all paths
        noisy = _Noisy(surface, at, settings.batch, settings.seed, together=not rule.force.vectorised)
    advance = step(rule, noisy or surface, rho=settings.rho, lr=lr, momentum=0.0)
    farthest = np.zeros(w.shape[1])
    with np.errstate(all="ignore"):
        for k in range(steps):
            if noisy is not None:
                noisy.draw(w.shape[1])
            before, memory, (w, m) = w, m, advance(w, m)
            if not np.all(np.isfinite(w)):
                there = ~np.all(np.isfinite(w), axis=0) & (np.linalg.norm(before - at[:, None], axis=0) <= allowed)
                w, m = np.where(there, before, w), np.where(there, memory, m)
            if 3 * k >= 2 * steps:
                farthest = np.fmax(farthest, np.linalg.norm(across @ (w - at[:, None]), axis=0))
            if over(deadline):
                return None
        last = np.linalg.norm(across @ (w - at[:, None]), axis=0)
        half = np.linalg.norm(across @ (w - before), axis=0) / 2
        off = np.linalg.norm(across @ (w + before - 2 * at[:, None]), axis=0) / 2
    finite = np.isfinite(last) & np.isfinite(farthest)
    distances = np.where(finite, farthest, math.inf)
    held = (half == 0) & (last <= _ULPS * np.linalg.norm(at))
    return Band(distances, half, off, ~finite | (last > allowed), held, steps)


def judged(
    rule: Optimiser, ruling: Ruling, point: Point, surface: Surface, sphere: Floats, settings: AnalysisSettings,
    deadline: float | None = None,
) -> Ruling:  # fmt: skip
    """A ruling of a cycle, or none, with what was seen; as it is where time runs out."""
    at = np.array(point.at)
    cycle = None if ruling.period is None else ruling
    found = band(rule, surface, at, sphere, settings, deadline, transverse=point.transverse, cycle=cycle)
    if found is None:
        return ruling
    if ruling.verdict == "undecided":
        return replace(ruling, simulated="inconclusive", seen=_in_words(found, settings))
    if ruling.period is not None:
        return _on_the_cycle(rule, ruling, found, settings)
    k = len(found.left)
    zeros, means = np.zeros(k), np.repeat(at[:, None], k, axis=1)
    ends = Ends(
        zeros, np.zeros(k, int), found.distances, found.left, np.zeros(k, bool), means, np.zeros((2, *sphere.shape))
    )
    seen = cycle_check.judged(rule, ruling, ends, point, settings)
    return replace(seen, seen=f"{seen.seen}{_held(found)}, over {found.steps} steps")


def _on_the_cycle(rule: Optimiser, ruling: Ruling, found: Band, settings: AnalysisSettings) -> Ruling:
    """Return the ruling, tested: most paths that rounding does not hold at the point must alternate with its width.

    To a thousandth, a fifth for the quadratic part, and what the contraction has left of the farthest start.
    """
    base, width = rule.base, ruling.cycle or 0.0
    assert base is not None
    lacking = _TRANSIENT * _FARTHEST * lr_of(base, settings) * ruling.rate ** (found.steps / 2)
    slack = (_KNOWN if ruling.certified else _WITHIN_A_FIFTH) * width + lacking
    alternate = (np.abs(found.half_steps - width) <= slack) & (found.off_centre <= slack) & ~found.left
    on, gone, moving = int(np.sum(alternate)), int(np.sum(found.left)), int(np.sum(~found.held))
    word: Seen = "confirmed" if 2 * on > moving else "inconclusive" if on or not moving else "contradicted"
    if slack > width / 2:
        word = "inconclusive"  # too few steps for this contraction
    seen = f"{on} of {len(alternate)} starts circled with half-width {width:.4g} and period 2, {gone} left"
    return replace(ruling, simulated=word, seen=f"{seen}{_held(found)}, over {found.steps} steps")


def _held(found: Band) -> str:
    count = int(np.sum(found.held))
    return f", {count} came so near that rounding holds them there" if count else ""


def _in_words(found: Band, settings: AnalysisSettings) -> str:
    total, gone = len(found.left), int(np.sum(found.left))
    near = found.distances[~found.left]
    noise = "" if settings.batch is None else f" with the noise of mini-batches of {settings.batch:g}"
    stayed = f"{total - gone} of {total} starts stayed" + (f" within {np.max(near):.4g}" if len(near) else "")
    return f"{stayed}, {gone} left{_held(found)}, over {found.steps} steps{noise}"
