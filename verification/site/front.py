"""The first lines of the README and of the site: what was found, with numbers that are computed."""

from __future__ import annotations

from collections.abc import Mapping

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.verification.ledger.highlights import Entry, remembered
from saddlecheck.verification.ledger.scoreboard import of_summaries, sentence


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
        lines.append(f"- {words} " + (f"[`{i}`]({link.format(i)})" if link else f"(`{i}`)"))
    return "\n".join(lines) + "\n"
