"""Formulas of floats that are right to the last digits over the whole range of float64, evaluated in ball arithmetic.

The exponent of a ball is unbounded, so nothing over- or underflows on the way; and the precision is doubled until what
cancels no longer matters, so each function stands as it is derived. The price is some 20 microseconds a value; on
arrays most elements are settled by a running error bound instead (`saddlecheck.numerics.running`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from flint import arb, ctx

from saddlecheck.numerics import running
from saddlecheck.numerics.checks import Floats

ENOUGH = 62  # bits of a value that is to be rounded to the 53 of a float64
FIRST, LAST = 96, 1 << 15  # the first precision in bits, and the last: more than the exponents of floats can cancel
_MANY = 16  # elements, from which on arrays pay
_NOTHING = -1080  # 2 to this power is rounded to 0, for the smallest float is 2^-1074


def value(enclosure: Callable[[], Any]) -> float:
    """What `enclosure`, called at growing precision, encloses.

    Returns:
        float64; 0 below the smallest float, inf or -inf beyond the largest.

    Raises:
        ArithmeticError: where no precision suffices: the formula is singular there.
    """

    def rounded(found: Any) -> bool:
        return bool(found.rel_accuracy_bits() >= ENOUGH or abs(found) < arb(2) ** _NOTHING)

    return float(_refined(enclosure, rounded))


def sign(enclosure: Callable[[], Any]) -> int:
    """The sign of what `enclosure`, called at growing precision, encloses.

    Returns:
        -1, 0 or 1; 0 only where it comes out as exactly 0.

    Raises:
        ArithmeticError: where no precision suffices.
    """
    found = _refined(enclosure, lambda found: bool(found > 0 or found < 0))
    return int(found > 0) - int(found < 0)


def _refined(enclosure: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
    bits = FIRST
    while bits <= LAST:
        with ctx.workprec(bits):
            found = enclosure()
            if found.is_zero() or enough(found):
                return found
        bits *= 2
    raise ArithmeticError("it is singular there: no precision makes it certain")


def values(formula: Callable[..., Any], *columns: Floats) -> Floats:
    """A formula of balls at each element of arrays that broadcast, shape and rounding as in `each` and `value`."""
    return _most_at_once(running.rounded, lambda *at: value(lambda: formula(*map(arb, at))), formula, columns)


def signs(formula: Callable[..., Any], *columns: Floats) -> Floats:
    """The signs of a formula of balls at each element of arrays that broadcast: -1, 0 or 1 each."""
    return _most_at_once(running.signs, lambda *at: sign(lambda: formula(*map(arb, at))), formula, columns)


def _most_at_once(
    read: Callable[[running.Running], tuple[Floats, running.Truths]], one: Callable[..., float],
    formula: Callable[..., Any], columns: Sequence[Floats],
) -> Floats:  # fmt: skip
    """Whole arrays where the formula is algebraic, and by balls the elements that this leaves open."""
    arrays = np.broadcast_arrays(*columns)
    found = running.enclosed(formula, arrays) if arrays[0].size >= _MANY else None
    if found is None:
        return each(one, *arrays)
    rounded, certain = read(found)
    out = np.broadcast_to(rounded, arrays[0].shape).copy()
    left = np.broadcast_to(~certain, out.shape)
    out[left] = each(one, *(c[left] for c in arrays))
    return out


def each(function: Callable[..., float], *columns: Floats) -> Floats:
    """A function of floats at each element of arrays that broadcast; a NumPy number where all are numbers."""
    arrays = np.broadcast_arrays(*columns)
    out = np.empty(arrays[0].shape)
    for index in np.ndindex(out.shape):
        out[index] = function(*(float(c[index]) for c in arrays))
    return np.asarray(out)[()]
