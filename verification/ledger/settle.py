"""Run every check of one claim and return the raw evidence. What it amounts to is the judge's business."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from saddlecheck.theory.claims import agreement, interior, outcome, vacuity
from saddlecheck.theory.claims.claim import Claim, MalformedClaim
from saddlecheck.theory.claims.evidence import KIND_OF_ENGINE, MODEL, STATEMENT, Evidence, from_outcome, written
from saddlecheck.theory.claims.nodes import exact_part
from saddlecheck.theory.claims.outcome import CLOCK, Finding, Status
from saddlecheck.theory.engines import counterexample, time_limit
from saddlecheck.theory.engines.counterexample import Witness
from saddlecheck.theory.errors import TimedOut
from saddlecheck.verification.ledger.judge import CHECKER, VERIFIABLE
from saddlecheck.verification.ledger.proofs import Find, Prover, read, stored

_EVALUATORS = {"sympy": counterexample.sympy_truth, "arb": counterexample.ball_truth}


def settle(claim: Claim, find: Find = stored) -> tuple[Evidence, ...]:
    """The evidence of all engines on a claim: step by step, or a counterexample to a statement without steps.

    Args:
        claim: the claim.
        find: where the checker's proofs of consequences come from.

    Returns:
        All of it.

    Raises:
        MalformedClaim: for a vacuous claim: one whose conditions have no model, for one; for one that was altered.
    """
    claim = Claim.anew(claim)
    require_substance(claim)
    evidence = list(_model(claim))
    evidence += _steps(claim, find)
    if not claim.steps and claim.is_formula:
        evidence += _refute(claim)
    return tuple(evidence)


def _steps(claim: Claim, find: Find) -> Iterator[Evidence]:
    """What a step's engines find and, where one of them proves it, whether the checker verifies it too.

    Yields:
        The evidence on each step in order.
    """
    for number, step in enumerate(claim.steps):
        outcomes = {o.engine: o for o in step.check(claim.premises(step))}
        proved = {engine for engine, o in outcomes.items() if o.status == "proved"}
        if type(step).__name__ in VERIFIABLE and proved and CHECKER not in proved:
            outcomes[CHECKER] = outcome.run(CHECKER, partial(_verified, claim, number, find))
        yield from (from_outcome(o, step.name) for o in outcomes.values())


def _verified(claim: Claim, number: int, find: Find) -> Finding:
    step = next(islice(read(claim), number, None))  # here, where what cannot be read is undecided, as for any engine
    if Prover(find).verifies(step.rule, step.given, step.cited):
        return "proved", "", None
    return "undecided", "no proof is stored with which the checker verifies it", None


def require_substance(claim: Claim) -> None:
    """Raise MalformedClaim for a claim that says nothing: true by its form, or about points that do not exist."""
    if (why := vacuity.refusal(claim.statement, claim.given, claim.hints)) is not None:
        raise MalformedClaim(f"claim {claim.id}: {why}")


def require_display(claim: Claim) -> None:
    """Raise MalformedClaim for a claim whose readers would be shown another statement than the one that is checked."""
    if claim.display is not None and (why := agreement.mismatch(claim.display, claim.statement, claim.given)):
        raise MalformedClaim(f"claim {claim.id}: what it displays is not its statement: {why}")


def require_common_ground(repair: Claim, claim: Claim) -> None:
    """Raise MalformedClaim for a repair that speaks of no point of which the claim speaks."""
    conditions = tuple(dict.fromkeys((*claim.given, *repair.given)))
    if conditions and not vacuity.has_model(conditions, (*repair.hints, *claim.hints)):
        raise MalformedClaim(
            f"claim {repair.id} is no repair of {claim.id}: no point was found that satisfies the conditions of both."
        )


def _model(claim: Claim) -> Iterator[Evidence]:
    """A point that satisfies every condition of the claim, if there are any; none where only a solver knows of one."""
    if claim.given and (found := _within(counterexample.model, claim.given, claim.hints)) is not None:
        yield Evidence(MODEL, "search", "proved", STATEMENT, "it satisfies the conditions", written(found))


def _refute(claim: Claim) -> Iterator[Evidence]:
    """The search for a counterexample, and for one that it found what each evaluator makes of it."""
    start = time.perf_counter()
    found = _within(counterexample.counterexample, claim.statement, claim.given, claim.hints)
    inside = None if found is None else _within(_inside, claim, found)
    seconds = time.perf_counter() - start
    if found is None:
        why = f"no counterexample was found{'' if seconds < CLOCK else f' within {CLOCK:g} seconds'}"
        yield Evidence("witness", "search", "undecided", STATEMENT, why, seconds=seconds)
        return
    witness, settings = written(found), {} if inside is None else {"inside": written(inside)}
    yield Evidence("witness", "search", "refuted", STATEMENT, "proposed", witness, settings, seconds)
    statement = exact_part(claim.statement)
    for engine, true in _EVALUATORS.items():
        start = time.perf_counter()
        refuted = all(true(g, found) is True for g in claim.given) and true(statement, found) is False
        why = "every condition is true and the statement false there" if refuted else "not confirmed there"
        status: Status = "refuted" if refuted else "undecided"
        seconds = time.perf_counter() - start
        yield Evidence(KIND_OF_ENGINE[engine], engine, status, STATEMENT, why, witness, seconds=seconds)


def _inside(claim: Claim, witness: Witness) -> Witness | None:
    """A counterexample off the edge: None if the witness itself is one, or if none was found."""
    statement, given = interior.closed(exact_part(claim.statement)), [interior.opened(g) for g in claim.given]
    if not witness or counterexample.is_counterexample(witness, statement, given):
        return None
    return counterexample.counterexample(statement, given, claim.hints)


def _within(search: Callable[..., Witness | None], *about: object) -> Witness | None:
    """What a search finds before the clock runs out."""
    try:
        with time_limit.until(time.monotonic() + CLOCK):
            return search(*about)
    except TimedOut:
        return None
