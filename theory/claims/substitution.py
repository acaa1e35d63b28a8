"""Putting expressions for symbols without capture: what is put in keeps its meaning, and so does what is bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.logic.boolalg import BooleanFunction

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.errors import Capture
from saddlecheck.theory.symbols import Expr


def put(e: Expr, at: Mapping[Any, Expr]) -> Expr:
    """The expression with each symbol replaced, simultaneously; relations are left as they stand, undecided.

    SymPy's `subs` lets what is put in be bound (a derivative by x of what held no x), and decides relations.
    Raises Capture for a derivative by a replaced symbol, or by one that occurs in what is put in: unless symbols only
    get new names, that is another function's derivative.

    Returns:
        The new expression; the old one if none of the symbols occurs in it.
    """
    at = {s: v for s, v in at.items() if s in e.free_symbols}
    if not at:
        return e
    if e.is_Symbol:
        return at[e]
    if isinstance(e, Coefficient):
        f, x, p, k = e.args
        bound = sp.Dummy(x.name, real=True) if any(x in v.free_symbols for v in at.values()) else x
        return Coefficient(put(f, {**at, x: bound}), bound, put(p, at), k)
    if isinstance(e, sp.Derivative):
        return _derivative(e, at)
    args = [put(arg, at) for arg in e.args]
    if isinstance(e, (sp.core.relational.Relational, BooleanFunction)):
        return e.func(*args, evaluate=False)
    return e.func(*args)


def fresh(symbol: Any) -> Any:
    """A new real variable that no formula can name."""
    return sp.Dummy(symbol.name, real=True)


def _derivative(e: Expr, at: Mapping[Any, Expr]) -> Expr:
    f, *orders = e.args
    by = {x for x, _ in orders}
    renamed = {s: v for s, v in at.items() if s in by}
    brought = set().union(*(v.free_symbols for s, v in at.items() if s not in by))
    fresh_names = all(isinstance(v, sp.Dummy) and v not in f.free_symbols for v in renamed.values())
    if not fresh_names or len(set(renamed.values())) < len(renamed) or brought & (by | set(renamed.values())):
        raise Capture(f"{e} cannot be read at other values of its symbols: it differentiates by one of them")
    return sp.Derivative(put(f, at), *((renamed.get(x, x), k) for x, k in orders))


__all__ = ["Capture", "fresh", "put"]
