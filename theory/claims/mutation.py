"""False twins made by named mistakes: the slips that people make in this field, applied to a formula.

Each mistake turns a relation into a falsehood nearby, or leaves it alone where it cannot be made. That the
machinery refutes them all is tested; it is what shows that its "proved" means something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from saddlecheck.theory import symbols as s
from saddlecheck.theory.symbols import Formula

Mistake = Callable[[Any], "Formula | None"]  # a relation to a wrong one, or None

_REVERSED = {
    sp.StrictLessThan: sp.StrictGreaterThan,
    sp.StrictGreaterThan: sp.StrictLessThan,
    sp.LessThan: sp.GreaterThan,
    sp.GreaterThan: sp.LessThan,
}


def _right_side(change: Callable[[Any], Any]) -> Mistake:
    """A mistake on the right side of an equation."""

    def make(relation: Any) -> Formula | None:
        if not isinstance(relation, sp.Eq):
            return None
        right = change(relation.rhs)
        return None if right is None else sp.Eq(relation.lhs, right, evaluate=False)

    return make


def _misread(symbol: Any, wrong: Any) -> Mistake:
    """One symbol read for another expression, on the right side."""

    def make(relation: Any) -> Formula | None:
        return type(relation)(relation.lhs, relation.rhs.subs(symbol, wrong), evaluate=False)

    return make


def _square_k(right: Any) -> Any:
    k = 1 + s.rho * s.lam
    return right.subs(k, k**2)


def _reverse(relation: Any) -> Formula | None:
    turned = _REVERSED.get(type(relation))
    return None if turned is None else turned(relation.lhs, relation.rhs, evaluate=False)


def _equate(relation: Any) -> Formula | None:
    return sp.Eq(relation.lhs, relation.rhs, evaluate=False) if type(relation) in _REVERSED else None


def _drop_absolute(relation: Any) -> Formula:
    return type(relation)(relation.lhs, relation.rhs.replace(sp.Abs, lambda v: v), evaluate=False)


# Applied to every statement and step that is proved.
GENERAL: dict[str, Mistake] = {
    "flipped sign": _right_side(lambda right: -right),
    "a factor two too many": _right_side(lambda right: 2 * right),
    "something left over": _right_side(lambda right: sp.S.One if right == 0 else None),
    "reversed inequality": _reverse,
    "inequality read as an equation": _equate,
}

# Mistakes that a claim asks for by name: they are false only where the claim depends on the symbol.
NAMED: dict[str, Mistake] = {
    **GENERAL,
    "a square too many": _right_side(_square_k),
    "lambda for |lambda|": _drop_absolute,
    "B^2 for B": _misread(s.B, s.B**2),
    "eta for eta/2": _misread(s.eta, 2 * s.eta),
    "eta/2 for eta": _misread(s.eta, s.eta / 2),
    "inverted constant": _right_side(lambda right: 1 / right if right != 0 else None),
    "rho^2 for rho": _misread(s.rho, s.rho**2),
}


def wrong(formula: Formula, make: Mistake) -> Iterator[Formula]:
    """The formula with the mistake in one of the relations that it asserts (conclusion, conjunct), each in turn."""
    if isinstance(formula, sp.Implies):
        for conclusion in wrong(formula.args[1], make):
            yield sp.Implies(formula.args[0], conclusion, evaluate=False)
    elif isinstance(formula, sp.And):
        for i, part in enumerate(formula.args):
            for mutated in wrong(part, make):
                yield sp.And(*formula.args[:i], mutated, *formula.args[i + 1 :], evaluate=False)
    elif isinstance(formula, sp.core.relational.Relational):
        mutated = make(formula)
        if mutated is not None and mutated != formula:
            yield mutated


def mutants(formula: Formula) -> Iterator[tuple[str, Formula]]:
    """(mistake, false formula) for every general mistake, at every relation where it can be made."""
    for name, make in GENERAL.items():
        for mutated in wrong(formula, make):
            yield name, mutated


def mistake(name: str, formula: Formula) -> Formula:
    """The formula with the named mistake; raises ValueError if it cannot be made there (a twin that is no twin)."""
    for mutated in wrong(formula, NAMED[name]):
        return mutated
    raise ValueError(f"the mistake {name!r} changes nothing in {formula}; choose one that does.")
