"""Laundering: claims that would lend their verdict to another one that they do not repair. All are refused."""

import re
from dataclasses import replace

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS, Paper
from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim, MalformedClaim
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.repairs import defect
from saddlecheck.theory.claims.steps import Accept, Entails
from saddlecheck.theory.symbols import lam, mu, rho, x, y
from saddlecheck.verification.ledger.book import check_all
from saddlecheck.verification.ledger.settle import require_common_ground

RATE = -mu + rho * mu**2
CONCLUSION, CONDITION = Prop("it-does", "It does."), Prop("if-so", "If so.")


def make(id, statement, given=(), **more):
    return Claim(id, id.title(), BEYOND, "Says.", statement, given, **more)


PRINTED = make("printed", RATE > 0, (mu > 0, rho >= 1 / mu))
TWO = make("two", every(x > 0, x + y > 0))
WORDS = make("words", every(CONCLUSION, x > 0))
_VARIANCE = sp.Function("V")
GROWTH = equal(sp.Derivative(sp.exp(2 * lam * (1 + rho * lam) ** 2 * x), x), 3 * lam * y)


def shown(id, rate):
    """That a variance at a time, displayed by its name, grows at a rate."""
    law = sp.exp(rate * x)
    return make(
        id,
        equal(sp.Derivative(law, x), rate * law),
        display=Display(equal(sp.Derivative(_VARIANCE(x), x), rate * _VARIANCE(x)), {_VARIANCE(x): law}),
    )


SMUGGLED = [
    (PRINTED, RATE > 0, (*PRINTED.given, RATE > 0)),
    (PRINTED, RATE > 0, (*PRINTED.given, RATE > 0)),
    (PRINTED, RATE > 0, (*PRINTED.given, 3 * rho * mu**2 > 3 * mu)),  # a factor, and terms moved across
    (
        PRINTED,
        RATE > 0,
        (*PRINTED.given, every(rho < 9, mu * (rho * mu - 1) > 0)),
    ),  # not multiplied out, in a conjunction
    (PRINTED, RATE >= 0, (mu > 0, RATE > 0)),  # more than what is concluded
    (PRINTED, sp.Ne(RATE, 0), (mu > 0, RATE > 0)),
    (PRINTED, RATE >= 0, (mu > 0, sp.Eq(RATE, 0))),
    (TWO, TWO.statement, (y > -x,)),  # one of two parts
    (TWO, TWO.statement, (x > 0, y > 0)),
    (WORDS, CONCLUSION, (CONCLUSION,)),
]


@pytest.mark.parametrize(("claim", "statement", "given"), SMUGGLED, ids=lambda v: str(v)[:40])
def test_a_condition_that_is_part_of_the_conclusion_is_refused(claim, statement, given):
    assert re.search("assumes what it concludes|is among its conditions", refusal(statement, given, claim))


def refusal(statement, given, claim):
    """What is said against a repair: by the claim itself, or beside the claim that it amends."""
    try:
        return defect(make("r", statement, given), claim)
    except MalformedClaim as error:
        return str(error)


UNRELATED = [
    (PRINTED, x**2 + 2 * x >= -1),
    (PRINTED, mu**2 + rho**2 >= 2 * mu * rho),  # the same symbols, another matter
    (PRINTED, CONCLUSION),
    (TWO, x**2 + 2 * x > -2),
    (WORDS, CONDITION),
    (WORDS, y**2 + 2 * y > -2),
    (PRINTED, 1 - rho * mu > y),  # of the printed side but a factor
    (make("growth", GROWTH), (1 + rho * lam) ** 2 >= 2 * (1 + rho * lam) - 1),  # the same notation
    (make("growth", GROWTH), equal(lam * (1 + rho * lam) ** 2 / (1 + rho * lam), lam + rho * lam**2)),
    (make("growth", GROWTH), lam * y + 3 * lam * y**2 > -1),
]


@pytest.mark.parametrize(("claim", "statement"), UNRELATED, ids=lambda v: str(v)[:40])
def test_a_statement_about_something_else_is_refused(claim, statement):
    assert "has neither" in defect(make("r", statement), claim)


HONEST = [
    (PRINTED, RATE > 0, (*PRINTED.given, rho > 1 / mu)),
    (PRINTED, RATE >= 0, PRINTED.given),  # a weaker conclusion about the same expression
    (PRINTED, iff(RATE > 0, rho > 1 / mu), (mu > 0,)),
    (TWO, x + y > 0, (x > 1, y > 1)),
    (WORDS, implies(CONDITION, CONCLUSION), ()),
]


@pytest.mark.parametrize(("claim", "statement", "given"), HONEST, ids=lambda v: str(v)[:40])
def test_an_honest_repair_is_not(claim, statement, given):
    assert defect(make("r", statement, given), claim) == ""


def test_what_both_display_by_one_name_is_one_thing():
    rate, other = lam * (1 + rho * lam), lam * (1 + rho * lam) ** 2
    assert defect(shown("r", rate), shown("c", other)) == ""
    bare = make("c", shown("c", other).statement)
    assert "has neither" in defect(shown("r", rate), bare)


def test_what_the_claim_itself_assumes_is_no_addition():
    claim = make("c", every(2 * x > 0, lam * x > 0), (x > 0,))
    assert defect(make("r", claim.statement, (x > 0, lam > 2)), claim) == ""
    assert "assumes" in defect(make("r", claim.statement, (x > 0, 2 * lam * x > 0)), claim)


def test_the_catalogue_asks():
    other = x**2 + 2 * x >= -1
    unrelated = make("unrelated", other, (), steps=(Entails("e", other),), amends="printed")
    with pytest.raises(MalformedClaim, match="unrelated is no repair of printed: it has neither"):
        Catalogue([PRINTED, unrelated])
    textbook = make("textbook", CONCLUSION, (), steps=(Accept("a", CONCLUSION, source="A book"),), amends="printed")
    with pytest.raises(MalformedClaim, match="no repair"):
        Catalogue([PRINTED, textbook])


def test_every_repair_of_the_ledger_is_one():
    repairs = [c for c in CLAIMS.values() if c.amends]
    assert len(repairs) > 30
    assert [c.id for c in repairs if defect(c, CLAIMS[c.amends])] == []
    for repair in repairs:
        require_common_ground(repair, CLAIMS[repair.amends])


def test_a_repair_of_no_point_of_the_claim_is_refused():
    elsewhere = make("elsewhere", RATE <= 0, (mu > 0, rho * mu < 1), steps=(Entails("e", RATE <= 0),), amends="printed")
    with pytest.raises(MalformedClaim, match="elsewhere is no repair of printed: no point"):
        require_common_ground(elsewhere, PRINTED)
    printed, elsewhere = (replace(c, voice="ours") for c in (PRINTED, elsewhere))
    with pytest.raises(MalformedClaim, match="elsewhere is no repair of printed: no point"):
        check_all(paper=Paper("mine", "Mine", (), 2026, (printed, elsewhere)))
    near = replace(elsewhere, given=(mu > 0, rho * mu <= 1))
    require_common_ground(near, PRINTED)
