"""Induction proves what is true for every n, with both engines, and lets nothing else through."""

from __future__ import annotations

import pytest
import sympy as sp

from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.symbols import eta, lam, n, rho, t

_Q = 1 + 2 * eta


def step(formula, over=n):
    return Induction("step", formula, "by induction", over=over)


def unevaluated(relation, left, right):
    return relation(left, right, evaluate=False)


TRUE = {
    "Bernoulli": (unevaluated(sp.Ge, _Q**n, 1 + 2 * eta * n), (eta > 0,)),
    "even power": (unevaluated(sp.Ge, (1 + rho * lam) ** (2 * n), 0), ()),
    "strict": (unevaluated(sp.Gt, (1 + rho * lam) ** (2 * n), 0), (sp.Ne(1 + rho * lam, 0),)),
    "an equation": (unevaluated(sp.Eq, 2**n * 3**n, 6**n), ()),
}
FALSE = {
    "too steep": (unevaluated(sp.Ge, _Q**n, 1 + 3 * eta * n), (eta > 0,)),
    "odd power": (unevaluated(sp.Ge, (1 + rho * lam) ** n, 0), ()),
    "without its condition": (unevaluated(sp.Gt, (1 + rho * lam) ** (2 * n), 0), ()),
    "false at 0": (unevaluated(sp.Gt, _Q**n, 1 + 2 * eta * n), (eta > 0,)),
}


@pytest.mark.parametrize("name", TRUE)
def test_proves(name):
    formula, premises = TRUE[name]
    outcomes = step(formula).check(premises)
    assert [(o.engine, o.status) for o in outcomes] == [("sympy", "proved"), ("arb", "proved"), ("flint", "proved")]


@pytest.mark.parametrize("name", FALSE)
def test_refutes(name):
    formula, premises = FALSE[name]
    outcomes = step(formula).check(premises)
    assert {o.status for o in outcomes} == {"undecided", "refuted"}
    assert outcomes[-1].witness is not None


def test_true_but_not_inductive_stays_undecided():
    """2^n > n holds, but does not carry itself from 0 to 1 where all that is known of 2^0 is that it exceeds 0."""
    outcomes = step(unevaluated(sp.Gt, 2**n, n)).check(())
    assert [o.status for o in outcomes] == ["undecided"] * 4


def test_refuses_what_it_cannot_mean():
    with pytest.raises(ValueError, match="takes an equation or inequality"):
        step(sp.And(eta > 0, rho > 0)).check(())
    with pytest.raises(ValueError, match="no natural number"):
        step(unevaluated(sp.Ge, _Q**t, 1), over=t).check(())
    with pytest.raises(ValueError, match="restricts n"):
        step(unevaluated(sp.Ge, _Q**n, 1)).check((n > 3,))
