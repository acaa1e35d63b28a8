r"""Formulas on whole arrays with a running bound of their rounding errors, which says where the result is certain.

Each array of extended precision carries a bound of its distance from the exact value. With unit roundoff u an operation
errs by at most u |z|, z being its rounded result, and hands on the errors of its operands:

    x + y    ex + ey
    x y      |x| ey + |y| ex + ex ey
    x / y    (ex + |x/y| ey) / (|y| - ey)
    sqrt x   ex / sqrt x

`_UP` covers the rounding of the bounds themselves, `_TINY` what underflows. Where both ends of the interval round to
one float64 that is the exact value, rounded; some 1 % of the elements are not decided so, and all on a machine whose
extended precision is none. A formula that takes a logarithm or branches on a value leaves this arithmetic: TypeError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from saddlecheck.numerics.checks import Floats

Extended = NDArray[np.longdouble]
Truths = NDArray[np.bool_]

EXTENDED = np.finfo(np.longdouble).nmant in (63, 112)  # IEEE's extended or quadruple precision, each operation rounded
_UNIT = np.finfo(np.longdouble).eps / 2
_UP = 1 + np.longdouble(2) ** -40  # far above (1 + u)^6, the roundings in one bound
_TINY = np.longdouble(2) ** -16300 if EXTENDED else np.longdouble(0)  # above the least float, 2^-16445 or 2^-16494


@dataclass(frozen=True, eq=False)
class Running:
    """Values of extended precision and bounds of their errors, arrays of one shape; acts as a ball does."""

    z: Extended
    error: Extended

    __array_ufunc__ = None  # so that NumPy's numbers leave their operators to this class

    def __add__(self, other: Any) -> Running:
        y = _running(other)
        return _rounded(self.z + y.z, self.error + y.error)

    def __mul__(self, other: Any) -> Running:
        y = _running(other)
        handed = abs(self.z) * y.error + abs(y.z) * self.error + self.error * y.error
        return _rounded(self.z * y.z, handed + _TINY)

    def __truediv__(self, other: Any) -> Running:
        y = _running(other)
        z = self.z / y.z
        handed = (self.error + abs(z) * _UP * y.error) / ((abs(y.z) - y.error) / _UP)
        return _rounded(z, np.where(abs(y.z) > y.error, handed + _TINY, np.inf))

    def sqrt(self) -> Running:
        """The square root; no bound where it may be that of a negative number."""
        z = np.sqrt(self.z)
        bound = np.where(self.z > self.error, self.error / z, np.where(self.z + self.error == 0, 0, np.inf))
        return _rounded(z, bound)

    def __pow__(self, exponent: int) -> Running:
        if not isinstance(exponent, int) or exponent < 1:
            raise TypeError(f"a power of {exponent!r} is none of repeated products")
        return self if exponent == 1 else self * self ** (exponent - 1)

    def max(self, other: Any) -> Running:
        """The larger one, which is as far off as it is itself, or where either may be it, as the operands at most."""
        y = _running(other)
        apart = abs(self.z - y.z) > (self.error + y.error + abs(self.z) * _UNIT + abs(y.z) * _UNIT) * _UP
        own = np.where(self.z > y.z, self.error, y.error)
        return Running(np.maximum(self.z, y.z), np.where(apart, own, np.maximum(self.error, y.error)))

    def __abs__(self) -> Running:
        return Running(abs(self.z), self.error)

    def __neg__(self) -> Running:
        return Running(-self.z, self.error)

    def __sub__(self, other: Any) -> Running:
        return self + -_running(other)

    def __rsub__(self, other: Any) -> Running:
        return _running(other) - self

    def __rtruediv__(self, other: Any) -> Running:
        return _running(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __bool__(self) -> bool:
        raise TypeError("a formula on arrays takes no branch")

    def __getattr__(self, name: str) -> Any:
        raise TypeError(f"{name} has no bound here")


def _rounded(z: Extended, handed: Extended) -> Running:
    return Running(z, (handed + _UNIT * abs(z)) * _UP)


def _running(value: Any) -> Running:
    """An operand: as it is, or a number that a float holds exactly, such as 2, 0.5 or a ball without a radius."""
    if isinstance(value, Running):
        return value
    exact = np.longdouble(float(value))
    if not value == float(exact):  # of a ball that only overlaps it neither is true
        raise TypeError(f"{value} is no float")
    return Running(np.asarray(exact), np.zeros((), np.longdouble))


def enclosed(formula: Callable[..., Any], columns: Sequence[Floats]) -> Running | None:
    """The formula at each element of arrays of one shape; None where it leaves this arithmetic."""
    if not EXTENDED:
        return None
    try:
        with np.errstate(all="ignore"):  # what over- or underflows, or is no number, has no bound
            found = formula(*(Running(c.astype(np.longdouble), np.zeros(c.shape, np.longdouble)) for c in columns))
    except TypeError:
        return None
    return found if isinstance(found, Running) else None


def rounded(found: Running) -> tuple[Floats, Truths]:
    """The values rounded to float64, and where they are certain."""
    with np.errstate(all="ignore"):
        low, high = (np.asarray((found.z + s * found.error * _UP), np.float64) for s in (-1, 1))
    return high, np.asarray(low == high)


def signs(found: Running) -> tuple[Floats, Truths]:
    """The signs, -1 or 1, and where they are certain."""
    with np.errstate(all="ignore"):
        return np.asarray(np.sign(found.z), np.float64), np.asarray(abs(found.z) > found.error)
