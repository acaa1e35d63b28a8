"""Stable and unstable manifolds of a saddle in the plane, as curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.compiled import Floats
from saddlecheck.numerics.flow import descent_field
from saddlecheck.numerics.gradient import SmoothLoss, gradient_at, hessian_at
from saddlecheck.numerics.one_step import start_point


@dataclass(frozen=True, eq=False)
class Manifolds:
    """Branches of the invariant manifolds of a planar saddle, each of shape (K, 2), from the saddle outwards.

    Attributes:
        stable: two curves along which the flow runs into the saddle: where basins of attraction meet.
        unstable: two curves along which it leaves the saddle.
    """

    stable: tuple[Floats, Floats]
    unstable: tuple[Floats, Floats]


def manifolds(
    loss: SmoothLoss,
    saddle: tuple[float, float] | Floats,
    *,
    rho: float = 0.0,
    box: float = 10.0,
    length: float = 100.0,
    offset: float = 1e-5,
) -> Manifolds:
    """Invariant manifolds of `saddle` for the gradient flow, or constant-rho SAM's flow.

    A branch starts at `offset` along an eigenvector of the flow's Jacobian H(I + rho H), off by O(offset^2) from the
    manifold, and follows the field (backwards for the stable one) by arc length, in which neither direction blows up.

    Args:
        loss: of two variables.
        saddle: a critical point, shape (2,).
        rho: weight per gradient, >= 0.
        box: a branch ends where |w| reaches this size.
        length: or at this arc length, or where it comes to rest.
        offset: distance of the first point, in units of weight.

    Returns:
        Two stable and two unstable branches, each of shape (K, 2), from the saddle outwards.

    Raises:
        ValueError: if the point is not critical or not a saddle of this flow (no eigenvalue of each sign).
    """
    if len(loss.variables) != 2:
        raise ValueError(f"manifolds are drawn for two variables, the loss has {len(loss.variables)}")
    d = start_point(loss, saddle)
    checks.at_least("rho", rho, 0.0)
    gradient, H = gradient_at(loss)(d), hessian_at(loss)(d)
    if float(np.linalg.norm(gradient)) > 1e-8 * max(1.0, float(np.linalg.norm(H))):
        raise ValueError(f"{d.tolist()} is not a critical point: its gradient is {gradient.tolist()}")
    lam, vectors = np.linalg.eigh(H)
    rates = lam * (1 + rho * lam)
    if not (rates.min() < 0 < rates.max()):
        raise ValueError(f"{d.tolist()} is no saddle of this flow: its rates are {rates.tolist()}, not of both signs")
    field = descent_field(loss, rho)
    from scipy.integrate import solve_ivp  # as in `flow`

    def branch(direction: Floats, sign: float) -> Floats:
        start = d + offset * direction
        # A field of unit speed would jump back and forth across the critical point that a branch runs into. Below a
        # tenth of the speed at the start it slows down with the field itself, and the branch ends there.
        slow = 0.1 * float(np.linalg.norm(field(start)))

        def unit(_: float, w: Floats) -> Floats:
            f = field(w)
            return sign * f / float(np.hypot(np.linalg.norm(f), slow))

        def left(_: float, w: Floats) -> float:
            return box - float(np.linalg.norm(w))

        def rest(_: float, w: Floats) -> float:
            return float(np.linalg.norm(field(w))) - slow

        left.terminal = rest.terminal = True  # type: ignore[attr-defined]  # SciPy reads the attributes
        solution = solve_ivp(
            unit, (0.0, length), start, events=[left, rest], rtol=1e-8, atol=1e-10, max_step=0.05,
            method="LSODA",
        )  # fmt: skip
        return np.vstack([d, solution.y.T])

    falling, rising = vectors[:, int(np.argmin(rates))], vectors[:, int(np.argmax(rates))]
    return Manifolds(
        (branch(rising, -1.0), branch(-rising, -1.0)),
        (branch(falling, 1.0), branch(-falling, 1.0)),
    )
