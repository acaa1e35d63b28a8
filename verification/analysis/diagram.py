"""What a bifurcation diagram holds; `saddlecheck.verification.analysis.continuation` fills it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from saddlecheck.verification.analysis.equilibria import Equilibrium
from saddlecheck.verification.analysis.orbits import LONGEST, TAIL, TOLERANCE
from saddlecheck.verification.analysis.result import as_json
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.thresholds import Threshold

SCHEMA_VERSION = 1  # of the JSON
Found = Literal["starts", "forwards", "backwards"]
PeriodicKind = Literal["critical point", "own equilibrium", "cycle", "settling", "not periodic", "chaotic"]


@dataclass(frozen=True)
class Attractor:
    """What paths come to at one value of the parameter.

    Attributes:
        kind: a critical point; an equilibrium of the optimiser that is none; a cycle; a cycle or point that paths had
            not yet come to ("settling"); a band that is not periodic; one on which nearby paths separate (chaotic).
        period: in steps, None where there is none.
        points: positions in order, of a band the last ones.
        low: smallest coordinates. high: largest ones.
        exponent: Lyapunov exponent a step of a band.
        point: number of the critical point, from 1.
        starts: how many random starts came to it.
        found: from which starts, of random ones and continuation.
    """

    kind: PeriodicKind
    period: int | None
    points: tuple[tuple[float, ...], ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    exponent: float | None
    point: int | None
    starts: int
    found: tuple[Found, ...]

    @property
    def words(self) -> str:
        """What it is, without its place."""
        match self.kind:
            case "critical point":
                return f"point {self.point}" if self.point else "a critical point"
            case "cycle":
                return f"{self.period}-cycle"
            case "settling":
                return "not settled"
            case "chaotic" | "not periodic":
                return f"{self.kind} band"
        return self.kind


@dataclass(frozen=True)
class Slice:
    """One value of the parameter: attractors, the optimiser's own equilibria, and how many of `of` starts left."""

    value: float
    attractors: tuple[Attractor, ...]
    equilibria: tuple[Equilibrium, ...]
    left: int
    of: int


@dataclass(frozen=True)
class Range:
    """Neighbouring values with the same attractors, in words."""

    low: float
    high: float
    attractors: str


@dataclass(frozen=True)
class Diagram:
    """A bifurcation diagram.

    Attributes:
        critical: the critical points of the loss, by value; kinds: what they are.
        complete: these are all, certified.
        slices: by the parameter's value.
        thresholds: where theory has a verdict change.
        ranges: of values with the same attractors.
        tolerance: of a recurrence, in scales; length: steps that are looked at; longest: period that is recognised.
        scale: a weight, half of the window's diagonal.
        simulated: that attractors and equilibria are runs and not proofs.
        warnings: what is missing.
    """

    loss: str
    variables: tuple[str, ...]
    optimiser: str
    parameter: str
    low: float
    high: float
    settings: AnalysisSettings
    critical: tuple[tuple[float, ...], ...]
    kinds: tuple[str, ...]
    complete: bool
    slices: tuple[Slice, ...]
    thresholds: tuple[Threshold, ...]
    ranges: tuple[Range, ...]
    scale: float
    warnings: tuple[str, ...]
    tolerance: float = TOLERANCE
    length: int = TAIL
    longest: int = LONGEST
    simulated: bool = True

    def to_dict(self) -> dict[str, Any]:
        """JSON data, valid against `saddlecheck.verification.analysis.schema.SWEEP`."""
        return {"schema": SCHEMA_VERSION, **as_json(self)}


def ranges(slices: Sequence[Slice]) -> tuple[Range, ...]:
    """Neighbouring slices with the same attractors."""
    found = []
    for words, some in itertools.groupby(slices, _in_words):
        values = [s.value for s in some]
        found.append(Range(values[0], values[-1], words))
    return tuple(found)


def _in_words(s: Slice) -> str:
    counted = Counter(a.words for a in s.attractors)
    several = {"own equilibrium": "own equilibria", "not settled": "not settled", "a critical point": "critical points"}
    parts = [w if n == 1 else f"{n} {several.get(w, w + 's')}" for w, n in sorted(counted.items())]
    return ", ".join(parts) or "all starts leave"
