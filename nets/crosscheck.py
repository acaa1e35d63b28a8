r"""A Hessian-vector product and a gradient beside differences that know nothing of the formulas behind them.

Along one random direction v, |v| = 1, with the same norm in every weight tensor:

    H v        against   (grad l(w + h v) - grad l(w - h v)) / 2h        central differences of the gradient
    v . grad l against   (l(w + h v) - l(w - h v)) / 2h                  central differences of the loss alone

for h = s and h = s / 4. Differences are taken in double precision on a copy of the model where that can be made, else
in the weights' own precision on the weights, which are put back bit by bit.

Budget. A central difference errs by O(h^2), by rounding eps |grad| / h, and by any kink within h of w (ReLU, |.|);
each changes with h, so the difference of the two steps measures it, and ten times that is allowed. The product's own
rounding is allowed 2^13 eps of its norm: sums of some thousand terms in the weights' precision. Kinks are no error:
autograd's Hessian is that of the smooth piece on which w lies. A wrong formula errs by a share of |H v| that no h
changes.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nets.batches import Batch, Loss, call

_STEP = {torch.float64: 4e-6, torch.float32: 4e-3, torch.bfloat16: 0.25, torch.float16: 0.05}
ROUNDING = 2.0**13  # units of the last place that a product may err by, relative to its norm
LARGEST_SHARE = 0.1  # of |H v| that rounding may explain, in whatever precision
_DOUBT = 10.0  # times the difference between the two steps


class HessianMismatch(ValueError):
    """Two ways to compute a derivative disagree by more than their error budgets."""


@dataclass(frozen=True)
class _Differences:
    """Central differences for one step: of the gradient, shape (n,), and of the loss; the rounding noise of each.

    kink: difference of the loss's two one-sided slopes, of order h where it is smooth.
    """

    slope: Tensor
    value: float
    noise: float
    value_noise: float
    kink: float


def cross_check(
    model: nn.Module,
    loss: Loss,
    batch: Batch,
    weights: Sequence[Tensor],
    product: Callable[[Tensor], Tensor],
    *,
    seed: int = 0,
) -> str:
    """A sentence on how well a product and the gradient agree with central differences on one batch.

    Args:
        model: whose trainable weights are `weights`.
        loss: (output, targets) -> scalar.
        batch: where both are compared.
        weights: w; put back bit by bit where no copy of the model can be made.
        product: v -> H v on this batch, flat vectors of shape (n,).
        seed: of the direction.

    Raises:
        HessianMismatch: a disagreement beyond the budget; it names which and gives both values.
    """
    direction = _direction(model, weights, seed)
    image = product(torch.cat([d.reshape(-1) for d in direction]).to(_wide(weights))).double()
    narrow = max(torch.finfo(p.dtype).eps for p in weights)
    wide = _in_double(model, loss, batch)
    if wide is None:
        wide = (model, loss, batch)
    where, criterion, samples = wide
    copies = [p for p in where.parameters() if p.requires_grad]
    value, parts = _gradient(where, criterion, samples, copies)
    slope = sum(float((g.double() * d).sum()) for g, d in zip(parts, direction, strict=True))
    if not math.isfinite(slope):
        raise HessianMismatch(
            "autograd's gradient is not finite although the loss is: a formula in the loss has no first derivative at "
            "these weights, as a root or a power at 0."
        )
    coarse, fine = (
        _differences(where, criterion, samples, copies, direction, share, float(value)) for share in (1.0, 0.25)
    )
    _compare_gradient(slope, coarse, fine)
    return _compare_product(image, coarse, fine, narrow)


def _compare_product(image: Tensor, coarse: _Differences, fine: _Differences, eps: float) -> str:
    if not bool(torch.isfinite(image).all()):
        raise HessianMismatch(
            "autograd's Hessian-vector product is not finite although the loss is: a formula in the loss has no second "
            "derivative at these weights, as a root, a norm or a fractional power at 0, or its derivative is written "
            "so that it divides by 0 there."
        )
    error, doubt = float((image - fine.slope).norm()), float((coarse.slope - fine.slope).norm())
    size = max(float(image.norm()), float(fine.slope.norm()))
    rounding = min(ROUNDING * eps, LARGEST_SHARE) * size + fine.noise
    if not error <= _DOUBT * doubt + rounding:
        raise HessianMismatch(
            f"autograd's Hessian-vector product has norm {float(image.norm()):.6g}, central differences of the "
            f"gradient give {float(fine.slope.norm()):.6g} (they differ by {error:.3g}, explained are "
            f"{_DOUBT * doubt + rounding:.3g}): the second derivative of a formula in the loss is wrong at these "
            "weights, as that of |w|^2 at 0 is, or jumps there, or a backward pass is wrong."
        )
    # Smooth: the error falls 16-fold from step to step. A kink at w, or many beside it, keeps it or makes it grow.
    if error > rounding and error > 0.5 * float((image - coarse.slope).norm()):
        return "central differences of the gradient do not settle (kinks near the weights): the product is unconfirmed"
    shown = error / size if size > 0.0 else 0.0
    return f"one product agrees with central differences of the gradient within {shown:.1e} of its norm"


def _compare_gradient(slope: float, coarse: _Differences, fine: _Differences) -> None:
    error = abs(slope - fine.value)
    # At a kink exactly at w, as ReLU has where its input is 0, autograd takes one side and the difference their mean.
    explained = _DOUBT * (abs(coarse.value - fine.value) + fine.kink) + fine.value_noise
    if not error <= explained:
        raise HessianMismatch(
            f"autograd's gradient has the slope {slope:.6g} along a direction in which the loss has {fine.value:.6g} "
            f"(central differences; a gap of {explained:.3g} is explained): the loss is cut from the graph in places "
            "(detach, no_grad, rounding), or a backward pass is wrong, so its Hessian is unknown."
        )


def _differences(
    model: nn.Module, loss: Loss, batch: Batch, weights: Sequence[Tensor], direction: Sequence[Tensor], share: float,
    middle: float,
) -> _Differences:  # fmt: skip
    dtype = max((p.dtype for p in weights), key=lambda d: torch.finfo(d).eps)
    size = float(torch.stack([p.detach().double().norm() for p in weights]).norm())
    h = share * _STEP[dtype] * max(1.0, size)
    eps = torch.finfo(dtype).eps
    found = []
    for sign in (1.0, -1.0):
        with _displaced(weights, direction, sign * h):
            value, parts = _gradient(model, loss, batch, weights)
            found.append((float(value), torch.cat([g.reshape(-1).double() for g in parts])))
    (up, g_up), (down, g_down) = found
    return _Differences(
        slope=(g_up - g_down) / (2 * h),
        value=(up - down) / (2 * h),
        noise=64 * eps * float(g_up.norm() + g_down.norm()) / h,
        value_noise=64 * eps * (abs(up) + abs(down)) / h,
        kink=abs(up - 2 * middle + down) / h,
    )


def _gradient(model: nn.Module, loss: Loss, batch: Batch, weights: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
    with torch.enable_grad():
        value = loss(call(model, batch.inputs), batch.targets)
        parts = torch.autograd.grad(value, list(weights), allow_unused=True)
    return value.detach(), [torch.zeros_like(p) if g is None else g for g, p in zip(parts, weights, strict=True)]


def _in_double(model: nn.Module, loss: Loss, batch: Batch) -> tuple[nn.Module, Loss, Batch] | None:
    """Model, loss and batch in double precision; None where they cannot be had."""

    def widened(t: Tensor) -> Tensor:
        return t.double() if t.is_floating_point() else t

    try:
        where = copy.deepcopy(model).double()
        criterion: Any = copy.deepcopy(loss).double() if isinstance(loss, nn.Module) else loss
        samples = batch.moved(widened)
        value = criterion(call(where, samples.inputs), samples.targets)
    except Exception:
        # A tensor of fixed dtype in the model or the loss, a device without double precision, or a class that cannot
        # be copied, whatever it raises: then the differences are taken in the weights' own precision.
        return None
    return (where, criterion, samples) if value.dtype is torch.float64 else None


@contextmanager
def _displaced(weights: Sequence[Tensor], direction: Sequence[Tensor], h: float) -> Iterator[None]:
    """Weights at w + h v; back at w, bit by bit, at the end."""
    copies = [p.detach().clone() for p in weights]
    try:
        with torch.no_grad():
            for p, d in zip(weights, direction, strict=True):
                p.add_(d.to(p), alpha=h)
        yield
    finally:
        with torch.no_grad():
            for p, saved in zip(weights, copies, strict=True):
                p.copy_(saved)


def _direction(model: nn.Module, weights: Sequence[Tensor], seed: int) -> list[Tensor]:
    """A random unit vector with the same norm in every weight tensor, so that a small tensor counts as a large one.

    It is 0 on an embedding's padding row, which by definition has no gradient although the loss may depend on it.
    """
    generator = torch.Generator().manual_seed(seed)
    parts = [torch.randn(p.shape, generator=generator, dtype=torch.float64) for p in weights]
    padding = {
        id(layer.weight): layer.padding_idx
        for layer in model.modules()
        if isinstance(layer, nn.Embedding | nn.EmbeddingBag) and layer.padding_idx is not None
    }
    for part, p in zip(parts, weights, strict=True):
        if id(p) in padding:
            part[padding[id(p)]] = 0.0
    filled = [part for part in parts if part.numel()]
    return [
        (part / (part.norm() * len(filled) ** 0.5) if part.numel() else part).to(p.device)
        for part, p in zip(parts, weights, strict=True)
    ]


def _wide(weights: Sequence[Tensor]) -> torch.dtype:
    dtype = torch.float32
    for p in weights:
        dtype = torch.promote_types(dtype, p.dtype)
    return dtype
