"""What an experiment with the toy neuron is given: the rule, its sizes, the seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Rule = Literal["sgd", "sam", "sam_normalised"]
Floats = NDArray[np.float64]
EPS = 1e-12  # the constant of saddlecheck.nets.sam.SAM


@dataclass(frozen=True)
class Settings:
    """One experiment with the toy neuron.

    rule: plain gradient, constant rho, or normalised rho.  eta: learning rate.  rho: weight per gradient (constant)
    or weight (normalised).  batch: samples a step, up to 64; None for the expected loss.  gamma: momentum.
    steps: updates.  seeds: how many, from `first_seed` on; seed i starts at w1 ~ U[-0.1, 0.1], w2 ~ U[0, 1].

    Raises:
        ValueError: a value outside its domain.
    """

    rule: Rule = "sgd"
    eta: float = 0.003
    rho: float = 0.0
    batch: int | None = 1
    gamma: float = 0.0
    steps: int = 10_000
    seeds: int = 1_000
    first_seed: int = 0

    def __post_init__(self) -> None:
        if self.rule not in get_args(Rule):
            raise ValueError(f"rule is one of {', '.join(get_args(Rule))}, got {self.rule!r}.")
        if not 0.0 < self.eta < math.inf:
            raise ValueError(f"the learning rate eta is a finite number > 0, got {self.eta}.")
        if not 0.0 <= self.rho < math.inf:
            raise ValueError(f"rho is a finite number >= 0, got {self.rho}.")
        if self.rule == "sgd" and self.rho != 0.0:
            raise ValueError(f"plain SGD has no rho, got {self.rho}: name the rule sam or sam_normalised.")
        if not 0.0 <= self.gamma < 1.0:
            raise ValueError(f"the momentum gamma lies in [0, 1), got {self.gamma}.")
        if self.batch is not None and not 1 <= self.batch <= 64:
            raise ValueError(f"a batch holds 1 to 64 samples, or None for the expected loss; got {self.batch}.")
        if self.steps < 1 or self.seeds < 1 or self.first_seed < 0:
            raise ValueError(f"steps and seeds are at least 1, got {self.steps} and {self.seeds}.")
