"""The exact moments against integrations that share nothing with their derivation."""

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from saddlecheck.theory.papers.kim.diffusion.variance_laws import v
from saddlecheck.theory.papers.ours import heavy_ball, langevin, langevin_limits
from saddlecheck.theory.symbols import D, M, eta, gamma, h, phi, t, tau

FRICTION, MASS, NOISE = 1.5, 0.8, 0.3


def _parameters(regime: str) -> tuple[dict[object, float], float]:
    """Values of a regime's own parameters, and the curvature that they stand for."""
    if regime == "distinct":
        p, q = -0.7, FRICTION + 0.7
        return {langevin.p: p, langevin.q: q}, MASS * p * q
    if regime == "critical":
        return {langevin.p: FRICTION / 2}, MASS * FRICTION**2 / 4
    if regime == "underdamped":
        return {phi: FRICTION, langevin.omega: 1.3}, MASS * (FRICTION**2 / 4 + 1.3**2)
    return {phi: FRICTION}, 0.0


@pytest.mark.parametrize("start", langevin.STARTS)
@pytest.mark.parametrize("regime", list(langevin.RESPONSE))
def test_covariance_is_the_one_of_a_numerical_integration(regime, start):
    own, curvature = _parameters(regime)

    def rate(_time, c):
        ww, wv, vv = c
        k = curvature / MASS
        return [
            2 * wv,
            vv - FRICTION * wv - k * ww,
            -2 * FRICTION * vv - 2 * k * wv + 2 * NOISE / MASS**2,
        ]

    thermal = NOISE / (MASS**2 * FRICTION)
    begin = [0.0, 0.0, thermal if start == "stationary" else 0.0]
    times = np.array([0.2, 1.0, 3.0])
    # error budget: relative tolerance 1e-10 a step, amplified by at most exp(2 * 0.7 * 3) = 67
    reference = solve_ivp(rate, (0, 3), begin, t_eval=times, rtol=1e-10, atol=1e-12).y
    moments = langevin.covariance(regime, start)
    values = {**own, M: MASS, D: NOISE}
    for moment, expected in zip(moments, reference, strict=True):
        closed = [float(moment.subs(values).subs(t, time)) for time in times]
        np.testing.assert_allclose(closed, expected, rtol=1e-7, atol=1e-9)


def test_friction_lowers_the_displacement_by_finite_differences():
    # the same h and M at two frictions: rates of s^2 + phi s + h/M = 0
    displacement = sp.lambdify((langevin.p, langevin.q, M, D, t), langevin_limits.REST)

    def at(friction: float) -> float:
        root = np.sqrt(friction**2 / 4 + 1.0)  # h/M = -1
        return float(displacement(friction / 2 - root, friction / 2 + root, MASS, NOISE, 2.0))

    values = {langevin.p: 0.75 - 1.25, langevin.q: 0.75 + 1.25, M: MASS, D: NOISE, t: 2.0}
    derivative = float(langevin_limits.by_friction(langevin_limits.REST).subs(values))
    # central difference: error (step^2/6) times a third derivative of the order of the value, below 1e-7
    assert (at(1.5 + 1e-4) - at(1.5 - 1e-4)) / 2e-4 == pytest.approx(derivative, rel=1e-5)
    assert derivative < 0


@pytest.mark.parametrize(
    ("curvature", "momentum"),
    [(2.0, 0.3), (-0.5, 0.9), (40.0, 0.9), (0.5, 0.99)],  # minimum, saddle, complex roots, strong momentum
)
def test_heavy_ball_moments_are_those_of_the_recursion(curvature, momentum):
    rate, dampening, variance, steps = 0.05, 0.2, 1.7, 12
    # the state as an explicit linear map, with the noise's column: written from the update by hand
    alpha = rate * (1 - dampening)
    step = np.array([[1 - alpha * curvature, -rate * momentum], [(1 - dampening) * curvature, momentum]])
    kick = np.array([-alpha, 1 - dampening])
    covariance, response = np.zeros((2, 2)), [0.0, 1.0]
    for _ in range(steps):
        covariance = step @ covariance @ step.T + variance * np.outer(kick, kick)
        response.append((1 + momentum - alpha * curvature) * response[-1] - momentum * response[-2])
    values = {eta: rate, tau: dampening, gamma: momentum, h: curvature, v: variance}
    values |= {heavy_ball.now: response[steps], heavy_ball.following: response[steps + 1]}
    expected = (covariance[0, 0], covariance[0, 1], covariance[1, 1])
    # rounding: the closed form is a difference of terms up to 1/(1 - gamma) = 100 times the result's size
    for moment, value in zip(heavy_ball.DISCRETE_MOMENTS, expected, strict=True):
        assert float(moment.subs(values)) == pytest.approx(value, rel=1e-9)


def test_stationary_spread_is_where_the_recursion_settles():
    values = {eta: 0.1, tau: 0.0, gamma: 0.5, h: 2.0, v: 1.0}
    step = np.array([[0.8, -0.05], [2.0, 0.5]])
    kick = np.array([-0.1, 1.0])
    covariance = np.zeros((2, 2))
    for _ in range(300):  # the roots' modulus is sqrt(1/2): 2^-300 is left
        covariance = step @ covariance @ step.T + np.outer(kick, kick)
    assert float(heavy_ball.STATIONARY_MSD.subs(values)) == pytest.approx(covariance[0, 0], rel=1e-12)
