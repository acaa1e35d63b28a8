r"""Extremal eigenvalues of a Hessian, for a torch model on given data, with residuals measured from the products.

Block Lanczos with k vectors a block and full reorthogonalisation serves both ends with the same products, and finds an
eigenvalue as often as it occurs, up to k times (one vector would find each distinct eigenvalue once).

What a residual r = |H v - theta v|, |v| = 1, says for a symmetric H: an eigenvalue lies in [theta - r, theta + r].
What theta = v' H v says: the lowest eigenvalue is at most the lowest theta, the highest at least the highest theta.
What neither says: that no eigenvalue lies further out; Lanczos finds the ends unless its random start misses them.

With basis V, next block Q and measured coefficients K = [V Q]' H V, H V = [V Q] K up to rounding, so that the residual
of a Ritz pair (theta, V s) is |K s - (theta s, 0)|, whatever the recurrence for a symmetric H would predict. At the end
one more product measures each pair that is returned.
"""

from __future__ import annotations

import html
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from saddlecheck.nets.batches import Data, Loss
from saddlecheck.nets.crosscheck import LARGEST_SHARE
from saddlecheck.nets.curvature import Graph, Hessian
from saddlecheck.nets.differences import ROUNDING
from saddlecheck.nets.errors import HessianMismatch
from saddlecheck.nets.krylov import Floats, Krylov, length, orthonormal
from saddlecheck.nets.randomness import drawn_apart

Product = Callable[[Tensor], Tensor]

_AIM = 0.9  # of the tolerance: what the recurrence predicts; measured, a residual may lie a little above the prediction


@dataclass(frozen=True)
class Eigenpair:
    """An approximate eigenpair: theta, the measured |H v - theta v|, and v, shape (n,), |v| = 1."""

    value: float
    residual: float
    vector: Tensor = field(repr=False)

    @property
    def bracket(self) -> tuple[float, float]:
        """An interval that holds an eigenvalue, not necessarily the one at the end."""
        return self.value - self.residual, self.value + self.residual


@dataclass(frozen=True)
class Spectrum:
    """Extremal eigenpairs of a Hessian, as far as they were found.

    Attributes:
        lowest: from the bottom upwards.
        highest: from the top downwards.
        size: number of weights. products: Hessian-vector products spent.
        converged: every measured residual is within the tolerance.
        why: what that means.
        check: what the comparison with central differences found.
        confirmed: whether it confirms the products.
        loss, gradient: the loss and its gradient's norm, nan where only a product was given.
    """

    lowest: tuple[Eigenpair, ...]
    highest: tuple[Eigenpair, ...]
    size: int
    products: int
    converged: bool
    why: str
    check: str = ""
    confirmed: bool = True
    loss: float = math.nan
    gradient: float = math.nan

    def _repr_html_(self) -> str:
        ends = [("lowest found", pair) for pair in self.lowest] + [("highest found", pair) for pair in self.highest]
        rows = "".join(
            f"<tr><td>{end}</td><td>{pair.value:.6g}</td><td>{pair.residual:.1e}</td></tr>" for end, pair in ends
        )
        head = "<tr><th>end</th><th>eigenvalue</th><th>residual</th></tr>"
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in (self.why, self.check) if note)
        count = f"{self.size} weights, {self.products} Hessian-vector products"
        return f"<div><table><thead>{head}</thead><tbody>{rows}</tbody></table><p>{count}</p><ul>{notes}</ul></div>"

    def _repr_latex_(self) -> str:
        # Rayleigh quotients bound the ends from inside, up to rounding, whether or not the ends were found.
        values = {r"\lambda_{\min} \lesssim": self.lowest, r"\lambda_{\max} \gtrsim": self.highest}
        shown = (rf"{name} {pairs[0].value:.6g}" for name, pairs in values.items() if pairs)
        return "$" + r",\quad ".join(shown) + "$"


def spectrum(
    model: nn.Module,
    loss: Loss,
    data: Data,
    *,
    k: int = 1,
    tolerance: float = 1e-3,
    max_products: int = 200,
    seed: int = 0,
    graph: Graph = "auto",
    memory: int | None = None,
    deadline: float | None = None,
) -> Spectrum:
    """The k lowest and k highest eigenvalues of the Hessian of loss(model(x), y) in the trainable weights.

    Args:
        model: is used as it is, its weights are only read: put it into eval mode.
        loss: maps the model's output and the targets to a scalar; a mean over the samples for a loader.
        data: inputs x and targets y, one batch, or a loader of such batches (the mean over all of its data, one pass
            a product). Several inputs are a tuple or list, or a mapping by `forward`'s argument names.
        k: how many at each end, counted with multiplicity.
        tolerance: stop when each residual is at most this fraction of its eigenvalue's size.
        max_products: stop then in any case, and say so.
        seed: of the random start.
        graph: "kept" keeps the gradient's graph between products (1.5 gradients a product), "fresh" makes it anew
            (2.8), "auto" keeps it where it fits into `memory`.
        memory: bytes that a kept graph may take; default half of what is free.
        deadline: on time.monotonic's clock, when no further product is begun; what was found then is not converged.

    Returns:
        Eigenvalues with residuals at both ends, the number of products, whether all have converged and why not, the
        loss and the norm of its gradient.

    Raises:
        ValueError: a loss that is no scalar, not finite, random, or not differentiable twice; no trainable weights;
            k too large; a loader whose samples change.
        HessianMismatch: autograd's product or gradient is not what central differences give.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import spectrum
        >>> model = torch.nn.Linear(2, 1, bias=False, dtype=torch.float64)
        >>> x = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
        >>> found = spectrum(model, torch.nn.MSELoss(), (x, torch.zeros(2, 1, dtype=torch.float64)))
        >>> round(found.lowest[0].value, 9), round(found.highest[0].value, 9)  # of 2 x'x/2
        (1.0, 4.0)
    """
    if isinstance(k, bool) or not isinstance(k, int) or k < 1 or not 0.0 < tolerance < 1.0 or max_products < 2 * k:
        raise ValueError(
            "need a whole number k >= 1, 0 < tolerance < 1 and max_products >= 2 k; "
            f"got {k!r}, {tolerance}, {max_products}."
        )
    H = Hessian(model, loss, data, graph=graph, memory=memory)
    if k > H.size:
        raise ValueError(f"need 1 <= k <= {H.size}, the number of weights; got {k}.")
    found = lanczos(
        H,
        H.size,
        k=k,
        tolerance=tolerance,
        max_products=max_products,
        seed=seed,
        like=H.like,
        eps=H.eps,
        deadline=deadline,
    )
    return replace(found, check=H.check, confirmed=H.confirmed, loss=H.loss, gradient=H.gradient_norm)


