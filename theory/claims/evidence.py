"""Evidence: what one engine, run or source says about one step of a claim, or about its statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from saddlecheck.theory.claims.steps import Outcome, Status

Kind = Literal["symbolic", "smt", "enclosure", "witness", "model", "source", "simulation", "training"]
MODEL: Kind = "model"  # a point that satisfies the claim's conditions: they do not contradict each other
NUMERIC: frozenset[Kind] = frozenset({"simulation", "training"})

KIND_OF_ENGINE: dict[str, Kind] = {
    "sympy": "symbolic",
    "flint": "symbolic",
    "certificate": "symbolic",
    "z3": "smt",
    "cvc5": "smt",
    "arb": "enclosure",
    "mpmath": "enclosure",
    "search": "witness",
    "source": "source",
}
STATEMENT = ""  # `about` of evidence that bears on the statement itself, not on a step
# Settings of training runs that are smaller than the claim's: what they say at their own scale, and what ran.
AT_SCALE, RAN = "at this scale", "ran"


@dataclass(frozen=True)
class Evidence:
    """One finding.

    kind: what sort of evidence.  engine: who found it.  status: proved, refuted or undecided (for a simulation:
    within its budget, outside it, or not enough to tell).  about: the step's name, or STATEMENT.  why: a sentence.
    witness: the point that refutes, symbol name -> exact value as text.  settings: of a run, with its seed and
    margin.  seconds: wall time.
    """

    kind: Kind
    engine: str
    status: Status
    about: str = STATEMENT
    why: str = ""
    witness: Mapping[str, str] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


def from_outcome(outcome: Outcome, step: str) -> Evidence:
    """A step's outcome as evidence. Raises ValueError for an engine that is not listed in `KIND_OF_ENGINE`."""
    if outcome.engine not in KIND_OF_ENGINE:
        raise ValueError(
            f"step {step!r} names the engine {outcome.engine!r}, whose kind of evidence is not known; "
            f"list it in KIND_OF_ENGINE beside {', '.join(KIND_OF_ENGINE)}."
        )
    return Evidence(
        KIND_OF_ENGINE[outcome.engine],
        outcome.engine,
        outcome.status,
        step,
        outcome.why,
        written(outcome.witness),
        seconds=outcome.seconds,
    )


def written(witness: Mapping[Any, Any] | None) -> dict[str, str] | None:
    """A witness as text: what a reader puts in by hand."""
    return None if witness is None else {str(s): str(v) for s, v in witness.items()}
