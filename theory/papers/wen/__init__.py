"""Wen, Ma and Li 2022: which sharpness SAM minimises, and how it moves along a valley."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.wen import biases, cycle, undefined, valley

PAPER = Paper(
    "wen",
    "How Does Sharpness-Aware Minimization Minimize Sharpness?",
    ("Wen", "Ma", "Li"),
    2022,
    (*biases.CLAIMS, *valley.CLAIMS, *cycle.CLAIMS, *undefined.CLAIMS),
    link="https://arxiv.org/abs/2211.05729",
    sections=SECTIONS,
)
