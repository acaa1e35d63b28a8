"""Stability Analysis of Sharpness-Aware Minimization, the first paper: its own statements, our readings and repairs."""

from __future__ import annotations

from saddlecheck.theory.claims.claim import BEYOND
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.kim import contents
from saddlecheck.theory.papers.ours import contents as ours
from saddlecheck.theory.symbols import ALPHABET

PAPER = Paper(
    "kim",
    "Stability Analysis of Sharpness-Aware Minimization",
    ("Kim", "Park", "Choi", "Lee"),
    2023,
    contents.CLAIMS,
    link="https://arxiv.org/abs/2301.06308",
    version="1",
    sections={
        "2": "Background",
        "4.1": "Asymptotic behavior of SAM dynamics near a saddle point",
        "4.2": "A saddle point becomes an attractor in SAM dynamics",
        "4.3": "Stochastic behavior of SAM dynamics with diffusion near a saddle point",
        "4.4": "Convergence instability and training tricks",
        "appendix": "Proofs",
        BEYOND.section: "Remarks of ours",
    },
    symbols=ALPHABET,
    cites=ours.CLAIMS,
)
