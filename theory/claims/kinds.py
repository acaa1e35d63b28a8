"""The kinds of numbers that symbols stand for, and the names that they may have.

A symbol is its name: a reader, a solver and a certificate tell symbols apart by nothing else. So one name stands for
one object, and for one kind of number that is written here; a sign is a condition, not a property of a symbol.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.checker import names
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.errors import BadSymbol
from saddlecheck.theory.symbols import Expr, Formula

Kind = Literal["real", "integer", "natural"]  # natural: an integer that is not negative

_KINDS: dict[Kind, dict[str, bool]] = {
    "real": {"real": True},
    "integer": {"integer": True},
    "natural": {"integer": True, "nonnegative": True},
}


@cache
def kind(symbol: Any) -> Kind:
    """What a symbol stands for. Raises BadSymbol if it carries anything but one of the kinds."""
    for name, assumed in _KINDS.items():
        if symbol.assumptions0 == sp.Symbol("s", **assumed).assumptions0:
            return name
    said = ", ".join(f"{k}={v}" for k, v in sorted(symbol._assumptions_orig.items())) or "nothing"
    raise BadSymbol(
        f"the symbol {symbol} assumes {said}; declare it real, integer, or integer and nonnegative, and state any "
        "other property as a condition."
    )


def admits(symbol: Any, value: Any) -> bool:
    """Whether a rational number is of the symbol's kind."""
    return is_of(kind(symbol), value)


def is_of(of: Kind, value: Any) -> bool:
    """Whether a rational number is of a kind."""
    return of == "real" or (bool(sp.Rational(value).is_integer) and (of == "integer" or value >= 0))


def is_whole(expr: Expr) -> bool:
    """Whether an expression is an integer by its form: sums, products and natural powers of integers."""
    if expr.is_Symbol:
        return kind(expr) != "real"
    if expr.is_Pow:
        return is_whole(expr.base) and bool(expr.exp.is_Integer and expr.exp >= 0)
    return bool(expr.is_Integer) or ((expr.is_Add or expr.is_Mul) and all(map(is_whole, expr.args)))


def require_vocabulary(formulas: Iterable[Formula]) -> None:
    """Raise BadSymbol unless each name in the formulas, bound ones included, is one object of a kind."""
    symbols: dict[str, Any] = {}
    propositions: dict[str, Any] = {}
    for formula in formulas:
        for atom in sorted(_atoms(formula), key=str):
            table = propositions if isinstance(atom, Prop) else symbols
            if isinstance(atom, sp.Symbol):
                _require_name(atom)
            if table.setdefault(_shown(atom), atom) != atom:
                raise BadSymbol(f"two different things are named {atom.name}; use one object for one name.")


@cache
def _shown(atom: Any) -> str:
    """The name as a page prints it, signs of grouping and upright letters apart: x1 and x_1, A and Alpha look alike."""
    if not isinstance(atom, sp.Symbol):
        return str(atom.name)
    return re.sub(r"\\mathrm|[{}\s]", "", sp.latex(sp.Symbol(names.spelt(atom.name))))


@cache
def _atoms(formula: Formula) -> frozenset[Any]:
    return frozenset(formula.atoms(sp.Symbol, Prop)) if isinstance(formula, sp.Basic) else frozenset()


@cache
def _require_name(symbol: Any) -> None:
    if type(symbol) is not sp.Symbol:
        raise BadSymbol(f"{symbol} is a {type(symbol).__name__}; use a Symbol, which is its name.")
    if not names.is_readable(symbol.name):
        raise BadSymbol(
            f"a symbol may not be named {symbol.name!r}: it would be read as something else; start with a Latin or "
            "Greek letter, go on with letters, digits and subscripts, and leave out names of constants and functions."
        )
    kind(symbol)
