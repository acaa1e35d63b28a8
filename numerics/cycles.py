r"""Periodic orbits of an algorithm's map, their multipliers, and Lyapunov exponents of its orbits.

The state z is w, with momentum (w, m). An orbit of period q is a zero of T^q(z) - z; its multipliers are the
eigenvalues of DT(z_q) … DT(z_1), and it attracts when all are below 1 in size. Normalised SAM settles on 2-cycles
around minima and stiff saddles, with momentum on longer orbits too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from saddlecheck.numerics import checks
from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.gradient import SmoothLoss
from saddlecheck.numerics.one_step import descended, start_point, step_jacobian

_ALONG = 1e-13  # a singular value this small beside the largest is rounding: that of a direction along a family


@dataclass(frozen=True, eq=False)
class Cycle:
    """A periodic orbit.

    Attributes:
        points: its weights in order, shape (q, n).
        multipliers: eigenvalues of DT(z_q) … DT(z_1), largest in size first, shape (n,), with momentum (2n,).
        residual: |T^q(z_1) - z_1|.
    """

    points: Floats
    multipliers: NDArray[np.complex128]
    residual: float

    @property
    def attracts(self) -> bool:
        """Whether every multiplier is below 1 in size."""
        return bool(np.max(np.abs(self.multipliers)) < 1)


def step(loss: SmoothLoss, algorithm: Algorithm, w: Floats) -> Floats:
    """One noise-free step from rest at w, shape (n,): the next weights; inf on a diverging orbit."""
    return _next(loss, algorithm, w, np.zeros_like(w))[0]


def advance(loss: SmoothLoss, algorithm: Algorithm, state: Floats) -> Floats:
    """One noise-free step of the state w, shape (n,), or with momentum of (w, m), shape (2n,)."""
    if algorithm.gamma == 0:
        return step(loss, algorithm, state)
    return np.concatenate(_next(loss, algorithm, *np.split(state, 2)))


def _next(loss: SmoothLoss, algorithm: Algorithm, w: Floats, m: Floats) -> tuple[Floats, Floats]:
    a = algorithm
    with np.errstate(over="ignore", invalid="ignore"):
        after: tuple[Floats, Floats] = a.momentum.rule(w, m, descended(loss, a, w), a.eta, a.gamma, a.dampening)
    return after


def two_cycle(
    loss: SmoothLoss, algorithm: Algorithm, guess: Sequence[float] | Floats, *, tolerance: float = 1e-12
) -> Cycle:
    """The two-cycle of plain steps through a point near `guess`, by Newton's method on T(T(w)) - w.

    Returns:
        Two points, shape (2, n), and the multipliers of two steps.

    Raises:
        ValueError: with momentum, and as `periodic_orbit`.
    """
    if algorithm.gamma > 0:
        raise ValueError("two-cycles are found for plain steps: set gamma = 0, or ask periodic_orbit for (w, m)")
    return periodic_orbit(loss, algorithm, start_point(loss, guess), 2, tolerance=tolerance)


def periodic_orbit(
    loss: SmoothLoss, algorithm: Algorithm, guess: Sequence[float] | Floats, period: int, *, tolerance: float = 1e-12
) -> Cycle:
    """The orbit of that period through a state near `guess`, by Newton's method on T^q(z) - z.

    Args:
        loss: a smooth loss.
        algorithm: the map T.
        guess: near a state of the orbit: w, shape (n,), with momentum (w, m), shape (2n,).
        period: q, 2 or more.
        tolerance: of |T^q(z) - z|, relative to the state's size beyond 1.

    Returns:
        The orbit; its points start beside `guess`.

    Raises:
        ValueError: if Newton's method does not converge, or ends on an orbit whose period is a divisor of q.
    """
    z = np.array(guess, np.float64)
    n = len(loss.variables)
    scale = max(1.0, float(np.linalg.norm(z)))
    for _ in range(50):
        states = [z]
        for _ in range(period):
            states.append(advance(loss, algorithm, states[-1]))
        residual = states.pop() - z
        if not np.all(np.isfinite(residual)):
            break
        product = np.eye(len(z))
        for state in states:
            product = step_jacobian(loss, algorithm, state[:n]) @ product
        if float(np.linalg.norm(residual)) <= tolerance * scale:
            for q in (q for q in range(1, period) if period % q == 0):
                if float(np.linalg.norm(states[q] - z)) <= 1e3 * tolerance * scale:
                    what = "a fixed point" if q == 1 else f"an orbit of period {q}"
                    raise ValueError(f"{what} was found at {z[:n].tolist()}, not one of {period}: start elsewhere")
            multipliers = np.asarray(np.linalg.eigvals(product), np.complex128)
            order = np.argsort(-np.abs(multipliers))
            points = np.stack([state[:n] for state in states])
            return Cycle(points, multipliers[order], float(np.linalg.norm(residual)))
        # Least squares: a cycle on a symmetric valley may be one of a family, along which nothing is to be solved.
        z = z - np.linalg.lstsq(product - np.eye(len(z)), residual, rcond=_ALONG)[0]
    raise ValueError(
        f"Newton's method found no orbit of period {period} from {list(guess)}: start nearer, on a late state"
    )


def lyapunov_exponents(
    loss: SmoothLoss, algorithm: Algorithm, start: Sequence[float] | Floats, *, steps: int, burn: int = 1000
) -> Floats:
    """Lyapunov exponents per step of the orbit from `start`, largest first, shape (n,); `burn` steps are not counted.

    By QR re-orthogonalisation of the product of step Jacobians (Benettin et al. 1980).

    Returns:
        float64, natural logarithms a step; -inf along a direction that collapses.

    Raises:
        ValueError: with momentum, or if the orbit diverges or hits a point where the step is not differentiable.
    """
    if algorithm.gamma > 0:
        raise ValueError("exponents are computed for plain steps: set gamma = 0")
    checks.count("steps", steps)
    w = start_point(loss, start)
    Q, total = np.eye(len(w)), np.zeros(len(w))
    for k in range(burn + steps):
        Q, R = np.linalg.qr(step_jacobian(loss, algorithm, w) @ Q)
        diagonal = np.abs(np.diag(R))
        if k >= burn:
            total += [math.log(r) if r > 0 else -math.inf for r in diagonal]
        w = step(loss, algorithm, w)
        if not np.all(np.isfinite(w)):
            raise ValueError(f"the orbit diverges after {k} steps: there is no exponent; choose a smaller eta")
    return np.sort(total / steps)[::-1]
