"""Whether a display, with its names written out, is the statement: part for part, each pair compared by engines.

Two parts are the same if they are the same tree, if they relate differences that are identical (an `Equal` step), or
if each follows from the other (an `Entails` step). One engine proposes which parts belong together; the steps are then
checked like those of a derivation.

Any two truths follow from each other. So an identity is the same only as one between the same two sides, and where
each part has to follow from the other it does so under conditions from which neither follows alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sympy as sp
from sympy.logic.boolalg import BooleanFunction

from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, iff
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Entails, Equal, Step
from saddlecheck.theory.engines import identity, smt
from saddlecheck.theory.symbols import Expr, Formula

_RELATION = sp.core.relational.Relational
_TURNED = {
    sp.StrictLessThan: sp.StrictGreaterThan,
    sp.LessThan: sp.GreaterThan,
}
_ENGINES = 2  # proofs that a comparison needs, as a step of a claim does


@dataclass(frozen=True)
class Comparison:
    """A step that has to hold for two parts to be the same, and what it may use."""

    step: Step
    premises: tuple[Formula, ...]


def comparisons(display: Display, statement: Formula, given: Sequence[Formula] = ()) -> tuple[Comparison, ...]:
    """What has to hold for the display to be the statement.

    Returns:
        Steps and their premises; none if the two are the same trees.

    Raises:
        ValueError: a part of one that is no part of the other.
    """
    shown = list(dict.fromkeys(part for whole in display.written_out for part in _conjuncts(whole)))
    found = _matched(shown, _conjuncts(statement), tuple(given))
    if found is None and not _words([*shown, statement]):
        found = _both_ways(_joined(shown), statement, tuple(given))
    if found is None:
        stray = [p for p in shown if not any(_alike(p, q, tuple(given)) is not None for q in _conjuncts(statement))]
        raise ValueError(f"the display asserts {stray[0] if stray else 'another number of parts'}: not the statement.")
    return tuple(found)


def mismatch(display: Display, statement: Formula, given: Sequence[Formula] = ()) -> str | None:
    """Why the display is not the statement, as a sentence; None if it is, each comparison proved by two engines."""
    try:
        needed = comparisons(display, statement, given)
    except ValueError as error:
        return str(error)
    for comparison in needed:
        outcomes = comparison.step.check(comparison.premises)
        if sum(o.status == "proved" for o in outcomes) < _ENGINES or any(o.status == "refuted" for o in outcomes):
            return f"it was not proved that {comparison.step.formula}."
    return None


def _conjuncts(formula: Formula) -> list[Formula]:
    return [p for part in formula.args for p in _conjuncts(part)] if isinstance(formula, sp.And) else [formula]


def _joined(parts: Sequence[Formula]) -> Formula:
    return parts[0] if len(parts) == 1 else sp.And(*parts, evaluate=False)


def _words(formulas: Sequence[Formula]) -> bool:
    return any(formula.has(Prop) for formula in formulas)


def _matched(left: Sequence[Formula], right: Sequence[Formula], given: tuple[Formula, ...]) -> list[Comparison] | None:
    """What makes the two lists the same in some order; None if a part has no partner."""
    free, found = list(right), []
    for part in sorted(left, key=lambda p: p not in right):  # those that are there as they stand come first
        for other in sorted(free, key=lambda p: p != part):
            if (needed := _alike(part, other, given)) is not None:
                free.remove(other)
                found += needed
                break
        else:
            return None
    return None if free else found


def _alike(left: Formula, right: Formula, given: tuple[Formula, ...]) -> list[Comparison] | None:
    """What makes two formulas the same; None if they are not."""
    if left == right:
        return []
    found = None
    if isinstance(left, _RELATION) and isinstance(right, _RELATION):
        found = _relations(left, right, given)
    elif isinstance(left, BooleanFunction) and type(left) is type(right):
        found = _junctions(left, right, given)
    if found is None and not _words([left, right]):
        found = _both_ways(left, right, given)
    return found


def _relations(left: Formula, right: Formula, given: tuple[Formula, ...]) -> list[Comparison] | None:
    """Relations of one kind between the same differences; identities between the same sides."""
    (kind, a), (other, b) = _difference(left), _difference(right)
    signs = (1, -1) if kind in (sp.Eq, sp.Ne) else (1,)
    if kind is not other:
        return None
    if kind is sp.Eq and _same(a, sp.S.Zero, given) is not None:
        for sides in (left.args, left.args[::-1]):
            pairs = [_same(mine, its, given) for mine, its in zip(sides, right.args, strict=True)]
            if None not in pairs:
                return [comparison for pair in pairs for comparison in pair or ()]
        return None
    return next((found for sign in signs if (found := _same(a, sign * b, given)) is not None), None)


def _same(left: Expr, right: Expr, given: tuple[Formula, ...]) -> list[Comparison] | None:
    """What makes two expressions the same; None if no engine finds that they are."""
    if sp.S(left - right) == 0:
        return []
    same = equal(left, right)
    if any(engine([same], given)[0] == "proved" for engine in (identity.by_normal_forms, identity.by_algebra)):
        return [Comparison(Equal("same", same, "the same difference of the sides"), given)]
    return None


def _difference(relation: Formula) -> tuple[type, Formula]:
    """Its kind, with "less" turned to "greater", and the difference of its sides."""
    kind = type(relation)
    gap = relation.lhs - relation.rhs
    return (_TURNED[kind], -gap) if kind in _TURNED else (kind, gap)


def _junctions(left: Formula, right: Formula, given: tuple[Formula, ...]) -> list[Comparison] | None:
    """Formulas joined in the same way; a conclusion is compared where its condition holds."""
    if not isinstance(left, sp.Implies):
        return _matched(left.args, right.args, given)
    conditions = _alike(left.args[0], right.args[0], given)
    if conditions is None:
        return None
    conclusions = _alike(left.args[1], right.args[1], (*given, right.args[0]))
    return None if conclusions is None else conditions + conclusions


def _both_ways(left: Formula, right: Formula, given: tuple[Formula, ...]) -> list[Comparison] | None:
    """That each follows from the other, under conditions that do not settle either."""
    same = iff(left, right)
    if not _follows(same, given):
        return None
    for used in _fewer(given, same):
        if not any(_follows(settled, used) for side in (left, right) for settled in (side, sp.Not(side))):
            return [Comparison(Entails("same", same, "each follows from the other"), used)]
    return None


def _fewer(given: tuple[Formula, ...], same: Formula) -> Iterator[tuple[Formula, ...]]:
    """The conditions, then ever fewer of them from which the equivalence follows too."""
    yield given
    for condition in given:
        fewer = tuple(g for g in given if g is not condition)
        if _follows(same, fewer):
            given = fewer
            yield given


@lru_cache(maxsize=256)  # parts are compared to pair them, and again to name the one that is left
def _follows(formula: Formula, given: tuple[Formula, ...]) -> bool:
    return smt.entails(given, formula, "z3").status == "proved"


__all__ = ["Comparison", "comparisons", "mismatch"]
