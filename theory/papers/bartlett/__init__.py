"""Bartlett, Long and Bousquet: normalised SAM on a quadratic, its 2-cycle and the drift along a valley."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.bartlett import cycle, descent, drift
from saddlecheck.theory.papers.sections import SECTIONS

PAPER = Paper(
    "bartlett",
    "The Dynamics of Sharpness-Aware Minimization: Bouncing Across Ravines and Drifting Towards Wide Minima",
    ("Bartlett", "Long", "Bousquet"),
    2022,
    (*descent.CLAIMS, *cycle.CLAIMS, *drift.CLAIMS),
    link="https://arxiv.org/abs/2210.01513",
    sections=SECTIONS,
)
