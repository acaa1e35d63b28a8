"""What is wrong in the paper, as a referee would send it to the authors: place, printed form, corrected form, proof."""

from __future__ import annotations

from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.dashboard import SECTION
from saddlecheck.verification.site.templates import render

WRONG = (Verdict.CORRECTED, Verdict.CONDITIONAL, Verdict.REFUTED)


def findings(book: Book) -> list[Report]:
    """Claims of the paper that do not hold as printed, in its order."""
    return [r for r in book.reports.values() if r.verdict in WRONG and r.claim.place != BEYOND and not r.claim.amends]


def errata(book: Book) -> str:
    """The page `claims/errata`."""
    wrong = findings(book)
    counts = [(v, n) for v in WRONG if (n := sum(r.verdict is v for r in wrong))]
    return render("errata.md.jinja", wrong=wrong, counts=counts, claims=book.claims, lead=_lead, passage=_passage)


def _lead(section: str) -> str:
    return f"{f'Section {section}' if section[0].isdigit() else section.capitalize()}: {SECTION.get(section, '')}"


def _passage(claim: Claim) -> str:
    passage = claim.place.passage or claim.place.section
    return passage[0].upper() + passage[1:]
