"""What becomes of the statements next to a claim's: refuted, proved as well, or undecided with the reason."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import sympy as sp

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.formulas import implies
from saddlecheck.theory.claims.neighbours import neighbours as changes
from saddlecheck.theory.claims.nodes import conjuncts, exact_part
from saddlecheck.theory.claims.obligations import obligations
from saddlecheck.theory.claims.steps import Accept, Entails, Equal, Premises, Status, Step, stated
from saddlecheck.theory.engines import counterexample, smt, time_limit
from saddlecheck.theory.errors import NoRule, TimedOut, Unsupported
from saddlecheck.theory.symbols import Formula

_PATIENCE = 6.0  # seconds for a query of a solver
_CLOCK = 20.0  # seconds for a search
Proof = Sequence[Step]


@dataclass(frozen=True)
class Neighbour:
    """A statement beside a claim's, different in one place or under one condition less; it may be true as well.

    found: "refuted" by a point or by a solver, "proved" by an engine, else "undecided".  why: the reason of that.
    """

    claim: str
    change: str
    formula: Formula
    found: Status = "undecided"
    why: str = ""


def neighbours(claim: Claim, most: int | None = None) -> Iterator[Neighbour]:
    """What becomes of every statement next to a claim that is proved: changed in one place, or without a condition.

    most: how many of the changes are looked at, evenly spaced; None means all.

    Yields:
        Each neighbour with what was found about it.
    """
    accepted = any(isinstance(step, Accept) for step in claim.steps)
    statement = exact_part(claim.statement)
    if not claim.steps or accepted or statement is None:
        return
    some = list(numbered(statement))
    for change, formula in some[:: 1 if most is None else max(1, -(-len(some) // most))]:
        new = [part for part in conjuncts(formula) if part not in conjuncts(statement)]
        yield _decided(Neighbour(claim.id, change, formula), claim, claim.given, new, _proofs(claim, formula, new))
    for condition in claim.given:
        # What is left says that its values exist, which the condition may have shown.
        given = tuple(g for g in claim.given if g != condition)
        given += tuple(o for g in given for o in _needed(g))
        parts = conjuncts(statement)
        elsewhere = [Entails("neighbour", implies(sp.Not(condition, evaluate=False), part)) for part in parts]
        identities = [
            Equal("neighbour", part) if isinstance(part, sp.Eq) else step
            for part, step in zip(parts, elsewhere, strict=True)
        ]
        beside = Neighbour(claim.id, f"without {condition}", statement)
        yield _decided(beside, claim, given, parts, [claim.steps, elsewhere, identities])


def numbered(statement: Formula) -> Iterator[tuple[str, Formula]]:
    """The changes of a statement, each kind with its number: strictness 1, strictness 2, an integer and one 1, ….

    Yields:
        The name, and the formula.
    """
    counts = Counter[str]()
    for change, formula in changes(statement):
        counts[change] += 1
        yield f"{change} {counts[change]}", formula


def _proofs(claim: Claim, formula: Formula, new: Sequence[Formula]) -> list[Proof]:
    """How a changed statement might be proved: as the last step is, or its new parts, with what is derived computed."""
    before = tuple(step.name for step in claim.steps[:-1])
    consequences = [Entails("neighbour", part, uses=before) for part in new]
    identities = [Equal("neighbour", c.formula) if isinstance(c.formula, sp.Eq) else c for c in consequences]
    ways: list[Proof] = [[dataclasses.replace(claim.steps[-1], formula=formula)], identities, consequences]
    with suppress(Unsupported):
        ways.append([dataclasses.replace(c, formula=counterexample.carried_out(c.formula)) for c in consequences])
    return ways


def _decided(
    beside: Neighbour, claim: Claim, given: tuple[Formula, ...], parts: Sequence[Formula], proofs: Sequence[Proof]
) -> Neighbour:
    """Try to refute one of the parts that are in question, then to prove them by one of `proofs`."""
    if any(_fails(f, given, claim) for f in (*_needed(beside.formula), *parts)):
        return dataclasses.replace(beside, found="refuted")
    why = ""
    for steps in proofs:
        for step in steps:
            found, why = _tried(claim, step, given)
            if found == "refuted":
                return dataclasses.replace(beside, found="refuted")
            if found == "undecided":
                break
        else:
            return dataclasses.replace(beside, found="proved")
    return dataclasses.replace(beside, why=why)


def _fails(formula: Formula, given: tuple[Formula, ...], claim: Claim) -> bool:
    """Whether a point is found that satisfies the conditions and at which the formula is false."""
    try:
        with time_limit.until(time.monotonic() + _CLOCK):
            return counterexample.counterexample(formula, given, claim.hints) is not None
    except TimedOut:
        return False


def _needed(formula: Formula) -> tuple[Formula, ...]:
    """What has to hold for the formula to have a value; nothing where a part has no rule."""
    try:
        found = obligations(formula)
    except NoRule:
        return ()
    return tuple(implies(sp.And(*o.where, evaluate=False), o.needs) if o.where else o.needs for o in found)


def _tried(claim: Claim, step: Step, given: tuple[Formula, ...]) -> tuple[Status, str]:
    """What the engines find about a step under other conditions; one proof is enough to call it true.

    Arb's is none where it evaluates at points.

    Returns:
        The finding, and what is missing where it is undecided. A step of the claim itself is not refuted: that it fails
        under other conditions says nothing of the statement.
    """
    known = {s.name: stated(s) for s in claim.steps}
    try:
        with smt.patience(_PATIENCE):
            outcomes = step.check(Premises(given, (known[name] for name in step.uses)))
    except (TypeError, ValueError) as refusal:  # a shape that the rule does not take
        return "undecided", str(refusal) or type(refusal).__name__
    proved = {o.engine for o in outcomes if o.status == "proved"} - {"arb"}
    why = "; ".join(f"{o.engine}: {o.why or o.status}" for o in outcomes if o.status != "proved")
    if any(o.status == "refuted" for o in outcomes):
        return ("undecided" if step in claim.steps else "refuted"), why
    return ("proved" if proved else "undecided"), why


__all__ = ["Neighbour", "neighbours"]
