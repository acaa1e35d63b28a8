"""SymPy trees evaluated in python-flint's arithmetic: the engine that shares no code with SymPy.

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
from flint import arb, arb_series, ctx, fmpq_series

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.engines.arithmetic import (
    Unsupported,
    absolute,
    ball,
    is_exact,
    is_series,
    power,
    quotient,
    rational,
)
from saddlecheck.theory.symbols import Expr

Point = Mapping[Any, Any]


def exact(expr: Expr, point: Point) -> Any:
    """The value in exact rational arithmetic, an fmpq; raises `Unsupported` if a step leaves the rationals."""
    env = {s: rational(v) for s, v in point.items()}
    return _fold(sp.sympify(expr), env, rational)


def enclose(expr: Expr, point: Point, prec: int = 200) -> Any:
    """Return a ball that contains the value of `expr` at `point` (rationals, balls or boxes), at `prec` bits.

    Derivative and Coefficient nodes are evaluated by power-series arithmetic.
    """
    with ctx.workprec(prec):
        return _fold(sp.sympify(expr), {s: ball(v) for s, v in point.items()}, ball)


def jet(expr: Expr, x: Any, at: Any, order: int, point: Point, prec: int = 200) -> list[Any]:
    """Enclosures of the Taylor coefficients 0..order of `expr` in x at `at`; a removable singularity is allowed."""
    with ctx.workprec(prec):
        return _taylor(sp.sympify(expr), x, sp.sympify(at), order, {s: ball(v) for s, v in point.items()}, ball)


_ELEMENTARY = (sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.atan, sp.erf, sp.erfi)
_KNOWN = (
    *_ELEMENTARY,
    sp.sinh,
    sp.cosh,
    sp.tanh,
    sp.Abs,
    sp.sign,
    sp.Max,
    sp.Min,
    sp.hyper,
    sp.Derivative,
    Coefficient,
)


def require_smooth(expr: Expr) -> None:
    """Raise `Unsupported` for an expression with a part that has no ball arithmetic on a box, such as a Piecewise."""
    for e in sp.preorder_traversal(expr):
        plain = e.is_Symbol or e.is_Rational or e.is_Add or e.is_Mul or e.is_Pow or e in (sp.pi, sp.E)
        if not (plain or isinstance(e, (*_KNOWN, sp.Tuple))):
            raise Unsupported(f"no ball arithmetic for {type(e).__name__}")


def _taylor(expr: Expr, x: Any, at: Any, order: int, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> list[Any]:
    """Taylor coefficients 0..order, exact where `number` is `rational` (then of rational functions only)."""
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
        return power(args[0], expr.exp, args[1])
    if number is rational:
        if any(map(is_series, args)):
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
    return quotient(up, down)


def _branch(expr: Expr, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> Any:
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
    _require_numbers(env, expr.free_symbols | {x})  # of a constant too, in which SymPy does not find x
    at = sp.Dummy()  # the point of expansion, which no formula can name
    return _taylor(f, x, at, int(k), {**env, at: env[x]}, number)[int(k)] * factorial(int(k))


def _value(f: Expr, x: Any, p: Any, env: Mapping[Any, Any], number: Callable[[Any], Any]) -> Any:
    """The value of f at x = p by putting p in; None where f is not defined there (it may have a limit)."""
    try:
        value = _fold(f, {**env, x: _fold(p, env, number)}, number)
    except Unsupported:
        return None
    return value if is_exact(value) or is_series(value) or value.is_finite() else None


def _require_numbers(env: Mapping[Any, Any], symbols: set[Any]) -> None:
    """Power series in two variables are not kept apart here: an expansion inside an expansion would mix them up."""
    if any(is_series(v) for s, v in env.items() if s in symbols):
        raise Unsupported("an expansion inside an expansion")


def _transcendental(expr: Expr, args: list[Any], env: Mapping[Any, Any]) -> Any:
    if any(isinstance(v, arb) and not v.is_finite() for v in args):
        raise Unsupported(f"the argument of {type(expr).__name__} has no finite value")  # or sign(1/0) would have one
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
        if any(map(is_series, args)):
            raise Unsupported("the larger of two power series")
        return reduce(lambda p, q: p.max(q) if isinstance(expr, sp.Max) else p.min(q), args)
    (v,) = args if len(args) == 1 else (None,)
    if v is None:
        raise Unsupported(f"no ball arithmetic for {type(expr).__name__}")
    if isinstance(expr, (sp.sinh, sp.cosh, sp.tanh)):
        up, down = v.exp(), (-v).exp()
        s, c = (up - down) / 2, (up + down) / 2
        return s if isinstance(expr, sp.sinh) else c if isinstance(expr, sp.cosh) else s / c
    if isinstance(expr, sp.Abs):
        return absolute(v)
    if isinstance(expr, sp.sign):
        return v.sgn() if isinstance(v, arb) else quotient(absolute(v), v)
    for cls in _ELEMENTARY:
        if isinstance(expr, cls):
            return getattr(v, cls.__name__)()
    raise Unsupported(f"no ball arithmetic for {type(expr).__name__}")


def truth(formula: Expr, point: Point) -> bool | None:
    """Whether a Boolean formula is true at a rational point: exactly if it can be, else by balls; None if undecided."""
    if formula in (sp.true, sp.false):
        return bool(formula)
    if isinstance(formula, sp.Not):
        inner = truth(formula.args[0], point)
        return None if inner is None else not inner
    if isinstance(formula, sp.Implies):  # the conclusion need have a value only where the condition holds
        condition = truth(formula.args[0], point)
        conclusion = None if condition is False else truth(formula.args[1], point)
        return True if condition is False or conclusion is True else (conclusion if condition else None)
    if isinstance(formula, sp.Equivalent):
        values = [truth(arg, point) for arg in formula.args]
        return None if None in values else len(set(values)) == 1
    if isinstance(formula, (sp.And, sp.Or)):
        decisive = isinstance(formula, sp.Or)
        values = [truth(arg, point) for arg in formula.args]
        return decisive if decisive in values else (None if None in values else not decisive)
    if not isinstance(formula, sp.core.relational.Relational):
        raise Unsupported(f"no truth value for {type(formula).__name__}")
    return _compare(formula, point)


def _compare(relation: Expr, point: Point) -> bool | None:
    difference = sp.Add(relation.lhs, sp.Mul(-1, relation.rhs, evaluate=False), evaluate=False)
    test: Callable[[Any], bool] = {
        sp.Eq: lambda v: v == 0,
        sp.Ne: lambda v: v != 0,
        sp.StrictLessThan: lambda v: v < 0,
        sp.LessThan: lambda v: v <= 0,
        sp.StrictGreaterThan: lambda v: v > 0,
        sp.GreaterThan: lambda v: v >= 0,
    }[type(relation)]
    try:
        return test(exact(difference, point))
    except Unsupported:
        pass
    for prec in (64, 256, 1024):
        value = enclose(difference, point, prec)
        if not value.is_finite():
            raise Unsupported(f"{relation} has no finite value there")
        if value > 0 or value < 0 or value.is_zero():  # e^0 - 1 is exactly 0 in balls too
            return test((value > 0) - (value < 0))
    return None
