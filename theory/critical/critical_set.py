"""What a search for critical points returns: the points, the components, and how much of "all" is proved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import sympy as sp

from saddlecheck.theory.critical.points import CriticalPoint

if TYPE_CHECKING:
    from saddlecheck.theory.critical.components import CriticalComponent

Box = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class CriticalSet:
    """The critical points found, and whether they are all.

    Attributes:
        points: isolated ones, by value.
        components: lines, curves, ... of critical points.
        complete: every real point where the loss has a value and its gradient is zero is a listed point or lies on a
            listed component, and no kink or cusp lies within the set where it has values; all of space when `box` is
            None, else inside the box. Places where the loss has a value but is not smooth are named in the notes.
        engines: the independent methods that agreed.
        notes: sentences for the reader.
    """

    points: tuple[CriticalPoint, ...]
    components: tuple["CriticalComponent", ...]
    complete: bool
    engines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    box: tuple[tuple[float, float], ...] | None = None

    @property
    def is_finite(self) -> bool:
        """Whether no component of positive dimension was found."""
        return not self.components

    def __iter__(self) -> Iterator[CriticalPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)


def merged(points: Sequence[CriticalPoint]) -> tuple[CriticalPoint, ...]:
    """Points by value then place, each once (exact coordinates are canonical)."""
    unique = {p.algebraic or p.location: p for p in points}
    return tuple(sorted(unique.values(), key=lambda p: (p.value.middle, p.location)))


def on_piece(found: CriticalSet, formula: sp.Expr) -> CriticalSet:
    """The same set, its points marked as lying on a smooth piece of a loss that has kinks."""
    points = tuple(replace(p, piece=formula) for p in found.points)
    components = tuple(
        replace(c, samples=tuple(replace(p, piece=formula) for p in c.samples)) for c in found.components
    )
    return replace(found, points=points, components=components)
