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

from saddlecheck.theory.critical import domain_enclosure
from saddlecheck.theory.critical.conditions import Condition
from saddlecheck.theory.engines.enclose import PRECISION, SquareSystem, ball, real, tightened
from saddlecheck.theory.engines.tape import Tape

_CUT = Fraction(499, 1024)
_INFLATION = 0.05
_FLOOR = 1e-12  # a box that has shrunk to rounding size must still be tested on one of some size
_SMALLEST = 1e-7  # relative to the box's own size: below, a box counts as unresolved
MAX_BOXES = 200_000
_PROOF_BOXES = 2_000


@dataclass(frozen=True)
class Found:
    """Certified zeros (Arb balls), boxes that stayed unresolved, and whether time or boxes ran out."""

    zeros: tuple[tuple[Any, ...], ...]
    unresolved: tuple[tuple[Any, ...], ...]
    exhausted: bool


def search(
    equations: Sequence[sp.Expr],
    variables: Sequence[sp.Symbol],
    conditions: Sequence[Condition],
    box: Sequence[tuple[float, float]],
    deadline: float,
) -> Found:
    """All common zeros of the equations in the box.

    `conditions`: of the loss; boxes on which one fails are dropped.
    `deadline`: on time.monotonic's clock.

    Returns:
        Enclosures of one zero each; boxes that are not decided; whether the box was searched to the end.
    """
    system = SquareSystem(equations, variables)
    limits = Tape([c.expr for c in conditions if c.kind in ("positive", "root", "side")], variables)
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


def holds(condition: Condition, variables: Sequence[sp.Symbol], box: Sequence[tuple[float, float]]) -> bool:
    """Whether a condition is proved, strictly, on the whole box."""
    limit = Tape([condition.expr], variables)
    todo = [[ball(Fraction(low), Fraction(high)) for low, high in box]]
    for _ in range(_PROOF_BOXES):
        if not todo:
            return True
        current = todo.pop()
        value = limit(current, real)[0]
        if value > 0 or (value < 0 and condition.kind in ("nonzero", "kink")):
            continue
        if value < 0:
            return False
        todo += _cut(current)
    return False


def _examine(system: SquareSystem, limits: Tape, box: list[Any]) -> tuple[str, list[Any]]:
    held = limits(box, real)
    if any(bool(v < 0) for v in held):
        return "empty", box
    if not all(v > 0 for v in held) and domain_enclosure.excludes_zero(system.program, box):
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


def _distinct(system: SquareSystem, zeros: list[list[Any]]) -> tuple[tuple[Any, ...], ...]:
    """Return one enclosure a zero: two boxes hold the same one when a box around both still holds exactly one.

    Boxes of one zero overlap, so sorted by their first coordinate only those that begin before it ends are compared.
    """
    kept: list[list[Any]] = []
    near: list[list[Any]] = []
    for zero in sorted(zeros, key=lambda z: float(z[0].lower())):
        near = [other for other in near if other[0].upper() >= zero[0].lower()]
        if not any(_same(system, zero, other) for other in near):
            kept.append(zero)
            near.append(zero)
    return tuple(map(tuple, kept))


def _same(system: SquareSystem, zero: list[Any], other: list[Any]) -> bool:
    if not all(a.overlaps(b) for a, b in zip(zero, other, strict=True)):
        return False
    hull = [a.union(b) + flint.arb(0, 1e-12) for a, b in zip(zero, other, strict=True)]
    image = system.krawczyk(hull)
    return image is not None and all(b.contains_interior(k) for k, b in zip(image, hull, strict=True))
