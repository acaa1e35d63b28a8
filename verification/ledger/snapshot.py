"""The last results as they were printed, so that an unchanged ledger is shown without being built.

They are shown once the checker has verified them, as it would those of a stranger. What it can only trust in a
certificate, and the names of the engines and grounds in a summary, it trusts here too.
Building the claims costs longer than reading their certificates. The key covers all that could change a result: the
code of every package that computes it, the records, and the versions below. Claim by claim, `cache` works inside.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from saddlecheck.numerics.effort import Profile
from saddlecheck.theory.checker.certificate import examine
from saddlecheck.theory.claims.serial import digest
from saddlecheck.verification.ledger import cache, pins

_NAME = "ledger-{}.json"
Entry = dict[str, Any]  # "certificate": of one claim.  "summary": what `check --json` prints of it


def key(*, numeric: bool, profile: Profile) -> str:
    """What the results of a run depend on."""
    packages = ("theory", "verification", *(("numerics", "nets") if numeric else ()))
    return digest(
        [[cache.code_digest(p) for p in packages], records() if numeric else "", cache.versions(), str(profile)]
    )


def load(used_key: str) -> dict[str, Entry] | None:
    """What a whole run with this key came to, by id in the ledger's order, or None."""
    return cache.load_json(_path(used_key), used_key)  # type: ignore[no-any-return]  # it is what `store` wrote


def verified(entries: Mapping[str, Entry]) -> bool:
    """Whether the checker accepts the certificates, and each summary says what its certificate does.

    What the checker does not accept is named in a line on stderr.

    Returns:
        False as soon as one is not accepted.
    """
    doubts = {name: doubt for name, entry in entries.items() if (doubt := _doubt(name, entry))}
    for name, doubt in doubts.items():
        cache.discarded(name, doubt)
    return not doubts


def _doubt(name: str, entry: Entry) -> str:
    """What speaks against a stored result; empty if nothing does."""
    try:
        stated, summary = entry["certificate"], entry["summary"]
        found = examine(stated, pins.wordings())
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


def store(used_key: str, entries: Mapping[str, Entry]) -> None:
    """Keep what a whole run came to; older runs of the same kind give way."""
    cache.store_json(_path(used_key), used_key, dict(entries))
    with contextlib.suppress(OSError):
        for stale in _older(used_key):
            stale.unlink(missing_ok=True)


def _path(used_key: str) -> Path:
    return cache.folder() / _NAME.format(used_key[:16])


def _older(used_key: str) -> Iterable[Path]:
    """All but the four newest snapshots (with and without experiments, quick and full)."""
    found = sorted(cache.folder().glob(_NAME.format("*")), key=lambda p: p.stat().st_mtime, reverse=True)
    return [p for p in found[4:] if p != _path(used_key)]


def records() -> list[Any]:
    """What tells one set of training records from another: names, sizes and times."""
    folder = Path(__file__).parent.parent / "records"
    return [[p.name, p.stat().st_size, p.stat().st_mtime_ns] for p in sorted(folder.rglob("*.json"))]
