r"""Hessian-vector products and gradients beside differences of the loss, which use none of autograd's formulas.

Along one random direction v, |v| = 1, whose share in each weight tensor is that tensor's own size:

    H v        against   (grad l(w + h v) - grad l(w - h v)) / 2h        central differences of the gradient
    v . grad l against   (l(w + h v) - l(w - h v)) / 2h                  central differences of the loss alone

for h = s |w| and a quarter of it, on all data. Differences are taken in double precision on a copy of the model where
that can be made, else in the weights' own precision on the weights, which are put back bit by bit. Where there is a
copy, its own product is compared as well, on some samples: in double precision a wrong formula is not masked by the
rounding of single precision.

Budget. A central difference errs by O(h^2), by rounding eps |grad| / h, and by any kink within h of w (ReLU, |.|);
each changes with h, so the difference of the two steps measures it, and ten times that is allowed. The product's own
rounding is allowed 2^13 eps of its norm: sums of some thousand terms in the coarsest precision of the computation.
Kinks are no error: autograd's Hessian is that of the smooth piece on which w lies. A wrong formula errs by a share of
|H v| that no h changes. What is within its budget but not within a hundredth is called unconfirmed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from saddlecheck.nets.batches import Batch, Loss
from saddlecheck.nets.derivatives import hessian_product, mean_gradient
from saddlecheck.nets.differences import (
    ROUNDING,
    STEPS,
    Differences,
    Setting,
    computes_in,
    differences,
    direction_of,
    in_double,
    promoted,
)
from saddlecheck.nets.errors import HessianMismatch

LARGEST_SHARE = 0.1  # of |H v| that rounding may explain, in whatever precision
_CONFIRMED = 1e-2  # of |H v|: a larger gap confirms nothing, however well it is explained
_UNSETTLED = "central differences of the gradient do not settle (kinks near the weights): the products are unconfirmed"
_JUMPS = "the loss jumps at the weights, as where it rounds them: the products are unconfirmed"
_WRONG = (
    "the second derivative of a formula in the loss is wrong at these weights, as that of |w|^2 at 0 is, or jumps "
    "there, or a backward pass or a hook on it is no derivative."
)
_NARROW = (
    "a copy in double precision agrees with its differences, so the curvature is lost in the rounding of {}, or a hook "
    "on a weight changes its gradient: use model.double(), and data in double precision."
)
_DOUBT = 10.0  # times the difference between the two steps
_SAMPLES = 32  # on which the product in double precision is compared


@dataclass(frozen=True)
class Checked:
    """What a comparison found.

    Attributes:
        says: a sentence.
        confirmed: whether it confirms the products.
        loss, gradient_norm: of the mean over all samples.
        eps: unit roundoff of the coarsest precision in which the loss is computed.
    """

    says: str
    confirmed: bool
    loss: float
    gradient_norm: float
    eps: float


def cross_check(
    model: nn.Module,
    loss: Loss,
    batches: Callable[[], Iterable[Batch]],
    weights: Sequence[Tensor],
    product: Callable[[Tensor], Tensor],
    *,
    seed: int = 0,
) -> Checked:
    """How well a product and the gradient agree with central differences, over all data.

    Args:
        model: whose trainable weights are `weights`.
        loss: (output, targets) -> scalar.
        batches: begins a pass over the data.
        weights: w; put back bit by bit where no copy of the model can be made.
        product: v -> H v of the mean over all samples, flat vectors of shape (n,) in single precision at least.
        seed: of the direction.

    Returns:
        What was compared, in words; whether it confirms the product; the loss, and the gradient's norm.

    Raises:
        HessianMismatch: a disagreement beyond the budget; it names which and gives both values.
    """
    own = Setting(model, loss, batches, list(weights), computes_in(model, loss, batches, weights))
    wide = in_double(own)
    at = wide or own
    middle = value, slope = mean_gradient(at.model, at.loss, at.batches(), at.weights)
    size = float(torch.stack([g.norm() for g in slope]).norm())
    if not math.isfinite(size):
        raise HessianMismatch(
            "autograd's gradient is not finite although the loss is: a formula in the loss has no first derivative at "
            "these weights, as a root or a power at 0."
        )
    if at.dtype not in STEPS:
        says = f"the loss is computed in {str(at.dtype)[6:]}: its products are unconfirmed"
        return Checked(says, False, value, size, own.eps)
    direction = direction_of(model, weights, seed)
    coarse, fine = (differences(at, direction, share, middle) for share in (1.0, 0.25))
    along = sum(float((g * d.to(g)).sum()) for g, d in zip(slope, direction, strict=True))
    _compare_gradient(along, coarse, fine)
    if wide is not None and own.dtype is not torch.float64:
        _compare_formulas(wide, direction)
    flat = torch.cat([d.reshape(-1) for d in direction])
    image = product(flat.to(torch.promote_types(torch.float32, promoted(weights)))).double()
    # Where a copy in double precision has passed, the formulas are right.
    narrow = str(own.dtype)[6:] if wide is not None and own.dtype is not torch.float64 else None
    says, confirmed = _compare_product(image, coarse, fine, own.eps, narrow)
    # At a quarter of the step a kink at w keeps its size, a smooth function's falls, a jump's is 4 times as large.
    if not confirmed and fine.kink > 2 * coarse.kink + fine.value_noise:
        says = _JUMPS
    return Checked(says, confirmed, value, size, own.eps)


def _compare_product(
    image: Tensor, coarse: Differences, fine: Differences, eps: float, narrow: str | None = None
) -> tuple[str, bool]:
    """What the comparison says and whether it confirms; `narrow`: the product's precision, where a double one is right.

    Returns:
        A sentence, and whether the product is confirmed.

    Raises:
        HessianMismatch: a disagreement that nothing explains.
    """
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
            f"{_DOUBT * doubt + rounding:.3g}): {_WRONG if narrow is None else _NARROW.format(narrow)}"
        )
    # Smooth: the error falls 16-fold from step to step. A kink at w, or many beside it, keeps it or makes it grow.
    settles = error <= max(fine.noise, 0.5 * float((image - coarse.slope).norm()), min(ROUNDING * eps, 1.0) * size)
    # At w itself the gradient may have a kink that a central difference does not see, as that of x|x| at 0: its bend
    # keeps its size at a quarter of the step, where that of a smooth gradient falls to a quarter.
    bent = fine.bend > max(0.5 * coarse.bend, _CONFIRMED * size + 2 * fine.noise)
    if not settles or bent or error > _CONFIRMED * size + fine.noise:
        return _UNSETTLED, False
    shown = error / size if size > 0.0 else 0.0
    return f"one product agrees with central differences of the gradient within {shown:.1e} of its norm", True


def _compare_gradient(slope: float, coarse: Differences, fine: Differences) -> None:
    error = abs(slope - fine.value)
    # At a kink exactly at w, as ReLU has where its input is 0, autograd takes one side and the difference their mean.
    explained = _DOUBT * (abs(coarse.value - fine.value) + fine.kink) + fine.value_noise
    if not error <= explained:
        raise HessianMismatch(
            f"autograd's gradient has the slope {slope:.6g} along a direction in which the loss has {fine.value:.6g} "
            f"(central differences; a gap of {explained:.3g} is explained): the loss is cut from the graph in places "
            "(detach, no_grad, rounding), or a backward pass or a hook on it is wrong, so its Hessian is unknown."
        )


def _compare_formulas(wide: Setting, direction: Sequence[Tensor]) -> None:
    """The product in double precision on some samples, beside differences of its own."""
    sample = next(iter(wide.batches())).thinned(_SAMPLES)
    some = Setting(wide.model, wide.loss, lambda: (sample,), wide.weights, wide.dtype)
    try:
        middle = mean_gradient(some.model, some.loss, some.batches(), some.weights)
    except Exception:
        return  # a loss of all samples at once: there the product over all data is compared alone
    if not math.isfinite(middle[0]):
        return
    coarse, fine = (differences(some, direction, share, middle) for share in (1.0, 0.25))
    parts = hessian_product(some.model, some.loss, sample, some.weights, direction)
    _compare_product(torch.cat([h.reshape(-1).double() for h in parts]), coarse, fine, some.eps)
