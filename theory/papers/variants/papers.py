"""The papers on variants of SAM, by year; last what belongs to no one paper."""

from __future__ import annotations

from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers.variants import (
    asam,
    diagonal,
    eg_sam,
    esam,
    friendly,
    gsam,
    hallucinated,
    khanh,
    literature,
    looksam,
    unified,
)

PAPERS: tuple[Paper, ...] = (
    asam.PAPER,
    diagonal.PAPER,
    gsam.PAPER,
    esam.PAPER,
    looksam.PAPER,
    khanh.PAPER,
    eg_sam.PAPER,
    friendly.PAPER,
    unified.PAPER,
    hallucinated.PAPER,
    literature.PAPER,
)
