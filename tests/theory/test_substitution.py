"""Substitution changes what it is asked to change: bound variables are no place to be caught in."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.substitution import fresh, put
from saddlecheck.theory.errors import Capture
from saddlecheck.theory.symbols import a, t, x, y

SLOPE = sp.Derivative(a * sp.exp(x), x)


def test_all_at_once():
    assert put(x - y, {x: y, y: x}) == y - x
    assert put(sp.Eq(x, y), {x: y}) == sp.Eq(y, y, evaluate=False)  # left as it stands


@pytest.mark.parametrize("value", [x, x**2 + t, 1 / x])
def test_a_bound_variable_gets_out_of_the_way(value):
    node = Coefficient(a * x**2 + t, x, t, sp.S.One)  # 2 a t
    for replaced in (put(node, {a: value}), node.subs(a, value)):
        assert sp.expand(replaced.doit() - 2 * value * t) == 0


def test_the_point_of_an_expansion_is_free():
    assert put(Coefficient(x**2, x, x, sp.S.One), {x: y}).doit() == 2 * y


@pytest.mark.parametrize("at", [{x: 2 * y}, {a: x}, {x: y}, {a: x + 1}])
def test_a_derivative_is_not_read_at_other_values(at):
    with pytest.raises(Capture, match="differentiates by"):
        put(SLOPE, at)


def test_what_a_derivative_is_not_about_may_change():
    assert put(SLOPE, {a: y + t}) == sp.Derivative((y + t) * sp.exp(x), x)


def test_a_fresh_variable_renames_a_derivative():
    s = fresh(x)
    assert put(SLOPE, {x: s}) == sp.Derivative(a * sp.exp(s), s)
    assert fresh(x) != s
    with pytest.raises(Capture):
        put(SLOPE, {x: s, a: s})
