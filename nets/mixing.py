"""SAM whose step is along a combination of the gradients at w and at w^p: GSAM, LookSAM, WSAM, a penalty."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from saddlecheck.nets.ascent import Live
from saddlecheck.nets.ascent_memory import Memory
from saddlecheck.nets.climbing import Ascent
from saddlecheck.nets.rounding import NARROW
from saddlecheck.nets.wrapper import WrappedOptimizer


@dataclass(frozen=True)
class _Mixing(Ascent):
    """SAM's ascent, with the gradient at w handed to the second pass."""

    mixes: ClassVar[bool] = True
    steps_along_first: ClassVar[bool] = True

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """The gradient, which is kept for the descent."""
        memory.hand_over("gradient", live)
        return live


@dataclass(frozen=True)
class GSAM(_Mixing):
    r"""GSAM, surrogate gap (attributed to Zhuang et al., 2022): the step is along $g_p - \alpha g_\perp$.

    $g_\perp = g - (g\cdot g_p/|g_p|^2)\,g_p$, over all groups together. The paper's schedule of rho is the user's:
    set `rho` of the groups.

    Args:
        alpha: how much of the part of g orthogonal to g_p is taken away.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import GSAM, SAM
        >>> w = torch.nn.Parameter(torch.tensor([1.0, 1.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=1.0, rho=1.0, normalised=False, ascent=GSAM(0.5))
        >>> def closure():
        ...     loss = (w[0] ** 2 + 2 * w[1] ** 2) / 2  # g = (1, 2), at w^p (2, 6)
        ...     loss.backward()
        ...     return loss
        >>> _ = optimiser.step(closure)
        >>> [round(v, 9) for v in w.tolist()]  # g_perp = (0.3, -0.1)
        [-0.85, -5.05]
    """

    alpha: float = 0.4

    def __post_init__(self) -> None:
        _require_finite("GSAM's alpha", self.alpha)

    def descend(self, live: list[Live], memory: Memory, *, climbed: bool) -> None:
        """Take the orthogonal part away: (1 + alpha c) g_p - alpha g with c = g.g_p / |g_p|^2."""
        if not climbed:
            return
        before = [memory.from_before("gradient", weights) for _, weights, _ in live]
        c = _share_of(before, live)
        for g, (_, _, perturbed) in zip(before, live, strict=True):
            _combine(perturbed, 1.0 + self.alpha * c, g, -self.alpha)


@dataclass(frozen=True)
class LookSAM(_Mixing):
    r"""LookSAM (attributed to Liu et al., 2022): steps that do not climb reuse how the last ascent turned the gradient.

    On a step of SAM $v = g_p - (g_p\cdot g/|g|^2)\,g$ is kept; the steps that `when` leaves out are along
    $g + \alpha\,(|g|/|v|)\,v$ and cost one pass. Products and norms are over all groups together. Where g_p is parallel
    to g the formula is 0/0, and v is what rounding has left: up to 16 roundings of |g_p| nothing is reused.

    Args:
        alpha: weight of what is reused.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, Every, LookSAM
        >>> w = torch.nn.Parameter(torch.tensor([1.0, 1.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=0.5, ascent=LookSAM(0.7), when=Every(2))
        >>> passes = []
        >>> def closure():
        ...     loss = (w[0] ** 2 + 2 * w[1] ** 2) / 2
        ...     loss.backward()
        ...     passes.append(loss.item())
        ...     return loss
        >>> for _ in range(4):
        ...     _ = optimiser.step(closure)
        >>> len(passes)
        6
    """

    alpha: float = 0.7

    def __post_init__(self) -> None:
        _require_finite("LookSAM's alpha", self.alpha)

    def check(self, optimiser: WrappedOptimizer, *, always: bool) -> None:
        """Raise ValueError where every step climbs."""
        if always:
            raise ValueError("LookSAM is about the steps that do not climb: pass when=Every(5), --every 5.")

    def descend(self, live: list[Live], memory: Memory, *, climbed: bool) -> None:
        """Keep v, or reuse it."""
        if climbed:
            before = [memory.from_before("gradient", weights) for _, weights, _ in live]
            kept = [(h, ws, g) for (h, ws, _), g in zip(live, before, strict=True)]
            c = _share_of([_wide(gp) for _, _, gp in live], kept)
            turned: list[Live] = []
            for g, (group, weights, perturbed) in zip(before, live, strict=True):
                v = _wide(perturbed, copy=True)
                _combine(v, 1.0, g, -c)
                turned.append((group, weights, v))
            # v is a difference of two vectors no longer than |g_p|; each entry carries a few roundings of them.
            eps = max(torch.finfo(g.dtype).eps for _, _, gs in live for g in gs)
            known = _norm([v for _, _, v in turned]) > 16 * eps * _norm([gp for _, _, gp in live])
            for _, _, v in turned:
                torch._foreach_mul_(v, known.to(v[0].device, v[0].dtype))
            memory.keep("turn", turned)
            return
        turns = [memory.of("turn", weights) for _, weights, _ in live]
        length = _norm(turns)
        factor = torch.where(length > 0.0, self.alpha * _norm([g for _, _, g in live]) / length, 0.0)
        for v, (_, _, gradients) in zip(turns, live, strict=True):
            _combine(gradients, 1.0, v, factor)


