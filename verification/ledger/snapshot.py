"""The last results as they were printed, so that an unchanged ledger is shown without being built.

Building the claims costs longer than reading their certificates. The key covers all that could change a result: the
code of every package that computes it, the records, and the versions below. Claim by claim, `cache` works inside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from saddlecheck.numerics.effort import Profile
from saddlecheck.theory.claims.serial import digest
from saddlecheck.verification.ledger import cache

_NAME = "ledger-{}.json"


def key(*, numeric: bool, profile: Profile) -> str:
    """What the results of a run depend on."""
    packages = ("theory", "verification", *(("numerics", "nets") if numeric else ()))
    return digest(
        [[cache.code_digest(p) for p in packages], records() if numeric else "", cache.versions(), str(profile)]
    )


def load(used_key: str) -> dict[str, Any] | None:
    """The certificates of a whole run with this key, by id in the ledger's order, or None."""
    try:
        stored = json.loads(_path(used_key).read_text())
        return dict(stored["certificates"]) if stored["key"] == used_key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def store(used_key: str, certificates: Mapping[str, Any]) -> None:
    """Keep the certificates of a whole run; older runs of the same kind give way."""
    try:
        cache.write_json(_path(used_key), {"key": used_key, "certificates": dict(certificates)})
        for stale in _older(used_key):
            stale.unlink(missing_ok=True)
    except OSError:
        return


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
