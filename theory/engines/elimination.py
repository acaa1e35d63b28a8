"""Conditions that are equations, solved: a grid of simple points seldom meets an equation by chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import sympy as sp

from saddlecheck.theory.symbols import Formula

_SIZE = 60  # operations in an equation: a longer one is left alone, to solve it costs more than it finds


@lru_cache(maxsize=256)
def eliminated(given: tuple[Formula, ...]) -> dict[Any, Any]:
    """Return symbols that equations among the conditions give as rational functions of the other symbols.

    Each equation is solved for the first symbol, by name, in which it is linear, and put into the others.
    """
    values: dict[Any, Any] = {}
    for equation in _equations(given):
        difference = (equation.lhs - equation.rhs).xreplace(values)
        if sp.count_ops(difference) > _SIZE or not difference.is_rational_function():
            continue
        solution = _solved(difference)
        if solution is not None:
            values = {s: v.xreplace(solution) for s, v in values.items()} | solution
    return values


def _equations(formulas: Sequence[Formula]) -> Iterator[Any]:
    for formula in formulas:
        if isinstance(formula, sp.And):
            yield from _equations(sorted(formula.args, key=str))
        elif isinstance(formula, sp.Eq):
            yield formula


def _solved(difference: Any) -> dict[Any, Any] | None:
    """The first symbol, by name, in which a rational function is linear, with the value at which it is 0."""
    for symbol in sorted(difference.free_symbols, key=lambda s: str(s.name)):
        slope = sp.diff(difference, symbol)
        if symbol not in slope.free_symbols and not slope.is_zero:
            return {symbol: -difference.xreplace({symbol: sp.S.Zero}) / slope}
    return None
