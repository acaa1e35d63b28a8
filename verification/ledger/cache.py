"""What has been computed, kept by what it depends on: a change of a claim, an engine or its code is another key."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from sympy.external.gmpy import GROUND_TYPES

import saddlecheck
from saddlecheck._files import write_whole
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.theory.claims.serial import digest

_PACKAGES = ("sympy", "z3-solver", "cvc5", "python-flint", "mpmath", "numpy")


def folder() -> Path:
    """Where results are cached: $SADDLECHECK_CACHE, or `saddlecheck` in the user's cache folder."""
    if chosen := os.environ.get("SADDLECHECK_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "saddlecheck"


@functools.cache
def versions(packages: tuple[str, ...] = _PACKAGES) -> dict[str, str]:
    """The interpreter's and each package's version ("absent" where it is not installed)."""
    found = {"python": platform.python_version(), "sympy arithmetic": GROUND_TYPES}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


@functools.cache
def code_digest(package: str) -> str:
    """A digest of one of our packages, sources and data: what the engines are, not only which versions they call."""
    root = Path(str(saddlecheck.__file__)).parent / package
    hasher = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.glob("data/*.json")]):
        hasher.update(path.name.encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()


def key(fingerprint: str, packages: Iterable[str] = ("theory",)) -> str:
    """The cache key of a result: its subject, our code that computed it, and the versions below that."""
    return digest([fingerprint, [code_digest(p) for p in packages], versions()])


def load(name: str, expected: str) -> tuple[Evidence, ...] | None:
    """The evidence stored under a name, or None if there is none for this key (or it cannot be read)."""
    try:
        stored = json.loads((folder() / f"{name}.json").read_text())
        if stored["key"] != expected:
            return None
        return tuple(Evidence(**e) for e in stored["evidence"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def store(name: str, used_key: str, evidence: Iterable[Evidence]) -> None:
    """Keep evidence under a name. A cache that cannot be written costs time later, nothing else."""
    try:
        write_json(folder() / f"{name}.json", {"key": used_key, "evidence": [asdict(e) for e in evidence]})
    except OSError:
        return


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON whole or not at all."""
    write_whole(path, json.dumps(data, indent=1, default=str) + "\n")
