"""Enclosures of a formula on the part of a box where it has values: logarithms and roots of positive arguments only.

Balls cannot represent "from minus infinity to -3", which is what log(x) + 1 is for 0 < x < exp(-4); mpmath's intervals
can.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from mpmath import iv

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.errors import NoValue

_BITS = 64
_LARGEST = 10**6  # argument of exp, sin, ...: beyond, mpmath takes its time


class Clipped:
    """An interval, possibly unbounded, with the arithmetic that a tape uses."""

    def __init__(self, interval: Any) -> None:
        self.interval = interval

    def __add__(self, other: "Clipped") -> "Clipped":
        return Clipped(self.interval + other.interval)

    def __mul__(self, other: "Clipped") -> "Clipped":
        return Clipped(self.interval**2 if self is other else self.interval * other.interval)

    def __truediv__(self, other: "Clipped") -> "Clipped":
        return Clipped(self.interval / other.interval)

    def log(self) -> "Clipped":
        """On the positive part."""
        return Clipped(iv.log(self._part()))

    def root(self, q: int) -> "Clipped":
        """q-th root of the part that is not negative."""
        return Clipped(iv.exp(iv.log(self._part()) / q))

    def exp(self) -> "Clipped":
        """Also of arguments down to minus infinity."""
        return Clipped(iv.exp(self.interval))

    def sin(self) -> "Clipped":
        """As mpmath encloses it."""
        return Clipped(iv.sin(self._bounded()))

    def cos(self) -> "Clipped":
        """As mpmath encloses it."""
        return Clipped(iv.cos(self._bounded()))

    def tanh(self) -> "Clipped":
        """1 - 2/(exp(2 x) + 1)."""
        return Clipped(1 - 2 / (iv.exp(2 * self._bounded()) + 1))

    def pi(self) -> "Clipped":
        """The constant, as a tape calls for it."""
        return Clipped(iv.pi)

    def _part(self) -> Any:
        if self.interval.b <= 0:
            raise NoValue
        return self.interval if self.interval.a >= 0 else iv.mpf([0, self.interval.b])

    def _bounded(self) -> Any:
        if not abs(self.interval) < _LARGEST:
            raise OverflowError("the argument is too large")
        return self.interval


def excludes_zero(program: Callable[..., list[Any]], box: Sequence[Any]) -> bool:
    """Whether some expression of the program is nowhere 0 on the part of a box (Arb balls) where it has values."""
    iv.prec = _BITS
    try:
        values = program([_from_ball(b) for b in box], _constant)
    except NoValue:
        return True
    except (ArithmeticError, ValueError, AttributeError):  # a quotient 1/0; a function that is missing here
        return False
    return any(bool(v.interval > 0) or bool(v.interval < 0) for v in values)


def _constant(value: Fraction) -> Clipped:
    return Clipped(iv.mpf(value.numerator) / value.denominator)


def _from_ball(ball: Any) -> Clipped:
    ends = Interval.from_arb(ball)
    return Clipped(iv.mpf([_constant(ends.lower).interval.a, _constant(ends.upper).interval.b]))
