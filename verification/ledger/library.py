"""Papers whose claims are settled together, and what bears on each: looked up by paper, id and assertion.

A claim's id alone vouches for nothing: in another paper, or with another statement, it is another claim.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from saddlecheck.verification.ledger import contents
from saddlecheck.verification.ledger.lookup import known

if TYPE_CHECKING:  # a command on results that are kept builds no claim
    from saddlecheck.numerics.experiment import Experiment  # imported when something is run: it imports SciPy
    from saddlecheck.theory.claims.claim import Catalogue
    from saddlecheck.theory.claims.paper import Paper

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
        """The paper whose claim it is: one of these, or one of this project that asserts the same under this id."""
        if (own := next((p for p in self.papers if claim_id in p.ids), None)) is not None or not self.papers:
            return own
        there = house().catalogue.get(claim_id)
        same = there is not None and there.assertion == self.catalogue[claim_id].assertion
        return house().paper_of(claim_id) if same else None

    def owner(self, claim_id: str) -> tuple[str, bool]:
        """The id of the paper whose claim it is, empty if it belongs to none, and whether that is this project's."""
        paper = self.paper_of(claim_id)
        return ("", False) if paper is None else (paper.id, in_house(paper))

    def experiments(self, claim_id: str) -> tuple[Experiment, ...]:
        """The experiments that bear on a claim: its paper's own, and for a paper of this project those of numerics."""
        paper = self.paper_of(claim_id)
        if paper is None:
            return ()
        listed: tuple[Experiment, ...] = ()
        if in_house(paper):
            from saddlecheck.numerics.experiments.registry import experiments

            listed = tuple(experiments().values())
        return tuple(e for e in (*paper.experiments, *listed) if e.claim == claim_id)

    def records(self, claim_id: str) -> Path | None:
        """Return the folder of the training records that bear on a claim, or None.

        The rules by which records speak were declared for claims of this project: they bear on what asserts the same.
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
        """Where in the cache what was found about a claim is kept: this project's at the top, others by paper."""
        paper, of_house = self.owner(claim_id)
        return "" if of_house or not paper else f"papers/{paper}/"


@dataclass(frozen=True, eq=False)
class Excerpt(Library):
    """Some claims of this project with all that they rest on; neither the others nor the papers were built.

    Attributes:
        entries: all claims of this project, as they are listed.
    """

    entries: Mapping[str, contents.ListedClaim] = field(default_factory=dict, kw_only=True)

    def owner(self, claim_id: str) -> tuple[str, bool]:
        """As the list has it."""
        return self.entries[claim_id].paper, True

    def experiments(self, claim_id: str) -> tuple[Experiment, ...]:
        """Those of numerics, from the modules that the list names."""
        modules = (import_module(f"saddlecheck.numerics.experiments.{m}") for m in self.entries[claim_id].runs)
        return tuple(e for module in modules for e in module.EXPERIMENTS if e.claim == claim_id)

    def records(self, claim_id: str) -> Path | None:
        """This project's records, where the list has some for the claim."""
        return RECORDS if self.entries[claim_id].trained else None


@functools.cache
def house() -> Library:
    """The papers of this project, built when they are first needed."""
    from saddlecheck.theory import CLAIMS, PAPERS

    return Library(CLAIMS, PAPERS)


def part(ids: Collection[str]) -> Library:
    """Return a library of this project in which these claims are, and perhaps no others.

    Raises:
        UnknownClaim: this project has no claim of one of the ids.
    """
    entries = contents.listed()
    if _is_built() or not entries:
        return house()
    wanted = known(ids, entries)
    return house() if len(wanted) == len(entries) else Excerpt(contents.built(wanted, entries), entries=entries)


def _is_built() -> bool:
    return "saddlecheck.theory.papers.catalogue" in sys.modules


def in_house(paper: Paper) -> bool:
    """Whether this very paper is one of this project's; that another has the same id does not make it one."""
    return _is_built() and any(paper is p for p in house().papers)  # until all are built, no paper can be one of them


def library(
    paper: Paper | None = None, catalogue: Catalogue | None = None, ids: Collection[str] | None = None
) -> Library:
    """The claims of a paper, those of a catalogue that belongs to none, or (without either) this project's.

    Args:
        paper: the paper.
        catalogue: claims of no paper.
        ids: of this project's, those that have to be in it; None means all.

    Returns:
        The library that holds them.

    Raises:
        ValueError: both are given.
        UnknownClaim: this project has no claim of one of the ids.
    """
    if paper is not None and catalogue is not None:
        raise ValueError("a paper has its catalogue: give paper or catalogue, not both.")
    if paper is not None:
        return Library(paper.catalogue, (paper,))
    if catalogue is not None:
        return Library(catalogue)
    return house() if ids is None else part(ids)
