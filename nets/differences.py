"""Central differences of a model's loss and gradient along a direction, in double precision where that can be had."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from saddlecheck.nets.batches import Batch, Loss
from saddlecheck.nets.derivatives import evaluated, mean_gradient
from saddlecheck.nets.kernels import computed_types
from saddlecheck.nets.randomness import drawn_apart

STEPS = {torch.float64: 4e-6, torch.float32: 4e-3}  # of |w|; narrower types leave no room for differences
ROUNDING = 2.0**13  # units of the last place that a result may err by: sums of some thousand terms


@dataclass(frozen=True)
class Setting:
    """Where differences are taken: model, loss, batches, weights, and the precision in which that computes."""

    model: nn.Module
    loss: Loss
    batches: Callable[[], Iterable[Batch]]
    weights: list[Tensor]
    dtype: torch.dtype

    @property
    def eps(self) -> float:
        """Unit roundoff of that precision."""
        return torch.finfo(self.dtype).eps


@dataclass(frozen=True)
class Differences:
    """Central differences of the gradient, shape (n,), and of the loss for one step; the rounding noise of each.

    Attributes:
        kink: difference of the loss's two one-sided slopes, of order h where it is smooth.
        bend: norm of the difference of the gradient's two one-sided slopes, of order h where the gradient is smooth.
    """

    slope: Tensor
    value: float
    noise: float
    value_noise: float
    kink: float
    bend: float


def differences(
    at: Setting, direction: Sequence[Tensor], share: float, middle: tuple[float, Sequence[Tensor]]
) -> Differences:
    """Differences for the step `share` of the precision's own; middle: the loss and its gradient at w."""
    length = _norm(at.weights) or 1.0
    h = share * STEPS[at.dtype] * length
    found = []
    for sign in (1.0, -1.0):
        with _displaced(at.weights, direction, sign * h):
            value, parts = mean_gradient(at.model, at.loss, at.batches(), at.weights)
            found.append((value, torch.cat([g.reshape(-1) for g in parts])))
    (up, g_up), (down, g_down) = found
    value_there, g_there = middle[0], torch.cat([g.reshape(-1) for g in middle[1]])
    slope = (g_up - g_down) / (2 * h)
    # Terms of a gradient that cancel: those of a smooth nonnegative loss l are at most (2 l |H|)^(1/2), and moving a
    # weight by its rounding changes the gradient by |H| eps |w|; |H v| stands for |H|.
    size = float(slope.norm())
    terms = float(g_up.norm() + g_down.norm()) + math.sqrt(2 * max(abs(up), abs(down)) * size) + size * length
    return Differences(
        slope=slope,
        value=(up - down) / (2 * h),
        noise=64 * at.eps * terms / h,
        value_noise=64 * at.eps * (abs(up) + abs(down)) / h,
        kink=abs(up - 2 * value_there + down) / h,
        bend=float((g_up - 2 * g_there + g_down).norm()) / h,
    )


def in_double(own: Setting) -> Setting | None:
    """The setting in double precision; None where it cannot be had or does not follow the weights' copies."""

    def widened(t: Tensor) -> Tensor:
        return t.double() if t.is_floating_point() else t

    def batches() -> Iterable[Batch]:
        return (batch.moved(widened) for batch in own.batches())

    try:
        # In one copy, so that a loss that holds the model holds the copy of it.
        model, loss = copy.deepcopy((own.model, own.loss if isinstance(own.loss, nn.Module) else None))
        model = model.double()
        criterion: Any = own.loss if loss is None else loss.double()
        first = next(iter(batches()))
        with torch.enable_grad():
            value = evaluated(model, criterion, first)
            original = evaluated(own.model, own.loss, next(iter(own.batches())))
            elsewhere = torch.autograd.grad(value, own.weights, allow_unused=True, retain_graph=True)
    except Exception:
        # A tensor of fixed dtype in the model or the loss, a device without double precision, or a class that cannot
        # be copied, whatever it raises: then the differences are taken in the weights' own precision.
        return None
    there, here = float(value.detach()), float(original.detach())
    same = abs(there - here) <= ROUNDING * own.eps * abs(here) + torch.finfo(original.dtype).tiny
    if value.dtype is not torch.float64 or any(g is not None for g in elsewhere) or not same:
        return None  # a penalty on the original's weights in the loss, say
    weights: list[Tensor] = [p for p in model.parameters() if p.requires_grad]
    dtype = computes_in(model, criterion, batches, weights)
    return Setting(model, criterion, batches, weights, dtype) if dtype is torch.float64 else None


def computes_in(
    model: nn.Module, loss: Loss, batches: Callable[[], Iterable[Batch]], weights: Sequence[Tensor]
) -> torch.dtype:
    """The coarsest floating-point type of the weights and of what is computed on the way to the loss."""
    with computed_types() as seen:
        evaluated(model, loss, next(iter(batches())))
    return max((*seen, *(p.dtype for p in weights)), key=lambda d: torch.finfo(d).eps)


@contextmanager
def _displaced(weights: Sequence[Tensor], direction: Sequence[Tensor], h: float) -> Iterator[None]:
    """Weights at w + h v; back at w, bit by bit, at the end. Through `.data`: graphs that hold them stay valid."""
    copies = [p.detach().clone() for p in weights]
    try:
        for p, d in zip(weights, direction, strict=True):
            p.data.add_(d.to(p), alpha=h)
        yield
    finally:
        for p, saved in zip(weights, copies, strict=True):
            p.data.copy_(saved)


def direction_of(model: nn.Module, weights: Sequence[Tensor], seed: int) -> list[Tensor]:
    """A random unit vector; each tensor's share is its own norm, or the weights' mean size where that is 0.

    It is 0 on an embedding's padding row, which by definition has no gradient although the loss may depend on it.

    Returns:
        A tensor a weight, of its shape and on its device; the squares of all entries sum to 1.
    """
    generator = drawn_apart(seed)
    parts = [torch.randn(p.shape, generator=generator, dtype=torch.float64) for p in weights]
    mean = (_norm(weights) or 1.0) / math.sqrt(sum(p.numel() for p in weights))
    padding = {
        id(layer.weight): layer.padding_idx
        for layer in model.modules()
        if isinstance(layer, nn.Embedding | nn.EmbeddingBag) and layer.padding_idx is not None
    }
    for part, p in zip(parts, weights, strict=True):
        if id(p) in padding:
            part[padding[id(p)]] = 0.0
        part *= max(_norm([p]) / math.sqrt(max(p.numel(), 1)), 1e-3 * mean)
    total = _norm(parts) or 1.0
    return [(part / total).to(p.device) for part, p in zip(parts, weights, strict=True)]


def _norm(tensors: Sequence[Tensor]) -> float:
    return math.sqrt(sum(float(t.detach().double().square().sum()) for t in tensors))


def promoted(weights: Sequence[Tensor]) -> torch.dtype:
    """The type that holds all of the weights' types."""
    dtype = weights[0].dtype
    for p in weights:
        dtype = torch.promote_types(dtype, p.dtype)
    return dtype
