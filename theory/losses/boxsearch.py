"""All critical points of a smooth loss inside a box, by subdivision with Krawczyk's test.

A box is dropped when an enclosure of some derivative excludes zero (directly, or in mean value form) or when the
loss is nowhere real on it; it is settled when Krawczyk's test proves exactly one zero; else it shrinks to the part
that can hold zeros, or is cut in two.  If every box is settled, the list is complete for the box: a theorem, not a
search result.  Boxes are cut off centre and tested a little enlarged, so that a zero on a cut is not missed.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import sympy as sp

from theory.losses.enclose import PRECISION, System, ball, real, tightened
from theory.losses.tape import Tape

_CUT = Fraction(499, 1024)
_INFLATION = 0.05
_FLOOR = 1e-12  # a box that has shrunk to rounding size must still be tested on one of some size
_SMALLEST = 1e-7  # relative to the box's own size: below, a box counts as unresolved
MAX_BOXES = 200_000


@dataclass(frozen=True)
class Found:
    """Certified zeros (Arb balls), boxes that stayed unresolved, and whether time or boxes ran out."""

    zeros: tuple[tuple[Any, ...], ...]
    unresolved: tuple[tuple[Any, ...], ...]
    exhausted: bool


def search(
    equations: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol],
    domain: Sequence[sp.Expr],
    box: Sequence[tuple[float, float]],
    deadline: float,
) -> Found:
    """All common zeros of the equations in the box.

    domain: expressions that have to be non-negative for the loss to be real.  deadline: on time.monotonic's clock.
    """
    system, limits = System(equations, variables), Tape(domain, variables)
    whole = [ball(Fraction(low), Fraction(high)) for low, high in box]
    smallest = _SMALLEST * max(float(b.rad()) for b in whole)
    todo: list[list[Any]] = [whole]
    zeros: list[list[Any]] = []
    unresolved: list[list[Any]] = []
    seen = 0
    with flint.ctx.workprec(PRECISION):
        while todo:
            if seen >= MAX_BOXES or time.monotonic() > deadline:
                return Found(_distinct(system, zeros), tuple(map(tuple, [*unresolved, *todo])), exhausted=True)
            seen += 1
            current = todo.pop()
            verdict, rest = _examine(system, limits, current)
            if verdict == "zero":
                zeros.append(rest)
            elif verdict == "open" and max(float(b.rad()) for b in rest) < smallest:
                unresolved.append(rest)
            elif verdict == "open":
                todo += _cut(rest)
        inside = [z for z in _distinct(system, zeros) if all(a.overlaps(b) for a, b in zip(z, whole, strict=True))]
    return Found(tuple(inside), tuple(map(tuple, unresolved)), exhausted=False)


def _examine(system: System, limits: Tape, box: list[Any]) -> tuple[str, list[Any]]:
    if any(bool(v < 0) for v in limits(box, real)):
        return "empty", box
    if any(v.is_finite() and not v.contains(0) for v in system.value(box)):
        return "empty", box
    wide = [b + flint.arb(0, float(b.rad()) * _INFLATION + _FLOOR * (1 + abs(float(b.mid())))) for b in box]
    image = system.krawczyk(wide)
    if image is None or not all(k.is_finite() for k in image):
        return "open", box
    if all(b.contains_interior(k) for k, b in zip(image, wide, strict=True)):
        return "zero", tightened(system, image)
    if not all(k.overlaps(b) for k, b in zip(image, box, strict=True)):
        return "empty", box
    return "open", [
        k.intersection(b) if float(k.rad()) < float(b.rad()) else b for k, b in zip(image, box, strict=True)
    ]


def _cut(box: list[Any]) -> list[list[Any]]:
    i = max(range(len(box)), key=lambda j: float(box[j].rad()))
    low, high = box[i].lower(), box[i].upper()
    middle = (low + (high - low) * real(_CUT)).mid()
    return [[*box[:i], part, *box[i + 1 :]] for part in (low.union(middle), middle.union(high))]


def _distinct(system: System, zeros: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    """One enclosure a zero: two boxes hold the same one when a box around both still holds exactly one."""
    kept: list[list[Any]] = []
    for zero in zeros:
        for other in kept:
            hull = [a.union(b) + flint.arb(0, 1e-12) for a, b in zip(zero, other, strict=True)]
            close = all(float(h.rad()) < 1e-6 * max(1.0, abs(float(h.mid()))) for h in hull)
            image = system.krawczyk(hull) if close else None
            if image is not None and all(b.contains_interior(k) for k, b in zip(image, hull, strict=True)):
                break
        else:
            kept.append(zero)
    return tuple(map(tuple, kept))
