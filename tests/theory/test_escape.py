"""The mean exit time against a boundary value problem, a double integral and its own limits."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.papers.ours.exit_times import (
    EXIT_TIME,
    SLOPE_REPELLED,
    SLOPE_TRAPPED,
    L,
    coefficient_ratio,
)
from saddlecheck.theory.symbols import D, a, mu, w

CASES = [(-3.0, 0.4, 1.2), (-0.5, 0.1, 2.0), (0.7, 0.3, 1.5), (2.0, 0.5, 1.0)]
exit_time = sp.lambdify((a, D, L), EXIT_TIME, "mpmath")


@pytest.mark.parametrize(("rate", "noise", "radius"), CASES)
def test_exit_time_solves_the_boundary_value_problem(rate: float, noise: float, radius: float) -> None:
    # D T'' - a w T' = -1 by central differences on 2,001 points; the error is O(h^2) with h = radius/1000.
    grid, h = np.linspace(-radius, radius, 2001, retstep=True)
    inner = grid[1:-1]
    matrix = np.diag(np.full(inner.size, -2 * noise / h**2))
    matrix += np.diag(noise / h**2 - rate * inner[:-1] / (2 * h), 1)
    matrix += np.diag(noise / h**2 + rate * inner[1:] / (2 * h), -1)
    solution = np.linalg.solve(matrix, np.full(inner.size, -1.0))
    assert float(exit_time(rate, noise, radius)) == pytest.approx(solution[inner.size // 2], rel=1e-4)


@pytest.mark.parametrize(("rate", "noise", "radius"), CASES)
def test_exit_time_is_the_double_integral(rate: float, noise: float, radius: float) -> None:
    # T(0) = (1/D) int_0^L e^(a v^2/2D) int_0^v e^(-a y^2/2D) dy dv
    def weight(v: float, sign: int) -> float:
        return mpmath.exp(sign * rate * v**2 / (2 * noise))

    double = mpmath.quad(lambda v: weight(v, 1) * mpmath.quad(lambda y: weight(y, -1), [0, v]), [0, radius]) / noise
    assert float(exit_time(rate, noise, radius)) == pytest.approx(float(double), rel=1e-12)


@pytest.mark.parametrize(("rate", "noise", "radius"), CASES)
def test_slope_in_closed_form_is_the_derivative(rate: float, noise: float, radius: float) -> None:
    expression, symbol, value = (SLOPE_TRAPPED, a, rate) if rate > 0 else (SLOPE_REPELLED, mu, -rate)
    slope = sp.lambdify((symbol, D, w), expression, "mpmath")(value, noise, radius)
    # u'(L) with T(0) = u(L): mpmath's numerical derivative is good to about half its 15 digits.
    assert float(slope) == pytest.approx(float(mpmath.diff(lambda r: exit_time(rate, noise, r), radius)), rel=1e-7)


def test_coefficients_are_those_of_the_series() -> None:
    # (w^2/2D) sum z^m (1)_m (1)_m / ((3/2)_m (2)_m m!), z = a w^2/(2D): the ratio of neighbours at m = 0, 1, 2.
    one, value = sp.S.One, []
    for m in range(4):
        rising = sp.rf(one, m) ** 2 / (sp.rf(sp.Rational(3, 2), m) * sp.rf(2, m) * sp.factorial(m))
        value.append(rising * (a / (2 * D)) ** m)
    for m in range(3):
        assert sp.simplify(value[m + 1] / value[m] - coefficient_ratio(sp.Integer(m))) == 0


def test_free_diffusion_leaves_after_the_square_of_the_radius() -> None:
    assert float(exit_time(0, 0.5, 3.0)) == 9.0


def test_a_repelling_direction_is_left_after_a_logarithm() -> None:
    # T (2 mu) - ln(2 mu L^2/D) tends to Euler's constant; the next term is of relative order D/(mu L^2) = 1e-6.
    left = float(exit_time(-1, 1e-6, 1.0)) * 2 - np.log(2e6)
    assert left == pytest.approx(float(mpmath.euler), abs=1e-4)


@pytest.mark.parametrize(("rate", "noise", "radius"), CASES)
def test_exit_time_lies_between_its_bounds(rate: float, noise: float, radius: float) -> None:
    value = float(exit_time(rate, noise, radius))
    if rate < 0:
        unit = np.log(1 - rate * radius**2 / noise) / (-2 * rate)
        assert unit < value < 2 * unit
    else:
        assert radius**2 / (2 * noise) < value < np.expm1(rate * radius**2 / (2 * noise)) / rate


def test_a_larger_rate_leaves_later() -> None:
    times = [float(exit_time(rate, 0.3, 1.0)) for rate in (-2.0, -1.0, -0.1, 0.1, 1.0, 2.0)]
    assert times == sorted(times)
