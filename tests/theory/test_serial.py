"""Expressions to JSON and back; nothing outside the whitelist is written or read."""

import contextlib
import json

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.symbols import a, lam, n, rho, t, x, y

EXPRESSIONS = [
    lam + rho * lam**2 > 0,
    sp.Eq(sp.Derivative(sp.Function("s")(t), t), 2 * x - sp.exp(-a * t)),
    sp.Implies(sp.And(x > 0, y >= 0, evaluate=False), sp.Or(sp.Ne(x, 1), x < 2, evaluate=False), evaluate=False),
    Coefficient(sp.exp(x) / (1 + x), x, sp.S.Zero, sp.S(3)),
    sp.Eq(sp.Rational(279, 100), sp.Rational(28, 10), evaluate=False),
    sp.Piecewise((x, x > 1), (x**2, True)),
    sp.hyper((1, 1), (sp.Rational(3, 2), 2), x) + sp.pi + sp.E + sp.Abs(x) + sp.sqrt(x),
    sp.Max(x, 1) + sp.Min(y, 2) + sp.sign(x) + sp.tanh(x) + sp.erf(x),
    sp.Eq(n, 2 * n - n, evaluate=False),
    Prop("lemma", "A lemma."),
    sp.Not(sp.Eq(x, 0), evaluate=False),
    sp.Integral(sp.exp(-(x**2)), (x, -sp.oo, sp.oo)),
    sp.Limit(sp.sin(x) / x, x, 0),
    sp.true,
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
def test_round_trip_through_text(expr):
    text = json.dumps(serial.encode(expr))
    assert serial.decode(json.loads(text)) == expr


def test_assumptions_are_part_of_the_encoding():
    assert serial.encode(sp.Symbol("x", real=True)) != serial.encode(sp.Symbol("x", positive=True))


@pytest.mark.parametrize(
    "data",
    [
        None, 3, "x", [], [1], ["Lambda", ["Symbol", "x", {}]], ["__import__", "os"], ["Add", "x"], ["Symbol"],
        ["Rational", "1/0"], ["Rational", "a"], ["Pow", ["Rational", "2"]], ["Function"], ["str"], ["Symbol", "x", 3],
    ],
    ids=str,
)  # fmt: skip
def test_whatever_is_not_on_the_whitelist_is_unreadable(data):
    with pytest.raises(serial.Unreadable):
        serial.decode(data)


def test_depth_is_limited():
    data = ["Rational", "1"]
    for _ in range(300):
        data = ["exp", data]
    with pytest.raises(serial.Unreadable, match="nested deeper"):
        serial.decode(data)


@pytest.mark.parametrize("expr", [sp.Dummy("d"), sp.Matrix([[1]]), sp.zeta(x)])
def test_nodes_without_a_form_are_refused(expr):
    with pytest.raises(serial.Unreadable):
        serial.encode(expr)


@pytest.mark.properties
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=12))
def test_any_json_is_read_or_refused(data):
    with contextlib.suppress(serial.Unreadable):
        serial.decode(data)


def test_digest_ignores_layout_only():
    assert serial.digest({"b": 1, "a": [2]}) == serial.digest({"a": [2], "b": 1})
    assert serial.digest([1, 2]) != serial.digest([2, 1])
