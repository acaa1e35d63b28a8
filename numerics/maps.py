"""The algorithms without noise, as maps: compiled paths, and the two gradients' cosine along them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.common_noise import arm_table
from saddlecheck.numerics.gradient import SmoothLoss, gradient_at, tile_gradient
from saddlecheck.numerics.one_step import start_point


@dataclass(frozen=True, eq=False)
class Path:
    """A noise-free path of an algorithm.

    Attributes:
        steps: the recorded steps, shape (K,).
        weights: w at them, shape (K, n). ascended: w^p at them, shape (K, n).
        cosine: cos(grad l(w), grad l(w^p)), shape (K,); 1 where w^p = w and 0 where only grad l(w^p) vanishes.
        diverged: the step from which the path is no longer finite, or None; the records end before it.
    """

    steps: Floats
    weights: Floats
    ascended: Floats
    cosine: Floats
    diverged: int | None

    @property
    def sign_changes(self) -> float:
        """Fraction of recorded steps at which the cosine changes its sign."""
        signs = np.sign(self.cosine)
        return float(np.mean(signs[1:] != signs[:-1])) if len(signs) > 1 else 0.0


def path(
    loss: SmoothLoss, algorithm: Algorithm, start: Sequence[float] | Floats, *, steps: int, every: int = 1
) -> Path:
    """The algorithm's path without noise from `start`, recorded every `every` steps from step 0 on.

    Without noise the laws of SAM coincide; "sgd" is gradient descent. Divergence ends the record, it is no error.

    Returns:
        Steps, weights, ascended weights and cosines as recorded, and the first step that is not finite, or None.

    Raises:
        ValueError: if start does not fit the loss, is not finite, or a count is not positive.
    """
    from saddlecheck.numerics.descent import recorder  # flows and Jacobians need no kernel, nor its compiler

    w = start_point(loss, start)[:, None].copy()
    count, stride = checks.count("steps", steps), checks.count("every", every)
    settings = arm_table((algorithm,), len(w))[0][0]
    records = np.empty((count // stride + 1, 3, len(w)))
    done = recorder()(tile_gradient(loss.expr, tuple(loss.variables)), settings, w, count, stride, records)
    kept = records[: -(-done // stride)] if done < count else records  # steps 0, stride, … below done
    finite = np.all(np.isfinite(kept), axis=(1, 2))
    kept = kept[: int(np.argmin(finite)) if not np.all(finite) else len(kept)]
    gradient = np.array([gradient_at(loss)(w) for w in kept[:, 0]]).reshape(len(kept), len(w))
    return Path(
        stride * np.arange(len(kept), dtype=np.float64), kept[:, 0], kept[:, 1], cosines(gradient, kept[:, 2]),
        None if done == count else int(done),
    )  # fmt: skip


def cosines(a: Floats, b: Floats) -> Floats:
    """Cosines between the rows of two arrays; 1 where the rows are equal, 0 where just one is zero."""
    u, v = (_of_size_one(rows) for rows in (a, b))  # squares of a diverging path's gradients would overflow
    norms = np.linalg.norm(u, axis=-1) * np.linalg.norm(v, axis=-1)
    safe = np.where(norms > 0, norms, 1.0)
    value = np.clip(np.sum(u * v, axis=-1) / safe, -1.0, 1.0)
    return np.where(np.all(a == b, axis=-1), 1.0, np.where(norms > 0, value, 0.0))


def _of_size_one(rows: Floats) -> Floats:
    """Each row over its largest entry."""
    size = np.max(np.abs(rows), axis=-1, keepdims=True)
    return np.asarray(rows / np.where(size > 0, size, 1.0))
