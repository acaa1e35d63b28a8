"""Inequalities on boxes by subdivision, with two interval arithmetics: Arb's balls and mpmath's intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, mul
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.claims.kinds import admits
from saddlecheck.theory.engines import ball
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.symbols import Expr, Formula

Box = dict[Any, tuple[Any, Any]]
Finding = tuple[Literal["proved", "refuted", "undecided"], str, Mapping[Any, Any] | None]
ENGINES = ("arb", "mpmath")
_BITS = 96
_LARGEST = 10**6  # argument of a function in mpmath's arithmetic
_NAMES = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos"}  # mpmath's intervals get Max and Min wrong
BOXES = 6_000  # boxes looked at before giving up


def prove(inequality: Formula, box: Mapping[Any, tuple[Any, Any]], engine: str) -> Finding:
    """Whether a strict inequality holds on the whole box: bisect until every piece is decided.

    A piece whose midpoint violates the inequality refutes it, with the midpoint as the witness.  What an engine has no
    arithmetic for is "undecided" immediately, and so is an expression without a value somewhere in the box.

    Returns:
        ("proved", "refuted" or "undecided"; a sentence; the midpoint that refutes it, or None).
    """
    excess = _excess(inequality)
    if missing := excess.free_symbols - set(box):
        return "undecided", f"no range for {', '.join(sorted(map(str, missing)))}", None
    try:
        lower = _arb_lower(excess) if engine == "arb" else _mpmath_lower(excess)
        return _bisect(inequality, box, lower)
    except Unsupported as error:
        return "undecided", str(error), None


def _bisect(inequality: Formula, box: Mapping[Any, tuple[Any, Any]], lower: Callable[[Box], bool]) -> Finding:
    todo: list[Box] = [{s: (sp.Rational(low), sp.Rational(high)) for s, (low, high) in box.items()}]
    for seen in range(BOXES):
        if not todo:
            return "proved", f"{seen} boxes", None
        piece = todo.pop()
        if lower(piece):
            continue
        middle = {s: (low + high) / 2 for s, (low, high) in piece.items()}
        if _fails(inequality, middle):
            return "refuted", f"{inequality} fails there", middle
        todo += _halves(piece, middle)
    return "undecided", f"not settled by {BOXES} boxes", None


def _fails(inequality: Formula, point: Mapping[Any, Any]) -> bool:
    """Whether a point refutes it. No value at a point: no box that holds it can be proved, so that is not caught."""
    return all(admits(s, v) for s, v in point.items()) and truth(inequality, point) is False


def _excess(inequality: Formula) -> Expr:
    """The expression that the inequality says to be positive; nothing cancels, so that each side must have a value."""
    if not isinstance(inequality, (sp.StrictGreaterThan, sp.StrictLessThan)):
        raise TypeError(f"a strict inequality is needed, got {inequality}")
    larger, smaller = inequality.gts, inequality.lts
    return sp.Add(larger, sp.Mul(-1, smaller, evaluate=False), evaluate=False)


def _halves(piece: Box, middle: Mapping[Any, Any]) -> list[Box]:
    widest = max(piece, key=lambda s: piece[s][1] - piece[s][0])
    low, high = piece[widest]
    return [{**piece, widest: (low, middle[widest])}, {**piece, widest: (middle[widest], high)}]


def _arb_lower(excess: Expr) -> Callable[[Box], bool]:
    ball.require_smooth(excess)

    def positive(piece: Box) -> bool:
        try:
            return bool(ball.enclose(excess, piece, _BITS) > 0)
        except Unsupported:  # for example a denominator that may vanish in this piece
            return False

    return positive


def _mpmath_lower(excess: Expr) -> Callable[[Box], bool]:
    from mpmath import iv

    for e in sp.preorder_traversal(excess):
        known = e.is_Symbol or e.is_Rational or e.is_Add or e.is_Mul or e is sp.pi or e.func in _NAMES
        if not (known or (e.is_Pow and e.exp.is_Rational)):
            raise Unsupported(f"no interval arithmetic for {type(e).__name__}")

    def positive(piece: Box) -> bool:
        iv.prec = _BITS
        try:
            return bool(_interval(iv, excess, {s: _range(iv, *ends) for s, ends in piece.items()}) > 0)
        except (ZeroDivisionError, ValueError, OverflowError):
            return False

    return positive


def _interval(iv: Any, expr: Expr, env: Mapping[Any, Any]) -> Any:
    """An mpmath interval that contains the expression's values; raises ValueError where there may be none."""
    if expr.is_Symbol:
        return env[expr]
    if expr.is_Rational:
        return iv.mpf(int(expr.p)) / int(expr.q)
    if expr is sp.pi:
        return iv.pi
    first, *others = (_interval(iv, a, env) for a in expr.args)
    if expr.is_Add or expr.is_Mul:
        return reduce(add if expr.is_Add else mul, others, first)
    if expr.is_Pow:
        return _power(iv, first, expr.exp)
    if expr.func is sp.log:
        _require_positive(first)
    elif not abs(first) < _LARGEST:  # exp(exp(exp(x))) would be computed to as many digits as it has
        raise OverflowError("the argument is too large")
    return getattr(iv, _NAMES[expr.func])(first)


def _power(iv: Any, base: Any, exponent: Any) -> Any:
    """A rational power. mpmath returns a half-line for 1/[0, 1], where there is no value at 0."""
    if exponent < 0 and 0 in base:
        raise ZeroDivisionError("the interval holds 0")
    if exponent.is_Integer:
        return base ** int(exponent) if exponent > 0 else 1 / base ** -int(exponent)
    if int(exponent.q) == 2 and base.a >= 0:
        root = iv.sqrt(base)
        return root ** int(exponent.p) if exponent > 0 else 1 / root ** -int(exponent.p)
    _require_positive(base)
    return iv.exp(_interval(iv, exponent, {}) * iv.log(base))


def _require_positive(value: Any) -> None:
    if not value.a > 0:
        raise ValueError("the interval is not positive")


def _range(iv: Any, low: Any, high: Any) -> Any:
    left, right = iv.mpf(int(low.p)) / int(low.q), iv.mpf(int(high.p)) / int(high.q)
    return iv.mpf([left.a, right.b])
