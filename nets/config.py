"""The configuration of a training run: frozen, with a unit on each line. No torch here: records are read with it."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from saddlecheck.nets.setting_checks import SEEDS, is_real, require, whole

Name = Literal["cifar10", "cifar100"]
Model = Literal["resnet18", "small-cnn"]
CHOICES: dict[str, tuple[str, ...]] = {
    "dataset": get_args(Name),
    "model": get_args(Model),
    "optimiser": ("sgd", "sam"),
    "ascent": ("same", "independent"),
    "schedule": ("cosine", "constant"),
    "precision": ("float32", "bfloat16"),
    "compile": ("no", "default", "reduce-overhead", "captured", "captured-default"),
}
LEAST = {
    "width": 1, "batch_size": 1, "epochs": 1, "seed": 0, "evaluate_every": 1, "diagnose_every": 0, "pool": 1,
    "limit": 1,
}  # fmt: skip


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a run's numbers, with units. Numbers become Python's own: an lr of 1 is 1.0.

    Raises:
        ValueError: a value outside its domain, or of another type.
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
    # Of the network, as torch.compile has it; captured: the whole step is one CUDA graph (nets/captured.py), of the
    # network's own kernels or of compiled ones. On a CPU "captured" takes the same step and records nothing.
    compile: Literal["no", "default", "reduce-overhead", "captured", "captured-default"] = "no"
    evaluate_every: int = 10  # epochs
    diagnose_every: int = 0  # epochs between gradient cosines and Hessian eigenvalues; 0 for never

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            require(getattr(self, name) in allowed, f"{name} is one of {', '.join(allowed)}", getattr(self, name))
        for name in ("batch_norm", "augment", "normalise"):
            require(isinstance(getattr(self, name), bool), f"{name} is True or False", getattr(self, name))
        for name, least in LEAST.items():
            if (value := getattr(self, name)) is not None or name != "limit":
                object.__setattr__(self, name, whole(name, value, least))
        require(self.pool in (1, 2, 4), "pool is 1, 2 or 4 pixels", self.pool)
        require(self.seed < SEEDS, "seed is less than 2**63", self.seed)
        for name in ("rho", "momentum", "lr", "weight_decay"):
            value = getattr(self, name)
            require(is_real(value) and value >= 0.0, f"{name} is a finite number >= 0", value)
            object.__setattr__(self, name, float(value))
        require(self.lr > 0.0, "lr, the learning rate, is a finite number > 0", self.lr)
        require(self.momentum < 1.0, "momentum lies in [0, 1)", self.momentum)
        require(self.optimiser == "sam" or self.rho == 0.0, "SGD has no rho: set it to 0", self.rho)

    @classmethod
    def of(cls, data: Any) -> TrainConfig:
        """The configuration that a record or a checkpoint holds; every field has to be there.

        Returns:
            The configuration, checked as a new one is.

        Raises:
            ValueError: fields are missing or unknown, or a value is outside its domain.
        """
        if not isinstance(data, dict):
            raise ValueError(f"a configuration is a table of settings, got {type(data).__name__}.")  # noqa: TRY004  bad data
        known = {f.name for f in fields(cls)}
        for what, names in (("lacks", known - data.keys()), ("has the unknown setting", data.keys() - known)):
            if names:
                raise ValueError(f"its configuration {what} {', '.join(sorted(map(str, names)))}.")
        return cls(**data)

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
