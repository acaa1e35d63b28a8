r"""A rule run beside a critical point: what it makes of a displacement, as a function of the Hessian alone.

Beside a critical point c the gradient at c + v is H v to first order (on a quadratic loss exactly). A vector that a
rule forms from w = c + u by sums, multiples and gradients is

    alpha c + p(H) u + q(H) g/|g|,      g = H u,

p and q polynomials in H; the last part arises where a gradient is divided by its norm. `Displacement` carries
(alpha, p, q), and every operation that does not keep this form raises TypeError: that a rule runs on it proves that
near the critical point it is a function of the Hessian and commutes with it, with the rate p.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory.optimisers.arithmetic import Numbers
from saddlecheck.theory.symbols import Expr, lam

NEGLIGIBLE = sp.Rational(1, 10**6)  # an epsilon beside |g| up to this size is taken for none


def exact(expr: Any) -> Any:
    """An expression, or a matrix of them, with floats read as the decimals they print as: 0.1 as 1/10."""
    return expr.xreplace({f: sp.Rational(repr(float(f))) for f in expr.atoms(sp.Float)})


def number(value: Any) -> Expr:
    """A scalar as an exact expression."""
    if isinstance(value, sp.Expr):
        return exact(value)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{value!r} is no scalar")
    return sp.Rational(repr(float(value)))


@dataclass(frozen=True, eq=False)
class Displacement(Numbers):
    """alpha c + p(H) u + q(H) g/|g|; p and q are expressions in lambda for H."""

    alpha: Expr
    p: Expr
    q: Expr = sp.S.Zero

    def __add__(self, other: Any) -> Displacement:
        if isinstance(other, np.ndarray) and other.ndim:  # seen where floats are given: this is of an earlier call
            raise TypeError("a vector of another call is added, so the rule keeps a state; let it keep none")
        if not isinstance(other, Displacement):
            raise TypeError("a number is added to a vector")
        return Displacement(*(a + b for a, b in zip(self._parts, other._parts, strict=True)))

    def __neg__(self) -> Displacement:
        return Displacement(*(-a for a in self._parts))

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Size):
            return other * self
        if isinstance(other, Displacement):
            if other is self or other._parts == self._parts:
                return Squares(self)
            raise TypeError("two vectors are multiplied entry by entry")
        c = number(other)
        return Displacement(*(a * c for a in self._parts))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self * (1 / other if isinstance(other, Size) else 1 / number(other))

    def __pow__(self, power: Any) -> Squares:
        if power != 2:
            raise TypeError("a vector is raised to a power entry by entry")
        return Squares(self)

    def __matmul__(self, other: Any) -> Size:
        if not isinstance(other, Displacement) or other._parts != self._parts:
            raise TypeError("the product of two vectors")
        return self.norm() ** 2

    @property
    def _parts(self) -> tuple[Expr, Expr, Expr]:
        return self.alpha, self.p, self.q

    def norm(self) -> Size:
        """|c g| for a multiple c of the gradient at the weights."""
        factor = sp.cancel(self.p / lam)
        if self.alpha != 0 or self.q != 0 or not factor.is_number:
            raise TypeError("the norm of a vector that is no multiple of the gradient at the weights")
        return Size(sp.Abs(factor), 1)

    def __array__(self, *_: Any, **__: Any) -> Any:
        """Refused: nothing may look into it."""
        raise TypeError("the entries of a vector are looked at")


@dataclass(frozen=True, eq=False)
class Squares(Numbers):
    """The squares of a vector's entries, of which only the sum is of use."""

    of: Displacement

    def total(self) -> Size:
        """|v|^2."""
        return self.of.norm() ** 2


@dataclass(frozen=True, eq=False)
class Size(Numbers):
    """factor |g|^power."""

    factor: Expr
    power: Expr

    def __pow__(self, power: Any) -> Size:
        k = number(power)
        return Size(self.factor**k, self.power * k)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Size):
            product = Size(self.factor * other.factor, self.power + other.power)
            return product.factor if product.power == 0 else product
        if isinstance(other, Displacement):
            c = sp.cancel(other.p / lam)
            if self.power != -1 or other.alpha != 0 or other.q != 0:
                raise TypeError("a vector times a power of the gradient's norm")
            return Displacement(sp.S.Zero, sp.S.Zero, sp.expand(c * self.factor))
        return Size(self.factor * number(other), self.power)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self * (1 / other if isinstance(other, Size) else 1 / number(other))

    def __rtruediv__(self, other: Any) -> Size:
        return Size(number(other) / self.factor, -self.power)

    def __add__(self, other: Any) -> Size:
        """A small epsilon beside the norm is neglected: the answer is about distances at which |g| exceeds it."""
        if isinstance(other, Size) or not 0 <= number(other) <= NEGLIGIBLE:
            raise TypeError("a number is added to a norm")
        return self

    __radd__ = __add__

    def unary(self, function: Any) -> Any:
        """Its square root; its absolute value is itself."""
        if function is np.sqrt:
            return self ** sp.Rational(1, 2)
        if function is np.absolute:
            return self
        return super().unary(function)
