"""Points that are worth trying: a grid of simple rationals, dyadic ones, random ones; a test on floats sifts them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.theory.claims.kinds import Kind, is_of, kind

Witness = dict[Any, Any]

# Simplest first: the order in which a reader would try numbers.
SIMPLE = tuple(
    sp.Rational(p, q)
    for p, q in (
        *(
            (0, 1),
            (1, 1),
            (-1, 1),
            (2, 1),
            (-2, 1),
            (1, 2),
            (-1, 2),
            (3, 1),
            (-3, 1),
            (1, 4),
            (4, 1),
            (-4, 1),
        ),
        *(
            (3, 2),
            (-3, 2),
            (1, 10),
            (10, 1),
            (3, 4),
            (-1, 4),
            (1, 3),
            (2, 3),
            (9, 10),
            (5, 1),
            (-5, 1),
            (1, 100),
        ),
    )
)
_GRID_LIMIT = 250_000  # points proposed on the grid
_RANDOM = 200_000  # random points proposed
_NUMBERS = 40 * _RANDOM  # in random points, at most: there are fewer of them where there are very many symbols
EXACT = 400  # proposals evaluated exactly
_PART = 1_000  # proposals in the first part that is evaluated
_SEED = 20_240_601


def height(q: Any) -> int:
    """How long a rational is to write: |p| + q."""
    r = sp.Rational(q)
    return int(abs(r.p) + r.q) if r.p else 0


@dataclass(frozen=True, eq=False)
class Pool:
    """Values to choose from. Equal only to itself: to tell two pools apart by value takes longer than to use one."""

    values: tuple[Any, ...]

    @cached_property
    def floats(self) -> np.ndarray[Any, Any]:
        """The values as floats."""
        return np.array([float(v) for v in self.values])

    @cached_property
    def heights(self) -> np.ndarray[Any, Any]:
        """The height of each value."""
        return np.array([height(v) for v in self.values])


@dataclass(frozen=True, eq=False)
class Proposed:
    """Points to try, in order: a pool of values for each symbol, and rows of indices into the pools."""

    pools: tuple[Pool, ...]
    rows: np.ndarray[Any, Any]

    def columns(self, start: int, stop: int) -> list[Any]:
        """The values of some rows as floats, an array for each symbol."""
        return [pool.floats[self.rows[start:stop, i]] for i, pool in enumerate(self.pools)]


def _admitted(pool: Callable[[], tuple[Any, ...]], symbols: list[Any], most: Sequence[int] = ()) -> tuple[Pool, ...]:
    """For each symbol the values of a pool that its kind admits, or as many of them as are asked for."""
    limits = most or (None,) * len(symbols)
    return tuple(_of_kind(pool, kind(s), limit) for s, limit in zip(symbols, limits, strict=True))


@cache
def _of_kind(pool: Callable[[], tuple[Any, ...]], of: Kind, most: int | None) -> Pool:
    return Pool(tuple(v for v in pool() if is_of(of, v))[:most])


def grid(symbols: list[Any]) -> Proposed:
    """All points of a grid, the simplest first. Of very many symbols only the first move, the others stay at 0."""
    per_axis = max(2, int(min(len(SIMPLE), _GRID_LIMIT ** (1 / len(symbols)))))
    moving = _GRID_LIMIT.bit_length()
    return _sorted_grid(_admitted(_simple, symbols, [per_axis if i < moving else 1 for i in range(len(symbols))]))


@lru_cache(maxsize=16)
def _sorted_grid(pools: tuple[Pool, ...]) -> Proposed:
    left, columns = np.arange(math.prod(len(pool.values) for pool in pools)), []
    for pool in reversed(pools):  # the digits of the point's number; NumPy's own grids have at most 32 axes
        left, column = np.divmod(left, len(pool.values))
        columns.append(column.astype(np.int16))
    return _simplest_first(pools, np.stack(columns[::-1], 1))


def _simplest_first(pools: tuple[Pool, ...], rows: np.ndarray[Any, Any]) -> Proposed:
    heights = sum(pool.heights[rows[:, i]] for i, pool in enumerate(pools))
    return Proposed(pools, rows[np.argsort(heights, kind="stable")])


def random_points(symbols: list[Any]) -> Proposed:
    """Random points, the simplest first."""
    rng = np.random.default_rng(_SEED)
    pools = _admitted(_pool, symbols)
    # small heights are drawn more often than large ones
    count = min(_RANDOM, _NUMBERS // len(symbols))
    return _simplest_first(pools, np.stack([(len(p.values) * rng.random(count) ** 2).astype(int) for p in pools], 1))


def dyadic(symbols: list[Any]) -> Proposed:
    """Random dyadic points, exact in binary; always the same ones."""
    rng = np.random.default_rng(_SEED)
    pools, count = _admitted(_dyadics, symbols), min(_RANDOM // 4, _NUMBERS // len(symbols))
    return Proposed(pools, np.stack([rng.integers(len(p.values), size=count) for p in pools], 1))


def _simple() -> tuple[Any, ...]:
    return tuple(SIMPLE)


@cache
def _pool() -> tuple[Any, ...]:
    # Of equal heights the smaller first: the order of a set follows the process's hash seed, and with it the points.
    values = {sp.Rational(p, q) for q in range(1, 13) for p in range(-12 * q, 12 * q + 1)}
    return tuple(sorted(values, key=lambda v: (height(v), float(v))))  # floats tell such small fractions apart


def sift(proposed: Proposed, symbols: list[Any], test: Any) -> Iterator[Witness]:
    """The first points that pass the float test: evaluated in ever larger parts, of which the first often suffices."""
    start, size, left = 0, _PART, EXACT
    while left and start < len(proposed.rows):
        stop = start + size
        columns = proposed.columns(start, stop)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                keep = np.broadcast_to(np.asarray(test(*columns), dtype=bool), (len(columns[0]),))
            except Exception:  # floats only propose: a function that they do not have, an overflow
                return
        for row in proposed.rows[start:stop][keep][:left]:
            left -= 1
            yield {s: pool.values[k] for s, pool, k in zip(symbols, proposed.pools, row, strict=True)}
        start, size = stop, 4 * size


@cache
def _dyadics() -> tuple[Any, ...]:
    return tuple(sorted({sp.Rational(p, q) for q in (1, 4, 32, 128) for p in range(-4 * q, 4 * q + 1)}, key=float))
