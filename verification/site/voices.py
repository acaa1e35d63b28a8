"""Whose voice speaks: the words that introduce a claim depend on its voice and its provenance, and on nothing else."""

from __future__ import annotations

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.verification.ledger.places import labels

PAPER_SAYS = "The paper says: "


def speaker(claim: Claim, paper: Paper | None) -> str:
    """What stands before the words of a claim; a claim without voice is ours."""
    if claim.amends:
        return "The amendment: "
    if claim.voice == "reading":
        return "Read literally, the paper's words would mean: "
    if claim.voice != "paper":
        return "Our claim: "
    if claim.provenance == "seen":
        return PAPER_SAYS
    if claim.says.startswith("Attributed to"):
        return ""
    return f"Attributed to {paper.source if paper else 'the paper'}, {_KNOWN[claim.provenance or '']}: "


_KNOWN = {"second hand": "known at second hand", "from memory": "written from memory", "": "without a source"}


def form(claim: Claim) -> str:
    """What the form of a claim that was amended, or refuted, is called."""
    if claim.voice == "paper":
        return "As printed" if claim.provenance == "seen" else "As attributed"
    return "Read literally" if claim.voice == "reading" else "As first stated"


def entry(claim: Claim) -> str:
    """A claim in a list of what a paper asserts: its title, behind its passage unless it begins with a place itself."""
    passage = claim.place.passage or claim.place.section
    if labels(claim.title.partition(":")[0]) or claim.title.startswith(passage):
        return claim.title
    return f"{passage[:1].upper()}{passage[1:]}: {claim.title}"
