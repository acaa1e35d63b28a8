"""A grid of runs that survives: a process a run, or a Dask cluster; what is finished is a record and is not repeated.

A killed run goes on from its last checkpoint; ^C leaves checkpoints and records behind, and the same command goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from saddlecheck.nets import archive, grids, rates, record, workers
from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.finished import finished
from saddlecheck.nets.grids import Grid, Scale
from saddlecheck.nets.workers import SweepTask

IMAGES = 50_000  # of the whole training set
LOG = logging.getLogger(__name__)  # what begins, ends, fails; silent unless the caller's program listens
OnDone = Callable[[str, int, int], None]  # run, finished runs, all runs


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep would do: every run, those whose record exists, and the estimated time of the rest."""

    grid: Grid
    scale: Scale
    configs: tuple[TrainConfig, ...]
    done: tuple[str, ...]
    hours: float
    basis: str  # what the hours rest on

    def __str__(self) -> str:
        unit = "GPU" if self.scale == "gpu" else "core"
        todo = len(self.configs) - len(self.done)
        return (
            f"{self.grid} at scale {self.scale}: {len(self.configs)} runs, {len(self.done)} finished, {todo} to do, "
            f"about {self.hours:.2g} {unit} hours ({self.basis})"
        )


@dataclass(frozen=True)
class Finished:
    """What a sweep did: the records by run name, and the runs that failed with the reason."""

    records: dict[str, record.Record] = field(repr=False)
    failed: dict[str, str]


def plan(
    grid: Grid, scale: Scale = "gpu", *, data: Path | None = None, out: Path = Path("runs"), seeds: int | None = None
) -> SweepPlan:
    """The runs of a grid, and what is left of them below `out`.

    Args:
        grid: fig8, fig9 or table1.
        scale: gpu for the paper's own scale, cpu for the reduced one.
        data: archive or folder; None means the official archive, which is not fetched for this.
        out: folder of records, and of the rates that `benchmarks/gpu_rates.py` has measured (nets/rates.py).
        seeds: how many; by default the grid's own.

    Returns:
        The configurations, those that are done, and the hours that the rest is estimated to take.

    Raises:
        ValueError: an unknown grid or scale; no data where some are named; a file in the folder's place, in a record's
            place that is not this run's record (see train), or in the place of rates that holds none.
    """
    if data is not None:
        archive.require_there(data)
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file: records need a folder.")
    configs = tuple(grids.grid(grid, scale, seeds))
    done = tuple(_done(configs, data, out))
    known, todo = rates.read(out), [c for c in configs if c.name not in done]
    seconds = sum(known.seconds(c, _images(c), scale) for c in todo)
    return SweepPlan(grid, scale, configs, done, seconds / 3600.0, known.basis(todo, scale))


def _done(configs: tuple[TrainConfig, ...], data: Path | None, out: Path) -> dict[str, record.Record]:
    """The records of the runs that are finished, by run name; a file that is none of them is refused by name."""
    places = {c: path for c in configs if (path := out / f"{c.name}.json").exists()}
    digests = {name: archive.digest(LAYOUTS[name], data) for name in {c.dataset for c in places}}
    found = {c.name: finished(c, path, digests[c.dataset]) for c, path in places.items()}
    return {name: made for name, made in found.items() if made is not None}


def run(
    grid: Grid,
    *,
    scale: Scale = "gpu",
    data: Path | None = None,
    out: Path = Path("runs"),
    jobs: int = 1,
    seeds: int | None = None,
    device: str | None = None,
    cluster: str | None = None,
    on_done: OnDone | None = None,
    checkpoint_seconds: float = 30.0,
) -> Finished:
    """Do what `plan` says and return all records of the grid.

    Args:
        grid: fig8, fig9 or table1.
        scale: gpu for the paper's own scale, cpu for the reduced one.
        data: archive or folder; None fetches the official archive.
        out: folder of records and checkpoints; on a cluster one that all workers share.
        jobs: processes side by side on this machine; on several GPUs they take turns.
        seeds: how many; by default the grid's own.
        device: a torch device; by default cuda for scale gpu and cpu otherwise.
        cluster: address of a Dask scheduler, in place of local processes.
        on_done: called after each run.
        checkpoint_seconds: at least so long between two checkpoints of a run.

    Returns:
        Records by name, and for each run that failed why.

    Raises:
        ValueError: an unknown grid or scale, fewer than one job, bad data; before anything is trained, a file in a
            record's place that is not this run's record.
    """
    configs = tuple(grids.grid(grid, scale, seeds))
    device = device or ("cuda" if scale == "gpu" else "cpu")
    out = out.resolve()
    task = SweepTask(None if data is None else data.resolve(), out, device, grids.CLAIMS[grid], checkpoint_seconds)
    return run_all(configs, task, jobs=jobs, cluster=cluster, on_done=on_done)


def run_all(
    configs: tuple[TrainConfig, ...],
    task: SweepTask,
    *,
    jobs: int,
    cluster: str | None = None,
    on_done: OnDone | None = None,
) -> Finished:
    """Return the records of any list of runs, by name, and for each that failed why; finished ones are only read.

    Raises:
        ValueError: fewer than one job; before anything is trained, a file that is not this run's record, or no data
            set where it should be.
    """
    if jobs < 1:
        raise ValueError(f"a sweep needs at least one job, got {jobs}.")
    before = _done(configs, task.data, task.out)
    LOG.info("%d runs, %d of them finished, into %s", len(configs), len(before), task.out)
    todo = [c for c in configs if c.name not in before]
    if todo and cluster is None:  # now, not once in each run; a cluster's workers may have a disk of their own
        archive.digest(LAYOUTS[todo[0].dataset], task.data)
    done = len(before)

    def tell(name: str) -> None:
        nonlocal done
        done += 1
        LOG.info("%s: finished, %d of %d", name, done, len(configs))
        if on_done is not None:
            on_done(name, done, len(configs))

    failed = workers.local(todo, task, jobs, tell) if cluster is None else workers.on_cluster(todo, task, cluster, tell)
    made = {c.name: task.out / f"{c.name}.json" for c in todo if c.name not in failed}
    records = before | {name: record.read(path) for name, path in made.items()}
    return Finished({c.name: records[c.name] for c in configs if c.name in records}, failed)


def _images(config: TrainConfig) -> int:
    return IMAGES if config.limit is None else 10 * config.limit
