"""A claim of several things is written once, step by step: the same claim as with its statement written out."""

import pytest

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, every
from saddlecheck.theory.claims.steps import STATEMENT, Bounded, Entails, MalformedStep, stated
from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.theory.symbols import x, y

SQUARE = Entails("square", x**2 > x, "x > 1")
PRODUCT = Entails("product", x * y > 0, "a product of positive numbers")
LARGER = Entails("larger", x * y > y, "x > 1", uses=("product",))
GIVEN = (x > 1, y > 0)


def claim(**parts):
    return Claim("several", "Several", BEYOND, "Several things hold.", given=GIVEN, **parts)


def test_it_is_the_claim_with_its_statement_written_out():
    written = claim(
        statement=every(x**2 > x, x * y > y),
        steps=(
            *(SQUARE, PRODUCT, LARGER),
            Entails("both", STATEMENT, "the conjunction of 'square' and 'larger'", uses=("square", "larger")),
        ),
    )
    assert claim(**conjunction("both", SQUARE, PRODUCT, LARGER, of=("square", "larger"))) == written
    assert claim(**conjunction("both", SQUARE, PRODUCT, LARGER)) != written  # that one states the lemma too


def test_all_steps_are_parts_where_none_is_named_and_the_reason_names_them():
    last = claim(**conjunction("all", SQUARE, PRODUCT, LARGER)).steps[-1]
    assert last.uses == ("square", "product", "larger")
    assert last.because == "the conjunction of 'square', 'product' and 'larger'"
    assert claim(**conjunction("all", SQUARE, PRODUCT, because="both")).steps[-1].because == "both"


def test_a_part_on_a_box_is_stated_in_its_box():
    boxed = Bounded("boxed", below(x**2, 5), box={x: (0, 2)})
    joined = conjunction("both", boxed, SQUARE)
    assert joined["statement"] == every(stated(boxed), x**2 > x) != every(below(x**2, 5), x**2 > x)


@pytest.mark.parametrize(("of", "message"), [(("sqare",), "joins 'sqare', which is no step"), (("square",), "1 step")])
def test_what_joins_nothing_is_refused(of, message):
    with pytest.raises(MalformedStep, match=message):
        conjunction("both", SQUARE, PRODUCT, of=of)


def test_a_twin_may_name_the_statement_under_other_conditions():
    twin = Twin("x of any sign", STATEMENT, (y > 0,))
    assert claim(statement=above(x * y), steps=(), twins=(twin,)).twins[0].statement == above(x * y)


@pytest.mark.parametrize("conditions", [None, GIVEN])
def test_a_twin_that_is_the_claim_is_refused(conditions):
    with pytest.raises(MalformedClaim, match="its twin 'none' says what the claim says"):
        claim(statement=above(x * y), twins=(Twin("none", STATEMENT, conditions),))
