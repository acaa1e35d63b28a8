"""What an examination of a certificate found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["verified", "trusted", "refuted", "altered"]


@dataclass(frozen=True)
class Line:
    """One line of an examination: what, how it stands, and how that was found or why it is so."""

    what: str
    result: Result
    how: str


@dataclass(frozen=True)
class Examination:
    """What an examination found.

    verdict, as_printed: those recomputed.  height: how deep certificates stand in each other in this one.
    """

    id: str
    verdict: str
    as_printed: str
    lines: tuple[Line, ...]
    height: int = 0

    @property
    def exit_code(self) -> int:
        """0: all is verified; 1: something is refuted or altered; 3: there are parts that can only be trusted."""
        found = {line.result for line in self.lines}
        return 1 if found & {"refuted", "altered"} else 3 if "trusted" in found else 0


# What was examined beside the same wordings, by the digest of the data as they are and the one that they state.
Done = dict[tuple[str, str], Examination]
