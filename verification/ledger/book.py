"""The ledger: evidence for every claim, from the cache where it is current, and the verdicts that follow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from saddlecheck.numerics.effort import USUAL, Profile
from saddlecheck.theory.claims import graph
from saddlecheck.theory.claims.claim import Catalogue, Claim
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.verification.ledger import cache, certificate, plan, wordings
from saddlecheck.verification.ledger.judge import Judgement, Verdict, judge
from saddlecheck.verification.ledger.library import Library, in_house, library
from saddlecheck.verification.ledger.lookup import known
from saddlecheck.verification.ledger.processes import as_finished
from saddlecheck.verification.ledger.proofs import Find, kept, stored
from saddlecheck.verification.ledger.settle import require_common_ground, require_display, settle


@dataclass(frozen=True)
class Report:
    """One claim, its evidence and its judgement.

    Attributes:
        claim: what was settled.
        judgement: the verdict and its grounds.
        evidence: what each engine, run or source found. `seconds` is what the checks took when they last ran.
        repairs: the reports of the claims that amend it.
        rests: the reports of the claims that it rests on by itself.
        paper: id of the paper whose claim it is; empty if it belongs to none.

    Example:
        >>> from saddlecheck import Report, check
        >>> report: Report = check("thm1", numeric=False)
        >>> report.summary()["as_printed"], report.summary()["amended_by"]
        ('refuted', ['thm1-strict'])
    """

    claim: Claim
    judgement: Judgement
    evidence: tuple[Evidence, ...]
    repairs: tuple[Report, ...] = ()
    rests: tuple[Report, ...] = ()
    paper: str = ""

    @property
    def id(self) -> str:
        """The claim's id."""
        return self.claim.id

    @property
    def verdict(self) -> Verdict:
        """The verdict on the claim, its amendments considered."""
        return self.judgement.verdict

    @cached_property
    def _written(self) -> dict[Find | None, str]:
        """Its certificates so far, as text: it stands in those of all claims that rest on it."""
        return {}

    @property
    def seconds(self) -> float:
        """Wall time of all checks of the claim."""
        return sum(e.seconds for e in self.evidence)

    def _repr_html_(self) -> str:
        from saddlecheck.verification import notebook

        return notebook.report(self)

    def _repr_latex_(self) -> str:
        return rf"{self.claim._repr_latex_()} \textbf{{{self.judgement.words}}}"

    def certificate(self, find: Find | None = None) -> dict[str, Any]:
        """Return the certificate of the claim; in it those of repairs that stand and of claims that it rests on.

        find: where the proofs of consequences come from; None means the stored ones.
        """
        if find not in self._written:
            standing = [r.certificate(find) for r in self.repairs if r.id in self.judgement.amended_by]
            rests = [r.certificate(find) for r in self.rests]
            written = certificate.certificate(
                self.claim, self.judgement, self.evidence, standing, rests, find, self.paper
            )
            self._written[find] = json.dumps(written)
        return dict(json.loads(self._written[find]))

    def summary(self) -> dict[str, Any]:
        """The object that `check --json` prints for this claim."""
        j = self.judgement
        return {
            "paper": self.paper,
            "id": self.id,
            "voice": self.claim.voice,
            "place": str(self.claim.place),
            "verdict": j.verdict.value,
            "as_printed": j.as_printed.value,
            "words": j.words,
            "ground": j.ground.value,
            "weakest": j.weakest,
            "engines": list(j.engines),
            "witness": j.witness,
            "inside": j.inside,
            "amended_by": list(j.amended_by),
            "reason": j.reason,
            "seconds": round(self.seconds, 3),
            "wording": wordings.wording(self.claim),
        }


_SHARE = 4  # claims that are worth the start of a process with solvers of its own
Progress = Callable[
    [str, str], None
]  # called with "proofs" or "experiments", and the id of a claim that is done with it


def check(
    claim_id: str, *, paper: Paper | None = None, catalogue: Catalogue | None = None, numeric: bool = True
) -> Report:
    """Settle one claim, those that it rests on and those that amend it, and judge it.

    Args:
        claim_id: as `saddlecheck check` lists it.
        paper: the paper whose claim it is; by default those of this project.
        catalogue: claims that belong to no paper, instead of one. No experiments bear on them.
        numeric: whether experiments and records count.

    Returns:
        The claim with its evidence, its verdict and the reason for it.

    Raises:
        KeyError: the catalogue has no such claim (a KeyError).

    Example:
        >>> from saddlecheck import check
        >>> print(check("thm1", numeric=False).verdict)
        holds under extra conditions
    """
    return check_all([claim_id], paper=paper, catalogue=catalogue, numeric=numeric)[claim_id]


