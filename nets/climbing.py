r"""Where SAM takes the gradient that it steps along: SAM's own ascent, and those that differ in direction or size.

`SAM(..., ascent=EGSAM())` is SAM with another ascent; all else (closures, half steps, groups, flat buffers, state
dicts) stays. An ascent is a value: what it keeps lies with the optimiser (nets/ascent_memory.py). With D the direction,
by default the gradient g at w, T = diag|w| in adaptive groups and T = 1 in others,

    w^p = w + rho T^2 D                        constant rho       (normalised=False)
    w^p = w + rho T^2 D / (|T D| + eps)        normalised rho

and a subclass replaces D, or the factor before it. Sources that were not read are marked "attributed".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from saddlecheck.nets.ascent import Live
from saddlecheck.nets.ascent_memory import Memory
from saddlecheck.nets.wrapper import WrappedOptimizer


@dataclass(frozen=True)
class Ascent:
    """SAM's own ascent, and the base of the others: what `SAM` asks of an ascent.

    Attributes:
        passes: ascents in one step.
        sees: it needs the gradient at w. One that does not costs one pass a step in `step(closure)`.
        own_length: normalised rho divides by the length of its direction, not by that of the gradient.
        mixes: it adds gradients of several passes. Their loss scales may differ, so a GradScaler is refused.
        steps_along_first: the base step is along the gradient at w too. Under `no_sync` the ranks would part, so that
            is refused.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, Ascent
        >>> SAM([torch.nn.Parameter(torch.ones(2))], torch.optim.SGD, lr=0.1).ascent
        Ascent()
    """

    passes: ClassVar[int] = 1
    sees: ClassVar[bool] = True
    own_length: ClassVar[bool] = False
    mixes: ClassVar[bool] = False
    steps_along_first: ClassVar[bool] = False

    def check(self, optimiser: WrappedOptimizer, *, always: bool) -> None:
        """Raise ValueError for an optimiser, or steps (all of them?), with which the ascent has no meaning."""

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """The direction D, in the place of the gradients at w; an ascent that does not see them is given none."""
        return live

    def size(self, group: dict[str, Any], rho: float, one: float | Tensor, by_length: float | Tensor | None) -> Any:
        """The factor of T^2 D.

        Args:
            group: whose weights are moved.
            rho: its radius.
            one: 1, in units of a gradient that was scaled.
            by_length: 1 / (|T D| + eps) in these units; None in a group with constant rho.

        Returns:
            A number, or a tensor on the group's device.
        """
        return rho * (one if by_length is None else by_length)

    def descend(self, live: list[Live], memory: Memory, *, climbed: bool) -> None:
        """Change in place the gradients that the base optimiser steps along: at w^p, or at w if it has not climbed."""


def all_weights(optimiser: WrappedOptimizer) -> list[tuple[dict[str, Any], list[Tensor]]]:
    """Every group with its trainable weights, whether or not they have a gradient."""
    found = [(group, [p for p in group["params"] if p.requires_grad]) for group in optimiser.param_groups]
    return [(group, weights) for group, weights in found if weights]


@dataclass(frozen=True)
class UnifiedSAM(Ascent):
    r"""Unified SAM (attributed to Oikonomou and Loizou, 2025): $w^p = w + \rho(1 - t + t/|g|)\,g$.

    Args:
        share: t, from 0, SAM with constant rho, to 1, normalised SAM.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, UnifiedSAM
        >>> w = torch.nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=0.5, ascent=UnifiedSAM(0.5))
        >>> (w**2 / 2).sum().backward()
        >>> optimiser.first_step()
        >>> round(w.item(), 9)  # 4 + 0.5 (0.5 + 0.5 / 4) 4
        5.25
    """

    share: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= self.share <= 1.0:
            raise ValueError(f"unified SAM's share of the normalised ascent is a number from 0 to 1, got {self.share}.")

    def check(self, optimiser: WrappedOptimizer, *, always: bool) -> None:
        """Raise ValueError in a group with normalised=False: the share says how much of rho is."""
        _require_normalised(self, optimiser, "share=0 is the constant radius")

    def size(self, group: dict[str, Any], rho: float, one: float | Tensor, by_length: float | Tensor | None) -> Any:
        """Between the two radii."""
        assert by_length is not None
        return rho * ((1.0 - self.share) * one + self.share * by_length)


@dataclass(frozen=True)
class EGSAM(Ascent):
    r"""EG-SAM (attributed), SAM as an extragradient step: $w^p = w - \eta g + \rho g$, or $\rho g/|g|$ if normalised.

    $\eta$ is the group's `lr`. On a quadratic the step along an eigenvalue $\lambda$ is SAM's with $\rho - \eta$ in the
    place of a constant $\rho$.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import EGSAM, SAM
        >>> w = torch.nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.25, rho=0.5, normalised=False, ascent=EGSAM())
        >>> (w**2 / 2).sum().backward()
        >>> optimiser.first_step()
        >>> w.item()  # 4 + (0.5 - 0.25) 4
        5.0
    """

    def check(self, optimiser: WrappedOptimizer, *, always: bool) -> None:
        """Raise ValueError for a group without a learning rate, or with adaptive=True."""
        if any("lr" not in group or group["adaptive"] for group in optimiser.param_groups):
            raise ValueError("EGSAM steps by the group's lr before it climbs: it needs one, and adaptive=False.")

    def size(self, group: dict[str, Any], rho: float, one: float | Tensor, by_length: float | Tensor | None) -> Any:
        """SAM's, less the learning rate."""
        return rho * (one if by_length is None else by_length) - float(group["lr"]) * one


