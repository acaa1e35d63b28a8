"""Witnesses off the edge: closed conditions opened, open statements closed, and equations left alone."""

import pytest
import sympy as sp

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.formulas import every, iff, implies
from saddlecheck.theory.claims.interior import closed, opened
from saddlecheck.theory.engines.counterexample import is_counterexample
from saddlecheck.theory.symbols import mu, rho, x, y
from saddlecheck.verification.ledger.judge import judge
from saddlecheck.verification.ledger.settle import settle


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (x >= 0, x > 0),
        (x > 0, x > 0),
        (every(x >= 0, y < 1), every(x > 0, y < 1)),
        (implies(x >= 0, y >= 0), sp.Or(x < 0, y > 0, evaluate=False)),
        (sp.Eq(x, y), sp.Eq(x, y)),
    ],
)
def test_opened(formula, expected):
    assert opened(formula) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (x > 0, x >= 0),
        (implies(x > 0, y > 0), sp.Or(x <= 0, y >= 0, evaluate=False)),
        (sp.Not(every(x > 0, y < 0), evaluate=False), sp.Or(x <= 0, y >= 0, evaluate=False)),
    ],
)
def test_closed(formula, expected):
    assert closed(formula) == expected


GRID = [{x: sp.Rational(i, 2), y: sp.Rational(j, 2)} for i in range(-2, 3) for j in range(-2, 3)]
FORMULAS = [
    iff(x >= 0, y > 0), implies(x > 0, y >= x), every(x > y, y >= 0), sp.Or(x > 0, sp.Not(y > 0, evaluate=False)),
]  # fmt: skip


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_what_is_opened_implies_and_what_is_closed_follows(formula):
    """On a grid that has the edges: opened(f) only where f is true, not closed(f) only where f is false."""
    for point in GRID:
        truth = bool(formula.subs(point))
        assert truth or not bool(opened(formula).subs(point))
        assert bool(closed(formula).subs(point)) or not truth


def judged(statement, given):
    claim = Claim("c", "C", BEYOND, "Says.", statement, given)
    return judge(claim, settle(claim))


def test_an_edge_of_a_region_gets_a_second_point():
    j = judged(x > 1, (x >= 0,))
    assert j.witness == {"x": "0"}
    assert sp.Rational(j.inside["x"]) > 0


def test_an_edge_that_is_all_there_is_gets_none():
    j = judged(-mu + rho * mu**2 > 0, (mu > 0, rho >= 1 / mu))
    assert j.witness == {"mu": "1", "rho": "1"}
    assert j.inside is None


@pytest.mark.slow
@pytest.mark.untraced
@pytest.mark.parametrize(
    "name", ["case-1-2", "case-3-crossing", "case-3-oscillation", "thm3-escape", "momentum-spread"]
)
def test_claims_that_fail_on_an_open_set_have_a_witness_inside_it(name):
    claim = CLAIMS[name]
    j = judge(claim, settle(claim))
    symbols = {s.name: s for f in (claim.statement, *claim.given) for s in f.free_symbols}
    point = {symbols[k]: sp.Rational(v) for k, v in (j.inside or j.witness).items()}
    assert is_counterexample(point, closed(claim.statement), [opened(g) for g in claim.given])
