"""What an engine finds about a step, and the boundary at which it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from saddlecheck.theory.engines import time_limit
from saddlecheck.theory.errors import TimedOut
from saddlecheck.theory.symbols import Formula

CLOCK = 60.0  # seconds of a probe; the longest in the ledger takes 2
Status = Literal["proved", "refuted", "undecided"]


@dataclass(frozen=True)
class Outcome:
    """What one engine found about one step.

    witness: a point at which the step fails (when refuted).  residual: what was left that should be zero.
    """

    engine: str
    status: Status
    why: str = ""
    witness: Mapping[Any, Any] | None = None
    residual: str = ""
    seconds: float = 0.0


Finding = tuple[Status, str, Mapping[Any, Any] | None]
Probe = tuple[str, Callable[[], Finding]]
Decide = Callable[[Sequence[Any], Sequence[Formula]], Finding]  # equations, under premises


def run(engine: str, probe: Callable[[], Finding]) -> Outcome:
    """The boundary: whatever an engine meets, and a clock that runs out, is "undecided" with the reason."""
    start = time.perf_counter()
    try:
        with time_limit.until(time.monotonic() + CLOCK):
            status, why, witness = probe()
    except TimedOut:
        status, why, witness = "undecided", f"no answer within {CLOCK:g} seconds", None
    except ValueError as error:  # what the engines say of themselves
        status, why, witness = "undecided", " ".join(str(error).split()), None  # on one line
    except Exception as error:  # what a library meets within
        status, why, witness = "undecided", " ".join(f"{type(error).__name__}: {error}".split()), None
    return Outcome(engine, status, why, witness, why if status == "refuted" else "", time.perf_counter() - start)
