"""The counterexample search: exact, strong, minimal, and silent where there is nothing to find."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.engines import counterexample
from saddlecheck.theory.symbols import B, a, eta, gamma, lam, mu, n, rho, t, x, y


@pytest.mark.parametrize(
    ("statement", "given", "expected"),
    [
        (-mu + rho * mu**2 > 0, (mu > 0, rho >= 1 / mu), {mu: 1, rho: 1}),
        (sp.Eq(1 - sp.exp(-2 * a * t), 2 * a * t), (), {a: 1, t: 1}),
        (sp.Eq(rho, rho**2), (rho > 0,), {rho: 2}),
        (sp.Eq(sp.Derivative(x**2, x), x), (), {x: 1}),
        (sp.Eq(Coefficient(sp.exp(lam * t), t, sp.S.Zero, 2), lam**2), (), {lam: 1}),
        (sp.Or(x < 1, x > 2, evaluate=False), (), {x: 1}),
        (sp.Not(sp.Eq(x, 0), evaluate=False), (), {x: 0}),
        (sp.Ne(x, 0), (), {x: 0}),
        (sp.Eq(sp.S(2), sp.S(3), evaluate=False), (), {}),
    ],
)
def test_finds_the_smallest(statement, given, expected):
    assert counterexample.counterexample(statement, given) == expected


def test_finds_points_that_no_grid_of_small_numbers_has():
    # true unless x = 17/7: only a model of the negation finds that
    assert counterexample.counterexample(sp.Ne(7 * x, 17), ()) == {x: sp.Rational(17, 7)}


def test_finds_points_beyond_both_grid_and_solvers():
    # fails only where e^x is between 50 and 60: x about 4; the grid has 4, and 4.05 is random's business
    statement = sp.Or(sp.exp(x) < 57, sp.exp(x) > 60, evaluate=False)
    witness = counterexample.counterexample(statement, ())
    assert witness is not None
    assert 57 <= float(sp.exp(witness[x])) <= 60


@pytest.mark.parametrize(
    ("statement", "given"),
    [(-mu + rho * mu**2 > 0, (mu > 0, rho > 1 / mu)), (sp.exp(x) >= 1 + x, ()), (Prop("p", "A lemma."), ())],
)
def test_finds_nothing_where_there_is_nothing(statement, given):
    assert counterexample.counterexample(statement, given) is None


def test_hints_are_tried_and_still_verified():
    far = {x: sp.Integer(10**6 + 3)}
    assert counterexample.counterexample(sp.Ne(sp.sin(x) * 0 + x, 10**6 + 3), (), [far]) == far
    assert counterexample.counterexample(x**2 >= 0, (), [far]) is None


def test_conditions_of_a_witness_are_true_and_equalities_exact():
    witness = counterexample.counterexample(x + y > 3, (sp.Eq(x, 2 * y), x > 0))
    assert witness == {x: 1, y: sp.Rational(1, 2)}


def test_a_model_of_conditions():
    assert counterexample.model((rho > 2, rho < sp.Rational(5, 2))) is not None
    assert counterexample.model((rho > 2, rho < 2)) is None
    # A hint may name symbols of the statement too: the model of the conditions has no value for those.
    assert counterexample.model((rho > 2,), ({rho: 3, y: 1},)) == {rho: 3}


def test_integer_symbols_get_integers():
    witness = counterexample.counterexample(sp.Or(n < 2, n**2 < 5, evaluate=False), ())
    assert witness == {n: 3}


class TestSamples:
    def test_satisfy_the_conditions_and_repeat(self):
        given = (eta > 0, B >= 1, gamma >= 0, gamma < 1, rho > 1 / B)
        points = counterexample.samples(given, (eta, B, gamma, rho), 12)
        assert len(points) == 12
        assert points == counterexample.samples(given, (eta, B, gamma, rho), 12)
        assert all(bool(sp.And(*(g.subs(p) for g in given))) for p in points)

    def test_are_dyadic(self):
        assert all(v.q & (v.q - 1) == 0 for p in counterexample.samples((), (x, y), 8) for v in p.values())

    def test_of_no_symbols_is_the_empty_point(self):
        assert counterexample.samples((), (), 3) == [{}]


def test_both_evaluators_must_agree():
    undecided = sp.Eq(sp.sin(x) ** 2 + sp.cos(x) ** 2, 1, evaluate=False)
    assert not counterexample.is_counterexample({x: sp.S.One}, undecided, ())


def test_height_orders_numbers_as_a_reader_would():
    assert sorted([sp.Rational(1, 100), sp.S(2), sp.S(0), sp.Rational(1, 2), sp.S(-1)], key=counterexample.height) == [
        0, -1, 2, sp.Rational(1, 2), sp.Rational(1, 100),
    ]  # fmt: skip


def test_a_real_power_of_what_is_not_positive_refutes_nothing():
    """(-1)^y is no number, also where y happens to be 2; (-1)^n is one."""
    assert counterexample.counterexample(x > 0, (x**y > 0,)) is None
    assert counterexample.counterexample(x > 0, (x**y >= 0,)) is None
    assert counterexample.counterexample(x > 0, (x**n > 0,)) is not None
    assert counterexample.counterexample(x**y > 1, (x > 1,)) is not None
    assert counterexample.ball_truth(x**y >= 0, {x: sp.S(-1), y: sp.S(2)}) is None
    assert counterexample.sympy_truth(x**y >= 0, {x: sp.S(-1), y: sp.S(2)}) is None
    assert counterexample.ball_truth(x**y > 7, {x: sp.S(2), y: sp.S(3)}) is True
