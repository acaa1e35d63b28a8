"""Compagnoni et al.: verdicts, twins, and the formulas against the public numbers and the algorithm."""

import math

import numpy as np
import pytest
from settled import expected, told, verdicts

from saddlecheck.numerics import dnsam_density, usam_floor
from saddlecheck.theory.papers.compagnoni import PAPER, dnsam, minibatch, stationary
from saddlecheck.theory.symbols import eta, lam, real, rho, x

CORRECTED = ["usam-drift-independent", "usam-noise", "usam-loss-same"]
REFUTED = ["usam-drift-general", "usam-noise-convex", "sam-drift-general"]


@pytest.mark.slow
def test_verdicts():
    assert verdicts(PAPER) == expected(PAPER, corrected=CORRECTED, refuted=REFUTED, conditioned=["sam-saddle-map"])


def test_the_words_fit():
    assert told(PAPER) == []


def test_the_public_floors_are_the_claims():
    at = {lam: 1.5, rho: 0.3, eta: 0.4, real("s"): 0.7}
    settings = {"eigenvalues": 1.5, "rho": 0.3, "lr": 0.4, "s": 0.7}
    # Ten operations on either side, each to 2^-53.
    assert math.isclose(float(stationary.FLOOR.subs(at)), usam_floor(**settings), rel_tol=1e-14)
    assert math.isclose(float(stationary.SDE_FLOOR.subs(at)), usam_floor(**settings, model="sde"), rel_tol=1e-14)


def test_the_public_density_is_the_claims_up_to_a_factor():
    at = {lam: 1.5, rho: 0.3, eta: 0.1, real("s"): 0.7}
    points = (0.05, 0.2, 0.6)
    claimed = [float(dnsam.DENSITY_VALUE.subs(at).subs(x, p)) for p in points]
    public = dnsam_density(points, lam=1.5, rho=0.3, lr=0.1, s=0.7)
    # exponents up to 20 cost 20 units of 2^-53
    assert np.allclose(np.array(claimed) / claimed[0], public / public[0], rtol=1e-13, atol=0)


def test_the_mean_size_of_a_normal_number():
    rng = np.random.default_rng(16)
    h, s = 0.4, 0.9
    sample = np.abs(h + s * rng.standard_normal(10**6))
    value = float(minibatch.MEAN_SIZE.subs({real("h"): h, real("s"): s}))
    assert abs(np.mean(sample) - value) < 5 * np.std(sample) / 1e3


@pytest.mark.slow
def test_the_algorithm_of_dnsam_has_the_tail_of_one_over_w():
    """P(|w| > t) is about a constant over t: ten times rarer at ten times the size, where a normal tail vanishes."""
    rng = np.random.default_rng(16)
    lam_, rho_, lr, s, runs = 1.0, 1.0, 0.1, 1.0, 2 * 10**6
    w = 0.3 * rng.standard_normal(runs)
    beyond = np.zeros(2)
    steps = 40
    for k in range(2 * steps):
        w = w - lr * (
            lam_ * (w + rho_ * (lam_ * w + s * (xi := rng.standard_normal(runs))) / np.abs(lam_ * w)) + s * xi
        )
        if k >= steps:
            beyond += [np.count_nonzero(np.abs(w) > t) for t in (30.0, 300.0)]
    assert beyond[1] > 1000
    # The next order is relatively of size (largest usual weight 1)/30; counts err by 1/sqrt(1000), steps are correlated
    # over the some 1/(lr lam) = 10 that a large weight takes to decay.
    assert abs(beyond[0] / beyond[1] / 10 - 1) < 1 / 30 + 5 * math.sqrt(10 / beyond[1])
