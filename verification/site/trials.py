"""The claims' own false twins with what became of them, cached like the ledger's evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.verification.ledger import cache, twins
from saddlecheck.verification.ledger.twins import Trial
from saddlecheck.verification.site.sharing import each


def own_trials(claims: Iterable[Claim], *, jobs: int = 1) -> dict[str, list[Trial]]:
    """The trials of each claim's own twins by id: the mistakes that matter in its field, put to the exact search.

    The general mistakes in each step take an hour; `saddlecheck twins` and the tests run them.

    Args:
        claims: whose twins they are.
        jobs: processes.

    Returns:
        Claim id -> trials, none for a claim without twins of its own.
    """
    known = list(claims)
    found = {claim.id: _load(claim) for claim in known}
    new = [claim for claim in known if found[claim.id] is None]
    for claim, data in zip(new, each(_tried, new, range(len(new)), jobs=jobs, at_once=4), strict=True):
        cache.write_json(cache.folder() / f"{_name(claim)}.json", {"key": _key(claim), "trials": data})
        found[claim.id] = [_read(t) for t in data]
    return {name: trials or [] for name, trials in found.items()}


def _tried(claims: Sequence[Claim], at: int) -> list[dict[str, Any]]:
    """The trials of one of the claims, as JSON data."""
    claim = claims[at]
    trials = islice(twins.trials(claim), len(claim.twins))
    return [{**asdict(t), "formula": serial.encode(t.formula)} for t in trials]


def _key(claim: Claim) -> str:
    own = [[t.mistake, str(t.statement), str(t.given)] for t in claim.twins]
    return cache.key(serial.digest([claim.fingerprint, own]))


def _name(claim: Claim) -> str:
    return f"twins-{claim.id}-{claim.assertion[:8]}"  # claims of two papers may share an id


def _load(claim: Claim) -> list[Trial] | None:
    try:
        data = json.loads((cache.folder() / f"{_name(claim)}.json").read_text("utf-8"))
        return [_read(t) for t in data["trials"]] if data["key"] == _key(claim) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _read(data: Mapping[str, Any]) -> Trial:
    formula = serial.decode(data["formula"])
    engines = {k: tuple(data[k]) for k in ("refuted_by", "proved_by")}
    return Trial(data["claim"], data["target"], data["mistake"], formula, **engines)
