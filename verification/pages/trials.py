"""The false twins of all claims with what became of them, cached like the ledger's evidence."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from theory import serial
from theory.claim import Claim
from verification import cache
from verification.twins import Trial, run_trials


def all_trials(claims: Sequence[Claim], jobs: int) -> dict[str, list[Trial]]:
    """The trials of each claim by id; what is cached is read, the rest is run."""
    found = {c.id: t for c in claims if (t := _load(c)) is not None}
    missing = [c for c in claims if c.id not in found]
    for claim, trials in zip(missing, _run([c.id for c in missing], jobs), strict=True):
        _store(claim, trials)
        found[claim.id] = trials
    return found


def _run(ids: Sequence[str], jobs: int) -> Iterator[list[Trial]]:
    if ids:
        yield from run_trials(ids, jobs)


def _key(claim: Claim) -> str:
    twins = [[t.mistake, str(t.statement), str(t.given)] for t in claim.twins]
    return cache.key(serial.digest([claim.fingerprint, twins]), ("theory", "verification"))


def _name(claim: Claim) -> str:
    return f"twins-{claim.id}"


def _load(claim: Claim) -> list[Trial] | None:
    try:
        data = json.loads((cache.folder() / f"{_name(claim)}.json").read_text())
        return [_read(t) for t in data["trials"]] if data["key"] == _key(claim) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _store(claim: Claim, trials: Sequence[Trial]) -> None:
    data = [{**asdict(t), "formula": serial.encode(t.formula)} for t in trials]
    cache.write_json(cache.folder() / f"{_name(claim)}.json", {"key": _key(claim), "trials": data})


def _read(data: Mapping[str, Any]) -> Trial:
    formula = serial.decode(data["formula"])
    engines = {k: tuple(data[k]) for k in ("refuted_by", "proved_by")}
    return Trial(data["claim"], data["target"], data["mistake"], formula, **engines)
