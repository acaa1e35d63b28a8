"""The page of one claim, from its report: no verdict is typed, and nothing unchecked is shown as checked."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.cite import Cite
from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.evidence import NUMERIC, STATEMENT, Evidence
from saddlecheck.theory.claims.steps import Accept, Bounded, Step, stated
from saddlecheck.theory.printing.prose import myst, plain
from saddlecheck.theory.printing.tex import tex
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.ledger.twins import Trial
from saddlecheck.verification.site import parts
from saddlecheck.verification.site.evidence_sections import numeric_section, twins_section
from saddlecheck.verification.site.formula import conditions, display
from saddlecheck.verification.site.witness import witness_table

HALF = 36  # characters of a line of mathematics in one of two columns


class UncheckedPage(ValueError):
    """A page that would show as checked what no evidence supports."""


@dataclass(frozen=True)
class Book:
    """All reports in the paper's order, and the false twins tried, by claim id."""

    reports: Mapping[str, Report]
    trials: Mapping[str, Sequence[Trial]]
    figures: Mapping[str, str] = field(default_factory=dict)  # claim id -> Markdown that shows its figures

    def cited_by(self, claim_id: str) -> list[str]:
        """Ids of the claims that point to one."""
        return [
            i
            for i, r in self.reports.items()
            if i != claim_id and claim_id in (*r.claim.related, *graph.grounds(r.claim))
        ]

    def amendments(self, claim_id: str) -> list[Report]:
        """The reports of the claims that amend one."""
        return [r for r in self.reports.values() if r.claim.amends == claim_id]

    def neighbours(self, claim_id: str) -> tuple[str | None, str | None]:
        """The ids before and after one, in the paper's order."""
        ids = list(self.reports)
        at = ids.index(claim_id)
        return (ids[at - 1] if at else None), (ids[at + 1] if at + 1 < len(ids) else None)


def audit(report: Report, book: Book) -> None:
    """Refuse a report whose judgement does not follow from its evidence, or whose evidence is about other steps.

    Raises UncheckedPage.
    """
    repairs = [(r.claim, r.judgement) for r in book.amendments(report.id)]
    grounds = {i: book.reports[i].judgement for i in graph.grounds(report.claim) if i in book.reports}
    if judge(report.claim, report.evidence, repairs, grounds) != report.judgement:
        raise UncheckedPage(
            f"the report of {report.id} says {report.verdict.value!r}, which does not follow from its evidence; "
            "settle the claim again with `saddlecheck check`."
        )
    known = {STATEMENT, *(s.name for s in report.claim.steps)}
    for e in report.evidence:
        if e.about not in known:
            raise UncheckedPage(
                f"the report of {report.id} has evidence about a step {e.about!r}, which the claim does not have; "
                "settle the claim again with `saddlecheck check`."
            )


def page(report: Report, book: Book) -> str:
    """The claim's page as MyST Markdown. Raises UncheckedPage where the report does not support its own verdict."""
    audit(report, book)
    claim = report.claim
    sections = [
        f"---\norphan: true\n---\n\n({anchor(claim.id)})=\n# {myst(claim.title)}\n",
        _header(report),
        f"{{.says}}\n{_speaker(claim)}: {myst(claim.says)}\n",
        "## Statement\n",
        _statement(claim),
        "## Verdict\n",
        _verdict(report, book),
        _derivation(report),
        numeric_section(report),
        book.figures.get(report.id, ""),
        twins_section(book.trials.get(claim.id, ())),
        _links(report, book),
    ]
    return "\n".join(s for s in sections if s)


def _speaker(claim: Claim) -> str:
    if claim.amends:
        return "The amendment"
    return "The claim" if claim.place == BEYOND else "The paper says"


def anchor(claim_id: str) -> str:
    """The name under which the guides link to a claim's page."""
    return f"claim-{claim_id}"


def _header(report: Report) -> str:
    claim = report.claim
    engines = " ".join(parts.engine_chip(e) for e in report.judgement.engines)
    return parts.raw(
        f'<p class="meta"><a href="index.html">All claims</a> '
        f'<span class="place">{html.escape(str(claim.place))}</span>'
        f" <code>{claim.id}</code> {parts.chip(report.verdict)} {engines}"
        f' <span class="muted">checked in {parts.seconds(report.seconds)}</span></p>'
    )


def _statement(claim: Claim) -> str:
    text = "" if claim.is_formula else "A claim in words; no formula stands for it.\n\n"
    if claim.given:
        symbols = set().union(*(f.free_symbols for f in (claim.statement, *claim.given)))
        text += f"For all real ${', '.join(tex(s) for s in sorted(symbols, key=str))}$ with\n\n"
        text += conditions(claim.given) + "\nit is claimed that\n\n"
    text += display(claim.statement) + "\n"
    return text + (f"{myst(claim.reading)}\n" if claim.reading else "")


