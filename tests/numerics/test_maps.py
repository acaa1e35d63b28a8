"""Noise-free maps and flows against closed forms that are derived above each assert."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

from saddlecheck.numerics import Algorithm
from saddlecheck.numerics.cycles import lyapunov_exponents, step, two_cycle
from saddlecheck.numerics.flow import flow
from saddlecheck.numerics.maps import cosines, path
from saddlecheck.numerics.one_step import step_jacobian
from saddlecheck.numerics.threshold import escapes, threshold_rho

x, y = sp.symbols("x y", real=True)


def loss_of(expr, variables=(x, y)):
    return SimpleNamespace(expr=sp.sympify(expr), variables=variables)


SADDLE = loss_of(x**2 - y**2)
BEALE = loss_of(
    (sp.Rational(3, 2) - x + x * y) ** 2
    + (sp.Rational(9, 4) - x + x * y**2) ** 2
    + (sp.Rational(21, 8) - x + x * y**3) ** 2
)
WAVY = loss_of(sp.sin(x) * sp.exp(y / 2) + x**4 / 4 + x * y**2)


def test_gradient_descent_on_a_quadratic_is_geometric():
    p = path(SADDLE, Algorithm("sgd", 0.1), (1.0, 0.5), steps=20, every=5)
    k = np.arange(0, 21, 5)
    np.testing.assert_array_equal(p.steps, k)
    np.testing.assert_allclose(p.weights, np.stack([0.8**k, 0.5 * 1.2**k], 1), rtol=40 * 2.3e-16)
    np.testing.assert_array_equal(p.cosine, 1.0)


def test_constant_rho_sam_multiplies_each_direction_by_its_rate():
    # lam = 2, -2 and rho = 1: lam + rho lam^2 = 6 and 2, so w' = (1 - 6 eta) x, (1 - 2 eta) y: both shrink.
    p = path(SADDLE, Algorithm("same_batch", 0.01, rho=1.0), (-3.0, -0.01), steps=500, every=500)
    np.testing.assert_allclose(p.weights[-1], [-3 * 0.94**500, -0.01 * 0.98**500], rtol=500 * 8 * 2.3e-16)
    # w^p = (3 x, -y): the two gradients (2x, -2y) and (6x, 2y) start almost parallel and turn.
    assert p.cosine[0] == pytest.approx((12 * 9 - 4e-4) / math.hypot(6, 0.02) / math.hypot(18, 0.02), rel=1e-14)


def test_heavy_ball_matches_a_literal_loop():
    a = Algorithm("exact_ascent", 0.05, rho=0.3, gamma=0.8, dampening=0.25, nesterov=True, weight_decay=0.1)
    w, m = np.array([0.3, -0.4]), np.zeros(2)
    slope = lambda u: np.array([2 * u[0], -2 * u[1]])  # noqa: E731 # the gradient of x^2 - y^2 by hand
    for _ in range(30):
        g = slope(w + 0.3 * slope(w)) + 0.1 * w
        m = 0.8 * m + 0.75 * g
        w = w - 0.05 * (g + 0.8 * m)
    np.testing.assert_allclose(path(SADDLE, a, (0.3, -0.4), steps=30).weights[-1], w, rtol=1e-13)


def test_divergence_ends_the_record_without_a_nan():
    p = path(BEALE, Algorithm("exact_ascent", 1e-4, rho=0.01), (1.0, 2.0), steps=100)
    assert p.diverged is not None
    assert len(p.weights) >= 1
    assert np.all(np.isfinite(p.weights))
    assert np.all(np.isfinite(p.cosine))


def test_cosines_at_zero_gradients_are_defined():
    a = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 0.0]])
    b = np.array([[0.0, 0.0], [0.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])
    np.testing.assert_allclose(cosines(a, b), [1.0, 0.0, 1.0, -1.0])


ALGORITHMS = [
    Algorithm("sgd", 0.1),
    Algorithm("same_batch", 0.1, rho=0.2),
    Algorithm("same_batch", 0.1, rho=0.2, normalised=True, weight_decay=0.3, dampening=0.5),
]


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_step_jacobian_is_the_derivative_of_the_step(algorithm):
    w, h = np.array([0.4, -0.7]), 1e-6
    numeric = np.stack(
        [(step(WAVY, algorithm, w + h * e) - step(WAVY, algorithm, w - h * e)) / (2 * h) for e in np.eye(2)], 1
    )
    # Central differences: h^2 |T'''|/6 + eps |T| / h, about 1e-11 + 1e-9 for entries of order 1.
    np.testing.assert_allclose(step_jacobian(WAVY, algorithm, w), numeric, atol=1e-8)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_jacobian_has_the_heavy_balls_spectrum(nesterov):
    # Heavy ball on curvature a: z^2 - (1 + gamma - eta a) z + gamma; Nesterov: the middle term is (1+gamma)(1 - eta a)
    # and the last gamma (1 - eta a) in Sutskever's form, PyTorch's form being its conjugate.
    eta, gamma, a = 0.1, 0.6, 2.0
    J = step_jacobian(loss_of(x**2, (x,)), Algorithm("sgd", eta, gamma=gamma, nesterov=nesterov), np.array([0.3]))
    trace = (1 + gamma) * (1 - eta * a) if nesterov else 1 + gamma - eta * a
    determinant = gamma * (1 - eta * a) if nesterov else gamma
    assert np.trace(J) == pytest.approx(trace, rel=1e-14)
    assert np.linalg.det(J) == pytest.approx(determinant, rel=1e-14)


def test_the_flow_is_the_limit_of_the_map():
    # Gradient flow of x^2 - y^2: (e^{-2t}, e^{2t}); SAM's rates at rho = 1 are 6 and 2.
    f = flow(SADDLE, (1.0, 0.1), time=1.0, times=[0.5, 1.0])
    np.testing.assert_allclose(
        f.weights, [[math.exp(-1), 0.1 * math.exp(1)], [math.exp(-2), 0.1 * math.exp(2)]], rtol=1e-7
    )
    s = flow(SADDLE, (1.0, 0.1), time=1.0, rho=1.0)
    np.testing.assert_allclose(s.weights[-1], [math.exp(-6), 0.1 * math.exp(-2)], rtol=1e-6)
    errors = []
    for eta in (0.02, 0.01, 0.005):
        p = path(WAVY, Algorithm("same_batch", eta, rho=0.2), (0.4, -0.7), steps=round(1 / eta))
        errors.append(np.linalg.norm(p.weights[-1] - flow(WAVY, (0.4, -0.7), time=1.0, rho=0.2).weights[-1]))
    # First order: halving eta halves the error up to the next term, of relative size eta times a constant.
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.2)
    assert errors[1] / errors[2] == pytest.approx(2, abs=0.1)


def test_the_heavy_ball_flow_solves_its_oscillator():
    # M w'' + phi M w' + h w = 0 from rest with M = eta/(1 - tau) = 0.1, phi = (1 - gamma)/eta = 2, h = 2 on x^2.
    f = flow(loss_of(x**2, (x,)), (1.0,), time=0.7, momentum=Algorithm("sgd", 0.1, gamma=0.8))
    omega = math.sqrt(2 / 0.1 - 1)
    expected = math.exp(-0.7) * (math.cos(omega * 0.7) + math.sin(omega * 0.7) / omega)
    assert f.weights[-1, 0] == pytest.approx(expected, abs=1e-8)


def test_a_flow_that_leaves_says_why():
    f = flow(SADDLE, (0.0, 1.0), time=100.0, box=10.0)
    assert not f.reached
    assert "reached the box's size 10" in f.reason


@pytest.mark.parametrize("eta", [0.02, 0.1])
def test_the_two_cycle_of_normalised_sam_at_a_minimum(eta):
    # l = lam w^2/2: w' = w - eta lam (w + rho sign w) = -w gives |w| = eta lam rho/(2 - eta lam); the multiplier of
    # two steps is (1 - eta lam)^2, since rho sign w is locally constant.
    lam, rho = 2.0, 0.3
    loss, a = loss_of(x**2, (x,)), Algorithm("exact_ascent", eta, rho=rho, normalised=True)
    cycle = two_cycle(loss, a, path(loss, a, (1.0,), steps=2000).weights[-1])
    np.testing.assert_allclose(np.abs(cycle.points[:, 0]), eta * lam * rho / (2 - eta * lam), rtol=1e-12)
    assert cycle.points[0, 0] * cycle.points[1, 0] < 0
    assert cycle.multipliers[0] == pytest.approx((1 - eta * lam) ** 2, rel=1e-12)
    assert cycle.attracts


@pytest.mark.parametrize("rho", [0.05, 0.3])
@pytest.mark.parametrize(("stiff", "attracts"), [(2.0, True), (15.0, False)])
def test_normalised_sam_is_trapped_by_a_soft_saddle_and_not_by_a_stiff_one(stiff, attracts, rho):
    # Cycle along the stiffest direction L; one step multiplies the transverse direction by
    # m = 1 - eta lam - (lam/L)^2 (2 - eta L), without rho. For eta = 0.1, lam = -1: L = 2 gives 1.1 - 0.45 = 0.65,
    # L = 15 gives 1.1 - 0.5/225 = 1.098. Along the cycle two steps multiply by (1 - eta L)^2.
    eta, lam = 0.1, -1.0
    m = 1 - eta * lam - (lam / stiff) ** 2 * (2 - eta * stiff)
    loss = loss_of(stiff * x**2 / 2 + lam * y**2 / 2)
    a = Algorithm("exact_ascent", eta, rho=rho, normalised=True)
    cycle = two_cycle(loss, a, (eta * stiff * rho / (2 - eta * stiff), 0.0))
    np.testing.assert_allclose(sorted(np.abs(cycle.multipliers)), sorted([(1 - eta * stiff) ** 2, m * m]), rtol=1e-10)
    assert cycle.attracts == attracts
    # And the orbit itself says so, from a start off the cycle.
    assert escapes(loss, a, (0.0, 0.0), (1.01 * cycle.points[0, 0], 1e-3 * rho), steps=400) != attracts


def test_normalised_sam_at_a_maximum_is_chaotic_with_the_exponent_of_its_slope():
    # l = -mu w^2/2: w' = (1 + eta mu) w - eta mu rho sign w, slope 1 + eta mu everywhere: exponent ln(1 + eta mu),
    # and |w| < eta mu rho once the orbit has settled.
    mu, eta, rho = 1.0, 0.1, 0.5
    loss, a = loss_of(-(x**2) / 2, (x,)), Algorithm("exact_ascent", eta, rho=rho, normalised=True)
    exponent = lyapunov_exponents(loss, a, (0.3,), steps=2000)
    assert exponent[0] == pytest.approx(math.log(1 + eta * mu), rel=1e-12)
    walk = path(loss, a, (0.3,), steps=20_000).weights[5000:, 0]
    assert 0.9 * eta * mu * rho < np.max(np.abs(walk)) <= eta * mu * rho
    assert escapes(loss, a, (0.0,), (0.51,), steps=500)
    assert not escapes(loss, a, (0.0,), (0.49,), steps=500)


def test_exponents_of_a_quadratic_are_the_logarithms_of_its_rates():
    exponents = lyapunov_exponents(SADDLE, Algorithm("sgd", 0.1), (0.1, 0.0), steps=50, burn=10)
    np.testing.assert_allclose(exponents, [math.log(1.2), math.log(0.8)], rtol=1e-12)


def test_the_threshold_of_a_quadratic_saddle_is_one_over_mu():
    # x^2 - y^2: lam = -2, so rho* = 1/2; at the threshold y' = y exactly, hence bisection ends at rounding.
    bracket = threshold_rho(
        SADDLE, Algorithm("same_batch", 0.01), (0, 0), (-3.0, -0.01), low=0.0, high=1.0, width=1e-12, steps=500
    )
    assert bracket.low <= 0.5 <= bracket.high + 1e-12
    assert bracket.high - bracket.low <= 1e-12


def test_the_threshold_at_beales_saddle_is_four_over_111():
    # H(0, 1) = [[0, 111/4], [111/4, 0]]: lam = -111/4. Close to the saddle the quadratic decides; the start is 1e-6
    # away, so the cubic terms move the threshold by some 1e-6 * |D^3 l|/|lam|, about 1e-5.
    start = (1e-6, 1 - 1e-6)
    b = threshold_rho(BEALE, Algorithm("same_batch", 1e-4), (0, 1), start, low=0.03, high=0.04, width=1e-7, steps=3000)
    assert (b.low + b.high) / 2 == pytest.approx(4 / 111, abs=1e-4)


def test_momentum_does_not_move_the_threshold():
    bracket = threshold_rho(
        SADDLE,
        Algorithm("same_batch", 0.01, gamma=0.9),
        (0, 0),
        (-1.0, -0.01),
        low=0.0,
        high=1.0,
        width=1e-4,
        steps=3000,
    )
    assert bracket.low - 1e-4 <= 0.5 <= bracket.high + 1e-4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: path(SADDLE, ALGORITHMS[0], (1.0,), steps=5), r"start must have shape \(2,\)"),
        (lambda: path(SADDLE, ALGORITHMS[0], (1.0, math.nan), steps=5), "start must be finite"),
        (lambda: path(SADDLE, ALGORITHMS[0], (1.0, 1.0), steps=0), "steps must be"),
        (lambda: flow(SADDLE, (1.0, 1.0), time=-1.0), "time must be >= 0"),
        (lambda: flow(SADDLE, (1.0, 1.0), time=1.0, rho=-1.0), "rho must be >= 0"),
        (lambda: two_cycle(SADDLE, Algorithm("sgd", 0.1, gamma=0.5), (1.0, 0.0)), "set gamma = 0"),
        (lambda: two_cycle(SADDLE, Algorithm("sgd", 0.1), (1.0, 0.0)), "fixed point"),
        (lambda: lyapunov_exponents(SADDLE, Algorithm("sgd", 0.1), (0.1, 0.1), steps=5000), "diverges"),
        (lambda: escapes(SADDLE, ALGORITHMS[0], (0, 0), (1.0, 0.0), steps=5), "no component along"),
        (lambda: escapes(loss_of(x**2 + y**2), ALGORITHMS[0], (0, 0), (1.0, 0.0), steps=5), "no negative eigenvalue"),
        (
            lambda: threshold_rho(SADDLE, ALGORITHMS[1], (0, 0), (1.0, 0.1), low=0.6, high=1.0, steps=50),
            "must escape at rho",
        ),
        (lambda: step_jacobian(SADDLE, ALGORITHMS[2], np.zeros(2)), "not differentiable"),
    ],
)
def test_requests_outside_the_domain_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
