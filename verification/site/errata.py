"""What is wrong in a paper, as a referee would send it to the authors: place, printed form, corrected form, proof."""

from __future__ import annotations

import re
from typing import Any

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.printing.tex import alphabet
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.highlights import HIGHLIGHTS, entries_of, failure, highlights
from saddlecheck.verification.ledger.scoreboard import FALSE_AS_PRINTED
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.dashboard import heading
from saddlecheck.verification.site.templates import render
from saddlecheck.verification.site.voices import entry


def findings(book: Book, paper: Paper) -> list[Report]:
    """What a paper asserts and does not hold as printed, in its order; nothing that is ours is among it."""
    return [r for r in book.of(paper) if r.claim.voice == "paper" and r.verdict in FALSE_AS_PRINTED]


def _first(book: Book, paper: Paper) -> list[dict[str, Any]]:
    """What matters most, where an order of it is committed: what is said, why it is false, what to use instead."""
    if paper.id not in HIGHLIGHTS:
        return []
    entries = entries_of(paper.id, {r.id: r for r in book.of(paper)})
    rows = []
    for h in highlights(paper.id, entries):
        shown_by = next(iter(book.claims([h.shown_by])), None)
        why = "" if shown_by else re.sub(r"_(\d\d+)", r"_{\1}", str(failure(entries[h.id])))  # h_11 has one index
        instead = book.claims(book.reports[h.id].judgement.amended_by)
        rows.append({"id": h.id, "says": h.says, "why": why, "shown_by": shown_by, "instead": instead})
    return rows


def errata(book: Book, paper: Paper, name: str) -> str:
    """The page of what is wrong in a paper; name: of its file, without ending."""
    wrong = findings(book, paper)
    counts = [(v, n) for v in FALSE_AS_PRINTED if (n := sum(r.verdict is v for r in wrong))]
    with alphabet(paper.symbols):
        return render(
            "errata.md.jinja", paper=paper, name=name, wrong=wrong, counts=counts, claims=book.claims, entry=entry,
            ids=book.reports, first=_first(book, paper),
            lead=lambda section: heading(section, paper),
        )  # fmt: skip
