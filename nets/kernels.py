"""Which of PyTorch's kernels are used where a loss is differentiated twice: those with a right second derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from saddlecheck.nets.batches import tensors


def _weight_norm(v: Tensor, g: Tensor, dim: int = 0) -> Tensor:
    """G v / |v| in elementary operations: the fused kernel's second derivative is wrong (torch 2.13, CPU)."""
    return v * (g / torch.norm_except_dim(v, 2, dim))


class _Elementary(TorchFunctionMode):
    """Puts compositions of elementary operations in the place of fused functions."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        chosen = _weight_norm if func is torch._weight_norm else func
        return chosen(*args, **(kwargs or {}))


@contextmanager
def differentiable(model: nn.Module) -> Iterator[None]:
    """Attention and weight norm in elementary operations, recurrent layers without cuDNN."""
    recurrent = any(isinstance(layer, nn.RNNBase) for layer in model.modules())
    before = torch.backends.cudnn.enabled
    with sdpa_kernel(SDPBackend.MATH), _Elementary():
        try:
            if recurrent:
                torch.backends.cudnn.enabled = False
            yield
        finally:
            torch.backends.cudnn.enabled = before


class _Types(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's own
    """Notes the floating-point types of all results."""

    def __init__(self, seen: set[torch.dtype]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's own
        self._seen = seen

    def __torch_dispatch__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        self._seen |= {t.dtype for t in tensors(result) if t.is_floating_point()}
        return result


@contextmanager
def computed_types() -> Iterator[set[torch.dtype]]:
    """Collects the floating-point types in which something is computed."""
    seen: set[torch.dtype] = set()
    with _Types(seen):
        yield seen
