import pytest
from settled import survivors, verdict

from saddlecheck.theory.papers.wen import PAPER

VERDICTS = {}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_the_claims_are_settled(claim):
    assert verdict(PAPER, claim) == VERDICTS.get(claim.id, "holds")


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_every_twin_is_refuted(claim):
    assert survivors(claim) == []
