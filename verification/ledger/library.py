"""Papers whose claims are settled together, and what bears on each: looked up by paper, id and assertion.

A claim's id alone vouches for nothing: in another paper, or with another statement, it is another claim.
"""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from saddlecheck.theory.claims.claim import Catalogue
from saddlecheck.theory.claims.paper import Paper

if TYPE_CHECKING:
    from saddlecheck.numerics.experiment import Experiment  # imported when something is run: it brings SciPy along

RECORDS = Path(__file__).parent.parent / "records"


@dataclass(frozen=True, eq=False)
class Library:
    """Claims that are settled together.

    Attributes:
        catalogue: all of them.
        papers: the papers that they are from; none for claims that belong to no paper. No experiments bear on those.
    """

    catalogue: Catalogue
    papers: tuple[Paper, ...] = ()

    def paper_of(self, claim_id: str) -> Paper | None:
        """The paper whose claim it is: one of these, or one of the house that asserts the same under this id."""
        if (own := next((p for p in self.papers if claim_id in p.ids), None)) is not None or not self.papers:
            return own
        there = house().catalogue.get(claim_id)
        same = there is not None and there.assertion == self.catalogue[claim_id].assertion
        return house().paper_of(claim_id) if same else None

    def experiments(self, claim_id: str) -> tuple[Experiment, ...]:
        """The experiments that bear on a claim: its paper's own, and for a paper of the house those of numerics."""
        paper = self.paper_of(claim_id)
        if paper is None:
            return ()
        listed: tuple[Experiment, ...] = ()
        if in_house(paper):
            from saddlecheck.numerics.experiments.registry import experiments

            listed = tuple(experiments().values())
        return tuple(e for e in (*paper.experiments, *listed) if e.claim == claim_id)

    def records(self, claim_id: str) -> Path | None:
        """The folder of the training records that bear on a claim.

        The rules by which records speak were declared for claims of the house: they bear on what asserts the same.

        Returns:
            The folder, or None.
        """
        from saddlecheck.nets import training_evidence

        paper = self.paper_of(claim_id)
        if paper is None or claim_id not in training_evidence.CLAIMS:
            return None
        if in_house(paper):
            return paper.records or RECORDS
        same = house().catalogue[claim_id].assertion == self.catalogue[claim_id].assertion
        return paper.records if same else None

    def shelf(self, claim_id: str) -> str:
        """Where in the cache what was found about a claim is kept: the house's at the top, others by paper."""
        paper = self.paper_of(claim_id)
        return "" if paper is None or in_house(paper) else f"papers/{paper.id}/"


@functools.cache
def house() -> Library:
    """The papers of the house, built when they are first needed."""
    from saddlecheck.theory import CLAIMS, PAPERS

    return Library(CLAIMS, PAPERS)


def in_house(paper: Paper) -> bool:
    """Whether this very paper is one of the house's; that another has the same id does not make it one."""
    built = sys.modules.get("saddlecheck.theory.papers.catalogue")  # until it is imported, no paper can be one of its
    return built is not None and any(paper is p for p in built.PAPERS)


def library(paper: Paper | None = None, catalogue: Catalogue | None = None) -> Library:
    """The claims of a paper, those of a catalogue that belongs to none, or (without either) the house's.

    Returns:
        The library that holds them.

    Raises:
        ValueError: both are given.
    """
    if paper is not None and catalogue is not None:
        raise ValueError("a paper has its catalogue: give paper or catalogue, not both.")
    if paper is not None:
        return Library(paper.catalogue, (paper,))
    return house() if catalogue is None else Library(catalogue)