@dataclass(frozen=True, eq=False)
class DNSAM(Ascent):
    r"""DNSAM (Compagnoni et al., 2023): a mini-batch's gradient over the norm of the full one, $w^p = w + \rho g/|G|$.

    The full gradient costs a pass over the data at each step; a value that is kept for some steps is another rule.

    Args:
        full_norm: returns |G| at the weights as they are; it is called once a step, before the ascent, and leaves
            `.grad` alone (`torch.autograd.grad`).

    Example:
        >>> import torch
        >>> from saddlecheck.nets import DNSAM, SAM
        >>> w = torch.nn.Parameter(torch.tensor([4.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=0.5, ascent=DNSAM(lambda: 2.0))
        >>> (w**2 / 2).sum().backward()
        >>> optimiser.first_step()
        >>> w.item()  # 4 + 0.5 * 4 / 2
        5.0
    """

    full_norm: Callable[[], float | Tensor]

    def check(self, optimiser: WrappedOptimizer, *, always: bool) -> None:
        """Raise ValueError in a group with normalised=False, whose rho is no length."""
        if not callable(self.full_norm):
            raise ValueError(  # noqa: TRY004  bad input
                f"DNSAM takes a function that returns the full gradient's norm, got {self.full_norm!r}."
            )
        _require_normalised(self, optimiser, "its rho is a length")

    def direction(self, live: list[Live], memory: Memory, optimiser: WrappedOptimizer) -> list[Live]:
        """The gradient over the full one's length; no ascent where that is 0."""
        with torch.enable_grad():
            length = float(self.full_norm())
        if not 0.0 <= length < math.inf:
            raise FloatingPointError(f"the full gradient's norm is {length}: nothing was updated.")
        factor = 1.0 / length if length > 0.0 else 0.0
        return [(group, weights, list(torch._foreach_mul(gradients, factor))) for group, weights, gradients in live]

    def size(self, group: dict[str, Any], rho: float, one: float | Tensor, by_length: float | Tensor | None) -> Any:
        """Rho alone."""
        return rho * one


@dataclass(frozen=True)
class NStepSAM(Ascent):
    """SAM with several ascents, each of them along the gradient met there and by rho; a step costs N + 1 passes.

    In the two-step form `first_step` is called N times, with a backward before each.

    Args:
        steps: N.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import SAM, NStepSAM
        >>> w = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=1.0, normalised=False, ascent=NStepSAM(2))
        >>> for _ in range(2):
        ...     (w**2 / 2).sum().backward()
        ...     optimiser.first_step(zero_grad=True)
        >>> w.item()  # (1 + rho)^2
        4.0
    """

    steps: int = 2

    def __post_init__(self) -> None:
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise ValueError(f"N-step SAM climbs 1, 2, … times a step, got {self.steps!r}.")

    @property
    def passes(self) -> int:  # type: ignore[override]  # a class's number elsewhere, a value's here
        """Ascents in one step."""
        return self.steps


def _require_normalised(ascent: Ascent, optimiser: WrappedOptimizer, why: str) -> None:
    if not all(group["normalised"] for group in optimiser.param_groups):
        raise ValueError(f"{type(ascent).__name__} takes normalised=True: {why}.")
