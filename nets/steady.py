"""Whether a model's loss is one fixed function of its weights: what has no Hessian is refused, and nothing is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from nets.randomness import kept_random_state, random_state


def require_steady_layers(model: nn.Module) -> None:
    """Raise ValueError for layers whose mode makes the loss random or couples the samples."""
    for name, layer in model.named_modules():
        if not layer.training:
            continue
        if isinstance(layer, _BatchNorm):
            what = "batch normalisation couples the samples of a batch and moves its running statistics"
        elif isinstance(layer, _DropoutNd) and layer.p > 0.0:
            what = "dropout draws another mask at each call"
        elif isinstance(layer, nn.RNNBase | nn.MultiheadAttention) and layer.dropout > 0.0:
            what = "its dropout draws another mask at each call"
        else:
            continue
        raise ValueError(
            f"{name or 'the model'} ({type(layer).__name__}) is in train mode, where {what}: call model.eval() first."
        )


def require_one_value(model: nn.Module, value: Callable[[], Tensor]) -> Tensor:
    """The loss, evaluated twice under guard.

    Args:
        model: whose buffers must not move.
        value: evaluates the loss.

    Raises:
        ValueError: the loss is no finite real scalar; it draws random numbers; it changes a buffer or its own value.
            Buffers and the global random state are put back first.
    """
    with torch.no_grad(), kept_random_state(), _kept_buffers(model) as moved:
        before = random_state()
        first = value()
        drew = random_state() != before
        second = value() if isinstance(first, Tensor) and first.dim() == 0 else first
        changed = moved()
    if not isinstance(first, Tensor):
        raise ValueError(  # noqa: TRY004  it is the value that is wrong
            f"the loss must be one number, got {type(first).__name__}: return a tensor without dimensions."
        )
    if first.dim() != 0:
        raise ValueError(f"the loss must be one number, got shape {tuple(first.shape)}: take a mean or a sum.")
    if first.is_complex() or not first.is_floating_point():
        raise ValueError(f"the loss must be a real floating-point number, got {first.dtype}.")
    if not torch.isfinite(first):
        raise ValueError(f"the loss is {float(first)}: there is no Hessian of it.")
    if drew:
        raise ValueError("the loss draws random numbers: call model.eval(), and switch off stochastic layers.")
    if changed:
        raise ValueError(f"the forward pass changes the buffer {changed}: call model.eval(), so that it stays.")
    if not torch.equal(first, second):
        raise ValueError(
            f"the loss changes between two calls ({float(first)} and {float(second)}): call model.eval(), so that "
            "dropout and batch statistics do not enter."
        )
    return first


@contextmanager
def _kept_buffers(model: nn.Module) -> Iterator[Callable[[], str | None]]:
    """Yields a function that names a buffer which has moved; puts all of them back at the end."""
    buffers = dict(model.named_buffers())
    copies = {name: b.detach().clone() for name, b in buffers.items()}

    def moved() -> str | None:
        same = {name: torch.equal(b, copies[name]) or _both_nan(b, copies[name]) for name, b in buffers.items()}
        return next((name for name, equal in same.items() if not equal), None)

    try:
        yield moved
    finally:
        for name, b in buffers.items():
            if not torch.equal(b, copies[name]):
                b.copy_(copies[name])


def _both_nan(a: Tensor, b: Tensor) -> bool:
    return a.is_floating_point() and torch.allclose(a, b, rtol=0.0, atol=0.0, equal_nan=True)
