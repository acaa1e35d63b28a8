"""The processes among which claims, experiments and twins are shared out."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any, TypeVar

K = TypeVar("K")
S = TypeVar("S")
R = TypeVar("R")
_SHARED: list[Any] = []  # in a worker: what it was started with


def worker_pool(jobs: int, subjects: object) -> ProcessPoolExecutor:
    """Return processes that leave an interrupt to their parent, which lets them finish what they are at.

    subjects: what `shared` returns there. They are inherited, not sent: SymPy evaluates an equation when it unpickles
    it, and an experiment holds functions.
    """
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _start_worker, (lambda: subjects,))


def _start_worker(subjects: Callable[[], object]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _SHARED[:] = [subjects()]


def shared() -> Any:
    """In a worker process: the subjects of the process that started it."""
    return _SHARED[0]


def as_finished(work: Callable[[K, S], R], keys: Sequence[K], subjects: S, *, jobs: int) -> Iterator[tuple[K, R]]:
    """Each key with what `work` makes of it and the subjects, in the order in which it is finished.

    Args:
        work: a function of a module; what it returns is sent.
        keys: they are sent.
        subjects: what every process is started with.
        jobs: processes; with one the work is done here.

    Yields:
        Key and result. Where an exception ends it, what is under way is finished and the rest is not begun.
    """
    if jobs <= 1:
        yield from ((key, work(key, subjects)) for key in keys)
        return
    with worker_pool(jobs, subjects) as pool:
        running = {pool.submit(_in_worker, work, key): key for key in keys}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _in_worker(work: Callable[[K, S], R], key: K) -> R:
    return work(key, shared())
