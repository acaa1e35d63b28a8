"""A CIFAR run's network and data as a task, so that what looks at a user's own model looks at them too."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.data import Split, load, normalised
from saddlecheck.nets.resnet import build
from saddlecheck.nets.task import Task


def cifar_task(config: TrainConfig, data: Path | None) -> Task:
    """The network at the start of a run, and its images without augmentation.

    Args:
        config: of the run.
        data: archive or folder in CIFAR's binary format; None fetches the official archive.

    Returns:
        The task, on the CPU.
    """
    images = load(config.dataset, data, limit=config.limit, pool=config.pool)
    model = build(
        config.model, classes=images.classes, width=config.width, batch_norm=config.batch_norm, seed=config.seed
    )

    def pairs(split: Split) -> tuple[Tensor, Tensor]:
        return normalised(split.images, images.mean, images.std, torch.float32), split.labels

    metrics = {"accuracy": lambda output, target: (output.argmax(1) == target).float().mean()}
    return Task(model, pairs(images.train), nn.functional.cross_entropy, test=pairs(images.test), metrics=metrics)
