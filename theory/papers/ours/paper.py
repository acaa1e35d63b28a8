"""Results of ours that belong to no paper."""

from __future__ import annotations

from saddlecheck.theory.claims.claim import BEYOND
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.kim import contents as kim
from saddlecheck.theory.papers.ours import contents
from saddlecheck.theory.symbols import ALPHABET

PAPER = Paper(
    "ours",
    "Results that belong to no paper",
    ("The saddlecheck authors",),
    2026,
    contents.CLAIMS,
    sections={BEYOND.section: "Results of ours"},
    symbols=ALPHABET,
    cites=kim.CLAIMS,
)
