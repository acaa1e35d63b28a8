"""The structure that makes a verdict meaningful: malformed claims are refused, each with one clear sentence."""

import pickle

import pytest
import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim, Place, Twin, extends
from saddlecheck.theory.claims.formulas import every
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Bounded, Entails, Equal
from saddlecheck.theory.errors import MalformedClaim, MalformedStep
from saddlecheck.theory.symbols import mu, rho, x, y
from saddlecheck.verification.ledger.settle import settle

RATE = -mu + rho * mu**2
FACTOR = Equal("factor", sp.Eq(RATE, mu * (rho * mu - 1)))
POSITIVE = Entails("positive", RATE > 0, uses=("factor",))


def claim(**changes):
    parts = {
        "id": "a-claim",
        "title": "A claim",
        "place": BEYOND,
        "says": "Something.",
        "statement": RATE > 0,
        "given": (mu > 0, rho > 1 / mu),
        "steps": (FACTOR, POSITIVE),
    }
    return Claim(**{**parts, **changes})


def test_a_well_formed_claim_has_premises_for_each_step():
    c = claim()
    assert c.premises(FACTOR) == c.given
    assert c.premises(POSITIVE) == (*c.given, FACTOR.formula)


@pytest.mark.parametrize("bad", ["", "A", "a_b", "a--b", "-a", "a b"])
def test_id_form(bad):
    with pytest.raises(MalformedClaim, match="lower-case words"):
        claim(id=bad)


def test_last_step_must_conclude():
    with pytest.raises(MalformedClaim, match=r"a-claim: its last step 'factor' concludes .* not the statement"):
        claim(steps=(FACTOR,))


def test_a_bounded_last_step_concludes_only_in_its_box():
    step = Bounded("b", x < 2, box={x: (0, 1)})
    with pytest.raises(MalformedClaim, match="not the statement"):
        claim(statement=x < 2, given=(), steps=(step,))
    assert claim(statement=sp.Implies(sp.And(x >= 0, x <= 1, evaluate=False), x < 2, evaluate=False), steps=(step,))


@pytest.mark.parametrize("uses", ["nowhere", "positive", "later"])
def test_a_cited_step_must_stand_earlier(uses):
    with pytest.raises(MalformedClaim, match=f"cites '{uses}', which is no earlier step"):
        claim(steps=(FACTOR, Entails("positive", RATE > 0, uses=(uses,))))


def test_step_names_are_unique():
    with pytest.raises(MalformedClaim, match="two steps are named 'factor'"):
        claim(steps=(FACTOR, FACTOR, POSITIVE))


def test_duplicate_id():
    with pytest.raises(MalformedClaim, match="two claims have the id 'a-claim'"):
        Catalogue([claim(), claim()])


SAME = sp.Eq(x, x, evaluate=False)


@pytest.mark.parametrize(
    "nothing",
    [
        sp.true,
        sp.exp(x) > 0,  # SymPy knows, and folds it to true
        SAME,
        sp.Ge(x, x, evaluate=False),
        sp.And(RATE > 0, SAME, evaluate=False),
        sp.Implies(x > 0, SAME, evaluate=False),
        sp.Or(RATE > 0, sp.Not(sp.Implies(x > 0, SAME, evaluate=False), evaluate=False), evaluate=False),
    ],
)
def test_a_part_that_is_true_by_its_form_checks_nothing(nothing):
    with pytest.raises(MalformedClaim, match=r"a-claim: its statement has the part .* no engine checks anything"):
        claim(statement=nothing, steps=())
    with pytest.raises(MalformedClaim, match=r"a-claim: step 'idle' has the part .* no engine checks anything"):
        claim(steps=(Entails("idle", nothing), FACTOR, POSITIVE))


@pytest.mark.parametrize("decided", [sp.true, sp.false, sp.exp(x) > 0, sp.Eq(x, x + 1)])
def test_a_conjunction_does_not_lose_a_part_without_a_word(decided):
    assert sp.And(x > 0, sp.true, evaluate=False) == (x > 0)  # SymPy drops it, evaluated or not
    with pytest.raises(ValueError, match="a part of a conjunction is"):
        every(x > 0, decided)


