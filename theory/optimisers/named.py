"""Variants that are plain rules of the gradient, as optimisers that `analyse` judges when they are named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saddlecheck.theory.optimiser import Force, Optimiser
from saddlecheck.theory.optimisers.arithmetic import norm, unit
from saddlecheck.theory.optimisers.rules import Rule
from saddlecheck.theory.optimisers.variants import gsam, penalised


def adaptive_normalised(gradient: Any, w: Any, rho: Any) -> Any:
    r"""ASAM as it is practised: the ascent is $\rho\,T_w^2 g/\|T_w g\|$, $T_w = \mathrm{diag}|w|$."""
    g = gradient(w)
    return gradient(w + rho * (w * w * g) / norm(w * g))


def penalised_normalised(gradient: Any, w: Any, rho: Any, *, hessian: Any) -> Any:
    r"""The gradient of $\ell + \rho\|\nabla\ell\|$."""
    g = gradient(w)
    return g + rho * hessian(w, unit(g))


def unified(share: float) -> Rule:
    r"""Unified SAM: $w^p = w + \rho(1 - t + t/\|g\|)\,g$, between the constant radius, t = 0, and the other."""

    def rule(gradient: Any, w: Any, rho: Any) -> Any:
        g = gradient(w)
        return gradient(w + rho * ((1 - share) * g + share * unit(g)))

    return rule


NAMED: Mapping[str, Optimiser] = {
    o.id: o
    for o in (
        Optimiser("gsam", "GSAM, alpha = 0.4 (attributed)", Force(gsam(0.4))),
        Optimiser("asam_normalised", "ASAM, normalised radius", Force(adaptive_normalised)),
        Optimiser("penalised", "gradient penalty", Force(penalised)),
        Optimiser("penalised_normalised", "gradient norm penalty", Force(penalised_normalised)),
        Optimiser("unified_sam", "unified SAM, t = 1/2 (attributed)", Force(unified(0.5))),
    )
}
