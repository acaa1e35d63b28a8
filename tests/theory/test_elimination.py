"""Equations among conditions: solved for the search, and points that do not follow the process's hash seed."""

import subprocess
import sys

import pytest
import sympy as sp

from saddlecheck.theory.engines.counterexample import counterexample
from saddlecheck.theory.engines.elimination import eliminated

x, y, z = sp.symbols("x y z", real=True)


def test_equations_are_solved_one_after_the_other():
    assert eliminated((sp.Eq(x * (1 - y), 2), sp.Eq(x + z, 1), y > 0)) == {
        x: 2 / (1 - y),
        z: 1 - 2 / (1 - y),
    }


@pytest.mark.parametrize("given", [(), (x > y,), (sp.Eq(sp.exp(x), sp.exp(y)),), (sp.Eq(x**2, y**2),)], ids=str)
def test_what_is_not_linear_in_a_symbol_is_left(given):
    assert eliminated(given) == {}


def test_a_falsehood_on_a_curve_that_no_grid_meets_is_refuted():
    """The curve y = 12345/6789 x needs numbers that are on no grid and too long for the random ones."""
    curve = sp.Eq(y, sp.Rational(12345, 6789) * x)
    found = counterexample(y * sp.exp(x) < 5, (curve, x > 0))
    assert found is not None
    assert found[y] == sp.Rational(12345, 6789) * found[x]
    # the twin: what is true on it has no counterexample
    assert counterexample(y * sp.exp(x) > x, (curve, x > 0)) is None


_POINTS = """
from saddlecheck.theory.engines.proposals import random_points
import sympy as sp
points = random_points([sp.Symbol("x", real=True)])
print(points.pools[0].values, points.rows[::1000].tolist())
"""


def test_random_points_are_the_same_for_every_hash_seed():
    printed = {
        subprocess.run(
            [sys.executable, "-c", _POINTS], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True, capture_output=True, text=True,
        ).stdout
        for seed in ("0", "3")
    }  # fmt: skip
    assert len(printed) == 1
