r"""Both ends of a Hessian's spectrum, for a torch model on given data, with residual bounds.

The gradient is linearised once (torch.func.linearize), after which a Hessian-vector product costs about 1.2
gradients. Lanczos with full reorthogonalisation then serves both ends with the same products.

What a residual r = |H v - theta v|, |v| = 1, says for a symmetric H: an eigenvalue lies in [theta - r, theta + r].
What theta = v' H v says: the lowest eigenvalue is at most the lowest theta, the highest at least the highest theta.
What neither says: that no eigenvalue lies further out; Lanczos finds the ends unless its random start misses them.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]
Product = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Eigenpair:
    """An approximate eigenpair: theta, the measured |H v - theta v|, and v, shape (n,), |v| = 1."""

    value: float
    residual: float
    vector: Tensor = field(repr=False)

    @property
    def bracket(self) -> tuple[float, float]:
        """An interval that holds an eigenvalue."""
        return self.value - self.residual, self.value + self.residual


@dataclass(frozen=True)
class Spectrum:
    """Extreme eigenpairs of a Hessian.

    lowest: from the bottom upwards.  highest: from the top downwards.  size: number of weights.  products:
    Hessian-vector products spent.  converged: every residual is within the tolerance.  why: what that means.
    """

    lowest: tuple[Eigenpair, ...]
    highest: tuple[Eigenpair, ...]
    size: int
    products: int
    converged: bool
    why: str


def spectrum(
    model: nn.Module,
    loss: Loss,
    data: tuple[Tensor, Tensor],
    *,
    k: int = 1,
    tolerance: float = 1e-3,
    max_products: int = 200,
    seed: int = 0,
) -> Spectrum:
    """The k lowest and k highest eigenvalues of the Hessian of loss(model(x), y) in the trainable weights.

    Args:
        model: is used as it is: put it into eval mode, or batch norm couples the samples of the batch.
        loss: maps predictions and targets to a scalar.
        data: inputs x and targets y, one batch.
        k: how many at each end.
        tolerance: stop when each residual is at most this fraction of its eigenvalue's size.
        max_products: stop then in any case, and say so.
        seed: of the random start.

    Raises:
        ValueError: a loss that is no scalar, not finite, or not the same twice; no trainable weights; k too large.
    """
    product, size, like = hessian(model, loss, data)
    if not 1 <= k <= size or not 0.0 < tolerance < 1.0 or max_products < 2 * k:
        raise ValueError(
            f"need 1 <= k <= {size}, 0 < tolerance < 1 and max_products >= 2 k; got {k}, {tolerance}, {max_products}."
        )
    return lanczos(product, size, k=k, tolerance=tolerance, max_products=max_products, seed=seed, like=like)


def hessian(model: nn.Module, loss: Loss, data: tuple[Tensor, Tensor]) -> tuple[Product, int, Tensor]:
    """(v -> H v for flat v of shape (n,), n, a tensor with the weights' dtype and device)."""
    trainable = {name: _laid_out(p.detach()) for name, p in model.named_parameters() if p.requires_grad}
    names, weights = tuple(trainable), tuple(trainable.values())
    if not weights:
        raise ValueError("the model has no trainable weights, hence no Hessian.")
    sizes = [p.numel() for p in weights]
    x, y = _laid_out(data[0]), data[1]

    def value(*w: Tensor) -> Tensor:
        out = torch.func.functional_call(model, dict(zip(names, w, strict=True)), (x,))
        return loss(cast(Tensor, out), y)

    _check(value, weights)
    gradient = torch.func.grad(value, argnums=tuple(range(len(weights))))
    with warnings.catch_warnings():
        # Tracing warns about its own inner workings (torch.jit.script, constants without an owner): not our caller's.
        warnings.simplefilter("ignore")
        _, push = torch.func.linearize(gradient, *weights)

    def product(v: Tensor) -> Tensor:
        parts = [part.view(p.shape) for part, p in zip(v.split(sizes), weights, strict=True)]  # type: ignore[no-untyped-call]  # torch's own
        return torch.cat([h.reshape(-1) for h in push(*parts)])

    return product, sum(sizes), weights[0]


def lanczos(
    product: Product, size: int, *, k: int, tolerance: float, max_products: int, seed: int, like: Tensor
) -> Spectrum:
    """Lanczos on a symmetric operator from a random start; every new vector is made orthogonal to all, twice."""
    v = torch.randn(size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(like)
    v = v / v.norm()
    limit = min(size, max_products)
    basis = torch.empty(limit, size, dtype=like.dtype, device=like.device)
    diagonal: list[float] = []
    off: list[float] = []
    images: list[Tensor] = []
    converged = False
    for m in range(1, limit + 1):
        basis[m - 1] = v
        w = product(v)
        images.append(w)
        diagonal.append(float(w @ v))
        if not math.isfinite(diagonal[-1]):
            raise ValueError("a Hessian-vector product is not finite: the weights or the data hold NaN or infinity.")
        for _ in range(2):
            w = w - basis[:m].T @ (basis[:m] @ w)
        beta = float(w.norm())
        theta, s = _ritz(diagonal, off)
        scale = float(np.abs(theta).max())
        if beta <= 10 * torch.finfo(like.dtype).eps * max(scale, torch.finfo(like.dtype).tiny):
            converged = True  # the start lies in an invariant subspace: its Ritz values are exact
            break
        ends = [*range(min(k, m)), *range(max(m - k, 0), m)]
        if m >= 2 * k and np.all(beta * np.abs(s[-1, ends]) <= tolerance * np.abs(theta[ends])):
            converged = True
            break
        off.append(beta)
        v = w / beta
    pairs = [_pair(s[:, i], basis, images) for i in range(len(diagonal))[:k]]
    tops = [_pair(s[:, i], basis, images) for i in range(len(diagonal))[::-1][:k]]
    why = (
        f"residuals are within {tolerance:g} of the eigenvalues' size after {len(diagonal)} products"
        if converged
        else f"residuals are not yet within {tolerance:g} after {len(diagonal)} products: raise max_products"
    )
    return Spectrum(tuple(pairs), tuple(tops), size, len(diagonal), converged, why)


def _laid_out(t: Tensor) -> Tensor:
    """Images and filters channels last: a quarter less time a product on the CPU. Flat vectors keep their order."""
    return t.contiguous(memory_format=torch.channels_last) if t.dim() == 4 else t


def _ritz(diagonal: list[float], off: list[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Eigenvalues, ascending, and eigenvectors of the tridiagonal matrix."""
    theta, s = eigh_tridiagonal(np.array(diagonal), np.array(off))
    return np.asarray(theta, dtype=np.float64), np.asarray(s, dtype=np.float64)


def _pair(s: NDArray[np.float64], basis: Tensor, images: list[Tensor]) -> Eigenpair:
    """The Ritz pair V s with its residual measured from the stored products H V, not from the recurrence."""
    m = len(s)
    coefficients = torch.from_numpy(s.copy()).to(basis)
    vector = basis[:m].T @ coefficients
    image = torch.stack(images).T @ coefficients
    norm = vector.norm()
    vector, image = vector / norm, image / norm
    value = float(vector @ image)
    return Eigenpair(value, float((image - value * vector).norm()), vector)


def _check(value: Callable[..., Tensor], weights: tuple[Tensor, ...]) -> None:
    """Raise ValueError for a loss whose Hessian has no meaning."""
    with torch.no_grad():
        first, second = value(*weights), value(*weights)
    if first.dim() != 0:
        raise ValueError(f"the loss must be one number, got shape {tuple(first.shape)}: take a mean or a sum.")
    if not torch.isfinite(first):
        raise ValueError(f"the loss is {float(first)}: there is no Hessian to speak of.")
    if not torch.equal(first, second):
        raise ValueError(
            f"the loss changes between two calls ({float(first)} and {float(second)}): call model.eval(), so that "
            "dropout and batch statistics do not enter."
        )
