"""No falsehood holds: hundreds of claims that are wrong, or about nothing, each with steps that pretend to prove it.

They stand in `falsehoods/`, by kind. A claim may be refused with one sentence, refuted, or left open; it may not hold,
and no exception of a library may come out.
"""

import importlib

import pytest
from quality.falsehoods.builders import wrong

from saddlecheck.theory.claims.graph import grounds
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.ledger.settle import settle

KINDS = (
    "undefined",
    "names",
    "sorts",
    "exceptional",
    "vacuous",
    "laundered",
    "rules",
    "order",
    "corners",
    "whole",
    "disguised",
    "empty within",
    "nested",
    "altered",
    "nearly",
    "bound",
    "ranges",
    "apart",
    "beyond",
)
CORPUS = {
    f"{kind}: {name}": build
    for kind in KINDS
    for name, build in importlib.import_module(f"quality.falsehoods.{kind.replace(' ', '_')}").FALSEHOODS.items()
}


def outcome(build) -> str:
    """The verdict on a claim, or the sentence with which it is refused; it is judged with those that it cites."""
    try:
        built = build()
        claim = wrong(built)
        evidence = settle(claim)
        cited = [built[i] for i in grounds(claim) if built is not claim]
        rests = {lemma.id: judge(lemma, settle(lemma)) for lemma in cited}
    except ValueError as refusal:
        said = str(refusal)
        assert said, "a refusal says why"
        assert "\n" not in said
        return said
    return judge(claim, evidence, rests=rests).verdict


@pytest.mark.parametrize("name", CORPUS)
def test_no_falsehood_holds(name):
    assert outcome(CORPUS[name]) != Verdict.HOLDS


def test_there_are_enough_of_them():
    assert len(CORPUS) >= 1900
