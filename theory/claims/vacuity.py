"""Statements that say nothing: true by their form, or about points that do not exist. They are refused, not proved."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.nodes import Prop, conjuncts
from saddlecheck.theory.claims.outcome import CLOCK
from saddlecheck.theory.engines import counterexample, smt, solver_process, time_limit
from saddlecheck.theory.engines.translation import Translator
from saddlecheck.theory.errors import NoRule, TimedOut
from saddlecheck.theory.symbols import Formula

_TABLE = 8  # letters whose values are gone through one by one, 256 rows
_PATIENCE = 3.0  # seconds for a solver's model; those of the ledger take a hundredth
_NEGATED = {sp.Ne: sp.Eq, sp.GreaterThan: sp.StrictLessThan, sp.LessThan: sp.StrictGreaterThan}


def empty(statement: Formula, given: Sequence[Formula]) -> str | None:
    """Return why a statement says nothing beyond its conditions, as a sentence; None if its form does not show it.

    The relations in it are taken for letters (x >= y for the negation of x < y); what follows from the conditions by
    the logic of "and", "or" and "not" alone is empty.
    """
    letters: dict[Any, Any] = {}
    stated = _letters(statement, letters)
    if not _consistent(sp.Not(stated)):
        return "it is true by its form, whatever its symbols stand for"
    if given and not _consistent(*(_letters(g, letters) for g in given), sp.Not(stated)):
        return "it follows from its own conditions by their form"
    return None


def _consistent(*formulas: Formula) -> bool:
    """Whether formulas in letters can be true together: by their table of truth values, or where it is long by Z3.

    Z3 says so at once where a normal form would not end; to start it takes longer than to fill in a short table.

    Returns:
        False if no values of the letters make all of them true.
    """
    letters = sorted(set().union(*(sp.S(f).atoms(Prop) for f in formulas)), key=lambda letter: str(letter.name))
    if len(letters) <= _TABLE:
        rows = (dict(zip(letters, row, strict=True)) for row in itertools.product((True, False), repeat=len(letters)))
        return any(all(_true(f, row) for f in formulas) for row in rows)
    translator = Translator()
    asserted = [translator.formula(f) for f in formulas]
    return solver_process.solve("z3", translator.sorts, asserted, _PATIENCE).status != "unsat"


def _true(f: Formula, values: Mapping[Any, bool]) -> bool:
    """Whether a formula in letters is true where they have these values."""
    if isinstance(f, Prop):
        return values[f]
    if f in (sp.true, sp.false):
        return bool(f)
    parts = (_true(part, values) for part in f.args)
    if isinstance(f, sp.And):
        return all(parts)
    if isinstance(f, sp.Or):
        return any(parts)
    if isinstance(f, sp.Not):
        return not next(parts)
    if isinstance(f, sp.Implies):
        return not next(parts) or next(parts)
    if isinstance(f, sp.Equivalent):
        return len(set(parts)) == 1
    raise NoRule(f"{type(f).__name__} is no formula of propositional logic: {f}")


def refusal(statement: Formula, given: Sequence[Formula], hints: Iterable[Mapping[Any, Any]] = ()) -> str | None:
    """Why a statement under these conditions is not to be proved, as a sentence; None if it says something."""
    if (why := empty(statement, given)) is not None:
        return f"its statement is vacuous: {why}."
    if (conditions := next(unmet(statement, given, hints), None)) is None:
        return None
    if conditions == tuple(given):
        return f"no point was found that satisfies its conditions ({', '.join(map(str, given))})."
    return f"its statement is vacuous: no point was found that satisfies {', '.join(map(str, conditions))}."


def unmet(
    statement: Formula, given: Sequence[Formula], hints: Iterable[Mapping[Any, Any]] = ()
) -> Iterator[tuple[Formula, ...]]:
    """The sets of conditions under which a part of the statement speaks, and which no point was found to satisfy."""
    hints = tuple(hints)
    for conditions in dict.fromkeys(_spoken_of(statement, tuple(given))):
        if conditions and not has_model(conditions, hints):
            yield conditions


def has_model(conditions: Sequence[Formula], hints: Iterable[Mapping[Any, Any]] = ()) -> bool:
    """Whether some point satisfies the conditions: one that the search finds, or one that a solver knows to exist."""
    hints = tuple(hints)
    try:
        with time_limit.until(time.monotonic() + CLOCK):
            return any(
                counterexample.model(read, hints) is not None or _is_known_to_exist(read)
                for read in _readings(conditions)
            )
    except TimedOut:
        return False


def _readings(conditions: Sequence[Formula]) -> Iterator[tuple[Formula, ...]]:
    """The conditions for each choice of which propositions in words are true; those that do not say "false"."""
    words = sorted(set().union(*(f.atoms(Prop) for f in conditions)), key=sp.default_sort_key)
    for choice in itertools.product((sp.true, sp.false), repeat=len(words)):
        read = tuple(f.xreplace(dict(zip(words, choice, strict=True))) for f in conditions) if words else conditions
        if sp.false not in read:
            yield tuple(f for f in read if f != sp.true)


def _is_known_to_exist(conditions: Sequence[Formula]) -> bool:
    try:
        return any(smt.satisfiable(conditions, engine, _PATIENCE).status == "refuted" for engine in smt.ENGINES)
    except NoRule:
        return False


def _spoken_of(f: Formula, given: tuple[Formula, ...]) -> Iterator[tuple[Formula, ...]]:
    """Under which conditions each part of a statement asserts something: an implication, where its condition holds."""
    yield given
    if isinstance(f, sp.Not):
        yield from _spoken_of(_denied(f.args[0]), given)
    elif isinstance(f, sp.And):
        for part in f.args:
            yield from _spoken_of(part, given)
    elif isinstance(f, sp.Implies):
        yield from _spoken_of(f.args[1], (*given, f.args[0]))
    elif isinstance(f, sp.Equivalent):
        yield (*given, f.args[0])
        for part in f.args:
            yield from _spoken_of(part, given)
    elif isinstance(f, sp.Or):
        for part in f.args:  # "not A, or B" is an implication too, and so is "neither A nor C, or B"
            denied = conjuncts(part)
            if all(isinstance(each, sp.Not) for each in denied):
                yield (*given, _either([each.args[0] for each in denied]))
            else:
                yield from _spoken_of(part, given)


def _either(parts: Sequence[Formula]) -> Formula:
    """At least one of the parts, left as it stands."""
    return sp.Or(*parts, evaluate=False) if len(parts) > 1 else parts[0]


def _denied(f: Formula) -> Formula:
    """Return what the negation of a formula asserts, one level down; `true` where it is a plain denial.

    "Not (A and not B)" is an implication. "Not (A and B)" says no more than that, whatever A is.
    """
    if isinstance(f, sp.Not):
        return f.args[0]
    if isinstance(f, sp.Or):
        return sp.And(*(sp.Not(part, evaluate=False) for part in f.args), evaluate=False)
    if isinstance(f, sp.Implies):
        return sp.And(f.args[0], sp.Not(f.args[1], evaluate=False), evaluate=False)
    parts = f.args if isinstance(f, sp.And) else ()
    premises = [part for part in parts if not isinstance(part, sp.Not)]
    if len(premises) in (0, len(parts)):
        return sp.true
    conclusions = [part.args[0] for part in parts if isinstance(part, sp.Not)]
    return sp.Implies(sp.And(*premises, evaluate=False), sp.Or(*conclusions, evaluate=False), evaluate=False)


def _letters(f: Formula, letters: dict[Any, Any]) -> Formula:
    """A formula of propositional logic, with one letter for each relation up to negation and exchange of sides."""
    if isinstance(f, sp.core.relational.Relational) and all(isinstance(side, sp.Expr) for side in f.args):
        cls = _NEGATED.get(type(f), type(f))
        letter = _letter(cls, f.lhs, f.rhs, letters)
        return letter if cls is type(f) else sp.Not(letter)
    if isinstance(f, sp.logic.boolalg.BooleanFunction):
        return f.func(*(_letters(part, letters) for part in f.args))
    return f if f in (sp.true, sp.false) else letters.setdefault(f, _new_letter(letters))


def _letter(cls: Any, left: Any, right: Any, letters: dict[Any, Any]) -> Formula:
    if cls is sp.StrictGreaterThan:
        left, right = right, left
    if (left.free_symbols | right.free_symbols) and (number := _summed(left) - _summed(right)).is_Rational:
        if cls is not sp.Eq:
            return sp.true if number < 0 else sp.false  # x - x < 1 is about no x
        if number != 0:  # that the sides of an identity have one sum is what is to be shown of it
            return sp.false
    if cls is sp.Eq:
        return letters.setdefault((cls, frozenset((left, right))), _new_letter(letters))
    return letters.setdefault((left, right), _new_letter(letters))


def _new_letter(letters: Mapping[Any, Any]) -> Prop:
    """A letter that differs from those so far."""
    return Prop(f"letter {len(letters)}", "")


def _summed(e: Any) -> Any:
    """Sums and products as SymPy adds and multiplies them up, should they have been kept from it; nothing else."""
    return e.func(*map(_summed, e.args)) if isinstance(e, (sp.Add, sp.Mul)) else e


__all__ = ["empty", "has_model", "refusal", "unmet"]
