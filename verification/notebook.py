"""Reports and analyses as a notebook shows them; a word says what the colour of a verdict says."""

from __future__ import annotations

import html as markup
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from saddlecheck.theory.printing.prose import plain
from saddlecheck.verification.palette import RULING, VERDICT

if TYPE_CHECKING:
    from saddlecheck.theory.claims.claim import Claim
    from saddlecheck.verification.analysis.result import Findings, Point
    from saddlecheck.verification.ledger.judge import Judgement, Verdict

_ROWS = 24


class Judged(Protocol):
    """A report, as far as it is shown: the ledger's reports come here to be, so that this cannot import them."""

    @property
    def claim(self) -> Claim:
        """What was settled."""

    @property
    def judgement(self) -> Judgement:
        """The verdict and its grounds."""

    @property
    def verdict(self) -> Verdict:
        """The verdict on the claim, its amendments considered."""


def report(shown: Judged) -> str:
    """The claim, and below it the verdict with its reason and the numbers that refute it."""
    judgement = shown.judgement
    lines = [f"{_mark(VERDICT[shown.verdict])}<strong>{judgement.words}</strong>: {plain(judgement.reason)}"]
    if judgement.witness is not None:
        point = ", ".join(f"{name} = {value}" for name, value in judgement.witness.items())
        lines.append(f"Counterexample: {plain(point) or 'the statement has no variables'}")
    if shown.claim.finding:
        lines.append(plain(shown.claim.finding))
    return shown.claim._repr_html_() + "".join(f"<p>{line}</p>" for line in lines)


def analysis(shown: Findings) -> str:
    """The critical points with what each optimiser does at them, and what is left to doubt."""
    from saddlecheck.verification.analysis.settings import SHOWN

    judged = shown.points[0].optimisers if shown.points else {}
    usual = [name for name in SHOWN if name in judged] or list(judged)
    head = ("at", "kind", "eigenvalues", "rho*", *usual)
    rows = [_row(p, usual) for p in shown.points[:_ROWS]]
    notes = [f"… and {len(shown.points) - _ROWS} more points"] if len(shown.points) > _ROWS else []
    notes += ["all real critical points, certified" if shown.complete else "not proved to be complete"]
    notes += [f"{len(shown.components)} lines or surfaces of critical points"] if shown.components else []
    notes += [f"warning: {w}" for w in shown.warnings]
    listed = "".join(f"<li>{plain(note)}</li>" for note in notes)
    return f"<div><p><strong>{markup.escape(shown.loss)}</strong></p>{_table(head, rows)}<ul>{listed}</ul></div>"


def _row(p: Point, optimisers: Iterable[str]) -> list[str]:
    at = ", ".join(p.exact or (f"{x:.6g}" for x in p.at))
    threshold = "" if p.rho_threshold is None else f"{p.rho_threshold:.6g}"
    rulings = (p.optimisers[name] for name in optimisers)
    words = [f"{_mark(RULING[r.verdict])}{r.verdict}" for r in rulings]
    return [markup.escape(at), p.kind, ", ".join(f"{e:.6g}" for e in p.eigenvalues), threshold, *words]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{markup.escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _mark(colour: str) -> str:
    return f"<span aria-hidden='true' style='color:{colour}'>■</span> "
