"""A record: what was run, on what, with which code, and everything that came out. JSON, written atomically.

Records are read without torch, so that claims which rest on them can be judged anywhere.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FORMAT = 1
MAX_BYTES = 64 * 1024 * 1024
# What a change of makes a record stale, for each kind of record.
SOURCES: dict[str, tuple[str, ...]] = {
    "toy-neuron": ("neuron.py", "neuron_kernel.py"),
    "training": ("ascent.py", "config.py", "data.py", "flat.py", "resnet.py", "sam.py", "train.py"),
}
PACKAGES = ("numpy", "numba", "torch")


@dataclass(frozen=True)
class Record:
    """One finished run, or one finished family of runs.

    kind: a key of SOURCES.  config: what was asked for, with units in its own documentation.  result: curves, end
    states, whatever came out.  claims: id -> fingerprint of the claim when the record was made.  scale: `full` is the
    paper's own setting, `reduced` bears on the direction of a claim only.  seconds: wall time.
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

    def why_stale(self) -> str | None:
        """Why this record may not speak for the present code, in a sentence; None when it does."""
        if self.code != (now := code_hash(self.kind)):
            return f"the code behind it has changed since (was {self.code[:12]}, is {now[:12]}): run it again."
        for claim, fingerprint in self.claims.items():
            if fingerprint and fingerprint != (current := claim_fingerprints([claim])[claim]):
                return f"claim {claim} has changed since (was {fingerprint[:12]}, is {current[:12]}): run it again."
        return None


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
    """A record of what has just been run, with the code's hash, versions and the claims' fingerprints."""
    return Record(
        kind=kind,
        config=config,
        result=result,
        claims=claim_fingerprints(claims),
        scale=scale,
        device=device,
        seconds=round(seconds, 2),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        code=code_hash(kind),
        versions=versions(),
    )


def code_hash(kind: str) -> str:
    """SHA-256 of the source files behind a kind of record; blank lines and comment lines do not count.

    Raises:
        ValueError: an unknown kind.
    """
    if kind not in SOURCES:
        raise ValueError(f"a record's kind is one of {', '.join(sorted(SOURCES))}, got {kind!r}.")
    digest = hashlib.sha256()
    for name in SOURCES[kind]:
        for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines():
            if (text := line.strip()) and not text.startswith("#"):
                digest.update(line.rstrip().encode() + b"\n")
    return digest.hexdigest()


def claim_fingerprints(ids: Iterable[str]) -> dict[str, str]:
    """Id -> fingerprint in the ledger as it stands; empty for an id that the ledger does not hold."""
    wanted = list(ids)
    if not wanted:
        return {}
    from theory import CLAIMS

    return {i: CLAIMS[i].fingerprint if i in CLAIMS else "" for i in wanted}


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
    """Write a record, or nothing at all: a temporary file beside it is renamed when complete."""
    text = json.dumps(_plain(asdict(record)), indent=1, allow_nan=False, ensure_ascii=False)
    write_atomically(path, (text + "\n").encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Content under `path` as a whole or not at all, also when the machine stops in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> Record:
    """The record in a file.

    Raises:
        ValueError: the file is no record; the message says what is wrong with it.
    """
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path} holds {path.stat().st_size} bytes, a record at most {MAX_BYTES}: not a record.")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is not a record: it is not JSON ({error}).") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        found = data.get("format") if isinstance(data, dict) else type(data).__name__
        raise ValueError(f"{path} is not a record of format {FORMAT}: found {found!r}; run it again.")
    try:
        record = Record(**data)
    except TypeError as error:
        raise ValueError(f"{path} is not a record: {error}.") from error
    if record.kind not in SOURCES:
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


def _plain(value: Any) -> Any:
    """JSON has no infinity and no NaN: they become null, and a curve that has them is read as ended."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value
