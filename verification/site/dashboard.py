"""The dashboard: every claim in the paper's order, filtered by section and verdict; it reads whole without scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from saddlecheck.theory.claims.claim import BEYOND
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.templates import render

SECTION = {
    "2": "Background",
    "4.1": "Geometry near a saddle",
    "4.2": "When a saddle attracts",
    "4.3": "Diffusion and the toy neuron",
    "4.4": "Momentum and batch size",
    "appendix": "Proofs",
    BEYOND.section: "Results of ours",
}


def dashboard(book: Book) -> str:
    """The page `claims/index`."""
    reports = list(book.reports.values())
    sections = Counter(r.claim.place.section for r in reports)
    order = sorted(sections, key=lambda s: ([*SECTION].index(s) if s in SECTION else len(SECTION), s))
    named = [(s, f"§{s} {SECTION.get(s, '')}" if s[0].isdigit() else s, sections[s]) for s in order]
    return render(
        "dashboard.md.jinja", reports=reports, tally=tally(book), sections=named, verdicts=_counted(reports)
    )  # fmt: skip


def tally(book: Book, link: str = "") -> str:
    """A bar of all verdicts with their counts; link: the dashboard's address, if the bar is shown elsewhere."""
    verdicts = _counted(book.reports.values())
    return render("tally.html.jinja", verdicts=verdicts, total=sum(n for _, n in verdicts), link=link)


def _counted(reports: Iterable[Report]) -> list[tuple[Verdict, int]]:
    counts = Counter(r.verdict for r in reports)
    return [(v, counts[v]) for v in Verdict if counts[v]]
