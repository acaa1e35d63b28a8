"""The checker's values of formulas at points, against the kernel's ball arithmetic, which shares no code with them."""

from fractions import Fraction

import pytest
import sympy as sp

from saddlecheck.theory.checker import witness
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.claims import interior, serial
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.symbols import x, y

POINTS = [(0, 1), (1, 1), (-2, 3), (sp.Rational(1, 3), sp.Rational(-7, 2)), (2, 0)]
POSITIVE, NEGATIVE = x > 0, y < 0
FORMULAS = [
    *(relation(x, y) for relation in (sp.Gt, sp.Ge, sp.Lt, sp.Le, sp.Eq, sp.Ne)),
    sp.Max(x, y, 1) > sp.Abs(x),
    sp.Min(x, y) <= sp.sign(y) + x**2,
    sp.exp(x) + sp.sin(y) > sp.tanh(x) - sp.erf(y),
    sp.Max(sp.exp(x), 2) >= sp.Min(sp.pi, sp.cos(y) + 3),
    sp.Abs(sp.sin(x) - 2) > sp.E - 2,
    sp.sqrt(x**2 + 2) > y,
    sp.Piecewise((x + 1, x > 1), (y, True)) > 0,
    sp.And(POSITIVE, NEGATIVE), sp.Or(POSITIVE, NEGATIVE), sp.Not(sp.And(POSITIVE, NEGATIVE), evaluate=False),
    sp.Implies(POSITIVE, NEGATIVE, evaluate=False), sp.Equivalent(POSITIVE, NEGATIVE, evaluate=False),
    sp.Implies(sp.Or(POSITIVE, NEGATIVE), sp.And(sp.Ne(x, 1), y > -9), evaluate=False),
]  # fmt: skip


def at(point):
    return dict(zip((x, y), map(sp.Rational, point), strict=True))


def by_checker(formula, point):
    where = {s.name: Fraction(int(v.p), int(v.q)) for s, v in at(point).items()}
    return witness.truth(parse(serial.encode(formula)), where)


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_it_agrees_with_ball_arithmetic(formula):
    found = [by_checker(formula, point) for point in POINTS]
    assert found == [truth(formula, at(point)) for point in POINTS]
    assert set(found) <= {True, False}


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_the_negation_is_the_opposite(formula):
    for point in POINTS:
        assert by_checker(sp.Not(formula, evaluate=False), point) is not by_checker(formula, point)


@pytest.mark.parametrize("formula", [sp.log(x) > 0, 1 / x > 0, sp.sqrt(x - 1) >= 0, sp.asin(x + 2) > 0], ids=str)
def test_what_has_no_value_is_undecided(formula):
    assert by_checker(formula, (0, 1)) is None


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_interior_and_closure_stand_on_either_side(formula):
    """Where the opened formula is true the formula is, and where the formula is true the closed one is."""
    for point in POINTS:
        inner, plain, outer = (
            truth(f, at(point)) for f in (interior.opened(formula), formula, interior.closed(formula))
        )
        assert not inner or plain
        assert not plain or outer


def test_an_edge_is_left_out_of_the_interior():
    edge = at((1, 1))
    for formula in (sp.Ge(x, y), sp.Implies(x > y, y < 0, evaluate=False), sp.Not(x > y, evaluate=False)):
        assert truth(formula, edge) is True
        assert truth(interior.opened(formula), edge) is False


def test_an_interval_says_what_is_inside():
    interval = Interval(Fraction(1, 3), Fraction(1, 2))
    assert 0.4 in interval
    assert Fraction(1, 3) in interval
    assert 1 not in interval
    assert "a third" not in interval
    assert Interval.exact(Fraction(2, 5)) in interval
    assert interval not in Interval.exact(1)
    assert (interval.sign, Interval.exact(-1).sign, Interval(Fraction(-1), Fraction(1)).sign) == (1, -1, 0)
    assert str(Interval(Fraction(1), Fraction(2))) == "1.5 ± 0.5"
    assert float(Interval.exact(3)) == 3.0


def test_a_real_power_of_what_is_not_positive_has_no_value():
    natural = sp.Symbol("n", integer=True, nonnegative=True)
    point = {"x": Fraction(-1), "y": Fraction(2), "n": Fraction(2)}
    read = {formula: parse(serial.encode(formula)) for formula in (x**y > 0, x**natural > 0, x ** (natural**2) > 0)}
    assert [witness.truth(tree, point) for tree in read.values()] == [None, True, True]
