"""Each step class proves what is true, refutes what is false with a witness, and refuses what it cannot tell."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.claims.steps import Accept, Bounded, Entails, Equal, series, solves, stated
from saddlecheck.theory.engines import certificates, smt
from saddlecheck.theory.errors import MalformedStep
from saddlecheck.theory.symbols import D, a, eta, lam, mu, rho, t, x, y

V = D / a * (1 - sp.exp(-2 * a * t))
s = sp.Function("s")
PROVED = {"sympy": "proved", "arb": "proved", "flint": "proved"}
REFUTED = {"sympy": "refuted", "arb": "refuted", "flint": "undecided"}  # normal forms look for no point


def statuses(step, *premises):
    return {o.engine: o.status for o in step.check(premises)}


class TestEqual:
    def test_proves_an_identity_with_each_engine(self):
        assert statuses(Equal("e", sp.Eq((lam + 1) ** 2, lam**2 + 2 * lam + 1))) == PROVED

    def test_refutes_a_false_one_with_a_point_that_violates_it(self):
        step = Equal("e", sp.Eq(lam * rho, lam + rho))
        outcomes = step.check(())
        assert {o.engine: o.status for o in outcomes} == REFUTED
        for o in outcomes[:2]:
            left, right = (side.subs(dict(o.witness)) for side in step.formula.args)
            assert left != right

    @pytest.mark.parametrize("premises", [(), (lam > -1,)])
    def test_a_denominator_that_may_vanish_is_an_obligation(self, premises):
        step = Equal("e", sp.Eq((lam**2 - 1) / (lam - 1), lam + 1))
        assert set(statuses(step, *premises).values()) == {"undecided"}
        assert all("lambda - 1 != 0" in o.why for o in step.check(premises))

    def test_the_condition_meets_the_obligation(self):
        step = Equal("e", sp.Eq((lam**2 - 1) / (lam - 1), lam + 1))
        assert set(statuses(step, sp.Ne(lam, 1)).values()) == {"proved"}

    def test_a_sign_is_used_only_if_it_is_given(self):
        step = Equal("e", sp.Eq(sp.Abs(lam), -lam))
        assert set(statuses(step, lam < 0).values()) == {"proved"}
        assert statuses(step) == REFUTED

    def test_takes_equations_only(self):
        with pytest.raises(MalformedStep, match="takes equations"):
            Equal("e", lam > 0).check(())

    def test_balls_are_undecided_where_the_premises_have_no_rational_point(self):
        assert statuses(Equal("e", sp.Eq(x**2, 2)), sp.Eq(x**2, 2))["arb"] == "undecided"

    def test_an_equation_that_sympy_decided_already_is_no_equation(self):
        with pytest.raises(MalformedStep, match="evaluate=False"):
            Equal("e", sp.Eq(x, x)).check(())


class TestDifferentialEquations:
    equation = sp.Eq(sp.Derivative(s(t), t), 2 * D - 2 * a * s(t))

    def test_solution_with_its_initial_condition(self):
        step = solves("ode", self.equation, {s(t): V}, [sp.Eq(V.subs(t, 0), 0, evaluate=False)])
        assert set(statuses(step, sp.Ne(a, 0)).values()) == {"proved"}

    @pytest.mark.parametrize("wrong", [2 * V, V.subs(a, 2 * a), V + 1, V.subs(D, D / 2)])
    def test_a_wrong_solution_is_refuted_by_both(self, wrong):
        step = solves("ode", self.equation, {s(t): wrong})
        assert statuses(step, sp.Ne(a, 0)) == REFUTED

    def test_a_mixed_derivative_is_left_to_algebra(self):
        step = Equal("d", sp.Eq(sp.Derivative(x**2 * y, x, y), 2 * x))
        assert statuses(step) == {"sympy": "proved", "arb": "undecided", "flint": "proved"}


class TestSeries:
    def test_removable_singularity(self):
        step = series("s", V, a, [2 * D * t, -2 * D * t**2])
        assert set(statuses(step).values()) == {"proved"}

    def test_wrong_coefficient(self):
        step = series("s", V, a, [2 * D * t, -D * t**2])
        assert statuses(step) == REFUTED

    def test_one_coefficient_prints_as_one_equation(self):
        assert series("s", V, a, [2 * D * t]).formula == sp.Eq(Coefficient(V, a, 0, 0), 2 * D * t)


class TestEntails:
    def test_two_solvers(self):
        assert statuses(Entails("e", lam + rho * lam**2 > 0), lam < 0, rho > -1 / lam) == {
            "z3": "proved",
            "cvc5": "proved",
            "certificate": "undecided",
        }

    def test_equality_refutes(self):
        outcomes = Entails("e", -mu + rho * mu**2 > 0).check((mu > 0, rho >= 1 / mu))
        found = [(o.engine, o.status) for o in outcomes]
        assert found == [("certificate", "undecided"), *((e, "refuted") for e in ("z3", "cvc5", "search"))]
        assert dict(outcomes[1].witness)[mu] * dict(outcomes[1].witness)[rho] == 1

    def test_the_second_solver_is_asked_where_two_proofs_are_not_there(self, monkeypatch):
        step, premises = Entails("e", lam + rho * lam**2 > 0), (lam < 0, rho > -1 / lam)
        monkeypatch.setattr(certificates, "prove", lambda *_: ("proved", ""))
        assert statuses(step, *premises) == {"certificate": "proved", "z3": "proved"}
        honest = smt.entails
        monkeypatch.setattr(
            smt, "entails", lambda *asked: smt.Answer("unknown") if asked[2] == "z3" else honest(*asked)
        )
        assert statuses(step, *premises) == {"certificate": "proved", "z3": "undecided", "cvc5": "proved"}

    def test_exp_needs_a_bound(self):
        step = Entails("e", sp.exp(x) * eta > eta)
        undecided = dict.fromkeys(("z3", "cvc5", "certificate", "search"), "undecided")
        assert statuses(step, x > 0, eta > 0) == undecided
        bounded = {"z3": "proved", "cvc5": "proved", "certificate": "undecided"}
        assert statuses(step, x > 0, eta > 0, sp.exp(x) >= 1 + x) == bounded

    def test_a_false_inequality_with_exp_is_refuted_by_the_search(self):
        assert statuses(Entails("e", sp.exp(x) > 1 + 2 * x), x > 0)["search"] == "refuted"

    def test_a_denominator_is_an_obligation(self):
        why = {o.engine: o.why for o in Entails("e", rho / lam > 0).check((rho > 0, lam >= 0))}
        assert "lambda != 0" in why["z3"]
        assert "lambda != 0" in why["cvc5"]


class TestBounded:
    def test_two_interval_arithmetics(self):
        step = Bounded("b", sp.exp(x) * y > 1 + x, box={x: (sp.Rational(1, 10), 3), y: (1, 2)})
        assert statuses(step) == {"arb": "proved", "mpmath": "proved"}

    def test_a_violation_is_a_witness(self):
        outcomes = Bounded("b", sp.exp(x) > 1 + 2 * x, box={x: (sp.Rational(1, 10), 3)}).check(())
        for o in outcomes:
            assert o.status == "refuted"
            assert float(sp.exp(o.witness[x]) - 1 - 2 * o.witness[x]) <= 0

    def test_what_it_hands_on_is_the_inequality_in_the_box(self):
        step = Bounded("b", x < 2, box={x: (0, 1)})
        assert stated(step) == sp.Implies(sp.And(x >= 0, x <= 1, evaluate=False), x < 2, evaluate=False)

    def test_touching_zero_is_not_settled(self):
        assert set(statuses(Bounded("b", x**2 > 0, box={x: (-1, 2)})).values()) <= {"undecided", "refuted"}

    def test_needs_a_range_for_each_symbol(self):
        assert set(statuses(Bounded("b", x + y > 0, box={x: (1, 2)})).values()) == {"undecided"}

    def test_needs_a_strict_inequality(self):
        with pytest.raises(MalformedStep, match="strict"):
            Bounded("b", sp.Ge(x, 0), box={x: (1, 2)}).check(())


class TestAccept:
    def test_is_evidence_of_its_own_kind(self):
        assert statuses(Accept("a", Prop("p", "A lemma."), source="Somebody, A book, p. 1")) == {"source": "proved"}

    def test_needs_a_source(self):
        with pytest.raises(ValueError, match="needs its source"):
            Accept("a", Prop("p", "A lemma.")).check(())
