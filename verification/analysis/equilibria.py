r"""Points at which an optimiser rests although the loss's gradient is not zero there: SAM's own equilibria.

SAM rests where the gradient at the perturbed weight is zero: where $w + \rho\nabla\ell(w) = c$ with a critical point c.
With a constant radius these w are the critical points of another loss,

    $\rho\,\ell(w) + |w - c|^2/2$,

so the search that certifies critical points certifies these, and says whether they are all. On the double well
$(x^2-1)^2/4$ those with c = 0 are $\pm\sqrt{1 - 1/\rho}$ for rho > 1: they bound the maximum's basin.

For any rule the zeros of its direction are found by Newton's method from many starts, and nothing about them is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory.critical.critical_set import CriticalSet
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.verification.analysis import adaptive_rest
from saddlecheck.verification.analysis.adaptive_check import lr_of
from saddlecheck.verification.analysis.dynamics import Floats, Step, Surface, step
from saddlecheck.verification.analysis.settings import AnalysisSettings, decimal

_ROUNDS = 40
_WIDTH = 1e-6  # of the scale: half the width of difference quotients, which then err by 1e-12 and rounding's 1e-10
_ARRIVED, _REST = 1e-8, 1e-7  # last step, in scales; direction, in units of the Jacobian's size times the scale
_RIDGE = 1e-12  # of the Jacobian: added where it is singular
_APART = 1e-5  # of the scale: two points that are nearer are one, and such a neighbour of a critical point is it
_MARGIN = 1e-6  # a largest multiplier this near 1 decides nothing

Direction = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Equilibrium:
    """A fixed point of an optimiser's map that is no critical point of the loss.

    Attributes:
        at: the weights.
        multiplier: size of the largest eigenvalue of the map's Jacobian there, momentum included.
        attracts: whether that is below 1; None where it cannot be told.
        certified: it exists, by enclosure.
    """

    at: tuple[float, ...]
    multiplier: float
    attracts: bool | None
    certified: bool = False


def own_equilibria(
    rule: Optimiser, surface: Surface, critical: Floats, starts: Floats, scale: float, settings: AnalysisSettings
) -> list[Equilibrium]:
    """The zeros of a rule's direction that Newton's method finds from the starts, critical points left out.

    Args:
        rule: the optimiser; its momentum moves no equilibrium.
        surface: the loss.
        critical: the critical points that are known, shape (n, m).
        starts: shape (n, k).
        scale: a weight, the size of what is looked at.
        settings: rho, lr, momentum.

    Returns:
        Distinct ones, in the order of their coordinates.
    """
    direction = at_rest(rule, surface, settings.rho)
    with np.errstate(all="ignore"):
        places = zeros(direction, starts, scale)
    kept: list[Floats] = []
    for w in sorted(places.T, key=lambda w: tuple(np.round(w / scale, 6))):
        near = [*critical.T, *kept]
        if not any(np.linalg.norm(w - other) <= _APART * scale for other in near):
            kept.append(w)
    if rule.base is not None:
        return [_resting(w, rule, surface, scale, settings) for w in kept]
    advance = step(rule, surface, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    return [_judged(w, advance, scale, momentum=rule.momentum is not None) for w in kept]


def at_rest(rule: Optimiser, surface: Surface, rho: float) -> Direction:
    """What is zero exactly where a rule rests: its direction, with the decay of an adaptive base (`adaptive_rest`)."""
    direction = rule.force.on(surface.gradient, rho, hessian=surface.hessian)
    base = rule.base
    if base is None or not base.decay or base.rest is None:
        return direction
    kappa, eps = base.decay, base.rest.epsilon
    return lambda w: direction(w) * (1 - kappa * np.abs(w)) + kappa * eps * w


def zeros(direction: Any, starts: Floats, scale: float) -> Floats:
    """Where Newton's method on a rule's direction arrives from starts of shape (n, k): shape (n, j)."""
    w, h, n = starts.copy(), _WIDTH * scale, len(starts)
    sizes = np.full(w.shape[1], np.inf)
    for _ in range(_ROUNDS):
        F, J = _with_jacobian(direction, w, h)
        good = np.isfinite(F).all(axis=0) & np.isfinite(J).all(axis=(0, 1))
        w, F, J = w[:, good], F[:, good], J[:, :, good].transpose(2, 0, 1)
        ridge = _RIDGE * np.linalg.norm(J, axis=(1, 2))[:, None, None] * np.eye(n)
        singular = (np.abs(np.linalg.det(J)) == 0)[:, None, None]
        moves = np.linalg.solve(J + np.where(singular, ridge + 1e-300 * np.eye(n), 0), F.T[:, :, None])[:, :, 0].T
        sizes = np.linalg.norm(moves, axis=0)
        w = w - moves * np.minimum(1.0, scale / np.maximum(sizes, 1e-300))
    F, J = _with_jacobian(direction, w, h)
    rest = np.linalg.norm(F, axis=0) <= _REST * scale * np.linalg.norm(J, axis=(0, 1))
    inside = np.linalg.norm(w - np.mean(starts, axis=1)[:, None], axis=0) <= 2 * scale
    return w[:, (sizes <= _ARRIVED * scale) & rest & inside]


def _with_jacobian(function: Any, w: Floats, h: float) -> tuple[Floats, Floats]:
    """Values (n, k) and difference quotients (n, n, k): J[i, j] is the derivative of component i by weight j."""
    n, k = w.shape
    shifts = h * np.concatenate([np.zeros((n, 1)), np.eye(n), -np.eye(n)], axis=1)  # (n, 1 + 2n)
    values = function((w[:, None, :] + shifts[:, :, None]).reshape(n, -1)).reshape(n, 1 + 2 * n, k)
    return values[:, 0], (values[:, 1 : 1 + n] - values[:, 1 + n :]) / (2 * h)


def _judged(at: Floats, advance: Step, scale: float, *, momentum: bool) -> Equilibrium:
    """With the largest multiplier of the whole map, weights and buffer."""
    n, size = len(at), len(at) * (2 if momentum else 1)

    def state_map(z: Floats) -> Floats:
        buffer = z[n:] if momentum else np.zeros_like(z)
        w, m = advance(z[:n], buffer)
        return np.concatenate([w, m]) if momentum else w

    z = np.concatenate([at, np.zeros(size - n)])[:, None]
    with np.errstate(all="ignore"):
        J = _with_jacobian(state_map, z, _WIDTH * scale)[1][:, :, 0]
    return _with_multiplier(at, J)


def _resting(at: Floats, rule: Optimiser, surface: Surface, scale: float, settings: AnalysisSettings) -> Equilibrium:
    """Over an adaptive base."""
    assert rule.base is not None
    direction = rule.force.on(surface.gradient, settings.rho, hessian=surface.hessian)
    with np.errstate(all="ignore"):
        g, J = _with_jacobian(direction, at[:, None], _WIDTH * scale)
    slope = g[:, 0] if rule.base.decay else np.zeros(len(at))
    return _with_multiplier(at, adaptive_rest.linear(rule.base, J[:, :, 0], slope)(lr_of(rule.base, settings)))


def _with_multiplier(at: Floats, J: Floats) -> Equilibrium:
    largest = float(np.max(np.abs(np.linalg.eigvals(J)))) if np.all(np.isfinite(J)) else float("nan")
    known = abs(largest - 1) > _MARGIN
    return Equilibrium(tuple(float(x) for x in at), largest, largest < 1 if known else None)


def certified_equilibria(
    loss: Loss, rho: float, found: CriticalSet, timeout: float | None = None
) -> tuple[list[tuple[float, ...]], bool]:
    """All equilibria of SAM with a constant radius that are no critical points, by enclosure.

    Args:
        loss: a formula.
        rho: the radius, weight per gradient, read as the decimal that it prints as.
        found: its critical points.
        timeout: seconds for each critical point.

    Returns:
        (places; whether these are all of them, and each is proved to exist).

    Example:
        >>> from saddlecheck.theory import Loss
        >>> from saddlecheck.verification.analysis.equilibria import certified_equilibria
        >>> well = Loss("(x**2 - 1)**2/4")
        >>> places, complete = certified_equilibria(well, 2.0, well.critical_points())
        >>> [round(x, 6) for (x,) in places], complete  # +-sqrt(1 - 1/rho)
        ([-0.707107, 0.707107], True)
    """
    radius = sp.Rational(decimal(rho).numerator, decimal(rho).denominator)
    places: list[tuple[float, ...]] = []
    complete = found.complete and not found.components
    for point in found.points:
        centre = None if point.algebraic is None else [a.rational for a in point.algebraic]
        if centre is None or None in centre:
            complete = False  # c is known as a root of a polynomial: the other loss would not be rational
            continue
        exact = [sp.Rational(c.numerator, c.denominator) for c in centre if c is not None]
        gap = sum((v - c) ** 2 for v, c in zip(loss.variables, exact, strict=True)) / 2
        rest = Loss(radius * loss.expr + gap, loss.variables, domain=loss.domain).critical_points(timeout=timeout)
        complete &= rest.complete and not rest.components and all(p.certified for p in rest.points)
        places += [p.location for p in rest.points if not _is(p, exact)]
    return sorted(places), complete


def _is(point: Any, exact: Sequence[Any]) -> bool:
    """Whether an enclosure holds c: c is one of the critical points, and enclosures are disjoint."""
    return all(x.lower <= c <= x.upper for x, c in zip(point.at, exact, strict=True))
