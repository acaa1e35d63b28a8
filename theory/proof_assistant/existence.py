"""What must hold for the values in a formula to exist, as Coq formulas: Coq's own functions are total.

The table is that of docs/kernel.md. A product that is inverted gives an obligation for each factor. The conclusion of
an Implies must exist where its condition holds, everything else at every point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from saddlecheck.theory.checker.tree import RELATIONS, Tree, children, substitute, symbols
from saddlecheck.theory.errors import Untranslatable
from saddlecheck.theory.proof_assistant import terms
from saddlecheck.theory.proof_assistant.terms import ONE, ZERO

_EVERYWHERE = frozenset({"Add", "Mul", "exp", "sin", "cos", "sinh", "cosh", "tanh", "atan", "erf", "erfi", "Symbol",
                         "Rational", "Pi", "Exp1"})  # fmt: skip
_HALF = ("Rational", Fraction(1, 2))


@dataclass(frozen=True)
class CoqObligation:
    """A Coq formula that must hold where the guards do. tree: the relation that it is, None if it is none."""

    text: str
    tree: Tree | None = None
    guards: tuple[Tree, ...] = ()

    def __str__(self) -> str:
        return "".join(f"{terms.premise(guard)} -> " for guard in self.guards) + self.text


def obligations(formula: Tree) -> list[CoqObligation]:
    """Return the obligations of a formula, innermost first, each once; those on derivatives come before the others.

    Raises:
        Untranslatable: a part that has no Coq form.
    """
    found = dict.fromkeys(_formula(formula, ()))
    return [o for o in found if o.tree is None] + [o for o in found if o.tree is not None]


def of_term(tree: Tree) -> list[CoqObligation]:
    """The obligations of a term."""
    return list(dict.fromkeys(_term(tree, ())))


def _formula(tree: Tree, guards: tuple[Tree, ...]) -> Iterator[CoqObligation]:
    head, *args = tree
    if head == "Implies":
        yield from _formula(args[0], guards)
        yield from _formula(args[1], (*guards, args[0]))
    elif head in RELATIONS:
        for side in args:
            yield from _term(side, guards)
    elif head in ("And", "Or", "Not", "Equivalent"):
        for part in args:
            yield from _formula(part, guards)
    elif head != "Boolean":
        raise Untranslatable(f"the formula {head}")


def _term(tree: Tree, guards: tuple[Tree, ...]) -> Iterator[CoqObligation]:
    head, *args = tree
    if head == "Derivative":
        body, variable, order = args
        yield from _term(body, guards)
        yield from _smooth(body, variable[1], guards)
        yield _differentiable(body, variable, terms.name(variable[1]), order, guards)
        return
    if head == "Coefficient":
        body, variable, at, order = args
        yield from _coefficient(body, variable, at, order, guards)
        return
    for part in children(tree):
        yield from _term(part, guards)
    if head == "Pow":
        yield from _power(args[0], args[1], guards)
    elif head == "log":
        yield from _relation("StrictGreaterThan", args[0], guards)
    elif head not in _EVERYWHERE | {"Abs", "Max", "Min", "sign"}:
        raise Untranslatable(f"the term {head}")


def _power(base: Tree, exponent: Tree, guards: tuple[Tree, ...]) -> Iterator[CoqObligation]:
    if exponent[0] != "Rational":
        if terms._natural(exponent) is None:
            yield from _relation("StrictGreaterThan", base, guards)
        return
    p, q = exponent[1].numerator, exponent[1].denominator
    if q > 1:
        yield from _relation("GreaterThan", base, guards)
    if p < 0:
        factors = base[1:] if base[0] == "Mul" and q == 1 else (base,)
        for factor in factors:
            yield from _relation("Unequality", factor if q == 1 else ("Pow", factor, _HALF), guards)


def _relation(relation: str, tree: Tree, guards: tuple[Tree, ...]) -> Iterator[CoqObligation]:
    """The relation of a term to 0, unless it is a number, of which it is known."""
    while relation == "Unequality" and tree[0] == "Pow" and tree[2][0] == "Rational" and tree[2][1].denominator == 1:
        tree = tree[1]  # a power vanishes where its base does
    if tree[0] == "Rational" and tree[1] > 0:
        return
    whole = (relation, tree, ZERO)
    yield CoqObligation(terms.formula(whole), whole, guards)


def _differentiable(body: Tree, variable: Tree, at: str, order: Tree, guards: tuple[Tree, ...]) -> CoqObligation:
    f = terms.function(body, variable)
    return CoqObligation(f"ex_derive {f} {at}" if order == ONE else f"ex_derive_n {f} {order[1]} {at}", guards=guards)


def _coefficient(
    body: Tree, variable: Tree, at: Tree, order: Tree, guards: tuple[Tree, ...]
) -> Iterator[CoqObligation]:
    yield from _term(at, guards)
    place = terms.term(at)
    place = place if at[0] in ("Symbol", "Rational") and not place.startswith("-") else f"({place})"
    if terms.sort(variable) == "R" and not terms.is_regular(body, variable, at):
        yield CoqObligation(f"ex_finite_lim {terms.function(body, variable)} {place}", guards=guards)
        return
    inner = list(_term(body, ()))
    if order != ZERO:
        inner += _smooth(body, variable[1], ())
    for each in inner:
        if each.tree is None:
            raise Untranslatable("a derivative within a Taylor coefficient")
        moved = substitute(each.tree, {variable[1]: at})
        yield CoqObligation(terms.formula(moved), moved, guards)
    if order != ZERO:
        yield _differentiable(body, variable, place, order, guards)


def _smooth(tree: Tree, variable: str, guards: tuple[Tree, ...]) -> Iterator[CoqObligation]:
    """What makes an existing term smooth in a variable: roots of positive numbers, no kink."""
    if variable not in symbols(tree):
        return
    head, *args = tree
    if head in ("Derivative", "Coefficient"):
        raise Untranslatable(f"a {head} within a derivative")
    if head == "Pow" and args[1][0] == "Rational" and args[1][1].denominator > 1:
        yield from _relation("StrictGreaterThan", args[0], guards)
    elif head == "Abs":
        yield from _relation("Unequality", args[0], guards)
    elif head not in _EVERYWHERE | {"Pow", "log"}:
        raise Untranslatable(f"a derivative of {head}")
    for part in children(tree):
        yield from _smooth(part, variable, guards)
