"""Whatever goes wrong within an engine is "undecided" with its reason, and it is said in time."""

import time

import pytest
import sympy as sp

from saddlecheck.theory.claims import outcome
from saddlecheck.theory.claims.formulas import equal
from saddlecheck.theory.claims.steps import Bounded, Entails, Equal, Premises
from saddlecheck.theory.engines import identity, smt
from saddlecheck.theory.errors import MalformedStep
from saddlecheck.theory.symbols import x, y

STEP = Equal("square", equal((x + 1) ** 2, x**2 + 2 * x + 1))


def raising(error):
    def engine(*_args, **_kwargs):
        raise error

    return engine


@pytest.mark.parametrize(
    "error",
    [TypeError("cannot"), AssertionError(), RecursionError("too deep"), SyntaxError("no"), ZeroDivisionError("0"),
     MemoryError(), KeyError("x"), OverflowError("large"), NotImplementedError(), ValueError("what it says")],
    ids=lambda e: type(e).__name__,
)  # fmt: skip
def test_an_exception_is_undecided(monkeypatch, error):
    monkeypatch.setattr(identity, "by_algebra", raising(error))
    first, *others = STEP.check(())
    assert (first.status, {o.status for o in others}) == ("undecided", {"proved"})
    assert str(error) in first.why
    assert first.why


def test_an_interrupt_is_not_swallowed(monkeypatch):
    monkeypatch.setattr(identity, "by_algebra", raising(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        STEP.check(())


def test_the_clock(monkeypatch):
    def forever(*_args):
        while True:
            sp.Rational(1, 3) + 1

    monkeypatch.setattr(identity, "by_algebra", forever)
    monkeypatch.setattr(outcome, "CLOCK", 0.3)
    start = time.monotonic()
    first, *others = STEP.check(())
    assert "no answer within 0.3 seconds" in first.why
    assert (first.status, {o.status for o in others}) == ("undecided", {"proved"})
    # 0.3 s for the clock; the rest is Arb's 12 points, and a machine with much else to do
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    "step",
    [
        Entails("tower", sp.Ge(x ** (10**9), 0, evaluate=False)),
        Entails("long", sp.Ge((x + y) ** 9998 + 1, 0, evaluate=False)),
        Entails("deep", sp.Gt(sum((sp.exp(x + k) for k in range(400)), sp.S.Zero), 0, evaluate=False)),
    ],
    ids=lambda s: s.name,
)
def test_large_formulas_are_answered_in_time(step):
    start = time.monotonic()
    with smt.patience(2.0):
        assert all(o.why or o.status == "proved" for o in step.check(()))
    assert time.monotonic() - start < 3 * outcome.CLOCK


@pytest.mark.parametrize(
    "box", [{x: (1, 1)}, {x: (2, 1)}, {x: (0, sp.oo)}, {x: (0, y)}, {x: (0, sp.pi)}, {x + 1: (0, 1)}]
)
def test_a_box_has_rational_ends_in_order(box):
    with pytest.raises(MalformedStep, match="two rational numbers in order"):
        Bounded("box", x < 7, box=box).check(())


def test_premises_know_conditions_from_cited_formulas():
    premises = Premises((x > 0,), (y > 0,))
    assert tuple(premises) == (x > 0, y > 0)
    assert (premises.given, premises.cited) == ((x > 0,), (y > 0,))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_the_order_of_citation_does_not_matter(order):
    facts = [sp.Ne(x, 0), 1 / x > 0, sp.log(1 / x) > 1]
    step = Entails("so", sp.Gt(sp.log(1 / x), 0))
    found = step.check(Premises((), [facts[k] for k in order]))
    assert {o.engine: o.status for o in found if o.status == "proved"} == {"z3": "proved", "cvc5": "proved"}
