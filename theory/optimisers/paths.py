"""A rule that was written for one weight vector, run on many of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from saddlecheck.theory.optimisers.arithmetic import Numbers


@dataclass(frozen=True, eq=False)
class Paths(Numbers):
    """Vectors of shape (n, paths), or numbers of shape (paths,), one a path: sums and norms are each path's own."""

    value: Any

    def __add__(self, other: Any) -> Paths:
        return Paths(self.value + _value(other))

    __radd__ = __add__

    def __neg__(self) -> Paths:
        return Paths(-self.value)

    def __sub__(self, other: Any) -> Paths:
        return Paths(self.value - _value(other))

    def __rsub__(self, other: Any) -> Paths:
        return Paths(_value(other) - self.value)

    def __mul__(self, other: Any) -> Paths:
        return Paths(self.value * _value(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Paths:
        return Paths(self.value / _value(other))

    def __rtruediv__(self, other: Any) -> Paths:
        return Paths(_value(other) / self.value)

    def __pow__(self, power: Any) -> Paths:
        return Paths(self.value ** _value(power))

    def __matmul__(self, other: Any) -> Paths:
        return Paths(np.sum(self.value * _value(other), axis=0))

    def __getitem__(self, index: Any) -> Paths:
        return Paths(self.value[index])

    def unary(self, function: Any) -> Paths:
        """Entry by entry."""
        return Paths(function(self.value))

    def total(self) -> Paths:
        """Sum of each path's entries."""
        return Paths(np.sum(self.value, axis=0))

    def norm(self) -> Paths:
        """Norm of each path's vector."""
        return Paths(np.sqrt(np.sum(self.value**2, axis=0)))

    def __bool__(self) -> bool:
        """Refused: paths may differ in it."""
        raise TypeError("a decision that depends on the path")

    def __array__(self, *_: Any, **__: Any) -> Any:
        """Refused: an array would mix the paths."""
        raise TypeError("the entries of a vector are looked at")


def _value(other: Any) -> Any:
    if isinstance(other, Paths):
        return other.value
    value = np.asarray(other, np.float64)
    return value[:, None] if value.ndim == 1 else value  # a constant vector is that of each path
