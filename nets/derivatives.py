"""First and second derivatives of a batch's loss in the weights, by autograd."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from saddlecheck.nets.batches import Batch, Loss, call
from saddlecheck.nets.kernels import differentiable


def evaluated(model: nn.Module, loss: Loss, batch: Batch) -> Tensor:
    """The loss of a batch, with a graph: models may differentiate on their way."""
    with torch.enable_grad():
        return loss(call(model, batch.inputs), batch.targets)


def gradient(
    model: nn.Module, loss: Loss, batch: Batch, weights: Sequence[Tensor], *, create_graph: bool = False
) -> tuple[Tensor, list[Tensor]]:
    """(loss, its gradient, a tensor a weight); zeros for weights that the loss does not use.

    Returns:
        The loss without its graph, and the gradient, a tensor a weight; with `create_graph` the gradient keeps its own.

    Raises:
        ValueError: autograd has no gradient of it.
    """
    value = evaluated(model, loss, batch)
    if not value.requires_grad:
        raise ValueError(
            "autograd sees no path from the loss to the trainable weights (inference_mode, no_grad, detach, argmax or "
            "item): its gradient is unknown."
        )
    try:
        parts = torch.autograd.grad(value, list(weights), create_graph=create_graph, allow_unused=True)
    except (RuntimeError, NotImplementedError) as error:
        raise ValueError(f"the loss cannot be differentiated: {_first_line(error)}") from error
    if any(g is not None and g.layout is not torch.strided for g in parts):
        raise ValueError("a weight has a sparse gradient, which has no dense Hessian here: use sparse=False.")
    filled = [torch.zeros_like(p) if g is None else g for g, p in zip(parts, weights, strict=True)]
    return value.detach(), filled


def mean_gradient(
    model: nn.Module, loss: Loss, batches: Iterable[Batch], weights: Sequence[Tensor]
) -> tuple[float, list[Tensor]]:
    """Mean loss over the samples of all batches, and its gradient in double precision."""
    total, samples = 0.0, 0
    slope: list[Tensor] = []
    for batch in batches:
        value, parts = gradient(model, loss, batch, weights)
        total += float(value) * batch.size
        samples += batch.size
        wide = [g.double() * batch.size for g in parts]
        slope = wide if not slope else [a + b for a, b in zip(slope, wide, strict=True)]
    return total / samples, [g / samples for g in slope]


def pulled(model: nn.Module, slope: Sequence[Tensor], weights: Sequence[Tensor], v: Sequence[Tensor]) -> list[Tensor]:
    """The derivative of slope . v in the weights, a tensor a weight; zero where the slope does not depend on them.

    Args:
        model: to which the weights belong.
        slope: a gradient with its graph, which is kept.
        weights: w.
        v: a direction, a tensor a weight.

    Returns:
        Detached tensors, one a weight, each of its weight's shape.

    Raises:
        ValueError: a formula has no second derivative in torch.
    """
    pairs = [(g, part.to(g.dtype)) for g, part in zip(slope, v, strict=True) if g.requires_grad]
    if not pairs:
        return [torch.zeros_like(p) for p in weights]
    try:
        with differentiable(model):
            images = torch.autograd.grad(
                [g for g, _ in pairs], list(weights), [u for _, u in pairs], retain_graph=True, allow_unused=True
            )
    except (RuntimeError, NotImplementedError) as error:
        raise ValueError(f"the loss cannot be differentiated twice: {_first_line(error)}") from error
    return [torch.zeros_like(p) if h is None else h.detach() for h, p in zip(images, weights, strict=True)]


def hessian_product(
    model: nn.Module, loss: Loss, batch: Batch, weights: Sequence[Tensor], v: Sequence[Tensor]
) -> list[Tensor]:
    """H v on one batch with a graph of its own, a tensor a weight."""
    with differentiable(model):
        slope = gradient(model, loss, batch, weights, create_graph=True)[1]
    return pulled(model, slope, weights, v)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0]
