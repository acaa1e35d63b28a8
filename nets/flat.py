"""One contiguous buffer for all the weights of a parameter group, and one for their gradients.

A small or narrow network spends its optimiser step on the overhead of a kernel call a tensor. Here every
weight is a view of one long vector: a norm, a perturbation, a restore and a base step are one kernel each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.parameter import is_lazy


class FlatBuffer:
    """The weights of one group as views of `weights`, shape (n,); their gradients as views of `weights.grad`.

    Layouts are kept: a channels-last filter stays channels-last inside the buffer.

    Raises:
        ValueError: the weights differ in dtype, or one of them is not dense in memory.
    """

    def __init__(self, parameters: Sequence[Parameter]) -> None:
        self.parameters = [p for p in parameters if p.requires_grad]
        self._frozen = [p for p in parameters if not p.requires_grad]
        _check(self.parameters)
        first, size = self.parameters[0], sum(p.numel() for p in self.parameters)
        self.weights = Parameter(torch.empty(size, dtype=first.dtype, device=first.device))
        self._addresses: list[int] = []  # of the weights within the buffer; empty where they are yet to be put there
        self._bind()

    def __getstate__(self) -> dict[str, Any]:
        return {"parameters": self.parameters, "weights": self.weights, "_frozen": self._frozen}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A copy's weights are tensors of their own: they become views of its buffer when it is next used."""
        self.__dict__.update(state)
        self._addresses = []

    def _bind(self) -> None:
        """Make the weights and their gradients views of the two long vectors, with the values that they have."""
        flat, flat_gradient = self.weights.detach(), torch.zeros_like(self.weights)
        self.weights.grad = flat_gradient
        self._flat_gradient = flat_gradient
        self._gradients: list[Tensor] = []
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
            RuntimeError: a weight has left the buffer, for example through `model.to(...)`, or one that was frozen when
                the buffer was made is trained now.
            ValueError: a gradient is sparse.
        """
        if any(p.requires_grad for p in self._frozen):
            raise RuntimeError(
                "a weight that was frozen when its flat buffer was made is to be trained now, and is not in it: build "
                "the optimiser after unfreezing, or use flat=False."
            )
        if not self._addresses:
            self._bind()
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

    def tell_graphs(self) -> None:
        """Have torch refuse graphs that saved an earlier value of a weight: a change of the buffer shows in no view."""
        torch.autograd.graph.increment_version(self.parameters)


def _check(parameters: list[Parameter]) -> None:
    """Raise ValueError for weights that cannot share a buffer."""
    if not parameters:
        raise ValueError("a flat buffer needs a weight that requires a gradient: the group has none.")
    if any(is_lazy(p) for p in parameters):
        raise ValueError(
            "a weight of a lazy layer has no shape yet and cannot become a view of a flat buffer: call the model once, "
            "then build the optimiser."
        )
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
