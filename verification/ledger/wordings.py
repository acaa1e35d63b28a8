"""What the words and formulas of each claim were when somebody last compared the two: a digest a claim.

No machine can tell whether a sentence says what a formula says. So a certificate's words are believed only if they
stand beside the same formulas as when they were reviewed. `saddlecheck check --pin` records them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.claims import serial, step_serial
from saddlecheck.theory.claims.claim import Claim

FILE = Path(__file__).with_name("wordings.json")


def words(claim: Claim) -> dict[str, Any]:
    """The words of a claim as a certificate has them, with its conditions and its statement."""
    names = ("id", "title", "says", "reading", "finding", "amends", "settles")
    return {
        **{name: getattr(claim, name) for name in names},
        "place": str(claim.place),
        "given": [serial.encode(condition) for condition in claim.given],
        "statement": serial.encode(claim.statement),
    }


def wording(claim: Claim) -> str:
    """The digest of a claim's words and formulas."""
    steps = [step_serial.encode(step) for step in claim.steps]
    return checker.wording({**words(claim), "steps": steps, "rests": []})


def load(path: Path | None = None) -> dict[str, str]:
    """The digest of each claim's words and formulas as they were last reviewed; empty if nothing was."""
    path = FILE if path is None else path
    return dict(json.loads(path.read_text())) if path.exists() else {}


def store(found: Mapping[str, str], order: Iterable[str], path: Path | None = None) -> None:
    """Record digests as reviewed, beside those of the claims that were not checked now. order: all ids."""
    path = FILE if path is None else path
    known = {**load(path), **found}
    path.write_text(json.dumps({i: known[i] for i in order if i in known}, indent=0) + "\n")
