"""What `saddlecheck check` ends with: how the papers came out, what is false and where, what is open, what to do next.

It fits 40 lines of 80 columns whatever the number of papers: the scoreboard of the first paper, its false assertions
that matter with two lines each, and the further papers in what is left.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from rich.markup import escape

from saddlecheck.verification.cli.console import coloured, out
from saddlecheck.verification.cli.tables import board_table
from saddlecheck.verification.ledger.highlights import Entry, Highlight, failure, false_as_printed, highlights
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.ledger.scoreboard import COLUMNS, FALSE_AS_PRINTED, Board, of_summaries, sentence

WIDTH, LINES = 80, 40
MOST = 10  # false assertions that are shown
_FURTHER, _TOGETHER = 6, 4  # lines for the papers behind the first; of those, for the papers in which nothing is false


def screen(entries: Mapping[str, Entry], *, took: float, folder: str, changed: int | None, shipped: str = "") -> None:
    """Print it.

    Args:
        entries: of the claims that were settled.
        took: seconds.
        folder: where the certificates are.
        changed: how many claims are not as they were last reviewed; None if there is no review.
        shipped: the paper's id, if a package ships it: its claims are found beside --paper only.
    """
    papers = list(dict.fromkeys(e["summary"]["paper"] for e in entries.values()))
    boards = {p: of_summaries(e["summary"] for e in entries.values() if e["summary"]["paper"] == p) for p in papers}
    first = papers[0]
    out.print(f"{_count(len(entries), 'claim')} of {_count(len(papers), 'paper')} settled in {took:.0f} s.")
    out.print(f"[bold]{first}: {sentence(boards[first])}[/]")
    out.print(board_table(boards[first]))
    _false(first, entries)
    for line in _further({p: b for p, b in boards.items() if p != first}):
        out.print(line, markup=False)
    if line := _open(entries):
        out.print(line, markup=False)
    review = "" if changed is None else f"{changed} not as last reviewed." if changed else "All as last reviewed."
    out.print(f"{review} Certificates are in {folder}/".strip(), markup=False, overflow="fold")
    shown = highlights(first, entries)
    name = shown[0].id if shown else next(iter(entries))
    where = f" --paper {shipped}" if shipped else ""
    out.print(f"Next: saddlecheck show {name}{where}    saddlecheck recheck {folder}/{name}.json", markup=False)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _false(paper: str, entries: Mapping[str, Entry]) -> None:
    """The false assertions that matter, two lines each: what is said, and numbers at which it fails."""
    chosen, all_of_them = highlights(paper, entries)[:MOST], false_as_printed(paper, entries)
    if not chosen:
        return
    more = f", {len(chosen)} of {len(all_of_them)} (the rest: --all)" if len(chosen) < len(all_of_them) else ""
    out.print(f"\n[bold]False as printed[/]{more}", highlight=False)
    for h in chosen:
        head = _fitted(f"{h.id}: {h.says}", WIDTH)
        verdict = Verdict(entries[h.id]["summary"]["verdict"])
        out.print(coloured(verdict).replace(verdict.value, h.id) + escape(head.removeprefix(h.id)))
        out.print(escape(_fitted(f"  {why_false(h, entries)}", WIDTH)))


def why_false(highlight: Highlight, entries: Mapping[str, Entry]) -> str:
    """Numbers at which an assertion fails, or the title of the claim that says what is there instead."""
    if highlight.shown_by in entries:
        return str(entries[highlight.shown_by]["certificate"]["title"])
    return str(failure(entries[highlight.id]))


def _fitted(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _further(boards: Mapping[str, Board]) -> list[str]:
    """The other papers: a line each where something is false or open, the rest together; what is left out, counted."""
    lines, whole = [], []
    for name, board in boards.items():
        row = board.get("paper", {})
        total, false = sum(row.values()), sum(row.get(v, 0) for v in FALSE_AS_PRINTED)
        if false or row.get(Verdict.OPEN):
            counts = ", ".join(f"{row[v]} {word}" for v, word in COLUMNS.items() if row[v])
            lines.append(_fitted(f"  {name} {total}: {counts}", WIDTH))
        elif total:
            whole.append(f"{name} {total}")
    if not lines and not whole:
        return []
    held = textwrap.wrap(
        f"nothing false in {', '.join(whole)}" if whole else "", WIDTH, initial_indent="  ", subsequent_indent="  ",
        max_lines=_TOGETHER, placeholder=" …",
    )  # fmt: skip
    room = _FURTHER - len(held)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"  and {len(lines) - room + 1} more: saddlecheck papers"]
    return ["", "Further papers and what they assert (sources: saddlecheck papers)", *lines, *held]


def _open(entries: Mapping[str, Entry]) -> str:
    """The open claims, and the command that would settle the first for which there is one."""
    waiting = {i: e for i, e in entries.items() if e["summary"]["verdict"] == Verdict.OPEN.value}
    if not waiting:
        return ""
    commands: Sequence[str] = [str(e["certificate"]["settles"]) for e in waiting.values()]
    command = next((c for c in commands if c.startswith("saddlecheck ")), "")
    # The command stands on a line of its own: a line that is wrapped cannot be copied.
    return _fitted(f"Open: {', '.join(waiting)}", WIDTH) + (f"\n  next run: {command}" if command else "")
