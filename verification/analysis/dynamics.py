"""A loss on arrays of points, and an optimiser's steps on it, of many starts together, without noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from saddlecheck.theory.critical.numpy_form import compiled
from saddlecheck.theory.optimiser import Momentum, Optimiser
from saddlecheck.theory.optimisers.bases import Base

if TYPE_CHECKING:
    from saddlecheck.theory.critical.loss import Loss

Floats = NDArray[np.float64]


class Landscape:
    """Value, gradient and Hessian of a loss at many points: w has shape (n, paths); nan where it is not real."""

    def __init__(self, loss: Loss) -> None:
        self.n = len(loss.variables)
        names = sp.symbols(f"w_:{self.n}", real=True)
        self._new = dict(zip(loss.variables, names, strict=True))
        self._names, self._loss = names, loss
        self._compiled: dict[str, Callable[..., Any]] = {}

    def value(self, w: Floats) -> Floats:
        """Shape (paths,)."""
        return np.asarray(self._evaluate("value", w)[0])

    def gradient(self, w: Floats) -> Floats:
        """Shape (n, paths)."""
        return self._evaluate("gradient", w)

    def hessian(self, w: Floats) -> Floats:
        """Shape (n, n, paths)."""
        return self._evaluate("hessian", w).reshape(self.n, self.n, -1)

    def _evaluate(self, kind: str, w: Floats) -> Floats:
        if kind not in self._compiled:
            found = {
                "value": [self._loss.expr],
                "gradient": list(self._loss.gradient),
                "hessian": list(self._loss.hessian),
            }
            renamed = [e.xreplace(self._new) for e in found[kind]]
            self._compiled[kind] = compiled(renamed, self._names)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            entries: list[Any] = self._compiled[kind](*w)
        out = np.empty((len(entries), w.shape[1]))
        for row, entry in zip(out, entries, strict=True):
            row[:] = entry  # a constant entry is a scalar
        return out


class Surface(Protocol):
    """What the optimisers need of a loss: `Landscape` for formulas, a torch function's own in `nets`."""

    n: int

    def gradient(self, w: Floats) -> Floats:
        """Shape (n, paths)."""

    def hessian(self, w: Floats) -> Floats:
        """Shape (n, n, paths)."""


def projection(landscape: Surface, at: Floats, *, kernel: bool) -> Floats:
    """Projection onto the Hessian's kernel, or onto the other eigenvectors: the directions across a line or surface.

    From starts at distance r a line's own curvature enters at r^2, far below what is resolved.

    Returns:
        A symmetric matrix, shape (n, n); the identity where the Hessian is 0.
    """
    values, vectors = np.linalg.eigh(landscape.hessian(at[:, None])[:, :, 0])
    zero = np.abs(values) <= 1e-9 * max(1.0, float(np.max(np.abs(values))))
    if np.all(zero):
        return np.eye(landscape.n)  # flat everywhere: all directions are alike
    kept = vectors[:, zero == kernel]
    return np.asarray(kept @ kept.T)


def stacked(projections: Sequence[Floats | None], counts: Sequence[int]) -> Floats | None:
    """Return projections (n, n), each for so many paths, as one array (n, n, paths); None where all are None.

    A single None among them leaves its paths as they are.
    """
    given = [p for p in projections if p is not None]
    if not given:
        return None
    whole = np.eye(len(given[0]))
    return np.repeat(np.stack([whole if p is None else p for p in projections], axis=2), counts, axis=2)


def projected(apart: Floats, across: Floats | None) -> Floats:
    """Displacements (..., n, paths), each under its own projection, as `stacked` gives them."""
    return apart if across is None else np.einsum("ijk,...jk->...ik", across, apart)


Step = Callable[[Floats, Floats], tuple[Floats, Floats]]


def start(optimiser: Optimiser, w: Floats) -> Floats:
    """The memory with which a run begins: zeros, a row for each weight's buffer; with a base also the steps' number."""
    base = optimiser.base
    return np.zeros((len(w) if base is None else len(base.kept) * len(w) + 1, *w.shape[1:]))


def step(optimiser: Optimiser, landscape: Surface, *, rho: Any, lr: Any, momentum: Any) -> Step:
    """(w, m) -> (w', m'), w of shape (n, paths) and m as `start` gives it, without weight decay but a base's own.

    Args:
        optimiser: the rule, with its momentum or base.
        landscape: the loss.
        rho: a float, or for a vectorised rule an array of shape (paths,).
        lr: a float, or an array of shape (paths,).
        momentum: as lr.

    Returns:
        The step.

    Raises:
        TypeError: a momentum that is known in symbols only.
    """
    direction = optimiser.force.on(landscape.gradient, rho, hessian=landscape.hessian)
    if optimiser.base is not None:
        return _with_base(optimiser.base, direction, lr if optimiser.base.lr is None else optimiser.base.lr)
    after = optimiser.momentum
    if after is None:
        return lambda w, m: (w - lr * direction(w), m)
    if not isinstance(after, Momentum):
        raise TypeError(f"the momentum of {optimiser.title} is a bare function of symbols; give a Momentum.")
    return lambda w, m: after.rule(w, m, direction(w), lr, momentum, 0.0)


def _with_base(base: Base, direction: Callable[[Floats], Floats], lr: Any) -> Step:
    def advance(w: Floats, m: Floats) -> tuple[Floats, Floats]:
        t = m[-1] + 1
        kept = dict(zip(base.kept, m[:-1].reshape(len(base.kept), *w.shape), strict=True))
        if "v" in kept:
            kept["v"] = np.maximum(kept["v"], 0)  # a state that was moved by hand may lie below
        together = t[0] if t.size and np.ptp(t) == 0 else t  # one number where all have gone as far: b**t is dear
        w, memory = base.step(w, tuple(kept.values()), direction(w), lr, together)
        return w, np.concatenate([*memory, t[None]])

    return advance
