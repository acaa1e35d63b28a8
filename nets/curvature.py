r"""Hessian-vector products of a torch model's loss, by differentiating the gradient once more in reverse.

For weights w and the loss l(w), the mean over all samples, v -> H v is the derivative of w -> grad l(w) . v. Reverse
mode twice goes through the same formulas that training uses, so that recurrent, attention, indexed and Fourier layers
need no rules of their own. Where memory allows the graph of the gradient is kept, and a product costs about 1.5
gradients; where it does not, and for a loader, the graph is made anew for each product (about 2.8).

A formula can be right at first order and wrong at second: |w|^2 written as a squared norm has the gradient 0 at w = 0
and, to autograd, the Hessian 0. So no operator is handed out before nets.crosscheck has compared it with differences.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from nets.batches import Batch, Batches, Data, Loss, call
from nets.crosscheck import cross_check
from nets.kernels import differentiable
from nets.steady import require_one_value, require_steady_layers

Graph = Literal["auto", "kept", "fresh"]
_SHARE = 0.5  # of the free memory that a kept graph may take
_CHECKED = 128  # samples, spread over the first batch, on which derivatives are compared with differences
_COMPARED = 32  # samples whose losses are compared with their mean
_UNKNOWN = 4 << 30  # bytes taken to be free where the system does not say


class Hessian:
    """The Hessian of the mean loss over all samples, in the trainable weights, as the product v -> H v.

    Args:
        model: is used as it is, its weights are read only; in train mode dropout and batch normalisation are refused.
        loss: (output, targets) -> scalar tensor; with several batches, a mean over the samples.
        data: one batch (inputs, targets), or a loader: a list of batches or a DataLoader.
        graph: keep the gradient's graph, make a fresh one for each product, or keep it where it fits.
        memory: bytes that a kept graph may take; default half of what is free.

    Attributes:
        size: number of trainable weights.  eps: coarsest unit roundoff among them.  loss, gradient_norm: of the mean
        loss.  graph: "kept" or "fresh".  check: a sentence on what the comparison with differences found.

    Raises:
        ValueError: there is no such Hessian (no weights, a random loss, a loader that changes, a loss that is no
            mean over samples, a formula without second derivative).
        HessianMismatch: two ways to compute a derivative disagree.
    """

    def __init__(
        self, model: nn.Module, loss: Loss, data: Data, *, graph: Graph = "auto", memory: int | None = None
    ) -> None:
        model = getattr(model, "_orig_mod", model)  # a compiled model computes the function of the one inside
        self._model, self._loss = model, loss
        self._weights = [p for p in model.parameters() if p.requires_grad]
        if not self._weights:
            raise ValueError("the model has no trainable weights, hence no Hessian.")
        if any(p.is_complex() for p in self._weights):
            raise ValueError("the Hessian is defined here for real weights, got complex ones: use torch.view_as_real.")
        require_steady_layers(model)
        self._batches = Batches(data)
        self._batches.require_same_samples()
        self._sizes = [p.numel() for p in self._weights]
        self.size = sum(self._sizes)
        # Vectors are single precision at least: a basis in half precision would lose its orthogonality.
        dtype = torch.float32
        for p in self._weights:
            dtype = torch.promote_types(dtype, p.dtype)
        self.eps = max(torch.finfo(p.dtype).eps for p in self._weights)
        self.like = torch.empty(0, dtype=dtype, device=self._weights[0].device)
        first = next(iter(self._batches))
        require_one_value(model, lambda: loss(call(model, first.inputs), first.targets))
        if first.size < self._batches.samples:
            _require_mean(model, loss, first)
        self._kept: list[Tensor] | None = None
        sample = first.thinned(_CHECKED)
        self.check = cross_check(model, loss, sample, self._weights, lambda v: self._of_batch(sample, v))
        self.loss, self.gradient_norm = self._value_and_slope()
        self.graph = self._choose(graph, memory)

    def __call__(self, v: Tensor) -> Tensor:
        """H v for v of shape (size,), in the dtype of `like`.

        Raises:
            ValueError: the product is not finite.
        """
        if self._kept is not None:
            image = self._pull(self._kept, v)
        else:
            image = torch.zeros(self.size, dtype=self.like.dtype, device=self.like.device)
            for batch in self._batches:
                image += self._of_batch(batch, v) * (batch.size / self._batches.samples)
        if not bool(torch.isfinite(image).all()):
            raise ValueError(
                "a Hessian-vector product is not finite although the loss is: its formula has no second derivative "
                "at these weights (a root, a norm or a fractional power at 0), or overflows."
            )
        return image

    def _of_batch(self, batch: Batch, v: Tensor) -> Tensor:
        with differentiable(self._model):
            return self._pull(self._gradient(batch, create_graph=True)[1], v)

    def _gradient(self, batch: Batch, *, create_graph: bool) -> tuple[Tensor, list[Tensor]]:
        """(loss, its gradient, a tensor a weight) on one batch."""
        with torch.enable_grad():
            value = self._loss(call(self._model, batch.inputs), batch.targets)
            if not value.requires_grad:
                raise ValueError(
                    "autograd sees no path from the loss to the trainable weights (detach, no_grad, argmax or item): "
                    "its gradient is unknown."
                )
            parts = torch.autograd.grad(value, self._weights, create_graph=create_graph, allow_unused=True)
        filled = [torch.zeros_like(p) if g is None else g for g, p in zip(parts, self._weights, strict=True)]
        return value.detach(), filled

    def _pull(self, gradient: list[Tensor], v: Tensor) -> Tensor:
        """The derivative of gradient . v in the weights; zero where the gradient does not depend on them."""
        parts = v.split(self._sizes)  # type: ignore[no-untyped-call]  # torch's own
        pairs = [
            (g, part.view(p.shape).to(g.dtype))
            for g, part, p in zip(gradient, parts, self._weights, strict=True)
            if g.requires_grad
        ]
        if not pairs:
            return torch.zeros(self.size, dtype=self.like.dtype, device=self.like.device)
        try:
            with differentiable(self._model):
                images = torch.autograd.grad(
                    [g for g, _ in pairs], self._weights, [u for _, u in pairs], retain_graph=True, allow_unused=True
                )
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0]
            raise ValueError(f"the loss cannot be differentiated twice: {reason}") from error
        flat = [torch.zeros_like(p) if h is None else h for h, p in zip(images, self._weights, strict=True)]
        return torch.cat([h.detach().reshape(-1).to(self.like.dtype) for h in flat])

    def _value_and_slope(self) -> tuple[float, float]:
        """Mean loss and the norm of its gradient."""
        total, slope = 0.0, torch.zeros(self.size, dtype=torch.float64, device=self.like.device)
        for batch in self._batches:
            value, parts = self._gradient(batch, create_graph=False)
            share = batch.size / self._batches.samples
            total += float(value) * share
            slope += torch.cat([g.reshape(-1).double() for g in parts]) * share
        return total, float(slope.norm())

    def _choose(self, graph: Graph, memory: int | None) -> Literal["kept", "fresh"]:
        """Keep the gradient's graph if asked, or if it fits; a loader's graphs are never kept."""
        if graph == "fresh" or not self._batches.single:
            return "fresh"
        limit = memory if memory is not None else int(_SHARE * free_memory(self.like.device))
        counted = _Counted(None if graph == "kept" else limit)
        try:
            with differentiable(self._model), torch.autograd.graph.saved_tensors_hooks(counted.keep, _same):
                self._kept = self._gradient(next(iter(self._batches)), create_graph=True)[1]
        except _TooLarge:
            return "fresh"
        return "kept"


class _TooLarge(Exception):
    """A graph would hold more bytes than it may."""


class _Counted:
    """Counts the bytes of the tensors that a graph saves, each storage once."""

    def __init__(self, limit: int | None) -> None:
        self.limit, self.bytes = limit, 0
        self._seen: set[int] = set()

    def keep(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self._seen:
            self._seen.add(storage.data_ptr())
            self.bytes += storage.nbytes()
            if self.limit is not None and self.bytes > self.limit:
                raise _TooLarge
        return tensor


def _same(tensor: Tensor) -> Tensor:
    return tensor


def free_memory(device: torch.device) -> int:
    """Bytes that can still be had on a device."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    table = Path("/proc/meminfo")
    if table.is_file():
        for line in table.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    return _UNKNOWN


def _require_mean(model: nn.Module, loss: Loss, batch: Batch) -> None:
    """Raise ValueError unless the loss of some samples is the mean of their own, as adding up batches supposes."""
    count = min(batch.size, _COMPARED)
    if count < 2:
        return
    try:
        with torch.no_grad():
            together, *apart = (
                float(loss(call(model, part.inputs), part.targets))
                for part in (_part(batch, 0, count), *(_part(batch, i, i + 1) for i in range(count)))
            )
    except Exception as error:
        raise ValueError(
            "a batch of the loader cannot be taken apart into its samples, so its loss cannot be shown to be their "
            "mean: give one batch."
        ) from error
    mean = math.fsum(apart) / count
    # Rounding of a sum of `count` terms in the coarsest precision of the weights.
    eps = max(torch.finfo(p.dtype).eps for p in model.parameters())
    if abs(mean - together) > 16 * count * eps * max(map(abs, (*apart, together))):
        raise ValueError(
            f"the loss of {count} samples, {together:.6g}, is not the mean {mean:.6g} of their own, so batches cannot "
            "be added up: use a mean without class weights and layers that treat samples apart, or give one batch."
        )


def _part(batch: Batch, first: int, end: int) -> Batch:
    return batch.moved(lambda t: t[first:end])
