"""The certificates of the ledger: how many the checker verifies as a whole, and how many steps of each kind."""

from collections import Counter

import pytest

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import rules
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.claims import serial, step_serial
from saddlecheck.verification.ledger.proofs import Prover, stored


@pytest.fixture(scope="module")
def steps():
    """(claim, step, kind, whether the checker verifies it with the stored proofs) of every step of the ledger."""
    found = []
    for claim in CLAIMS.values():
        prover, known = Prover(stored), {}
        given = [parse(serial.encode(condition)) for condition in claim.given]
        for step in claim.steps:
            parsed = checker.step(step_serial.encode(step))
            known[step.name] = rules.stated(*parsed)
            cited = [known[name] for name in step.uses]
            found.append((claim.id, step.name, parsed[0], prover.verifies(parsed, given, cited)))
    return found


def test_nine_tenths_of_the_claims_with_a_derivation_are_verified_as_a_whole(steps):
    whole = Counter(id for id, _, kind, verified in steps if kind != "Accept")
    parts = Counter(id for id, _, kind, verified in steps if verified)
    complete = [id for id, count in whole.items() if parts[id] == count]
    assert len(complete) >= 0.9 * len(whole), sorted(set(whole) - set(complete))


def test_most_steps_of_each_kind_are_verified(steps):
    count = Counter(kind for _, _, kind, _ in steps)
    verified = Counter(kind for *_, kind, ok in steps if ok)
    share = {kind: verified[kind] / count[kind] for kind in count}
    assert share["Equal"] >= 0.95
    assert share["Entails"] >= 0.95
    assert share["Monotone"] >= 0.9
    # Two are trusted: the values put in are quotients by |v| and |w - b|, whose existence the checker does not derive.
    trusted = {(id, name) for id, name, kind, ok in steps if kind == "Instance" and not ok}
    assert trusted == {("wen-quadratic-descent", "tangent"), ("siyun-stochastic", "mean")}
    assert share["Bounded"] == share["Induction"] == 1
    assert "Accept" not in verified
    assert "RealZeros" not in verified
