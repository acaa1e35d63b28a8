"""The first lines of the README and of the site: what was found, with numbers that are computed."""

from __future__ import annotations

from collections.abc import Mapping

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.verification.ledger.highlights import Entry, remembered
from saddlecheck.verification.ledger.scoreboard import of_summaries, sentence
from saddlecheck.verification.site.prose import myst
from saddlecheck.verification.site.templates import render


def found(paper: Paper, entries: Mapping[str, Entry], link: str) -> str:
    """How many claims of a paper are false, and the witnesses that a reader will remember.

    Args:
        paper: the paper.
        entries: of its claims, as `snapshot` keeps them.
        link: of a claim's page, with {} for its id; empty for none.

    Returns:
        Markdown.
    """
    board = of_summaries(e["summary"] for e in entries.values() if e["summary"]["paper"] == paper.id)
    title = f"[*{paper.title}*]({paper.link})" if paper.link else f"*{paper.title}*"
    lead = f"**{sentence(board)}** The paper is {', '.join(paper.authors[:-1])} and {paper.authors[-1]}, {title}"
    version = f" (version {paper.version})" if paper.version else ""
    lines = [f"{lead}{version}.", ""]
    for i, words in remembered(paper.id, entries).items():
        shown = myst(words) if link else words
        lines.append(f"- {shown} " + (f"[`{i}`]({link.format(i)})" if link else f"(`{i}`)"))
    return "\n".join(lines) + "\n"


# Address, title and what is behind it.
_CARDS = (
    ("claims/errata.html", "What is wrong in the paper", "Each error with its place, its correction and the proof."),
    ("atlas/index.html", "The papers", "What each says, and how it came out."),
    ("atlas/stability-table.html", "Does my rule trap?", "GSAM, ASAM and their kin: each entry proved, or open."),
    ("contradictions/index.html", "Contradictions", "Where papers cannot both be right, and formulas that they share."),
    ("atlas/graph.html", "What rests on what", "The claims as a graph, to click through."),
    ("claims/index.html", "All claims", "Statement, derivation, engines, verdict, counterexample: a page for each."),
    ("guides/new-paper.html", "Check a claim of your own", "From a theorem in LaTeX to a settled claim."),
    ("guides/start.html", "Start in five minutes", "Install, check the ledger, analyse a loss of your own."),
)  # fmt: skip


def cards() -> str:
    """Where to go from the front page, as HTML."""
    return render("cards.html.jinja", cards=_CARDS)
