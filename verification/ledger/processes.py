"""The processes among which claims, experiments and twins are shared out."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

_SHARED: list[Any] = []  # in a worker: what it was started with


def worker_pool(jobs: int, subjects: object) -> ProcessPoolExecutor:
    """Processes that leave an interrupt to their parent, which lets them finish what they are at.

    subjects: what `shared` returns there. They are inherited, not sent: SymPy evaluates an equation when it unpickles
    it, and an experiment holds functions.

    Returns:
        A pool of forked processes, not yet started.
    """
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _start_worker, (lambda: subjects,))


def _start_worker(subjects: Callable[[], object]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _SHARED[:] = [subjects()]


def shared() -> Any:
    """In a worker process: the subjects of the process that started it."""
    return _SHARED[0]
