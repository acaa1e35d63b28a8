"""Ascents along what earlier steps have left: an average, the last gradient, the base optimiser's momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from saddlecheck.nets.ascent import Live
from saddlecheck.nets.ascent_memory import Memory
from saddlecheck.nets.climbing import Ascent, all_weights
from saddlecheck.nets.wrapper import WrappedOptimizer


@dataclass(frozen=True)
class FriendlySAM(Ascent):
    r"""Friendly SAM (attributed to Li et al., 2024): the ascent is along $g - \sigma m$, $m' = \beta m + (1 - \beta)g$.

    The mean m, which starts at 0, holds this step's gradient already. With sigma = 1 and normalised rho that changes
    nothing: $g - m' = \beta(g - m)$.

    Args:
        sigma: how much of the mean is taken away.
        beta: of the mean.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, FriendlySAM
        >>> w = torch.nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=1.0, normalised=False, ascent=FriendlySAM(1.0, 0.5))
        >>> (w**2 / 2).sum().backward()
        >>> optimiser.first_step()
        >>> w.item()  # 4 + (4 - 0.5 * 4)
        6.0
    """

    own_length: ClassVar[bool] = True
    mixes: ClassVar[bool] = True
    sigma: float = 1.0
    beta: float = 0.9

    def __post_init__(self) -> None:
        if not (self.sigma >= 0.0 and 0.0 <= self.beta < 1.0):
            raise ValueError(f"Friendly SAM takes sigma >= 0 and 0 <= beta < 1, got {self.sigma} and {self.beta}.")

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """What is left of the gradient."""
        found: list[Live] = []
        for group, weights, gradients in live:
            mean = memory.of("mean", weights)
            wide = [g.to(m.dtype) for g, m in zip(gradients, mean, strict=True)]
            torch._foreach_lerp_(mean, wide, 1.0 - self.beta)
            found.append((group, weights, list(torch._foreach_sub(wide, mean, alpha=self.sigma))))
        return found


@dataclass(frozen=True)
class StaleAscent(Ascent):
    """The ascent is along the gradient of the step before, at its weights; the first step has none and does not climb.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, StaleAscent
        >>> w = torch.nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.5, rho=1.0, normalised=False, ascent=StaleAscent())
        >>> def closure():
        ...     loss = (w**2 / 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> _ = optimiser.step(closure)  # to 4 - 0.5 * 4 = 2
        >>> _ = optimiser.step(closure)
        >>> w.item()  # 2 - 0.5 (2 + 4)
        -1.0
    """

    own_length: ClassVar[bool] = True
    mixes: ClassVar[bool] = True

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """The last step's gradient at w, in whose place this one's is kept."""
        found = [(group, weights, [g.clone() for g in memory.of("gradient", weights)]) for group, weights, _ in live]
        memory.keep("gradient", live)
        return found


@dataclass(frozen=True)
class StalePerturbedAscent(Ascent):
    """The ascent is along the perturbed gradient of the step before: one pass a step.

    Near a minimum of curvature lam it drives the weights away from rho lam > 1 on, and it traps at no saddle.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, StalePerturbedAscent
        >>> w = torch.nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.5, rho=1.0, normalised=False, ascent=StalePerturbedAscent())
        >>> def closure():
        ...     loss = (w**2 / 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> _ = optimiser.step(closure)  # to 4 - 0.5 * 4 = 2
        >>> optimiser.step(closure).item()  # the loss at 2 + 4
        18.0
    """

    sees: ClassVar[bool] = False
    own_length: ClassVar[bool] = True
    mixes: ClassVar[bool] = True

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """The last step's gradient at w^p."""
        return [(group, weights, memory.of("gradient", weights)) for group, weights in all_weights(optimiser)]

    def descend(self, live: list[Live], memory: Memory, *, climbed: bool) -> None:
        """Keep the gradient at w^p."""
        memory.keep("gradient", live)


@dataclass(frozen=True)
class MomentumAscent(Ascent):
    r"""The ascent is along SGD's momentum buffer: $m' = \gamma m + \nabla\ell(w + \rho m)$; one pass a step.

    What `torch.optim.SGD` adds to its buffer (weight decay, dampening) is part of the direction.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, MomentumAscent
        >>> w = torch.nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
        >>> sgd = {"lr": 0.5, "momentum": 0.5}
        >>> optimiser = SAM([w], torch.optim.SGD, rho=1.0, normalised=False, ascent=MomentumAscent(), **sgd)
        >>> def closure():
        ...     loss = (w**2 / 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> _ = optimiser.step(closure)  # m = 4, w = 2
        >>> optimiser.step(closure).item()  # the loss at 2 + 4
        18.0
    """

    sees: ClassVar[bool] = False
    own_length: ClassVar[bool] = True

    def check(self, optimiser: WrappedOptimizer, *, always: bool) -> None:
        """Raise ValueError unless the base is SGD with momentum."""
        sgd = isinstance(optimiser.base_optimizer, torch.optim.SGD)
        if not (sgd and all(group["momentum"] > 0.0 for group in optimiser.param_groups)):
            raise ValueError("MomentumAscent climbs along SGD's momentum buffer: take torch.optim.SGD, momentum > 0.")

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """The buffer; zeros before the first step."""
        found: list[Live] = []
        for group, weights in all_weights(optimiser):
            held = [optimiser.base_optimizer.state[p].get("momentum_buffer") for p in weights]
            # A maximising SGD keeps momentum of the negative gradient, and the ascent turns the sign once more.
            sign = -1.0 if group.get("maximize", False) else 1.0
            buffers = [torch.zeros_like(p) if m is None else sign * m for p, m in zip(weights, held, strict=True)]
            found.append((group, weights, buffers))
        return found
