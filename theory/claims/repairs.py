"""When a claim counts as the repair of another: it is about the same thing and assumes no part of what it concludes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from saddlecheck.theory.claims.asserted import Asserted
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.symbols import Formula

_LEAST, _LONG = 2, 8  # operations of a term of a sum, and of what is more than the notation of many claims
_SWAPPED = {sp.Lt: sp.Gt, sp.Le: sp.Ge}
_WEAKER = {sp.Gt: (sp.Gt, sp.Ge, sp.Ne), sp.Eq: (sp.Eq, sp.Ge), sp.Ge: (sp.Ge,), sp.Ne: (sp.Ne,)}


def extends(repair: Asserted, claim: Asserted) -> bool:
    """Whether a repair is the same statement under more conditions (and so not another statement)."""
    return repair.statement == claim.statement and set(repair.given) > set(claim.given)


def defect(repair: Asserted, claim: Asserted) -> str:
    """Return why one claim is no repair of another, as what follows the repair's id in a sentence; empty if it is one.

    A repair has the claim's statement under more conditions, or a statement of its own about the same thing (it then
    concludes or excludes what the claim says of it): a proposition, a side of a relation or a term of one, a long
    expression, or what both display under one name. 1 + rho lambda alone stands in half of the claims and makes none a
    repair of another. None of its conditions may hold a part of what it concludes, as written or up to terms moved
    across and a constant factor, wherever it stands among "and", "or", "not" and "implies"; what the claim itself
    assumes of the same statement is no addition.
    """
    own = set(claim.given) if extends(repair, claim) else set()
    assumed = {form for condition in set(repair.given) - own for part in _held(condition) for form in _implied(part)}
    for part in _held(repair.statement):
        if _form(part) in assumed:
            return f"assumes what it concludes, {part}"
    if extends(repair, claim) or _displayed(repair) & _displayed(claim):
        return ""
    if any(speaks_of(repair.statement) & speaks_of(claim.statement) for speaks_of in (_written, _parts)):
        return ""
    return f"has neither the statement of {claim.id} under more conditions nor a side, a term or a proposition of it"


def _held(formula: Formula, *, denied: bool = False) -> Iterator[Formula]:
    """The parts that a formula asserts, each at least in some case; of a condition that it only asks for, none."""
    if isinstance(formula, sp.Not):
        yield from _held(formula.args[0], denied=not denied)
    elif isinstance(formula, sp.Implies):
        yield from _held(formula.args[1], denied=denied)
    elif isinstance(formula, (sp.And, sp.Or, sp.Equivalent)):
        for part in formula.args:
            yield from _held(part, denied=denied)
    else:
        relation = isinstance(formula, sp.core.relational.Relational)
        yield (formula.negated if relation else sp.Not(formula)) if denied else formula


@lru_cache(maxsize=4096)  # claims share their conditions, and each is compared in two catalogues
def _form(part: Formula) -> Any:
    """A relation in one form (kind, difference of the sides up to a positive factor); anything else as it is."""
    if not isinstance(part, sp.core.relational.Relational):
        return part
    kind, left, right = type(part), part.lhs, part.rhs
    if kind in _SWAPPED:
        kind, left, right = _SWAPPED[kind], right, left
    content, difference = sp.expand(left - right).as_content_primitive()
    return kind, (sp.sign(content) * difference if kind in (sp.Gt, sp.Ge) else _signless(difference))


def _implied(part: Formula) -> Iterator[Any]:
    """The forms of what follows from one condition without a thought: x > 0 says that x >= 0 and x != 0."""
    form = _form(part)
    if not isinstance(form, tuple):
        yield form
        return
    kind, difference = form
    for weaker in _WEAKER[kind]:
        yield weaker, (difference if weaker in (sp.Gt, sp.Ge) else _signless(difference))
    if kind is sp.Eq:
        yield sp.Ge, -difference


def _signless(difference: Any) -> Any:
    """One of d and -d, the same one for both."""
    return min(difference, -difference, key=sp.default_sort_key)


@lru_cache(maxsize=1024)
def _parts(formula: Formula) -> frozenset[Any]:
    """What a formula speaks of: what is written in it, and the differences that its relations are about."""
    relations = (n for n in sp.preorder_traversal(formula) if isinstance(n, sp.core.relational.Relational))
    differences = (_signless(_form(relation)[1]) for relation in relations)
    return _written(formula) | {d for d in differences if not d.is_Atom}


@lru_cache(maxsize=1024)  # found without multiplying anything out, and mostly enough
def _written(formula: Formula) -> frozenset[Any]:
    """The propositions of a formula, the sides of its relations and the terms of these, and its long expressions."""
    found: set[Any] = set()
    for node in sp.preorder_traversal(formula):
        if isinstance(node, sp.core.relational.Relational):
            found |= {side for side in node.args if not side.is_Atom}
            found |= {term for side in node.args for term in _terms(side) if sp.count_ops(term) >= _LEAST}
        elif isinstance(node, Prop) or (isinstance(node, sp.Expr) and sp.count_ops(node) >= _LONG):
            found.add(node)
    return frozenset(found)


def _terms(side: Any) -> tuple[Any, ...]:
    """The terms of a side; of a slope, or of a Taylor coefficient, those of the function."""
    return _terms(side.args[0]) if isinstance(side, (sp.Derivative, Coefficient)) else sp.Add.make_args(side)


def _displayed(claim: Asserted) -> frozenset[Any]:
    """The functions that a claim displays by name, such as the variance at a time: what it says something of."""
    where = () if claim.display is None else claim.display.where
    return frozenset(name for name in where if isinstance(name, AppliedUndef))


__all__ = ["defect", "extends"]
