"""Li, Zhang and He 2024: what SAM does to the balance of two factors, |x|^2 - |y|^2."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.li import balance, product, steps
from saddlecheck.theory.papers.sections import SECTIONS

PAPER = Paper(
    "li",
    "Implicit Regularization of Sharpness-Aware Minimization for Scale-Invariant Problems",
    ("Li", "Zhang", "He"),
    2024,
    (*balance.CLAIMS, *product.CLAIMS, *steps.CLAIMS),
    link="https://arxiv.org/abs/2410.14802",
    sections=SECTIONS,
)
