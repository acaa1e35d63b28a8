"""What is said of variants of SAM without one paper of its own, and our results on variants in general."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.variants import descent_lemma

PAPER = Paper(
    "variants",
    "Variants of SAM: statements that belong to no one paper",
    (),
    2026,
    (*descent_lemma.CLAIMS,),
)
