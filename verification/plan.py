"""Which experiments and records bear on which claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from theory.evidence import Evidence


def numeric_evidence(ids: Iterable[str], *, jobs: int, full: bool) -> Iterator[tuple[str, tuple[Evidence, ...]]]:  # noqa: ARG001
    """(claim id, evidence) of every experiment and record that bears on one of the claims."""
    yield from ()
