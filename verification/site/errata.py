"""What is wrong in the paper, as a referee would send it to the authors: place, printed form, corrected form, proof."""

from __future__ import annotations

import html
from itertools import groupby

from saddlecheck.theory.claims.claim import BEYOND
from saddlecheck.theory.printing.prose import myst, plain
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site import parts
from saddlecheck.verification.site.claim_page import Book, beside
from saddlecheck.verification.site.dashboard import SECTION
from saddlecheck.verification.site.formula import display
from saddlecheck.verification.site.witness import witness_table

WRONG = (Verdict.CORRECTED, Verdict.CONDITIONAL, Verdict.REFUTED)


def findings(book: Book) -> list[Report]:
    """Claims of the paper that do not hold as printed, in its order."""
    return [r for r in book.reports.values() if r.verdict in WRONG and r.claim.place != BEYOND and not r.claim.amends]


def errata(book: Book) -> str:
    """The page `claims/errata`."""
    wrong = findings(book)
    counts = {v: sum(r.verdict is v for r in wrong) for v in WRONG}
    text = (
        "(errata)=\n# What is wrong in the paper\n\n"
        "A referee's list for *Stability Analysis of Sharpness-Aware Minimization* (Kim, Park, Choi and Lee, version "
        "1). Each item has its place, the printed assertion in our words, numbers at which it fails, and what holds; "
        "each links to its proof. Nothing here was typed as a verdict: the list is computed from the ledger.\n\n"
    )
    summary = " ".join(f"<li>{parts.chip(v)} <b>{n}</b></li>" for v, n in counts.items() if n)
    text += parts.raw(f'<ul class="legend">{summary}</ul>')
    number = 0
    for section, group in groupby(wrong, key=lambda r: r.claim.place.section):
        lead = f"Section {section}" if section[0].isdigit() else section.capitalize()
        text += f"## {lead}: {SECTION.get(section, '')}\n\n"
        for r in group:
            number += 1
            text += _item(number, r, book)
    return text


def _item(number: int, r: Report, book: Book) -> str:
    claim, j = r.claim, r.judgement
    passage = claim.place.passage or claim.place.section
    text = f"### {number}. {myst(passage[0].upper() + passage[1:])}: {myst(claim.title)}\n\n"
    text += parts.raw(
        f'<p class="meta">{parts.chip(j.verdict)} <span class="place">{html.escape(str(claim.place))}</span> '
        f'<a href="{claim.id}.html">proof and evidence <code>{claim.id}</code></a></p>'
    )
    text += f"**Printed.** {myst(claim.says)}\n\n"
    if claim.finding:
        text += f"**Finding.** {myst(claim.finding)}\n\n"
    if j.witness is not None and claim.is_formula:
        text += parts.raw(
            "<details class='numbers'><summary>Numbers to put in by hand</summary>"
            f"{witness_table(claim, j.witness)}</details>"
        )
    repairs = [book.reports[i].claim for i in j.amended_by if i in book.reports]
    if repairs:
        return text + beside(claim, repairs)
    text += parts.raw('<p class="label">The refuted statement</p>') + display(claim.statement)
    if claim.related:
        links = ", ".join(
            f'<a href="{i}.html">{plain(book.reports[i].claim.title)}</a>' for i in claim.related if i in book.reports
        )
        text += parts.raw(f"<p>See also {links}.</p>") if links else ""
    return text
