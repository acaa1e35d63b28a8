r"""Mini-batches that differ in curvature: what one step does to E w^2 along an eigenvector, in closed form.

Along an eigenvector of eigenvalue lambda a mini-batch of size B has the curvature
$h = \lambda(1 + s\zeta/\sqrt B)$, zeta a standard normal and s the spread of a single sample; a step takes the same
mini-batch wherever it takes a gradient. A rule that is a polynomial p in the Hessian beside the point then multiplies w
by $1 - \eta p(h)$, or the state (w, m) by $M = A + p(h) B$, and E w^2 by the spectral radius of $E\,M\otimes M$, in
which E p and E p^2 are sums of the normal distribution's moments. For SAM this is claim
random-curvature-mean-square at those moments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import sympy as sp

from saddlecheck.theory.optimiser import Momentum, Optimiser, plain, sharpness_aware
from saddlecheck.theory.symbols import kappa, lam, rho, tau
from saddlecheck.verification.analysis.dynamics import Floats
from saddlecheck.verification.analysis.settings import AnalysisSettings

CLAIMS = ("random-curvature-mean-square",)


def claims_of(rule: Optimiser) -> tuple[str, ...]:
    """What proves the factor of a rule: its claim is about SAM and, at rho = 0, gradient descent."""
    proved = rule.force.response in (plain.response, sharpness_aware.response)
    return CLAIMS if proved and rule.momentum is None else ()


def normal_moments(mean: float, deviation: float, count: int) -> list[float]:
    """E h^j for j = 0, …, count of a normal h: E h^(j+1) = mean E h^j + j deviation^2 E h^(j-1)."""
    moments = [1.0, mean]
    for j in range(1, count):
        moments.append(mean * moments[j] + j * deviation * deviation * moments[j - 1])
    return moments[: count + 1]


def mean_square(rule: Optimiser, spectrum: Sequence[float], settings: AnalysisSettings) -> float | None:
    """The largest factor by which a step multiplies E w^2 along an eigenvector; None without a batch or a closed form.

    Additive noise leaves the factor that of the noise-free map, the square of its spectral radius.

    Returns:
        Below 1 the displacements die out in mean square (additive noise: up to their stationary variance).
    """
    response = rule.force.response
    curved = [e for e in spectrum if e]
    if settings.batch is None or response is None or response.q != 0 or response.alpha != 0 or not curved:
        return None
    values = {rho: settings.rho, kappa: settings.weight_decay, tau: 0}
    rate = sp.Poly(response.p.xreplace({s: sp.Float(v, 30) for s, v in values.items()}), lam)
    coefficients = [float(c) for c in reversed(rate.all_coeffs())]  # of lambda^0, lambda^1, …
    spread = settings.spread / math.sqrt(settings.batch) if settings.noise == "multiplicative" else 0.0
    factors = []
    with np.errstate(all="ignore"):
        square = np.convolve(coefficients, coefficients)
        still, moved = _parts(rule, settings)
        for e in curved:
            moments = np.array(normal_moments(e, abs(e) * spread, len(square) - 1))
            first, second = np.dot(coefficients, moments[: len(coefficients)]), np.dot(square, moments)
            mixed = np.kron(still, moved) + np.kron(moved, still)
            whole = np.kron(still, still) + first * mixed + second * np.kron(moved, moved)
            if not np.all(np.isfinite(whole)):
                return None  # beyond the range of floats
            factors.append(float(np.max(np.abs(np.linalg.eigvals(whole)))))
    return max(factors)


def _parts(rule: Optimiser, settings: AnalysisSettings) -> tuple[Floats, Floats]:
    """A and B of the step M = A + p B on the state (w,) or (w, m)."""
    after = rule.momentum
    if not isinstance(after, Momentum):
        return np.eye(1), np.array([[-settings.lr]])

    def step(rate: float) -> Floats:
        columns = [after.rule(w, m, rate * w, settings.lr, settings.momentum, 0.0) for w, m in ((1.0, 0.0), (0.0, 1.0))]
        return np.array(columns, float).T

    return step(0.0), step(1.0) - step(0.0)
