r"""Two-cycles of an algorithm's map, their multipliers, and Lyapunov exponents of its orbits.

A two-cycle w1 -> w2 -> w1 is a zero of T(T(w)) - w; its multipliers are the eigenvalues of DT(w2) DT(w1), and it
attracts when all are below 1 in size. Normalised SAM settles on such cycles around minima and stiff saddles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics import checks
from numerics.algorithm import Algorithm
from numerics.compiled import Floats
from numerics.gradient import SmoothLoss, gradient_at
from numerics.maps import start_point, step_jacobian


@dataclass(frozen=True, eq=False)
class TwoCycle:
    """A cycle of period two.

    Attributes:
        points: w1 and w2, shape (2, n).
        multipliers: eigenvalues of DT(w2) DT(w1), largest in size first, shape (n,).
        residual: |T(T(w1)) - w1|.
    """

    points: Floats
    multipliers: NDArray[np.complex128]
    residual: float

    @property
    def attracts(self) -> bool:
        """Whether every multiplier is below 1 in size."""
        return bool(np.max(np.abs(self.multipliers)) < 1)


def step(loss: SmoothLoss, algorithm: Algorithm, w: Floats) -> Floats:
    """One noise-free step at w without momentum, shape (n,); entries overflow to inf on a diverging orbit."""
    with np.errstate(over="ignore", invalid="ignore"):
        gradient = gradient_at(loss)
        g = gradient(w)
        if algorithm.law != "sgd" and algorithm.rho > 0:
            norm = float(np.linalg.norm(g)) if algorithm.normalised else 1.0
            g = gradient(w + algorithm.rho / norm * g) if norm > 0 else g
        return np.asarray(w - algorithm.eta * (1 - algorithm.dampening) * (g + algorithm.weight_decay * w))


def two_cycle(
    loss: SmoothLoss, algorithm: Algorithm, guess: Sequence[float] | Floats, *, tolerance: float = 1e-12
) -> TwoCycle:
    """The two-cycle through a point near `guess`, by Newton's method on T(T(w)) - w.

    Raises ValueError with momentum (the cycle then lives in (w, m)), if Newton's method does not converge, or if it
    converges to a fixed point.
    """
    if algorithm.gamma > 0:
        raise ValueError("two-cycles are found for plain steps: set gamma = 0")
    w = start_point(loss, guess)
    scale = max(1.0, float(np.linalg.norm(w)))
    for _ in range(50):
        w2 = step(loss, algorithm, w)
        residual = step(loss, algorithm, w2) - w
        if not np.all(np.isfinite(residual)):
            break
        if float(np.linalg.norm(residual)) <= tolerance * scale:
            if float(np.linalg.norm(w2 - w)) <= 1e3 * tolerance * scale:
                raise ValueError(f"a fixed point was found at {w.tolist()}, not a two-cycle: start from another guess")
            product = step_jacobian(loss, algorithm, w2) @ step_jacobian(loss, algorithm, w)
            multipliers = np.asarray(np.linalg.eigvals(product), np.complex128)
            order = np.argsort(-np.abs(multipliers))
            return TwoCycle(np.stack([w, w2]), multipliers[order], float(np.linalg.norm(residual)))
        product = step_jacobian(loss, algorithm, w2) @ step_jacobian(loss, algorithm, w)
        # Least squares: a cycle on a symmetric valley may be one of a family.
        w = w - np.linalg.lstsq(product - np.eye(len(w)), residual, rcond=None)[0]
    raise ValueError(
        f"Newton's method found no two-cycle from {list(guess)}: start nearer, for example on a late iterate"
    )


def lyapunov_exponents(
    loss: SmoothLoss, algorithm: Algorithm, start: Sequence[float] | Floats, *, steps: int, burn: int = 1000
) -> Floats:
    """Lyapunov exponents per step of the orbit from `start`, largest first, shape (n,); `burn` steps are not counted.

    By QR re-orthogonalisation of the product of step Jacobians (Benettin et al. 1980).

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
