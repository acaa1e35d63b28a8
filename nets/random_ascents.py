"""Random ascents: ESAM's masks, with its choice of samples, and a perturbation that knows nothing of the gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from saddlecheck.nets.ascent import Live
from saddlecheck.nets.ascent_memory import Memory
from saddlecheck.nets.climbing import Ascent, all_weights
from saddlecheck.nets.rounding import generator_of
from saddlecheck.nets.wrapper import WrappedOptimizer


@dataclass(frozen=True)
class ESAM(Ascent):
    """ESAM's stochastic weight perturbation (attributed to Du et al., 2022): entries of the ascent are kept at random.

    With probability b an entry is kept and divided by b, so that the mean is SAM's ascent; the norm is that of the
    whole gradient. ESAM's other half, the choice of the samples whose loss the ascent raises most, needs the losses of
    single samples: a closure gives their mean, so it is not part of the optimiser. In the two-step form it is one line,
    `loss_after[sharpest(loss_before, loss_after, share)].mean().backward()`.

    Args:
        keep: b.
        seed: of the masks; all ranks draw the same ones.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import ESAM, SAM
        >>> w = torch.nn.Parameter(torch.ones(4, dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=1.0, normalised=False, ascent=ESAM(0.5))
        >>> (w**2 / 2).sum().backward()
        >>> optimiser.first_step()
        >>> sorted(set(w.tolist()))  # 1 where left out, 1 + 1 / 0.5 elsewhere
        [1.0, 3.0]
    """

    keep: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0.0 < self.keep <= 1.0:
            raise ValueError(f"ESAM keeps an entry with a probability above 0, up to 1, got {self.keep}.")

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """The gradient with entries left out."""
        masked: list[Live] = []
        for index, (group, weights, gradients) in enumerate(live):
            draws = generator_of(memory.taken, index + self.seed * 1009, weights[0].device)
            kept = [torch.rand(g.shape, generator=draws, device=g.device) < self.keep for g in gradients]
            masked.append((group, weights, [g * k / self.keep for g, k in zip(gradients, kept, strict=True)]))
        return masked


def sharpest(before: Tensor, after: Tensor, share: float) -> Tensor:
    """ESAM's choice of samples (attributed to Du et al., 2022): those whose loss the ascent has raised most.

    Args:
        before: losses at w, shape (n,).
        after: those of the same samples at w^p.
        share: of the samples to be chosen, above 0, up to 1.

    Returns:
        Places of the ceil(share n) samples, those with the largest rise first.

    Raises:
        ValueError: the shapes differ, or the share is not in its range.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import sharpest
        >>> sharpest(torch.tensor([1.0, 1.0, 1.0]), torch.tensor([1.5, 3.0, 1.0]), 0.5).tolist()
        [1, 0]
    """
    if before.shape != after.shape or before.dim() != 1:
        raise ValueError(f"the losses are one a sample, twice: got shapes {tuple(before.shape)}, {tuple(after.shape)}.")
    if not 0.0 < share <= 1.0:
        raise ValueError(f"the share of samples is above 0, up to 1, got {share}.")
    return torch.topk((after - before).detach(), math.ceil(share * len(before))).indices


@dataclass(frozen=True)
class RandomPerturbation(Ascent):
    """The gradient at a random point about w, D normal with mean 0 and variance 1; one pass a step.

    With constant rho w^p = w + rho D; normalised, w^p is uniform on the sphere of radius rho about w.

    Args:
        seed: of the draws; all ranks draw the same ones.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, RandomPerturbation
        >>> w = torch.nn.Parameter(torch.zeros(1000, dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=0.5, ascent=RandomPerturbation())
        >>> optimiser.first_step()
        >>> round(w.norm().item(), 9)
        0.5
    """

    sees: ClassVar[bool] = False
    own_length: ClassVar[bool] = True
    seed: int = 0

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """Normal numbers."""
        drawn: list[Live] = []
        for index, (group, weights) in enumerate(all_weights(optimiser)):
            draws = generator_of(memory.taken, index + self.seed * 1009, weights[0].device)
            normal: Sequence[Tensor] = [
                torch.randn(p.shape, generator=draws, device=p.device).to(torch.promote_types(p.dtype, torch.float32))
                for p in weights
            ]
            drawn.append((group, weights, list(normal)))
        return drawn
