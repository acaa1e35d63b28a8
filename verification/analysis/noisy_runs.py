r"""What mini-batch noise does where no formula says it: runs of the optimiser itself, with error bars.

Each step draws one mini-batch and takes every gradient of the step on it. Additive noise adds to the gradient a normal
vector of covariance |H|/B, the paper's (23), H the Hessian at the critical point c; multiplicative noise adds
$Z (w - c)$, Z with the Hessian's eigenvectors and independent normal eigenvalues of deviation
$s|\lambda|/\sqrt B$. Paths start at c, or a thousandth of the radius away where the noise vanishes at c.
E |w - c|^2 is the mean over paths of each path's mean over the last quarter of its steps, so that its error is that of
independent values; it is left out where there is no such mean: beside a point that repels, or where E w^2 grows (which
few paths may do, far out, while the others come in).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from saddlecheck.theory.errors import BadRule
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis.clock import over
from saddlecheck.verification.analysis.dynamics import Floats, Surface, start, step
from saddlecheck.verification.analysis.result import NoisyRun, Point, Ruling
from saddlecheck.verification.analysis.settings import SHOWN, AnalysisSettings
from saddlecheck.verification.analysis.stability import judged

PATHS = 200
_START, _REST = 1e-3, 1e-9  # of the radius: first distance where the noise vanishes at the point, and elsewhere


class _Noisy:
    """A loss whose gradients carry the noise of the mini-batch that was drawn last."""

    def __init__(self, surface: Surface, centre: Floats, settings: AnalysisSettings) -> None:
        values, self._vectors = np.linalg.eigh(surface.hessian(centre[:, None])[:, :, 0])
        assert settings.batch is not None
        multiplies = settings.noise == "multiplicative"
        sizes = settings.spread * np.abs(values) if multiplies else np.sqrt(np.abs(values))
        self.n, self._sizes = surface.n, sizes / math.sqrt(settings.batch)
        self._surface, self._centre, self._multiplies = surface, centre[:, None], multiplies
        self._drawn = np.zeros((self.n, 1))

    def draw(self, rng: np.random.Generator, paths: int) -> None:
        """A mini-batch for each path."""
        self._drawn = self._sizes[:, None] * rng.standard_normal((self.n, paths))

    def gradient(self, w: Floats) -> Floats:
        """Shape (n, paths)."""
        if w.shape[1] != self._drawn.shape[1]:
            raise BadRule("a rule that takes one vector at a time cannot be run with noise")
        along = self._vectors.T @ (w - self._centre) if self._multiplies else 1.0
        return np.asarray(self._surface.gradient(w) + self._vectors @ (self._drawn * along))

    def hessian(self, w: Floats) -> Floats:
        """Shape (n, n, paths), without the noise."""
        return self._surface.hessian(w)


def run(
    rule: Optimiser, surface: Surface, centre: Floats, settings: AnalysisSettings, deadline: float | None = None
) -> NoisyRun | None:
    """`PATHS` paths beside a critical point, for `settings.steps` steps or until all have left the ball; None if late.

    Returns:
        E |w - c|^2 where no path left, the mean time of escape where all did, with standard errors.
    """
    noisy, rng = _Noisy(surface, centre, settings), np.random.default_rng(settings.seed + 2)
    advance = step(rule, noisy, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    sphere = rng.standard_normal((noisy.n, PATHS))
    away = settings.radius * (_START if settings.noise == "multiplicative" else _REST)
    w = centre[:, None] + away * sphere / np.linalg.norm(sphere, axis=0)
    m, left = start(rule, w), np.zeros(PATHS, int)
    last, squares, counted = settings.steps - settings.steps // 4, np.zeros(PATHS), 0
    with np.errstate(all="ignore"):
        for k in range(settings.steps):
            noisy.draw(rng, PATHS)
            try:
                w, m = advance(w, m)
            except BadRule:
                return None
            apart = np.linalg.norm(w - centre[:, None], axis=0)
            left[(left == 0) & ~(apart <= settings.radius)] = k + 1
            if over(deadline):
                return None
            if np.all(left > 0):
                break
            if k >= last:
                squares, counted = squares + apart**2, counted + 1
    escaped = int(np.sum(left > 0))
    inside = escaped == 0 and counted > 0
    mean, error = _with_error(squares / counted) if inside else (None, None)
    time, time_error = _with_error(left.astype(float)) if escaped == PATHS else (None, None)
    return NoisyRun(mean, error, time, time_error, escaped, PATHS, settings.steps)


def _with_error(values: Floats) -> tuple[float, float]:
    """Mean and standard error; infinite where squares leave the range of floats."""
    with np.errstate(all="ignore"):
        return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


def added(
    points: Sequence[Point], surface: Surface, settings: AnalysisSettings, deadline: float | None = None
) -> list[Point]:
    """The points with runs where the noise has no formula, for the usual rules or those that were asked for."""
    rules, out = judged(settings), []
    for p in points:
        rulings = dict(p.optimisers)
        for name, ruling in p.optimisers.items():
            usual = settings.optimisers is not None or name in SHOWN
            if usual and name in rules and not _known(ruling) and not over(deadline):
                found = run(rules[name], surface, np.array(p.at), settings, deadline)
                if found is not None and (ruling.verdict == "repels" or (ruling.mean_square or 0.0) >= 1):
                    found = replace(found, variance=None, variance_error=None)
                rulings[name] = replace(ruling, noisy=found)
        out.append(replace(p, optimisers=rulings))
    return out


def _known(ruling: Ruling) -> bool:
    """Whether a formula says what the noise does: how wide the paths scatter, or when they leave."""
    return ruling.variance is not None or ruling.escape_time is not None
