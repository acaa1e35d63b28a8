"""Compagnoni et al.: stochastic differential equations of SAM, and what they say about minima and saddles."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.compagnoni import (
    batches,
    dnsam,
    dnsam_algorithm,
    dnsam_maximum,
    minibatch,
    saddle,
    stationary,
    usam,
    usam_noise,
)
from saddlecheck.theory.papers.sections import SECTIONS

PAPER = Paper(
    "compagnoni",
    "An SDE for Modeling SAM: Theory and Insights",
    ("Compagnoni", "Biggio", "Orvieto", "Proske", "Kersting", "Lucchi"),
    2023,
    (
        *usam.CLAIMS,
        *usam_noise.CLAIMS,
        *stationary.CLAIMS,
        *saddle.CLAIMS,
        *minibatch.CLAIMS,
        *dnsam.CLAIMS,
        *dnsam_algorithm.CLAIMS,
        *dnsam_maximum.CLAIMS,
        *batches.CLAIMS,
    ),
    link="https://arxiv.org/abs/2301.08203",
    sections=SECTIONS,
)
