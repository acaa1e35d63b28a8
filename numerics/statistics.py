r"""Deciding from numbers: error budgets, equivalence tests, intervals, and the paths a decision needs.

A difference is never "not significant, hence zero": two quantities agree when the interval of their difference lies
inside a margin that was fixed beforehand (two one-sided tests), and a twin is rejected when the interval of the
difference from it excludes zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from saddlecheck.numerics import checks


@dataclass(frozen=True)
class Budget:
    """An error budget: what may separate two numbers that should agree, term by term, fixed before the run.

    Args:
        terms: bound of each source of error, >= 0, by name (for example "discretisation", "rounding").
    """

    terms: Mapping[str, float]

    def __post_init__(self) -> None:
        for name, bound in self.terms.items():
            checks.at_least(f"budget term {name!r}", bound, 0.0)

    @property
    def total(self) -> float:
        """Sum of the terms: they are bounds, so they add."""
        return math.fsum(self.terms.values())

    def __str__(self) -> str:
        return " + ".join(f"{bound:.2g} ({name})" for name, bound in self.terms.items()) + f" = {self.total:.2g}"


@dataclass(frozen=True)
class Equivalence:
    """Result of two one-sided tests.

    Attributes:
        difference: estimate minus expectation. low, high: its 1 - 2 alpha interval. margin: what is called equal.
    """

    difference: float
    low: float
    high: float
    margin: float

    @property
    def holds(self) -> bool:
        """Whether the whole interval lies inside the margin."""
        return -self.margin < self.low and self.high < self.margin

    @property
    def excluded(self) -> bool:
        """Whether the interval lies outside the margin: not equal, rather than not known."""
        return self.low > self.margin or self.high < -self.margin


def equivalence(estimate: float, error: float, expected: float, *, margin: float, alpha: float = 0.005) -> Equivalence:
    """Two one-sided tests of |estimate - expected| < margin at level alpha each; `error` is one standard error.

    Returns:
        The difference with its interval of level 1 - 2 alpha, and the margin that it has to lie within.

    Raises:
        ValueError: unless error >= 0, margin > 0 and 0 < alpha < 1/2.
    """
    checks.finite("estimate and expected", [estimate, expected])
    checks.at_least("error", error, 0.0)
    checks.positive("margin", margin)
    _level(alpha)
    half = -_quantile(alpha) * error
    difference = estimate - expected
    return Equivalence(difference, difference - half, difference + half, margin)


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for a proportion. Raises ValueError unless 0 <= successes <= trials and trials >= 1."""
    checks.count("trials", trials)
    if not 0 <= checks.count("successes", successes, 0) <= trials:
        raise ValueError(f"successes must lie in [0, {trials}], got {successes}")
    z = _quantile(0.5 + _confidence(confidence) / 2)
    p, n = successes / trials, trials
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # The ends are exact at 0 and n; rounding must not move them across.
    return (0.0 if successes == 0 else max(0.0, centre - half)), (1.0 if successes == n else min(1.0, centre + half))


def student_interval(estimates: ArrayLike, confidence: float = 0.95) -> tuple[Any, Any, Any]:
    """Mean over the last axis and the ends of Student's interval for it; of one estimate the ends are infinite."""
    from scipy.stats import t

    values = np.asarray(estimates, np.float64)
    count = values.shape[-1]
    mean = values.mean(axis=-1)
    if count == 1:
        return mean, mean - math.inf, mean + math.inf
    error = values.std(axis=-1, ddof=1) / math.sqrt(count) * t.ppf((1 + _confidence(confidence)) / 2, count - 1)
    return mean, mean - error, mean + error


def paths_needed(separation: float, spread: float, *, alpha: float = 0.005, power: float = 0.99) -> int:
    """Paths that distinguish a law from its twin at `separation`: two-sided level alpha, the given power.

    `spread` is the standard deviation that one path contributes: sqrt(2) s^2 for the variance of a normal law,
    sqrt(paths) times the standard error of any estimate. n = ((z_(alpha/2) + z_power) spread / separation)^2.

    Returns:
        A whole number of paths, at least 2.

    Raises:
        ValueError: for a separation of zero: no ensemble distinguishes a law from itself.
    """
    checks.positive("separation", separation)
    checks.at_least("spread", spread, 0.0)
    _level(alpha)
    z = _quantile(_confidence(power)) - _quantile(alpha / 2)
    return max(2, math.ceil((z * spread / separation) ** 2))


def power_of(paths: int, separation: float, spread: float, *, alpha: float = 0.005) -> float:
    """Probability that `paths` paths reject a twin at `separation`, two-sided at level alpha; see `paths_needed`."""
    n = checks.count("paths", paths, 2)
    checks.positive("separation", separation)
    checks.at_least("spread", spread, 0.0)
    _level(alpha)
    if spread == 0:
        return 1.0
    shift, z = separation * math.sqrt(n) / spread, -_quantile(alpha / 2)
    return _below(shift - z) + _below(-z - shift)


def _quantile(p: float) -> float:
    """The normal law's; infinite where p has been rounded to 1."""
    return NormalDist().inv_cdf(p) if p < 1 else math.inf


def _below(x: float) -> float:
    """P(a normal variable < x), with all digits in the lower tail too."""
    return math.erfc(-x / math.sqrt(2)) / 2


def _level(alpha: float) -> float:
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha must lie in (0, 1/2), got {alpha}")
    return alpha


def _confidence(value: float) -> float:
    if not 0 < value < 1:
        raise ValueError(f"a confidence or power must lie in (0, 1), got {value}")
    return value
