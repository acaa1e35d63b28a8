"""Which experiments and records bear on which claim, and their evidence: cached one by one, so that none runs twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from saddlecheck.numerics.effort import Profile
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.theory.claims.serial import digest
from saddlecheck.verification.ledger import cache
from saddlecheck.verification.ledger.processes import worker_pool

if TYPE_CHECKING:
    from saddlecheck.numerics.experiment import Experiment  # imported when something is run: it brings SciPy along

RECORDS = Path(__file__).parent.parent / "records"
_PACKAGES = ("theory", "numerics")  # of our code, what a result depends on


def numeric_evidence(ids: Iterable[str], *, jobs: int, profile: Profile) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """(claim id, evidence) of every experiment and record that bears on one of the claims.

    jobs: processes.  profile: how long, on which random numbers. What is finished is kept: an interrupted run goes on
    from there. A claim comes as soon as the last of its experiments is done.

    Yields:
        The claim's id with all of its numeric evidence, once a claim.
    """
    from saddlecheck.numerics.experiments.registry import experiments

    waiting = {i: [e for e in experiments().values() if e.claim == i] for i in ids}
    found: dict[str, Evidence] = {}
    missing = []
    for e in (e for group in waiting.values() for e in group):
        if (stored := cache.load(_file(e, profile), _key(e, profile))) is not None:
            found[e.name] = stored[0]
        else:
            missing.append(e.name)
    yield from _complete(waiting, found)
    for name, evidence in _run(missing, jobs, profile):
        found[name] = evidence
        yield from _complete(waiting, found)


def _complete(
    waiting: dict[str, list[Experiment]], found: dict[str, Evidence]
) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """The claims all of whose experiments are done, with their records' evidence; they wait no longer."""
    for claim in [i for i, group in waiting.items() if all(e.name in found for e in group)]:
        group = waiting.pop(claim)
        if evidence := (*(found[e.name] for e in group), *_from_records(claim)):
            yield claim, evidence


def _from_records(claim: str) -> tuple[Evidence, ...]:
    """Training records that bear on a claim; stale ones say so and decide nothing."""
    from saddlecheck.nets import training_evidence

    if claim not in training_evidence.CLAIMS:
        return ()
    name, used = f"records-{claim}", _records_key(claim)
    if (stored := cache.load(name, used)) is None:
        stored = training_evidence.evidence(claim, RECORDS)
        cache.store(name, used, stored)
    return stored


def _records_key(claim: str) -> str:
    """Of the records, all code that replays them, what the ledger asserts, and the versions below."""
    files = [[path.name, hashlib.sha256(path.read_bytes()).hexdigest()] for path in sorted(RECORDS.rglob("*.json"))]
    subject = [claim, files, cache.versions(("torch", "numba", "scipy"))]
    return cache.key(digest(subject), (*_PACKAGES, "nets"))


def _run(names: list[str], jobs: int, profile: Profile) -> Iterator[tuple[str, Evidence]]:
    if jobs == 1 or len(names) <= 1:
        for name in names:
            yield name, _run_and_store(name, profile)
        return
    with worker_pool(min(jobs, len(names))) as pool:
        running = {pool.submit(_run_and_store, name, profile): name for name in names}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what is under way is finished, and kept
            raise


def _run_and_store(name: str, profile: Profile) -> Evidence:
    from saddlecheck.numerics.experiments.registry import experiments

    experiment = experiments()[name]
    evidence = experiment.run(profile)
    cache.store(_file(experiment, profile), _key(experiment, profile), (evidence,))
    return evidence


def _file(experiment: Experiment, profile: Profile) -> str:
    return f"experiment-{experiment.name}{profile}"


def _key(experiment: Experiment, profile: Profile) -> str:
    """Of an experiment's data, the code that runs it, and the versions below."""
    settings, margin = experiment.profiled(profile)
    return cache.key(digest([experiment.name, experiment.claim, repr(dict(settings)), repr(margin)]), _PACKAGES)
