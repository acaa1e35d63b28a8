"""The ascent of a SAM step on lists of tensors: direction, norm, size, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from saddlecheck.nets.rounding import NARROW, add_rounded, generator_of, wide

# A parameter group, its weights that have a gradient, and those gradients.
Live = tuple[dict[str, Any], list[Tensor], list[Tensor]]
# (group, rho, 1 in units of a scaled gradient, 1 / its length or None) -> what the direction is multiplied with.
Size = Callable[[dict[str, Any], float, "float | Tensor", "float | Tensor | None"], Any]


def check_group(group: dict[str, Any]) -> None:
    """Raise ValueError for a parameter group that SAM has no meaning for."""
    check_radius(group)
    for name in ("normalised", "adaptive"):
        if not isinstance(group[name], bool | np.bool_):
            raise ValueError(f"{name} is True or False, got {group[name]!r}.")  # noqa: TRY004  bad input
        group[name] = bool(group[name])  # see check_radius
    if any(type(p).__name__ == "DTensor" or type(p.data).__name__ == "DTensor" for p in group["params"]):
        raise ValueError(
            "SAM does not take sharded weights (DTensor, FSDP2): torch has no sharding rule for its perturbation; use "
            "DistributedDataParallel, or shard with another tool."
        )
    if any(p.is_complex() for p in group["params"]):
        raise ValueError("SAM is defined here for real weights, got complex ones: use torch.view_as_real.")
    devices = sorted({str(p.device) for p in group["params"]})
    if len(devices) > 1:
        raise ValueError(f"a parameter group lies on several devices ({', '.join(devices)}): make one for each.")


def check_radius(group: dict[str, Any]) -> None:
    """Raise ValueError unless the group's rho is a finite number >= 0; a schedule may have changed it."""
    if "rho" not in group:
        raise ValueError("a group was added to the base optimiser and has no rho: call add_param_group of SAM instead.")
    rho = group["rho"]
    if isinstance(rho, Tensor) and rho.numel() == 1:
        rho = group["rho"] = rho.item()
    if not (isinstance(rho, Real) and not isinstance(rho, bool) and 0.0 <= float(rho) < math.inf):
        raise ValueError(f"rho is a finite number >= 0, got {rho!r}: 0.05 is usual for normalised rho.")
    group["rho"] = float(rho)  # torch.load refuses a state dict that holds a number of NumPy's


@dataclass(frozen=True)
class MeasuredGradient:
    """Gradients to climb along and their size.

    Attributes:
        live: the groups; gradients divided by `unit` where the group is normalised.
        norm: |g| / unit over all groups, |T g| / unit where adaptive; None when no group is normalised.
        unit: 1, or the largest entry when the squares of the gradient would overflow or vanish.
    """

    live: list[Live]
    norm: Tensor | None
    unit: float = 1.0

    def along(self, live: list[Live]) -> MeasuredGradient:
        """Another direction, given in the gradient's own unit, with the gradient's norm."""
        if self.unit == 1.0:
            return replace(self, live=live)
        scaled = [(h, ws, [d / self.unit for d in ds] if h["normalised"] else ds) for h, ws, ds in live]
        return replace(self, live=scaled)

    def finite(self) -> bool:
        """Whether no gradient holds a NaN or an infinity; a flag comes to the host."""
        if self.norm is not None:
            return bool(torch.isfinite(self.norm))
        return not any(_has_non_finite(gradients) for _, _, gradients in self.live)


def measure(live: list[Live], *, fetch: bool) -> MeasuredGradient:
    """The norm that the perturbation is divided by, whatever the size of the gradient.

    The square of a gradient may leave the range of its dtype although the gradient does not (1e20 in float32,
    1e160 in float64). Then everything is divided by the largest entry first. That needs the norm on the host:
    it is there on a CPU and when gradients are checked. Elsewhere single precision is summed in double.

    Args:
        live: groups, weights, gradients.
        fetch: whether the norm comes to the host in any case.

    Returns:
        Gradients and norm; divided by the largest entry where the squares leave the range.
    """
    if not any(group["normalised"] for group, _, _ in live):
        return MeasuredGradient(live, None)
    on_host = (fetch or live[0][1][0].device.type == "cpu") and not torch.compiler.is_compiling()
    norm = _norm(live, wider=not on_host)
    if not on_host:
        return MeasuredGradient(live, norm)
    # Entries below 1e-22 (1e-162) lose their squares in float32 (float64). Beside a norm of 1e-15 (1e-140) that costs
    # less than a rounding, for any number of weights that fits a machine.
    smallest = 1e-15 if norm.dtype is torch.float32 else 1e-140
    if smallest < norm.item() < math.inf:
        return MeasuredGradient(live, norm)
    widened: list[Live] = [(h, ws, [wide(g) for g in gs]) for h, ws, gs in live]
    unit = float(largest([(h, ws, _scaled(h, ws, gs)) for h, ws, gs in widened]))
    if not 0.0 < unit < math.inf:
        return MeasuredGradient(live, norm)  # all zero, or not finite in any unit
    widened = [(h, ws, [g / unit for g in gs]) for h, ws, gs in widened]
    mixed = [near if near[0]["normalised"] else far for near, far in zip(widened, live, strict=True)]
    return MeasuredGradient(mixed, _norm(widened), unit)


