r"""What the two gradients of a SAM step say about the loss, and when they say nothing.

With the displacement d = w^p - w as the weights made it, and the gradients g at w and g^p at w^p:

    cosine             cos(g, g^p)
    curvature          d . (g^p - g) / |d|^2, the Hessian's quotient d'Hd / |d|^2 up to O(|d|)
    stiffness          |g^p - g| / |d|, a lower estimate of ||H|| along d
    edge               (sqrt(1 + 8 r / eta) - 1) / (2 r): where eta lam (1 + r lam) = 2, for d = r g. For normalised rho
                       this is (|g| / 2 rho)(sqrt(1 + 8 rho / (eta |g|)) - 1) (Long and Bartlett, 2024); 2 / eta for
                       rho = 0, infinite for eta = 0.

Plain SAM has d = r g (r = rho, or rho / |g| if normalised), so that the curvature is the one along the gradient. The
adaptive form and groups with a radius each have another d: the curvature is along that d, and there is no edge.

Trapping zone: curvature < 0 and g . g^p < 0. For d = r g this says r > 1/|curvature|: along this direction the step's
rate lam (1 + r lam) is positive although lam is negative, and the saddle that gradient descent would leave attracts
SAM.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from saddlecheck.nets.rounding import wide


@dataclass(frozen=True)
class Reading:
    """One look; see the module for the formulas. What is not available is NaN, and `reason` says why."""

    step: int
    gradient: float
    perturbed_gradient: float
    cosine: float
    curvature: float
    stiffness: float
    edge: float
    trapping: bool
    reason: str = ""


class Products(NamedTuple):
    """Inner products of g, p = g^p, d and the change c = g^p - g."""

    gg: float
    pp: float
    gp: float
    dd: float
    dg: float
    dc: float
    cc: float

    def per_scale(self, s: float) -> Products:
        """The products of gradients that both carry a loss scale s."""
        gg, pp, gp, dd, dg, dc, cc = self
        return Products(gg / s / s, pp / s / s, gp / s / s, dd, dg / s, dc / s, cc / s / s)


def products(g: Tensor, p: Tensor, d: Tensor) -> Tensor:
    """The seven `Products` of one weight, shape (7,), in double precision and on its device."""
    g, p, d = (wide(t.detach()).reshape(-1) for t in (g, p, d))
    c = p - g
    pairs = ((g, g), (p, p), (g, p), (d, d), (d, g), (d, c), (c, c))
    return torch.stack([torch.dot(a, b) for a, b in pairs])


def interpret(
    step: int, found: Products, *, lr: float | None, precision: float, why_not: str = "", why_no_edge: str = ""
) -> Reading:
    """The reading that these products allow.

    Args:
        step: to be shown.
        found: without a loss scale.
        lr: learning rate; None if the groups have several.
        precision: the spacing of the gradients' dtype at 1.
        why_not: why the two gradients cannot be compared, if so.
        why_no_edge: why there is no edge, if so.

    Returns:
        The reading; its numbers are NaN, with a reason, where these products allow none.
    """
    nan = math.nan
    if not all(map(math.isfinite, found)):
        why = why_not or "a gradient is NaN, infinite, or its square is"
        return Reading(step, nan, nan, nan, nan, nan, nan, False, why)
    norm, perturbed, moved = math.sqrt(found.gg), math.sqrt(found.pp), math.sqrt(found.dd)
    if not why_not and norm == 0.0:
        why_not = "the gradient is zero"
    if not why_not and moved == 0.0:
        why_not = "the weights did not move"
    # Where the change of the gradient is no larger than its rounding, a quotient by a small |d| is noise, or a zero.
    if not why_not and math.sqrt(found.cc) <= 8.0 * precision * max(norm, perturbed):
        why_not = "the gradient's change lies within its rounding"
    curvature = nan if why_not else found.dc / found.dd
    bound, why_no_edge = (nan, why_no_edge) if why_no_edge else _edge(found, lr)
    return Reading(
        step=step,
        gradient=norm,
        perturbed_gradient=perturbed,
        cosine=found.gp / (norm * perturbed) if norm * perturbed > 0.0 else nan,
        curvature=curvature,
        stiffness=nan if why_not else math.sqrt(found.cc) / moved,
        edge=bound,
        trapping=curvature < 0.0 and found.gp < 0.0,
        reason="; ".join(f"no {what}: {why}" for what, why in (("curvature", why_not), ("edge", why_no_edge)) if why),
    )


def _edge(found: Products, lr: float | None) -> tuple[float, str]:
    """The edge, or NaN and why there is none."""
    if lr is None:
        return math.nan, "the groups have no common learning rate"
    if found.gg == 0.0:
        return math.nan, "the gradient is zero"
    # sin^2 of the angle between d and g: 1e-3 leaves room for the rounding of w^p, and moves r by less than 1e-3.
    if found.dd > 0.0 and not (found.dg > 0.0 and found.dg**2 >= (1.0 - 1e-3) * found.dd * found.gg):
        return math.nan, "the perturbation is not along the gradient"
    return math.inf if lr == 0.0 else edge(lr, math.sqrt(found.dd / found.gg)), ""


def read(
    step: int, before: Sequence[Tensor], after: Sequence[Tensor], *, lr: float, rho: float, normalised: bool
) -> Reading:
    """A reading from the gradients at w and at w^p, for loops that do not use our optimiser.

    Args:
        step: to be shown.
        before: gradients at w, one a weight, of the same mini-batch as `after` and not clipped.
        after: gradients at w^p.
        lr: learning rate.
        rho: weight if normalised, weight per gradient if not.
        normalised: whether rho is divided by |g|.

    Returns:
        The reading at this step; NaN with a reason where the gradients are not finite.
    """
    g, p = (torch.cat([wide(t.detach()).reshape(-1) for t in ts]) for ts in (before, after))
    norm = float(g.norm())
    r = rho if not normalised else rho / norm if norm > 0.0 else 0.0
    precision = max(torch.finfo(t.dtype).eps for t in (*before, *after))
    return interpret(step, Products(*products(g, p, r * g).tolist()), lr=lr, precision=precision)


def edge(lr: float, r: float) -> float:
    """The eigenvalue beyond which SAM with radius r, weight per gradient, overshoots: lr lam (1 + r lam) = 2.

    Returns:
        The eigenvalue, in the unit of 1/lr: 2/lr for r = 0, and 0 for an infinite r.

    Raises:
        ValueError: lr is not positive, or r is negative.
    """
    if not lr > 0.0 or not r >= 0.0:
        raise ValueError(f"the edge needs a learning rate > 0 and r >= 0, got {lr} and {r}.")
    if math.isinf(r):
        return 0.0
    # (sqrt(1 + x) - 1) / (2 r) with x = 8 r / lr, written so that small r loses no digits and r = 0 gives 2 / lr.
    return 4.0 / (lr * (math.sqrt(1.0 + 8.0 * r / lr) + 1.0))
