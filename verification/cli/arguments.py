"""Arguments that several verbs have, completed by the TAB key; nothing is loaded before it is completed."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Annotated

import typer


def completed(ctx: typer.Context, incomplete: str) -> list[str]:
    """The ids that begin so, for the TAB key: of a file that stands before them, else those that were reviewed.

    No claim is built for it. A file is read and not run: a key that completes a word must not start a program.
    """
    from saddlecheck.verification import user_file
    from saddlecheck.verification.ledger import pins

    words, paper = ctx.params.get("words") or [], ctx.params.get("paper")
    if words and (named := user_file.named(words[0])) is not None:
        return [i for i in ids_written_in(named[0]) if i.startswith(incomplete)]
    return [i for i, pin in pins.load().items() if i.startswith(incomplete) and paper in (None, pin.paper)]


def ids_written_in(path: Path) -> list[str]:
    """The ids that a file gives to `Claim` as plain strings; none if it cannot be read."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func).split(".")[-1] == "Claim"]
    given = [n for c in calls for n in (*c.args[:1], *(k.value for k in c.keywords if k.arg == "id"))]
    return [n.value for n in given if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def completed_paper(incomplete: str) -> list[str]:
    """The papers that begin so."""
    from saddlecheck.verification.ledger import own_file, pins

    reviewed = dict.fromkeys(pin.paper for pin in pins.load().values())
    return [i for i in (*reviewed, *own_file.shipped()) if i.startswith(incomplete)]


Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[FILE] [ID]…", show_default=False, autocompletion=completed,
        help="Claim ids, all if none is given; or your own FILE.py[:NAME], and ids in it.",
    ),
]  # fmt: skip
InPaper = Annotated[
    str | None,
    typer.Option("--paper", help="A paper's id; see `papers`.", show_default=False, autocompletion=completed_paper),
]
