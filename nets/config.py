"""The configuration of a training run: frozen, with a unit on each line."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from nets.data import LAYOUTS, Name
from nets.resnet import Model


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a run's numbers, with units.

    Raises:
        ValueError: a value outside its domain.
    """

    dataset: Name = "cifar10"
    limit: int | None = None  # training images a class; None for all
    pool: int = 1  # side of the pixel blocks that are averaged; 1 for 32 x 32 images
    model: Model = "resnet18"
    width: int = 64  # channels of the first stage
    batch_norm: bool = False
    augment: bool = False  # random crop with 4 pixels of padding (2 for pooled images), and flip
    optimiser: Literal["sgd", "sam"] = "sam"
    rho: float = 0.1  # weight if normalised, weight per gradient if not; 0 for SGD
    normalise: bool = True  # rho over the gradient's norm
    ascent: Literal["same", "independent"] = "same"  # mini-batch of the ascent: two different laws
    momentum: float = 0.0
    lr: float = 0.1  # weight per gradient, at the first step
    schedule: Literal["cosine", "constant"] = "cosine"
    weight_decay: float = 5e-4  # per unit of lr, in the descent step only
    batch_size: int = 512  # images
    epochs: int = 300
    seed: int = 0  # of weights, order, crops and flips
    precision: Literal["float32", "bfloat16"] = "float32"  # of the forward pass; weights stay float32
    compile: Literal["no", "default", "reduce-overhead"] = "no"  # the last one uses CUDA graphs
    evaluate_every: int = 10  # epochs
    diagnose_every: int = 0  # epochs between gradient cosines and Hessian eigenvalues; 0 for never

    def __post_init__(self) -> None:
        checks: list[tuple[bool, str]] = [
            (self.dataset in LAYOUTS, f"dataset is one of {', '.join(LAYOUTS)}, got {self.dataset!r}."),
            (self.model in get_args(Model), f"model is one of {', '.join(get_args(Model))}, got {self.model!r}."),
            (self.optimiser in ("sgd", "sam"), f"optimiser is sgd or sam, got {self.optimiser!r}."),
            (0.0 <= self.rho < math.inf, f"rho is a finite number >= 0, got {self.rho}."),
            (self.optimiser == "sam" or self.rho == 0.0, f"SGD has no rho, got {self.rho}: set it to 0."),
            (0.0 <= self.momentum < 1.0, f"the momentum lies in [0, 1), got {self.momentum}."),
            (0.0 < self.lr < math.inf, f"the learning rate is a finite number > 0, got {self.lr}."),
            (0.0 <= self.weight_decay < math.inf, f"weight_decay is finite and >= 0, got {self.weight_decay}."),
            (self.batch_size >= 1 and self.epochs >= 1, "batch_size and epochs are at least 1."),
            (self.evaluate_every >= 1, f"evaluate_every is at least 1 epoch, got {self.evaluate_every}."),
            (self.precision in ("float32", "bfloat16"), f"precision {self.precision!r} is not offered."),
            (self.ascent in ("same", "independent"), f"ascent is same or independent, got {self.ascent!r}."),
        ]
        for holds, message in checks:
            if not holds:
                raise ValueError(message)

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of step 0, 1, …, steps - 1: a pure function, so that resuming needs no state for it."""
        if self.schedule == "constant":
            return self.lr
        return self.lr * 0.5 * (1.0 + math.cos(math.pi * step / steps))

    @property
    def name(self) -> str:
        """A file name that tells runs apart."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:8]
        rule = "sgd" if self.optimiser == "sgd" else f"sam-rho{self.rho:g}"
        return f"{self.model}-{rule}-m{self.momentum:g}-b{self.batch_size}-s{self.seed}-{digest}"
