"""Differences between families of runs, paired by seed, with Student's interval over seeds. No torch here."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.groups import Trained


@dataclass(frozen=True)
class Cell:
    """A final number of each run that has some settings: seed -> number, and the seeds whose run diverged.

    A diverged run counts: as chance in accuracy, as an infinite loss.
    """

    values: Mapping[int, float]
    diverged: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Contrast:
    """A mean over seeds and its 95 % interval; infinite ends for a single seed, no mean where a loss is infinite.

    Attributes:
        diverged: how many of the runs compared diverged. What they count as is a convention, so they never decide a
            sign.
    """

    mean: float
    low: float
    high: float
    seeds: int
    diverged: int = 0

    def __str__(self) -> str:
        runs = "1 seed" if self.seeds == 1 else f"{self.seeds} seeds"
        lost = f", {self.diverged} of the runs diverged" if self.diverged else ""
        mean = f"{self.mean:+.3g} [{self.low:+.3g}, {self.high:+.3g}]" if math.isfinite(self.mean) else "no finite mean"
        return f"{mean} over {runs}{lost}"

    def plus(self, shift: float) -> Contrast:
        """The contrast of numbers that are larger by `shift`."""
        return replace(self, mean=self.mean + shift, low=self.low + shift, high=self.high + shift)

    def times(self, sign: int) -> Contrast:
        """The contrast of the numbers, or of their negatives."""
        low, high = sorted((sign * self.low, sign * self.high))
        return replace(self, mean=sign * self.mean, low=low, high=high)

    @property
    def sign(self) -> int:
        """1 or -1 where the interval lies on one side of zero and no run diverged, else 0."""
        if self.diverged:
            return 0
        return 1 if self.low > 0.0 else -1 if self.high < 0.0 else 0


def interval(values: Iterable[float], level: float = 0.95) -> Contrast:
    """The mean of some numbers with Student's interval.

    Returns:
        The mean with its two-sided interval at the level: infinite for one number; where a number is not finite, with
        NaN for a mean.

    Raises:
        ValueError: there is no number.
    """
    from saddlecheck.numerics.statistics import student_interval

    x = list(values)
    if not x:
        raise ValueError("an interval needs at least one run: no seed is common to the cells compared.")
    n = len(x)
    if not all(map(math.isfinite, x)):
        return Contrast(math.nan, -math.inf, math.inf, n)
    mean, low, high = map(float, student_interval(x, level))
    return Contrast(mean, low, high, n)


def difference(a: Cell, b: Cell) -> Contrast:
    """Mean of a - b over the seeds that both have."""
    return _compared((a, 1), (b, -1))


def difference_of_differences(a1: Cell, a0: Cell, b1: Cell, b0: Cell) -> Contrast:
    """Mean of (a1 - a0) - (b1 - b0) over the seeds that all four have."""
    return _compared((a1, 1), (a0, -1), (b1, -1), (b0, 1))


def extreme(choose: Callable[[Iterable[float]], float], cells: Iterable[Cell]) -> Cell:
    """For each seed that all cells have, the largest (`max`) or the smallest (`min`) of their numbers."""
    parts = list(cells)
    common = set.intersection(*(set(c.values) for c in parts))
    lost = frozenset().union(*(c.diverged for c in parts)) & common
    return Cell({seed: choose(c.values[seed] for c in parts) for seed in sorted(common)}, lost)


def cell(runs: Iterable[Trained], what: str, **settings: Any) -> Cell:
    """The last value of `what`, `train_loss` or `test_accuracy`, of the runs whose configuration has these settings.

    Returns:
        The values by seed, a diverged run's being chance in accuracy and infinite in loss, and the seeds that diverged.

    Raises:
        ValueError: two of the runs have the same seed and disagree.
    """
    values: dict[int, float] = {}
    diverged = set()
    for run in runs:
        c = run.config
        if any(getattr(c, name) != value for name, value in settings.items()):
            continue
        chance = 1.0 / LAYOUTS[c.dataset].classes if what.endswith("accuracy") else math.inf
        value = chance if run.diverged else float(run.ends[what])
        if values.setdefault(c.seed, value) != value:
            raise ValueError(f"two records of the same run disagree ({c.name}): keep one of them.")
        if run.diverged:
            diverged.add(c.seed)
    return Cell(values, frozenset(diverged))


def _compared(*terms: tuple[Cell, int]) -> Contrast:
    common = sorted(set.intersection(*(set(c.values) for c, _ in terms)))
    # A plain sum: inf - inf is no number, and math.fsum refuses it.
    found = interval(sum(sign * c.values[s] for c, sign in terms) for s in common)
    return replace(found, diverged=sum(s in c.diverged for c, _ in terms for s in common))
