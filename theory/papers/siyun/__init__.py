"""Si and Yun 2023: SAM with a constant radius cannot converge all the way to optima."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.siyun import deterministic, noise

PAPER = Paper(
    "siyun",
    "Practical Sharpness-Aware Minimization Cannot Converge All the Way to Optima",
    ("Si", "Yun"),
    2023,
    (*deterministic.CLAIMS, *noise.CLAIMS),
    link="https://arxiv.org/abs/2306.09850",
    sections=SECTIONS,
)
