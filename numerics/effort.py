"""How an experiment is run: how long, and on which random numbers. Nothing else about it can be chosen afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FULL = 16  # times the paths of the quick profile
_NEXT = 1_000_003  # from one draw's seed to the next: no experiment's seeds reach so far


@dataclass(frozen=True)
class Profile:
    """How experiments are run.

    Attributes:
        full: more paths and narrower margins.
        draw: 0 for the seeds that the verdicts rest on, else a replication.
    """

    full: bool = False
    draw: int = 0

    def settings(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """An experiment's settings as they are run."""
        changed = dict(given)
        if self.full and "paths" in given:
            changed["paths"] = FULL * given["paths"]
        if "seed" in given:
            changed["seed"] = given["seed"] + self.draw * _NEXT
        return changed

    def __str__(self) -> str:
        """A suffix for file names: empty for the usual profile."""
        return ("-full" if self.full else "") + (f"-draw{self.draw}" if self.draw else "")


USUAL = Profile()
