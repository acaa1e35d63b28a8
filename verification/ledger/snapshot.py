"""The last results as they were printed, a file a claim, so that what is unchanged is shown without being built.

They are shown once the checker has verified them, as it would those of a stranger. What it can only trust in a
certificate, and the names of the engines and grounds in a summary, it trusts here too.
Building the claims costs longer than reading their certificates. The key covers all that could change a result: the
code of every package that computes it, the records, and the versions below. `cache` keeps the evidence apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from saddlecheck.numerics.effort import Profile
from saddlecheck.theory.checker.certificate import digest, examine
from saddlecheck.theory.checker.examination import Done
from saddlecheck.verification.ledger import cache, pins

Entry = dict[str, Any]  # "certificate": of one claim.  "summary": what `check --json` prints of it


@dataclass(frozen=True)
class Results:
    """What a kind of run came to, with or without experiments; another kind has files of its own.

    Attributes:
        numeric: whether experiments and records count.
        profile: how experiments are run.
    """

    numeric: bool
    profile: Profile

    @cached_property
    def key(self) -> str:
        """What the results depend on."""
        packages = ("theory", "verification", *(("numerics", "nets") if self.numeric else ()))
        code = [cache.code_digest(p) for p in packages]
        return digest([code, records() if self.numeric else "", cache.versions(), str(self.profile)])

    def load(self, ids: Iterable[str]) -> dict[str, Entry]:
        """The results of claims that are kept and that the checker accepts; what it does not is named on stderr.

        Returns:
            Claim id -> result, in the order of the ids, without the claims that have to be settled.
        """
        found = {i: stored for i in ids if (stored := cache.load_json(self._path(i), self.key)) is not None}
        doubted = doubts(found)
        return {i: entry for i, entry in found.items() if i not in doubted}

    def store(self, entries: Mapping[str, Entry]) -> None:
        """Keep results; older ones of the same claims and the same kind give way."""
        for i, entry in entries.items():
            cache.store_json(self._path(i), self.key, entry)

    def _path(self, claim_id: str) -> Path:
        return cache.folder() / f"result{'' if self.numeric else '-proofs'}{self.profile}-{claim_id}.json"


def doubts(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Which results the checker does not accept, or whose summaries say something else than their certificates.

    Returns:
        Claim id -> what speaks against its result, which is named in a line on stderr as well.
    """
    reviewed, done = pins.wordings(), Done()
    found = {name: doubt for name, entry in entries.items() if (doubt := _doubt(name, entry, reviewed, done))}
    for name, doubt in found.items():
        cache.discarded(name, doubt)
    return found


def _doubt(name: str, entry: Entry, reviewed: Mapping[str, str], done: Done) -> str:
    """What speaks against a stored result; empty if nothing does."""
    try:
        stated, summary = entry["certificate"], entry["summary"]
        found = examine(stated, reviewed, done)
        if wrong := [line for line in found.lines if line.result in ("refuted", "altered")]:
            return f"{wrong[0].what}: {wrong[0].how}"
        said = {
            **summary,
            **{word: stated[word] for word in ("paper", "id", "verdict", "as_printed", "reason", "place")},
        }
        said["amended_by"] = [repair["id"] for repair in stated["repairs"]]
        against = [run["witness"] for run in stated["runs"] if run["status"] == "refuted"]
        said["witness"] = stated["witness"] if stated["witness"] is not None or not against else against[0]
        return "" if said == summary and stated["id"] == name else "its summary says something else"
    except (KeyError, TypeError) as error:
        return f"it is damaged: {error}"


def records() -> list[Any]:
    """What tells one set of training records from another: names, sizes and times."""
    folder = Path(__file__).parent.parent / "records"
    return [[p.name, p.stat().st_size, p.stat().st_mtime_ns] for p in sorted(folder.rglob("*.json"))]
