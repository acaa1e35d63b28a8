"""Kim, Park, Choi and Lee, second version: what changed against the first, from second hand."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.kim_v2 import changes, smooth
from saddlecheck.theory.papers.sections import SECTIONS

PAPER = Paper(
    "kim-v2",
    "Stability Analysis of Sharpness-Aware Minimization",
    ("Kim", "Park", "Choi", "Lee"),
    2026,
    (changes.STRICT, *smooth.CLAIMS, *changes.CLAIMS[1:]),
    link="https://arxiv.org/abs/2301.06308",
    version="second version",
    sections=SECTIONS,
)
