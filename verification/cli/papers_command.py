"""`saddlecheck papers`, `new paper`, `pages` and `report`: papers as a whole."""

from __future__ import annotations

import json
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from saddlecheck._files import write_whole
from saddlecheck.numerics.effort import USUAL
from saddlecheck.verification import user_file
from saddlecheck.verification.cli.check_command import settled
from saddlecheck.verification.cli.console import err, out
from saddlecheck.verification.cli.contradictions_list import print_contradictions
from saddlecheck.verification.cli.subject import Subject, completed_paper, subject
from saddlecheck.verification.cli.tables import board_table
from saddlecheck.verification.ledger import library, own_file, scoreboard

Numeric = Annotated[bool, typer.Option(help="Count experiments and training records as evidence.")]
Jobs = Annotated[int, typer.Option(min=1, help="Processes.")]
_CORES = os.cpu_count() or 1
_EXAMPLE = Path(__file__).with_name("new_paper.py.txt")
beginnings = typer.Typer(no_args_is_help=True)


@beginnings.callback()  # one verb alone would stand in for the group
def new() -> None:
    """Write the beginning of something of your own."""


def papers(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a paper, nothing else.")] = False,
    contradictions: Annotated[
        bool, typer.Option("--contradictions", help="List what papers say against each other, and what they share.")
    ] = False,
    numeric: Numeric = True,
    jobs: Jobs = _CORES,
) -> None:
    """List the papers, each with its scoreboard: its own claims and, apart from them, ours.

    Those that installed packages ship (entry points of the group saddlecheck.papers) stand behind those of saddlecheck.
    With --contradictions: the claims of different papers that cannot both be right, each pair with the point that
    separates them, found and proved now, and the formulas that several papers have.
    """
    if contradictions:
        print_contradictions(as_json=as_json)
        return
    entries = settled(Subject(), [], jobs=jobs, numeric=numeric, profile=USUAL)
    boards = {
        p: scoreboard.of_summaries(e["summary"] for e in entries.values() if e["summary"]["paper"] == p.id)
        for p in library.house().papers
    }
    for name in own_file.shipped():
        try:
            about = Subject(own_file.load_shipped(name))
            found = settled(about, [], jobs=jobs, numeric=numeric, profile=USUAL)
        except ValueError as error:
            err.print(f"left out: {error}", markup=False)
            continue
        assert about.paper is not None
        boards[about.paper] = scoreboard.of_summaries(e["summary"] for e in found.values())
    for p, board in boards.items():
        if as_json:
            counts = {voice: {v.value: n for v, n in row.items()} for voice, row in board.items()}
            about_it = {"id": p.id, "title": p.title, "authors": list(p.authors), "year": p.year}
            print(json.dumps({**about_it, "link": p.link, "version": p.version, "claims": counts}))
        else:
            version = f", version {p.version}" if p.version else ""
            out.print(f"[bold]{p.id}[/] · {escape(p.source)}{version} {escape(p.link)}")
            out.print(board_table(board))
            out.print()


@beginnings.command()
def paper(
    name: Annotated[str, typer.Argument(help="Of the file, without .py.")],
) -> None:
    """Write NAME.py: a commented example with two claims, one true and one false, that runs as it is."""
    stem = name.removesuffix(".py")
    identifier = re.sub(r"[^a-z0-9]+", "-", Path(stem).name.lower()).strip("-")
    if not identifier:
        raise ValueError(f"{name!r} has no letter or digit to make a paper's id of; choose another name.")
    path = Path(f"{stem}.py")
    if path.exists():
        raise ValueError(f"{path} exists and is left as it is; choose another name.")
    write_whole(path, _EXAMPLE.read_text("utf-8").replace("IDENTIFIER", identifier).replace("FILE", str(path)))
    out.print(f"{path} is written. Settle it with: saddlecheck check {path}", markup=False)


def pages(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Your own FILE.py[:NAME].")],
    target: Annotated[
        Path | None, typer.Option("--out", help="Folder of the site; FILE-pages.", show_default=False)
    ] = None,
    numeric: Numeric = True,
    jobs: Jobs = _CORES,
) -> None:
    """Build the site of your own claims: a page for each, a list, what is wrong, all from the checked objects.

    Open index.html in the folder; it needs no network. It takes the extra `pages`: pip install 'saddlecheck[pages]'.

    Examples:  saddlecheck pages my_paper.py    saddlecheck pages my_paper.py --out site
    """
    needed = {"jinja2": "jinja2", "sphinx": "sphinx", "myst_parser": "myst-parser", "furo": "furo"}
    if missing := [package for module, package in needed.items() if find_spec(module) is None]:
        raise ValueError(f"pages need {', '.join(missing)}: pip install 'saddlecheck[pages]'.")
    about, rest = subject([file])
    if about.paper is None or rest:
        raise ValueError(f"{file!r} is no Python file of claims; name one, as in `saddlecheck pages my_paper.py`.")
    from saddlecheck.verification.site.own_site import build

    named = user_file.named(file)
    folder = target or (named[0].with_name(f"{named[0].stem}-pages") if named else Path("pages"))
    reports = about.check_all(list(about.own), jobs=jobs, numeric=numeric)
    index = build(about.paper, reports, folder)
    out.print(f"{len(reports)} claims; open {index} in a browser.", markup=False)


def report(
    name: Annotated[
        str,
        typer.Argument(metavar="PAPER", help="A paper's id, or your FILE.py[:NAME].", autocompletion=completed_paper),
    ],
    latex: Annotated[bool, typer.Option("--latex", help="A LaTeX document.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Markdown, mathematics in dollars (default).")] = False,
    numeric: Numeric = True,
    jobs: Jobs = _CORES,
) -> None:
    """Print what a referee attaches to a review: the paper's claims, verdicts, counterexamples and repairs.

    Examples:  saddlecheck report kim --latex > review.tex    saddlecheck report my_paper.py --markdown
    """
    if latex and markdown:
        raise ValueError("--latex and --markdown both claim stdout; give one of them.")
    own = user_file.named(name) is not None
    about, _ = subject([name] if own else [], None if own else name)
    assert about.paper is not None
    from saddlecheck.verification.site.referee import referee

    print(referee(about.paper, about.check_all(list(about.own), jobs=jobs, numeric=numeric), latex=latex), end="")
