"""Which experiments and records bear on which claim, and their evidence: cached one by one, so that none runs twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from saddlecheck.numerics.effort import Profile
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.theory.claims.serial import digest
from saddlecheck.verification.ledger import cache
from saddlecheck.verification.ledger.library import Library
from saddlecheck.verification.ledger.processes import as_finished

if TYPE_CHECKING:
    from saddlecheck.numerics.experiment import Experiment  # imported when something is run: it imports SciPy

_PACKAGES = ("theory", "numerics")  # of our code, what a result depends on


@dataclass(frozen=True)
class PlannedRun:
    """An experiment with the claim that it bears on.

    paper: of the claim.  asserts: a digest of what the claim says.  kept: whether its result is cached. For experiments
    of this project the key covers all code; of another paper's no key would notice that a function of it was changed.
    """

    experiment: Experiment
    paper: str
    asserts: str
    kept: bool

    @property
    def name(self) -> str:
        """What tells it from other runs: an experiment's name is unique in its paper."""
        return f"{self.paper}/{self.experiment.name}"


def numeric_evidence(
    library: Library, ids: Iterable[str], *, jobs: int, profile: Profile
) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """(claim id, evidence) of every experiment and record that bears on one of the claims.

    library: where the claims are.  jobs: processes.  profile: how long, on which random numbers. What is finished is
    kept: an interrupted run goes on from there. A claim comes as soon as the last of its experiments is done.

    Yields:
        The claim's id with all of its numeric evidence, once a claim.
    """
    waiting = {i: _runs(library, i) for i in ids}
    found: dict[str, Evidence] = {}
    missing = []
    for run in (run for group in waiting.values() for run in group):
        stored = cache.load(_file(run, profile), _key(run, profile)) if run.kept else None
        if stored is not None:
            found[run.name] = stored[0]
        else:
            missing.append(run)
    yield from _complete(library, waiting, found)
    for name, evidence in _run(missing, jobs, profile):
        found[name] = evidence
        yield from _complete(library, waiting, found)


def _runs(library: Library, claim_id: str) -> list[PlannedRun]:
    if not (experiments := library.experiments(claim_id)):
        return []
    paper, of_house = library.owner(claim_id)
    asserts = library.catalogue[claim_id].assertion
    return [PlannedRun(e, paper, asserts, of_house) for e in experiments]


def _complete(
    library: Library, waiting: dict[str, list[PlannedRun]], found: Mapping[str, Evidence]
) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """The claims all of whose experiments are done, with their records' evidence; they wait no longer."""
    for claim in [i for i, group in waiting.items() if all(run.name in found for run in group)]:
        group = waiting.pop(claim)
        if evidence := (*(found[run.name] for run in group), *_from_records(library, claim)):
            yield claim, evidence


def _from_records(library: Library, claim: str) -> tuple[Evidence, ...]:
    """Training records that bear on a claim; stale ones say so and decide nothing."""
    if (folder := library.records(claim)) is None:
        return ()
    from saddlecheck.nets import training_evidence

    name, used = f"{library.shelf(claim)}records-{claim}", _records_key(library, claim, folder)
    if (stored := cache.load(name, used)) is None:
        stored = training_evidence.evidence(claim, folder)
        cache.store(name, used, stored)
    return stored


def _records_key(library: Library, claim: str, folder: Path) -> str:
    """Of the records, all code that replays them, what the claim asserts, and the versions below."""
    files = [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in sorted(folder.rglob("*.json"))]
    asserts = library.catalogue[claim].assertion
    subject = [claim, asserts, files, cache.versions(("torch", "numba", "scipy"))]
    return cache.key(digest(subject), (*_PACKAGES, "nets"))


def _run(runs: Sequence[PlannedRun], jobs: int, profile: Profile) -> Iterator[tuple[str, Evidence]]:
    numbers = range(len(runs))
    for number, evidence in as_finished(_run_and_store, numbers, (runs, profile), jobs=min(jobs, len(runs))):
        yield runs[number].name, evidence


def _run_and_store(number: int, planned: tuple[Sequence[PlannedRun], Profile]) -> Evidence:
    run, profile = planned[0][number], planned[1]
    evidence = run.experiment.run(profile)
    if run.kept:
        cache.store(_file(run, profile), _key(run, profile), (evidence,))
    return evidence


def _file(run: PlannedRun, profile: Profile) -> str:
    return f"experiment-{run.experiment.name}{profile}"


def _key(run: PlannedRun, profile: Profile) -> str:
    """Of the claim, an experiment's data, the code that runs it, and the versions below."""
    e = run.experiment
    settings, margin = e.profiled(profile)
    subject = [run.paper, e.claim, run.asserts, e.name, repr(dict(settings)), repr(margin)]
    return cache.key(digest(subject), _PACKAGES)
