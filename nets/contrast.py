"""Differences between families of runs, paired by seed, with Student's interval over seeds. No torch here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nets.record import Record

Cell = Mapping[int, float]  # seed -> a final number of the run with that seed


@dataclass(frozen=True)
class Contrast:
    """A mean over seeds and its 95 % interval; infinite ends for a single seed."""

    mean: float
    low: float
    high: float
    seeds: int

    def __str__(self) -> str:
        runs = "1 seed" if self.seeds == 1 else f"{self.seeds} seeds"
        return f"{self.mean:+.3g} [{self.low:+.3g}, {self.high:+.3g}] over {runs}"

    @property
    def sign(self) -> int:
        """1 or -1 where the interval lies on one side of zero, else 0."""
        return 1 if self.low > 0.0 else -1 if self.high < 0.0 else 0


def interval(values: Iterable[float], level: float = 0.95) -> Contrast:
    """The mean of some numbers with Student's interval.

    Raises:
        ValueError: there is no number.
    """
    from scipy.stats import t

    x = list(values)
    if not x:
        raise ValueError("an interval needs at least one run: no seed is common to the cells compared.")
    n, mean = len(x), math.fsum(x) / len(x)
    if n == 1:
        return Contrast(mean, -math.inf, math.inf, 1)
    deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in x) / (n - 1))
    half = float(t.ppf(0.5 + level / 2, n - 1)) * deviation / math.sqrt(n)
    return Contrast(mean, mean - half, mean + half, n)


def difference(a: Cell, b: Cell) -> Contrast:
    """Mean of a - b over the seeds that both have."""
    return interval(a[s] - b[s] for s in sorted(a.keys() & b.keys()))


def difference_of_differences(a1: Cell, a0: Cell, b1: Cell, b0: Cell) -> Contrast:
    """Mean of (a1 - a0) - (b1 - b0) over the seeds that all four have."""
    common = sorted(a1.keys() & a0.keys() & b1.keys() & b0.keys())
    return interval((a1[s] - a0[s]) - (b1[s] - b0[s]) for s in common)


def cell(records: Iterable[Record], what: str, **fields: Any) -> dict[int, float]:
    """Seed -> last value of `what` in the records whose configuration has these fields; diverged runs have none."""
    return {
        int(r.config["seed"]): float(r.result["evaluations"][-1][what])
        for r in records
        if all(r.config.get(k) == v for k, v in fields.items()) and r.result["evaluations"] and not r.result["diverged"]
    }
