"""A function that increases: the sign of its derivative is found, and nothing is concluded without it."""

import dataclasses
import json

import pytest
import sympy as sp

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker.tree import parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.increasing import Increasing, increasing
from saddlecheck.theory.claims.step_serial import encode
from saddlecheck.theory.symbols import lam, t, x
from saddlecheck.verification.ledger.proofs import Prover, searched


def statuses(step, *premises):
    return {o.engine: o.status for o in step.check(premises)}


PROVED = {"sympy": "proved", "arb": "proved", "flint": "proved"}
DECAY = 1 - sp.exp(-lam * t)


def test_a_decay_starts_at_one():
    assert statuses(increasing("d", DECAY, along=t), lam > 0, t > 0) == PROVED
    assert statuses(increasing("d", DECAY, along=t, strict=False), lam >= 0, t >= 0) == PROVED


def test_from_another_start():
    step = increasing("s", x**3, along=x, from_=2)
    assert step.formula == (x**3 > 8)
    assert statuses(step, x > 2) == PROVED


@pytest.mark.parametrize("premises", [(t > 0,), (lam > 0,), (lam > 0, t >= 0), (lam < 0, t > 0)])
def test_a_sign_that_is_not_known_proves_nothing(premises):
    assert "proved" not in statuses(increasing("d", DECAY, along=t), *premises).values()


def test_a_falsehood_is_refuted():
    assert (
        statuses(Increasing("f", DECAY > 1, of=DECAY, along=t, slope=sp.diff(DECAY, t)), lam > 0, t > 0)["search"]
        == "refuted"
    )


def test_a_function_that_turns_back_is_not_increasing():
    """x - x^2 is positive on (0, 1) and not beyond: the derivative changes its sign in between."""
    assert "proved" not in statuses(increasing("p", x - x**2, along=x), x > 0).values()


def test_a_wrong_slope_proves_nothing():
    wrong = Increasing("w", DECAY > 0, of=DECAY, along=t, slope=2 * lam * sp.exp(-lam * t))
    assert "proved" not in statuses(wrong, lam > 0, t > 0).values()


def test_the_checker_verifies_it_from_its_serialised_form():
    step = increasing("d", lam * t + t**2, along=t)
    parsed = checker.step(json.loads(json.dumps(encode(step))))
    given = [parse(serial.encode(g)) for g in (lam > 0, t > 0)]
    assert Prover(searched).verifies(parsed, given, [])
    assert not Prover(searched).verifies(parsed, given[1:], [])  # the sign of lam is needed


VERIFIED = [
    (increasing("d", DECAY, along=t), (lam > 0, t > 0)),
    (increasing("d", t * sp.exp(lam * t), along=t, strict=False), (lam >= 0, t >= 0)),
    (increasing("d", sp.exp(x - 2) + x, along=x, from_=2), (x > 2,)),
]


@pytest.mark.parametrize(("step", "premises"), VERIFIED, ids=lambda v: str(getattr(v, "formula", "")))
def test_the_checker_knows_the_value_at_the_start_and_no_other(step, premises):
    """An exponential of 0 is 1 at the start. One that is claimed to start a little higher is not verified."""
    given = [parse(serial.encode(g)) for g in premises]
    assert Prover(searched).verifies(checker.step(encode(step)), given, [])
    higher = step.formula.rhs + sp.Rational(1, 10**40)
    wrong = dataclasses.replace(step, formula=step.formula.func(step.of, higher, evaluate=False))
    assert not Prover(searched).verifies(checker.step(encode(wrong)), given, [])