def check_all(
    ids: Iterable[str] | None = None,
    *,
    paper: Paper | None = None,
    catalogue: Catalogue | None = None,
    jobs: int = 1,
    numeric: bool = True,
    profile: Profile = USUAL,
    progress: Progress | None = None,
    cluster: str | None = None,
) -> dict[str, Report]:
    """Settle and judge claims, all of them by default, in the paper's order.

    What is finished is cached immediately.

    Args:
        ids: the claims, by default all of the paper or catalogue.
        paper: the paper whose claims they are; by default those of this project.
        catalogue: claims that belong to no paper, instead of one. No experiments bear on them.
        jobs: processes.
        numeric: whether experiments and records count.
        profile: how experiments are run.
        progress: called with "proofs" or "experiments" and a claim's id when the claim's are complete.
        cluster: address of a Dask scheduler whose workers prove and refute; for claims of this project alone.

    Returns:
        Claim id -> report, in the catalogue's order.

    Raises:
        KeyError: the catalogue lacks one of the ids; nothing is settled then.
        MalformedClaim: a claim of a paper outside this project says nothing, displays what is not its statement, or
            repairs another of whose points it says nothing.
        ValueError: a cluster is to settle other claims than this project's, or is not there, or has other code.

    Example:
        >>> from saddlecheck import check_all
        >>> reports = check_all(["thm1", "beale-single-saddle"], numeric=False)
        >>> {name: str(report.verdict) for name, report in reports.items()}
        {'beale-single-saddle': 'refuted', 'thm1': 'holds under extra conditions'}
    """
    if cluster is not None and (paper, catalogue) != (None, None):
        raise ValueError("a cluster settles claims of saddlecheck's own papers; others are not known to its workers.")
    ids = None if ids is None else list(ids)
    books = library(paper, catalogue, ids)
    listed = books.catalogue
    wanted = known(ids, listed) if ids is not None or paper is None else [c.id for c in paper.claims]
    below = graph.below(listed, wanted)
    needed = [i for i in listed if i in below]
    if paper is not None and not in_house(paper):  # displays and repairs of this project are looked at by its tests
        for i in wanted:
            require_display(listed[i])
        for repair in (listed[i] for i in needed if listed[i].amends):
            require_common_ground(repair, listed[repair.amends or ""])
    evidence: dict[str, tuple[Evidence, ...]] = {}
    for claim_id, found in _evidence(needed, books, jobs, cluster):
        evidence[claim_id] = found
        if progress:
            progress("proofs", claim_id)
    if numeric:
        for claim_id, extra in plan.numeric_evidence(books, needed, jobs=jobs, profile=profile):
            evidence[claim_id] = (*evidence[claim_id], *extra)
            if progress:
                progress("experiments", claim_id)
    reports: dict[str, Report] = {}
    order = [i for i in listed if i in set(wanted)]
    return {i: _report(i, books, evidence, reports) for i in order}


def _evidence(
    ids: list[str], books: Library, jobs: int, cluster: str | None = None
) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """Cached evidence first, then what has to be computed, in the order in which it is finished."""
    missing = []
    for i in ids:
        if (found := _cached(i, books)) is not None:
            yield i, found
        else:
            missing.append(i)
    if cluster is not None and missing:
        from saddlecheck.verification.ledger import far

        for i, found in far.settled({i: books.catalogue[i] for i in missing}, cluster):
            _store(i, books, found)
            yield i, found
        return
    yield from as_finished(_settle_and_store, missing, books, jobs=min(jobs, len(missing) // _SHARE))


def _cached(claim_id: str, books: Library) -> tuple[Evidence, ...] | None:
    """The cached evidence on a claim, unless the judge or the checker finds something against it."""
    claim, name = books.catalogue[claim_id], books.shelf(claim_id) + claim_id
    found = cache.load(name, cache.key(claim.fingerprint))
    if found is not None and (doubt := certificate.doubt(claim, found)):
        cache.discarded(name, doubt)
        return None
    return found


def _settle_and_store(claim_id: str, books: Library) -> tuple[Evidence, ...]:
    paper, of_house = books.owner(claim_id)
    evidence = settle(books.catalogue[claim_id], kept if paper and not of_house else stored)
    _store(claim_id, books, evidence)
    return evidence


def _store(claim_id: str, books: Library, evidence: tuple[Evidence, ...]) -> None:
    cache.store(books.shelf(claim_id) + claim_id, cache.key(books.catalogue[claim_id].fingerprint), evidence)


def _report(
    claim_id: str, books: Library, evidence: Mapping[str, tuple[Evidence, ...]], reports: dict[str, Report]
) -> Report:
    if claim_id not in reports:
        claim, found = books.catalogue[claim_id], evidence[claim_id]
        repairs = tuple(_report(c.id, books, evidence, reports) for c in books.catalogue.amendments(claim_id))
        rests = tuple(_report(i, books, evidence, reports) for i in graph.grounds(claim))
        below = {r.id: r.judgement for r in rests}
        judgement = judge(claim, found, [(r.claim, r.judgement) for r in repairs], below)
        reports[claim_id] = Report(claim, judgement, found, repairs, rests, books.owner(claim_id)[0])
    return reports[claim_id]
