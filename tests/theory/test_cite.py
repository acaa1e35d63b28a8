"""A claim cited elsewhere: at values that are of the right kind, where its conditions hold, and for what follows."""

import json

import pytest
import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.formulas import implies
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.step_serial import encode
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.errors import MalformedStep
from saddlecheck.theory.symbols import lam, mu, n, rho, t, x, y

INVERSE = sp.Gt(1 / x, 0)


def make(statement, given=(), id="lemma"):
    return Claim(id, id.title(), BEYOND, "Says.", statement, given)


LEMMA = make(INVERSE, (x > 0,))


def statuses(step, *premises):
    return {o.engine: o.status for o in step.check(premises)}


def proved(step, *premises):
    return {engine for engine, status in statuses(step, *premises).items() if status == "proved"}


BOTH = {"z3", "cvc5"}


def test_reads_the_statement_at_the_values():
    step = cite("c", LEMMA, {x: mu * rho})
    assert step.formula == sp.Gt(1 / (mu * rho), 0)
    assert proved(step, mu > 0, rho > 0) == BOTH


def test_concludes_what_follows_and_nothing_else():
    assert proved(cite("c", LEMMA, {x: mu}, 2 / mu > 0), mu > 0) == BOTH
    assert proved(cite("c", LEMMA, {x: mu}, 1 / mu > 1), mu > 0) == set()


def test_a_condition_that_is_not_met_is_an_obligation():
    step = cite("c", LEMMA, {x: mu})
    assert statuses(step) == {"z3": "undecided", "cvc5": "undecided", "search": "refuted"}
    assert all("asks for" in o.why for o in step.check(()) if o.engine in BOTH)


def test_symbols_left_out_stand_for_themselves():
    assert proved(cite("c", LEMMA), x > 0) == BOTH
    assert proved(cite("c", LEMMA), y > 0) == set()


def test_all_values_are_put_in_at_once():
    step = cite("c", make(x - y > 0, (x > y,)), {x: y, y: x})
    assert step.formula == (y - x > 0)
    assert proved(step, y > x) == BOTH


NATURALS = make(sp.Ge(n**2, n))  # false between 0 and 1
SQUARE = make(sp.Ge(x**2 - 2 * x + 1, 0))
TRUE = sp.Ge(y**2 - 2 * y + 1, 0)  # nothing but the value can keep this from being concluded


@pytest.mark.parametrize(
    ("lemma", "at"),
    [
        (NATURALS, {n: -1}),
        (SQUARE, {x: sp.sqrt(mu)}),
        (SQUARE, {x: sp.log(mu)}),
        (SQUARE, {x: sp.I}),
        (SQUARE, {x: 1 / mu}),
    ],
    ids=str,
)
def test_a_value_that_does_not_exist_or_is_of_another_kind_proves_nothing(lemma, at):
    assert proved(cite("c", lemma, at, TRUE)) == set()


@pytest.mark.parametrize("value", [sp.Rational(1, 2), rho])
def test_what_is_no_whole_number_by_its_form_is_refused(value):
    with pytest.raises(MalformedStep, match="whole numbers only"):
        cite("c", NATURALS, {n: value}, TRUE).check((rho >= 0,))


@pytest.mark.parametrize(
    ("lemma", "at", "premises"),
    [
        (NATURALS, {n: n + 1}, ()),
        (NATURALS, {n: sp.Integer(3)}, ()),
        (SQUARE, {x: sp.exp(-lam * t) / (1 + mu**2)}, ()),
        (SQUARE, {x: 1 / mu}, (mu > 0,)),
    ],
    ids=str,
)
def test_a_value_of_the_right_kind_is_not(lemma, at, premises):
    assert proved(cite("c", lemma, at, TRUE), *premises) == BOTH


@pytest.mark.parametrize("node", [sp.Derivative(x**2, x), Coefficient(x**2 * lam, x, sp.S.Zero, sp.S(2))])
@pytest.mark.parametrize("at", [{x: y}, {lam: x}])
def test_a_variable_of_differentiation_is_neither_replaced_nor_put_in(node, at):
    """D(x^2, x) = 2x says nothing of D(y^2, x); and lambda = x in the second would be caught by the expansion."""
    step = cite("c", make(sp.Eq(node, lam + x, evaluate=False)), at, y > 0)
    with pytest.raises(ValueError, match="binds"):
        step.check(())


def test_an_unknown_symbol_is_refused():
    with pytest.raises(ValueError, match="has no symbol mu"):
        cite("c", LEMMA, {mu: 1}, y > 0).check((y > 0,))


def test_a_lemma_with_a_condition_in_it_can_be_cited():
    step = cite("c", make(implies(x > 0, x + 1 > 1)), {x: rho}, rho + 1 > 1)
    assert proved(step, rho > 0) == BOTH
    assert proved(step) == set()


def test_a_false_instance_is_refuted_with_a_point():
    step = cite("c", LEMMA, {x: mu}, 1 / mu < 0)
    refuted = [o for o in step.check((mu > 0,)) if o.status == "refuted"]
    assert refuted
    assert refuted[0].witness[mu] > 0


def test_a_certificate_quotes_the_claim():
    """What a citation hands on is as good as the claim, which its own certificate has to say."""
    data = json.loads(json.dumps(encode(cite("c", LEMMA, {x: mu}))))
    assert data["kind"] == "Cite"
    assert set(data["fields"]) == {"at", "claim", "conditions", "of"}


def test_an_entails_cannot_do_it_without_the_claim():
    """The twin: without the cited claim the formula is not known, so that the citation is what proves it."""
    positive = sp.Gt(sp.exp(mu), 1)  # to the solvers an exponential is an unknown
    lemma = make(sp.Gt(sp.exp(x), 1), (x > 0,))
    assert proved(cite("c", lemma, {x: mu}), mu > 0) == BOTH
    assert {o.status for o in Entails("e", positive).check((mu > 0,)) if o.engine in BOTH} != {"proved"}
