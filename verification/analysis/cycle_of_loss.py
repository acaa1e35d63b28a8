r"""A cycle of normalised SAM on the loss itself, and its multipliers: what decides where the loss is not quadratic.

Without momentum it is the 2-cycle near that of the quadratic part (`saddlecheck.verification.analysis.relay`), found by
Newton's method, directly or along the branch of cycles that starts at a small rho, where the quadratic part
dominates. With momentum it is the one that a run has come to, of whatever period, in (w, m).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis.dynamics import Floats, Surface
from saddlecheck.verification.analysis.ends import belongs
from saddlecheck.verification.analysis.relay import Orbit
from saddlecheck.verification.analysis.settings import AnalysisSettings

if TYPE_CHECKING:
    from saddlecheck.numerics.algorithm import Algorithm
    from saddlecheck.numerics.cycles import Cycle
    from saddlecheck.numerics.gradient import SmoothLoss

_DOUBLINGS = 6
MARGIN = 1e-7  # a multiplier this near to the unit circle is not told from it in floats


def cycle_of(
    loss: SmoothLoss, centre: Floats, direction: Floats, model: Orbit, settings: AnalysisSettings
) -> Cycle | None:
    """The 2-cycle of plain steps near centre ± size direction; None where Newton's method finds none nearby."""
    from saddlecheck.numerics.cycles import two_cycle

    reach = 3 * abs(model.places[0])

    def from_guess(guess: Floats, rho: float) -> Cycle | None:
        try:
            with np.errstate(all="ignore"):
                found = two_cycle(loss, _algorithm(settings, rho), guess)
        except (ValueError, np.linalg.LinAlgError):
            return None
        near = np.max(np.linalg.norm(found.points - centre, axis=1)) <= reach * rho
        return found if near and about(centre, found) else None  # else it belongs to another point

    away = model.places[0] * direction
    found = from_guess(centre + settings.rho * away, settings.rho)
    if found is None:  # follow the branch of cycles from a small rho, where the quadratic part dominates
        rho = settings.rho * 2.0**-_DOUBLINGS
        found = from_guess(centre + rho * away, rho)
        for _ in range(_DOUBLINGS):
            if found is None:
                break
            rho *= 2
            found = from_guess(centre + 2 * (found.points[0] - centre), rho)
    return found


def polished(
    loss: SmoothLoss, rule: Optimiser, state: Floats, period: int, *, centre: Floats, settings: AnalysisSettings,
    others: Floats | None = None,
) -> Cycle | None:  # fmt: skip
    """The cycle through a late state (w, m), shape (2, n), of a run; None where Newton's method finds none here."""
    from saddlecheck.numerics.cycles import periodic_orbit

    gamma = 0.0 if rule.momentum is None else settings.momentum
    algorithm = _algorithm(settings, settings.rho, gamma=gamma, nesterov=rule.lookahead)
    try:
        with np.errstate(all="ignore"):
            found = periodic_orbit(loss, algorithm, state[0] if gamma == 0 else state.ravel(), period)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return found if about(centre, found, others) else None


def about(centre: Floats, cycle: Cycle, others: Floats | None = None) -> bool:
    """Whether a cycle is about the point; others: the critical points that are known, shape (n, m)."""
    mean = np.mean(cycle.points, axis=0) - centre
    rivals = None if others is None else others - centre[:, None]
    return bool(belongs(mean[:, None], np.array([half_width(cycle.points)]), rivals)[0])


def one_sided(
    surface: Surface, centre: Floats, direction: Floats, *, rho: float, size: float, curvature: float
) -> bool:
    """Return whether no cycle is to be expected: the two ascents meet such unequal gradients that it cannot straddle.

    The two steps of a 2-cycle are equal only about a place that is off the point by (g+ + g-)/(2L) along the direction,
    g+- being the gradients at distance rho; further off than the cycle's size, its points would lie on one side.
    """
    away = rho * direction[:, None]
    ahead, behind = (surface.gradient(centre[:, None] + s * away)[:, 0] for s in (1.0, -1.0))
    return bool(abs(direction @ (ahead + behind)) / (2 * curvature) > size)


def _algorithm(settings: AnalysisSettings, rho: float, *, gamma: float = 0.0, nesterov: bool = False) -> Algorithm:
    from saddlecheck.numerics.algorithm import Algorithm

    return Algorithm("exact_ascent", settings.lr, rho, gamma, nesterov=nesterov, normalised=True)


def half_width(points: Floats) -> float:
    """Half of the largest distance between two points of a cycle, shape (q, n)."""
    return float(np.max(np.linalg.norm(points[:, None] - points[None], axis=2))) / 2


def reading(cycle: Cycle) -> str:
    """attracts, repels (a real multiplier above 1) or undecided (on the circle, or leaving it elsewhere)."""
    sizes = np.abs(cycle.multipliers)
    if np.all(sizes < 1 - MARGIN):
        return "attracts"
    growing = cycle.multipliers[sizes > 1 + MARGIN]
    return "repels" if any(abs(m.imag) < MARGIN * abs(m) and m.real > 0 for m in growing) else "undecided"
