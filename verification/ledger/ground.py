"""The grounds of a verdict, apart from the judge: what is printed of a verdict needs no claim."""

from __future__ import annotations

from enum import StrEnum


class Ground(StrEnum):
    """What was done for a verdict, the strongest first: a proof is as good as its weakest step."""

    POINT = "refuted at an exact point"
    TWICE = "proved twice"
    ENCLOSED = "enclosed"
    TESTED = "proved once and tested"
    SOLVERS = "two solvers, one translation"
    ACCEPTED = "accepted on a source"
    SIMULATED = "simulated"
    NONE = "nothing decides it"
