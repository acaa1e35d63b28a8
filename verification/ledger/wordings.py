"""A claim's words and formulas as a certificate has them, and the digest that tells one wording from another.

No machine can tell whether a sentence says what a formula says. So a certificate's words are believed only if they
stand beside the same formulas as when they were reviewed; `pins` holds the digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.claims import graph, serial, step_serial
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.paper import Paper


def words(claim: Claim) -> dict[str, Any]:
    """The words of a claim as a certificate has them, with its conditions and its statement."""
    names = ("id", "title", "says", "reading", "finding", "amends", "settles")
    return {
        **{name: getattr(claim, name) for name in names},
        "place": str(claim.place),
        "given": [serial.encode(condition) for condition in claim.given],
        "statement": serial.encode(claim.statement),
    }


def wording(claim: Claim) -> str:
    """The digest of a claim's words and formulas."""
    steps = [step_serial.encode(step) for step in claim.steps]
    return checker.wording({**words(claim), "steps": steps, "rests": [{"id": name} for name in graph.grounds(claim)]})


def of(claims: Mapping[str, Claim], paper: Paper | None) -> dict[str, str]:
    """The digests of the claims of a paper as they stand, by the name that the checker uses."""
    ids = frozenset(claims) if paper is None else paper.ids
    return {checker.named(paper.id if paper else "", i): wording(claims[i]) for i in ids}
