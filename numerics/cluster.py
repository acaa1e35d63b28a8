"""Ensembles on a Dask cluster: independent shards by counter ranges; the numbers are those of one machine.

A shard is a range of tiles of a job and nothing else: a worker that is lost costs its shard, which another worker
computes again to the same bits. Needs the extra `cluster`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

from saddlecheck.numerics.compiled import TILE, Integers
from saddlecheck.numerics.job import Job
from saddlecheck.numerics.running_moments import TileMoments

if TYPE_CHECKING:
    from saddlecheck.numerics.ensemble_run import Progress


class DaskCluster:
    """A connection to a Dask scheduler, used as `with DaskCluster("tcp://host:8786") as cluster:`.

    Args:
        address: the scheduler's address.
        timeout: seconds to wait for it.

    Raises:
        ValueError: if the extra is not installed or nothing answers at the address.
    """

    def __init__(self, address: str, *, timeout: float = 10.0) -> None:
        try:
            from distributed import Client
        except ImportError as error:
            raise ValueError("a cluster needs Dask: pip install 'saddlecheck[cluster]'") from error
        try:
            connect: Any = Client  # distributed ships no types
            self._client = connect(address, timeout=timeout, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ValueError(f"no Dask scheduler answers at {address}: {error}") from error

    def __enter__(self) -> DaskCluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the cluster itself goes on."""
        self._client.close()

    @property
    def processors(self) -> int:
        """Threads of all workers together; at least one, so that work can be queued before a worker arrives."""
        return max(1, sum(int(n) for n in self._client.nthreads().values()))

    def run(
        self, job: Job, ranges: Sequence[tuple[int, int]], progress: Progress | None = None
    ) -> list[tuple[TileMoments, Integers]]:
        """Results of the ranges (first tile, tiles), in order, whichever worker computed which and however often."""
        found: dict[int, tuple[TileMoments, Integers]] = {}
        for number, result in self.results(job.run, ranges):
            found[number] = result
            if progress is not None:
                progress(min(ranges[number][1] * TILE, job.paths), job.paths)
        return [found[number] for number in range(len(ranges))]

    def results(self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> Iterator[tuple[int, Any]]:
        """What a function returns on the workers for each tuple of arguments, as it comes.

        Yields:
            (number of the call, result), each call once, whichever worker computed it and however often.
        """
        import distributed

        completed: Any = distributed.as_completed  # ships no types

        # pure=False: two calls may look alike to Dask's hash; retries: a call outlives the worker that had it.
        futures = [self._client.submit(function, *call, pure=False, retries=5) for call in calls]
        numbers = {future.key: number for number, future in enumerate(futures)}
        try:
            with self._client.as_current():
                for future in completed(futures):
                    yield numbers[future.key], future.result()
        except BaseException:  # ^C included: nothing of ours stays queued on the cluster
            self._client.cancel(futures)
            raise
