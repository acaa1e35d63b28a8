"""Arguments that several verbs have, completed by the TAB key; nothing is loaded before it is completed."""

from __future__ import annotations

from typing import Annotated

import typer


def completed(incomplete: str) -> list[str]:
    """The ids that begin so, for the TAB key: those that were reviewed, which needs no claim to be built."""
    from saddlecheck.verification.ledger import pins

    return [i for i in pins.load() if i.startswith(incomplete.lower())]


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
