"""All real critical points of a loss, and how much of "all" is proved.

Polynomial and rational losses: the gradient's numerators generate an ideal.  Where its complex zeros are finitely
many, elimination lists every real one: three counts have to agree (Arb's isolation, SymPy's exact count, the
signature of Hermite's form) and Krawczyk's test on the gradient itself confirms each simple point.  A large system
is settled by counting instead (`theory.losses.counted`).  Where there are infinitely many, the zero set is split into
components (`theory.losses.components`).  Other losses: subdivision of a box (`theory.losses.boxsearch`), and where
that gives up, a numerical search that says so (`theory.losses.multistart`).
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isfinite, prod
from typing import TYPE_CHECKING

import sympy as sp

from theory.losses.ideal import GaveUp
from theory.losses.parse import BadLoss
from theory.losses.points import Classifier, CriticalPoint

if TYPE_CHECKING:
    from theory.losses.components import CriticalComponent
    from theory.losses.loss import Loss

Box = Sequence[tuple[float, float]]
DEFAULT_RANGE = (-10.0, 10.0)
DEFAULT_SECONDS = 20.0
_MULTISTART_SECONDS = 3.0
# Up to this many complex solutions (Bezout's bound) elimination takes a moment and needs no time limit.
_SMALL = 100


@dataclass(frozen=True)
class CriticalSet:
    """The critical points found, and whether they are all.

    points: isolated ones, by value.  components: lines, curves, ... of critical points.
    complete: every real critical point is a listed point or lies on a listed component; all of space when `box` is
    None, else inside the box.  engines: the independent methods that agreed.  notes: sentences for the reader.
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

    box: searched where elimination does not apply, one (low, high) a variable; default [-10, 10] each.
    timeout: seconds, roughly; then the result is what a short numerical search finds, with complete=False.
    Raises BadLoss for a box or timeout that makes no sense.
    """
    from theory.losses import algebraic_set

    region = _checked_box(loss, box)
    if timeout is not None and not timeout > 0:
        raise BadLoss(f"the timeout is {timeout} seconds, but has to be positive.")
    start = time.monotonic()
    notes: tuple[str, ...] = ()
    system = algebraic_set.numerators(loss)
    if system is not None:
        try:
            if timeout is None or prod(sp.Poly(e, *loss.variables).total_degree() for e in system[0]) <= _SMALL:
                return algebraic_set.solve(loss, *system)
            from theory.losses.limited import within

            return within(timeout, algebraic_set.solve, loss, *system)
        except GaveUp as reason:
            notes = (f"Exact elimination gave up ({reason}); a box was searched instead.",)
    return _in_box(loss, region, start + (timeout or DEFAULT_SECONDS), notes)


def _in_box(loss: "Loss", box: tuple[tuple[float, float], ...], deadline: float, notes: tuple[str, ...]) -> CriticalSet:
    from theory.losses import boxsearch, multistart

    equations = [sp.fraction(sp.together(g))[0] for g in loss.gradient]
    classifier = Classifier(loss.expr, loss.variables)
    found = boxsearch.search(equations, loss.variables, _domain(loss.expr), box, deadline)
    points = [p for z in found.zeros if (p := _classified(classifier, z, certified=True))]
    engines: tuple[str, ...] = ("subdivision", "Krawczyk")
    complete = not found.unresolved and not found.exhausted
    if not complete:
        why = "time ran out" if found.exhausted else f"{len(found.unresolved)} small boxes stayed undecided"
        notes += (f"Not proved to be all critical points in the box: {why}; a numerical search was added.",)
        engines += ("multi-start search",)
        limit = max(deadline, time.monotonic() + _MULTISTART_SECONDS)
        for balls, certified in multistart.search(list(loss.gradient), loss.variables, box, limit):
            point = _classified(classifier, balls, certified=certified)
            inside = point and all(low <= x <= high for x, (low, high) in zip(point.location, box, strict=True))
            if point and inside and not any(_same(point, p) for p in points):
                points.append(point)
    ordered = sorted(points, key=lambda p: (p.value.middle, p.location))
    return CriticalSet(tuple(ordered), (), complete, engines, notes, box)


def _classified(classifier: Classifier, balls: Sequence[object], *, certified: bool) -> CriticalPoint | None:
    # Clearing denominators can add zeros where the loss itself is not finite: those are no critical points.
    try:
        return classifier.from_balls(balls, certified=certified)
    except ValueError:
        return None


def _same(a: CriticalPoint, b: CriticalPoint) -> bool:
    return all(abs(x - y) <= 1e-6 * (1 + abs(x)) for x, y in zip(a.location, b.location, strict=True))


def _domain(expr: sp.Expr) -> list[sp.Expr]:
    """Arguments of logarithms and even roots: the loss is real only where they are not negative."""
    logs = [e.args[0] for e in expr.atoms(sp.log)]
    roots = [p.base for p in expr.atoms(sp.Pow) if p.exp.is_Rational and not p.exp.is_Integer]
    return logs + roots


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


def noted(found: CriticalSet, *notes: str) -> CriticalSet:
    """The same set with further notes."""
    return replace(found, notes=(*found.notes, *notes))
