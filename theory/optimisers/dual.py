"""A rule run on floats with their derivatives (forward mode): its Jacobian, exact to rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from saddlecheck.theory.optimisers.arithmetic import Floats, Numbers

_SLOPES: dict[Any, Callable[[Floats], Floats]] = {
    np.sqrt: lambda v: 0.5 / np.sqrt(v), np.exp: np.exp, np.log: lambda v: 1 / v, np.sin: np.cos,
    np.cos: lambda v: -np.sin(v), np.tanh: lambda v: 1 - np.tanh(v) ** 2, np.absolute: np.sign,
    np.sign: np.zeros_like,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Dual(Numbers):
    """Values, shape (n,) or (), and their derivatives by m parameters, shape (n, m) or (m,)."""

    value: Any
    slope: Any

    def __add__(self, other: Any) -> Dual:
        value, slope = _both(other)
        return Dual(self.value + value, self.slope + slope)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.value, -self.slope)

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Dual:
        value, slope = _both(other)
        return Dual(self.value * value, _times(self.slope, value) + _times(slope, self.value))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self * (other**-1 if isinstance(other, Dual) else 1 / np.asarray(other))

    def __rtruediv__(self, other: Any) -> Any:
        return self**-1 * other

    def __pow__(self, power: Any) -> Dual:
        if isinstance(power, Dual):
            raise TypeError("a power with a derivative")
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = _times(self.slope, power * np.power(self.value, power - 1.0))
            return Dual(np.power(self.value, float(power)), slope)

    def __matmul__(self, other: Any) -> Any:
        return (self * other).total()

    __rmatmul__ = __matmul__

    def unary(self, function: Any) -> Dual:
        """By the chain rule."""
        if function not in _SLOPES:
            raise TypeError(f"the derivative of numpy.{function.__name__} is not known here")
        return Dual(function(self.value), _times(self.slope, _SLOPES[function](self.value)))

    def total(self) -> Dual:
        """Sum of the entries."""
        return Dual(np.sum(self.value), np.sum(self.slope, axis=0))

    def norm(self) -> Dual:
        """Euclidean norm; nan where it is not differentiable."""
        size = np.sqrt(np.sum(self.value**2))
        with np.errstate(invalid="ignore", divide="ignore"):
            return Dual(size, self.value @ self.slope / size)

    def __array__(self, *_: Any, **__: Any) -> Any:
        """Refused: an array would lose the derivatives."""
        raise TypeError("the entries of a vector with derivatives are looked at")


def _both(other: Any) -> tuple[Any, Any]:
    if isinstance(other, Dual):
        return other.value, other.slope
    value = np.asarray(other, np.float64)
    return value, 0.0


def _times(slope: Any, value: Any) -> Any:
    """Derivatives, shape (…, m), times values, shape (…)."""
    return slope * np.asarray(value)[..., None] if np.ndim(slope) else slope
