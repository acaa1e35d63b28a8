"""Symbols: which are understood, what they stand for, and that one name is one object."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, MalformedClaim
from saddlecheck.theory.claims.kinds import admits, is_whole, kind, require_vocabulary
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.engines import counterexample, smt
from saddlecheck.theory.errors import BadSymbol
from saddlecheck.theory.symbols import n, x, y
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.ledger.settle import settle

m = sp.Symbol("m", integer=True)
HALF = sp.Rational(1, 2)


def test_kinds():
    assert [kind(s) for s in (x, m, n)] == ["real", "integer", "natural"]
    assert [admits(s, v) for s in (x, m, n) for v in (HALF, sp.S(-1), sp.S(2))] == [
        True, True, True, False, True, True, False, False, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("expr", "whole"),
    [(m * n + 3, True), ((m - n) ** 2, True), (m**n, False), (m / 2, False), (x * 2, False), (1 / m, False)],
)
def test_whole_by_its_form(expr, whole):
    assert is_whole(expr) is whole


@pytest.mark.parametrize("assumed", [{}, {"positive": True}, {"real": True, "nonzero": True}, {"prime": True}])
def test_a_property_is_a_condition(assumed):
    with pytest.raises(BadSymbol, match="state any other property as a condition"):
        require_vocabulary([sp.Symbol("z", **assumed)])


@pytest.mark.parametrize("name", ["", "_x", "2", "x + 1", "pi", "E", "I", "oo", "exp", "Max", "x y", "-x"])
def test_a_name_reads_as_a_symbol(name):
    with pytest.raises(BadSymbol, match="read as something else"):
        require_vocabulary([sp.Symbol(name, real=True)])


@pytest.mark.parametrize("name", ["x", "lambda_1", "w'", "G_{n+1}", "xi_up", "m11", "λ", "h_{a,b}"])
def test_names_of_the_field(name):
    require_vocabulary([sp.Symbol(name, real=True)])


@pytest.mark.parametrize("strange", [sp.Dummy("x", real=True), sp.Wild("x")])
def test_a_symbol_is_its_name(strange):
    with pytest.raises(BadSymbol):
        require_vocabulary([strange])


@pytest.mark.parametrize(
    "pair",
    [(x, sp.Symbol("x", integer=True)), (n, sp.Symbol("n", real=True)), (Prop("p", "One."), Prop("p", "Two.")),
     (value(x**2, x, 1) > 0, sp.Symbol("x", integer=True) > 0),
     tuple(sp.Symbol(name, real=True) for name in ("x_1", "x1"))],
)  # fmt: skip
def test_one_name_is_one_object(pair):
    with pytest.raises(BadSymbol, match="two different things are named"):
        require_vocabulary(pair)


def _claim(statement, *given, steps=()):
    return Claim("whole", "T", BEYOND, "S.", statement, given, tuple(steps))


# True of whole numbers, false of real ones.
WHOLE = {
    "n^2 >= n": sp.Ge(n**2, n),
    "m^2 >= m": sp.Ge(m**2, m),
    "2m is not 1": sp.Ne(2 * m, 1, evaluate=False),
    "m^2 is not 2": sp.Ne(m**2, 2, evaluate=False),
    "nothing between 0 and 1": sp.Or(m <= 0, m >= 1, evaluate=False),
    "2m is not 2n + 1": sp.Ne(2 * m, 2 * n + 1, evaluate=False),
    "n is not negative": sp.Ge(n, 0, evaluate=False),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_holds_of_whole_numbers_holds(name):
    statement = WHOLE[name]
    assert counterexample.counterexample(statement, ()) is None
    claim = _claim(statement, steps=[Entails("step", statement)])
    assert judge(claim, settle(claim)).verdict is Verdict.HOLDS


@pytest.mark.parametrize("name", WHOLE)
def test_and_is_refuted_of_real_ones(name):
    real = {s: sp.Symbol(s.name, real=True) for s in (m, n)}
    witness = counterexample.counterexample(put(WHOLE[name], real), ())
    if name == "m^2 is not 2":  # the one point is irrational: no witness, but no proof
        assert smt.entails((), put(WHOLE[name], real), "z3").status == "refuted"
        return
    assert witness is not None
    assert not all(admits(s, witness.get(real[s], sp.S.Zero)) for s in (m, n))


def test_conditions_that_only_real_numbers_meet_have_no_model():
    with pytest.raises(MalformedClaim, match="no point was found"):
        settle(_claim(x > 1, sp.Eq(2 * m, 1, evaluate=False)))
    assert settle(_claim(x > 1, sp.Eq(2 * y, 1)))


@pytest.mark.parametrize("strange", ["x > 0", x + 1, 3, None])
def test_a_statement_is_a_formula(strange):
    with pytest.raises(MalformedClaim, match="is no formula"):
        _claim(strange)
