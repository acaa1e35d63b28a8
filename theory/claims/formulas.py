"""Formulas left as they are written: SymPy would decide or reorder them at construction, and then nothing is proved."""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.symbols import Expr, Formula


def equal(left: Expr, right: Expr) -> Formula:
    """The equation left = right."""
    return sp.Eq(left, right, evaluate=False)


def every(*parts: Formula) -> Formula:
    """All of the parts. Raises ValueError for one that SymPy has decided: it would be lost silently."""
    if decided := [part for part in parts if part in (True, False)]:
        raise ValueError(f"a part of a conjunction is {decided[0]}, decided when it was made; use equal, above, below.")
    return _undecided(sp.And(*parts, evaluate=False))


def implies(condition: Formula, conclusion: Formula) -> Formula:
    """The conclusion wherever the condition holds."""
    return sp.Implies(condition, conclusion, evaluate=False)


def iff(left: Formula, right: Formula) -> Formula:
    """Each side implies the other."""
    return every(implies(left, right), implies(right, left))


def exactly(left: Formula, right: Formula) -> Formula:
    """One side holds if and only if the other does. Raises ValueError where SymPy decides it."""
    return _undecided(sp.Equivalent(left, right, evaluate=False))


def either(*parts: Formula) -> Formula:
    """At least one of the parts. Raises ValueError where SymPy decides it."""
    return _undecided(sp.Or(*parts, evaluate=False))


def above(left: Expr, right: Expr = sp.S.Zero) -> Formula:
    """The left side is greater."""
    return sp.Gt(left, right, evaluate=False)


def below(left: Expr, right: Expr = sp.S.Zero) -> Formula:
    """The left side is less."""
    return sp.Lt(left, right, evaluate=False)


def at_least(left: Expr, right: Expr = sp.S.Zero) -> Formula:
    """The left side is not less."""
    return sp.Ge(left, right, evaluate=False)


def differ(left: Expr, right: Expr = sp.S.Zero) -> Formula:
    """The sides are not equal."""
    return sp.Ne(left, right, evaluate=False)


def between(x: Expr, low: Expr, high: Expr) -> Formula:
    """Strictly between the two."""
    return every(below(x, high), above(x, low))


def close(x: Expr, limit: Expr, *, within: Expr) -> Formula:
    """The distance of x from the limit is at most the error `within`, as two inequalities without an absolute value."""
    gap = x - limit
    return every(within - gap >= 0, within + gap >= 0)


def _undecided(joined: Formula) -> Formula:
    """The formula. With evaluate=False too SymPy decides relations that exclude, exhaust or repeat each other."""
    if joined in (True, False):
        raise ValueError(f"a formula is {joined}, decided when it was made; leave out the parts that decide it.")
    return joined
