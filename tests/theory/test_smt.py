"""The translation to the solvers, each solver by itself, and the obligations."""

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.engines import smt
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.errors import NoRule
from saddlecheck.theory.symbols import a, eta, gamma, lam, mu, rho, x, y

both = pytest.mark.parametrize("engine", smt.ENGINES)


@both
@pytest.mark.parametrize(
    ("premises", "conclusion"),
    [
        ((mu > 0, rho > 1 / mu), -mu + rho * mu**2 > 0),
        ((sp.Eq(x**2, 2), x > 0), sp.And(sp.sqrt(x) < 2, x < sp.Rational(3, 2), evaluate=False)),
        ((), sp.Abs(x) >= x),
        ((), sp.Max(x, y) + sp.Min(x, y) >= sp.Min(x, y) + x),
        ((), sp.Piecewise((x, x > 0), (-x, True)) >= 0),
        ((gamma >= 0, gamma < 1, a > 0, eta > 0, eta * a < 2 * (1 + gamma)), sp.Abs(1 + gamma - eta * a) < 1 + gamma),
        ((sp.exp(x) >= 1 + x, x > 0), (sp.exp(x) - 1) / x >= 1),
        ((Prop("p", "P."), sp.Implies(Prop("p", "P."), x > 1, evaluate=False)), x > 0),
        ((x > 1,), sp.Equivalent(x > 0, x > 1, evaluate=False)),
        ((x > 1,), sp.Not(x < 0, evaluate=False)),
    ],
)
def test_proves(engine, premises, conclusion):
    assert smt.entails(premises, conclusion, engine).status == "proved"


@both
def test_refutes_with_an_exact_model(engine):
    answer = smt.entails((mu > 0, rho >= 1 / mu), -mu + rho * mu**2 > 0, engine)
    assert answer.status == "refuted"
    assert answer.model is not None
    assert answer.model[mu] * answer.model[rho] == 1


@both
def test_an_irrational_model_is_not_rounded(engine):
    answer = smt.satisfiable((sp.Eq(x**2, 2), x > 0), engine)
    assert (answer.status, answer.model) == ("refuted", None)


@both
def test_no_model_is_proved(engine):
    assert smt.satisfiable((x**2 < 0,), engine).status == "proved"


@both
@pytest.mark.parametrize(
    ("premises", "conclusion", "needs"),
    [
        ((), 1 / x > 0, "x != 0"),
        ((1 / x > 0,), x > 0, "x != 0"),
        ((), sp.sqrt(x) >= 0, "x >= 0"),
    ],
)
def test_obligations_are_not_assumed(engine, premises, conclusion, needs):
    answer = smt.entails(premises, conclusion, engine)
    assert answer.status == "unknown"
    assert needs in answer.why


@both
def test_a_model_of_the_abstraction_is_no_counterexample(engine):
    answer = smt.entails((x > 0,), sp.exp(x) > 1, engine)
    assert (answer.status, answer.model) == ("unknown", None)
    assert "exp(x)" in answer.why


@both
def test_refuses_complex_numbers_and_partial_functions(engine):
    with pytest.raises(NoRule, match="no rule for ImaginaryUnit"):
        smt.entails((), sp.Ne(x, sp.I, evaluate=False), engine)
    with pytest.raises(NoRule, match="declare it real"):
        smt.entails((), sp.Ne(sp.Symbol("z"), 0), engine)
    with pytest.raises(NoRule, match="without a default branch"):
        smt.entails((), sp.Piecewise((x, x > 0)) >= 0, engine)
    with pytest.raises(NoRule, match="no formula"):
        smt.entails((), sp.Symbol("p"), engine)


rationals = st.fractions(-4, 4, max_denominator=9).map(lambda q: sp.Rational(q.numerator, q.denominator))
terms = st.recursive(
    st.sampled_from([x, y, lam]) | rationals,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        inner.map(lambda e: e**2),
        inner.map(sp.Abs),
        st.tuples(inner, inner).map(lambda p: sp.Max(*p)),
    ),
    max_leaves=6,
)


@pytest.mark.properties
@given(terms, terms, rationals, rationals, rationals)
def test_the_translation_means_what_sympy_means(left, right, p, q, r):
    """At a point the two solvers and exact evaluation agree: the translation is the one thing the solvers share."""
    formula = sp.Le(left, right)
    if formula in (sp.true, sp.false):
        return
    point = {x: p, y: q, lam: r}
    premises = [sp.Eq(s, v) for s, v in point.items()]
    expected = truth(formula, point)
    for engine in smt.ENGINES:
        assert smt.entails(premises, formula, engine).status == ("proved" if expected else "refuted")


@both
def test_steps_that_only_add_or_only_multiply_do_not_open_their_terms(engine: smt.Engine) -> None:
    # Both follow directly once the bracket (or its product) is one unknown; opened up, they are hard.
    p, q, t, u = a, lam, mu, rho
    bracket = sp.exp(p * t) * (q - p * t) - sp.exp(-q * t) * (q + p * t) + (p**2 * q - t**3) ** 2
    assert smt.entails([u > 0, bracket < 0], u**3 * bracket < 0, engine).status == "proved"
    assert smt.entails([u * bracket < q, q < p], u * bracket < p, engine).status == "proved"
    # and what they leave out is still asked for: a denominator that may vanish stays an obligation
    assert smt.entails([u >= 0, bracket < 0], bracket / u < 0, engine).status == "unknown"
