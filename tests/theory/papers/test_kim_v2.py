import pytest
from settled import survivors, verdict

from saddlecheck.theory.papers.kim_v2 import PAPER

VERDICTS = {
    "kim-v2-smooth": "accepted on a source",
    "kim-v2-corollary": "holds with a correction",
    "kim-v2-theorem3": "holds with a correction",
    "kim-v2-important": "open",
}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_the_claims_are_settled(claim):
    assert verdict(PAPER, claim) == VERDICTS.get(claim.id, "holds")


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_every_twin_is_refuted(claim):
    assert survivors(claim) == []
