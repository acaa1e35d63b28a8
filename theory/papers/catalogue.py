"""The papers of this project, and the catalogue of all their claims. To add a paper is one import and one line here.

Their ids are unique within this project, so that a claim of one paper can cite one of another by its id.
"""

from __future__ import annotations

from saddlecheck.theory.claims.claim import Catalogue
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers import agarwala, bartlett, compagnoni, dai, edge, kim_v2, li, siyun, wen
from saddlecheck.theory.papers.kim.paper import PAPER as KIM
from saddlecheck.theory.papers.ours.paper import PAPER as OURS
from saddlecheck.theory.papers.variants.papers import PAPERS as VARIANTS

PAPERS: tuple[Paper, ...] = (
    KIM,
    kim_v2.PAPER,
    *(module.PAPER for module in (compagnoni, bartlett, edge, wen, dai, agarwala, siyun, li)),
    *VARIANTS,
    OURS,
)

CLAIMS = Catalogue(claim for paper in PAPERS for claim in paper.claims)
