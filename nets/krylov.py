"""A Krylov basis with the measured coefficients of its images, for block Lanczos with full reorthogonalisation."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from saddlecheck.nets.errors import HessianMismatch

Floats = NDArray[np.float64]


class Krylov:
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
                raise ValueError(
                    "a product is not finite although the loss is: it overflows, or a formula in the loss has no "
                    "second derivative at these weights (a root, a norm or a fractional power at 0)."
                )
            rest = image
            for _ in range(2):  # the second pass takes away what rounding left in the first
                coefficients = self._against(rest)
                self._K[: m + b, column] += coefficients.double().cpu().numpy()
                rest = rest - self._combined(coefficients)
            remainder.append(rest)
        return remainder

    def apart(self, vector: Tensor) -> Tensor:
        """A vector less its part in the basis."""
        for _ in range(2):  # as in `extended`
            vector = vector - self._combined(self._against(vector))
        return vector

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
        unit: Tensor = v / length(v)
        return unit

    def require_symmetric(self, share: float) -> None:
        """Raise HessianMismatch where v' H u and u' H v differ by more than this share of the largest entry."""
        m = self._K.shape[1]
        square = self._K[:m]
        gap, scale = float(np.abs(square - square.T).max()), float(np.abs(square).max())
        if gap > share * scale:
            raise HessianMismatch(
                f"the product is not symmetric: u'Hv and v'Hu differ by {gap:.3g} where entries reach {scale:.3g}, so "
                f"it is no Hessian, or one that is lost in the rounding of {str(self._slabs[0].dtype)[6:]}."
            )

    def _against(self, v: Tensor) -> Tensor:
        return torch.cat([slab @ v for slab in self._slabs])

    def _combined(self, coefficients: Tensor) -> Tensor:
        parts = coefficients.split([len(slab) for slab in self._slabs])  # type: ignore[no-untyped-call]  # torch's own
        total = torch.zeros_like(self._slabs[0][0])
        for slab, part in zip(self._slabs, parts, strict=True):
            total += slab.T @ part
        return total


def length(v: Tensor) -> float:
    """|v|, summed in double precision: in single precision the squares of entries below 1e-19 vanish."""
    return float(torch.linalg.vector_norm(v, dtype=torch.float64))


def orthonormal(vectors: list[Tensor], smallest: float) -> tuple[list[Tensor], Floats]:
    """Orthonormal vectors Q with the same span, and R with vectors = R' Q; what is below `smallest` is dropped."""
    kept: list[Tensor] = []
    R = np.zeros((len(vectors), len(vectors)))
    for column, v in enumerate(vectors):
        for _ in range(2):
            for row, q in enumerate(kept):
                along = float(q @ v)
                R[row, column] += along
                v = v - along * q
        norm = length(v)
        if norm > smallest:
            R[len(kept), column] = norm
            kept.append(v / norm)
    return kept, R[: len(kept)]
