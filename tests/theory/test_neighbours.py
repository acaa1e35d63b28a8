"""Neighbours of a formula: every change by one place, in every part, and nothing else."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.neighbours import neighbours
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.symbols import lam, rho, t, x


def found(formula):
    return set(neighbours(formula))


def test_neighbours_differ_in_one_place():
    assert found(x**2 > 3 * lam) == {
        ("strictness", x**2 >= 3 * lam),
        ("an exponent and one", x**3 > 3 * lam),
        ("an integer and one", x**2 > 4 * lam),
    }
    assert found(sp.Eq(x, sp.Max(lam, t))) == {("Max for Min", sp.Eq(x, sp.Min(lam, t)))}


@pytest.mark.parametrize("join", [sp.Equivalent, sp.Or, sp.Implies, sp.And])
def test_every_part_of_a_joined_formula_is_changed(join):
    formula = join(x > lam, t <= rho, evaluate=False)
    assert found(formula) == {
        ("strictness", join(x >= lam, t <= rho, evaluate=False)),
        ("strictness", join(x > lam, t < rho, evaluate=False)),
    }
    negated = sp.Not(sp.Or(x > lam, t > rho, evaluate=False), evaluate=False)
    assert len(found(negated)) == 2


def test_orders_and_bound_variables_are_no_integers_of_a_formula():
    assert found(sp.Eq(sp.Derivative(x**4, (x, 2)), t)) == {
        ("an exponent and one", sp.Eq(sp.Derivative(x**5, (x, 2)), t))
    }
    third = Coefficient(sp.exp(x), x, sp.S.Zero, sp.S(3))
    assert found(sp.Eq(third, t)) == set()


def test_what_changes_nothing_is_no_neighbour():
    assert found(sp.Ne(x, lam)) == set()
    assert found(sp.Eq(x - lam, 0)) == set()
