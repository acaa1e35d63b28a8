"""One training run on CIFAR: SGD or SAM, from a frozen configuration to a record.

Records of this script name their device; those of one GPU and of one CPU core lie in verification/records/.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from saddlecheck.nets import archive, record
from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.data import load
from saddlecheck.nets.finished import finished
from saddlecheck.nets.lock import alone
from saddlecheck.nets.run import Run
from saddlecheck.nets.saved_run import report, resume, save
from saddlecheck.nets.weights import save_weights

Progress = Callable[[int, dict[str, Any]], None]


def train(
    config: TrainConfig,
    *,
    data: Path | None = None,
    out: Path,
    device: str = "cpu",
    claims: Iterable[str] = (),
    explained: bool = False,
    checkpoint_seconds: float = 30.0,
    progress: Progress | None = None,
) -> record.Record:
    """Run `config` to its end, from its last checkpoint if there is one, and return its record.

    A finished run is not repeated: its record is read, once it is known to belong to this configuration, these data
    and this code. The record and the checkpoint lie in the folder `out` under `config.name`. On the CPU with one
    thread a killed and resumed run ends with bit-identical numbers. A run that another process is at is waited for.

    Args:
        config: what to run.
        data: archive or folder in CIFAR's binary format; None fetches the official archive.
        out: folder of records.
        device: a torch device.
        claims: ids of claims that the record bears on.
        explained: keep the final weights, `config.name` with the suffix .safetensors, and say in the record where the
            run has ended. A sweep of hundreds of runs does neither.
        checkpoint_seconds: at least so long between two checkpoints, which are written at the end of an epoch.
        progress: called with the number of finished epochs and the curves so far.

    Returns:
        The record, as it lies in the folder.

    Raises:
        ValueError: bad data; a checkpoint that is not this run's; a file in the record's place that is no record, or
            one of another run, of other data, or of code that computed something else.
        OSError: `out` cannot be written.
    """
    path = out / f"{config.name}.json"
    out.mkdir(parents=True, exist_ok=True)
    with alone(out / f".{config.name}.lock", config.name):
        done = finished(config, path, archive.digest(LAYOUTS[config.dataset], data)) if path.exists() else None
        if done is not None:
            return done
        run = Run(config, load(config.dataset, data, limit=config.limit, pool=config.pool, device=device), device)
        saved = out / f"{config.name}.checkpoint.npz"
        if saved.exists():
            resume(run, saved)
        begin, last = time.perf_counter() - run.seconds, time.perf_counter()
        while not run.finished:
            run.epoch()
            run.seconds = time.perf_counter() - begin
            if progress is not None:
                progress(run.epochs_done, run.curves)
            if time.perf_counter() - last >= checkpoint_seconds and not run.finished:
                save(run, saved)
                last = time.perf_counter()
        if explained:
            save(run, saved)  # explaining takes long, and an interruption costs no training then
            save_weights(run.model, path.with_suffix(".safetensors"))
        made = report(run, claims, explained=explained)
        record.write(made, path)
        saved.unlink(missing_ok=True)
        return made
