"""Training records with chosen ends, of the kind that train writes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from saddlecheck.nets import record
from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig

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
    """The cells of Figure 8, as the paper has them: the loss rises with the batch size and falls with the momentum."""
    cells = [(b, 0.0, 0.3 * k) for k, b in enumerate((64, 128, 256, 512), 1)]
    cells += [(512, m, 1.2 - 0.3 * k) for k, m in enumerate((0.5, 0.9, 0.95), 1)]
    for seed in range(seeds):
        for batch, momentum, loss in cells:
            rule = {"batch_size": batch, "momentum": momentum, "seed": seed}
            wobble = 0.001 * seed * (1 + momentum)
            fake(folder, 0.9 - 0.2 * loss - wobble, loss=loss + wobble, **{**rule, **fields})


def table_1(folder: Path, *, seeds: int = 3, diverged: tuple[int, ...] = (), **fields: object) -> None:
    """The cells of Table 1 as its claim has them; the seeds in `diverged` diverge with momentum 0.9."""
    for seed in range(seeds):
        for rho in (0.01, 0.05, 0.1, 0.5):
            for momentum in (0.0, 0.9, 0.95):
                best = 0.01 if (rho, momentum) == (0.1, 0.95) else 0.0
                accuracy = 0.9 - 0.1 * rho + (0.01 + 0.05 * rho + best if momentum else 0.0)
                settings = {"rho": rho, "momentum": momentum, "seed": seed, "batch_norm": True, "augment": True}
                lost = momentum == 0.9 and seed in diverged
                fake(folder, accuracy + 1e-4 * seed * (1 + momentum), diverged=lost, **{**settings, **fields})
