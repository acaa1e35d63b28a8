"""Inequalities on boxes by subdivision, with two interval arithmetics: Arb's balls and mpmath's intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import sympy as sp
from sympy.printing.pycode import MpmathPrinter

from theory.engines import ball
from theory.engines.truth import truth
from theory.symbols import Expr, Formula

Box = dict[Any, tuple[Any, Any]]
Finding = tuple[Literal["proved", "refuted", "undecided"], str, Mapping[Any, Any] | None]
ENGINES = ("arb", "mpmath")
BOXES = 6_000  # boxes looked at before giving up


def prove(inequality: Formula, box: Mapping[Any, tuple[Any, Any]], engine: str) -> Finding:
    """Whether a strict inequality holds on the whole box: bisect until every piece is decided.

    A piece whose midpoint violates the inequality refutes it, with the midpoint as the witness.
    """
    excess = _excess(inequality)
    if missing := excess.free_symbols - set(box):
        return "undecided", f"no range for {', '.join(map(str, missing))}", None
    lower = _arb_lower(excess) if engine == "arb" else _mpmath_lower(excess, list(box))
    todo: list[Box] = [{s: (sp.Rational(low), sp.Rational(high)) for s, (low, high) in box.items()}]
    for seen in range(BOXES):
        if not todo:
            return "proved", f"{seen} boxes", None
        piece = todo.pop()
        if lower(piece):
            continue
        middle = {s: (low + high) / 2 for s, (low, high) in piece.items()}
        if truth(inequality, middle) is False:
            return "refuted", f"{inequality} fails there", middle
        todo += _halves(piece, middle)
    return "undecided", f"not settled by {BOXES} boxes", None


def _excess(inequality: Formula) -> Expr:
    """The expression that the inequality says to be positive."""
    if isinstance(inequality, sp.StrictGreaterThan):
        return inequality.lhs - inequality.rhs
    if isinstance(inequality, sp.StrictLessThan):
        return inequality.rhs - inequality.lhs
    raise TypeError(f"a strict inequality is needed, got {inequality}")


def _halves(piece: Box, middle: Mapping[Any, Any]) -> list[Box]:
    widest = max(piece, key=lambda s: piece[s][1] - piece[s][0])
    low, high = piece[widest]
    return [{**piece, widest: (low, middle[widest])}, {**piece, widest: (middle[widest], high)}]


def _arb_lower(excess: Expr) -> Callable[[Box], bool]:
    return lambda piece: bool(ball.enclose(excess, piece, 96) > 0)


def _mpmath_lower(excess: Expr, symbols: list[Any]) -> Callable[[Box], bool]:
    from mpmath import iv

    names = {f: getattr(iv, f) for f in ("exp", "log", "sqrt", "sin", "cos")} | {"mpf": iv.mpf, "pi": iv.pi}
    printer = _IntervalPrinter({"fully_qualified_modules": False, "inline": True})
    function = sp.lambdify(symbols, excess, modules=[names], printer=printer)

    def positive(piece: Box) -> bool:
        iv.prec = 96
        ranges = [_range(iv, *piece[s]) for s in symbols]
        try:
            return bool(function(*ranges) > 0)
        except (ZeroDivisionError, ValueError):
            return False

    return positive


def _range(iv: Any, low: Any, high: Any) -> Any:
    left, right = iv.mpf(int(low.p)) / int(low.q), iv.mpf(int(high.p)) / int(high.q)
    return iv.mpf([left.a, right.b])


class _IntervalPrinter(MpmathPrinter):  # type: ignore[misc]  # sympy is untyped
    """mpmath code whose numbers are intervals."""

    def _print_Rational(self, expr: Any) -> str:  # noqa: N802  # SymPy's own naming
        return f"(mpf({int(expr.p)})/mpf({int(expr.q)}))"

    _print_Half = _print_Rational  # noqa: N815  # SymPy's own naming

    def _print_Integer(self, expr: Any) -> str:  # noqa: N802  # SymPy's own naming
        return str(int(expr))
