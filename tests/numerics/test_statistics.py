"""Intervals and tests cover, reject and need as many paths as they say: by exact sums or by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from saddlecheck.numerics.statistics import (
    Budget,
    equivalence,
    paths_needed,
    power_of,
    student_interval,
    wilson_interval,
)


def test_wilson_interval_solves_its_quadratic():
    # The ends p satisfy (p_hat - p)^2 = z^2 p (1 - p) / n.
    z = stats.norm.ppf(0.975)
    for p in wilson_interval(7, 50):
        assert (7 / 50 - p) ** 2 == pytest.approx(z * z * p * (1 - p) / 50, rel=1e-12)
    assert wilson_interval(0, 10)[0] == 0.0
    assert wilson_interval(10, 10)[1] == 1.0


def test_wilson_interval_covers_on_average_over_proportions():
    n, proportions = 40, np.linspace(0.01, 0.99, 99)
    ends = np.array([wilson_interval(k, n) for k in range(n + 1)])
    weights = stats.binom.pmf(np.arange(n + 1)[:, None], n, proportions)
    inside = (ends[:, :1] <= proportions) & (proportions <= ends[:, 1:])
    # Exact coverage, summed: Wilson's is known to average close to the nominal level.
    assert np.mean(np.sum(weights * inside, 0)) == pytest.approx(0.95, abs=0.01)


def test_students_interval_is_that_of_its_law_along_the_last_axis():
    x = np.array([[1.0, 2.0, 4.0, 8.0], [0.0, 0.0, 1.0, 3.0]])
    for row, mean, low, high in zip(x, *student_interval(x, 0.9), strict=True):
        law = stats.t(3, row.mean(), row.std(ddof=1) / 2)
        assert (mean, low, high) == pytest.approx((row.mean(), *law.interval(0.9)), rel=1e-12)
        assert high < stats.t(2, row.mean(), row.std(ddof=1) / 2).ppf(0.95)  # the twin: another degree of freedom
    assert student_interval([3.0]) == (3.0, -math.inf, math.inf)


def test_equivalence_needs_the_whole_interval_inside_the_margin():
    assert equivalence(1.0, 0.01, 1.0, margin=0.05).holds
    assert not equivalence(1.0, 0.10, 1.0, margin=0.05).holds  # too few paths: not known, rather than equal
    assert not equivalence(1.0, 0.10, 1.0, margin=0.05).excluded
    assert equivalence(1.2, 0.01, 1.0, margin=0.05).excluded


def test_equivalence_has_its_level_at_the_margin():
    # At a true difference equal to the margin the test may pass with probability alpha at most.
    alpha, error, margin = 0.05, 0.1, 0.5
    z = stats.norm.isf(alpha)
    passes = stats.norm.cdf((margin - z * error - margin) / error)
    assert passes == pytest.approx(alpha, rel=1e-12)
    draws = np.random.default_rng(1).normal(margin, error, 4000)
    hits = sum(equivalence(d, error, 0.0, margin=margin, alpha=alpha).holds for d in draws)
    low, high = stats.binom.ppf([5e-7, 1 - 5e-7], 4000, alpha)
    assert low <= hits <= high


def test_paths_needed_gives_the_power_asked_for():
    n = paths_needed(0.1, 1.5)
    assert power_of(n, 0.1, 1.5) >= 0.99 > power_of(n - 2, 0.1, 1.5)
    assert paths_needed(1.0, 0.0) == 2
    assert power_of(10, 1.0, 0.0) == 1.0


def test_a_budget_adds_its_bounds_and_says_them():
    budget = Budget({"discretisation": 0.01, "rounding": 1e-12})
    assert budget.total == pytest.approx(0.01)
    assert str(budget) == "0.01 (discretisation) + 1e-12 (rounding) = 0.01"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Budget({"drift": -1.0}), "budget term 'drift' must be >= 0"),
        (lambda: equivalence(1.0, 0.1, 1.0, margin=0.0), "margin must be > 0"),
        (lambda: equivalence(1.0, -0.1, 1.0, margin=1.0), "error must be >= 0"),
        (lambda: equivalence(math.nan, 0.1, 1.0, margin=1.0), "must be finite"),
        (lambda: equivalence(1.0, 0.1, 1.0, margin=1.0, alpha=0.5), "alpha must lie"),
        (lambda: wilson_interval(3, 2), "successes must lie"),
        (lambda: wilson_interval(0, 0), "trials must be"),
        (lambda: wilson_interval(1, 2, 1.0), "confidence or power"),
        (lambda: paths_needed(0.0, 1.0), "separation must be > 0"),
    ],
)
def test_requests_outside_the_domain_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