@dataclass(frozen=True)
class WeightedSAM(_Mixing):
    r"""The step is along $(1 - s)\,g + s\,g_p$; $s = \gamma/(1 - \gamma)$ is WSAM (attributed to Yue et al., 2023).

    Args:
        share: s.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, WeightedSAM
        >>> w = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=1.0, rho=1.0, normalised=False, ascent=WeightedSAM(0.5))
        >>> def closure():
        ...     loss = (w**2 / 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> _ = optimiser.step(closure)
        >>> w.item()  # 1 - (0.5 * 1 + 0.5 * 2)
        -0.5
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        _require_finite("the share of the gradient at w^p", self.share)

    def descend(self, live: list[Live], memory: Memory, *, climbed: bool) -> None:
        """Mix the two."""
        if climbed:
            for _, weights, perturbed in live:
                _mix(perturbed, memory.from_before("gradient", weights), self.share)


@dataclass(frozen=True)
class GradientPenalty(_Mixing):
    r"""A penalty on the gradient: $\ell + c|\nabla\ell|^2/2$ with constant rho, $\ell + c|\nabla\ell|$ normalised.

    Its gradient by a difference, $g + c\,(g_p - g)/\rho$: on a quadratic exact for every rho, elsewhere off by O(rho):
    $(g_p - g)/\rho = Hd + O(\rho)$ with $d = g$ or $g/|g|$.

    Args:
        weight: c.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, GradientPenalty
        >>> w = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=1.0, rho=0.5, normalised=False, ascent=GradientPenalty(0.25))
        >>> def closure():
        ...     loss = (2 * w**2).sum()  # g = 4, H g = 16
        ...     loss.backward()
        ...     return loss
        >>> _ = optimiser.step(closure)
        >>> w.item()  # 1 - (4 + 0.25 * 16)
        -7.0
    """

    weight: float = 0.1

    def __post_init__(self) -> None:
        _require_finite("the penalty's weight", self.weight)

    def check(self, optimiser: WrappedOptimizer, *, always: bool) -> None:
        """Raise ValueError for rho = 0, a difference over no distance."""
        if not all(float(group["rho"]) > 0.0 for group in optimiser.param_groups):
            raise ValueError("GradientPenalty takes a difference over the distance rho, which has to be above 0.")

    def descend(self, live: list[Live], memory: Memory, *, climbed: bool) -> None:
        """Add the penalty's gradient."""
        if climbed:
            for group, weights, perturbed in live:
                share = self.weight / float(group["rho"]) if group["rho"] > 0.0 else 0.0
                _mix(perturbed, memory.from_before("gradient", weights), share)


def _mix(perturbed: list[Tensor], g: list[Tensor], share: float) -> None:
    """(1 - share) g + share g_p in the place of g_p; share may lie outside [0, 1]."""
    if any(t.dtype in NARROW for t in perturbed):
        _combine(perturbed, share, g, 1.0 - share)
    else:
        torch._foreach_lerp_(perturbed, g, 1.0 - share)


def _combine(a: list[Tensor], factor: float | Tensor, b: list[Tensor], share: float | Tensor) -> None:
    """A <- factor a + share b, in place; a's precision may be lower, and is rounded to once."""
    device = a[0].device
    factor, share = (x.to(device, b[0].dtype) if isinstance(x, Tensor) else x for x in (factor, share))
    if any(t.dtype in NARROW for t in a):
        sums = torch._foreach_add(torch._foreach_mul(_wide(a), factor), torch._foreach_mul(b, share))
        torch._foreach_copy_(a, sums)
        return
    torch._foreach_mul_(a, factor)
    if isinstance(share, Tensor):
        torch._foreach_add_(a, torch._foreach_mul(b, share))
    else:
        torch._foreach_add_(a, b, alpha=share)


def _share_of(a: Sequence[list[Tensor]], live: Sequence[Live]) -> Tensor:
    """a.b / |b|^2 over all groups, b being the gradients of `live`; 0 where b is 0."""
    ab = torch.stack([_dot(x, b).to(a[0][0].device) for x, (_, _, b) in zip(a, live, strict=True)]).sum()
    bb = torch.stack([_dot(b, b).to(a[0][0].device) for _, _, b in live]).sum()
    return torch.where(bb > 0.0, ab / bb, 0.0)


def _dot(a: list[Tensor], b: list[Tensor]) -> Tensor:
    pairs = zip(_wide(a), _wide(b), strict=True)
    return torch.stack([torch.dot(x.reshape(-1), y.reshape(-1)) for x, y in pairs]).sum()


def _norm(groups: Sequence[list[Tensor]]) -> Tensor:
    parts = [torch.linalg.vector_norm(torch.stack(list(torch._foreach_norm(_wide(ts))))) for ts in groups]
    norm: Tensor = torch.linalg.vector_norm(torch.stack([p.to(parts[0].device) for p in parts]))
    return norm


def _wide(tensors: list[Tensor], *, copy: bool = False) -> list[Tensor]:
    """In at least single precision."""
    return [t.float() if t.dtype in NARROW else t.clone() if copy else t for t in tensors]


def _require_finite(name: str, value: float) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{name} is a finite number, got {value}.")
