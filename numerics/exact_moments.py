r"""Exact moments of the discrete algorithms: the reference for the SDE and for Monte Carlo.

For x' = A x + N xi the covariance obeys S' = A S A' + N N', hence S_n = sum_{k<n} A^k N N' A'^k. Doubling,
S_{a+b} = A^b S_a A'^b + S_b, gives any n in O(log n) products of semi-definite terms: no cancellation, no loop.
The stationary value solves S = A S A' + N N' (discrete Lyapunov equation).

For one state with A = q, N N' = s:  S_n = s (1 - q^(2n)) / (1 - q^2). The variances of a scalar are evaluated in ball
arithmetic, matrices in floats.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat
from numpy.typing import ArrayLike

from saddlecheck.numerics import certain, checks
from saddlecheck.numerics.certain import each
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.linear_map import Recurrence, full_start, gradient_law
from saddlecheck.numerics.sde import ornstein_uhlenbeck

NOISES = ("sgd", "exact_ascent", "same_batch", "independent", "printed")


def covariance(recurrence: Recurrence, n: float) -> Floats:
    """Covariance of all states after n steps from a fixed start, shape (J, J); n = math.inf: the stationary one.

    Returns:
        float64, symmetric, shape (J, J), in the product of the states' units.

    Raises:
        ValueError: for a fractional or negative n, and for n = inf where no stationary law exists (spectral radius >=
            1). Entries overflow to inf along an unstable direction.
    """
    checks.steps_or_infinity(n)
    A = recurrence.transition
    with np.errstate(over="ignore", invalid="ignore"):
        Q = recurrence.noise @ recurrence.noise.T
    if math.isinf(n):
        radius = recurrence.spectral_radius
        if radius >= 1:
            raise ValueError(f"no stationary law: the spectral radius is {radius:g} >= 1; ask for a finite n")
        from scipy.linalg import solve_discrete_lyapunov  # a fifth of a second of import, for the stationary law alone

        return _symmetrised(np.asarray(solve_discrete_lyapunov(A, Q), np.float64))
    with np.errstate(over="ignore", invalid="ignore"):
        S, power = np.zeros_like(Q), np.eye(len(A))
        S_bit, A_bit = Q, A
        for bit in _bits(int(n)):
            if bit:
                S = _symmetrised(A_bit @ S @ A_bit.T + S_bit)
                power = A_bit @ power
            S_bit, A_bit = _symmetrised(A_bit @ S_bit @ A_bit.T + S_bit), A_bit @ A_bit
    # inf - inf and 0 * inf only arise once an entry has overflowed: the right value of such an entry is inf.
    return np.where(np.isnan(S), np.inf, S)


def mean(recurrence: Recurrence, n: int, start: Sequence[float] | Floats) -> Floats:
    """Mean of all states after n steps from `start`, shape (J,); a start of fewer entries has zero momenta."""
    checks.count("n", n, 0)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.linalg.matrix_power(recurrence.transition, n) @ full_start(recurrence, start))


def _bits(n: int) -> list[int]:
    return [(n >> k) & 1 for k in range(n.bit_length())]


def _symmetrised(S: Floats) -> Floats:
    return np.asarray((S + S.T) / 2)


def discrete_variance(
    law: str,
    *,
    lam: ArrayLike,
    rho: ArrayLike,
    eta: ArrayLike,
    batch: ArrayLike,
    n: ArrayLike,
    gamma: ArrayLike = 0.0,
) -> Floats:
    """Variance of w after n steps of the discrete algorithm at a critical point, started there with m = 0.

    The variance of one mini-batch gradient is v = |lam|/batch, as in the paper's (23). Arguments broadcast.

    Args:
        law: "sgd", "exact_ascent", "same_batch", "independent", or "printed" (the paper's drift, no algorithm).
        lam: eigenvalue of the Hessian, any sign.
        rho: weight per gradient, >= 0.
        eta: learning rate, > 0.
        batch: mini-batch size, >= 1.
        n: whole number of steps, or math.inf for the stationary variance.
        gamma: momentum, in [0, 1).

    Returns:
        float64 of the broadcast shape; inf where an unstable direction has overflowed.

    Raises:
        ValueError: outside these domains; n = inf where no stationary law exists.

    Example:
        >>> from saddlecheck.numerics import discrete_variance
        >>> one = discrete_variance("sgd", lam=1.0, rho=0.0, eta=0.1, batch=4, n=1)
        >>> round(float(one), 12)  # eta^2 lam/batch
        0.0025
    """
    if law not in NOISES:
        raise ValueError(f"unknown law {law!r}: choose one of {', '.join(NOISES)}")
    columns = np.broadcast_arrays(
        checks.finite("lam", lam),
        checks.at_least("rho", rho, 0.0),
        checks.positive("eta", eta),
        checks.at_least("batch", batch, 1.0),
        checks.steps_or_infinity(n),
        checks.momentum(gamma),
    )
    return each(functools.partial(_scalar_variance, law), *columns)


def _scalar_variance(law: str, lam: float, rho: float, eta: float, batch: float, n: float, gamma: float) -> float:
    def step() -> tuple[Any, Any]:
        """The step's eta a, and the variance of its noise."""
        curvature, rate = arb(lam), arb(eta)
        k = 1 + arb(rho) * curvature
        drift, gain = {
            "sgd": (curvature, arb(1)),
            "exact_ascent": (curvature * k, arb(1)),
            "same_batch": (curvature * k, k**2),
            "independent": (curvature * k, 1 + (k - 1) ** 2),
            "printed": (curvature * k**2, arb(1)),
        }[law]
        return rate * drift, rate**2 * abs(curvature) / arb(batch) * gain

    if n == 0 or certain.sign(lambda: step()[1]) == 0:
        return 0.0
    if math.isinf(n):
        return _stationary_variance(step, gamma)
    if gamma:
        return certain.value(lambda: _doubled(*step(), arb(gamma), int(n)))
    return _geometric_variance(step, n)


def _stationary_variance(step: Callable[[], tuple[Any, Any]], gamma: float) -> float:
    """S (1 + gamma)/((1 - gamma) x (2(1 + gamma) - x)) for x = eta a."""
    bound = 2 * (1 + arb(gamma))
    if certain.sign(lambda: step()[0]) <= 0 or certain.sign(lambda: bound - step()[0]) <= 0:
        raise ValueError(
            f"no stationary variance: eta a = {certain.value(lambda: step()[0]):g} must lie in (0, {float(bound):g}); "
            "ask for a finite n"
        )

    def variance() -> Any:
        x, noise = step()
        return noise * (1 + arb(gamma)) / ((1 - arb(gamma)) * x * (2 * (1 + arb(gamma)) - x))

    return certain.value(variance)


def _geometric_variance(step: Callable[[], tuple[Any, Any]], n: float) -> float:
    """S (1 - q^(2n))/(1 - q^2) with q = 1 - x, and its limits where q is 0 or of size 1."""
    side = certain.sign(lambda: 1 - step()[0])
    if side == 0:
        return certain.value(lambda: step()[1])
    if certain.sign(lambda: step()[0] * (2 - step()[0])) == 0:  # the noise just adds up
        return certain.value(lambda: step()[1] * arb(n))

    def variance() -> Any:
        x, noise = step()
        size = (-x).log1p() if side > 0 else (x - 1).log()  # ln |q|
        return -noise * (2 * arb(n) * size).expm1() / (x * (2 - x))

    return certain.value(variance)


def _doubled(x: Any, noise: Any, gamma: Any, n: int) -> Any:
    """Variance of w after n steps p' = gamma p + x w + xi, w' = w - p' from 0, xi of variance `noise`."""
    A, Q = arb_mat([[1 - x, -gamma], [x, gamma]]), arb_mat([[noise, -noise], [-noise, noise]])
    S = arb_mat(2, 2)
    for bit in _bits(n):
        if bit:
            S = A * S * A.transpose() + Q
        A, Q = A * A, A * Q * A.transpose() + Q
    return S[0, 0]


@dataclass(frozen=True)
class Order:
    """Order in eta at which the SDE approaches the algorithm, fitted on log-log axes, with its confidence interval.

    Attributes:
        order, low, high: slope and interval. etas, errors: the fitted points; errors are relative.
    """

    order: float
    low: float
    high: float
    etas: Floats
    errors: Floats


def order_in_eta(
    law: str, *, lam: float, rho: float, batch: float, t: float, etas: Sequence[float], confidence: float = 0.95
) -> Order:
    """Measured order of |discrete - SDE| / SDE at time t as eta -> 0; theory expects 1.

    The SDE's variance is the exact covariance of dw = -a w dt + sqrt(2D) dW by the block exponential; the algorithm's
    is its own recursion with n = t/eta steps. At the freezing point (both zero) there is no order to measure.

    Returns:
        The slope of log error against log eta with its confidence interval, and the errors that it was fitted to.

    Raises:
        ValueError: fewer than four etas, t/eta not whole, or a variance of zero.
    """
    steps = np.asarray([t / checks.positive("eta", eta) for eta in etas], np.float64)
    if len(etas) < 4 or np.any(np.abs(steps - np.round(steps)) > 1e-9 * steps):
        raise ValueError(f"give at least four etas that divide t = {t:g}, got {list(etas)}")
    K, E = gradient_law(law, rho, np.array([[checks.finite("lam", lam)]], np.float64))
    errors = np.empty(len(etas))
    for i, (eta, n) in enumerate(zip(etas, np.round(steps), strict=True)):
        diffusion = eta / 2 * abs(lam) / batch * float(np.sum(E * E))
        limit = float(ornstein_uhlenbeck(K, diffusion).transition_law(t)[1][0, 0])
        if limit == 0:
            raise ValueError(f"the variance is zero at lam = {lam:g}, rho = {rho:g}: there is nothing to approach")
        errors[i] = abs(float(discrete_variance(law, lam=lam, rho=rho, eta=eta, batch=batch, n=n)) / limit - 1)
    # error = C eta^p (1 + b eta + ...): the term in eta is fitted too, or it would pass for a lower order.
    x = np.asarray(etas, np.float64)
    design = np.column_stack([np.ones_like(x), np.log(x), x / x.max()])
    coefficients, residual = np.linalg.lstsq(design, np.log(errors))[:2]
    spread = float(residual[0]) / (len(x) - 3) * np.linalg.inv(design.T @ design)
    from scipy import stats  # half a second of import that no other function here needs

    half = float(stats.t.ppf(0.5 + confidence / 2, len(x) - 3) * np.sqrt(spread[1, 1]))
    slope = float(coefficients[1])
    return Order(slope, slope - half, slope + half, x, errors)
