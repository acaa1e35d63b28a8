"""Whether a model's loss is one fixed function of its weights: what has no Hessian is refused, and nothing is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from saddlecheck.nets.randomness import kept_random_state, own_generators, random_state


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


def require_one_value(modules: list[nn.Module], value: Callable[[], Tensor]) -> Tensor:
    """The loss, evaluated twice under guard.

    Args:
        modules: the model, and the loss if it is a module: their tensors must not move.
        value: evaluates the loss.

    Returns:
        The value of the first evaluation, a scalar with its graph.

    Raises:
        ValueError: the loss is no finite real scalar; it draws random numbers; it changes a weight, a buffer or its
            own value. Tensors and the global random state are put back first.
    """
    own = own_generators(layer for module in modules for layer in module.modules())
    with kept_random_state(), _kept_tensors(modules) as moved:
        before = random_state(own)
        first = _detached(value())
        drew = random_state(own) != before
        second = _detached(value()) if isinstance(first, Tensor) and first.dim() == 0 else first
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
        raise ValueError(f"the forward pass changes {changed}: call model.eval(), so that it stays.")
    if not torch.equal(first, second):
        raise ValueError(
            f"the loss changes between two calls ({float(first)} and {float(second)}): call model.eval(), so that "
            "dropout and batch statistics do not enter."
        )
    return first


@contextmanager
def _kept_tensors(modules: list[nn.Module]) -> Iterator[Callable[[], str | None]]:
    """Yields a function that names a weight or buffer which has moved or was replaced; puts all back at the end."""
    kept = [
        (f"the {word} {f'{path}.' if path else ''}{key}", registry, key, tensor, tensor.detach().clone())
        for module in modules
        for path, layer in module.named_modules()
        for word, registry in (("weight", layer._parameters), ("buffer", layer._buffers))
        for key, tensor in registry.items()
        if isinstance(tensor, Tensor)
    ]

    def moved() -> str | None:
        return next((n for n, registry, k, t, copy in kept if not _holds(registry, k, t) or not _same(t, copy)), None)

    try:
        yield moved
    finally:
        for _, registry, key, tensor, copy in kept:
            registry[key] = tensor  # the object that was there
            if not _same(tensor, copy):
                tensor.data.copy_(copy)


def _holds(registry: Any, key: str, tensor: Tensor) -> bool:
    return key in registry and registry[key] is tensor  # TorchScript's registries have no `get`


def _same(a: Tensor, b: Tensor) -> bool:
    if a.shape != b.shape:
        return False
    return torch.equal(a, b) or (
        a.is_floating_point() and torch.allclose(a.detach(), b, rtol=0.0, atol=0.0, equal_nan=True)
    )


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else value
