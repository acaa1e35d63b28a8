"""Mini-batch noise of a model's gradient along a direction, from the slopes of the samples' own losses."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from saddlecheck.nets.batches import Batch, Batches, Data, Loss, call, mapped, tensors
from saddlecheck.nets.kernels import differentiable


@dataclass(frozen=True)
class Noise:
    """Per-sample gradient noise along a unit vector v: variance of v'g_i, |v'Hv|, and their ratio (1 by |H|/B)."""

    variance: float
    curvature: float

    @property
    def ratio(self) -> float:
        """Variance over curvature."""
        return self.variance / self.curvature if self.curvature > 0 else math.inf


def noise_along(model: nn.Module, loss: Loss, data: Data, vector: Tensor, curvature: float) -> Noise | None:
    """The noise along a flat unit vector, shape (n,).

    Args:
        model: with n trainable weights.
        loss: (output, targets) -> scalar, a mean over the samples.
        data: one batch or a loader.
        vector: the direction.
        curvature: v'Hv there.

    Returns:
        None where the samples' losses cannot be told apart: one sample, an output or a target whose first dimension is
        not the sample, or a loss that is no mean of the samples' own.
    """
    slopes: list[Tensor] = []
    for batch in Batches(data):
        found = _slopes(model, loss, batch, vector)
        if found is None:
            return None
        slopes.append(found)
    every = torch.cat(slopes).double()
    return Noise(float(every.var()), abs(curvature)) if len(every) > 1 else None


def _slopes(model: nn.Module, loss: Loss, batch: Batch, vector: Tensor) -> Tensor | None:
    """v'g_i for each sample i, shape (samples,): sum_i u_i g_i . v differentiated in u."""
    weights = [p for p in model.parameters() if p.requires_grad]
    parts = vector.split([p.numel() for p in weights])  # type: ignore[no-untyped-call]  # torch's own
    with differentiable(model), torch.enable_grad():
        output = call(model, batch.inputs)
        leaves = [*tensors(output), *tensors(batch.targets)]
        if any(t.dim() == 0 or len(t) != batch.size for t in leaves):
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a loss of many samples may complain of one
                losses = torch.stack([loss(_only(output, i), _only(batch.targets, i)) for i in range(batch.size)])
        except (RuntimeError, ValueError, IndexError, AssertionError):
            return None  # a loss of several samples at once
        whole = float(loss(output, batch.targets).detach())
        # Rounding of a sum of `size` terms in the loss's own precision.
        budget = 16 * batch.size * torch.finfo(losses.dtype).eps * float(losses.detach().abs().max())
        if losses.dim() != 1 or not abs(float(losses.detach().mean()) - whole) <= budget:
            return None
        u = torch.ones_like(losses, requires_grad=True)
        gradient = torch.autograd.grad(losses, weights, u, create_graph=True, allow_unused=True)
        along = [(g * v.view_as(g)).sum() for g, v in zip(gradient, parts, strict=True) if g is not None]
        (slopes,) = torch.autograd.grad(torch.stack(along).sum(), u)
    return slopes.detach()


def _only(value: Any, i: int) -> Any:
    return mapped(lambda t: t[i : i + 1], value)
