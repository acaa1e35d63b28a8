"""SAM's noise, drift and Fokker-Planck equation against plain arithmetic that shares no code with the derivations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from saddlecheck.theory.engines.counterexample import is_counterexample
from saddlecheck.theory.papers.kim.diffusion import diffusion, fokker_planck, noise, noise_size, reduction
from saddlecheck.theory.papers.kim.diffusion.variance_laws import GAINS, RATES
from saddlecheck.theory.symbols import B, D, a, lam, rho, w, w1, w2

LAM, RHO = -1.7, 0.4


def sam_step(weight: Any, up: Any, down: Any) -> Any:
    """SAM's direction on lam w^2/2 with those errors in its two gradients, by hand."""
    raised = weight + RHO * (LAM * weight + up)
    return LAM * raised + down


def number(expression: sp.Expr) -> float:
    return float(expression.subs({lam: LAM, rho: RHO}))


@pytest.mark.parametrize("law", ["exact_ascent", "same_batch", "independent"])
def test_mean_and_variance_of_a_step_are_those_of_the_law(law: Any) -> None:
    # Two-point errors +-1 have mean 0 and variance 1, so the average over all sign patterns is exact.
    signs = np.array([(up, down) for up in (-1.0, 1.0) for down in (-1.0, 1.0)])
    up = {"exact_ascent": 0 * signs[:, 0], "same_batch": signs[:, 1], "independent": signs[:, 0]}[law]
    steps = sam_step(0.3, up, signs[:, 1])
    # Rounding: a dozen operations on numbers of order 1.
    assert steps.mean() == pytest.approx(number(RATES[law]) * 0.3, abs=1e-14)
    assert steps.var() == pytest.approx(number(GAINS[law]), abs=1e-14)


def test_the_symbolic_step_is_the_step_by_hand() -> None:
    expression = noise.noisy_step(noise.xi_up, noise.xi).subs({noise.xi_up: 0.2, noise.xi: -0.7, w: 0.3})
    assert number(expression) == pytest.approx(sam_step(0.3, 0.2, -0.7), abs=1e-14)


@pytest.fixture
def matrix() -> Any:
    raw = np.random.default_rng(5).normal(size=(4, 4))
    return (raw + raw.T) / 2


def test_drift_of_the_algorithm_and_of_the_composed_loss(matrix: Any) -> None:
    weight, identity, radius, step = np.array([0.3, -1.0, 0.5, 2.0]), np.eye(4), 0.6, 1e-4

    def loss(v: Any) -> float:
        return float(v @ matrix @ v / 2)

    def slope(function: Any, at: Any) -> Any:
        # Central differences of a quadratic have no truncation error; rounding is about 1e-16 |loss|/step = 1e-11.
        return np.array([(function(at + step * e) - function(at - step * e)) / (2 * step) for e in identity])

    raised = weight + radius * slope(loss, weight)
    once = matrix @ (identity + radius * matrix) @ weight
    twice = matrix @ (identity + radius * matrix) @ (identity + radius * matrix) @ weight
    assert slope(loss, raised) == pytest.approx(once, abs=1e-9)
    assert slope(lambda v: loss(v + radius * slope(loss, v)), weight) == pytest.approx(twice, abs=1e-5)
    assert np.abs(once - twice).max() > 0.1  # the two are different functions


def density(formula: sp.And) -> sp.Expr:
    return next(part.rhs for part in formula.args if part.lhs.has(sp.erf))


def test_the_printed_density_integrates_to_sigma_to_the_minus_three_halves() -> None:
    printed = sp.lambdify(w, density(fokker_planck.EQ22.statement).subs(fokker_planck.var, 4))
    total, error = quad(printed, -np.inf, np.inf)
    assert total == pytest.approx(2**-1.5, abs=10 * error)


def test_the_meant_density_is_one_with_the_variance_it_names() -> None:
    meant = sp.lambdify(w, fokker_planck.NORMAL.subs(fokker_planck.var, 3))
    for power, moment in ((0, 1.0), (1, 0.0), (2, 3.0)):
        value, error = quad(lambda v, k=power: v**k * meant(v), -np.inf, np.inf)
        assert value == pytest.approx(moment, abs=10 * error + 1e-12)


def test_the_forward_equation_moves_mean_and_variance_as_the_process_does() -> None:
    # For dw = -a w dt + sqrt(2 D(w)) dW with D = 1 + w^2, Ito gives d<w^2>/dt = <-2a w^2 + 2D(w)>. Take <.> over
    # the standard normal density: -2a + 2(1 + 1). The right side of (20) must give the same when integrated by w^2.
    normal = sp.exp(-(w**2) / 2) / sp.sqrt(2 * sp.pi)
    right = sp.diff(a * w * normal, w) + sp.diff((1 + w**2) * normal, w, 2)
    value, error = quad(sp.lambdify(w, (w**2 * right).subs(a, 0.3)), -np.inf, np.inf)
    assert value == pytest.approx(-2 * 0.3 + 4, abs=10 * error + 1e-12)


def test_gradients_of_the_toy_neuron_vanish_on_its_line_and_its_curvature_does_not() -> None:
    def sample_gradient(v1: float, v2: float, label: float) -> float:
        return 2 * (v2 * v1**2 - label) * 2 * v1 * v2

    assert [sample_gradient(0.0, 1.5, label) for label in (-1.0, 2.0)] == [0.0, 0.0]
    slope = [np.mean([sample_gradient(v, 1.5, label) for label in (-1.0, 2.0)]) for v in (-1e-6, 1e-6)]
    # The second difference of a polynomial: truncation of order (1e-6)^2, rounding 1e-16/1e-6.
    assert (slope[1] - slope[0]) / 2e-6 == pytest.approx(-2 * 1.5, abs=1e-8)
    off = np.std([sample_gradient(0.2, 1.5, label) for label in (-1.0, 2.0)])
    assert off == pytest.approx(6 * 0.2 * 1.5)


@pytest.mark.parametrize(
    ("claim", "point"),
    [
        (noise.PRACTICE, {lam: 1, rho: 1, w: 0, noise.xi: 1}),
        (noise_size.EQ23, {B: 1, w2: 1}),
        (noise_size.CONSTANT, {w1: 1, w2: 1}),
        (fokker_planck.EQ22, {D: 1, a: 0, fokker_planck.var: 1, w: 0}),
        (reduction.ALGEBRA, {D: 0, a: 1, fokker_planck.var: 1, w: -1}),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_points_found_by_hand_refute_the_printed_form(claim: Any, point: dict[Any, int]) -> None:
    exact = {s: sp.Rational(v) for s, v in point.items()}
    assert is_counterexample(exact, claim.statement, claim.given)


def test_a_second_factor_is_refuted_on_the_smallest_saddle() -> None:
    # H = diag(0, 1), rho = 1, w = (0, 1): the gradient at w^p = (0, 2) is (0, 2); the printed one is (0, 4).
    names = ("h_11", "h_12", "h_22")
    point = {sp.Symbol(n, real=True): sp.Integer(v) for n, v in zip(names, (0, 0, 1), strict=True)}
    point |= {rho: sp.S.One, w1: sp.S.Zero, w2: sp.S.One}
    assert is_counterexample(point, diffusion.DRIFT.statement, ())
