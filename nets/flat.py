"""One contiguous buffer for all the weights of a parameter group, and one for their gradients.

A small or narrow network spends its optimiser step on the overhead of a kernel call a tensor. Here every
weight is a view of one long vector: a norm, a perturbation, a restore and a base step are one kernel each.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import Parameter


class FlatBuffer:
    """The weights of one group as views of `weights`, shape (n,); their gradients as views of `weights.grad`.

    Layouts are kept: a channels-last filter stays channels-last inside the buffer.

    Raises:
        ValueError: the weights differ in dtype, or one of them is not dense in memory.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters = list(parameters)
        _check(self.parameters)
        first, size = self.parameters[0], sum(p.numel() for p in self.parameters)
        self.weights = Parameter(torch.empty(size, dtype=first.dtype, device=first.device))
        flat, flat_gradient = self.weights.detach(), torch.zeros_like(self.weights)
        self.weights.grad = flat_gradient
        self._flat_gradient = flat_gradient
        self._gradients: list[Tensor] = []
        self._addresses: list[int] = []
        offset = 0
        for p in self.parameters:
            view = flat.as_strided(p.shape, p.stride(), offset)
            view.copy_(p.detach())
            gradient = flat_gradient.as_strided(p.shape, p.stride(), offset)
            if p.grad is not None:
                gradient.copy_(p.grad)
            p.data, p.grad = view, gradient
            self._gradients.append(gradient)
            self._addresses.append(p.data_ptr())
            offset += p.numel()

    def gather(self) -> None:
        """Bring gradients that were replaced, say by `model.zero_grad()`, back into the buffer.

        Raises:
            RuntimeError: a weight has left the buffer, for example through `model.to(...)`.
            ValueError: a gradient is sparse.
        """
        for p, gradient, address in zip(self.parameters, self._gradients, self._addresses, strict=True):
            if p.data_ptr() != address:
                raise RuntimeError(
                    f"a weight of shape {tuple(p.shape)} has left its flat buffer, as model.to(...) makes it do: "
                    "move the model first and build the optimiser afterwards."
                )
            if p.grad is gradient:
                continue
            if p.grad is None:
                gradient.zero_()
            elif p.grad.layout is not torch.strided:
                raise ValueError("SAM needs dense gradients, got a sparse one: use sparse=False.")
            else:
                gradient.copy_(p.grad)
            p.grad = gradient

    def zero(self) -> None:
        """Set every gradient to zero, in place: None would tear the views from the buffer."""
        self.gather()
        self._flat_gradient.zero_()


def _check(parameters: list[Parameter]) -> None:
    """Raise ValueError for weights that cannot share a buffer."""
    if not parameters:
        raise ValueError("a flat buffer needs a weight that requires a gradient: the group has none.")
    for p in parameters:
        if p.dtype != parameters[0].dtype:
            raise ValueError(
                f"one flat buffer holds one dtype, but the group mixes {parameters[0].dtype} and {p.dtype}: "
                "make a parameter group for each."
            )
        # preserve_format keeps the strides exactly when the tensor is dense and does not overlap itself.
        if torch.empty_like(p).stride() != p.stride():
            raise ValueError(
                f"a weight of shape {tuple(p.shape)} with strides {p.stride()} is not dense in memory and "
                "cannot become a view of a flat buffer: call contiguous() on it first."
            )
