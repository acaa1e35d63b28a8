"""Contradictions: each pair of the house clashes at an exact point, and pairs that do not clash are refused."""

import dataclasses

import pytest
import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, MalformedClaim
from saddlecheck.theory.claims.conflict import Contradiction, Q, Side, clash
from saddlecheck.theory.claims.formulas import below, equal, every, iff
from saddlecheck.theory.engines.counterexample import EVALUATORS, is_counterexample
from saddlecheck.theory.papers.catalogue import CLAIMS, PAPERS
from saddlecheck.theory.papers.contradictions import CONTRADICTIONS
from saddlecheck.theory.symbols import eta, mu, rho, x

PAPER = {claim.id: paper.id for paper in PAPERS for claim in paper.claims}


def sides(contradiction):
    return contradiction.first, contradiction.second


@pytest.mark.parametrize("pair", CONTRADICTIONS, ids=lambda c: f"{c.first.claim} {c.second.claim}")
def test_no_value_of_the_quantity_serves_both_claims_at_the_point(pair):
    found = clash(pair, CLAIMS)
    # By another route than the solvers': each side's own value breaks the other, and so does the true value of Q for
    # at least one of them, by both exact evaluators.
    for own, other in ((0, 1), (1, 0)):
        for evaluate in EVALUATORS:
            assert evaluate(found.says[own], {Q: found.allowed[own]}) is True
            assert evaluate(found.says[other], {Q: found.allowed[own]}) is False
    assert any(is_counterexample({Q: found.value}, says, ()) for says in found.says)


@pytest.mark.parametrize("pair", CONTRADICTIONS, ids=lambda c: f"{c.first.claim} {c.second.claim}")
def test_the_claims_are_of_two_papers_and_one_at_least_is_a_papers(pair):
    claims = [CLAIMS[side.claim] for side in sides(pair)]
    assert len({PAPER[c.id] for c in claims}) == 2
    assert claims[0].voice in ("paper", "reading")


def test_the_threshold_as_printed_clashes_exactly_at_equality():
    found = clash(CONTRADICTIONS[0], CLAIMS)
    assert (CONTRADICTIONS[0].first.claim, CONTRADICTIONS[0].second.claim) == ("thm1", "usam-saddle")
    assert found.point[rho] * found.point[mu] == 1
    assert found.value == 0
    assert found.brief == (Q > 0, sp.Eq(Q, 0))


RATE = mu * (rho * mu - 1)
THE_RATE = "the rate"


def claim(id, statement, given=(mu > 0, rho > 0)):
    return Claim(id, id, BEYOND, "Says.", statement, given)


ATTRACTS = claim("attracts", RATE > 0)  # false for rho mu <= 1
THRESHOLD = claim("threshold", iff(RATE > 0, rho * mu > 1))
STRICT = claim("strict", RATE > 0, (mu > 0, rho > 1 / mu))  # true, and so contradicts nothing true
AT_MOST = claim("at-most", RATE <= 0)  # false for rho mu > 1, but both it and the next leave 0 open
AT_LEAST = claim("at-least", RATE >= 0)
OTHER = claim("other", below(eta * rho, eta * rho + mu))
BROKEN = claim("broken", every(RATE > 0, sp.Eq(rho, rho + 1 / mu, evaluate=False)))  # wrong whatever the rate
DOUBLED = claim("doubled", iff(2 * rho * mu - 1 > 0, 2 * rho * mu > 1))
OWN = {c.id: c for c in (ATTRACTS, THRESHOLD, STRICT, AT_MOST, AT_LEAST, OTHER, BROKEN, DOUBLED)}


def pair(first, second, speaks_of=None):
    return Contradiction(Side(first, {RATE: Q}), Side(second, speaks_of or {RATE: Q}), RATE, THE_RATE)


def test_a_claim_that_is_wrong_below_the_threshold_clashes_with_one_that_has_it():
    found = clash(pair("attracts", "threshold"), OWN)
    assert found.point[rho] * found.point[mu] <= 1
    assert found.says[0] == (Q > 0)


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        (pair("strict", "threshold"), "no point was found"),
        (pair("at-most", "at-least"), "some value of the quantity may serve both"),
        (pair("attracts", "other", {eta * rho: Q}), "is not shown to be"),
        (pair("attracts", "other"), "does not speak of"),
        (pair("broken", "threshold"), "is wrong by itself"),
        (pair("attracts", "doubled", {2 * rho * mu - 1: Q}), "is not shown to be"),
        (pair("attracts", "nowhere"), "is no claim"),
    ],
    ids=lambda v: v if isinstance(v, str) else f"{v.first.claim}-{v.second.claim}",
)
def test_a_pair_that_does_not_contradict_is_refused(pair, why):
    with pytest.raises(MalformedClaim, match=why):
        clash(pair, OWN)


def test_claims_about_two_settings_are_refused():
    # Friendly SAM's threshold with additive noise, and with random curvature: not one rate, so no contradiction.
    c, m_2 = sp.Symbol("c", real=True), sp.Symbol("m_2", real=True)
    additive = Side("friendly", {mu * (mu * rho * (1 - c) - 1): Q})
    random = Side("friendly-curvature", {-mu + rho * (-c * mu**2 + m_2): Q})
    with pytest.raises(MalformedClaim, match="two things"):
        clash(Contradiction(additive, random, mu * (mu * rho * (1 - c) - 1), THE_RATE), CLAIMS)


def test_a_wrong_reading_of_the_quantity_is_refused():
    thm1 = CONTRADICTIONS[0]
    twice = dataclasses.replace(thm1, second=dataclasses.replace(thm1.second, speaks_of={rho * mu**2 - mu: 2 * Q}))
    with pytest.raises(MalformedClaim, match="is not shown to be"):
        clash(twice, CLAIMS)


def test_an_identity_pins_the_quantity():
    # Two claims that give one quantity two values clash wherever these differ.
    one, two = claim("one", equal(x, mu), (mu > 0,)), claim("two", equal(x, 2 * mu), (mu > 0,))
    found = clash(Contradiction(Side("one", {x: Q}), Side("two", {x: Q}), x, "x"), {"one": one, "two": two})
    assert found.brief == (sp.Eq(Q, found.point[mu]), sp.Eq(Q, 2 * found.point[mu]))
