"""The site of one paper, built by Sphinx from the same templates as ours: `index.html` in a folder, without network."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from saddlecheck._files import write_whole
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.site.build import write_claims
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.templates import render
from saddlecheck.verification.site.trials import own_trials

STATIC = Path(__file__).with_name("static")


def build(paper: Paper, reports: Mapping[str, Report], folder: Path) -> Path:
    """Build the site of a paper.

    Args:
        paper: the paper.
        reports: those of its claims.
        folder: for the site; what lies there under the same names is replaced.

    Returns:
        The page to open.

    Raises:
        ValueError: the folder cannot be made.
        RuntimeError: Sphinx refuses a page that was generated.
    """
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder for the site, as in --out {folder}-pages.")
    pages = {r.id: r for r in _with_grounds(reports.values())}
    book = Book(pages, own_trials(r.claim for r in pages.values()), papers=(paper,))
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        write_claims(book, source / "claims", source / "extra")
        tally = (source / "claims" / "tally.html").read_text("utf-8")
        write_whole(source / "index.md", render("own_index.md.jinja", paper=paper, tally=tally, count=len(reports)))
        write_whole(source / "conf.py", render("own_conf.py.jinja", paper=paper, static=str(STATIC)))
        _sphinx(source, folder, Path(scratch) / "doctrees")
    return folder / "index.html"


def _with_grounds(reports: Iterable[Report]) -> list[Report]:
    """Reports, and behind them those of the claims of other papers on which they rest, each once."""
    found = {r.id: r for r in reports}
    waiting = list(found.values())
    while waiting:
        report = waiting.pop(0)
        for below in (*report.rests, *report.repairs):
            if below.id not in found:
                found[below.id] = below
                waiting.append(below)
    return list(found.values())


def _sphinx(source: Path, target: Path, doctrees: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-b", "html", "-d", str(doctrees)]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}  # of Sphinx's own dependencies
    done = subprocess.run(
        [*command, str(source), str(target)], capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"Sphinx does not build the pages: {done.stderr.strip()[:2000]}")
