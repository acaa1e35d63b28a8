"""Simulating an ensemble: the request is checked, split into blocks, run by threads or a cluster, merged in order."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.compiled import TILE, Floats, Integers
from saddlecheck.numerics.ensemble import Ensemble
from saddlecheck.numerics.job import Descent, Exit, Job, default_pairs, start_of
from saddlecheck.numerics.linear_map import Recurrence
from saddlecheck.numerics.philox import key_of
from saddlecheck.numerics.running_moments import TileMoments, joined, merge

Progress = Callable[[int, int], None]
Block = tuple[TileMoments, Integers]


class Cluster(Protocol):
    """Something that runs `job.run(first, tiles)` for each range elsewhere and returns the results in that order."""

    def run(self, job: Job, ranges: Sequence[tuple[int, int]], progress: Progress | None) -> list[Block]:
        """Results of the ranges (first tile, number of tiles), in order."""
        ...

    @property
    def processors(self) -> int:
        """How many shards can run at once."""
        ...


@dataclass(frozen=True)
class EnsembleSettings:
    """How an ensemble is computed, none of which changes its numbers (same machine type).

    Args:
        threads: threads of this process; by default all the processors it may use.
        block: paths that a thread takes at a time, rounded up to a multiple of 1,024.
        cluster: a `saddlecheck.numerics.cluster.DaskCluster` to run the shards on, or None for this process.
        progress: called as (paths just done, paths in all) after each block, in this process.

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import EnsembleSettings, Recurrence, simulate
        >>> halved = Recurrence(np.array([[0.5]]), np.array([[1.0]]), ("x",))
        >>> one, two = (
        ...     simulate(halved, paths=5_000, steps=10, seed=1, settings=EnsembleSettings(threads=k)) for k in (1, 2)
        ... )
        >>> bool(np.array_equal(one.covariance, two.covariance))
        True
    """

    threads: int | None = None
    block: int | None = None
    cluster: Cluster | None = None
    progress: Progress | None = None


DEFAULT = EnsembleSettings()

_LARGEST_BLOCK = 16  # tiles


def simulate(
    system: Recurrence | Descent,
    *,
    paths: int,
    steps: int,
    seed: int,
    checkpoints: Sequence[int] | Integers | None = None,
    start: Sequence[float] | Floats | None = None,
    exit: Exit | None = None,
    two_point: bool = False,
    stream: int = 0,
    pairs: Sequence[tuple[int, int]] | None = None,
    settings: EnsembleSettings = DEFAULT,
) -> Ensemble:
    """Moments of `paths` independent paths of `system` at the checkpoints, and exit times on request.

    Memory: per 1,024 paths and checkpoint one (F, F) matrix; nothing grows with `steps`.
    The numbers depend on the arguments before `settings` alone.

    Args:
        system: a `Recurrence` (any linear algorithm or scheme) or a `Descent` (any loss; the algorithms themselves).
        paths: >= 2, below 2^47.
        steps: >= 1, below 2^33.
        seed: in [0, 2^64).
        checkpoints: increasing steps in [0, steps]; the last step by default.
        start: the state at step 0: all states of a recurrence, or one point (n,) for all arms; zeros by default.
        exit: look for the first exit from this ball; paths still count in the moments afterwards.
        two_point: increments +-1 in place of Gaussian ones: the same first two moments for linear systems.
        stream: another independent noise for the same seed, in [0, 2^16).
        pairs: products whose own covariance is kept; by default all for J <= 4, else the squares.
        settings: threads, blocks, cluster, progress.

    Returns:
        Moments at the K checkpoints, J states; exit steps, shape (paths,), where `exit` is given.

    Raises:
        ValueError: outside these domains, or where shapes do not fit.

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import Recurrence, simulate
        >>> walk = Recurrence(np.array([[1.0]]), np.array([[1.0]]), ("x",))
        >>> ensemble = simulate(walk, paths=100_000, steps=9, seed=1, checkpoints=[1, 4, 9])
        >>> np.round(ensemble.covariance[:, 0, 0]).tolist()  # of n steps: n
        [1.0, 4.0, 9.0]
    """
    checks.count("paths", paths, 2)
    checks.count("steps", steps, 1)
    _below("paths", paths, 2**47)
    _below("steps", steps, 2**33)
    if not 0 <= stream < 2**16:
        raise ValueError(f"stream must lie in [0, 2^16), got {stream}")
    at = np.asarray([steps] if checkpoints is None else checkpoints, np.int64)
    if at.ndim != 1 or np.any(np.diff(at) <= 0) or (len(at) > 0 and (at[0] < 0 or at[-1] > steps)):
        raise ValueError(f"checkpoints must increase strictly within [0, {steps}], got {at.tolist()}")
    x0 = start_of(system, start)
    if exit is not None:
        limit = x0.size if x0.ndim == 1 else x0.shape[1]
        if len(exit.centre) > limit:
            raise ValueError(f"the exit's centre has {len(exit.centre)} entries but a path has {limit} states")
    products = np.asarray(default_pairs(x0.size) if pairs is None else pairs, np.int64).reshape(-1, 2)
    if np.any((products < 0) | (products >= x0.size)):
        raise ValueError(f"pairs must name states 0 .. {x0.size - 1}, got {products.tolist()}")
    key_of(seed)
    job = Job(system, paths, steps, seed, at, x0, exit, two_point, stream, products)
    blocks = run_on_cluster(job, settings) if settings.cluster else run_here(job, settings)
    merged = merge(joined([moments for moments, _ in blocks]), products)
    exits = np.concatenate([e for _, e in blocks]).reshape(-1)[: paths if exit is not None else 0]
    return Ensemble(
        paths, at, merged.mean[0], merged.diverged[0], exits, products,
        merged.feature_mean[0], merged.scatter[0] / (paths - 1),
    )  # fmt: skip


def _below(name: str, value: int, limit: int) -> None:
    if value >= limit:
        raise ValueError(f"{name} must be below {limit} so that no two increments share a counter, got {value}")


def run_here(job: Job, settings: EnsembleSettings) -> list[Block]:
    """All blocks of a job by threads of this process, in the order of their paths."""
    threads = checks.count("threads", settings.threads or processors())
    ranges = block_ranges(job.tiles, threads, settings.block)
    if threads == 1 or len(ranges) == 1:
        return [_reported(job.run(*r), r, job, settings.progress) for r in ranges]
    with ThreadPoolExecutor(threads) as pool:
        futures = {pool.submit(job.run, *r): r for r in ranges}
        try:
            for future in as_completed(futures):
                _reported(future.result(), futures[future], job, settings.progress)
        except BaseException:  # ^C included: blocks that have not started never will
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]


def run_on_cluster(job: Job, settings: EnsembleSettings) -> list[Block]:
    """All blocks of a job on a cluster, in the order of their paths."""
    assert settings.cluster is not None
    ranges = block_ranges(job.tiles, settings.cluster.processors, settings.block)
    return settings.cluster.run(job, ranges, settings.progress)


def block_ranges(tiles: int, workers: int, block: int | None) -> list[tuple[int, int]]:
    """Return (first tile, tiles) of each block; by default blocks of up to 16 tiles that shrink towards the end.

    Small enough that ^C is answered soon; and as a block is at most half a worker's share of what is left, a worker
    on a slower core keeps the others waiting for one tile, not for one block (guided self-scheduling,
    Polychronopoulos and Kuck 1987).
    """
    fixed = None if block is None else -(-checks.count("block", block) // TILE)
    ranges, first = [], 0
    while first < tiles:
        left = tiles - first
        size = min(left, fixed or min(_LARGEST_BLOCK, max(1, left // (2 * workers))))
        ranges.append((first, size))
        first += size
    return ranges


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _reported(result: Block, block: tuple[int, int], job: Job, progress: Progress | None) -> Block:
    if progress is not None:
        progress(min(job.paths - block[0] * TILE, block[1] * TILE), job.paths)
    return result
