"""Run every check of one claim and return the raw evidence. What it amounts to is the judge's business."""

from __future__ import annotations

import time
from collections.abc import Iterator

from saddlecheck.theory.claims.claim import Claim, MalformedClaim
from saddlecheck.theory.claims.evidence import KIND_OF_ENGINE, MODEL, STATEMENT, Evidence, from_outcome, written
from saddlecheck.theory.claims.steps import Status
from saddlecheck.theory.engines import counterexample, smt


def settle(claim: Claim) -> tuple[Evidence, ...]:
    """The evidence of all engines on a claim: step by step, or a counterexample to a statement without steps.

    Raises MalformedClaim if the conditions have no model (the claim would hold vacuously).
    """
    evidence = list(require_model(claim))
    evidence += [from_outcome(o, step.name) for step in claim.steps for o in step.check(claim.premises(step))]
    if not claim.steps and claim.is_formula:
        evidence += _refute(claim)
    return tuple(evidence)


def require_model(claim: Claim) -> Iterator[Evidence]:
    """A point that satisfies every condition of the claim, if there are any; none where only a solver knows of one.

    Raises MalformedClaim if nothing finds any.
    """
    if not claim.given:
        return
    if (found := counterexample.model(claim.given, claim.hints)) is not None:
        yield Evidence(MODEL, "search", "proved", STATEMENT, "it satisfies the conditions", written(found))
        return
    for engine in smt.ENGINES:
        if smt.satisfiable(claim.given, engine).status == "refuted":
            return
    conditions = ", ".join(map(str, claim.given))
    raise MalformedClaim(f"claim {claim.id}: no point was found that satisfies its conditions ({conditions}).")


_EVALUATORS = {"sympy": counterexample.sympy_truth, "arb": counterexample.ball_truth}


def _refute(claim: Claim) -> Iterator[Evidence]:
    """The search for a counterexample, and for one that it found what each evaluator makes of it."""
    start = time.perf_counter()
    found = counterexample.counterexample(claim.statement, claim.given, claim.hints)
    seconds = time.perf_counter() - start
    if found is None:
        yield Evidence("witness", "search", "undecided", STATEMENT, "no counterexample was found", seconds=seconds)
        return
    witness = written(found)
    yield Evidence("witness", "search", "refuted", STATEMENT, "proposed", witness, seconds=seconds)
    for engine, true in _EVALUATORS.items():
        start = time.perf_counter()
        refuted = all(true(g, found) is True for g in claim.given) and true(claim.statement, found) is False
        why = "every condition is true and the statement false there" if refuted else "not confirmed there"
        status: Status = "refuted" if refuted else "undecided"
        seconds = time.perf_counter() - start
        yield Evidence(KIND_OF_ENGINE[engine], engine, status, STATEMENT, why, witness, seconds=seconds)
