"""On which steps SAM climbs: `SAM(..., when=Every(5))`. The others are the base optimiser's own and cost one pass.

`when` is any function of the step's number, from 0 on; `when=lambda step: step >= 1000` climbs late.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from saddlecheck.nets.rounding import generator_of


@dataclass(frozen=True)
class Every:
    """The first of every k steps.

    Args:
        steps: k.

    Example:
        >>> from saddlecheck.nets import Every
        >>> [Every(3)(step) for step in range(6)]
        [True, False, False, True, False, False]
    """

    steps: int = 5

    def __post_init__(self) -> None:
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise ValueError(f"SAM climbs on every 1st, 2nd, … step, got {self.steps!r}.")

    def __call__(self, step: int) -> bool:
        """Whether this step climbs."""
        return step % self.steps == 0


@dataclass(frozen=True)
class Sometimes:
    """A random fraction of the steps, by a draw that depends on the seed and the step's number alone.

    Args:
        fraction: probability of an ascent.
        seed: of the draws; all ranks draw the same ones.

    Example:
        >>> from saddlecheck.nets import Sometimes
        >>> 200 < sum(Sometimes(0.25)(step) for step in range(1000)) < 300  # deviation 14
        True
    """

    fraction: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 <= self.fraction <= 1.0:
            raise ValueError(f"the fraction of steps with an ascent is a number from 0 to 1, got {self.fraction}.")

    def __call__(self, step: int) -> bool:
        """Whether this step climbs."""
        draw = torch.rand((), generator=generator_of(step, self.seed, torch.device("cpu")))
        return bool(draw < self.fraction)
