"""A function that increases: the sign of its derivative is found, and nothing is concluded without it."""

import json

import pytest
import sympy as sp

from saddlecheck.theory.claims.increasing import Increasing, increasing
from saddlecheck.theory.claims.step_serial import decode, encode
from saddlecheck.theory.symbols import lam, t, x


def statuses(step, *premises):
    return {o.engine: o.status for o in step.check(premises)}


PROVED = {"sympy": "proved", "arb": "proved"}
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
    assert statuses(Increasing("f", DECAY > 1, of=DECAY, along=t), lam > 0, t > 0)["search"] == "refuted"


def test_a_function_that_turns_back_is_not_increasing():
    """x - x^2 is positive on (0, 1) and not beyond: the derivative changes its sign in between."""
    assert "proved" not in statuses(increasing("p", x - x**2, along=x), x > 0).values()


def test_the_round_trip_through_a_file():
    step = increasing("d", DECAY, along=t)
    assert decode(json.loads(json.dumps(encode(step)))).check((lam > 0, t > 0))[0].status == "proved"
