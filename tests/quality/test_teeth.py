"""The checker is checked: take one check out of a step class, and a false claim gets through where it did not.

Each test removes a check and shows both sides: with it, a falsehood is caught; without it, the falsehood passes. If
someone removes the check from the code, the first half fails.
"""

import pytest
import sympy as sp

from saddlecheck.theory.checker import facts, positivity
from saddlecheck.theory.checker.tree import Damaged
from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Accept, Bounded, Entails, Equal
from saddlecheck.theory.engines import certificates, counterexample, identity, smt, subdivide
from saddlecheck.theory.symbols import lam, mu, rho, x
from saddlecheck.verification.ledger.judge import _WORTH, Ground, Verdict, judge
from saddlecheck.verification.ledger.settle import settle

CANCELLED = Equal("e", sp.Eq((lam**2 - 1) / (lam - 1), lam + 1))
FALSE = Equal("e", sp.Eq(lam * rho, lam + rho))


def proved(step, *premises):
    return {o.engine for o in step.check(premises) if o.status == "proved"}


def test_domain_check_of_identities(monkeypatch):
    assert proved(CANCELLED) == set()
    monkeypatch.setattr(smt, "undefined", lambda *_: None)
    assert proved(CANCELLED) == {"sympy", "arb"}


def test_residual_check_of_sympy(monkeypatch):
    assert proved(FALSE) == set()
    monkeypatch.setattr(identity, "_reduce", lambda _residual: sp.S.Zero)
    assert proved(FALSE) == {"sympy"}


def test_points_of_arb(monkeypatch):
    # true at lam = rho = 0 and lam = rho = 2: points have to be many and generic
    monkeypatch.setattr(
        counterexample, "samples", lambda *_: [{lam: sp.S(0), rho: sp.S(0)}, {lam: sp.S(2), rho: sp.S(2)}]
    )
    assert proved(FALSE) == {"arb"}


def test_obligations_of_the_solvers(monkeypatch):
    # To a solver 1/0 is some number; to the claim it is nothing, so x != 0 has to be known first.
    step = Entails("e", sp.Le(1 / x, 1 + 1 / x, evaluate=False))
    assert proved(step) == set()
    monkeypatch.setattr(smt, "_unmet", lambda *_: None)
    assert proved(step) == {"z3", "cvc5"}


def test_midpoint_check_of_boxes(monkeypatch):
    step = Bounded("b", sp.exp(x) > 1 + 2 * x, box={x: (0, 1)})
    assert {o.status for o in step.check(())} == {"refuted"}
    monkeypatch.setattr(subdivide, "_arb_lower", lambda _excess: lambda _piece: True)
    assert proved(step) == {"arb"}


def _claim(*steps, statement=None, given=()):
    return Claim("c", "T", BEYOND, "S.", statement or steps[-1].formula, given, tuple(steps))


def test_two_engines_for_each_step(monkeypatch):
    claim = _claim(Equal("e", sp.Eq((x + 1) ** 2, x**2 + 2 * x + 1)))
    evidence = settle(claim)
    assert judge(claim, evidence).verdict is Verdict.HOLDS
    alone = [e for e in evidence if e.engine == "sympy"]
    assert judge(claim, alone).verdict is Verdict.OPEN
    assert "sympy alone" in judge(claim, alone).reason
    monkeypatch.setitem(_WORTH, "Equal", (("sympy", Ground.TESTED),))
    assert judge(claim, alone).verdict is Verdict.HOLDS


def test_a_lemma_is_never_a_proof():
    lemma = Prop("p", "A lemma.")
    claim = _claim(Accept("a", lemma, source="A book"), Entails("e", sp.Or(lemma, x > 0, evaluate=False), uses=("a",)))
    assert judge(claim, settle(claim)).verdict is Verdict.ACCEPTED


def test_both_evaluators_of_a_witness(monkeypatch):
    assert not counterexample.is_counterexample({x: sp.S.One}, x > 0, ())
    monkeypatch.setattr(counterexample, "EVALUATORS", ())
    assert counterexample.is_counterexample({x: sp.S.One}, x > 0, ())


@pytest.mark.parametrize("engine", ["z3", "cvc5"])
def test_a_solver_that_says_yes_to_everything_is_outvoted(monkeypatch, engine):
    """One broken engine cannot make a claim hold: the other refutes."""
    honest = smt.entails

    def corrupt(premises, conclusion, asked, timeout=None):
        return smt.Answer("proved") if asked == engine else honest(premises, conclusion, asked, timeout)

    monkeypatch.setattr(smt, "entails", corrupt)
    claim = _claim(Entails("e", x**2 > x))
    assert judge(claim, settle(claim)).verdict is Verdict.OPEN


def certified(certificate, conclusion, *premises):
    about = certificates.subject(premises, conclusion)
    try:
        certificates.verify(about, certificate)
    except Damaged:
        return False
    return True


def test_sums_of_certificates(monkeypatch):
    # (mu^2 - rho^2) + (rho - mu)^2 is not 0
    wrong = (["sum", [[1, [[1, 1]], []], [1, [[0, 2]], []]], []], rho**2 > mu**2, rho > mu)
    assert not certified(*wrong)
    monkeypatch.setattr(positivity, "vanishes", lambda *_: True)
    assert certified(*wrong)


def test_cases_of_certificates(monkeypatch):
    # x > 0 or x = 0 leave x < 0 out
    positive, zero = (["sum", [[1, [[0, 1]], []], [1, [[1, 1]], []]], []], ["sum", [[1, [], []]], [[1, [[1, []]]]]])
    wrong = (["sign", [[1, [[0, 1]]]], [">", positive]], x > 0)
    assert not certified(*wrong)
    assert not certified([*wrong[0], ["=", zero]], x > 0)
    monkeypatch.setattr(positivity, "_SIGNS", {">": "-0+"})
    assert certified(*wrong)


def test_obligations_of_certificates(monkeypatch):
    step = sp.Le(1 / x, 1 + 1 / x, evaluate=False)
    wrong = ["sum", [[1, [[1, 1]], []], [1, [], []]], []]  # -1 > 0, wherever 1/x is defined
    assert not certified(wrong, step)
    monkeypatch.setattr(facts.Refutation, "needs", lambda *_: None)
    assert certified(wrong, step)
