"""What the tests of a paper's claims share: its verdicts, and the twins that survive."""

from saddlecheck.verification.ledger.book import check, check_all
from saddlecheck.verification.ledger.twins import trials

HOLDS, REFUTED = "holds", "refuted"
CORRECTED, CONDITIONED = "holds with a correction", "holds under extra conditions"


def verdicts(paper):
    """Claim id -> verdict, of every claim of a paper, by proof alone."""
    reports = check_all(catalogue=paper.catalogue, numeric=False)
    return {id: str(report.verdict) for id, report in reports.items()}


def verdict(paper, claim):
    """The verdict on one claim of a paper, by proof alone."""
    return str(check(claim.id, catalogue=paper.catalogue, numeric=False).verdict)


def expected(paper, **others):
    """Every claim holds but for those named: verdict -> their ids."""
    named = {id: verdict for verdict, ids in others.items() for id in ids}
    return {id: globals()[named[id].upper()] if id in named else HOLDS for id in paper.catalogue}


def survivors(claim):
    """The false twins of a claim that no engine refutes; a claim without twins is one of its own."""
    tried = list(trials(claim))
    return [(t.target, t.mistake, t.proved_by) for t in tried if not t.killed] if tried else [(claim.id, "no twin", ())]


def told(paper):
    """Claims without an argument of three to six sentences, or whose words do not fit their provenance."""
    wrong = []
    for claim in paper.claims:
        sentences = claim.argument.replace("i.e.", "").count(". ") + claim.argument.endswith(".")
        if not 2 <= sentences <= 7:
            wrong.append((claim.id, sentences))
        if claim.voice == "paper" and claim.provenance != "seen" and not claim.says.startswith("Attributed to "):
            wrong.append((claim.id, claim.says))
    return wrong
