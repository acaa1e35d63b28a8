"""The certificates of the ledger: how many the checker verifies as a whole, and how many steps of each kind."""

from collections import Counter

import pytest

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import rules
from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.evidence import KIND_OF_ENGINE, MODEL, STATEMENT, Evidence, written
from saddlecheck.theory.engines import counterexample
from saddlecheck.verification.ledger import certificate, judge, pins, wordings
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.ledger.proofs import Prover, read, stored


@pytest.fixture(scope="module")
def steps():
    """(claim, step, kind, whether the checker verifies it with the stored proofs) of every step of the ledger."""
    found = []
    for claim in CLAIMS.values():
        prover = Prover(stored)
        found += [(claim.id, s.data["name"], s.rule[0], prover.verifies(s.rule, s.given, s.cited)) for s in read(claim)]
    return found


def test_nine_tenths_of_the_claims_with_a_derivation_are_verified_as_a_whole(steps):
    whole = Counter(id for id, _, kind, verified in steps if kind != "Accept")
    parts = Counter(id for id, _, kind, verified in steps if verified)
    complete = [id for id, count in whole.items() if parts[id] == count]
    assert len(complete) >= 0.9 * len(whole), sorted(set(whole) - set(complete))


def test_every_step_that_the_checker_has_a_rule_for_is_verified(steps):
    assert [found for found in steps if found[2] in rules.RULES and not found[3]] == []
    assert {kind for _, _, kind, _ in steps} == {*rules.RULES, "Accept", "RealZeros"}  # no kind is left out here
    assert not any(verified for _, _, kind, verified in steps if kind in ("Accept", "RealZeros"))


def as_if_settled(claim):
    """What `settle` finds at least where a claim holds: for each step the weakest engines, and a point."""
    for step in claim.steps:
        for engine in judge._WORTH[type(step).__name__][-1][0].split():
            yield Evidence(KIND_OF_ENGINE[engine], engine, "proved", step.name)
    if claim.given and (found := counterexample.model(claim.given, claim.hints)) is not None:
        yield Evidence(MODEL, "search", "proved", STATEMENT, "it satisfies the conditions", written(found))


def judged(claim):
    """The judgement on a claim as if it were settled, and all claims that it rests on."""
    rests = {name: judged(CLAIMS[name]) for name in graph.grounds(claim)}
    return judge.judge(claim, list(as_if_settled(claim)), rests=rests)


def written_whole(claim, find=stored):
    """A claim's certificate with those of the claims that it rests on."""
    rests = [written_whole(CLAIMS[name], find) for name in graph.grounds(claim)]
    return certificate.certificate(claim, judged(claim), list(as_if_settled(claim)), rests=rests, find=find)


def exit_code(claim, find=stored):
    """That of `recheck`: where the checker verifies a step itself, it does not matter which engines proved it."""
    known = {name: wordings.wording(CLAIMS[name]) for name in (claim.id, *graph.below(CLAIMS, [claim.id]))}
    return checker.examine(written_whole(claim, find), known).exit_code


@pytest.mark.slow
@pytest.mark.untraced
def test_three_quarters_of_the_claims_that_hold_are_verified_from_end_to_end():
    holding = [CLAIMS[name] for name, pin in pins.load().items() if pin.verdict == Verdict.HOLDS]
    codes = [exit_code(claim) for claim in holding]
    assert set(codes) == {0, 3}
    assert codes.count(0) >= 0.75 * len(holding)


def test_a_claim_without_stored_proofs_is_not():
    assert exit_code(CLAIMS["exp-sign"]) == 0
    assert exit_code(CLAIMS["exp-sign"], lambda _premises, _goal: None) == 3
