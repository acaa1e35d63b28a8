"""Training records in groups of like with like: what a contrast may subtract. No torch here.

Two runs are pooled when they agree in everything but their seed and what the contrast varies. What only measures or
only makes fast (how often a run is evaluated, compilation, the device) is left out of the comparison; precision is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Set
from dataclasses import asdict, dataclass, field
from typing import Any

from saddlecheck.nets import grids
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.record import Record

MEASURING = frozenset({"compile", "evaluate_every", "diagnose_every"})
ENDS = ("train_loss", "test_accuracy")  # what contrasts are about


@dataclass(frozen=True)
class Trained:
    """A training record that was looked through.

    Attributes:
        config: what was asked for.
        source, sha256: of the data.
        diverged: the loss left the numbers.
        ends: the last evaluation, empty for a run that diverged before its first.
        record: all of it.
    """

    config: TrainConfig
    source: str
    sha256: str
    diverged: bool
    ends: Mapping[str, float]
    record: Record = field(repr=False)

    @property
    def scale(self) -> grids.Size:
        """Computed from the configuration and the data, whatever the record states."""
        return grids.scale_of(self.config, self.sha256)


def trained(record: Record) -> Trained:
    """A training record as contrasts read it.

    Returns:
        Its configuration, data, whether it diverged, and the last values of its curves.

    Raises:
        ValueError: it lacks something; the message says what.
    """
    config, result = TrainConfig.of(record.config), record.result
    kinds = {"source": str, "sha256": str, "diverged": bool, "batch_loss": list, "evaluations": list}
    for name, kind in kinds.items():
        if not isinstance(result.get(name), kind):
            raise ValueError(f"its result has no {name}, or one of another type.")  # noqa: TRY004  a bad file
    last = result["evaluations"][-1] if result["evaluations"] else {}
    numbers = isinstance(last, dict) and all(
        isinstance(x := last.get(name), int | float) and math.isfinite(x) for name in ENDS
    )
    if not result["diverged"] and not numbers:
        raise ValueError("its result has no evaluation at the end.")
    ends = {name: float(last[name]) for name in ENDS} if numbers else {}
    return Trained(config, result["source"], result["sha256"], result["diverged"], ends, record)


@dataclass(frozen=True)
class Group:
    """Runs that agree in all but their seed and `varied`, the settings that the contrast compares."""

    varied: frozenset[str]
    runs: tuple[Trained, ...]

    @property
    def scale(self) -> grids.Size:
        """`full` only if each of the runs is."""
        return "full" if all(r.scale == "full" for r in self.runs) else "reduced"

    def __str__(self) -> str:
        """What the runs have in common, as a reader would say it."""
        r = self.runs[0]
        c = r.config
        words = {
            "model": f"{c.model} of width {c.width}",
            "batch_norm": "batch norm" if c.batch_norm else "no batch norm",
            "augment": "augmentation" if c.augment else "no augmentation",
            "optimiser": "SGD" if c.optimiser == "sgd" else f"SAM{'' if c.normalise else ' with constant rho'}",
            "ascent": "" if c.ascent == "same" else "another mini-batch for the ascent",
            "rho": f"rho {c.rho:g}" if c.optimiser == "sam" else "",
            "momentum": f"momentum {c.momentum:g}",
            "batch_size": f"B = {c.batch_size}",
            "lr": f"learning rate {c.lr:g}",
            "schedule": f"{c.schedule} schedule",
            "weight_decay": f"weight decay {c.weight_decay:g}",
            "epochs": f"{c.epochs} epochs",
            "pool": "" if c.pool == 1 else f"{32 // c.pool} x {32 // c.pool} pixels",
            "precision": c.precision,
        }
        said = ", ".join(text for name, text in words.items() if text and name not in self.varied)
        return f"{said}, on {r.source}"


def groups(runs: Iterable[Trained], varied: Set[str]) -> list[Group]:
    """The runs by what they agree in, in an order that does not depend on theirs."""
    found: dict[tuple[Any, ...], list[Trained]] = {}
    for run in runs:
        settings = {k: v for k, v in asdict(run.config).items() if k not in varied | MEASURING | {"seed"}}
        found.setdefault((run.sha256, run.source, *map(str, settings.values())), []).append(run)
    return [
        Group(frozenset(varied), tuple(sorted(found[key], key=lambda r: (r.config.name, r.record.finished))))
        for key in sorted(found)
    ]
