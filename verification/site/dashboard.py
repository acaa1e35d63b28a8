"""The dashboard: every claim in the paper's order, filtered by section and verdict; it reads whole without scripts."""

from __future__ import annotations

import html
from collections import Counter

from saddlecheck.theory.claims.claim import BEYOND
from saddlecheck.theory.printing.prose import plain
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site import parts
from saddlecheck.verification.site.claim_page import Book

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
    rows = "\n".join(_row(r) for r in reports)
    return (
        "(claims)=\n# All claims\n\n"
        "Every claim that was settled, in the order of the paper; results beyond it stand beside what they answer, or "
        "at the end. Choose sections and verdicts, or search. [What is wrong in the paper](errata.md) has the "
        "corrections alone.\n\n"
        + parts.raw(
            f'<div id="ledger" class="ledger">{tally(book)}{_filters(reports)}'
            f'<p class="muted" id="ledger-count" role="status">{len(reports)} claims</p>'
            '<table class="ledger-table"><thead><tr><th scope="col">claim</th><th scope="col">place</th>'
            f'<th scope="col">verdict</th></tr></thead><tbody>\n{rows}\n</tbody></table></div>'
        )
        + "```{toctree}\n:hidden:\n\nerrata\n```\n"
    )


def tally(book: Book, link: str = "") -> str:
    """A bar of all verdicts with their counts; link: the dashboard's address, if the bar is shown elsewhere."""
    counts = Counter(r.verdict for r in book.reports.values())
    total = sum(counts.values())
    bar = "".join(
        f'<span class="v-{parts.slug(v)}" style="flex-grow:{counts[v]}" title="{counts[v]} {v}"></span>'
        for v in Verdict
        if counts[v]
    )
    legend = "".join(
        f'<li><a href="{link}#verdict={parts.slug(v)}">{parts.chip(v)}</a> <b>{counts[v]}</b></li>'
        for v in Verdict
        if counts[v]
    )
    label = f"{total} claims by verdict"
    return f'<div class="bar" role="img" aria-label="{label}">{bar}</div><ul class="legend">{legend}</ul>'


def _filters(reports: list[Report]) -> str:
    sections = Counter(r.claim.place.section for r in reports)
    verdicts = Counter(r.verdict for r in reports)
    by_section = "".join(
        f'<button type="button" data-section="{_key(s)}" aria-pressed="false">{html.escape(_name(s))} '
        f"<b>{sections[s]}</b></button>"
        for s in sorted(sections, key=lambda s: ([*SECTION].index(s) if s in SECTION else len(SECTION), s))
    )
    by_verdict = "".join(
        f'<button type="button" data-verdict="{parts.slug(v)}" aria-pressed="false">{parts.MARK[v]} {v} '
        f"<b>{verdicts[v]}</b></button>"
        for v in Verdict
        if verdicts[v]
    )
    return (
        '<form class="filters" role="search" hidden>'
        '<label>Search <input type="search" id="ledger-search" placeholder="title, id or equation"></label>'
        f'<div role="group" aria-label="Sections">{by_section}</div>'
        f'<div role="group" aria-label="Verdicts">{by_verdict}</div></form>'
    )


def _row(r: Report) -> str:
    claim = r.claim
    mark = f' <span class="muted">amends {claim.amends}</span>' if claim.amends else ""
    return (
        f'<tr class="{"amendment" if claim.amends else ""}" data-section="{_key(claim.place.section)}" '
        f'data-verdict="{parts.slug(r.verdict)}"><td><a href="{claim.id}.html">{plain(claim.title)}</a> '
        f"<code>{claim.id}</code>{mark}</td><td>{html.escape(str(claim.place))}</td><td>{parts.chip(r.verdict)}</td></tr>"
    )


def _key(section: str) -> str:
    return section.replace(" ", "-").replace(".", "-")


def _name(section: str) -> str:
    label = SECTION.get(section, "")
    return f"§{section} {label}" if section[0].isdigit() else section
