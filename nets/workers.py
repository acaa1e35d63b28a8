"""Where the runs of a sweep happen: a process a run on this machine, or a Dask cluster.

The processes of a sweep end with it, however it ends: each watches the one that started it.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from saddlecheck.nets import record
from saddlecheck.nets.config import TrainConfig

LOG = logging.getLogger(__name__)
ATTEMPTS = 3  # a run killed so often is reported, not tried again


@dataclass(frozen=True)
class SweepTask:
    """What the runs of a sweep have in common."""

    data: Path | None
    out: Path
    device: str
    claims: tuple[str, ...]
    checkpoint_seconds: float


def work(config: dict[str, Any], task: SweepTask, device: str) -> dict[str, Any]:
    """One run, in whatever process this is; the record as JSON data."""
    import torch

    from saddlecheck.nets.train import train

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


def local(todo: list[TrainConfig], task: SweepTask, jobs: int, tell: Callable[[str], None]) -> dict[str, str]:
    """A fresh process for each run: one that is killed affects no other and is started again."""
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
                LOG.info("%s: process %s, attempt %d", config.name, process.pid, attempts[config.name])
                running[process.sentinel] = (process, mine, config, slot)
            for sentinel in wait(list(running)):
                process, pipe, config, _ = running.pop(int(sentinel))  # type: ignore[arg-type]  # sentinels are numbers
                process.join()
                said = _said(pipe)
                if said is None and process.exitcode == 0:
                    tell(config.name)
                elif said is not None or attempts[config.name] >= ATTEMPTS:
                    failed[config.name] = said or f"died {ATTEMPTS} times, last with exit code {process.exitcode}"
                    LOG.error("%s: %s", config.name, failed[config.name])
                else:
                    LOG.warning("%s: killed (code %s), to go on from its checkpoint", config.name, process.exitcode)
                    pending.append(config)
    finally:
        for process, _, _, _ in running.values():
            process.terminate()
        for process, _, _, _ in running.values():
            process.join()
    return failed


def _child(config: dict[str, Any], task: SweepTask, device: str, pipe: Connection) -> None:
    """The body of a local process; a refusal is passed on to the parent as it stands."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the parent, which ends its children
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        work(config, task, device)
    except (ValueError, RuntimeError, OSError) as error:
        pipe.send(f"{type(error).__name__}: {error}")


def _end_with_parent() -> None:
    """Wait for the sweep's own process and end with it: a signal that kills it reaches no other process."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)  # checkpoints and records are whole or absent at any moment


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


def on_cluster(todo: list[TrainConfig], task: SweepTask, address: str, tell: Callable[[str], None]) -> dict[str, str]:
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
                LOG.error("%s: %s", name, failed[name])
                continue
            path = task.out / f"{name}.json"
            if not path.exists():  # the workers' disk is not ours: keep what they sent
                record.write(record.Record(**future.result()), path)
            tell(name)
    return failed
