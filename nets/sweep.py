"""A grid of runs that survives: a process a run, or a Dask cluster; what is finished is a record and is not repeated.

A killed run goes on from its last checkpoint; ^C leaves checkpoints and records behind, and the same command goes on.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from nets import grids, record
from nets.config import TrainConfig
from nets.grids import Grid, Scale

ATTEMPTS = 3  # a run that dies so often is reported, not tried again
# Images a second through one forward and one backward pass. CPU: measured, one core. H100: a plan, not a measurement.
# ResNet-18 at 32 x 32 costs 0.56 G multiply-adds forward, so 2 * 3 * 0.56 = 3.3 GFLOP an image and pass; bf16 tensor
# cores reach 990 TFLOP/s on paper, and narrow 32 x 32 convolutions some 15 % of that: 990e12 * 0.15 / 3.3e9 = 45,000.
PASSES_PER_SECOND = {("gpu", "resnet18"): 45_000.0, ("cpu", "resnet18"): 5_000.0, ("cpu", "small-cnn"): 33_000.0}
IMAGES = 50_000  # of the whole training set
OnDone = Callable[[str, int, int], None]  # run, finished runs, all runs


@dataclass(frozen=True)
class Plan:
    """What a sweep would do: every run, those whose record exists, and the estimated time of the rest."""

    grid: Grid
    scale: Scale
    configs: tuple[TrainConfig, ...]
    done: tuple[str, ...]
    hours: float

    def __str__(self) -> str:
        unit = "GPU" if self.scale == "gpu" else "core"
        todo = len(self.configs) - len(self.done)
        basis = "planned, not measured" if self.scale == "gpu" else "measured on one core"
        return (
            f"{self.grid} at scale {self.scale}: {len(self.configs)} runs, {len(self.done)} finished, {todo} to do, "
            f"about {self.hours:.2g} {unit} hours ({basis})"
        )


@dataclass(frozen=True)
class Finished:
    """What a sweep did: the records by run name, and the runs that failed with the reason."""

    records: dict[str, record.Record] = field(repr=False)
    failed: dict[str, str]


def plan(grid: Grid, scale: Scale = "gpu", *, out: Path = Path("runs"), seeds: int | None = None) -> Plan:
    """The runs of a grid, and what is left of them below `out`.

    Raises:
        ValueError: an unknown grid or scale.
    """
    configs = tuple(grids.grid(grid, scale, seeds))
    done = tuple(c.name for c in configs if (out / f"{c.name}.json").exists())
    seconds = sum(_seconds(c, scale) for c in configs if c.name not in set(done))
    return Plan(grid, scale, configs, done, seconds / 3600.0)


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

    Raises:
        ValueError: an unknown grid or scale, fewer than one job, bad data.
    """
    if jobs < 1:
        raise ValueError(f"a sweep needs at least one job, got {jobs}.")
    configs = plan(grid, scale, out=out, seeds=seeds).configs
    device = device or ("cuda" if scale == "gpu" else "cpu")
    out = out.resolve()
    task = Task(None if data is None else data.resolve(), out, device, grids.CLAIMS[grid], checkpoint_seconds)
    return run_all(configs, task, jobs=jobs, cluster=cluster, on_done=on_done)


@dataclass(frozen=True)
class Task:
    """What the runs of a sweep have in common."""

    data: Path | None
    out: Path
    device: str
    claims: tuple[str, ...]
    checkpoint_seconds: float


def run_all(
    configs: tuple[TrainConfig, ...],
    task: Task,
    *,
    jobs: int,
    cluster: str | None = None,
    on_done: OnDone | None = None,
) -> Finished:
    """Any list of runs, through local processes or a cluster; finished ones are only read."""
    paths = {c.name: task.out / f"{c.name}.json" for c in configs}
    todo = [c for c in configs if not paths[c.name].exists()]
    done = len(configs) - len(todo)

    def tell(name: str) -> None:
        nonlocal done
        done += 1
        if on_done is not None:
            on_done(name, done, len(configs))

    failed = _local(todo, task, jobs, tell) if cluster is None else _on_cluster(todo, task, cluster, tell)
    return Finished({name: record.read(path) for name, path in paths.items() if path.exists()}, failed)


