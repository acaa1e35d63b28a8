"""The headings under which claims about the literature stand: seen in a paper, attributed to it, or ours."""

from __future__ import annotations

from saddlecheck.theory.claims.claim import BEYOND

SECTIONS = {
    "introduction": "Stated in the introduction",
    "stated": "Stated, and what follows",
    "attributed": "Attributed, and what follows",
    BEYOND.section: "Results of ours",
}

__all__ = ["SECTIONS"]
