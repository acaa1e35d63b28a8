"""What an ascent keeps of earlier gradients: from step to step, or from the first pass of a step to the second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from saddlecheck.nets.ascent import Live
from saddlecheck.nets.rounding import NARROW

Kept = dict[Tensor, Tensor]


class Memory:
    """Tensors by name, one a weight, in at least single precision.

    Attributes:
        taken: steps that were taken.
        kept: travels in the state dict.
        passing: from one pass to the next; of no use after the step.
        released: the step lets go of the gradients at hand, and nothing will be added to them.
    """

    def __init__(self) -> None:
        self.taken = 0
        self.kept: dict[str, Kept] = {}
        self.passing: dict[str, Kept] = {}
        self.released = False

    def keep(self, name: str, live: Sequence[Live]) -> None:
        """Copy gradients, in the place of those kept before."""
        self.kept[name] = _copied(self.kept.get(name, {}), live)

    def hand_over(self, name: str, live: Sequence[Live]) -> None:
        """Gradients for the next pass, which only reads them; copies where a loop or another owner writes to them."""
        gradients = [g for _, _, gradients in live for g in gradients]
        # A view may be of a bucket that ranks sum in.
        if self.released and not any(g.dtype in NARROW or g._is_view() for g in gradients):
            weights = [p for _, weights, _ in live for p in weights]
            self.passing[name] = dict(zip(weights, gradients, strict=True))
            return
        self.passing[name] = _copied(self.passing.get(name, {}), live)

    def of(self, name: str, weights: Sequence[Tensor]) -> list[Tensor]:
        """What is kept for some weights, zeros where nothing is."""
        return _held(self.kept.setdefault(name, {}), weights)

    def from_before(self, name: str, weights: Sequence[Tensor]) -> list[Tensor]:
        """What the pass before has handed over, zeros where nothing was."""
        return _held(self.passing.setdefault(name, {}), weights)

    def state(self, weights: Sequence[Tensor]) -> dict[str, Any]:
        """For a state dict: `taken`, and `kept` by the weights' places in the groups."""
        places = {p: i for i, p in enumerate(weights)}
        kept = {name: {places[p]: t for p, t in held.items()} for name, held in self.kept.items()}
        return {"taken": self.taken, "kept": kept}

    def load(self, state: Mapping[str, Any], weights: Sequence[Tensor]) -> None:
        """Continue from what `state` gave.

        Raises:
            ValueError: it is of other weights.
        """
        kept: dict[str, Kept] = {}
        for name, held in state["kept"].items():
            for place, value in held.items():
                if not (0 <= int(place) < len(weights) and weights[int(place)].shape == value.shape):
                    raise ValueError(f"the ascent's {name} is of other weights than this optimiser's.")
                weight = weights[int(place)]
                # The weight's own layout and a precision of at least float32, as it was kept.
                kept.setdefault(name, {})[weight] = _like(weight).copy_(value)
        self.taken, self.kept, self.passing = int(state["taken"]), kept, {}


def _copied(before: Kept, live: Sequence[Live]) -> Kept:
    """The gradients in the buffers that hold earlier ones, and in new ones for other weights."""
    after: Kept = {}
    for _, weights, gradients in live:
        buffers = [before[p] if p in before else _like(p) for p in weights]
        torch._foreach_copy_(buffers, gradients)
        after.update(zip(weights, buffers, strict=True))
    return after


def _held(kept: Kept, weights: Sequence[Tensor]) -> list[Tensor]:
    for p in weights:
        if p not in kept:
            kept[p] = torch.zeros_like(_like(p))
    return [kept[p] for p in weights]


def _like(weight: Tensor) -> Tensor:
    return torch.empty_like(weight, dtype=torch.float32 if weight.dtype in NARROW else weight.dtype).detach()
