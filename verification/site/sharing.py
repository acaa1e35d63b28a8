"""One piece of work for each of many keys, shared out among processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from typing import TypeVar

from saddlecheck.verification.ledger.processes import shared, worker_pool

S = TypeVar("S")
K = TypeVar("K")
R = TypeVar("R")


def each(work: Callable[[S, K], R], subjects: S, keys: Sequence[K], *, jobs: int, at_once: int = 1) -> list[R]:
    """What `work` makes of each key.

    Args:
        work: a function of a module, of the subjects and a key; what it returns is sent, so no formula may be in it.
        subjects: what every process is started with.
        keys: they are sent.
        jobs: processes; with one the work is done here.
        at_once: keys that a process takes.

    Returns:
        The results in the order of the keys.
    """
    if jobs <= 1 or len(keys) <= 1:
        return [work(subjects, key) for key in keys]
    with worker_pool(min(jobs, len(keys)), subjects) as pool:
        return list(pool.map(_in_worker, repeat(work), keys, chunksize=at_once))


def _in_worker(work: Callable[[S, K], R], key: K) -> R:
    return work(shared(), key)
