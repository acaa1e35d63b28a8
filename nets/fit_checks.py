"""What `fit` refuses before it trains, by name: what would not be trained, or not as its words say."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer

from saddlecheck.nets.batches import Loss
from saddlecheck.nets.sam import SAM

Metric = Callable[[Any, Any], Tensor | float]  # (output, targets) -> mean over the batch


def check(model: nn.Module, loss: Loss, optimiser: Optimizer, metrics: Mapping[str, Metric]) -> None:
    """Raise ValueError for an optimiser, a loss or a metric with which `fit` would not do what it says."""
    if not isinstance(optimiser, Optimizer):
        raise ValueError(  # noqa: TRY004  bad input is a ValueError here
            f"the optimiser is saddlecheck.nets.SAM or one of torch's, got {type(optimiser).__name__}."
        )
    if isinstance(optimiser, torch.optim.LBFGS):
        raise ValueError(  # noqa: TRY004  the type is right, it is this optimiser that has no such step
            "LBFGS evaluates a closure, and fit gives it none: use SGD, Adam or the like."
        )
    for group in optimiser.param_groups:
        if not 0.0 <= float(group["lr"]) < math.inf:
            raise ValueError(f"a learning rate is a finite number >= 0, got {float(group['lr'])}.")
    if all(float(group["lr"]) == 0.0 for group in optimiser.param_groups):
        raise ValueError("every learning rate is 0, so that nothing would be trained: give one above 0.")
    for name, metric in metrics.items():
        if not callable(metric):
            raise ValueError(  # noqa: TRY004  bad input is a ValueError here
                f"the metric {name} is a function of output and targets, got {type(metric).__name__}."
            )
    if "loss" in metrics:
        raise ValueError("a metric is called loss, which is the loss's own name: call it otherwise.")
    if any(is_lazy(p) for p in model.parameters()):
        raise ValueError("a lazy layer has no weights yet: call the model on one batch before the optimiser is made.")
    trained = (
        optimiser.leaves() if isinstance(optimiser, SAM) else (p for g in optimiser.param_groups for p in g["params"])
    )
    if {id(p) for p in trained}.isdisjoint(id(p) for p in model.parameters() if p.requires_grad):
        raise ValueError(
            "the optimiser holds none of the model's trainable weights: make it of model.parameters(), after copying, "
            "moving and unfreezing the model."
        )
    reduction = getattr(loss, "reduction", getattr(loss, "keywords", {}).get("reduction", "mean"))
    if reduction in ("sum", "none"):
        raise ValueError(f"the loss is a mean over the samples, this one has reduction={reduction!r}: use 'mean'.")


def one_number(name: str, value: Any) -> float:
    """What a loss or a metric has returned, as a number. Raises ValueError, with its name, for anything else."""
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError) as error:
        got = f"a tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
        raise ValueError(f"{name} is one number, a mean over the batch; got {got}.") from error
