"""Differences on common random numbers with a control variate: how little noise is left, and that it is unbiased."""

import math

import numpy as np
import pytest
from scipy import stats

from saddlecheck.numerics import Algorithm, simulate
from saddlecheck.numerics.control import difference
from saddlecheck.numerics.exact_moments import covariance
from saddlecheck.numerics.linear_map import Recurrence, recurrence, together


def with_sensitivity(recurrence: Recurrence) -> Recurrence:
    """A one-state recurrence w' = q w + s xi and its companion u' = q u - w: -u is dw/dq, the first-order control."""
    q = float(recurrence.transition[0, 0])
    noise = np.vstack([recurrence.noise, np.zeros_like(recurrence.noise)])
    return Recurrence(np.array([[q, 0.0], [-1.0, q]]), noise, (recurrence.labels[0], "u"))


def on_second_batch(recurrence: Recurrence) -> Recurrence:
    """The recurrence driven by the ascent's own mini-batch, that of "independent": channels n .. 2n-1, not 0 .. n-1."""
    n = recurrence.noise.shape[1] // 2
    swapped = np.hstack([recurrence.noise[:, n:], recurrence.noise[:, :n]])
    return Recurrence(recurrence.transition, swapped, recurrence.labels)


ETA, RHO, LAM, PATHS = 0.01, 0.1, -1.0, 20_000
SGD = with_sensitivity(recurrence(Algorithm("sgd", ETA), LAM, 1.0))
TIMES = [2, 5, 10, 20, 50, 100]
LIMIT = float(stats.norm.isf(1e-6 / 2 / len(TIMES)))


def known(n):
    S = covariance(SGD, n)  # both means are 0
    return {(0, 0): float(S[0, 0]), (0, 1): float(S[0, 1]), (1, 1): float(S[1, 1])}


def test_independent_batches_need_a_companion_on_each_batch():
    # x = w + (part driven by the other batch): companions (w, u) on the descent's batch and (b, v) on the ascent's.
    sam = recurrence(Algorithm("independent", ETA, rho=RHO), LAM, 1.0)
    companions = together(SGD, on_second_batch(SGD))
    pairs = [(i, j) for i in range(4) for j in range(i, 4)] + [(4, 4)]
    e = simulate(together(companions, sam), paths=PATHS, steps=100, seed=5, checkpoints=TIMES, pairs=pairs)
    for k, n in enumerate(TIMES):
        S = covariance(companions, n)
        exact = {pair: float(S[pair]) for pair in pairs[:-1]}
        d = difference(e, 0, 4, checkpoint=k, known=exact)
        assert abs(d.value - (covariance(SGD, n)[0, 0] - covariance(sam, n)[0, 0])) < LIMIT * d.error + 1e-15
        assert d.reduction > 1000


@pytest.mark.parametrize("law", ["exact_ascent", "same_batch"])
def test_a_thousandth_of_the_variance_is_left_at_every_time(law):
    # The same noise in SGD and SAM; the control knows SGD's moments only, never the law on trial.
    sam = recurrence(Algorithm(law, ETA, rho=RHO), LAM, 1.0)
    e = simulate(together(SGD, sam), paths=PATHS, steps=100, seed=5, checkpoints=TIMES)
    for k, n in enumerate(TIMES):
        d = difference(e, 0, 2, checkpoint=k, known=known(n))
        truth = covariance(SGD, n)[0, 0] - covariance(sam, n)[0, 0]
        # Rounding: squares of size S in float64, and the estimate is a mean of differences of them.
        assert abs(d.value - truth) < LIMIT * d.error + 1e-15
        assert d.reduction > 1000


def test_common_random_numbers_alone_do_what_theory_says():
    # exact ascent, t = 1: corr(w_sgd^2, w_sam^2) = corr(w_sgd, w_sam)^2 for Gaussian paths, so the paired variance is
    # 2 (S1^2 + S2^2 - 2 S12^2) / n and independent ensembles have 2 (S1^2 + S2^2) / n.
    sgd, sam = (
        recurrence(Algorithm("sgd", ETA), LAM, 1.0),
        recurrence(Algorithm("exact_ascent", ETA, rho=RHO), LAM, 1.0),
    )
    S = covariance(together(sgd, sam), 100)
    expected = (S[0, 0] ** 2 + S[1, 1] ** 2) / (S[0, 0] ** 2 + S[1, 1] ** 2 - 2 * S[0, 1] ** 2)
    d = difference(simulate(together(sgd, sam), paths=PATHS, steps=100, seed=6), 0, 1)
    # Variances of squares have a relative error of about sqrt(100/n) = 7 % here; five of them.
    assert d.reduction == pytest.approx(expected, rel=0.35)
    assert 50 < d.reduction < 1000  # why the control variate is needed


def test_a_wrong_law_is_rejected_by_the_difference():
    # The printed law's gap against the real exact-ascent algorithm: told apart with the full power of the control.
    sam = recurrence(Algorithm("exact_ascent", ETA, rho=RHO), LAM, 1.0)
    e = simulate(together(SGD, sam), paths=PATHS, steps=100, seed=5)
    d = difference(e, 0, 2, known=known(100))
    k = 1 + RHO * LAM
    q = 1 - ETA * LAM * k * k
    printed = covariance(SGD, 100)[0, 0] - ETA**2 * (1 - q**200) / (1 - q * q)
    assert abs(d.value - printed) > 100 * d.error


def test_products_that_were_not_kept_and_diverged_paths_are_named():
    sgd = recurrence(Algorithm("sgd", ETA), LAM, 1.0)
    e = simulate(together(sgd, sgd), paths=2000, steps=5, seed=1, pairs=[(0, 0)])
    with pytest.raises(ValueError, match="were not kept"):
        difference(e, 0, 1)
    wild = recurrence(Algorithm("sgd", 1.0), -9.0, 1.0)
    with pytest.raises(ValueError, match="have diverged"):
        difference(simulate(together(wild, wild), paths=2000, steps=400, seed=1), 0, 1)


def test_estimates_cover_the_truth():
    sam = recurrence(Algorithm("exact_ascent", ETA, rho=RHO), LAM, 1.0)
    truth = covariance(SGD, 50)[0, 0] - covariance(sam, 50)[0, 0]
    hits = 0
    for seed in range(200):
        d = difference(simulate(together(SGD, sam), paths=3000, steps=50, seed=seed), 0, 2, known=known(50))
        hits += abs(d.value - truth) < 1.645 * d.error
    low, high = stats.binom.ppf([5e-7, 1 - 5e-7], 200, 0.9)
    assert low <= hits <= high
    assert math.isfinite(d.reduction)
