"""The arithmetic of rules: a rule is written once, in NumPy's words, and is run on whatever answers to them.

`Numbers` is the protocol by which NumPy hands its functions to a class of ours: operators, ufuncs such as `np.sqrt`,
and functions such as `np.linalg.norm` reach the methods of the class. What a class does not answer raises TypeError.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_OPERATORS = {
    np.add: "__add__", np.subtract: "__sub__", np.multiply: "__mul__", np.true_divide: "__truediv__",
    np.power: "__pow__", np.negative: "__neg__", np.matmul: "__matmul__",
}  # fmt: skip
_REVERSED = {
    np.add: "__radd__", np.subtract: "__rsub__", np.multiply: "__rmul__", np.true_divide: "__rtruediv__",
}  # fmt: skip


class Numbers:
    """A stand-in for an array: subclasses say what the operators, `unary`, `total`, `norm` and `dot` do."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **more: Any) -> Any:
        """NumPy's entry for operators on its own numbers and for its elementwise functions."""
        if method == "__call__" and not more:
            if ufunc in (np.square, np.reciprocal) and len(inputs) == 1:
                return inputs[0] * inputs[0] if ufunc is np.square else 1 / inputs[0]
            if len(inputs) == 1 and ufunc not in _OPERATORS:
                return self.unary(ufunc)
            mine = isinstance(inputs[0], Numbers)
            name = (_OPERATORS if mine else _REVERSED).get(ufunc)
            if name is not None:
                found = getattr(inputs[0] if mine else inputs[1], name)(*(inputs[1:] if mine else inputs[:1]))
                if found is not NotImplemented:
                    return found
        raise TypeError(f"numpy.{ufunc.__name__} is not defined for a {type(self).__name__}")

    def __array_function__(self, function: Any, _types: Any, given: Any, more: Any) -> Any:
        """NumPy's entry for its other functions."""
        if not more and len(given) == 1 and function in (np.linalg.norm, np.sum):
            return self.norm() if function is np.linalg.norm else self.total()
        if not more and len(given) == 2 and function in (np.dot, np.vdot, np.inner):
            return given[0] @ given[1]
        raise TypeError(f"numpy.{function.__name__} is not defined for a {type(self).__name__}")

    def unary(self, function: Any) -> Any:
        """An elementwise function of NumPy."""
        raise TypeError(f"numpy.{function.__name__} is not defined for a {type(self).__name__}")

    def total(self) -> Any:
        """Sum of the entries."""
        raise TypeError(f"{type(self).__name__} has no sum")

    def norm(self) -> Any:
        """Euclidean norm."""
        raise TypeError(f"{type(self).__name__} has no norm")


def norm(v: Any) -> Any:
    """Euclidean norm of a vector: of each column of floats of shape (n, paths), or of what stands for a vector."""
    if isinstance(v, np.ndarray) and v.dtype != object:
        return np.sqrt(np.sum(v * v, axis=0))
    return v.norm() if hasattr(v, "unit") or isinstance(v, Numbers) else np.linalg.norm(v)


def unit(v: Any) -> Any:
    """v/|v|; of floats 0 where v is 0, so that a normalised ascent stays where the gradient is zero."""
    if isinstance(v, np.ndarray) and v.dtype != object:
        size = norm(v)
        return v / np.where(size > 0, size, 1.0)
    return v.unit() if hasattr(v, "unit") else v / norm(v)


def dot(u: Any, v: Any) -> Any:
    """Scalar product of two vectors: of each pair of columns of floats of shape (n, paths)."""
    if isinstance(u, np.ndarray) and u.dtype != object:
        return np.sum(u * v, axis=0)
    return u @ v
