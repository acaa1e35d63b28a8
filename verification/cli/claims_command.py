"""`saddlecheck claims`: what there is, from the list of all claims, which loads no library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from saddlecheck.verification.cli.arguments import InPaper
from saddlecheck.verification.cli.console import out
from saddlecheck.verification.ledger import contents

if TYPE_CHECKING:
    from saddlecheck.theory.claims.claim import Claim


def claims(
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="Your own FILE.py.", show_default=False)] = None,
    section: Annotated[str | None, typer.Option(help="Only this section of the paper, e.g. 4.3.")] = None,
    paper: InPaper = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a claim, nothing else.")] = False,
) -> None:
    """List the claims, in the order of the papers, with place and id."""
    listed = _listed(file, paper)
    chosen = [c for c in listed if section is None or c.place.section == section]
    if not chosen:
        sections = sorted({c.place.section for c in listed})
        raise ValueError(f"no claim is from section {section!r}; sections are {', '.join(sections)}.")
    if as_json:
        for c in chosen:
            fields = {"id": c.id, "place": str(c.place), "title": c.title, "says": c.says, "amends": c.amends}
            print(json.dumps({**fields, "voice": c.voice, "provenance": c.provenance}))
        return
    listing = Table(box=None, pad_edge=False)
    for column in ("id", "place", "claim"):
        listing.add_column(column, no_wrap=column == "id", overflow="fold")
    for c in chosen:
        listing.add_row(c.id, str(c.place), escape(c.title + (f" (amends {c.amends})" if c.amends else "")))
    out.print(listing)


def _listed(file: str | None, paper: str | None) -> list[Claim | contents.ListedClaim]:
    """The claims of a file or a paper, or all of this project, which are read from the list if it is current."""
    entries = list(contents.listed().values())
    if file is None and (chosen := [e for e in entries if paper in (None, e.paper)]):
        return [*chosen]
    from saddlecheck.verification.cli.subject import subject

    about, rest = subject([file] if file else [], paper)
    if rest:
        raise ValueError(f"{rest[0]!r} is no file of claims; `saddlecheck show {rest[0]}` shows one claim.")
    return list(about.own.values())
