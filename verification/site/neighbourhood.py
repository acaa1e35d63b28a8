"""What a claim rests on, what rests on it, and what it is worth to those who want to use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from saddlecheck.theory.claims import graph
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict
from saddlecheck.verification.site.fragments import fragment
from saddlecheck.verification.site.prose import plain


@dataclass(frozen=True)
class Neighbours:
    """The claims around one.

    below: what it rests on, with the word for it.  deeper: what those rest on.  above: what rests on it.
    repairs: what amends it.  beside: what it amends and what is related, with a word.
    """

    below: Sequence[tuple[str, Report]]
    deeper: Sequence[Report]
    above: Sequence[Report]
    repairs: Sequence[Report]
    beside: Sequence[tuple[str, Report]]

    @property
    def left(self) -> Sequence[tuple[str, int, Report]]:
        """What is drawn before the claim: a word, the kind of the line, the other claim."""
        kinds = {"cites": ("", 0)}
        below = [(*kinds.get(how, ("by which it is read", 1)), r) for how, r in self.below]
        return [*below, *((how, 2, r) for how, r in self.beside if how)]

    @property
    def right(self) -> Sequence[tuple[str, int, Report]]:
        """What is drawn behind the claim: what amends it, and what rests on it."""
        return [*(("amends it", 2, r) for r in self.repairs), *(("", 0, r) for r in self.above)]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.below or self.above or self.repairs or self.beside)


def neighbours(report: Report, reports: Mapping[str, Report]) -> Neighbours:
    """The claims around a report's."""
    claim, claims = report.claim, {i: r.claim for i, r in reports.items()}
    below = {edge.on: edge.how for edge in graph.cited(claim) if edge.on in claims}
    above = [i for i, other in claims.items() if claim.id in graph.grounds(other)]
    repairs = [i for i, other in claims.items() if other.amends == claim.id]
    deeper = [i for i in _grounds_of(list(below), reports) if i not in below]
    beside = {claim.amends: "which it amends"} if claim.amends in claims else {}
    for i, other in claims.items():
        if (i in claim.related or claim.id in other.related) and i not in {*below, *above, *repairs, claim.id}:
            beside.setdefault(i, "")
    return Neighbours(
        [(how, reports[i]) for i, how in below.items()], [reports[i] for i in deeper], [reports[i] for i in above],
        [reports[i] for i in repairs], [(how, reports[i]) for i, how in beside.items() if i],
    )  # fmt: skip


def _grounds_of(keys: Sequence[str], reports: Mapping[str, Report]) -> list[str]:
    """All that some claims rest on, nearest first, without themselves."""
    found: dict[str, None] = {}
    waiting = list(keys)
    while waiting:
        for i in graph.grounds(reports[waiting.pop(0)].claim):
            if i in reports and i not in found and i not in keys:
                found[i] = None
                waiting.append(i)
    return list(found)


MOST = 8  # claims that are drawn on a side; the others are listed


def edges(kinds: Sequence[int], *, inwards: bool) -> str:
    """The lines between a column of claims and the one in the middle, as an SVG that stretches to both.

    kinds: of the lines, as the graph of all claims draws them.  inwards: the column is on the left.

    Returns:
        HTML; what the lines say stands beside each claim in words too.
    """
    lines = []
    for i, kind in enumerate(kinds):
        at = 100 * (i + 0.5) / len(kinds)
        start, end = (at, 50.0) if inwards else (50.0, at)
        lines.append((kind, f"{start:.0f}", f"{end:.0f}"))
    return fragment("edges", lines=lines)


_WORTH = {
    Verdict.HOLDS: "It can be used as it stands.",
    Verdict.CORRECTED: "Do not use it as it is printed; {instead}.",
    Verdict.CONDITIONAL: "It can be used only where more is assumed than is printed; {instead}.",
    Verdict.REFUTED: "It cannot be used, and nothing here repairs it{known}.",
    Verdict.NUMERIC: "Runs agree with it, within margins fixed before. That is no proof: nothing follows from it.",
    Verdict.ACCEPTED: "It is as good as its source, which is cited and was not proved here.",
    Verdict.OPEN: "Nothing can be built on it yet.",
}  # fmt: skip


def meaning(report: Report, around: Neighbours) -> str:
    """What the verdict means for somebody who wants to use the claim, as HTML."""
    repairs = [r for r in around.repairs if r.id in report.judgement.amended_by]
    instead = "use " + " or ".join(_link(r) for r in repairs) + " instead" if repairs else "a repair is known"
    known = [r for how, r in (*around.below, *around.beside) if how != "cites" and r.verdict is Verdict.HOLDS]
    true = f"; what holds beside it: {', '.join(map(_link, known))}" if known else ""
    text = _WORTH[report.verdict].format(instead=instead, known=true)
    built = around.above
    if built:
        count = "One claim rests" if len(built) == 1 else f"{len(built)} claims rest"
        text += f" {count} on it: {', '.join(map(_link, built[:5]))}{' and others' if len(built) > 5 else ''}."
    return text


def _link(report: Report) -> str:
    return f'<a href="{report.id}.html">{plain(report.claim.title)}</a>'
