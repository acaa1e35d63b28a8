"""The dashboard: every claim in the order of the papers, filtered by section, voice and verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.ledger.scoreboard import FALSE_AS_PRINTED, VOICES, scoreboard, sentence
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.templates import key, render


def dashboard(book: Book) -> str:
    """The page `claims/index`."""
    reports = list(book.reports.values())
    sections = [(paper, _sections(paper, book.of(paper))) for paper in (*book.papers, None)]
    papers = [(p, len(book.of(p))) for p in book.papers if book.of(p)]
    voices: Counter[str] = Counter(r.claim.voice or "ours" for r in reports)
    return render(
        "dashboard.md.jinja", reports=reports, papers=papers, errata=errata_pages(book),
        sections=[(paper, listed) for paper, listed in sections if listed], section_key=section_key,
        voices=[(v, name, voices[v]) for v, name in VOICES.items() if voices[v]], verdicts=_counted(reports),
    )  # fmt: skip


def _is_wrong(report: Report) -> bool:
    return report.claim.voice == "paper" and report.verdict in FALSE_AS_PRINTED


def heading(section: str, paper: Paper | None) -> str:
    """A section as people call it: its number and the paper's heading."""
    title = paper.sections.get(section, "") if paper else ""
    number = f"§{section}" if section[:1].isdigit() else section.capitalize()
    return f"{number} {title}".strip() if section[:1].isdigit() else title or number


def section_key(report: Report) -> str:
    """A section as a word that no section of another paper has."""
    return f"{report.paper}-{key(report.claim.place.section)}"


def _sections(paper: Paper | None, reports: Sequence[Report]) -> list[tuple[str, str, int]]:
    """Key, name and number of claims of each section, in the paper's order."""
    counts = Counter(r.claim.place.section for r in reports)
    known = list(paper.sections) if paper else []
    order = sorted(counts, key=lambda s: (known.index(s) if s in known else len(known), s))
    keys = {r.claim.place.section: section_key(r) for r in reports}
    return [(keys[s], heading(s, paper), counts[s]) for s in order]


def errata_pages(book: Book) -> list[tuple[Paper, str]]:
    """The papers of which something is false, and the first that asserts anything, with the names of their errata."""
    speaking = _speaking(book)
    named = [(p, "errata" if i == 0 else f"errata-{p.id}") for i, p in enumerate(speaking)]
    return [(p, name) for p, name in named if name == "errata" or any(_is_wrong(r) for r in book.of(p))]


def _speaking(book: Book) -> list[Paper]:
    """The papers that assert something."""
    return [p for p in book.papers if any(r.claim.voice == "paper" for r in book.of(p))]


def tally(book: Book, link: str = "") -> str:
    """Bars of verdicts with their counts: what each paper asserts, and apart from that what is ours.

    link: the dashboard's address, if the bars are shown elsewhere.

    Returns:
        HTML.
    """
    board = scoreboard((r.claim.voice, r.verdict) for r in book.reports.values())
    papers = _speaking(book)
    bars: list[tuple[Paper | None, str, str, list[tuple[Verdict, int]]]] = []
    for paper in papers:
        found = scoreboard((r.claim.voice, r.verdict) for r in book.of(paper))
        bars.append((paper, sentence(found), "paper", _nonzero(found["paper"].items())))
    bars += [(None, "", voice, _nonzero(board[voice].items())) for voice in ("reading", "ours") if voice in board]
    only = papers[0].id if len(papers) == 1 else ""
    return render("tally.html.jinja", bars=bars, names=VOICES, link=link, only=only)


def _nonzero(counts: Iterable[tuple[Verdict, int]]) -> list[tuple[Verdict, int]]:
    return [(v, n) for v, n in counts if n]


def _counted(reports: Iterable[Report]) -> list[tuple[Verdict, int]]:
    counts = Counter(r.verdict for r in reports)
    return [(v, counts[v]) for v in Verdict if counts[v]]
