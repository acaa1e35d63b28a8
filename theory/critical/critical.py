"""All real critical points of a loss, and how much of "all" is proved.

Polynomial and rational losses: the gradient's numerators generate an ideal.  Where its complex zeros are finitely
many, elimination lists every real one: three counts have to agree (Arb's isolation, SymPy's exact count, the
signature of Hermite's form) and Krawczyk's test on the gradient itself confirms each simple point.  A large system
is settled by counting instead (`saddlecheck.theory.critical.zero_count`).  Where there are infinitely many, the zero
set is split into components (`saddlecheck.theory.critical.components`).  Other losses: subdivision of a box
(`saddlecheck.theory.critical.box_search`), and where that gives up, a numerical search that says so
(`saddlecheck.theory.critical.multistart`).

A loss with abs, relu, max or min is treated piece by piece (`saddlecheck.theory.critical.smooth_pieces`).  Each zero of
the gradient is held against the conditions that the formula as written puts on a point
(`saddlecheck.theory.critical.domain`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TYPE_CHECKING

import sympy as sp

from saddlecheck.theory.critical.points import CriticalPoint
from saddlecheck.theory.errors import BadLoss

if TYPE_CHECKING:
    from saddlecheck.theory.critical.components import CriticalComponent
    from saddlecheck.theory.critical.loss import Loss

Box = Sequence[tuple[float, float]]
DEFAULT_RANGE = (-10.0, 10.0)


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


def critical_points(loss: "Loss", *, box: Box | None = None, timeout: float | None = None) -> CriticalSet:
    """Critical points of a loss, certified wherever an engine can.

    `box`: searched where elimination does not apply, one (low, high) a variable; default [-10, 10] each.
    `timeout`: seconds; then the result is what was found so far, with complete=False.

    Raises:
        BadLoss: for a box or timeout that makes no sense.
    """
    from saddlecheck.theory.critical.search import Hunt

    region = _checked_box(loss, box)
    if timeout is not None and not timeout > 0:
        raise BadLoss(f"the timeout is {timeout} seconds, but has to be positive.")
    return Hunt(loss, region, timeout).result()


def _checked_box(loss: "Loss", box: Box | None) -> tuple[tuple[float, float], ...]:
    n = len(loss.variables)
    region = tuple((float(low), float(high)) for low, high in (box or [DEFAULT_RANGE] * n))
    if len(region) != n:
        raise BadLoss(f"the box has {len(region)} ranges, the loss {n} variables; give one range a variable.")
    for v, (low, high) in zip(loss.variables, region, strict=True):
        if not (low < high and isfinite(low) and isfinite(high)):
            raise BadLoss(f"the range [{low}, {high}] of {v} is empty or not finite; give low < high.")
    return region


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
