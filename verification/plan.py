"""Which experiments and records bear on which claim, and their evidence: cached one by one, so that none runs twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import as_completed
from pathlib import Path
from typing import TYPE_CHECKING

from theory.evidence import Evidence
from theory.serial import digest
from verification import cache

if TYPE_CHECKING:
    from numerics.experiments import Experiment  # imported when something is run: it brings SciPy along

RECORDS = Path(__file__).with_name("records")
_PACKAGES = ("theory", "numerics")  # of our code, what a result depends on


def numeric_evidence(ids: Iterable[str], *, jobs: int, full: bool) -> Iterator[tuple[str, tuple[Evidence, ...]]]:
    """(claim id, evidence) of every experiment and record that bears on one of the claims.

    jobs: processes.  full: the longer profile, with more paths and narrower margins. What is finished is kept: an
    interrupted run goes on from there. A claim comes as soon as the last of its experiments is done.
    """
    from numerics.experiments import experiments

    waiting = {i: [e for e in experiments().values() if e.claim == i] for i in ids}
    found: dict[str, Evidence] = {}
    missing = []
    for e in (e for group in waiting.values() for e in group):
        if (stored := cache.load(_file(e, full), _key(e, full))) is not None:
            found[e.name] = stored[0]
        else:
            missing.append(e.name)
    yield from _complete(waiting, found)
    for name, evidence in _run(missing, jobs, full):
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
    from nets import evidence

    return evidence.evidence(claim, RECORDS) if claim in evidence.CLAIMS else ()


def _run(names: list[str], jobs: int, full: bool) -> Iterator[tuple[str, Evidence]]:
    from verification.ledger import worker_pool  # the ledger imports this module

    if jobs == 1 or len(names) <= 1:
        for name in names:
            yield name, _run_and_store(name, full)
        return
    with worker_pool(min(jobs, len(names))) as pool:
        running = {pool.submit(_run_and_store, name, full): name for name in names}
        try:
            for done in as_completed(running):
                yield running[done], done.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)  # what is under way is finished, and kept
            raise


def _run_and_store(name: str, full: bool) -> Evidence:
    from numerics.experiments import experiments

    experiment = experiments()[name]
    evidence = experiment.run(full=full)
    cache.store(_file(experiment, full), _key(experiment, full), (evidence,))
    return evidence


def _file(experiment: Experiment, full: bool) -> str:
    return f"experiment-{experiment.name}{'-full' if full else ''}"


def _key(experiment: Experiment, full: bool) -> str:
    """Of an experiment's data, the code that runs it, and the versions below."""
    settings, margin = experiment.profile(full)
    return cache.key(digest([experiment.name, experiment.claim, repr(dict(settings)), repr(margin)]), _PACKAGES)
