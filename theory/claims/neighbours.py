"""Formulas beside a formula: each differs in one place, by as little as a slip of the pen.

Unlike the twins of `mutation`, a neighbour may be true as well: whether it is has to be found out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.symbols import Formula

_BY_STRICTNESS = {
    sp.StrictLessThan: sp.LessThan,
    sp.StrictGreaterThan: sp.GreaterThan,
    sp.LessThan: sp.StrictLessThan,
    sp.GreaterThan: sp.StrictGreaterThan,
}


def neighbours(formula: Formula) -> Iterator[tuple[str, Formula]]:
    """(change, formula) for every change by one place: an integer, an exponent, strictness, Max for Min.

    Each part is changed in turn, those under Equivalent, Or and Not and in conditions included.

    Yields:
        The change in words, and the formula with it.
    """
    seen = {formula}
    for change, changed in _changed(formula):
        if changed not in seen and changed not in (True, False):
            seen.add(changed)
            yield change, changed


def _changed(e: Any) -> Iterator[tuple[str, Any]]:
    """Every change of an expression, or of one of its parts; all else is left as it stands."""
    if type(e) in _BY_STRICTNESS:
        yield "strictness", _BY_STRICTNESS[type(e)](*e.args, evaluate=False)
    if isinstance(e, (sp.Max, sp.Min)):
        yield "Max for Min", (sp.Min if isinstance(e, sp.Max) else sp.Max)(*e.args)
    if e.is_Integer and e not in (0, -1):  # a sign, and what stands beside a comparison, have mistakes of their own
        yield "an integer and one", e + 1
    bound = isinstance(e, (sp.Derivative, Coefficient))  # their variables and orders are no numbers of the formula
    for i, part in enumerate(e.args[:1] if bound else e.args):
        for change, changed in _changed(part):
            name = "an exponent and one" if e.is_Pow and i == 1 and part.is_Integer else change
            yield name, _rebuilt(e, [*e.args[:i], changed, *e.args[i + 1 :]])


def _rebuilt(e: Any, args: list[Any]) -> Any:
    as_it_stands = isinstance(e, (sp.core.relational.Relational, sp.logic.boolalg.BooleanFunction))
    return e.func(*args, evaluate=False) if as_it_stands else e.func(*args)


__all__ = ["neighbours"]
