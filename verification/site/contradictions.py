"""The page of what papers say of each other: claims that exclude each other, and formulas that several of them have."""

from __future__ import annotations

from collections.abc import Sequence

from saddlecheck.theory.papers.shared import Shared
from saddlecheck.verification.ledger.comparison import Pair
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.templates import render


def contradictions_page(book: Book, pairs: Sequence[Pair], formulas: Sequence[Shared]) -> str:
    """The page in Markdown.

    Args:
        book: for the verdicts beside the claims; one that lacks a claim shows none.
        pairs: claims that cannot both be right.
        formulas: those that several papers have.

    Returns:
        Its text.
    """
    between = [p for p in pairs if "a result of ours" not in p.known]
    return render(
        "contradictions.md.jinja", sections=(
            ("Between two papers", between),
            ("Between a paper and a result of ours", [p for p in pairs if p not in between]),
        ),
        formulas=formulas, reports=book.reports,
    )  # fmt: skip
