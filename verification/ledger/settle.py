"""Run every check of one claim and return the raw evidence. What it amounts to is the judge's business."""

from __future__ import annotations

import time

from saddlecheck.theory.claims import interior, vacuity
from saddlecheck.theory.claims.claim import Claim, MalformedClaim
from saddlecheck.theory.claims.evidence import STATEMENT, Evidence, from_outcome, written
from saddlecheck.theory.claims.nodes import exact_part
from saddlecheck.theory.claims.steps import CLOCK
from saddlecheck.theory.engines import counterexample, time_limit


def settle(claim: Claim) -> tuple[Evidence, ...]:
    """The evidence of all engines on a claim: step by step, or a counterexample to a statement without steps.

    Raises MalformedClaim for a vacuous claim: one whose conditions have no model, for one.
    """
    require_substance(claim)
    evidence = [from_outcome(o, step.name) for step in claim.steps for o in step.check(claim.premises(step))]
    if not claim.steps and claim.is_formula:
        evidence.append(_refute(claim))
    return tuple(evidence)


def require_substance(claim: Claim) -> None:
    """Raise MalformedClaim for a claim that says nothing: true by its form, or about points that do not exist."""
    if (why := vacuity.refusal(claim.statement, claim.given, claim.hints)) is not None:
        raise MalformedClaim(f"claim {claim.id}: {why}")


def _refute(claim: Claim) -> Evidence:
    start = time.perf_counter()
    witness, inside, why = None, None, "no counterexample was found"
    try:
        with time_limit.until(time.monotonic() + CLOCK):
            witness = counterexample.counterexample(claim.statement, claim.given, claim.hints)
            inside = None if witness is None else _inside(claim, witness)
    except time_limit.TimedOut:
        why = f"no counterexample was found within {CLOCK:g} seconds"
    seconds = time.perf_counter() - start
    if witness is None:
        return Evidence("witness", "search", "undecided", STATEMENT, why, seconds=seconds)
    why = "every condition is true and the statement false there, by SymPy and by exact or ball arithmetic"
    settings = {} if inside is None else {"inside": written(inside)}
    return Evidence("witness", "search", "refuted", STATEMENT, why, written(witness), settings, seconds)


def _inside(claim: Claim, witness: counterexample.Witness) -> counterexample.Witness | None:
    """A counterexample off the edge: None if the witness itself is one, or if none was found."""
    statement, given = interior.closed(exact_part(claim.statement)), [interior.opened(g) for g in claim.given]
    if not witness or counterexample.is_counterexample(witness, statement, given):
        return None
    return counterexample.counterexample(statement, given, claim.hints)
