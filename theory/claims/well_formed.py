"""Whether statement, conditions and steps make a claim: something is left to check, and the steps lead to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy as sp

from saddlecheck.theory.claims.asserted import Asserted
from saddlecheck.theory.claims.nodes import conjuncts
from saddlecheck.theory.claims.steps import Step, stated
from saddlecheck.theory.symbols import Formula


def defects(claim: Asserted, rules: Sequence[type[Step]]) -> Iterator[str]:
    """What does not fit together, in words that follow the claim's id.

    Args:
        claim: its parts.
        rules: the classes of steps that may prove something.

    Yields:
        A sentence for each defect.
    """
    yield from _nothing_to_check(claim)
    yield from _no_derivation(claim, rules)


def _nothing_to_check(claim: Asserted) -> Iterator[str]:
    known = {part for condition in claim.given for part in conjuncts(condition)}
    for part in conjuncts(claim.statement):
        if part in known:
            yield f"{part} is among its conditions, so that nothing is claimed; leave it out of one."
    steps = [(f"step {step.name!r}", step.formula) for step in claim.steps]
    for what, formula in (("its statement", claim.statement), *steps):
        for idle in _decided(formula):
            yield (
                f"{what} has the part {idle}, which SymPy decided when it was made, so that no engine checks "
                "anything; leave the derived side unevaluated (Derivative, Coefficient, `value`)."
            )


def _no_derivation(claim: Asserted, rules: Sequence[type[Step]]) -> Iterator[str]:
    names: set[str] = set()
    for step in claim.steps:
        if not step.name.strip():  # what is found about no step is about the statement
            yield f"a {type(step).__name__} step has no name; give it one."
        if type(step) not in rules:
            yield (
                f"step {step.name!r} is a {type(step).__name__}, which is no rule of the kernel; "
                f"the rules are {', '.join(rule.__name__ for rule in rules)}."
            )
        if step.name in names:
            yield f"two steps are named {step.name!r}; rename one."
        if unknown := [cited for cited in step.uses if cited not in names]:
            yield (
                f"step {step.name!r} cites {unknown[0]!r}, which is no earlier step; "
                f"earlier steps are {sorted(names) or 'none'}."
            )
        names.add(step.name)
    if claim.steps and stated(claim.steps[-1]) != claim.statement:
        yield (
            f"its last step {claim.steps[-1].name!r} concludes {stated(claim.steps[-1])}, "
            f"not the statement {claim.statement}; end with a step that does."
        )


def _decided(formula: Formula) -> Iterator[Formula]:
    """The parts of a formula that are true by their form: `true` itself, and relations of a thing to itself."""
    relation = isinstance(formula, sp.core.relational.Relational)
    if formula in (True, sp.true) or (relation and formula.lhs == formula.rhs):
        yield formula
    elif isinstance(formula, sp.logic.boolalg.BooleanFunction):
        for part in formula.args:
            yield from _decided(part)
