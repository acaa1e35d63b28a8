"""A repair by conditions: the claim's statement in its place, more conditions, and our voice."""

import dataclasses

import pytest

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import Catalogue, Claim, MalformedClaim, Place
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least
from saddlecheck.theory.symbols import real, x, y

area = real("A")
PRINTED = Claim(
    "printed",
    "Printed",
    Place("2", "(1)"),
    "A product is at least its second factor.",
    x * y >= y,
    (y > 0,),
    display=Display(at_least(area, y), {area: x * y}),
    voice="paper",
    provenance="seen",
)
WORDS = {"id": "repair", "title": "Repair", "says": "It is, for a first factor of at least 1."}


def test_it_is_the_claim_with_more_conditions_in_our_voice():
    repair = Claim(**WORDS, **under(PRINTED, x >= 1))
    assert repair == dataclasses.replace(
        PRINTED, **WORDS, given=(y > 0, x >= 1), voice="ours", provenance=None, amends="printed"
    )
    assert list(Catalogue((PRINTED, repair)).amendments("printed")) == [repair]


def test_a_repair_without_a_condition_is_refused():
    with pytest.raises(ValueError, match="a repair of printed needs a condition"):
        under(PRINTED)


def test_a_condition_that_gives_the_statement_away_is_refused():
    with pytest.raises(MalformedClaim, match="nothing is claimed"):
        Claim(**WORDS, **under(PRINTED, x * y >= y))
