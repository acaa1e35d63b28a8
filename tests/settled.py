"""What the tests of a paper's claims share: its verdicts, and whether its words fit."""

from saddlecheck.verification.ledger.book import check, check_all

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
