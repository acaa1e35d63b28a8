"""The symbolic maps against plain numpy recursions of the same algorithms, written without them."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, d, epsilon, quadratic, sam_nstep
from saddlecheck.theory.symbols import eta, gamma, kappa, lam, rho, tau, w, x, y

SADDLE = BareLoss((x, y), x**2 - y**2 + x * y**2 / 3)
VALUES = {rho: 0.3, eta: 0.05, gamma: 0.8, tau: 0.25, kappa: 0.1, epsilon: 0.5}
START = np.array([0.7, -0.4, 0.2, 0.1])  # w, then the buffer


def grad(w):
    return np.array([2 * w[0] + w[1] ** 2 / 3, -2 * w[1] + 2 * w[0] * w[1] / 3])


def hess(w):
    return np.array([[2, 2 * w[1] / 3], [2 * w[1] / 3, -2 + 2 * w[0] / 3]])


def sam(w):
    return grad(w + 0.3 * grad(w))


def nsam(w, eps=0.0):
    g = grad(w)
    return grad(w + 0.3 * g / (np.linalg.norm(g) + eps))


def heavy(force):
    def step(w, m):
        m = 0.8 * m + 0.75 * force(w)
        return np.concatenate([w - 0.05 * m, m])

    return step


def nesterov(force):
    def step(w, m):
        g = force(w)
        m = 0.8 * m + g
        return np.concatenate([w - 0.05 * (g + 0.8 * m), m])

    return step


def plain(force):
    return lambda w, _m: w - 0.05 * force(w)


def penalised(w):
    g = grad(w) + 0.1 * w
    p = w + 0.3 * g
    return grad(p) + 0.1 * p


def twice(w):
    p = w + 0.3 * grad(w)
    return grad(p + 0.3 * grad(p))


def chained(w):
    return (np.eye(2) + 0.3 * hess(w)) @ sam(w)


REFERENCE = {
    "gd": plain(grad),
    "sam": plain(sam),
    "sam_normalised": plain(nsam),
    "sam_softened": plain(lambda w: nsam(w, 0.5)),
    "sam_composed": plain(chained),
    "sam_nstep": plain(twice),
    "asam": plain(lambda w: grad(w + 0.3 * w**2 * grad(w))),
    "gd_decayed": plain(lambda w: grad(w) + 0.1 * w),
    "sam_decayed": plain(lambda w: sam(w) + 0.1 * w),
    "sam_regularised": plain(penalised),
    "heavy_ball": heavy(grad),
    "heavy_ball_sam": heavy(sam),
    "heavy_ball_sam_normalised": heavy(nsam),
    "nesterov": nesterov(grad),
    "nesterov_sam": nesterov(sam),
    "heavy_ball_sam_composed": heavy(chained),
    "heavy_ball_sam_nstep": heavy(twice),
    "nesterov_sam_normalised": nesterov(nsam),
    "nesterov_sam_composed": nesterov(chained),
    "nesterov_sam_nstep": nesterov(twice),
}


def test_every_optimiser_has_a_reference():
    assert set(REFERENCE) == set(OPTIMISERS)
    assert all(key == optimiser.id for key, optimiser in OPTIMISERS.items())


@pytest.mark.parametrize("name", REFERENCE)
def test_update_is_the_recursion(name):
    optimiser = OPTIMISERS[name]
    state = optimiser.state(SADDLE)
    point = dict(zip(state, START, strict=False))
    ours = np.array(optimiser.update(SADDLE).xreplace(VALUES | point).evalf(), dtype=float).ravel()
    # a dozen float operations on numbers of size 1: 1e-14 is 45 units in the last place
    np.testing.assert_allclose(ours, REFERENCE[name](START[:2], START[2:]), atol=1e-14)


@pytest.mark.parametrize("name", REFERENCE)
def test_map_jacobian_is_the_recursions_derivative(name):
    optimiser, step = OPTIMISERS[name], REFERENCE[name]
    state = optimiser.state(SADDLE)
    point = START[: len(state)]
    exact = optimiser.map_jacobian(SADDLE, dict(zip(state, point, strict=True))).xreplace(VALUES).evalf()
    h = 1e-5

    def at(p):
        return step(p[:2], p[2:])

    columns = [(at(point + h * e) - at(point - h * e)) / (2 * h) for e in np.eye(len(state))]
    # central differences: h^2 f'''/6 with f''' < 10 here, plus rounding 1e-16/h = 1e-11; together under 1e-8
    np.testing.assert_allclose(np.array(exact, dtype=float), np.array(columns).T, atol=1e-8)


def test_rates_are_derived():
    rates = {name: OPTIMISERS[name].rate() for name in ("gd", "sam", "sam_composed", "sam_decayed", "sam_regularised")}
    k = 1 + rho * lam
    expected = (lam, lam * k, lam * k**2, lam * k + kappa, (lam + kappa) * (1 + rho * (lam + kappa)))
    assert all(sp.expand(ours - e) == 0 for ours, e in zip(rates.values(), expected, strict=True))
    assert [sp.expand(sam_nstep(n).rate() - lam * k**n) for n in range(5)] == [0] * 5
    assert sp.expand(OPTIMISERS["asam"].rate(centre=d) - lam * (1 + rho * d**2 * lam)) == 0
    assert sp.simplify(OPTIMISERS["sam_softened"].rate() - lam * (1 + rho * lam / epsilon)) == 0


def test_noise_gains_of_the_three_laws():
    sam_ = OPTIMISERS["sam"]
    k = 1 + rho * lam
    assert sp.expand(sam_.noise_gain("same_batch") - k**2) == 0
    assert sp.expand(sam_.noise_gain("independent") - (1 + rho**2 * lam**2)) == 0
    assert sam_.noise_gain("exact_ascent") == 1
    assert {OPTIMISERS["gd"].noise_gain(law) for law in ("same_batch", "independent", "exact_ascent")} == {1}


def test_noise_gain_of_the_same_batch_is_measured():
    """Monte Carlo of g(w) with one noise in both passes: the variance is k^2 times the noise's, not 1 + rho^2 lam^2."""
    rng = np.random.default_rng(5)
    noise = rng.standard_normal(40_000)
    curvature, radius = -2.0, 0.3
    g = curvature * (radius * noise) + noise
    gain = float(OPTIMISERS["sam"].noise_gain("same_batch").subs({lam: curvature, rho: radius}))
    # relative standard error of a variance of n normals: sqrt(2/n) = 0.7 %; five of them
    assert abs(g.var() / gain - 1) < 5 * np.sqrt(2 / len(noise))
    twin = float(OPTIMISERS["sam"].noise_gain("independent").subs({lam: curvature, rho: radius}))
    assert abs(g.var() / twin - 1) > 0.5


@pytest.mark.parametrize("name", ["sam_normalised", "heavy_ball_sam_normalised"])
def test_no_derivative_where_the_gradient_vanishes(name):
    with pytest.raises(ValueError, match="divides by a gradient that is zero there"):
        OPTIMISERS[name].map_jacobian(quadratic(), {w: 0})


def test_without_radius_and_without_momentum():
    for name in ("sam", "sam_composed", "asam", "sam_nstep", "sam_softened", "sam_normalised"):
        at_zero = OPTIMISERS[name].update(SADDLE).subs(rho, 0)
        assert sp.simplify(at_zero - OPTIMISERS["gd"].update(SADDLE)) == sp.zeros(2, 1)
    without = OPTIMISERS["heavy_ball_sam"].update(SADDLE).subs({gamma: 0, tau: 0})
    assert sp.expand(without[:2, 0] - OPTIMISERS["sam"].update(SADDLE)) == sp.zeros(2, 1)
