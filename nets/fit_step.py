r"""One step of `fit`: any torch optimiser, SAM in two passes, m-SAM; accumulation and clipping in each.

With mini-batches b of sizes n_b, and n their sum, the loss of a step is sum_b (n_b/n) l_b. SAM takes its gradient at w
and again at w^p. m-SAM splits one mini-batch into micro-batches j with an ascent each, and steps along
sum_j (n_j/n) grad l_j(w + rho grad l_j(w)/|grad l_j(w)|) (Foret et al., 2021). Clipping acts on what the base optimiser
is given, never on the ascent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from saddlecheck.nets.batches import Batch, Loss, tensors
from saddlecheck.nets.derivatives import evaluated
from saddlecheck.nets.fit_config import FitConfig
from saddlecheck.nets.randomness import same_draws
from saddlecheck.nets.sam import SAM


def step(model: nn.Module, loss: Loss, optimiser: Optimizer, batches: Sequence[Batch], config: FitConfig) -> Tensor:
    """Take one step on some mini-batches.

    Args:
        model: in train mode.
        loss: maps the model's output and the targets to a scalar, a mean over the samples.
        optimiser: SAM, or any other of torch's.
        batches: those of this step.
        config: clipping, micro-batches, random numbers.

    Returns:
        The loss at w, detached.

    Raises:
        ValueError: micro-batches without SAM, or with another ascent.
        FloatingPointError: SAM met a gradient that is not finite; the weights are at w.
    """
    if config.micro_batch is not None:
        if not isinstance(optimiser, SAM):
            raise ValueError("micro_batch is SAM's: take saddlecheck.nets.SAM, or leave it out.")
        if not optimiser.is_plain:
            raise ValueError("micro_batch is for SAM's own ascent at every step: leave it out, or `ascent` and `when`.")
        return _micro_step(model, loss, optimiser, batches[0], config)

    def closure() -> Tensor:
        return _backward(model, loss, batches)

    optimiser.zero_grad()
    if not isinstance(optimiser, SAM):
        found = closure()
        _clip(optimiser, config)
        optimiser.step()
        return found
    both = same_draws(closure) if config.same_draws else closure
    value: Tensor
    try:
        value = optimiser.take_gradients(both)
        _clip(optimiser, config)
        optimiser.second_step(zero_grad=True)
    finally:
        optimiser.restore()
    return value


def _micro_step(model: nn.Module, loss: Loss, optimiser: SAM, batch: Batch, config: FitConfig) -> Tensor:
    """m-SAM: an ascent a micro-batch, one base step along the mean of the gradients at their w^p."""
    total: list[Tensor | None] = []  # None for frozen and unused weights, which stay where they are
    value = torch.zeros((), device=next(tensors((batch.targets, batch.inputs))).device)
    for part, share in parts(batch, config.micro_batch or batch.size):

        def closure(part: Batch = part) -> Tensor:
            return _backward(model, loss, [part])

        both = same_draws(closure) if config.same_draws else closure
        optimiser.zero_grad()
        try:
            value = value + share * both()
            optimiser.first_step(zero_grad=True)
            both()
        finally:
            optimiser.restore()
        slopes = [None if p.grad is None else p.grad * share for p in optimiser.leaves()]
        total = [_sum(a, b) for a, b in zip(total or [None] * len(slopes), slopes, strict=True)]
    for p, slope in zip(optimiser.leaves(), total, strict=True):
        p.grad = slope
    _clip(optimiser, config)
    optimiser.live()  # with flat buffers the gradients have to be gathered
    optimiser.base_optimizer.step()
    optimiser.zero_grad()
    return value


def parts(batch: Batch, size: int) -> Iterator[tuple[Batch, float]]:
    """A batch cut into pieces of `size` samples along the first dimension of its tensors, with their shares of it."""
    if any(t.dim() == 0 or len(t) != batch.size for t in tensors((batch.inputs, batch.targets))):
        raise ValueError("a batch whose tensors differ in their first dimension cannot be cut into micro-batches.")
    for start in range(0, batch.size, size):
        end = min(start + size, batch.size)
        cut: Callable[[Tensor], Tensor] = lambda t, start=start, end=end: t[start:end]  # type: ignore[misc]  # noqa: E731
        piece = batch.moved(cut)
        yield Batch(piece.inputs, piece.targets, end - start), (end - start) / batch.size


def _backward(model: nn.Module, loss: Loss, batches: Sequence[Batch]) -> Tensor:
    """Add the gradient of the mini-batches' mean loss to the weights' gradients; returns that loss."""
    samples = sum(b.size for b in batches)
    total: Tensor | None = None
    for batch in batches:
        value = evaluated(model, loss, batch)
        if not isinstance(value, Tensor) or value.numel() != 1 or not value.requires_grad:
            got = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
            why = "" if not isinstance(value, Tensor) or value.numel() != 1 else " that depends on no trainable weight"
            raise ValueError(f"the loss is a mean over the samples, one number that has a gradient; got {got}{why}.")
        if value.is_complex():
            raise ValueError("the loss is complex, and only a real number has a least value: take its abs() or .real.")
        value = value.reshape(()) * (batch.size / samples)
        value.backward()  # type: ignore[no-untyped-call]  # torch's own annotation
        total = value.detach() if total is None else total + value.detach()
    assert total is not None
    return total


def _clip(optimiser: Optimizer, config: FitConfig) -> None:
    """Clip what the optimiser steps along: weights of the model that it does not train have no part in the norm."""
    if config.clip is not None:
        grouped = (p for group in optimiser.param_groups for p in group["params"])
        weights = list(optimiser.leaves() if isinstance(optimiser, SAM) else grouped)
        if any(p.grad is not None and p.grad.layout is not torch.strided for p in weights):
            raise ValueError("torch clips no sparse gradient: use sparse=False, or leave `clip` out.")
        clip_grad_norm_(weights, config.clip)


def _sum(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    return b if a is None else a if b is None else a + b
