"""A run's checkpoint and its record, each with the replay that identifies its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch.nn.functional import cross_entropy

from saddlecheck.nets import checkpoint, grids, record, replay
from saddlecheck.nets.explaining import explain
from saddlecheck.nets.recorder import describe, named
from saddlecheck.nets.run import Run


def save(run: Run, path: Path) -> None:
    """Write a checkpoint of a run."""
    meta = {
        "config": asdict(run.config),
        "sha256": run.data.sha256,
        "replay": replay.walk("training", asdict(run.config), {}),
        "epochs_done": run.epochs_done,
        "step": run.step,
        "seconds": run.seconds,
        "curves": run.curves,
    }
    checkpoint.save(path, run.model, run.optimiser, meta)


def resume(run: Run, path: Path) -> None:
    """Go on from a checkpoint.

    Raises:
        ValueError: it belongs to another configuration, other data or other code.
    """
    meta = checkpoint.load(path, run.model, run.optimiser)
    now = replay.walk("training", asdict(run.config), {})
    same = {
        "configuration": meta.get("config") == asdict(run.config),
        "data set": meta.get("sha256") == run.data.sha256,
        "code": replay.difference(meta.get("replay", {}), now) is None,
    }
    for what, holds in same.items():
        if not holds:
            raise ValueError(f"{path.name} was written with another {what}: delete it to start the run over.")
    run.epochs_done, run.step, run.seconds = meta["epochs_done"], meta["step"], meta["seconds"]
    run.curves = meta["curves"]


def report(run: Run, claims: Iterable[str], *, explained: bool = False) -> record.Record:
    """The record of what a run has done; `explained` says in it where the run has ended."""
    result: dict[str, Any] = {
        "source": run.data.source,
        "sha256": run.data.sha256,
        "epochs_done": run.epochs_done,
        "diverged": run.diverged,
        "parameters": sum(p.numel() for p in run.model.parameters()),
        **run.curves,
    }
    if explained:
        found = explain(run.model, cross_entropy, run.probe(), run.optimiser, curves=run.curves)
        result |= {"optimiser": record.plain(describe(run.optimiser)), "explanation": asdict(found)}
    return record.make(
        "training",
        asdict(run.config),
        result,
        claims=claims,
        scale=grids.scale_of(run.config, run.data.sha256),
        device=named(run.device),
        seconds=run.seconds,
    )
