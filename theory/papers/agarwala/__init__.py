"""Agarwala and Dauphin 2023: SAM with constant radius on quadratic losses and quadratic regression models."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.agarwala import edge, regression
from saddlecheck.theory.papers.sections import SECTIONS

PAPER = Paper(
    "agarwala",
    "SAM operates far from home: eigenvalue regularization as a dynamical phenomenon",
    ("Agarwala", "Dauphin"),
    2023,
    (*edge.CLAIMS, *regression.CLAIMS),
    link="https://arxiv.org/abs/2302.08692",
    sections=SECTIONS,
)
