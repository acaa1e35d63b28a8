"""What is said of variants of SAM without one paper of its own, and our results on variants in general."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants import descent_lemma, perturbed_losses, random_curvature, stale_ascent

PAPER = Paper(
    "variants",
    "Variants of SAM: statements that belong to no one paper",
    (),
    2026,
    (*perturbed_losses.CLAIMS, *stale_ascent.CLAIMS, *random_curvature.CLAIMS, *descent_lemma.CLAIMS),
    sections=SECTIONS,
)
