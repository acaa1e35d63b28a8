"""What has been computed, kept by what it depends on: a change of a claim, an engine or its code is another key."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import saddlecheck
from saddlecheck._files import write_whole
from saddlecheck.theory.checker.certificate import digest

if TYPE_CHECKING:
    from saddlecheck.theory.claims.evidence import Evidence  # imported where it is read: it imports SymPy

_PACKAGES = ("sympy", "z3-solver", "cvc5", "python-flint", "mpmath", "numpy")


def folder() -> Path:
    """Where results are cached: $SADDLECHECK_CACHE, or `saddlecheck` in the user's cache folder."""
    if chosen := os.environ.get("SADDLECHECK_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "saddlecheck"


@functools.cache
def versions(packages: tuple[str, ...] = _PACKAGES) -> dict[str, str]:
    """The interpreter's and each package's version ("absent" where it is not installed)."""
    found = {"python": platform.python_version(), "sympy arithmetic": _arithmetic()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def _arithmetic() -> str:
    """What SymPy computes with: as it says, or where it is not imported yet as `saddlecheck.theory` tells it to."""
    if "sympy" not in sys.modules and (told := os.environ.get("SYMPY_GROUND_TYPES")) == "python":
        return told
    from sympy.external.gmpy import GROUND_TYPES

    return str(GROUND_TYPES)


# What evidence comes from: the engines with the stored proofs, and what puts claims to them.
SETTLED_BY = ("theory", "verification/ledger")


@functools.cache
def code_digest(package: str) -> str:
    """A digest of one of our packages, sources and data: what the engines are, not only which versions they call."""
    root = Path(str(saddlecheck.__file__)).parent / package
    hasher = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.glob("data/*.json")]):
        hasher.update(path.name.encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()


def key(fingerprint: str, packages: Iterable[str] = SETTLED_BY) -> str:
    """The cache key of a result: its subject, our code that computed it, and the versions below that."""
    return digest([fingerprint, [code_digest(p) for p in packages], versions()])


def load(name: str, expected: str) -> tuple[Evidence, ...] | None:
    """The evidence stored under a name; None if there is none for this key, or if it was changed since."""
    from saddlecheck.theory.claims.evidence import Evidence

    stored = load_json(folder() / f"{name}.json", expected)
    try:
        return None if stored is None else tuple(Evidence(**e) for e in stored)
    except TypeError:
        discarded(name, "it does not hold what this version writes")
        return None


def store(name: str, used_key: str, evidence: Iterable[Evidence]) -> None:
    """Keep evidence under a name. A cache that cannot be written costs time later, nothing else."""
    store_json(folder() / f"{name}.json", used_key, [asdict(e) for e in evidence])


def load_json(path: Path, expected: str) -> Any:
    """The content stored for a key, or None; a file that is damaged, or was changed since, is discarded with a line."""
    try:
        head, _, text = path.read_text("utf-8").partition("\n")
        stored = json.loads(head)
        if stored["key"] != expected:
            return None
        if _seal(expected, text) == stored["digest"]:
            return json.loads(text)
        why = "it was changed after it was written"
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        why = f"no {error} in it" if isinstance(error, KeyError) else str(error)
    discarded(path.stem, why)
    return None


def store_json(path: Path, used_key: str, content: Any) -> None:
    """Keep JSON data for a key: a line with the key and a digest that notices a later change, and a line of data."""
    text = json.dumps(content, default=str) + "\n"
    with contextlib.suppress(OSError):
        write_whole(path, json.dumps({"key": used_key, "digest": _seal(used_key, text)}) + "\n" + text)


def _seal(used_key: str, text: str) -> str:
    """The digest of data as they are written: of the text, which need not be read and written again to compare."""
    return hashlib.sha256(f"{used_key}\n{text}".encode()).hexdigest()


def discarded(name: str, why: str) -> None:
    """Say in one line on stderr that something cached is not used."""
    print(f"cached {name} is discarded, and computed again: {' '.join(why.split())[:200]}", file=sys.stderr)


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON whole or not at all: a line for each field, and for each part of a list.

    Python's own way to spread it over lines is written in Python and takes five times as long.
    """
    fields = ",\n".join(_field(name, value) for name, value in data.items())
    write_whole(path, f"{{\n{fields}\n}}\n")


def _field(name: str, value: Any) -> str:
    """A field as it stands in a file."""
    if not isinstance(value, (list, tuple)):
        return " " + json.dumps({name: value}, default=str)[1:-1]
    parts = ",".join(f"\n  {json.dumps(part, default=str)}" for part in value)
    return f" {json.dumps({name: []})[1:-3]}[{parts}\n ]" if parts else f" {json.dumps({name: []})[1:-1]}"