def climb(
    measured: MeasuredGradient, eps: float, scale: Tensor | None, size_of: Size
) -> list[tuple[list[Tensor], float | Tensor]]:
    """Move all weights from w to w^p, in place; half precision is rounded at random (nets/rounding.py).

    Args:
        measured: groups with rho, normalised, adaptive; weights; gradients, or another direction, times `scale`.
        eps: added to the norm of the gradient.
        scale: what a GradScaler multiplied the loss with; None for 1.
        size_of: what the direction is multiplied with (`Ascent.size`).

    Returns:
        For each group its direction and the size by which it was multiplied: w^p - w before rounding.
    """
    done: list[tuple[list[Tensor], float | Tensor]] = []
    for index, (group, weights, gradients) in enumerate(measured.live):
        on_host = weights[0].device.type == "cpu"
        # With G = s g / u on hand: g / (|g| + eps) = G / (|G| + eps s / u), and g = G u / s.
        s: float | Tensor = 1.0 if scale is None else wide(scale).to(weights[0].device)
        one: float | Tensor = (measured.unit if group["normalised"] else 1.0) / s
        by_length: float | Tensor | None = None
        if measured.norm is not None and group["normalised"]:
            length = measured.norm.to(weights[0].device) + eps / measured.unit * s
            by_length = torch.where(length > 0.0, 1.0 / length, 0.0)  # at eps = 0 a critical point stays where it is
            by_length = float(by_length) if on_host else by_length  # elsewhere it never comes to the host
        # The worst case of an objective that the base optimiser maximises lies downhill.
        size = size_of(group, float(group["rho"]), one, by_length) * (-1.0 if group.get("maximize", False) else 1.0)
        if isinstance(size, Tensor) and on_host:
            size = float(size.item())
        direction = _direction(group, weights, gradients)
        if any(w.dtype in NARROW for w in weights):
            group["ascents"] = group.get("ascents", 0) + 1  # in the state dict, so that a resumed run draws the same
            add_rounded(weights, direction, size, generator_of(group["ascents"], index, weights[0].device))
        elif isinstance(size, Tensor):
            torch._foreach_add_(weights, torch._foreach_mul(direction, size))
        else:
            torch._foreach_add_(weights, direction, alpha=size)
        done.append((direction, size))
    return done


def largest(live: Sequence[Live]) -> Tensor:
    """The largest |entry| of all gradients; NaN if there is one. It cannot overflow."""
    tensors = [
        ([g for g in gs if g.numel()], _sum_type(gs)) for _, _, gs in live
    ]  # an empty tensor has no largest entry
    per_group = [torch.stack(list(torch._foreach_norm(gs, math.inf, dtype=dtype))).max() for gs, dtype in tensors if gs]
    if not per_group:
        return torch.zeros(())
    return torch.stack([m.to(per_group[0].device) for m in per_group]).max()


def _has_non_finite(gradients: list[Tensor]) -> bool:
    found = torch.zeros(1, dtype=torch.float32, device=gradients[0].device)
    for dtype in {g.dtype for g in gradients}:
        same = [g for g in gradients if g.dtype is dtype]
        # The GradScaler's own kernel: one pass over all tensors; multiplying by 1, in single precision whatever the
        # default dtype, changes no gradient.
        torch._amp_foreach_non_finite_check_and_unscale_(same, found, torch.ones_like(found))
    return bool(found.item())


def _norm(live: list[Live], *, wider: bool = False) -> Tensor:
    """|g| over all groups, T g in place of g where adaptive. Half precision is summed in single."""
    norms = []
    for group, weights, gradients in live:
        dtype = _sum_type(gradients)
        if wider and weights[0].device.type != "mps":  # which has no double precision
            dtype = torch.float64
        norms.append(_length(list(torch._foreach_norm(_scaled(group, weights, gradients), 2, dtype=dtype))))
    return norms[0] if len(norms) == 1 else _length([norm.to(norms[0].device) for norm in norms])


def _scaled(group: dict[str, Any], weights: list[Tensor], gradients: list[Tensor]) -> list[Tensor]:
    """The gradient g, or T g with T = diag|w| for the adaptive form, in at least single precision."""
    if not group["adaptive"]:
        return gradients
    sizes = torch._foreach_abs([_single(w) for w in weights])
    return list(torch._foreach_mul(sizes, [_single(g) for g in gradients]))


def _direction(group: dict[str, Any], weights: list[Tensor], gradients: list[Tensor]) -> list[Tensor]:
    """The gradient g, or T^2 g for the adaptive form: in half precision w^2 g would vanish."""
    if not group["adaptive"]:
        return gradients
    single = [_single(w) for w in weights]
    direction = list(torch._foreach_mul(single, single))
    torch._foreach_mul_(direction, [_single(g) for g in gradients])
    return direction


def _length(parts: list[Tensor]) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(torch.stack(parts))
    return norm


def _sum_type(gradients: list[Tensor]) -> torch.dtype:
    return torch.float64 if any(g.dtype is torch.float64 for g in gradients) else torch.float32


def _single(t: Tensor) -> Tensor:
    return t.float() if t.dtype in NARROW else t
