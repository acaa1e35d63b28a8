"""The variance laws against recursions and differential equations that are solved without them, and the gap's signs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from saddlecheck.theory.papers.kim.diffusion.crossing import turning_time
from saddlecheck.theory.papers.kim.diffusion.gap import gap
from saddlecheck.theory.papers.kim.diffusion.gap_series import difference
from saddlecheck.theory.papers.kim.diffusion.variance import DISCRETE_VARIANCE, VARIANCE_LAWS
from saddlecheck.theory.symbols import B, D, eta, lam, n, rho, t

LAWS = ("sgd", "exact_ascent", "same_batch", "independent", "printed")
SAM_LAWS = LAWS[1:]


def rate_and_gain(law: str, curvature: Any, radius: Any) -> tuple[Any, Any]:
    """Drift rate and factor of the noise variance, by hand."""
    k = 1 + radius * curvature
    return {
        "sgd": (curvature, 1),
        "exact_ascent": (curvature * k, 1),
        "same_batch": (curvature * k, k**2),
        "independent": (curvature * k, 1 + radius**2 * curvature**2),
        "printed": (curvature * k**2, 1),
    }[law]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("curvature", [Fraction(-3, 2), Fraction(2)])
def test_discrete_law_is_the_recursion_in_exact_fractions(law: str, curvature: Fraction) -> None:
    radius, step, batch = Fraction(1, 4), Fraction(1, 10), 8
    rate, gain = rate_and_gain(law, curvature, radius)
    variance = Fraction(0)
    for _ in range(7):  # w' = (1 - eta a) w - eta xi
        variance = (1 - step * rate) ** 2 * variance + step**2 * gain * abs(curvature) / batch
    values = {lam: curvature, rho: radius, eta: step, B: batch, n: 7}
    exact = DISCRETE_VARIANCE[law].subs({s: sp.Rational(str(v)) for s, v in values.items()})  # type: ignore[index]
    assert exact == sp.Rational(str(variance))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("curvature", [-1.5, 2.0])
def test_continuous_law_solves_its_equation_numerically(law: str, curvature: float) -> None:
    radius, step, batch, end = 0.3, 0.05, 4, 1.5
    rate, gain = rate_and_gain(law, curvature, radius)
    diffusion = step * abs(curvature) / (2 * batch) * gain
    path = solve_ivp(lambda _t, s: 2 * diffusion - 2 * rate * s, (0, end), [0.0], rtol=1e-10, atol=1e-14)
    values = {lam: curvature, rho: radius, eta: step, B: batch, t: end}
    # The integrator's tolerance is 1e-10 a step; over some hundred steps, growing by at most e^(2|a|t) < 100.
    assert float(VARIANCE_LAWS[law].subs(values)) == pytest.approx(path.y[0, -1], rel=1e-6)  # type: ignore[index]


@pytest.mark.parametrize("law", LAWS)
def test_the_algorithm_tends_to_the_equation_at_first_order(law: str) -> None:
    def distance(step: float) -> float:
        # D is kept: eta/B is.
        values = {lam: -1.2, rho: 0.3, eta: step, B: 100 * step}
        exact = DISCRETE_VARIANCE[law].subs({**values, n: round(1 / step)})  # type: ignore[index]
        return float(exact - VARIANCE_LAWS[law].subs({**values, t: 1}))  # type: ignore[index]

    # error = c eta + O(eta^2): halving the step halves it, up to a relative O(eta) = 1e-3 times a constant near 2.
    assert distance(1e-3) / distance(5e-4) == pytest.approx(2, abs=0.02)


def test_laws_agree_without_a_radius() -> None:
    for law in SAM_LAWS:
        assert sp.simplify(VARIANCE_LAWS[law].subs(rho, 0) - VARIANCE_LAWS["sgd"]) == 0  # type: ignore[index]


def test_a_batch_k_times_as_large_divides_every_law_by_k() -> None:
    for law in LAWS:
        assert sp.simplify(VARIANCE_LAWS[law].subs(B, 3 * B) * 3 - VARIANCE_LAWS[law]) == 0  # type: ignore[index]


@pytest.mark.parametrize("law", LAWS)
def test_scaling_the_loss_with_the_step_leaves_the_equation_alone(law: str) -> None:
    # l -> c l, eta -> eta/c, rho -> rho/c, with t counted in steps (t = n eta): a t and rho lambda are unchanged. The
    # printed noise |lambda|/B scales with c where the gradient's variance does with c^2: that is what eq24 refutes.
    c = sp.Symbol("c", positive=True)
    scaled = VARIANCE_LAWS[law].subs({lam: c * lam, rho: rho / c, eta: eta / c, t: t / c}, simultaneous=True)  # type: ignore[index]
    assert sp.simplify(scaled - VARIANCE_LAWS[law] / c) == 0  # type: ignore[index]


TIMES = np.geomspace(1e-3, 30, 60)


def signs(law: str, curvature: float, radius: float) -> set[int]:
    values = gap(law).subs({D: 1, lam: curvature, rho: radius})  # type: ignore[arg-type]
    return {int(np.sign(v)) for v in sp.lambdify(t, values)(TIMES)}


@pytest.mark.parametrize(
    ("law", "curvature", "radius", "expected"),
    [
        ("printed", -1.0, 1.9, {1}),
        ("printed", -1.0, 2.1, {-1}),
        ("printed", 1.0, 5.0, {1}),
        ("exact_ascent", -1.0, 5.0, {1}),
        ("exact_ascent", 1.0, 5.0, {1}),
        ("same_batch", -1.0, 1.9, {1}),
        ("same_batch", -1.0, 3.0, {-1, 1}),
        ("same_batch", 0.5, 0.3, {-1}),
        ("independent", 1.0, 1.5, {-1}),
        ("independent", 1.0, 0.5, {-1, 1}),
        ("independent", -1.0, 0.5, {-1, 1}),
        ("independent", -1.0, 3.0, {-1, 1}),
    ],
)
def test_sign_of_the_gap_over_four_decades_of_time(
    law: str, curvature: float, radius: float, expected: set[int]
) -> None:
    assert signs(law, curvature, radius) == expected


@pytest.mark.parametrize(
    ("law", "curvature", "radius", "by"),
    [
        ("same_batch", -2.0, 1.5, (1.5 * 2 - 1) / (2 * 2)),  # (rho mu - 1)/(2 mu)
        ("independent", -2.0, 1.0, 1.0**2 * 2),  # rho^2 mu beyond the threshold
        ("independent", -2.0, 0.25, (1 - 0.5 + 0.25) / (0.25**2 * 2**3)),  # (1 - r + r^2)/(rho^2 mu^3), r = rho mu
    ],
)
def test_the_gap_crosses_zero_between_the_times_that_are_stated(
    law: str, curvature: float, radius: float, by: float
) -> None:
    values = {D: 1, lam: curvature, rho: radius}
    turn = float(turning_time(law).subs(values))  # type: ignore[arg-type]
    crossing = brentq(sp.lambdify(t, gap(law).subs(values)), turn, 10 * by)  # type: ignore[arg-type]
    assert turn < crossing < by


def test_the_printed_constant_is_twice_that_of_the_algorithm() -> None:
    # At t = 1e-4 and rho mu = 1e-3 the first neglected terms are of relative size 2 |lam| t and rho mu: below 2e-3.
    values = {lam: -1, rho: sp.Rational(1, 1000), eta: 1, B: 1, t: sp.Rational(1, 10_000)}
    unit = sp.Rational(1, 1000) * sp.Rational(1, 10_000) ** 2
    printed, exact = (float(sp.N(difference(law).subs(values) / unit, 30)) for law in ("printed", "exact_ascent"))
    assert printed == pytest.approx(2, rel=2e-3)
    assert exact == pytest.approx(1, rel=2e-3)
