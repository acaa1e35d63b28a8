"""Ensembles against exact moments. Thresholds: two-sided at 1e-6 with Bonferroni, from the ensemble's own errors."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from scipy import integrate, special, stats

from saddlecheck.numerics import (
    Algorithm,
    Descent,
    DriftSDE,
    EnsembleSettings,
    Exit,
    QuadraticModel,
    langevin,
    ornstein_uhlenbeck,
    simulate,
)
from saddlecheck.numerics.exact_moments import covariance, discrete_variance
from saddlecheck.numerics.job import continuous_radius
from saddlecheck.numerics.linear_map import recurrence, together

ALPHA = 1e-6
x, y = sp.symbols("x y", real=True)


def loss_of(expr, variables=(x, y)):
    return SimpleNamespace(expr=expr, variables=variables)


SADDLE = loss_of((x**2 - y**2 / 2 + x * y) / 2)
H = np.array([[1.0, 0.5], [0.5, -0.5]])
C = np.array([[1.0, 0.3], [0.3, 0.5]])


def limit(comparisons):
    return float(stats.norm.isf(ALPHA / 2 / comparisons))


@pytest.mark.parametrize("two_point", [False, True])
@pytest.mark.parametrize("scheme", ["euler", "weak2", "exact"])
@pytest.mark.parametrize("rate", [-1.0, 0.0, 2.0])
def test_each_scheme_has_the_moments_of_its_own_recursion(rate, scheme, two_point):
    r = ornstein_uhlenbeck(rate, 0.5).scheme(scheme, 0.05)
    e = simulate(r, paths=20_000, steps=20, seed=1, start=[0.7], checkpoints=[1, 7, 20], two_point=two_point)
    for k, n in enumerate(e.checkpoints):
        S = covariance(r, int(n))[0, 0]
        assert abs(e.mean[k, 0] - 0.7 * r.transition[0, 0] ** n) < limit(6) * math.sqrt(S / 20_000)
        # One two-point step has a variance without spread: the budget keeps the mean's share, S/paths.
        assert abs(e.variance[k, 0] - S) < limit(6) * math.hypot(e.variance_error[k, 0], 30 * S / 20_000)


def test_exact_transitions_have_no_error_in_dt_and_euler_has_one_that_is_seen():
    sde, t = ornstein_uhlenbeck(-1.0, 0.5), 1.0
    truth = 0.5 * math.expm1(2 * t)
    exact = simulate(sde.scheme("exact", 0.5), paths=200_000, steps=2, seed=2)
    euler = simulate(sde.scheme("euler", 0.1), paths=200_000, steps=10, seed=2)
    weak2 = covariance(sde.scheme("weak2", 0.01), 100)[0, 0]
    assert abs(exact.variance[0, 0] - truth) < limit(1) * exact.variance_error[0, 0]
    # The twin: Euler at dt = 0.1 is 13 % low, 40 standard errors here.
    assert abs(euler.variance[0, 0] - truth) > 20 * euler.variance_error[0, 0]
    assert abs(weak2 / truth - 1) < 1e-4  # dt^2 = 1e-4 times a constant below 1 for this rate


def test_schemes_have_their_weak_orders():
    sde, truth = ornstein_uhlenbeck(-1.0, 0.5), 0.5 * math.expm1(2.0)
    dts = 2.0 ** -np.arange(5, 9)
    for scheme, order in (("euler", 1.0), ("weak2", 2.0)):
        errors = [abs(covariance(sde.scheme(scheme, dt), round(1 / dt))[0, 0] - truth) for dt in dts]
        slopes = np.diff(np.log(errors)) / np.diff(np.log(dts))
        # The next term of the error bends the slope by order * dt * const: below 0.1 from dt = 1/32 on.
        assert np.all(np.abs(slopes - order) < 0.1)


@pytest.mark.parametrize("h", [-1.0, 0.0, 0.25, 4.0])
def test_langevin_matches_its_exact_covariance(h):
    sde = langevin(h=h, phi=1.0, mass=1.0, diffusion=0.3)
    _, truth = sde.transition_law(1.5)
    e = simulate(sde.scheme("exact", 0.5), paths=50_000, steps=3, seed=4)
    z = (e.covariance[0] - truth) / np.sqrt(np.outer(np.diag(truth), np.diag(truth)) + truth**2) * math.sqrt(50_000)
    assert np.max(np.abs(z)) < limit(3)


def test_langevin_covariance_solves_its_own_equation():
    # dS/dt = -A S - S A' + N N', by a central difference: error h^2 |S'''| / 6, rounding eps |S| / h.
    sde, t, step = langevin(h=-0.7, phi=2.0, mass=0.5, diffusion=0.3), 0.8, 1e-4
    S = sde.transition_law(t)[1]
    slope = (sde.transition_law(t + step)[1] - sde.transition_law(t - step)[1]) / (2 * step)
    right = -sde.drift @ S - S @ sde.drift.T + sde.noise @ sde.noise.T
    np.testing.assert_allclose(slope, right, atol=1e-6)


ALGORITHMS = [
    Algorithm("sgd", 0.05),
    Algorithm("exact_ascent", 0.05, rho=0.4),
    Algorithm("same_batch", 0.05, rho=0.4),
    Algorithm("independent", 0.05, rho=0.4),
    Algorithm("same_batch", 0.05, rho=0.4, gamma=0.8, dampening=0.3),
    Algorithm("independent", 0.05, rho=0.4, gamma=0.8, nesterov=True, weight_decay=0.2),
]


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=str)
def test_the_algorithm_itself_has_the_recursions_moments(algorithm):
    # The left side runs the gradients step by step, the right side knows the linear algebra: no shared derivation.
    e = simulate(Descent(SADDLE, (algorithm,), C), paths=50_000, steps=40, seed=5, checkpoints=[2, 40])
    r = recurrence(algorithm, H, C)
    for k, n in enumerate(e.checkpoints):
        S = covariance(r, int(n))[:2, :2]
        z = (e.covariance[k] - S) / np.sqrt(np.outer(np.diag(S), np.diag(S)) + S**2) * math.sqrt(50_000)
        assert np.max(np.abs(z)) < limit(6)


@pytest.mark.parametrize("wrong", ALGORITHMS[:4], ids=str)
def test_another_algorithms_moments_are_rejected(wrong):
    algorithm = ALGORITHMS[2] if wrong.law != "same_batch" else ALGORITHMS[3]
    e = simulate(Descent(SADDLE, (algorithm,), C), paths=50_000, steps=40, seed=5)
    S = covariance(recurrence(wrong, H, C), 40)[:2, :2]
    assert np.max(np.abs(e.covariance[0] - S) / np.sqrt(2) / np.diag(S).max() * math.sqrt(50_000)) > limit(4)


def test_arms_on_common_noise_have_the_joint_moments():
    arms = (ALGORITHMS[0], ALGORITHMS[2])
    e = simulate(Descent(SADDLE, arms, C), paths=50_000, steps=30, seed=6)
    joint = covariance(together(*(recurrence(a, H, C) for a in arms)), 30)
    z = (e.covariance[0] - joint) / np.sqrt(np.outer(np.diag(joint), np.diag(joint)) + joint**2) * math.sqrt(50_000)
    assert np.max(np.abs(z)) < limit(10)


def test_a_quadratic_model_is_the_loss_where_the_loss_is_quadratic():
    a = ALGORITHMS[3]
    e = simulate(
        Descent(SADDLE, (a, QuadraticModel(a, H, np.zeros(2))), C), paths=3000, steps=50, seed=7, start=[0.3, -0.2]
    )
    # The two arms do the same sums in another order: 50 steps of some ten roundings, amplified by at most 2.
    np.testing.assert_allclose(e.mean[0, :2], e.mean[0, 2:], rtol=0, atol=1000 * 2.3e-16)


def test_normalised_ascent_of_a_quadratic_in_one_dimension():
    # No noise: w > 0 on w^2 gives w' = w - 2 eta (w + rho sign w).
    loss = loss_of(x**2, (x,))
    a = Algorithm("exact_ascent", 0.1, rho=0.5, normalised=True)
    e = simulate(Descent(loss, (a,), np.zeros((1, 1))), paths=2, steps=3, seed=0, start=[1.0], checkpoints=[1, 2, 3])
    w = [1.0]
    for _ in range(3):
        w.append(w[-1] - 0.2 * (w[-1] + 0.5 * math.copysign(1, w[-1])))
    np.testing.assert_allclose(e.mean[:, 0], w[1:], rtol=1e-14)


def test_a_zero_gradient_does_not_move_a_normalised_ascent():
    a = Algorithm("exact_ascent", 0.1, rho=0.5, normalised=True)
    e = simulate(Descent(SADDLE, (a,), np.zeros((2, 2))), paths=2, steps=5, seed=0)
    np.testing.assert_array_equal(e.mean, 0.0)


@pytest.mark.parametrize("scheme", ["euler", "weak2"])
def test_schemes_of_a_non_linear_sde_are_the_linear_ones_where_the_loss_is_quadratic(scheme):
    rho, dt, D = 0.4, 0.2, 0.5 * C
    drift = H @ (np.eye(2) + rho * H)
    S = covariance(ornstein_uhlenbeck(drift, D).scheme(scheme, dt), 8)
    e = simulate(Descent(SADDLE, (DriftSDE(dt, rho=rho, scheme=scheme),), 2 * D / dt), paths=50_000, steps=8, seed=8)
    z = (e.covariance[0] - S) / np.sqrt(np.outer(np.diag(S), np.diag(S)) + S**2) * math.sqrt(50_000)
    assert np.max(np.abs(z)) < limit(3)


def test_a_quartic_well_relaxes_to_its_gibbs_law():
    # dw = -w^3 dt + sqrt(2D) dW is stationary under exp(-w^4/(4D)): an answer from quadrature, not from a recurrence.
    # Margin 0.01 beside the statistics, fixed beforehand: dt^2 with a constant of 4, and exp(-6 gap) is far below.
    D, dt = 0.5, 0.05
    weight, _ = integrate.quad(lambda w: math.exp(-(w**4) / 4 / D), -8, 8)
    moment, _ = integrate.quad(lambda w: w * w * math.exp(-(w**4) / 4 / D), -8, 8)
    loss = loss_of(x**4 / 4, (x,))
    e = simulate(Descent(loss, (DriftSDE(dt),), np.array([[2 * D / dt]])), paths=50_000, steps=120, seed=8)
    assert abs(e.variance[0, 0] - moment / weight) < limit(1) * e.variance_error[0, 0] + 0.01
    # The twin with eta for eta/2 in the noise is far outside.
    twin = simulate(Descent(loss, (DriftSDE(dt),), np.array([[4 * D / dt]])), paths=50_000, steps=120, seed=8)
    assert abs(twin.variance[0, 0] - moment / weight) > 0.1


def test_first_exit_times_match_the_hypergeometric_mean():
    # dw = -a w dt + sqrt(2D) dW from |w| < L: E T = L^2/(2D) 2F2(1,1; 3/2,2; a L^2/(2D)), here for a = -1.
    a, D, L, dt = -1.0, 0.5, 1.0, 1e-3
    expected = L * L / (2 * D) * _hyp2f2(a * L * L / (2 * D))
    r = ornstein_uhlenbeck(a, D).scheme("exact", dt)
    radius = continuous_radius(L, diffusion=D, dt=dt)
    e = simulate(r, paths=60_000, steps=12_000, seed=9, checkpoints=[], exit=Exit(radius))
    assert np.all(e.exits >= 0)
    times = e.exits * dt
    error = times.std() / math.sqrt(len(times))
    # The shifted radius leaves an error of order dt; 2 dt is allowed beside the statistics.
    assert abs(times.mean() - expected) < limit(1) * error + 2 * dt
    # The twin: unshifted monitoring is late by 0.58 sqrt(2 D dt) |dT/dL|, about 0.02.
    late = simulate(r, paths=60_000, steps=12_000, seed=9, checkpoints=[], exit=Exit(L)).exits.mean() * dt
    assert late - expected > limit(1) * error


def _hyp2f2(z):
    # sum_k (1)_k (1)_k / ((3/2)_k (2)_k) z^k / k!
    return sum(
        special.poch(1, k) ** 2 / (special.poch(1.5, k) * special.poch(2, k)) * z**k / special.factorial(k)
        for k in range(40)
    )


def test_an_unstable_path_reports_inf_and_counts_the_diverged():
    r = recurrence(Algorithm("sgd", 1.0), -9.0, 1.0)
    e = simulate(r, paths=1500, steps=400, seed=1, checkpoints=[10, 400])
    assert list(e.diverged) == [0, 1500]
    assert math.isfinite(e.variance[0, 0])
    assert e.variance[1, 0] == e.mean[1, 0] == e.variance_error[1, 0] == math.inf
    assert e.mean_interval()[0][1, 0] == -math.inf
    means, covariances = e.second_moments([0.0])
    assert not np.any(np.isnan(means))
    assert not np.any(np.isnan(covariances))


def test_intervals_cover_as_often_as_they_say():
    r = recurrence(Algorithm("sgd", 0.1), 1.0, 1.0)
    truth = float(discrete_variance("sgd", lam=1, rho=0, eta=0.1, batch=1, n=10))
    hits = sum(
        low[0, 0] <= truth <= high[0, 0]
        for low, high in (simulate(r, paths=1000, steps=10, seed=s).variance_interval(0.9) for s in range(400))
    )
    low, high = stats.binom.ppf([ALPHA / 2, 1 - ALPHA / 2], 400, 0.9)
    assert low <= hits <= high


def test_progress_counts_every_path_once():
    seen = []
    r = recurrence(Algorithm("sgd", 0.1), 1.0, 1.0)
    simulate(
        r,
        paths=5000,
        steps=3,
        seed=1,
        settings=EnsembleSettings(threads=2, block=1024, progress=lambda a, b: seen.append((a, b))),
    )
    assert sum(a for a, _ in seen) == 5000
    assert {b for _, b in seen} == {5000}


RECURRENCE = recurrence(Algorithm("sgd", 0.1), 1.0, 1.0)
GOOD = {"paths": 10, "steps": 10, "seed": 0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"paths": 1}, "paths must be an integer >= 2"),
        ({"paths": 2**47}, "paths must be below"),
        ({"steps": 0}, "steps must be an integer >= 1"),
        ({"seed": -1}, "a seed is an integer"),
        ({"stream": 2**16}, "stream must lie in"),
        ({"checkpoints": [3, 3]}, "checkpoints must increase"),
        ({"checkpoints": [11]}, "checkpoints must increase"),
        ({"start": [1.0, 2.0]}, "start must have at most 1"),
        ({"start": [math.nan]}, "start must be finite"),
        ({"pairs": [(0, 1)]}, r"pairs must name states 0 \.\. 0"),
        ({"exit": Exit(1.0, (0.0, 0.0))}, "the exit's centre has 2"),
        ({"settings": EnsembleSettings(threads=-2)}, "threads must be"),
        ({"settings": EnsembleSettings(block=0)}, "block must be"),
    ],
)
def test_requests_outside_the_domain_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        simulate(RECURRENCE, **(GOOD | change))


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (lambda: Descent(SADDLE, (), C), "at least one arm"),
        (lambda: Descent(SADDLE, (ALGORITHMS[0],), np.eye(3)), "covariance has size 3 but the loss has size 2"),
        (lambda: Descent(loss_of(x * sp.Symbol("c") + y), (ALGORITHMS[0],), C), "free parameters c"),
        (lambda: Descent(SADDLE, (QuadraticModel(ALGORITHMS[0], np.eye(3), np.zeros(3)),), C), "hessian has size 3"),
        (lambda: Descent(loss_of(sp.zeta(x) + y), (ALGORITHMS[0],), C), "cannot be compiled"),
        (lambda: Descent(SADDLE, (DriftSDE(0.1, scheme="exact"),), C), "euler and weak2"),
        (lambda: ornstein_uhlenbeck(1.0, 1.0).scheme("heun", 0.1), "unknown scheme"),
        (lambda: ornstein_uhlenbeck(1.0, 1.0).scheme("euler", 0.0), "dt must be > 0"),
        (lambda: langevin(h=1.0, phi=-1.0, mass=1.0, diffusion=1.0), "phi must be > 0"),
        (lambda: Exit(0.0), "radius must be > 0"),
    ],
)
def test_systems_outside_the_domain_are_named(system, message):
    with pytest.raises(ValueError, match=message):
        simulate(system(), **GOOD)
