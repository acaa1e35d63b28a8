"""What the site's search looks through: claims, papers, guides, as one script, so that it works from disk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.printing.prose import typeset
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.site.claim_page import Book

Entry = tuple[str, str, str, str, int]  # title, address, kind, text, and by how much it comes before others


def search_data(book: Book, docs: Path) -> str:
    """The script `search-data.js`.

    Args:
        book: the reports.
        docs: the folder of the documentation's sources, whose guides are searched by section.

    Returns:
        JavaScript that sets `SADDLECHECK_SEARCH`, a list of entries.
    """
    entries: list[Entry] = [_claim(r, book.paper_of(r)) for r in book.reports.values()]
    entries += [_paper(p) for p in book.papers if book.of(p)]
    for path in sorted([*docs.glob("*.md"), *(docs / "guides").glob("*.md")]):
        entries += _sections(path.read_text("utf-8"), path.relative_to(docs).with_suffix(".html").as_posix())
    return f"window.SADDLECHECK_SEARCH = {json.dumps(entries, ensure_ascii=False, separators=(',', ':'))};\n"


def _claim(report: Report, paper: Paper | None) -> Entry:
    claim = report.claim
    source = paper.source if paper and claim.voice != "ours" else "ours"
    kind = f"{claim.place} · {report.verdict.value} · {source} · {claim.id}"
    text = " ".join(part for part in (claim.says, claim.argument, claim.finding) if part)
    weight = 6 if claim.voice == "paper" else 2 if not claim.amends else 0
    return typeset(claim.title), f"claims/{claim.id}.html", kind, typeset(text), weight


def _paper(paper: Paper) -> Entry:
    known = f"{', '.join(paper.authors)}, {paper.year or ''}".rstrip(", ")
    return paper.title, f"atlas/index.html#paper-{paper.id}", f"paper · {known}", f"{paper.title}. {known}.", 8


_HEADING = re.compile(r"^(#{1,3}) +(.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```\n?", re.MULTILINE | re.DOTALL)


def _sections(text: str, address: str) -> Iterator[Entry]:
    """Each section of a page: its heading, its anchor as MyST makes it, and its words."""
    shown = _FENCE.sub(lambda found: found[0] if "console" in found[0][:12] else "", text)
    heads = list(_HEADING.finditer(shown))
    page = _words(heads[0][2]) if heads else ""
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = shown[head.end() : following.start() if following else None]
        title, top = _words(head[2]), len(head[1]) == 1
        anchor = "" if top else "#" + re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        yield title, address + anchor, "guide" if top else f"guide · {page}", _words(body), 4 if top else 1


def _words(markdown: str) -> str:
    """Markdown as plain words: no links, no marks, no fences."""
    plain = re.sub(r"```\S*|\{[^}]*\}|[`*$]|^\|?[-| ]+$|<[^>]+>", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown))
    return " ".join(plain.split())
