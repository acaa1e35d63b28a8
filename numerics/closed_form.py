r"""The proved formulas as functions of floats: variances, mean squared displacements and exit times.

Nothing is typed again here: each function evaluates the SymPy object of the ledger, in ball arithmetic with as many
bits as it takes to enclose the value to a float64's last digits. So there is no cancellation to engineer away near a
limit (a -> 0, h -> 0, critical damping, rho -> 1/mu), and at the limit itself, where a formula reads 0/0, the proved
limit takes its place. The price is some 20 microseconds a value.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any, get_args

import numpy as np
import sympy as sp
from flint import arb
from numpy.typing import ArrayLike

from saddlecheck.numerics import certain, checks
from saddlecheck.numerics.certain import each
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.enclosed import Formula
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.papers.kim.diffusion.variance_laws import (
    DIFFUSION,
    GAINS,
    NEUTRAL_VARIANCE,
    RATES,
    VARIANCE_LAWS,
    Law,
)
from saddlecheck.theory.papers.kim.momentum.momentum import PRINTED_MSD, Constants
from saddlecheck.theory.papers.ours import langevin as exact
from saddlecheck.theory.papers.ours.exit_times import EXIT_TIME, L
from saddlecheck.theory.symbols import B, D, Expr, M, a, eta, gamma, lam, phi, real, rho, t

LAWS: tuple[str, ...] = get_args(Law)
STARTS: tuple[str, ...] = get_args(exact.Start)
CONSTANTS: tuple[str, ...] = get_args(Constants)


def variance(law: str, *, lam: ArrayLike, rho: ArrayLike, eta: ArrayLike, batch: ArrayLike, t: ArrayLike) -> Floats:
    """Variance of w at time t in continuous time, from w(0) = 0, for a mini-batch gradient of variance |lam|/batch.

    Args:
        law: "sgd", "exact_ascent", "same_batch", "independent" (the claims that repair Theorem 2) or "printed" (its
            (12), with the drift of the composed loss).
        lam: eigenvalue of the Hessian, any sign.
        rho: weight per gradient, >= 0.
        eta: learning rate, > 0.
        batch: mini-batch size, >= 1.
        t: time, learning rate times steps, >= 0.

    Returns:
        weight^2, float64 of the broadcast shape; inf where it exceeds the largest float.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import variance
        >>> stationary = variance("sgd", lam=1.0, rho=0.0, eta=0.1, batch=1, t=100.0)
        >>> round(float(stationary), 12)  # eta/(2 batch)
        0.05
    """
    chosen = checks.one_of("law", law, LAWS)
    return each(
        functools.partial(_variance, chosen), checks.finite("lam", lam), checks.at_least("rho", rho, 0.0),
        checks.positive("eta", eta), checks.at_least("batch", batch, 1.0), checks.at_least("t", t, 0.0),
    )  # fmt: skip


def langevin_msd(
    *, h: ArrayLike, phi: ArrayLike, mass: ArrayLike, diffusion: ArrayLike, t: ArrayLike, start: str = "rest"
) -> Floats:
    """Exact mean squared displacement of M dv = -phi M v dt - h w dt + sqrt(2D) dW, dw = v dt, from w(0) = 0.

    Args:
        h: curvature of either sign, 0 included.
        phi: friction, 1/time, > 0.
        mass: M, > 0.
        diffusion: D, >= 0.
        t: time, >= 0.
        start: "rest" for v(0) = 0, "stationary" for v(0) of variance D/(M^2 phi).

    Returns:
        weight^2, float64 of the broadcast shape; inf where it exceeds the largest float.

    Raises:
        ValueError: outside these domains. Source: what (14) approximates; Theorem 3's equation of motion.

    Example:
        >>> import math
        >>> from saddlecheck.numerics import langevin_msd
        >>> free = langevin_msd(h=0.0, phi=1.0, mass=1.0, diffusion=1.0, t=1.0, start="stationary")
        >>> math.isclose(free, 2 * math.exp(-1.0), rel_tol=1e-12)  # 2D(t - 1 + e^-t) for phi = M = 1
        True
    """
    chosen = checks.one_of("start", start, STARTS)
    return each(
        functools.partial(_langevin, chosen), checks.finite("h", h), checks.positive("phi", phi),
        checks.positive("mass", mass), checks.at_least("diffusion", diffusion, 0.0), checks.at_least("t", t, 0.0),
    )  # fmt: skip


def printed_msd(
    *,
    lam: ArrayLike,
    rho: ArrayLike,
    eta: ArrayLike,
    batch: ArrayLike,
    gamma: ArrayLike,
    t: ArrayLike,
    constants: str = "corrected",
) -> Floats:
    """The paper's (14), which is no mean squared displacement (see `langevin_msd`), with or without its C2 righted.

    Args:
        lam: eigenvalue of the Hessian, any sign.
        rho: weight per gradient, >= 0.
        eta: learning rate, > 0.
        batch: mini-batch size, >= 1.
        gamma: momentum, in [0, 1).
        t: time, >= 0 (with constants "printed" > 0: C2 = eta/t).
        constants: "corrected" for C2 = t/eta, "printed" for C2 = eta/t.

    Returns:
        weight^2, float64 of the broadcast shape; inf where it exceeds the largest float.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import printed_msd
        >>> late = printed_msd(lam=1.0, rho=0.0, eta=0.1, batch=1, gamma=0.0, t=100.0)
        >>> round(float(late), 12)  # eta (1 + eta)/2; the stationary variance is eta/2
        0.055
    """
    chosen = checks.one_of("constants", constants, CONSTANTS)
    times = checks.positive("t", t) if constants == "printed" else checks.at_least("t", t, 0.0)
    return each(
        functools.partial(_printed, chosen), checks.finite("lam", lam), checks.at_least("rho", rho, 0.0),
        checks.positive("eta", eta), checks.at_least("batch", batch, 1.0), checks.momentum(gamma), times,
    )  # fmt: skip


def exit_time(*, rate: ArrayLike, diffusion: ArrayLike, radius: ArrayLike) -> Floats:
    """Mean time at which dw = -a w dt + sqrt(2D) dW, from w(0) = 0, first has |w| = L.

    Args:
        rate: a, of either sign: negative where the weight is repelled.
        diffusion: D, > 0.
        radius: L, > 0.

    Returns:
        Time, float64 of the broadcast shape; inf where it exceeds the largest float.

    Raises:
        ValueError: outside these domains.

    Example:
        >>> from saddlecheck.numerics import exit_time
        >>> float(exit_time(rate=0.0, diffusion=0.5, radius=2.0))  # L^2/(2D)
        4.0
    """
    return each(
        _exit, checks.finite("rate", rate), checks.positive("diffusion", diffusion), checks.positive("radius", radius)
    )


_k = real("k")  # 1 + rho lambda


@functools.cache
def _formula(expr: Expr) -> Formula:
    return Formula(expr)


def _vanishes(expr: Expr, values: dict[Any, float]) -> bool:
    """Whether a polynomial is exactly zero at floats."""
    exactly = _formula(expr).exactly({s: Fraction(v) for s, v in values.items()})
    return exactly == 0


def _variance(law: Law, curvature: float, radius: float, rate: float, batch: float, time: float) -> float:
    values = {lam: curvature, rho: radius, eta: rate, B: batch, t: time}
    if curvature == 0 or time == 0:
        return 0.0  # no noise at all, or none yet
    if _vanishes(RATES[law], {lam: curvature, rho: radius}):
        return _formula(NEUTRAL_VARIANCE.subs(D, GAINS[law] * DIFFUSION))(values)
    return _formula(VARIANCE_LAWS[law])(values)


def _langevin(start: exact.Start, stiffness: float, friction: float, mass: float, noise: float, time: float) -> float:
    if noise == 0 or time == 0:
        return 0.0
    law = exact.MSD_REST if start == "rest" else exact.MSD_STATIONARY
    shared = {M: mass, D: noise, t: time}
    if stiffness == 0:
        return _formula(law["free"])({**shared, phi: friction})
    # The discriminant phi^2/4 - h/M decides the regime: exactly, for the formulas are singular where it vanishes.
    split = Fraction(friction) ** 2 / 4 - Fraction(stiffness) / Fraction(mass)
    if split == 0:
        return _formula(law["critical"])({**shared, exact.p: friction / 2})
    if split < 0:
        return _formula(law["underdamped"])({**shared, phi: friction}, roots={exact.omega: (Fraction(0), 1, -split)})
    half = Fraction(friction) / 2
    return _formula(law["distinct"])(shared, roots={exact.p: (half, -1, split), exact.q: (half, 1, split)})


def _printed(
    constants: Constants, curvature: float, radius: float, rate: float, batch: float, momentum: float, time: float
) -> float:
    if curvature == 0 or time == 0:
        return 0.0
    values = {lam: curvature, rho: radius, eta: rate, B: batch, gamma: momentum, t: time}
    if _vanishes(1 + rho * lam, {lam: curvature, rho: radius}):
        in_k = PRINTED_MSD[constants].subs(rho, (_k - 1) / lam)
        return _formula(Coefficient(in_k, _k, sp.S.Zero, sp.S.Zero))(values)
    return _formula(PRINTED_MSD[constants])(values)


# Beyond this depth of a repelling exit, x = -a L^2/(2D), the hypergeometric series cancels all of its digits, while
# its asymptotic expansion, whose k-th term is (2k-1)!!/(k (2x)^k), is below 1e-20 after twelve terms.
_DEEP = 1000.0
_WELL = -1500.0  # an attracting one, of which the exit time exceeds the largest float


def _exit(rate: float, noise: float, radius: float) -> float:
    depth = certain.value(lambda: -arb(rate) * arb(radius) ** 2 / (2 * arb(noise)))
    if depth < _WELL:
        return math.inf
    if depth < _DEEP:
        return _formula(EXIT_TIME)({a: rate, D: noise, L: radius})
    # T'' D - a w T' = -1 gives T = (2/|a|) int_0^sqrt(x) F, F being Dawson's function; F's expansion, integrated.
    term, tail = 1.0, 0.0
    for k in range(1, 13):
        term *= (2 * k - 1) / (2 * depth)
        tail += term / k
    # ln 4x, of which the argument may exceed the largest float.
    size = certain.value(lambda: (-2 * arb(rate) * arb(radius) ** 2 / arb(noise)).log())
    return certain.value(lambda: (arb(size) + np.euler_gamma - tail) / (-2 * arb(rate)))
