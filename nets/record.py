"""A record: what was run, on what, with which code, and everything that came out. JSON, written atomically.

Records are read without torch, so that claims which rest on them can be judged anywhere. A record is fresh while the
code walks its replay (nets/replay.py) and the statements of its claims are what they were.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from saddlecheck._files import write_whole
from saddlecheck.nets import replay
from saddlecheck.nets.replay import Walk

FORMAT = 2
OLD = 1  # held a digest of the sources' text in place of a replay: read, and always stale
MAX_BYTES = 64 * 1024 * 1024
KINDS = ("toy-neuron", "training", "mechanism", "fit")
PACKAGES = ("numpy", "numba", "torch")
_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("config", "result", "claims", "versions", "replay"), dict),
    **dict.fromkeys(("kind", "scale", "device", "finished", "code"), str),
    **{"seconds": (int, float), "format": int},
}


@dataclass(frozen=True)
class Record:
    """One finished run, or one finished family of runs.

    Attributes:
        kind: one of KINDS.
        config: what was asked for, with units in its own documentation.
        result: curves, end states, whatever came out.
        claims: id -> digest of what the claim asserted when the record was made; empty for one that was not in the
            ledger then.
        scale: `full` is the paper's own setting, `reduced` bears on the direction of a claim only; `own` is a run of
            the user's own model and data, which bears on no claim.
        seconds: wall time.
        code: digest of the sources' text, for the reader.
        replay: name -> numbers of a short walk of the same rule, by which the record knows its code.
    """

    kind: str
    config: dict[str, Any]
    result: dict[str, Any]
    claims: dict[str, str] = field(default_factory=dict)
    scale: str = "full"
    device: str = ""
    seconds: float = 0.0
    finished: str = ""
    code: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT
    replay: Walk = field(default_factory=dict)

    def why_stale(self) -> str | None:
        """Why this record is no evidence on the present code, in a sentence; None when no reason is known.

        Without torch the replay of a training record is left out: `unchecked` says so.

        Returns:
            One sentence that says what to do, or None.
        """
        if self.format == OLD:
            return f"it is of format {OLD}, which holds no replay of its rule: run it again."
        for claim, digest in self.claims.items():
            if digest and digest != (current := assertions([claim])[claim]):
                was, now = digest[:12], current[:12] or "gone"
                return f"the statement of {claim} has changed since (was {was}, is {now}): run it again."
        if self.unchecked is not None:
            return None
        try:
            parted = replay.difference(self.replay, replay.walk(self.kind, self.config, self.result))
        except (ValueError, KeyError, TypeError) as error:
            return f"its rule cannot be replayed ({error}): run it again."
        return None if parted is None else f"{parted.rstrip('.')}: run it again."

    @property
    def unchecked(self) -> str | None:
        """What `why_stale` cannot look at here, in a sentence; None when it looks at everything."""
        if self.kind == "fit":
            return "a run of the user's own model and data is not replayed: its code is not ours."
        if replay.possible(self.kind):
            return None
        return "whether the code still walks its replay was not checked here: that needs torch."


def make(
    kind: str,
    config: dict[str, Any],
    result: dict[str, Any],
    *,
    claims: Iterable[str] = (),
    scale: str = "full",
    device: str = "cpu",
    seconds: float = 0.0,
) -> Record:
    """A record of what has just been run, with its replay, versions and what the claims assert.

    Returns:
        The record, not yet written.

    Raises:
        ValueError: an unknown kind, or a configuration that is none.
    """
    if kind not in KINDS:
        raise ValueError(f"a record's kind is one of {', '.join(KINDS)}, got {kind!r}.")
    if kind == "fit" and (named := tuple(claims)):
        raise ValueError(f"a run of the user's own code bears on no claim of ours, got {', '.join(named)}.")
    return Record(
        kind=kind,
        config=config,
        result=result,
        claims=assertions(claims),
        scale=scale,
        device=device,
        seconds=round(seconds, 2),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        code=source_digest(),
        versions=versions(),
        replay={} if kind == "fit" else replay.walk(kind, config, result),
    )


@cache
def source_digest() -> str:
    """SHA-256 of the sources of this package: which text wrote a record. Whether it is fresh does not depend on it."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def assertions(ids: Iterable[str]) -> dict[str, str]:
    """Id -> digest of what the claim asserts, as the ledger stands; empty for an id that it does not hold."""
    wanted = list(ids)
    if not wanted:
        return {}
    from saddlecheck.theory import CLAIMS

    return {i: CLAIMS[i].assertion if i in CLAIMS else "" for i in wanted}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that numbers depend on."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write(record: Record, path: Path) -> None:
    """Write a record, or nothing at all."""
    text = json.dumps(plain(asdict(record)), indent=1, allow_nan=False, ensure_ascii=False)
    write_whole(path, text + "\n")


def read(path: Path) -> Record:
    """The record in a file.

    Returns:
        The record, of the present or of the older format.

    Raises:
        ValueError: the file is no record; the message says what is wrong with it.
    """
    if path.is_dir():
        raise ValueError(f"{path} is not a record: it is a folder.")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path} holds {path.stat().st_size} bytes, a record at most {MAX_BYTES}: not a record.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # bytes that are no text, no JSON, a number of too many digits
        raise ValueError(f"{path} is not a record: it is not JSON ({error}).") from error
    if not isinstance(data, dict) or data.get("format") not in (OLD, FORMAT):
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise ValueError(f"{path} is not a record of format {OLD} or {FORMAT}: found {found!r}; run it again.")
    try:
        record = Record(**data)
    except TypeError as error:
        raise ValueError(f"{path} is not a record: {error}.") from error
    for f in fields(Record):
        if not isinstance(value := getattr(record, f.name), _TYPES[f.name]):
            kind = type(value).__name__
            raise ValueError(f"{path} is not a record: its {f.name} is of type {kind}.")  # noqa: TRY004  a bad file
    if record.kind not in KINDS:
        raise ValueError(f"{path} is a record of unknown kind {record.kind!r}.")
    return record


def read_all(folder: Path, kind: str) -> list[Record]:
    """All records of one kind below a folder, in the order of their paths; other JSON files are passed over."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        try:
            record = read(path)
        except ValueError:
            continue
        if record.kind == kind:
            found.append(record)
    return found


def plain(value: Any) -> Any:
    """A value as JSON gives it back. It has no infinity and no NaN: they become null, and a curve ends there."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value