def lanczos(
    product: Product,
    size: int,
    *,
    k: int,
    tolerance: float,
    max_products: int,
    seed: int,
    like: Tensor,
    eps: float | None = None,
    deadline: float | None = None,
) -> Spectrum:
    """Block Lanczos on a symmetric operator from k random vectors.

    Args:
        product: v -> H v for flat vectors of shape (size,).
        size: n.
        k: eigenpairs at each end, and vectors a block.
        tolerance: of a residual, relative to its eigenvalue.
        max_products: at most, those that measure the residuals included; but k and one for each pair in any case.
        seed: of the random start.
        like: a tensor with the vectors' dtype and device.
        eps: unit roundoff of the products, where it is coarser than the vectors'.
        deadline: on time.monotonic's clock, when the basis no longer grows.

    Returns:
        The eigenpairs at both ends, the number of products, whether all have converged and why not.

    Raises:
        ValueError: a product is not finite.
        HessianMismatch: the operator is not symmetric, not linear, or changes between calls.
    """
    fine = torch.finfo(like.dtype)
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(k, size, generator=generator, dtype=torch.float64).to(like)
    krylov = Krylov()
    block, _ = orthonormal(list(start), 0.0)
    while True:
        remainder = krylov.extended(block, [product(v) for v in block])
        theta, s = np.linalg.eigh(krylov.projected)
        scale = float(np.abs(theta).max())
        block, factor = orthonormal(remainder, 10 * fine.eps * max(scale, fine.tiny))
        if not block and len(theta) <= k < size:
            # The start is invariant, as weights that were drawn with this seed may be: it says nothing of the rest.
            fresh = torch.randn(k, size, generator=drawn_apart(seed), dtype=torch.float64).to(like)
            block, _ = orthonormal([krylov.apart(v) for v in fresh], 0.0)
            factor = np.zeros((len(block), len(theta)))
        krylov.close(factor)
        ends = _ends(len(theta), k)
        aims = {i: _AIM * _allowed(theta[i], tolerance, scale, fine.eps) for i in ends}
        close = all(krylov.residual(theta[i], s[:, i]) <= aim for i, aim in aims.items())
        later = len(theta) + len(block)
        late = deadline is not None and time.monotonic() > deadline
        out = late or later + len(_ends(later, k)) > max_products or later > size
        if not block or out or (close and len(theta) >= min(2 * k, size)):
            break
    share = min(ROUNDING * (eps or fine.eps), LARGEST_SHARE)
    krylov.require_symmetric(share)
    pairs = {i: _confirmed(product, krylov, theta[i], s[:, i], share * scale) for i in ends}
    products = len(theta) + len(ends)
    converged = all(p.residual <= _allowed(p.value, tolerance, scale, fine.eps) for p in pairs.values())
    word = "within" if converged else "not yet within"
    more = "" if converged else ": time ran out" if late else ": raise max_products"
    why = f"measured residuals are {word} {tolerance:g} of the eigenvalues' size after {products} products{more}"
    lowest, highest = tuple(pairs[i] for i in ends[:k]), tuple(pairs[i] for i in ends[::-1][:k])
    return Spectrum(lowest, highest, size, products, converged, why)


def _ends(m: int, k: int) -> list[int]:
    """Indices of the k lowest and k highest of m values."""
    return sorted({*range(min(k, m)), *range(max(m - k, 0), m)})


def _allowed(theta: float, tolerance: float, scale: float, eps: float) -> float:
    """A residual of the size of the products' own rounding cannot fall further: so a zero eigenvalue converges."""
    return max(tolerance * abs(theta), 50 * eps * scale)


def _confirmed(product: Product, krylov: Krylov, theta: float, s: Floats, rounding: float) -> Eigenpair:
    """The Ritz pair with its residual measured by one more product.

    Returns:
        The Rayleigh quotient, the norm of the residual, and the unit vector, shape (n,).

    Raises:
        HessianMismatch: where that product is not the one that the basis's images add up to: then the operator is not
            linear, or changes from call to call.
    """
    v = krylov.vector(s)
    image = product(v)
    value = float(v @ image)
    residual, expected = length(image - value * v), krylov.residual(theta, s)
    if abs(residual - expected) > rounding or abs(value - theta) > rounding:
        raise HessianMismatch(
            f"a product applied again gives {value:.6g} with residual {residual:.3g} where {theta:.6g} with "
            f"{expected:.3g} follow from the products before it: the operator is not linear, or changes between calls."
        )
    return Eigenpair(value, residual, v)
