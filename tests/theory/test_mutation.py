"""The named mistakes change what they say they change, and refuse to change nothing."""

import pytest
import sympy as sp

from saddlecheck.theory.claims import mutation
from saddlecheck.theory.symbols import B, eta, lam, rho, t, x

VARIANCE = sp.Eq(x, eta * sp.Abs(lam) / (2 * B) * t)


@pytest.mark.parametrize(
    ("name", "formula", "expected"),
    [
        ("flipped sign", sp.Eq(x, lam), sp.Eq(x, -lam)),
        ("a factor two too many", sp.Eq(x, lam), sp.Eq(x, 2 * lam)),
        ("something left over", sp.Eq(x, 0), sp.Eq(x, 1)),
        ("reversed inequality", x > lam, x < lam),
        ("inequality read as an equation", x > lam, sp.Eq(x, lam)),
        ("a square too many", sp.Eq(x, lam * (1 + rho * lam)), sp.Eq(x, lam * (1 + rho * lam) ** 2)),
        ("lambda for |lambda|", VARIANCE, sp.Eq(x, eta * lam / (2 * B) * t)),
        ("B^2 for B", VARIANCE, sp.Eq(x, eta * sp.Abs(lam) / (2 * B**2) * t)),
        ("eta for eta/2", VARIANCE, sp.Eq(x, eta * sp.Abs(lam) / B * t)),
        ("inverted constant", sp.Eq(x, t / eta), sp.Eq(x, eta / t)),
        ("rho^2 for rho", sp.Eq(x, rho * lam), sp.Eq(x, rho**2 * lam)),
    ],
)
def test_mistake(name, formula, expected):
    assert mutation.mistake(name, formula) == expected


def test_every_conjunct_and_the_conclusion_of_an_implication_are_mutated():
    both = sp.And(sp.Eq(x, lam), sp.Eq(t, rho), evaluate=False)
    flipped = [f for name, f in mutation.mutants(both) if name == "flipped sign"]
    assert set(flipped) == {
        sp.And(sp.Eq(x, -lam), sp.Eq(t, rho), evaluate=False),
        sp.And(sp.Eq(x, lam), sp.Eq(t, -rho), evaluate=False),
    }
    implied = sp.Implies(rho > 0, x > lam, evaluate=False)
    assert mutation.mistake("reversed inequality", implied) == sp.Implies(rho > 0, x < lam, evaluate=False)


@pytest.mark.parametrize(
    ("name", "formula"),
    [("flipped sign", x > 0), ("B^2 for B", sp.Eq(x, lam)), ("a square too many", sp.Eq(x, lam)),
     ("lambda for |lambda|", sp.Eq(x, lam)), ("reversed inequality", sp.Eq(x, lam)),
     ("inequality read as an equation", sp.Or(x > 0, x < 1, evaluate=False))],
)  # fmt: skip
def test_a_mistake_that_changes_nothing_is_no_twin(name, formula):
    with pytest.raises(ValueError, match="changes nothing"):
        mutation.mistake(name, formula)


def test_general_mutants_of_an_equation():
    assert [name for name, _ in mutation.mutants(sp.Eq(x, lam))] == ["flipped sign", "a factor two too many"]
