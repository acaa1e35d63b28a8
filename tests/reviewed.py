"""The ledger as it was reviewed, without settling it: ids, voices, verdicts; certificates where they are asked for."""

from saddlecheck.theory import PAPERS
from saddlecheck.verification.ledger import pins
from saddlecheck.verification.ledger.book import check_all
from saddlecheck.verification.ledger.highlights import HIGHLIGHTS

PINNED = pins.load()


def entry(report):
    return {"certificate": report.certificate(), "summary": report.summary()}


def reviewed():
    """Entries of all claims; the certificates are empty but for titles and what would settle a claim."""
    made = {}
    for paper in PAPERS:
        for c in paper.claims:
            verdict = PINNED[c.id].verdict.split(",")[0]
            summary = {"paper": paper.id, "id": c.id, "voice": c.voice, "verdict": verdict, "witness": None}
            certificate = {"title": c.title, "settles": c.settles, "witness": None}
            made[c.id] = {"certificate": certificate, "summary": summary}
    return made


def with_highlights():
    """The same, with the real certificates of the highlights of the first paper, settled by proof."""
    ids = [i for h in HIGHLIGHTS["kim"] for i in (h.id, h.shown_by) if i]
    return reviewed() | {i: entry(report) for i, report in check_all(ids, numeric=False).items()}
