"""Exact and ball arithmetic on SymPy trees, through python-flint: the engine that shares no code with SymPy.

One fold over the tree, three number types: `fmpq` (exact rationals), `arb` (real balls) and `arb_series`
(power series with ball coefficients, which differentiate and expand without any symbolic rule).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from math import factorial
from operator import add
from typing import Any

import sympy as sp

from theory.nodes import Coefficient
from theory.symbols import Expr

Point = Mapping[Any, Any]


class Unsupported(ValueError):
    """An expression that this arithmetic cannot evaluate at this point; the message says which part."""


def rational(value: Any) -> Any:
    """A SymPy rational (or Python int, or fmpq) as a flint fmpq; raises `Unsupported` for anything else."""
    from flint import fmpq

    if isinstance(value, fmpq):
        return value
    try:
        q = sp.Rational(value)
    except TypeError as error:
        raise Unsupported(f"{value} is no rational number") from error
    return fmpq(int(q.p), int(q.q))


def ball(value: Any) -> Any:
    """A number as an `arb` at the current precision: a SymPy rational, an fmpq, an arb, or a pair (lower, upper)."""
    from flint import arb, fmpq

    if isinstance(value, arb):
        return value
    if isinstance(value, tuple):
        low, high = (ball(end) for end in value)
        return low.union(high)
    return arb(value if isinstance(value, fmpq) else rational(value))


def exact(expr: Expr, point: Point) -> Any:
    """The value in exact rational arithmetic, an fmpq; raises `Unsupported` if a step leaves the rationals."""
    env = {s: rational(v) for s, v in point.items()}
    return _fold(sp.sympify(expr), env, rational)


def enclose(expr: Expr, point: Point, prec: int = 200) -> Any:
    """A ball that contains the value of `expr` at `point` (rationals, balls or boxes), at `prec` bits.

    Derivative and Coefficient nodes are evaluated by power-series arithmetic.
    """
    with precision(prec):
        return _fold(sp.sympify(expr), {s: ball(v) for s, v in point.items()}, ball)


def jet(expr: Expr, x: Any, at: Any, order: int, point: Point, prec: int = 200) -> list[Any]:
    """Enclosures of the Taylor coefficients 0..order of `expr` in x at `at`; a removable singularity is allowed."""
    with precision(prec):
        return _taylor(sp.sympify(expr), x, sp.sympify(at), order, {s: ball(v) for s, v in point.items()}, ball)


def _taylor(expr: Expr, x: Any, at: Any, order: int, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> list[Any]:
    """Taylor coefficients 0..order, exact where `number` is `rational` (then of rational functions only)."""
    from flint import arb_series, ctx, fmpq_series

    series = fmpq_series if number is rational else arb_series
    slack, cap = 8, ctx.cap  # orders that divisions by x^k may use up
    ctx.cap = order + 1 + slack
    try:
        value = _fold(expr, {**env, x: series([_fold(at, env, number), 1])}, number)
    finally:
        ctx.cap = cap
    if not isinstance(value, series):
        return [value, *([number(0)] * order)]
    if value.prec < order + 1:
        raise Unsupported(f"the expansion in {x} at {at} loses too many orders")
    return [value[i] for i in range(order + 1)]


class precision:  # noqa: N801  # used as a function
    """The precision of a block of Arb arithmetic, restored afterwards."""

    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        from flint import ctx

        self.before, ctx.prec = ctx.prec, self.bits

    def __exit__(self, *_error: object) -> None:
        from flint import ctx

        ctx.prec = self.before


def _fold(expr: Expr, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> Any:
    """Evaluate bottom-up; `number` turns a rational into the number type of the fold."""
    if expr.is_Symbol:
        if expr not in env:
            raise Unsupported(f"no value for {expr}")
        return env[expr]
    if expr.is_Rational:
        return number(expr)
    if isinstance(expr, (sp.Derivative, Coefficient)):
        return _expand(expr, env, number)
    if isinstance(expr, sp.Piecewise):
        return _branch(expr, env, number)
    if expr.is_Mul:
        return _product(expr, env, number)
    args = [_fold(arg, env, number) for arg in expr.args] if not isinstance(expr, sp.hyper) else []
    if expr.is_Add:
        return reduce(add, args)
    if expr.is_Pow:
        return _power(args[0], expr.exp, args[1])
    if number is rational:
        if any(map(_is_series, args)):
            raise Unsupported(f"no exact expansion of {type(expr).__name__}")
        if isinstance(expr, sp.Abs):
            return abs(args[0])
        if isinstance(expr, sp.sign):
            return rational((args[0] > 0) - (args[0] < 0))
        if isinstance(expr, (sp.Max, sp.Min)):
            return (max if isinstance(expr, sp.Max) else min)(args)
        raise Unsupported(f"{type(expr).__name__} leaves the rationals")
    return _transcendental(expr, args, env)


def _product(expr: Expr, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> Any:
    """All numerators over all denominators, so that a removable x/x is met as one quotient."""
    up, down = number(1), number(1)
    for factor in expr.args:
        if factor.is_Pow and factor.exp.is_Rational and factor.exp < 0:
            down = down * _fold(sp.Pow(factor.base, -factor.exp, evaluate=False), env, number)
        else:
            up = up * _fold(factor, env, number)
    return _quotient(up, down)


def _quotient(up: Any, down: Any) -> Any:
    if _is_series(down):
        k = 0
        while k < down.prec and _is_zero(down[k]):
            k += 1
        if k:
            up, down = _shift(up, k), _shift(down, k)
    try:
        return up / down
    except (ZeroDivisionError, ValueError) as error:  # flint's series raise the second
        raise Unsupported("a denominator vanishes there") from error


def _shift(series: Any, k: int) -> Any:
    """The series divided by x^k; its first k coefficients must be exactly zero."""
    if not _is_series(series) or not all(_is_zero(series[i]) for i in range(k)):
        raise Unsupported("a pole, not a removable singularity")
    return type(series)([series[i] for i in range(k, series.prec)], prec=series.prec - k)


def _power(base: Any, exponent: Expr, value: Any) -> Any:
    if (k := _as_integer(value)) is not None:  # a symbol's value too: q^n has no logarithm for q <= 0
        return _integer_power(base, k)
    if _is_exact(base):
        raise Unsupported("a fractional power leaves the rationals")
    if exponent.is_Rational and hasattr(base, "sqrt") and int(exponent.q) == 2:
        return _integer_power(base.sqrt(), int(exponent.p))
    return (base.log() * value).exp()


def _as_integer(value: Any) -> int | None:
    """The integer that an fmpq or a ball is, or None."""
    from flint import arb

    if _is_fmpq(value):
        return int(value.p) if value.q == 1 else None
    unique = value.unique_fmpz() if isinstance(value, arb) and value.is_integer() else None
    return None if unique is None else int(unique)


def _integer_power(base: Any, k: int) -> Any:
    from flint import arb

    if k < 0:
        return _quotient(1, _integer_power(base, -k))
    if isinstance(base, arb) and k % 2 == 0 and k > 0:
        return (base.abs_lower() ** k).union(base.abs_upper() ** k)  # tight where the ball straddles zero
    return base**k


def _is_fmpq(value: Any) -> bool:
    from flint import fmpq

    return isinstance(value, fmpq)


def _is_zero(value: Any) -> bool:
    return bool(value == 0)  # for a ball: exactly zero (`!=` would let a ball around zero pass)


def _is_series(value: Any) -> bool:
    from flint import arb_series, fmpq_series

    return isinstance(value, (arb_series, fmpq_series))


def _is_exact(value: Any) -> bool:
    from flint import fmpq_series

    return _is_fmpq(value) or isinstance(value, fmpq_series)


def _branch(expr: Expr, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> Any:
    from theory.engines.truth import truth  # truth is decided with this arithmetic

    for value, condition in expr.args:
        decided = truth(condition, {s: v for s, v in env.items() if s in condition.free_symbols})
        if decided is None:
            raise Unsupported(f"cannot decide {condition} there")
        if decided:
            return _fold(value, env, number)
    raise Unsupported(f"no branch of {expr} applies there")


def _expand(expr: Expr, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> Any:
    if isinstance(expr, Coefficient):
        f, x, p, k = expr.args
        outer = {s: v for s, v in env.items() if s != x}
        if k == 0 and (value := _value(f, x, p, outer, number)) is not None:
            return value
        _require_numbers(outer, expr.free_symbols)
        return _taylor(f, x, p, int(k), outer, number)[int(k)]
    (f, *variables) = expr.args
    if len(variables) != 1:
        raise Unsupported("a mixed derivative")
    x, k = variables[0]
    if x not in env:
        raise Unsupported(f"no value for {x}")
    _require_numbers(env, expr.free_symbols)
    at = sp.Symbol(f"_{x}")  # the point of expansion, under a name of its own
    return _taylor(f, x, at, int(k), {**env, at: env[x]}, number)[int(k)] * factorial(int(k))


def _value(f: Expr, x: Any, p: Any, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> Any:
    """The value of f at x = p by putting p in; None where f is not defined there (it may have a limit)."""
    try:
        value = _fold(f, {**env, x: _fold(p, env, number)}, number)
    except Unsupported:
        return None
    return value if _is_exact(value) or _is_series(value) or value.is_finite() else None


def _require_numbers(env: Mapping[Any, Any], symbols: set[Any]) -> None:
    """Power series in two variables are not kept apart here: an expansion inside an expansion would mix them up."""
    if any(_is_series(v) for s, v in env.items() if s in symbols):
        raise Unsupported("an expansion inside an expansion")


def _transcendental(expr: Expr, args: list[Any], env: Mapping[Any, Any]) -> Any:
    from flint import arb

    if expr is sp.pi:
        return arb.pi()
    if expr is sp.E:
        return arb(1).exp()
    if isinstance(expr, sp.hyper):
        upper, lower, z = ([_fold(e, env, ball) for e in part] for part in (expr.ap, expr.bq, [expr.argument]))
        if not isinstance(z[0], arb):
            raise Unsupported("a hypergeometric function of a power series")
        return z[0].hypgeom(upper, lower)
    if isinstance(expr, (sp.Max, sp.Min)):
        return reduce(lambda p, q: p.max(q) if isinstance(expr, sp.Max) else p.min(q), args)
    (v,) = args if len(args) == 1 else (None,)
    if v is None:
        raise Unsupported(f"no ball arithmetic for {type(expr).__name__}")
    if isinstance(expr, (sp.sinh, sp.cosh, sp.tanh)):
        up, down = v.exp(), (-v).exp()
        s, c = (up - down) / 2, (up + down) / 2
        return s if isinstance(expr, sp.sinh) else c if isinstance(expr, sp.cosh) else s / c
    if isinstance(expr, sp.Abs):
        return _absolute(v)
    if isinstance(expr, sp.sign):
        return v.sgn() if isinstance(v, arb) else _quotient(_absolute(v), v)
    for cls in (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.atan, sp.erf, sp.erfi):
        if isinstance(expr, cls):
            return getattr(v, cls.__name__)()
    raise Unsupported(f"no ball arithmetic for {type(expr).__name__}")


def _absolute(v: Any) -> Any:
    from flint import arb

    if isinstance(v, arb):
        return abs(v)
    head = v[0]
    if head > 0 or head < 0:
        return v if head > 0 else -v
    raise Unsupported("|.| is not differentiable where its argument may vanish")
