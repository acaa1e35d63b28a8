"""The tables that commands print: verdicts with their grounds, and scoreboards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from saddlecheck.theory.checker.verdict import Verdict
from saddlecheck.verification.cli.console import coloured, out
from saddlecheck.verification.ledger.ground import Ground
from saddlecheck.verification.ledger.scoreboard import COLUMNS, VOICES, Board


def grounds(summary: Mapping[str, Any]) -> str:
    """What was done for a verdict, and the weakest part where that is what it says; empty where nothing decides it."""
    if summary["ground"] == Ground.NONE:
        return ""
    return f"{summary['ground']} ({summary['weakest']})" if summary["weakest"] else str(summary["ground"])


def verdict_table(summaries: Iterable[Mapping[str, Any]]) -> Table:
    """The verdict table: each verdict with what was done for it, and the weakest part of that."""
    wide = out.width >= 100
    result = Table(box=None, pad_edge=False)
    result.add_column("claim", no_wrap=wide, overflow="fold")
    columns = ("place", "verdict", "ground", "engines", "witness or reason")
    for column in columns if wide else ("verdict", "ground", "witness or reason"):
        result.add_column(column, overflow="fold")
    for c in summaries:
        point = ", ".join(f"{s} = {v}" for s, v in (c["witness"] or {}).items())
        why = "; ".join(part for part in (f"at {point}" if point else "", c["reason"]) if part)
        word = coloured(Verdict(c["verdict"])) + str(c["words"]).removeprefix(c["verdict"])
        middle = (c["place"], word, escape(grounds(c)), " ".join(c["engines"]))
        result.add_row(c["id"], *(middle if wide else middle[1:3]), escape(why))
    return result


def board_table(board: Board) -> Table:
    """A scoreboard: a row for each voice, a column for each verdict."""
    result = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))  # 80 columns hold it
    for column in ("", "claims", *COLUMNS.values()):
        result.add_column(column, justify="right" if column else "left", no_wrap=True)
    for voice, row in board.items():
        result.add_row(VOICES[voice], str(sum(row.values())), *(str(row[v] or ".") for v in COLUMNS))
    return result
