"""Normalised SAM's ruling: the quadratic model's cycle, then the cycle of the loss itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.losses.interval import Interval
from theory.losses.points import CriticalPoint
from theory.optimiser import OPTIMISERS
from verification.analysis import cycles, orbit
from verification.analysis.dynamics import Floats, Surface
from verification.analysis.result import Ruling
from verification.analysis.stability import Rule, linearise

if TYPE_CHECKING:
    from verification.analysis.rulings import Judge


def rule_on(judge: Judge, rule: Rule, found: CriticalPoint, spectrum: Sequence[Interval], tangent: int) -> Ruling:
    """Normalised SAM: the quadratic model's cycle, then the cycle of the loss itjudge."""
    if any(e.sign == 0 for e in spectrum):
        why = "normalised SAM circles at a distance set by the curvature, and an eigenvalue here is zero or unknown."
        return Ruling("undecided", None, why, rule.claims, certified=False)
    model = cycles.on_quadratic(rule, spectrum, judge.settings)
    flow = (
        "attracts"
        if judge.settings.rho > 0
        else linearise(OPTIMISERS["gd"], spectrum, judge.lr, judge.settings.exact).flow
    )
    claims = rule.claims if spectrum[0].sign > 0 else (*rule.claims, "mild-flow")
    ruling = Ruling(model.verdict, model.lr_max, model.why, claims, flow, found.certified, cycle=model.size)
    if judge.quadratic or judge.settings.rho == 0:
        if model.two_cycle and not tangent:
            centre = np.array(found.location)
            away = float(model.size or 0.0) * stiffest(judge.landscape, centre)
            return replace(ruling, cycle_at=_places([centre + away, centre - away]))
        return ruling
    if model.size is None:  # nothing to start Newton's method from
        return replace(ruling, certified=False)
    return _on_the_loss(
        judge, rule, replace(ruling, certified=False), found, spectrum, tangent, two_cycle=model.two_cycle
    )


def _nearly_quadratic(judge: Judge, found: CriticalPoint) -> bool:
    """Whether at distance rho along each eigenvector the gradient is that of the quadratic part within a fifth."""
    centre = np.array(found.location)
    values, vectors = np.linalg.eigh(judge.landscape.hessian(centre[:, None])[:, :, 0])
    for sign in (-1.0, 1.0):
        away = sign * judge.settings.rho * vectors
        linear = away * values
        error = np.linalg.norm(judge.landscape.gradient(centre[:, None] + away) - linear, axis=0)
        if not np.all(error <= 0.2 * np.linalg.norm(linear, axis=0)):  # nan, outside the loss's domain, is far
            return False
    return True


def _by_quadratic_part(judge: Judge, ruling: Ruling, found: CriticalPoint) -> Ruling:
    """The quadratic part's ruling where rho does not reach beyond it, else undecided."""
    if _nearly_quadratic(judge, found):
        return replace(ruling, why=ruling.why + " (By the loss's quadratic part, hence for small rho.)")
    why = f"rho reaches beyond the loss's quadratic part, by which: {ruling.why}"
    return replace(ruling, verdict="undecided", why=why)


def _on_the_loss(
    judge: Judge,
    rule: Rule,
    ruling: Ruling,
    found: CriticalPoint,
    spectrum: Sequence[Interval],
    tangent: int,
    *,
    two_cycle: bool,
) -> Ruling:
    if ruling.verdict == "cycle" and not two_cycle:
        return _by_quadratic_part(judge, ruling, found)
    centre = np.array(found.location)
    direction = stiffest(judge.landscape, centre)
    size = float(ruling.cycle or 0.0)
    cycle = None
    if not _one_sided(judge, centre, direction, size, spectrum[-1].middle):
        cycle = orbit.cycle_of(judge.loss, rule, centre, direction, size, judge.settings)
    if cycle is None:
        caught = cycles.caught(rule, spectrum, judge.settings)
        if caught is not None:  # unequal steps to and fro forbid a 2-cycle, but the ball of gradients still holds
            ruling = replace(ruling, verdict=caught.verdict, why=caught.why, cycle=caught.size)
        return _by_quadratic_part(judge, ruling, found)
    size, word = orbit.half_width(cycle), orbit.reading(cycle)
    ruling = replace(ruling, cycle_at=_places(cycle.points))
    if tangent and word == "undecided":
        return replace(ruling, cycle=size)  # along a component one multiplier is near 1 by itself
    largest = abs(cycle.multipliers[0])
    mine = f"the loss's own 2-cycle of half-width {size:.4g}"
    if word == "attracts":
        why = f"{mine} attracts (largest multiplier of two steps {largest:.4g})."
        return replace(ruling, verdict="cycle", why=why, cycle=size)
    if word == "repels":
        why = f"{mine} repels (a multiplier of two steps is {largest:.4g})."
        return replace(ruling, verdict="repels", why=why, cycle=size)
    why = f"{mine} has a multiplier of size {largest:.4g}: the orbit turns or swings."
    return replace(ruling, verdict="undecided", why=why, cycle=size)


def _one_sided(judge: Judge, centre: Floats, direction: Floats, size: float, curvature: float) -> bool:
    """Whether no 2-cycle is to be expected: the two ascents meet such unequal gradients that it cannot straddle.

    Steps to and fro are equal only about a place that is off the point by (g+ + g-)/(2L) along the stiff direction, g+-
    being the gradients at distance rho; further off than the cycle's size, both points would lie on one side.
    """
    away = judge.settings.rho * direction[:, None]
    ahead, behind = (judge.landscape.gradient(centre[:, None] + s * away)[:, 0] for s in (1.0, -1.0))
    return bool(abs(direction @ (ahead + behind)) / (2 * curvature) > size)


def stiffest(landscape: Surface, at: Any) -> Any:
    """Unit eigenvector of the largest eigenvalue of the Hessian."""
    return np.linalg.eigh(landscape.hessian(at[:, None])[:, :, 0])[1][:, -1]


def _places(points: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(x) for x in place) for place in points)
