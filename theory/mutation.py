"""False twins made by named mistakes: the slips that people make in this field, applied to a formula.

Each mutation turns a formula into a falsehood nearby, or returns None where the mistake cannot be made. That the
machinery refutes them all is tested; it is what shows that its "proved" means something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from theory import symbols as s
from theory.symbols import Formula

Mutation = Callable[[Formula], "Formula | None"]

_REVERSED = {
    sp.StrictLessThan: sp.StrictGreaterThan,
    sp.StrictGreaterThan: sp.StrictLessThan,
    sp.LessThan: sp.GreaterThan,
    sp.GreaterThan: sp.LessThan,
}


def relation(formula: Formula) -> Any:
    """The relation that a formula asserts last: itself, the conclusion of an Implies, or an And's last part."""
    if isinstance(formula, sp.Implies):
        return relation(formula.args[1])
    if isinstance(formula, sp.And):
        return relation(formula.args[-1])
    return formula if isinstance(formula, sp.core.relational.Relational) else None


def _with(formula: Formula, new: Formula) -> Formula:
    """The formula with its last relation replaced."""
    if isinstance(formula, sp.Implies):
        return sp.Implies(formula.args[0], _with(formula.args[1], new), evaluate=False)
    if isinstance(formula, sp.And):
        return sp.And(*formula.args[:-1], _with(formula.args[-1], new), evaluate=False)
    return new


def _equation(change: Callable[[Any, Any], Any]) -> Mutation:
    """A mistake on the right side of an equation; an equation between zeros has no such mistake."""

    def mutate(formula: Formula) -> Formula | None:
        last = relation(formula)
        if not isinstance(last, sp.Eq):
            return None
        right = change(last.lhs, last.rhs)
        return None if right is None else _with(formula, sp.Eq(last.lhs, right, evaluate=False))

    return mutate


def _symbol(symbol: Any, wrong: Any) -> Mutation:
    """One symbol read for another expression, on the right side of the last relation only."""

    def mutate(formula: Formula) -> Formula | None:
        last = relation(formula)
        if last is None or symbol not in getattr(last.rhs, "free_symbols", set()):
            return None
        return _with(formula, type(last)(last.lhs, last.rhs.subs(symbol, wrong), evaluate=False))

    return mutate


def reverse(formula: Formula) -> Formula | None:
    """An inequality turned round."""
    last = relation(formula)
    if type(last) not in _REVERSED:
        return None
    return _with(formula, _REVERSED[type(last)](last.lhs, last.rhs, evaluate=False))


def admit_equality(formula: Formula) -> Formula | None:
    """A strict inequality claimed to be an equation."""
    last = relation(formula)
    return _with(formula, sp.Eq(last.lhs, last.rhs, evaluate=False)) if type(last) in _REVERSED else None


def _square_k(_left: Any, right: Any) -> Any:
    k = 1 + s.rho * s.lam
    swapped = right.subs(k, k**2) if right.has(k) else right
    return None if swapped == right else swapped


# Applied to every statement and step that is proved.
GENERAL: dict[str, Mutation] = {
    "flipped sign": _equation(lambda _left, right: -right if right != 0 else None),
    "a factor two too many": _equation(lambda _left, right: 2 * right if right != 0 else None),
    "something left over": _equation(lambda _left, right: sp.S.One if right == 0 else None),
    "reversed inequality": reverse,
    "inequality read as an equation": admit_equality,
}

# Mistakes that a claim asks for by name: they are false only where the claim depends on the symbol.
NAMED: dict[str, Mutation] = {
    **GENERAL,
    "a square too many": _equation(_square_k),
    "lambda for |lambda|": lambda f: _absolute(f),
    "B^2 for B": _symbol(s.B, s.B**2),
    "eta for eta/2": _symbol(s.eta, 2 * s.eta),
    "eta/2 for eta": _symbol(s.eta, s.eta / 2),
    "inverted constant": _equation(lambda _left, right: 1 / right if right not in (0, 1) else None),
    "rho^2 for rho": _symbol(s.rho, s.rho**2),
}


def _absolute(formula: Formula) -> Formula | None:
    last = relation(formula)
    if last is None or not last.rhs.has(sp.Abs):
        return None
    return _with(formula, type(last)(last.lhs, last.rhs.replace(sp.Abs, lambda v: v), evaluate=False))


def mutants(formula: Formula, names: dict[str, Mutation] | None = None) -> Iterator[tuple[str, Formula]]:
    """(mistake, false formula) for every mutation that applies."""
    for name, mutate in (GENERAL if names is None else names).items():
        mutated = mutate(formula)
        if mutated is not None and mutated != formula:
            yield name, mutated


def mistake(name: str, formula: Formula) -> Formula:
    """The formula with the named mistake; raises ValueError if it cannot be made there (a twin that is no twin)."""
    mutated = NAMED[name](formula)
    if mutated is None or mutated == formula:
        raise ValueError(f"the mistake {name!r} changes nothing in {formula}; choose one that does.")
    return mutated
