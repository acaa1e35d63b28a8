r"""Hessian-vector products of a torch model's loss, by differentiating the gradient once more in reverse.

For weights w and the loss l(w), the mean over all samples, v -> H v is the derivative of w -> grad l(w) . v. Reverse
mode twice goes through the same formulas that training uses, so that recurrent, attention, indexed and Fourier layers
need no rules of their own. Where memory allows the graph of the gradient is kept, and a product costs about 1.5
gradients; where it does not, and for a loader, the graph is made anew for each product (about 2.8).

A formula can be right at first order and wrong at second: |w|^2 written as a squared norm has the gradient 0 at w = 0
and, to autograd, the Hessian 0. So no operator is handed out before saddlecheck.nets.crosscheck has compared it with
differences.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from saddlecheck.nets.batches import Batch, Batches, Data, Loss
from saddlecheck.nets.crosscheck import cross_check
from saddlecheck.nets.derivatives import evaluated, gradient, hessian_product, mean_gradient, pulled
from saddlecheck.nets.kernels import differentiable
from saddlecheck.nets.steady import require_one_value, require_steady_layers

Graph = Literal["auto", "kept", "fresh"]
_SHARE = 0.5  # of the free memory that a kept graph may take
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
        size: number of trainable weights.  eps: coarsest unit roundoff of the computation.  loss, gradient_norm: of
        the mean loss.  graph: "kept" or "fresh".  check: a sentence on what the comparison with differences found.
        confirmed: whether it confirms the products.

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
        if any(isinstance(p, nn.UninitializedParameter) for p in model.parameters()):
            raise ValueError("a lazy layer of the model has no weights yet: call the model once on a batch first.")
        self._weights = [p for p in model.parameters() if p.requires_grad]
        self.size = sum(p.numel() for p in self._weights)
        if self.size == 0:
            raise ValueError("the model has no trainable weights, hence no Hessian.")
        if any(p.is_complex() for p in self._weights):
            raise ValueError("the Hessian is defined here for real weights, got complex ones: use torch.view_as_real.")
        if graph not in ("auto", "kept", "fresh"):
            raise ValueError(f"graph is 'auto', 'kept' or 'fresh', got {graph!r}.")
        if torch.is_inference_mode_enabled():
            raise ValueError("inference_mode keeps no graph, so nothing can be differentiated: leave it first.")
        require_steady_layers(model)
        # Vectors are single precision at least: a basis in half precision would lose its orthogonality.
        dtype = torch.float32
        for p in self._weights:
            dtype = torch.promote_types(dtype, p.dtype)
        self.like = torch.empty(0, dtype=dtype, device=self._weights[0].device)
        self._batches = Batches(data)
        self._batches.require_same_samples()
        self._require_fixed_means(max(torch.finfo(p.dtype).eps for p in self._weights))
        self._batches.images_last = _bears_images_last(model, loss, self._batches)
        self._kept: list[Tensor] | None = None
        found = cross_check(model, loss, lambda: self._batches, self._weights, self)
        self.check, self.confirmed = found.says, found.confirmed
        self.loss, self.gradient_norm, self.eps = found.loss, found.gradient_norm, found.eps
        self.graph = self._choose(graph, memory)

    def __call__(self, v: Tensor) -> Tensor:
        """H v for v of shape (size,), in the dtype of `like`."""
        parts = [
            part.view(p.shape)
            for part, p in zip(v.split([p.numel() for p in self._weights]), self._weights, strict=True)  # type: ignore[no-untyped-call]  # torch's own
        ]
        if self._kept is not None:
            return self._flat(pulled(self._model, self._kept, self._weights, parts))
        image = torch.zeros(self.size, dtype=self.like.dtype, device=self.like.device)
        for batch in self._batches:
            product = hessian_product(self._model, self._loss, batch, self._weights, parts)
            image += self._flat(product) * (batch.size / self._batches.samples)
        return image

    def _flat(self, parts: list[Tensor]) -> Tensor:
        return torch.cat([h.reshape(-1).to(self.like.dtype) for h in parts])

    def _require_fixed_means(self, eps: float) -> None:
        """Raise ValueError unless the loss of the first batch is one fixed number and each batch a mean of samples."""
        for number, batch in enumerate(self._batches):
            if number == 0:
                modules = [self._model, *([self._loss] if isinstance(self._loss, nn.Module) else [])]
                require_one_value(modules, lambda batch=batch: evaluated(self._model, self._loss, batch))  # type: ignore[misc]
            if batch.size < self._batches.samples:
                _require_mean(self._model, self._loss, batch, eps)

    def _choose(self, graph: Graph, memory: int | None) -> Literal["kept", "fresh"]:
        """Keep the gradient's graph if asked, or if it fits; a loader's graphs are never kept."""
        if graph == "fresh" or not self._batches.single:
            return "fresh"
        limit = memory if memory is not None else int(_SHARE * free_memory(self.like.device))
        counted = _Counted(None if graph == "kept" else limit)
        batch = next(iter(self._batches))
        try:
            with differentiable(self._model), torch.autograd.graph.saved_tensors_hooks(counted.keep, _same):
                self._kept = gradient(self._model, self._loss, batch, self._weights, create_graph=True)[1]
        except _TooLarge:
            return "fresh"
        except RuntimeError:  # torch.func inside a model cannot be counted; the product with a fresh graph was compared
            return "fresh"
        return "kept"


def along_gradient(model: nn.Module, loss: Loss, data: Data) -> float | None:
    """The curvature along the gradient g of the mean loss.

    Args:
        model: as for `Hessian`, whose errors are raised.
        loss: likewise.
        data: likewise.

    Returns:
        g . H g / |g|^2; None where g vanishes.
    """
    H = Hessian(model, loss, data, graph="fresh")
    weights = [p for p in model.parameters() if p.requires_grad]
    g = torch.cat([part.reshape(-1) for part in mean_gradient(model, loss, Batches(data), weights)[1]])
    size = float(g.norm())
    return float(g @ H((g / size).to(H.like)).double()) / size if size > 0.0 else None


class _TooLarge(Exception):
    """A graph would hold more bytes than it may."""


class _Counted:
    """Counts the bytes of the tensors that a graph saves, each storage once."""

    def __init__(self, limit: int | None) -> None:
        self.limit, self.bytes = limit, 0
        self._seen: set[int] = set()

    def keep(self, tensor: Tensor) -> Tensor:
        if tensor.layout is not torch.strided:
            return tensor  # it has no storage to be counted
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


def _bears_images_last(model: nn.Module, loss: Loss, batches: Batches) -> bool:
    """Whether the loss can be had of images that are laid out channels last: a view of them may be impossible."""
    batches.images_last = True
    try:
        with torch.enable_grad():
            evaluated(model, loss, next(iter(batches)))
    except RuntimeError:
        return False
    finally:
        batches.images_last = False
    return True


def _require_mean(model: nn.Module, loss: Loss, batch: Batch, eps: float) -> None:
    """Raise ValueError unless the loss of some samples is the mean of their own, as adding up batches supposes."""
    count = min(batch.size, _COMPARED)
    parts = [_part(batch, 0, count), *(_part(batch, i, i + 1) for i in range(count))]
    try:
        together, *apart = (float(evaluated(model, loss, part).detach()) for part in parts)
    except Exception as error:
        raise ValueError(
            "a batch of the loader cannot be taken apart into its samples, so its loss cannot be shown to be their "
            "mean: give one batch."
        ) from error
    mean = math.fsum(apart) / count
    # Rounding of a sum of `count` terms in the coarsest precision of the weights.
    if not abs(mean - together) <= 16 * count * eps * max(map(abs, (*apart, together))):
        raise ValueError(
            f"the loss of {count} samples, {together:.6g}, is not the mean {mean:.6g} of their own, so batches cannot "
            "be added up: use a mean without class weights and layers that treat samples apart, or give one batch."
        )


def _part(batch: Batch, first: int, end: int) -> Batch:
    return batch.moved(lambda t: t[first:end])