def test_a_twin_that_is_false_by_its_form_tests_nothing():
    with pytest.raises(MalformedClaim, match="a-claim: its twin 'no twin' is False by its form"):
        claim(twins=(Twin("no twin", sp.false),))


def test_the_same_left_to_the_engines_is_well_formed():
    left = sp.Derivative(x**2, x), value(x**2, x, 1)
    for derived, result in zip(left, (2 * x, 1), strict=True):
        claim(steps=(Equal("derived", sp.Eq(derived, result, evaluate=False)), FACTOR, POSITIVE))
    claim(steps=(Entails("exponential", sp.Gt(sp.exp(x), 0, evaluate=False)), FACTOR, POSITIVE))


@pytest.mark.parametrize("field", [{"amends": "ghost"}, {"related": ("ghost",)}])
def test_unknown_claims_cannot_be_amended_or_related_to(field):
    with pytest.raises(MalformedClaim, match="'ghost', which is no claim"):
        Catalogue([claim(**field)])


def test_conditions_without_a_model_are_an_error_not_a_proof():
    with pytest.raises(MalformedClaim, match="no point was found that satisfies its conditions"):
        settle(claim(given=(mu > 0, rho > 1 / mu, rho < 0)))


def test_an_algebraic_model_of_the_conditions_is_enough():
    step = Entails("e", x < 2)
    assert settle(claim(statement=x < 2, given=(sp.Eq(x**2, 2),), steps=(step,)))


def test_amendments_in_order_and_what_extends():
    wide = claim(id="wide", given=(mu > 0,), steps=())
    narrow = claim(id="narrow", amends="wide", given=(mu > 0, rho > 1 / mu))
    other = claim(id="other", amends="wide", statement=RATE >= 0, steps=())
    catalogue = Catalogue([wide, narrow, other])
    assert [c.id for c in catalogue.amendments("wide")] == ["narrow", "other"]
    assert extends(narrow, wide)
    assert not extends(other, wide)
    assert not extends(wide, wide)
    assert len(catalogue) == 3


class TestFingerprint:
    def test_words_do_not_enter(self):
        assert claim().fingerprint == claim(says="Otherwise.", title="T", finding="F").fingerprint

    @pytest.mark.parametrize(
        "change",
        [
            {"statement": RATE >= 0, "steps": (FACTOR, Entails("positive", RATE >= 0, uses=("factor",)))},
            {"given": (mu > 0, rho >= 1 / mu)},
            {"steps": (FACTOR, Entails("positive", RATE > 0))},
            {"steps": (Equal("factor", sp.Eq(RATE, mu * (mu * rho - 1) + 0 * y)), POSITIVE), "amends": "b"},
            {"hints": ({mu: 1},)},
            {"id": "another"},
        ],
    )
    def test_all_that_is_checked_does(self, change):
        assert claim().fingerprint != claim(**change).fingerprint

    def test_a_box_enters(self):
        steps = [Bounded("b", x < 2, box={x: (0, top)}) for top in (1, sp.Rational(1, 2))]
        prints = {claim(statement=s.stated, given=(), steps=(s,)).fingerprint for s in steps}
        assert len(prints) == 2


def test_propositions_survive_pickling_and_compare_by_content():
    prop = Prop("p", "A lemma.")
    c = claim(statement=prop, given=(), steps=(Accept("a", prop, source="Somebody"),))
    assert pickle.loads(pickle.dumps(c)) == c
    assert not c.is_formula
    assert claim().is_formula
    assert Prop("p", "A lemma.") != Prop("p", "Another.")
    assert sp.latex(prop) == r"\text{A lemma.}"
    assert str(prop) == "A lemma."


def test_place_prints_as_a_reader_would_cite_it():
    assert str(Place("4.2", "Theorem 1")) == "4.2, Theorem 1"
    assert str(Place("4.2")) == "4.2"


def test_the_last_step_may_say_statement_for_what_it_concludes():
    short = claim(steps=(FACTOR, Entails("positive", STATEMENT, uses=("factor",))))
    assert short.steps[-1].formula == short.statement
    assert short.fingerprint == claim().fingerprint


def test_no_other_step_may():
    with pytest.raises(MalformedStep, match="only the last one may"):
        claim(steps=(Entails("first", STATEMENT), POSITIVE))
