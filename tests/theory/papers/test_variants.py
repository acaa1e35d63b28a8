import pytest
from settled import survivors, verdict

from saddlecheck.theory.papers.variants import (
    asam,
    diagonal,
    eg_sam,
    esam,
    friendly,
    gsam,
    hallucinated,
    khanh,
    literature,
    looksam,
    unified,
)

PAPERS = [
    module.PAPER
    for module in (
        asam, diagonal, eg_sam, esam, friendly, gsam, hallucinated, khanh, literature, looksam, unified,
    )
]  # fmt: skip
CLAIMS = [pytest.param(paper, claim, id=claim.id) for paper in PAPERS for claim in paper.claims]
VERDICTS = {"gsam-composed": "holds with a correction"}


@pytest.mark.parametrize(("paper", "claim"), CLAIMS)
def test_the_claims_are_settled(paper, claim):
    assert verdict(paper, claim) == VERDICTS.get(claim.id, "holds")


@pytest.mark.parametrize(("_paper", "claim"), CLAIMS)
def test_every_twin_is_refuted(_paper, claim):
    assert survivors(claim) == []
