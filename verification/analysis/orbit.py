r"""The 2-cycle of normalised SAM on the loss itself, and its multipliers: what decides where the loss is not quadratic.

With momentum the buffer flips its sign along the cycle (m2 = -m1), so w1 and w2 are a 2-cycle of the map without
momentum at the step eta' = eta/(1+gamma) (heavy ball), eta (1+2 gamma)/(1+gamma) (Nesterov), which is 2 eta over the
edge E of gradient descent. The multipliers are those of two steps of the full map in (w, m).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from theory.optimiser import heavy_ball, nesterov
from verification.analysis.dynamics import Floats
from verification.analysis.settings import Settings
from verification.analysis.stability import Rule

if TYPE_CHECKING:
    from numerics.cycles import TwoCycle
    from numerics.gradient import SmoothLoss

_DOUBLINGS = 6
MARGIN = 1e-7  # a multiplier this near to the unit circle is not told from it in floats


def cycle_of(
    loss: SmoothLoss, rule: Rule, centre: Floats, direction: Floats, size: float, settings: Settings
) -> TwoCycle | None:
    """The cycle near centre ± size direction with its multipliers; None where Newton's method finds none nearby."""
    from numerics.algorithm import Algorithm
    from numerics.cycles import TwoCycle, two_cycle
    from numerics.maps import step_jacobian

    gamma, eta = settings.momentum, settings.lr
    factors: dict[Any, float] = {
        None: 1.0, heavy_ball: 1 / (1 + gamma), nesterov: (1 + 2 * gamma) / (1 + gamma)
    }  # fmt: skip
    step = eta * factors[rule.optimiser.momentum]

    def from_guess(guess: Floats, rho: float) -> TwoCycle | None:
        try:
            with np.errstate(all="ignore"):
                found = two_cycle(loss, Algorithm("exact_ascent", step, rho=rho, normalised=True), guess)
        except (ValueError, np.linalg.LinAlgError):
            return None
        near = np.max(np.linalg.norm(found.points - centre, axis=1)) <= 3 * size * rho / settings.rho
        return found if near else None  # else it belongs to another point

    found = from_guess(centre + size * direction, settings.rho)
    if found is None:  # follow the branch of cycles from a small rho, where the quadratic part rules
        share = 2.0**-_DOUBLINGS
        found = from_guess(centre + share * size * direction, share * settings.rho)
        while found is not None and share < 1:
            share *= 2
            found = from_guess(centre + 2 * (found.points[0] - centre), share * settings.rho)
    if found is None:
        return None
    if rule.optimiser.momentum is None:
        return found
    full = Algorithm(
        "exact_ascent",
        eta,
        rho=settings.rho,
        gamma=gamma,
        nesterov=rule.optimiser.momentum is nesterov,
        normalised=True,
    )
    first, second = (step_jacobian(loss, full, w) for w in found.points)
    multipliers = np.asarray(np.linalg.eigvals(second @ first), np.complex128)
    return TwoCycle(found.points, multipliers[np.argsort(-np.abs(multipliers))], found.residual)


def half_width(cycle: TwoCycle) -> float:
    """Half of the distance between its two points."""
    return float(np.linalg.norm(cycle.points[0] - cycle.points[1])) / 2


def reading(cycle: TwoCycle) -> str:
    """attracts, repels (a real multiplier above 1) or undecided (on the circle, or leaving it elsewhere)."""
    sizes = np.abs(cycle.multipliers)
    if np.all(sizes < 1 - MARGIN):
        return "attracts"
    growing = cycle.multipliers[sizes > 1 + MARGIN]
    return "repels" if any(abs(m.imag) < MARGIN * abs(m) and m.real > 0 for m in growing) else "undecided"
