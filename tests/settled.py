"""What the machinery makes of a paper's claims: the verdict of each, and its false twins that nothing refutes."""

from saddlecheck.verification import check
from saddlecheck.verification.ledger.twins import trials


def verdict(paper, claim):
    """The verdict on a claim, as the ledger prints it."""
    return str(check(claim.id, catalogue=paper.catalogue, numeric=False).judgement.verdict)


def survivors(claim):
    """The twins that no engine refutes, or that some engine proves; there must be none."""
    return [f"{trial.target}: {trial.mistake}" for trial in trials(claim) if not trial.killed]
