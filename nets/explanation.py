"""What is said of a run's end, and what its curves alone allow to say. No torch: records are read with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

LABELS = {
    "loss": "loss",
    "gradient": "|gradient|",
    "along": "curvature along the gradient",
    "highest": "highest eigenvalue",
    "lowest": "lowest eigenvalue",
    "edge": "stable limit of the highest",
    "distance": "distance to the critical point",
    "saddle": "lowest eigenvalue there",
    "pull": "|H (w - d)|",
    "hold": "rho mu",
}
Word = Literal["trapped", "at the edge", "slow", "diverging", "fine", "undecided"]
SHORTEST = 3  # epochs in which a trend can be seen
# Relative fall between two tenths of the epochs; below it a curve of mini-batch losses is level. Measured on the 70
# committed CIFAR runs that end above a loss of 0.05 (second differences of their last 20 epochs): the difference of two
# tenths fluctuates by 0.12 % in the median and by less than 0.5 % in 93 % of them, so that 1 % is two deviations there.
FALLING = 0.01


@dataclass(frozen=True)
class Explanation:
    """Where a run has ended.

    Attributes:
        verdict: see saddlecheck.nets.explaining.
        why: one sentence with the numbers that decided.
        numbers: loss, gradient, along (g . H g / |g|^2, g the gradient), highest, lowest (of H at w); edge; pull
            |H (w - d)|, distance |w - d|, saddle (lowest eigenvalue at d) and hold (rho mu, or its ratio to what has to
            be exceeded for constant rho); None where not available.
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
    losses = losses_of(curves)
    if why := diverged(losses):
        return Explanation("diverging", why)
    return without(losses, "there are no weights to look at")


def explained_in(result: Mapping[str, Any]) -> Explanation:
    """What a record says of its run's end, or what its curves allow. Raises ValueError for other JSON data."""
    return read_explanation(result["explanation"]) if "explanation" in result else of_curves(result)


def losses_of(curves: Mapping[str, Any]) -> Sequence[float | None]:
    """The curve `batch_loss`, empty where there is none. Raises ValueError for one that is no list of numbers."""
    losses = curves.get("batch_loss", ())
    if not isinstance(losses, Sequence) or not all(_is_number(x) or x is None for x in losses):
        raise ValueError("batch_loss is a list of numbers, one an epoch (null where the loss was not finite).")
    return losses


def read_explanation(found: Any) -> Explanation:
    """An explanation as a record holds it. Raises ValueError for other JSON data."""
    try:
        made = Explanation(**found)
        sound = made.verdict in get_args(Word) and isinstance(made.why, str)
        sound = sound and all(x is None or _is_number(x) for x in made.numbers.values())
    except (TypeError, AttributeError):
        sound = False
    if not sound:
        raise ValueError("the record's explanation is none of ours: verdict, why and numbers.")
    return made


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def diverged(losses: Sequence[float | None]) -> str:
    """Why a curve of losses diverges, or nothing."""
    if any(x is None or not math.isfinite(x) for x in losses):
        return "the loss is not finite"
    known = [x for x in losses if x is not None]
    least = min(known, default=0.0)
    if len(known) > 1 and known[-1] > known[0] and known[-1] - least > abs(least):
        return (
            f"the loss ends at {known[-1]:.4g}, above the first epoch's {known[0]:.4g} and twice the least {least:.4g}"
        )
    return ""


def falling(losses: Sequence[float | None]) -> str:
    """How far the loss falls between the last two tenths (two epochs at least), where that is more than a hundredth."""
    known = [x for x in losses if x is not None]
    if len(known) < SHORTEST:
        return ""
    tenth = max(1, len(known) // 10)
    before, after = sum(known[-2 * tenth : -tenth]) / tenth, sum(known[-tenth:]) / tenth
    if before - after > FALLING * max(abs(before), abs(after)):  # a loss may be negative
        return f"the loss still falls, from {before:.4g} to {after:.4g} over the last {2 * tenth} epochs"
    return ""


def without(losses: Sequence[float | None], why: str) -> Explanation:
    """Slow where the curve still falls, else undecided for the reason given."""
    still = falling(losses)
    return Explanation("slow" if still else "undecided", f"{still}; {why}" if still else why)
