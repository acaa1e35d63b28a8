"""What records say of a claim at the scale that they have: holds, fails, undecided, or open where runs are missing.

At the paper's scale this is the claim's verdict. At a reduced one the claim stays open, and the word stands beside it
with what was run, on what and with which seeds. No torch here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from saddlecheck.nets.contrast import Contrast
from saddlecheck.theory.claims.evidence import AT_SCALE, RAN
from saddlecheck.theory.claims.steps import Status

SEEDS = 3  # that all runs of a contrast have in common: with fewer it decides nothing
Word = Literal["holds", "fails", "undecided", "open"]
_STATUS: Mapping[Word, Status] = {"holds": "proved", "fails": "refuted"}


@dataclass(frozen=True)
class AtScale:
    """The word at the runs' own scale.

    Attributes:
        word: what the runs say.
        missing: what a verdict lacks; not empty where the word is open.
    """

    word: Word
    missing: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Of evidence at the paper's scale."""
        return _STATUS.get(self.word, "undecided")

    def settings(self, ran: str) -> dict[str, Any]:
        """For evidence at a reduced scale: the word, and what ran, with what is missing."""
        lacks = f"; missing: {', '.join(self.missing)}" if self.missing else ""
        return {AT_SCALE: self.word, RAN: f"{ran}{lacks}"}


def of_contrasts(contrasts: Mapping[str, Contrast | None]) -> AtScale:
    """The word of the contrasts that a claim consists of; each is positive where the claim has it.

    Args:
        contrasts: what is compared -> its contrast, None where there are no runs.

    Returns:
        Fails where one has the opposite sign, holds where all have the claim's, open where one lacks runs or seeds.
    """
    missing = [name if c is None else f"{name} ({c.seeds} of {SEEDS} seeds)" for name, c in contrasts.items() if few(c)]
    return of_signs((c.sign for c in contrasts.values() if c is not None and not few(c)), missing)


def of_signs(signs: Iterable[int], missing: Sequence[str] = ()) -> AtScale:
    """The word of signs: 1 as claimed, -1 the opposite, 0 not decided."""
    found = list(signs)
    if any(s == -1 for s in found):
        return AtScale("fails")
    if missing or not found:
        return AtScale("open", tuple(missing))
    return AtScale("holds" if all(s == 1 for s in found) else "undecided")


def few(c: Contrast | None) -> bool:
    """Whether a contrast lacks runs or seeds."""
    return c is None or c.seeds < SEEDS