def work(config: dict[str, Any], task: Task, device: str) -> dict[str, Any]:
    """One run, in whatever process this is; the record as JSON data."""
    import torch

    from nets.train import train

    if device == "cpu":
        torch.set_num_threads(1)  # parallel by process; and one thread's sums are the same everywhere
    made = train(
        TrainConfig(**config),
        data=task.data,
        out=task.out,
        device=device,
        claims=task.claims,
        checkpoint_seconds=task.checkpoint_seconds,
    )
    return asdict(made)


def _local(todo: list[TrainConfig], task: Task, jobs: int, tell: Callable[[str], None]) -> dict[str, str]:
    """A fresh process for each run: one that dies takes nothing with it and is started again."""
    context = multiprocessing.get_context("spawn")
    pending, attempts = deque(todo), dict.fromkeys((c.name for c in todo), 0)
    running: dict[int, tuple[SpawnProcess, Connection, TrainConfig, int]] = {}
    failed: dict[str, str] = {}
    try:
        while pending or running:
            while pending and len(running) < jobs:
                config = pending.popleft()
                slot = min(set(range(jobs)) - {entry[3] for entry in running.values()})
                mine, theirs = context.Pipe(duplex=False)
                process = context.Process(
                    target=_child, args=(asdict(config), task, _device(task.device, slot), theirs)
                )
                process.start()
                theirs.close()
                attempts[config.name] += 1
                running[process.sentinel] = (process, mine, config, slot)
            for sentinel in wait(list(running)):
                process, pipe, config, _ = running.pop(int(sentinel))  # type: ignore[arg-type]  # sentinels are numbers
                process.join()
                said = _said(pipe)
                if said is None and process.exitcode == 0:
                    tell(config.name)
                elif said is not None or attempts[config.name] >= ATTEMPTS:
                    failed[config.name] = said or f"died {ATTEMPTS} times, last with exit code {process.exitcode}"
                else:
                    pending.append(config)  # killed: it goes on from its checkpoint
    finally:
        for process, _, _, _ in running.values():
            process.terminate()
        for process, _, _, _ in running.values():
            process.join()
    return failed


def _child(config: dict[str, Any], task: Task, device: str, pipe: Connection) -> None:
    """The body of a local process; a refusal is told to the parent in its own words."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the parent, which ends its children
    try:
        work(config, task, device)
    except (ValueError, RuntimeError) as error:
        pipe.send(f"{type(error).__name__}: {error}")


def _said(pipe: Connection) -> str | None:
    try:
        return str(pipe.recv()) if pipe.poll() else None
    except EOFError:
        return None
    finally:
        pipe.close()


def _device(device: str, slot: int) -> str:
    """Local processes take turns on the machine's GPUs."""
    if device != "cuda":
        return device
    import torch

    return f"cuda:{slot % max(1, torch.cuda.device_count())}"


def _on_cluster(todo: list[TrainConfig], task: Task, address: str, tell: Callable[[str], None]) -> dict[str, str]:
    """One Dask task a run; a GPU run claims one unit of the worker resource GPU, so that no two share a device."""
    from dask.distributed import Client, as_completed

    failed: dict[str, str] = {}
    resources = {"GPU": 1} if task.device.startswith("cuda") else None
    with Client(address, set_as_default=False) as client, client.as_current():  # type: ignore[no-untyped-call]  # distributed ships no types
        futures = {
            client.submit(work, asdict(c), task, task.device, key=c.name, pure=False, resources=resources): c.name
            for c in todo
        }
        for future in as_completed(futures):  # type: ignore[no-untyped-call]  # likewise
            name = futures[future]
            if future.status != "finished":
                failed[name] = str(future.exception())
                continue
            path = task.out / f"{name}.json"
            if not path.exists():  # the workers' disk is not ours: keep what they sent
                record.write(record.Record(**future.result()), path)
            tell(name)
    return failed


def _seconds(config: TrainConfig, scale: Scale) -> float:
    images = IMAGES if config.limit is None else 10 * config.limit
    passes = images * config.epochs * (2 if config.optimiser == "sam" else 1)
    return passes / PASSES_PER_SECOND[scale, config.model]
