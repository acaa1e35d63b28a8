"""Four number types of python-flint under one arithmetic: `fmpq`, `arb`, and power series with coefficients of either.

Quotients cancel removable singularities of series; powers with whole exponents need no logarithm.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb, arb_series, fmpq, fmpq_series

from saddlecheck.theory.claims.kinds import is_whole
from saddlecheck.theory.errors import Unsupported as Unsupported
from saddlecheck.theory.symbols import Expr

_MAX_BITS = 10_000_000  # of a power that is written out exactly


def rational(value: Any) -> Any:
    """A SymPy rational (or Python int, or fmpq) as a flint fmpq; raises `Unsupported` for anything else."""
    if isinstance(value, fmpq):
        return value
    if isinstance(value, sp.Rational):
        return fmpq(value.p, value.q)
    if isinstance(value, (arb, arb_series, fmpq_series, tuple)):
        raise Unsupported(f"{value} is no rational number")
    try:
        q = sp.Rational(value)
    except (TypeError, ValueError) as error:
        raise Unsupported(f"{value} is no rational number") from error
    return fmpq(int(q.p), int(q.q))


def ball(value: Any) -> Any:
    """A number as an `arb` at the current precision: a SymPy rational, an fmpq, an arb, or a pair (lower, upper)."""
    if isinstance(value, arb):
        return value
    if isinstance(value, tuple):
        low, high = (ball(end) for end in value)
        return low.union(high)
    return arb(value if isinstance(value, fmpq) else rational(value))


def quotient(up: Any, down: Any) -> Any:
    """The quotient of two numbers; common leading zeros of two series are cancelled. Raises `Unsupported` at a pole."""
    if is_series(down):
        k = 0
        while k < down.prec and is_zero(down[k]):
            k += 1
        if k:
            up, down = _shift(up, k), _shift(down, k)
    try:
        return up / down
    except (ZeroDivisionError, ValueError) as error:  # flint's series raise the second
        raise Unsupported("a denominator vanishes there") from error


def _shift(series: Any, k: int) -> Any:
    """The series divided by x^k; its first k coefficients must be exactly zero."""
    if not is_series(series) or not all(is_zero(series[i]) for i in range(k)):
        raise Unsupported("a pole, not a removable singularity")
    return type(series)([series[i] for i in range(k, series.prec)], prec=series.prec - k)


def power(base: Any, exponent: Expr, value: Any) -> Any:
    """A power, where `value` is the number that `exponent` stands for; roots of exact numbers are refused.

    A base that may be 0 or negative has powers with exponents that are whole by their form, not by chance: (-1)^y is no
    number, also at y = 2.

    Returns:
        The power, of the base's type.

    Raises:
        Unsupported: it leaves the rationals, or is too long.
    """
    if isinstance(base, arb) and not base.is_finite():
        raise Unsupported("the base of a power has no finite value")  # or its power 0 would be 1
    by_form = exponent.is_Rational or is_whole(exponent)
    if (k := _as_integer(value)) is not None and (by_form or (not is_series(base) and base > 0)):
        return _integer_power(base, k)
    if is_exact(base):
        raise Unsupported("a fractional power leaves the rationals")
    if exponent.is_Rational and hasattr(base, "sqrt") and int(exponent.q) == 2:
        return _integer_power(base.sqrt(), int(exponent.p))
    return (base.log() * value).exp()


def _as_integer(value: Any) -> int | None:
    """The integer that an fmpq or a ball is, or None."""
    if _is_fmpq(value):
        return int(value.p) if value.q == 1 else None
    unique = value.unique_fmpz() if isinstance(value, arb) and value.is_integer() else None
    return None if unique is None else int(unique)


def _integer_power(base: Any, k: int) -> Any:
    if k < 0:
        return quotient(1, _integer_power(base, -k))
    if _is_fmpq(base) and k * max(int(base.p).bit_length(), int(base.q).bit_length()) > _MAX_BITS:
        raise Unsupported(f"a power with the exponent {k:.3g} is too long a fraction")
    if isinstance(base, arb) and k % 2 == 0 and k > 0:
        return (base.abs_lower() ** k).union(base.abs_upper() ** k)  # tight where the ball straddles zero
    return base**k


def _is_fmpq(value: Any) -> bool:
    return isinstance(value, fmpq)


def is_zero(value: Any) -> bool:
    """Whether a number is exactly zero."""
    return bool(value == 0)  # `!=` would let a ball around zero pass


def is_series(value: Any) -> bool:
    """Whether a number is a power series."""
    return isinstance(value, (arb_series, fmpq_series))


def is_exact(value: Any) -> bool:
    """Whether a number, or each coefficient of a series, is rational."""
    return _is_fmpq(value) or isinstance(value, fmpq_series)


def absolute(v: Any) -> Any:
    """The size of a ball, or of a series whose argument keeps its sign near the point."""
    if isinstance(v, arb):
        return abs(v)
    head = v[0]
    if head > 0 or head < 0:
        return v if head > 0 else -v
    raise Unsupported("|.| is not differentiable where its argument may vanish")