def _verdict(report: Report, book: Book) -> str:
    j, claim = report.judgement, report.claim
    settles = claim.settles if j.verdict is Verdict.OPEN else ""
    words = j.reason.removesuffix(settles) if settles else j.reason  # the command stands below, to be copied
    reason = _linked(_sentence(plain(words)), (*j.amended_by, *graph.grounds(claim)))
    ground = j.words.removeprefix(j.verdict)  # ", accepted on a source" where that is not the verdict itself
    text = parts.raw(f'<p class="verdict">{parts.chip(j.verdict)}{ground} {reason}</p>')
    if claim.finding:
        text += f"{myst(claim.finding)}\n\n"
    if j.as_printed != j.verdict:
        text += parts.raw(f'<p class="muted">As printed, alone: {parts.chip(j.as_printed)}</p>')
    if settles:
        text += "" if words != j.reason else "To settle it:\n\n"
        text += f"```console\n$ {settles}\n```\n\n"
    if j.witness is not None:
        text += "### The counterexample\n\n" + parts.raw(witness_table(claim, j.witness))
    if j.inside is not None:
        text += "### Not only on an edge\n\n" + parts.raw(witness_table(claim, j.inside))
    repairs = [book.reports[i].claim for i in j.amended_by if i in book.reports]
    if claim.amends is not None and claim.amends in book.reports:
        text += "### Beside the printed form\n\n" + beside(book.reports[claim.amends].claim, [claim])
    elif repairs:
        text += "### What holds instead\n\n" + beside(claim, repairs)
    return text


def _linked(text: str, ids: Sequence[str]) -> str:
    for i in ids:
        text = re.sub(rf"(?<![\w-]){re.escape(i)}(?![\w-])", f'<a href="{i}.html">{i}</a>', text, count=1)
    return text


def beside(printed: Claim, repairs: Sequence[Claim]) -> str:
    """The printed form and what holds, side by side."""
    text = parts.raw(f'<div class="beside" style="--repairs: {len(repairs)}">')
    for label, css, claim in (("As printed", "printed", printed), *(("What holds", "repaired", r) for r in repairs)):
        link = f'<a href="{claim.id}.html">{plain(claim.title)}</a>'
        text += parts.raw(f'<div class="side {css}"><p class="label">{label}: {link}</p>')
        if claim.given:
            text += conditions(claim.given, HALF) + parts.raw('<p class="label">imply</p>')
        text += display(claim.statement, HALF) + parts.raw("</div>")
    return text + parts.raw("</div>")


def _derivation(report: Report) -> str:
    claim = report.claim
    if not claim.steps:
        return ""
    text = "## Derivation\n\n"
    for number, step in enumerate(claim.steps, 1):
        found = [e for e in report.evidence if e.about == step.name and e.kind not in NUMERIC]
        text += f"### {number}. {myst(step.name)}\n\n"
        if step.because:
            text += f"{_sentence(myst(step.because))}\n\n"
        text += _on_box(step) + display(step.formula) + "\n" + parts.raw(_checks(step, found))
    return text


def _on_box(step: Step) -> str:
    if not isinstance(step, Bounded):
        return ""
    import sympy as sp

    box = stated(step).args[0]
    return "On the box\n\n" + display(box if isinstance(box, sp.Basic) else sp.true) + "\nit holds that\n\n"


def _checks(step: Step, found: Sequence[Evidence]) -> str:
    """Who checked a step and how long it took; that nobody did, where that is so."""
    uses = f' <span class="muted">uses {", ".join(html.escape(u) for u in step.uses)}</span>' if step.uses else ""
    if isinstance(step, Cite):
        uses += f' <span class="muted">rests on <a href="{step.claim}.html">{step.claim}</a></span>'
    if isinstance(step, Accept):
        return f'<p class="checks">{parts.engine_chip("source")} {plain(step.source)}{uses}</p>'
    if not found:
        return f'<p class="checks"><strong class="false">not checked</strong>{uses}</p>'
    chips = []
    for e in found:
        status = "" if e.status == "proved" else f" {e.status}"
        chips.append(parts.engine_chip(e.engine, f"{status} {parts.seconds(e.seconds)}"))
    return f'<p class="checks"><span class="kind">{_kind(step)}</span> {" ".join(chips)}{uses}</p>'


def _kind(step: Step) -> str:
    words = {"Equal": "identity", "Entails": "consequence", "Bounded": "bound on a box", "RealZeros": "all real zeros",
             "Cite": "another claim"}  # fmt: skip
    name = type(step).__name__
    return words.get(name, name.lower())


def _links(report: Report, book: Book) -> str:
    claim = report.claim
    groups = {
        "Amends": [claim.amends] if claim.amends else [],
        "Amended by": [r.id for r in book.amendments(claim.id)],
        "Rests on": list(graph.grounds(claim)),
        "Read next": list(claim.related),
        "Cited by": book.cited_by(claim.id),
    }
    lines = []
    for label, ids in groups.items():
        present = [i for i in ids if i in book.reports]
        if present:
            items = ", ".join(f'<a href="{i}.html">{plain(book.reports[i].claim.title)}</a>' for i in present)
            lines.append(f"<li><strong>{label}:</strong> {items}</li>")
    before, after = book.neighbours(claim.id)
    walk = []
    for css, label, other in (("before", "‹", before), ("after", "›", after)):
        title = plain(book.reports[other].claim.title) if other else ""
        text = f"{label} {title}" if css == "before" else f"{title} {label}"
        walk.append(f'<a class="{css}" href="{other}.html">{text}</a>' if other else "<span></span>")
    listed = f"<ul class='links'>{''.join(lines)}</ul>" if lines else ""
    heading = "## See also\n\n" if lines else ""
    return heading + parts.raw(f'{listed}<nav class="walk" aria-label="neighbouring claims">{"".join(walk)}</nav>')


def _sentence(text: str) -> str:
    """A reason as a sentence: a capital where it begins with a plain word, and a full stop."""
    first = text.split(" ", 1)[0]
    if first.isalpha() and first.isascii() and len(first) > 1:
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "?", "!", ":")) else text + "."
