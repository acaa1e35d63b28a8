"""How a model of the user's own is trained: frozen, with a unit on each line. No torch here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from saddlecheck.nets.setting_checks import SEEDS, is_real, require, whole

Schedule = Literal["constant", "cosine"]
_WHOLE = {
    "epochs": 1, "batch_size": 1, "seed": 0, "warmup": 0, "accumulate": 1, "evaluate_every": 1, "micro_batch": 1,
    "monitor_every": 1,
}  # fmt: skip
_MAY_BE_NONE = ("micro_batch", "monitor_every")


@dataclass(frozen=True)
class FitConfig:
    """Everything but model, data, loss and optimiser that decides the numbers of `fit`.

    Raises:
        ValueError: a value outside its domain, or of another type.

    Example:
        >>> from saddlecheck.nets import FitConfig
        >>> FitConfig(epochs=20, warmup=9).factor(step=4, steps=100)
        0.5
    """

    epochs: int = 10
    batch_size: int = 128  # samples; a DataLoader has its own
    seed: int = 0  # of the order of the samples, and of what the model draws (dropout)
    schedule: Schedule = "constant"
    warmup: int = 0  # steps in which the learning rate rises linearly from 0
    clip: float | None = None  # largest norm of the gradient that the base optimiser is given
    accumulate: int = 1  # mini-batches a step
    micro_batch: int | None = None  # m-SAM: samples that share an ascent; None for the whole mini-batch
    same_draws: bool = False  # both passes of SAM draw the same random numbers (dropout masks)
    evaluate_every: int = 1  # epochs
    monitor_every: int | None = 20  # steps between two readings of SAM's gradients; None for never

    def __post_init__(self) -> None:
        for name, least in _WHOLE.items():
            if (value := getattr(self, name)) is not None or name not in _MAY_BE_NONE:
                object.__setattr__(self, name, whole(name, value, least))
        require(self.seed < SEEDS, "seed is less than 2**63", self.seed)
        require(
            self.schedule in get_args(Schedule), f"schedule is one of {', '.join(get_args(Schedule))}", self.schedule
        )
        require(isinstance(self.same_draws, bool), "same_draws is True or False", self.same_draws)
        if self.clip is not None:
            require(is_real(self.clip) and self.clip > 0.0, "clip is a finite number > 0, or None", self.clip)
            object.__setattr__(self, "clip", float(self.clip))
        require(self.micro_batch is None or self.accumulate == 1, "micro_batch goes with accumulate=1", self.accumulate)

    def factor(self, *, step: int, steps: int) -> float:
        """What each group's own learning rate is multiplied with at step 0, 1, …, steps - 1.

        Args:
            step: the step's number.
            steps: of the whole run.

        Returns:
            (step + 1) / (warmup + 1) during the warm-up, then 1, or half a cosine from 1 towards 0.
        """
        if step < self.warmup:
            return (step + 1) / (self.warmup + 1)
        if self.schedule == "constant":
            return 1.0
        return 0.5 * (1.0 + math.cos(math.pi * (step - self.warmup) / max(1, steps - self.warmup)))
