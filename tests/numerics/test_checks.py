"""What a request must satisfy: one line that names the argument, whatever is given in place of numbers."""

import math
from fractions import Fraction

import numpy as np
import pytest

from saddlecheck import numerics
from saddlecheck.numerics import checks

NO_NUMBERS = [None, "x", "0.5", 1 + 1j, np.array([1j]), 10**400, [[1.0], [1.0, 2.0]], object(), {"a": 1}, [None], b"1"]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=lambda v: type(v).__name__)
def test_what_is_no_number_is_refused_by_name(value):
    for check in (checks.finite, checks.positive, lambda n, v: checks.at_least(n, v, 0.0)):
        with pytest.raises(ValueError, match=r"^radius must be a real number") as refused:
            check("radius", value)
        assert "\n" not in str(refused.value)
        assert len(str(refused.value)) < 200
    with pytest.raises(ValueError, match=r"^n (must be a real number|must be a whole number)"):
        checks.steps_or_infinity(value)


@pytest.mark.parametrize("value", [np.float32(0.5), Fraction(1, 2), [0.5], np.array([[0.5]]), np.zeros(0), True, 3])
def test_what_stands_for_numbers_is_read(value):
    """The false twin: these are numbers, with their shapes."""
    assert checks.finite("radius", value).dtype == np.float64
    assert checks.finite("radius", value).shape == np.shape(value)


@pytest.mark.parametrize("value", [math.nan, math.inf, 2.5, 0, True, "3", None, -1])
def test_a_count_is_a_whole_number(value):
    with pytest.raises(ValueError, match=r"^paths must be an integer >= 1"):
        checks.count("paths", value)


def test_counts_of_other_types():
    assert (checks.count("paths", 3.0), checks.count("paths", np.int64(4)), checks.count("paths", 10**30)) == (
        3, 4, 10**30)  # fmt: skip


def test_an_empty_matrix_is_no_hessian():
    with pytest.raises(ValueError, match="square matrix, got shape"):
        checks.symmetric("H", np.zeros((0, 0)))


def test_public_functions_pass_it_on():
    for call in (
        lambda: numerics.sam_edge(gradient=10**400, rho=0.1, lr=0.1),
        lambda: numerics.exit_time(rate=None, diffusion=1.0, radius=1.0),
    ):
        with pytest.raises(ValueError, match="must be a real number"):
            call()
