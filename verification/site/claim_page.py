"""The page of one claim, from its report: no verdict is typed, and nothing unchecked is shown as checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib.metadata import version

from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.evidence import STATEMENT
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.serial import digest, encode
from saddlecheck.theory.papers.catalogue import CLAIMS
from saddlecheck.theory.papers.losses import losses
from saddlecheck.theory.printing.tex import alphabet
from saddlecheck.theory.proof_assistant import files
from saddlecheck.verification.errors import UncheckedPage
from saddlecheck.verification.ledger import cache, library
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.ledger.twins import Trial
from saddlecheck.verification.site import comparison, derivation, downloads
from saddlecheck.verification.site.evidence_sections import runs
from saddlecheck.verification.site.kept import WRITTEN, kept, templates
from saddlecheck.verification.site.neighbourhood import MOST, edges, meaning, neighbours
from saddlecheck.verification.site.prose import plain
from saddlecheck.verification.site.templates import render, sentence
from saddlecheck.verification.site.voices import speaker
from saddlecheck.verification.site.witness import Witness


@dataclass(frozen=True)
class Book:
    """All reports in the order of the papers, the false twins tried by claim id, and the papers themselves."""

    reports: Mapping[str, Report]
    trials: Mapping[str, Sequence[Trial]]
    figures: Mapping[str, str] = field(default_factory=dict)  # claim id -> Markdown that shows its figures
    papers: Sequence[Paper] = ()
    downloads: Mapping[str, downloads.Offered] = field(default_factory=dict)  # claim id -> its files

    def paper_of(self, report: Report) -> Paper | None:
        """The paper whose claim a report is about, if it is one of the book's."""
        return next((p for p in self.papers if p.id == report.paper), None)

    def of(self, paper: Paper | None) -> list[Report]:
        """The reports of a paper's claims, in its order; of None those of claims of no paper of the book."""
        return [r for r in self.reports.values() if self.paper_of(r) is paper]

    def claims(self, ids: Iterable[str]) -> list[Claim]:
        """The claims of those ids that have a report."""
        return [self.reports[i].claim for i in ids if i in self.reports]

    def neighbours(self, claim_id: str) -> tuple[Claim | None, Claim | None]:
        """The claims before and after one, in the paper's order."""
        ids = list(self.reports)
        at = ids.index(claim_id)
        before, after = self.claims(ids[at - 1 : at] if at else ()), self.claims(ids[at + 1 : at + 2])
        return (before[0] if before else None), (after[0] if after else None)

    @cached_property
    def shown(self) -> str:
        """A digest of all that pages say beside the words of the claims; empty where those are not ours."""
        if any(r.claim is not CLAIMS.get(r.id) for r in self.reports.values()):
            return ""
        reports = [[r.claim.fingerprint, r.summary(), [asdict(e) for e in r.evidence]] for r in self.reports.values()]
        trials = {i: [{**asdict(t), "formula": encode(t.formula)} for t in ts] for i, ts in self.trials.items()}
        offered = {i: asdict(o) for i, o in self.downloads.items()}
        return digest(
            [reports, trials, dict(self.figures), [p.id for p in self.papers], offered, version("saddlecheck")]
        )


def audit(report: Report, book: Book) -> None:
    """Refuse a report whose judgement does not follow from its evidence, or whose evidence is about other steps.

    Raises:
        UncheckedPage: it is refused.
    """
    repairs = [(r.claim, book.reports.get(r.id, r).judgement) for r in report.repairs]
    grounds = {r.id: book.reports.get(r.id, r).judgement for r in report.rests}
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
    if not book.shown:
        return _made(report, book)
    about = [book.shown, templates()]
    return str(kept(f"page-{report.id}", about, lambda: _made(report, book), (*WRITTEN, "verification/site")))


def _made(report: Report, book: Book) -> str:
    paper = book.paper_of(report)
    with alphabet(paper.symbols if paper else {}):
        return _page(report, book, paper)


def _page(report: Report, book: Book, paper: Paper | None) -> str:
    claim, j = report.claim, report.judgement
    settles = claim.settles if j.verdict is Verdict.OPEN else ""
    words = j.reason.removesuffix(settles) if settles else j.reason  # the command stands below, to be copied
    symbols = set().union(*(f.free_symbols for f in (claim.statement, *claim.given))) if claim.given else ()
    before, after = book.neighbours(claim.id)
    around = neighbours(report, book.reports)
    steps = derivation.steps(report)
    printed = next(iter(book.claims([claim.amends] if claim.amends else [])), None)
    repairs = book.claims(j.amended_by)
    compared = (printed, [claim]) if printed else (claim, repairs) if repairs else None
    trials = book.trials.get(claim.id, ())
    return render(
        "claim.md.jinja", report=report, claim=claim, judgement=j, speaker=speaker(claim, paper), paper=paper,
        symbols=sorted(symbols, key=str), ids=book.reports.keys() - {claim.id},
        settled_for=losses(claim.id) if paper and library.in_house(paper) else "",
        reason=_linked(sentence(plain(words)), (*j.amended_by, *graph.grounds(claim))),
        ground=j.words.removeprefix(j.verdict), settles=settles, settles_said=words != j.reason,
        beside=comparison.beside(*compared) if compared else "", amends=bool(printed),
        witness=None if j.witness is None else Witness(claim, j.witness),
        inside=None if j.inside is None else Witness(claim, j.inside),
        steps=steps, grounds=derivation.grounds(claim, steps), checkers=list(derivation.checkers(report)),
        runs=runs(report), figures=book.figures.get(claim.id, ""), trials=trials,
        twins=comparison.twins(claim, trials), around=around, meaning=meaning(report, around), edges=edges,
        most=MOST, graph=len(book.papers) > 1,
        before=before, after=after,
        offered=book.downloads.get(claim.id, downloads.Offered()), downloads=downloads.FOLDER, coq=files.VERSION,
        source=downloads.source(claim), versions=_versions(),
    )  # fmt: skip


def _linked(text: str, ids: Sequence[str]) -> str:
    for i in ids:
        text = re.sub(rf"(?<![\w-]){re.escape(i)}(?![\w-])", f'<a href="{i}.html">{i}</a>', text, count=1)
    return text


def _versions() -> str:
    """Ours, and those of the interpreter and the engines."""
    found = {"saddlecheck": version("saddlecheck"), **cache.versions()}
    return ", ".join(f"{name} {number}" for name, number in found.items() if number != "absent")
