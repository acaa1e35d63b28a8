"""How the claims of each voice came out: counted, never typed. What is ours stands apart from what a paper asserts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from saddlecheck.theory.checker.verdict import Verdict

# The columns, in the order of the verdicts: holds as printed, with a correction, under extra conditions; refuted;
# checked numerically only; accepted on a source; open.
COLUMNS = {
    Verdict.HOLDS: "as printed",
    Verdict.CORRECTED: "corrected",
    Verdict.CONDITIONAL: "conditions",
    Verdict.REFUTED: "refuted",
    Verdict.NUMERIC: "runs",
    Verdict.ACCEPTED: "source",
    Verdict.OPEN: "open",
}
FALSE_AS_PRINTED = (Verdict.CORRECTED, Verdict.CONDITIONAL, Verdict.REFUTED)
VOICES = {"paper": "the paper", "reading": "read literally", "ours": "ours"}
Board = dict[str, dict[Verdict, int]]


def scoreboard(claims: Iterable[tuple[str | None, Verdict]]) -> Board:
    """Counts by voice and verdict, voices without a claim left out.

    Args:
        claims: the voice and the verdict of each; a claim without voice is ours.

    Returns:
        Voice -> verdict -> number, zeros included.

    Example:
        >>> board = scoreboard([("paper", Verdict.HOLDS), ("paper", Verdict.REFUTED), (None, Verdict.HOLDS)])
        >>> board["paper"][Verdict.REFUTED], board["ours"][Verdict.HOLDS]
        (1, 1)
    """
    board: Board = {}
    for voice, verdict in claims:
        row = board.setdefault(voice or "ours", dict.fromkeys(Verdict, 0))
        row[verdict] += 1
    return {voice: board[voice] for voice in VOICES if voice in board}


def of_summaries(summaries: Iterable[Mapping[str, Any]]) -> Board:
    """The scoreboard of what `check --json` prints."""
    return scoreboard((s["voice"], Verdict(s["verdict"])) for s in summaries)


def rows(board: Board) -> list[list[str]]:
    """A scoreboard as the cells of a table, its head first."""
    counts = [[VOICES[voice], str(sum(row.values())), *(str(row[v]) for v in COLUMNS)] for voice, row in board.items()]
    return [["", "claims", *COLUMNS.values()], *counts]


def markdown(board: Board) -> str:
    """A scoreboard as a table in Markdown."""
    head, *counts = rows(board)
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *counts))


def sentence(board: Board) -> str:
    """What the scoreboard says of a paper, in a sentence; empty where the paper asserts nothing."""
    if (row := board.get("paper")) is None:
        return ""
    false, total = sum(row[v] for v in FALSE_AS_PRINTED), sum(row.values())
    if total == 1:
        return f"The paper's one claim is {'' if false else 'not '}false as printed."
    return f"{false} of the paper's {total} claims {'is' if false == 1 else 'are'} false as printed."
