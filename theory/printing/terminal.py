"""Formulas as plain text for a terminal; the parts that a long one repeats go by names, defined below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy.printing.str import StrPrinter

from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.printing.abbreviations import abbreviations
from saddlecheck.theory.symbols import Expr, Formula


def lines(formula: Formula) -> list[str]:
    """The formula, then one line for each name in it, inner parts first; a proposition in words is itself."""
    if isinstance(formula, Prop):
        return [formula.text]
    names = {part: name.replace("_{", "").rstrip("}") for part, name in abbreviations(formula).items()}
    defined = [f"with {name} = {_written(part, {p: n for p, n in names.items() if p != part})}"
               for part, name in names.items()]  # fmt: skip
    return [_written(formula, names), *defined]


def _written(expr: Expr, names: Mapping[Expr, str]) -> str:
    return str(_Printer(names).doprint(expr))


class _Printer(StrPrinter):  # type: ignore[misc]  # sympy is untyped
    """SymPy's printer of text, which never takes a formula apart to put a name in (that would evaluate it)."""

    def __init__(self, names: Mapping[Expr, str]) -> None:
        super().__init__()
        self._names = names

    def _print(self, expr: Any, **kwargs: Any) -> str:
        return self._names.get(expr) or str(super()._print(expr, **kwargs))

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """A name needs no parentheses."""
        return self._names.get(item) or str(super().parenthesize(item, level, strict))
