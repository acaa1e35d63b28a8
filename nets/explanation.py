"""What is said of a run's end, and what its curves alone allow to say. No torch: records are read with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

LABELS = {
    "loss": "loss",
    "gradient": "|gradient|",
    "highest": "highest eigenvalue",
    "lowest": "lowest eigenvalue",
    "edge": "stable limit of the highest",
    "distance": "distance to the critical point",
    "saddle": "lowest eigenvalue there",
    "pull": "|H (w - d)|",
    "hold": "rho mu",
}
Word = Literal["trapped", "at the edge", "slow", "diverging", "fine", "undecided"]
FALLING = 0.01  # relative fall between two tenths of the epochs; below it a curve of mini-batch losses is level


@dataclass(frozen=True)
class Explanation:
    """Where a run has ended.

    Attributes:
        verdict: see saddlecheck.nets.explaining.
        why: one sentence with the numbers that decided.
        numbers: loss, gradient, highest, lowest (of H at w); edge; pull |H (w - d)|, distance |w - d|, saddle (lowest
            eigenvalue at d) and hold (rho mu, or its ratio to what has to be exceeded for constant rho); None where
            not available.
    """

    verdict: Word
    why: str
    numbers: dict[str, float | None] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = {
            LABELS.get(name, name): "not available" if x is None else f"{x:.4g}" for name, x in self.numbers.items()
        }
        width = max(map(len, shown), default=0)
        lines = [f"  {name:<{width}}  {value}" for name, value in shown.items()]
        return "\n".join((f"{self.verdict}: {self.why}", *lines))


def of_curves(curves: Mapping[str, Any]) -> Explanation:
    """What the curves alone say of a run whose weights are gone.

    Args:
        curves: `batch_loss`, the mean loss of each epoch.

    Returns:
        Diverging or slow where the curve shows it, else undecided.
    """
    losses: Sequence[float | None] = curves.get("batch_loss", ())
    if why := diverged(losses):
        return Explanation("diverging", why)
    return without(losses, "there are no weights to look at")


def diverged(losses: Sequence[float | None]) -> str:
    """Why a curve of losses diverges, or nothing."""
    if any(x is None or not math.isfinite(x) for x in losses):
        return "the loss is not finite"
    known = [x for x in losses if x is not None]
    if len(known) > 1 and known[-1] > known[0] and known[-1] > 2 * min(known) > 0:
        least = min(known)
        return (
            f"the loss ends at {known[-1]:.4g}, above the first epoch's {known[0]:.4g} and twice the least {least:.4g}"
        )
    return ""


def falling(losses: Sequence[float | None]) -> str:
    """How far the loss falls between the last two tenths of the epochs, where that is more than a hundredth."""
    known = [x for x in losses if x is not None]
    tenth = len(known) // 10
    if tenth < 1:
        return ""
    before, after = sum(known[-2 * tenth : -tenth]) / tenth, sum(known[-tenth:]) / tenth
    if before > 0 and before - after > FALLING * before:
        return f"the loss still falls, from {before:.4g} to {after:.4g} over the last {2 * tenth} epochs"
    return ""


def without(losses: Sequence[float | None], why: str) -> Explanation:
    """Slow where the curve still falls, else undecided for the reason given."""
    still = falling(losses)
    return Explanation("slow" if still else "undecided", f"{still}; {why}" if still else why)
