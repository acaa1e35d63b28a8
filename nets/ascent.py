"""The ascent of a SAM step on lists of tensors: direction, norm, size, and what is refused."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

# A parameter group, its weights that have a gradient, and those gradients.
Live = tuple[dict[str, Any], list[Tensor], list[Tensor]]


def check_group(group: dict[str, Any]) -> None:
    """Raise ValueError for a parameter group that SAM has no meaning for."""
    rho = group["rho"]
    if not (isinstance(rho, int | float) and 0.0 <= rho < math.inf):
        raise ValueError(f"rho is a finite number >= 0, got {rho!r}: 0.05 is usual for normalised rho.")
    if any(p.is_complex() for p in group["params"]):
        raise ValueError("SAM is defined here for real weights, got complex ones: use torch.view_as_real.")
    devices = sorted({str(p.device) for p in group["params"]})
    if len(devices) > 1:
        raise ValueError(f"a parameter group lies on several devices ({', '.join(devices)}): make one for each.")


def climb(live: list[Live], norm: Tensor | None, eps: float, scale: Tensor | None) -> None:
    """Move all weights from w to w^p, in place.

    Args:
        live: groups with rho, normalised, adaptive; weights; gradients times `scale`.
        norm: of the gradients as they are; None when no group is normalised.
        eps: added to the norm of the gradient.
        scale: what a GradScaler multiplied the loss with; None for 1.
    """
    for group, weights, gradients in live:
        # With G = s g on hand: rho g / (|g| + eps) = rho G / (|G| + eps s), and rho g = rho G / s.
        s = 1.0 if scale is None else scale.to(weights[0].device)
        if norm is not None and group["normalised"]:
            size = group["rho"] / (norm.to(weights[0].device) + eps * s)
        else:
            size = group["rho"] / s
        _add(weights, _direction(group, weights, gradients), size)


def gradient_norm(live: list[Live]) -> Tensor | None:
    """|g| over all groups, T g in place of g where adaptive; None when no group is normalised.

    Half precision is summed in single.
    """
    if not any(group["normalised"] for group, _, _ in live):
        return None
    norms: list[Tensor] = []
    for group, weights, gradients in live:
        scaled = torch._foreach_mul(torch._foreach_abs(weights), gradients) if group["adaptive"] else gradients
        wide = torch.float64 if any(g.dtype is torch.float64 for g in gradients) else torch.float32
        norms.append(_norm(list(torch._foreach_norm(list(scaled), 2, dtype=wide))))
    return norms[0] if len(norms) == 1 else _norm([norm.to(norms[0].device) for norm in norms])


def require_finite(live: list[Live], norm: Tensor | None, where: str) -> None:
    """Raise FloatingPointError for a NaN or an infinity; a flag a group, or the norm, comes to the host."""
    if norm is not None:
        finite = math.isfinite(norm.item())
    else:
        finite = not any(_has_non_finite(gradients) for _, _, gradients in live)
    if not finite:
        raise FloatingPointError(
            f"a gradient at {where} is NaN or infinite: the weights are as before the step and nothing "
            "was updated; skip this batch, or lower rho or the learning rate."
        )


def _has_non_finite(gradients: list[Tensor]) -> bool:
    found = torch.zeros(1, device=gradients[0].device)
    # The GradScaler's own kernel: one pass over all tensors; multiplying by 1 changes no gradient.
    torch._amp_foreach_non_finite_check_and_unscale_(gradients, found, torch.ones_like(found))
    return bool(found.item())


def _direction(group: dict[str, Any], weights: list[Tensor], gradients: list[Tensor]) -> list[Tensor]:
    """The gradient g, or T^2 g with T = diag|w| for the adaptive form."""
    if not group["adaptive"]:
        return gradients
    direction = list(torch._foreach_mul(weights, weights))
    torch._foreach_mul_(direction, gradients)
    return direction


def _norm(parts: list[Tensor]) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(torch.stack(parts))
    return norm


def _add(weights: list[Tensor], direction: list[Tensor], size: float | Tensor) -> None:
    """Add size * direction; on an accelerator the size never comes to the host."""
    if isinstance(size, Tensor) and weights[0].device.type == "cpu":
        size = float(size.item())
    if isinstance(size, Tensor):
        torch._foreach_add_(weights, torch._foreach_mul(direction, size))
    else:
        torch._foreach_add_(weights, direction, alpha=size)
