"""Training records with chosen ends, of the kind that train writes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from nets import record
from nets.archive import LAYOUTS
from nets.config import TrainConfig

OFFICIAL = LAYOUTS["cifar10"].sha256
COPY = "ab" * 32
FOUR = (("sgd", 0.0, 0.0, 0.6), ("sgd", 0.0, 0.9, 0.65), ("sam", 0.1, 0.0, 0.55), ("sam", 0.1, 0.9, 0.55))


def fake(
    folder: Path,
    accuracy: float,
    *,
    sha256: str = COPY,
    loss: float = 1.0,
    diverged: bool = False,
    place: str = "",
    **fields: object,
) -> Path:
    """Write one record; with the official archive's SHA-256 it is of the paper's scale."""
    config = dataclasses.replace(TrainConfig(), **fields)
    ends = {"epoch": 300, "train_loss": loss, "train_accuracy": 1.0, "test_loss": 1.0, "test_accuracy": accuracy}
    result = {
        "source": f"made up ({sha256[:16]})",
        "sha256": sha256,
        "diverged": diverged,
        "batch_loss": [2.0, None if diverged else loss],
        "evaluations": [] if diverged else [ends],
        "diagnostics": [],
    }
    path = folder / f"{place}{config.name}.json"
    record.write(record.make("training", dataclasses.asdict(config), result), path)
    return path


def figure_9(folder: Path, sam_gain: float, *, seeds: int = 3, **fields: object) -> None:
    """The four cells of Figure 9: momentum gains SGD 0.05, and SAM what is asked for."""
    for seed in range(seeds):
        for optimiser, rho, momentum, accuracy in FOUR:
            gain = sam_gain if (optimiser, momentum) == ("sam", 0.9) else 0.0
            wobble = 0.001 * seed * (1 if momentum else -1)
            rule = {"optimiser": optimiser, "rho": rho, "momentum": momentum, "seed": seed}
            fake(folder, accuracy + gain + wobble, **{**rule, **fields})


def figure_8(folder: Path, *, seeds: int = 3, **fields: object) -> None:
    """The cells of Figure 8, as the paper has them."""
    for seed in range(seeds):
        for batch, momentum, loss, accuracy in ((64, 0.0, 0.1, 0.8), (512, 0.0, 1.2, 0.58), (512, 0.9, 0.01, 0.77)):
            rule = {"batch_size": batch, "momentum": momentum, "seed": seed}
            fake(folder, accuracy + 0.001 * seed, loss=loss + 0.001 * seed, **{**rule, **fields})


def table_1(folder: Path, *, seeds: int = 3, diverged: tuple[int, ...] = (), **fields: object) -> None:
    """The cells of Table 1 as its claim has them; the seeds in `diverged` diverge with momentum 0.9."""
    for seed in range(seeds):
        for rho in (0.01, 0.05, 0.1, 0.5):
            for momentum in (0.0, 0.9):
                accuracy = 0.9 - 0.1 * rho + (0.01 + 0.05 * rho if momentum else 0.0) + 0.0001 * seed * (1 + momentum)
                lost = bool(momentum) and seed in diverged
                settings = {"rho": rho, "momentum": momentum, "seed": seed, "batch_norm": True, "augment": True}
                fake(folder, accuracy, diverged=lost, **{**settings, **fields})
