r"""Both ends of a Hessian's spectrum, for a torch model on given data, with residuals measured from the products.

Block Lanczos with k vectors a block and full reorthogonalisation serves both ends with the same products, and finds an
eigenvalue as often as it occurs, up to k times (one vector would find each distinct eigenvalue once).

What a residual r = |H v - theta v|, |v| = 1, says for a symmetric H: an eigenvalue lies in [theta - r, theta + r].
What theta = v' H v says: the lowest eigenvalue is at most the lowest theta, the highest at least the highest theta.
What neither says: that no eigenvalue lies further out; Lanczos finds the ends unless its random start misses them.

With basis V, next block Q and measured coefficients K = [V Q]' H V, H V = [V Q] K up to rounding, so that the residual
of a Ritz pair (theta, V s) is |K s - (theta s, 0)|, whatever the recurrence for a symmetric H would predict.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nets.batches import Data, Loss
from nets.crosscheck import LARGEST_SHARE, ROUNDING, HessianMismatch
from nets.curvature import Graph, Hessian

Product = Callable[[Tensor], Tensor]
Floats = NDArray[np.float64]


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

    lowest: from the bottom upwards.  highest: from the top downwards.  size: number of weights.  products:
    Hessian-vector products spent.  converged: every measured residual is within the tolerance.  why: what that means.
    check: what the comparison with central differences found.  loss, gradient: the loss and its gradient's norm, nan
    where only a product was given.
    """

    lowest: tuple[Eigenpair, ...]
    highest: tuple[Eigenpair, ...]
    size: int
    products: int
    converged: bool
    why: str
    check: str = ""
    loss: float = math.nan
    gradient: float = math.nan


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

    Raises:
        ValueError: a loss that is no scalar, not finite, random, or not differentiable twice; no trainable weights;
            k too large; a loader whose samples change.
        HessianMismatch: autograd's product or gradient is not what central differences give.
    """
    if k < 1 or not 0.0 < tolerance < 1.0 or max_products < 2 * k:
        raise ValueError(
            f"need k >= 1, 0 < tolerance < 1 and max_products >= 2 k; got {k}, {tolerance}, {max_products}."
        )
    H = Hessian(model, loss, data, graph=graph, memory=memory)
    if k > H.size:
        raise ValueError(f"need 1 <= k <= {H.size}, the number of weights; got {k}.")
    found = lanczos(H, H.size, k=k, tolerance=tolerance, max_products=max_products, seed=seed, like=H.like, eps=H.eps)
    return replace(found, check=H.check, loss=H.loss, gradient=H.gradient_norm)


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
) -> Spectrum:
    """Block Lanczos on a symmetric operator from k random vectors.

    Args:
        product: v -> H v for flat vectors of shape (size,).
        size: n.
        k: eigenpairs at each end, and vectors a block.
        tolerance: of a residual, relative to its eigenvalue.
        max_products: at most.
        seed: of the random start.
        like: a tensor with the vectors' dtype and device.
        eps: unit roundoff of the products, where it is coarser than the vectors'.

    Raises:
        ValueError: a product is not finite.
        HessianMismatch: the operator is not symmetric.
    """
    fine = torch.finfo(like.dtype)
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(k, size, generator=generator, dtype=torch.float64).to(like)
    krylov = _Krylov()
    block, _ = _orthonormal(list(start), 0.0)
    limit = min(size, max_products)
    while True:
        remainder = krylov.extended(block, [product(v) for v in block])
        theta, s = np.linalg.eigh(krylov.projected)
        scale = float(np.abs(theta).max())
        block, factor = _orthonormal(remainder, 10 * fine.eps * max(scale, fine.tiny))
        krylov.close(factor)
        m = len(theta)
        ends = sorted({*range(min(k, m)), *range(max(m - k, 0), m)})
        residuals = {i: krylov.residual(theta[i], s[:, i]) for i in ends}
        # A residual of the size of the products' own rounding cannot fall further: so a zero eigenvalue converges.
        converged = all(r <= max(tolerance * abs(theta[i]), 50 * fine.eps * scale) for i, r in residuals.items())
        if not block or (converged and m >= min(2 * k, size)) or m + len(block) > limit:
            break
    krylov.require_symmetric(ROUNDING * (eps or torch.finfo(like.dtype).eps))
    pairs = {i: Eigenpair(float(theta[i]), residuals[i], krylov.vector(s[:, i])) for i in ends}
    return Spectrum(
        tuple(pairs[i] for i in ends[:k]),
        tuple(pairs[i] for i in ends[::-1][:k]),
        size,
        m,
        converged,
        f"measured residuals are within {tolerance:g} of the eigenvalues' size after {m} products"
        if converged
        else f"measured residuals are not yet within {tolerance:g} after {m} products: raise max_products",
    )


class _Krylov:
    """The orthonormal basis V, shape (m, n), and the measured coefficients K of H V in it and in the next block."""

    def __init__(self) -> None:
        self._slabs: list[Tensor] = []
        self._K = np.zeros((0, 0))

    def extended(self, block: list[Tensor], images: list[Tensor]) -> list[Tensor]:
        """Append a block with its images; returns the images less their part in the basis."""
        self._slabs.append(torch.stack(block))
        m, b = self._K.shape[1], len(block)
        old = self._K
        self._K = np.zeros((m + b, m + b))
        self._K[: len(old), :m] = old
        remainder = []
        for column, image in enumerate(images, start=m):
            if not bool(torch.isfinite(image).all()):
                raise ValueError("a product with the operator is not finite: its entries hold NaN or infinity.")
            rest = image
            for _ in range(2):  # the second pass takes away what rounding left in the first
                coefficients = self._against(rest)
                self._K[: m + b, column] += coefficients.double().cpu().numpy()
                rest = rest - self._combined(coefficients)
            remainder.append(rest)
        return remainder

    def close(self, factor: Floats) -> None:
        """Append the coefficients of the last block's images in the next block, shape (next, last)."""
        m = self._K.shape[1]
        below = np.zeros((len(factor), m))
        if len(factor):
            below[:, m - factor.shape[1] :] = factor
        self._K = np.vstack([self._K, below])

    @property
    def projected(self) -> Floats:
        """V' H V, made symmetric."""
        m = self._K.shape[1]
        square = self._K[:m]
        return np.asarray((square + square.T) / 2)

    def residual(self, theta: float, s: Floats) -> float:
        """|H V s - theta V s|, from the measured coefficients."""
        image = self._K @ s
        image[: len(s)] -= theta * s
        return float(np.linalg.norm(image))

    def vector(self, s: Floats) -> Tensor:
        """V s, normalised."""
        v = self._combined(torch.from_numpy(s.copy()).to(self._slabs[0]))
        unit: Tensor = v / v.norm()
        return unit

    def require_symmetric(self, share: float) -> None:
        """Raise HessianMismatch where v' H u and u' H v differ by more than this share of the largest entry."""
        m = self._K.shape[1]
        square = self._K[:m]
        gap, scale = float(np.abs(square - square.T).max()), float(np.abs(square).max())
        if gap > min(share, LARGEST_SHARE) * scale:
            raise HessianMismatch(
                f"the product is not symmetric: u'Hv and v'Hu differ by {gap:.3g} where entries reach {scale:.3g}, so "
                "it is no Hessian."
            )

    def _against(self, v: Tensor) -> Tensor:
        return torch.cat([slab @ v for slab in self._slabs])

    def _combined(self, coefficients: Tensor) -> Tensor:
        parts = coefficients.split([len(slab) for slab in self._slabs])  # type: ignore[no-untyped-call]  # torch's own
        total = torch.zeros_like(self._slabs[0][0])
        for slab, part in zip(self._slabs, parts, strict=True):
            total += slab.T @ part
        return total


def _orthonormal(vectors: list[Tensor], smallest: float) -> tuple[list[Tensor], Floats]:
    """Orthonormal vectors Q with the same span, and R with vectors = R' Q; what is below `smallest` is dropped."""
    kept: list[Tensor] = []
    R = np.zeros((len(vectors), len(vectors)))
    for column, v in enumerate(vectors):
        for _ in range(2):
            for row, q in enumerate(kept):
                along = float(q @ v)
                R[row, column] += along
                v = v - along * q
        norm = float(v.norm())
        if norm > smallest:
            R[len(kept), column] = norm
            kept.append(v / norm)
    return kept, R[: len(kept)]
