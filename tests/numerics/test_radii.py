"""The thresholds against the algorithms, averaged exactly where the noise has finitely many values."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, stats

from saddlecheck.numerics import eg_sam_threshold, fraction_threshold, micro_batch_threshold, noisy_threshold

ROUNDED = 40 * 2.0**-53  # some twenty operations here and there


def mean_direction(h, d):
    """First coordinate of E[(h e_1 + xi)/|h e_1 + xi|], xi standard normal in d dimensions, by quadrature."""

    def across(x):  # mean of x/sqrt(x^2 + r^2) over the other coordinates, whose length r has the chi law
        if d == 1:
            return math.copysign(1.0, x)
        return integrate.quad(lambda r: x / math.hypot(x, r) * stats.chi.pdf(r, d - 1), 0, 12)[0]

    density = stats.norm.pdf
    return integrate.quad(lambda x: across(x) * (density(x - h) - density(x + h)), 0, 12, epsabs=1e-12)[0]


@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_the_noisy_threshold_is_where_the_mean_ascent_undoes_the_descent(d):
    mu, s, h = 0.7, 0.3, 1e-2
    # With g = H w of length h s along e_1, the mean of w^p is w + rho mean_direction(h) e_1. As mean_direction is odd,
    # its slope at 0 is the quotient up to h^2 times a sixth of the third derivative, which is below 1: relatively 1e-4.
    slope = mean_direction(h, d) / h
    rho = noisy_threshold(mu=mu, s=s, d=d)
    assert abs(rho * mu / s * slope - 1) < 1e-4
    assert abs(noisy_threshold(mu=mu, s=s, d=d + 1) * mu / s * slope - 1) > 1e-2  # it could fail


@pytest.mark.parametrize("d", [1, 2, 4])
def test_the_noisy_threshold_in_an_ensemble(d):
    """10^5 runs of the algorithm from one start, at twice and at half the threshold."""
    rng = np.random.default_rng(16)
    mu, s, lr, steps, start, runs = 1.0, 1.0, 0.01, 100, 0.1, 100_000
    curvature = np.array([-mu] + [mu] * (d - 1))
    for factor in (0.5, 2.0):
        rho = factor * noisy_threshold(mu=mu, s=s, d=d)
        w = np.zeros((runs, d))
        w[:, 0] = start
        for _ in range(steps):
            xi = s * rng.standard_normal((runs, d))
            g = curvature * w + xi
            w = w - lr * (curvature * (w + rho * g / np.linalg.norm(g, axis=1, keepdims=True)) + xi)
        growth = np.mean(w[:, 0]) / start
        error = np.std(w[:, 0]) / math.sqrt(runs) / start
        # The map's mean is (1 + lr mu (1 - factor))^n but for the cubic term of the mean direction, relatively
        # E|Hw|^2/s^2 <= 3 (start^2 + d lr^2 s^2 n) mu^2/s^2 < 0.18 of the ascent's part of the rate at the largest d.
        expected = (1 + lr * mu * (1 - factor)) ** steps
        bend = factor * lr * mu * steps * 3 * (start**2 + d * (lr * s * (1 + mu * rho / s)) ** 2 * steps) / 6
        assert abs(growth - expected) < 5 * error + bend * max(1.0, expected), (growth, expected)
        assert bool(growth < 1) is (factor > 1)


def test_the_noisy_threshold_in_high_dimension():
    # K_d sqrt(d) = 1 + O(1/d): with 1e8 coordinates a mini-batch's gradient has the length s sqrt(d).
    assert math.isclose(noisy_threshold(mu=2.0, s=0.1, d=10**8), 0.1 * 1e4 / 2, rel_tol=1e-7)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_the_micro_batch_threshold_keeps_the_mean(m):
    samples, weights = (-2.0, 0.5, 1.0), (0.6, 0.3, 0.1)
    m1, m2 = (sum(p * h**j for h, p in zip(samples, weights, strict=True)) for j in (1, 2))
    rho, lr, w = micro_batch_threshold(m1=m1, m2=m2, m=m), 0.1, 1.0
    mean = 0.0
    for drawn in itertools.product(range(3), repeat=m):
        h = sum(samples[j] for j in drawn) / m
        mean += math.prod(weights[j] for j in drawn) * (w - lr * h * (w + rho * h * w))
    assert abs(mean - 1) < ROUNDED


def test_the_micro_batch_threshold_of_a_constant_curvature_and_of_a_full_batch():
    assert micro_batch_threshold(m1=-0.1, m2=0.1**2, m=5) == pytest.approx(10, rel=ROUNDED)
    assert micro_batch_threshold(m1=-0.1, m2=7.0, m=10**15) == pytest.approx(10, rel=1e-11)


@pytest.mark.parametrize("every", [1, 2, 7])
@pytest.mark.parametrize("lr", [1e-6, 0.1, 2.0])
def test_the_fraction_threshold_returns_after_every_round(every, lr):
    mu = 0.8
    rho = fraction_threshold(mu=mu, every=every, lr=lr)
    w = 1.0
    for k in range(every):
        g = -mu * w
        w = w - lr * -mu * (w + (rho * g if k == 0 else 0.0))
    # The first step's rounding errors, made at terms of size 1, grow with the others' factor before they are met.
    assert abs(w - 1) < ROUNDED * every * (1 + lr * mu) ** (every - 1)


def test_the_fraction_thresholds_agree_for_small_steps():
    # lr mu = 1e-8: the map's threshold is k/mu up to lr mu k^2/2 relatively.
    assert fraction_threshold(mu=2.0, every=4, lr=5e-9) == pytest.approx(
        float(fraction_threshold(mu=2.0, theta=0.25)), rel=1e-7
    )


def test_the_fraction_of_the_flow_keeps_the_mean():
    mu, theta, lr = 0.6, 0.3, 1e-3
    rho = fraction_threshold(mu=mu, theta=theta)
    one = [1 - lr * -mu * (1 + r * -mu) for r in (0.0, rho)]
    assert abs((1 - theta) * one[0] + theta * one[1] - 1) < ROUNDED


def test_the_lookahead_keeps_the_weight():
    mu, lr = 0.7, 0.4
    rho = eg_sam_threshold(mu=mu, lr=lr)
    g = -mu * 1.0
    assert abs(1.0 - lr * -mu * (1.0 - lr * g + rho * g) - 1) < ROUNDED


def test_they_broadcast():
    assert noisy_threshold(mu=[1.0, 2.0], s=[[1.0], [2.0]], d=3).shape == (2, 2)
    assert micro_batch_threshold(m1=-1.0, m2=[2.0, 3.0], m=[[1], [2], [3]]).shape == (3, 2)
    assert fraction_threshold(mu=[1.0, 2.0], every=[[1], [2]], lr=0.1).shape == (2, 2)
    assert eg_sam_threshold(mu=[1.0, 2.0], lr=0.1).shape == (2,)


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        (noisy_threshold, {"mu": 0.0, "s": 1.0}, "mu must be > 0"),
        (noisy_threshold, {"mu": 1.0, "s": -1.0}, "s must be >= 0"),
        (noisy_threshold, {"mu": 1.0, "s": 1.0, "d": 0}, "d must be >= 1"),
        (noisy_threshold, {"mu": 1.0, "s": 1.0, "d": 1.5}, "d must be a whole number"),
        (micro_batch_threshold, {"m1": 0.0, "m2": 1.0}, "m1 must be < 0"),
        (micro_batch_threshold, {"m1": -2.0, "m2": 1.0}, "m2 must be >= m1"),
        (micro_batch_threshold, {"m1": -1.0, "m2": 1.0, "m": 2.5}, "m must be a whole number"),
        (fraction_threshold, {"mu": 1.0}, "give theta alone"),
        (fraction_threshold, {"mu": 1.0, "theta": 0.5, "every": 2, "lr": 0.1}, "give theta alone"),
        (fraction_threshold, {"mu": 1.0, "every": 2}, "give theta alone"),
        (fraction_threshold, {"mu": 1.0, "theta": 1.5}, "theta must lie in"),
        (fraction_threshold, {"mu": 1.0, "every": 0, "lr": 0.1}, "every must be >= 1"),
        (eg_sam_threshold, {"mu": math.inf, "lr": 0.1}, "mu must be finite"),
        (eg_sam_threshold, {"mu": 1.0, "lr": 0.0}, "lr must be > 0"),
    ],
)
def test_bad_input_is_one_line(function, arguments, says):
    with pytest.raises(ValueError, match=says) as caught:
        function(**arguments)
    assert "\n" not in str(caught.value)
