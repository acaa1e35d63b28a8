"""The processes among which claims, experiments and twins are shared out."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

from saddlecheck.theory.claims.claim import Catalogue

_SHARED: list[Catalogue] = []  # in a worker: the catalogue that it was started with


def worker_pool(jobs: int, catalogue: Catalogue | None = None) -> ProcessPoolExecutor:
    """Processes that leave an interrupt to their parent, which lets them finish what they are at.

    catalogue: what `shared` returns there. It is inherited, not sent: SymPy evaluates an equation when it unpickles it.

    Returns:
        A pool of forked processes, not yet started.
    """
    return ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _start_worker, (lambda: catalogue,))


def _start_worker(catalogue: Callable[[], Catalogue | None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _SHARED[:] = [given] if (given := catalogue()) is not None else []


def shared() -> Catalogue:
    """In a worker process: the catalogue of the process that started it."""
    return _SHARED[0]
