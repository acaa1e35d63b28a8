"""Dai, Ahn and Sra: what the normalisation in SAM does on convex losses and on a product."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.dai import bounded, product, ray, strongly_convex, usam
from saddlecheck.theory.papers.sections import SECTIONS

PAPER = Paper(
    "dai",
    "The Crucial Role of Normalization in Sharpness-Aware Minimization",
    ("Dai", "Ahn", "Sra"),
    2023,
    (*strongly_convex.CLAIMS, *usam.CLAIMS, *bounded.CLAIMS, *ray.CLAIMS, *product.CLAIMS),
    link="https://arxiv.org/abs/2305.15287",
    sections=SECTIONS,
)
