"""A certificate: one claim, its checks and its verdict as a file that can be read back and re-evaluated."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import sympy as sp

from theory import serial
from theory.nodes import Prop
from theory.steps import Bounded, Step, stated
from verification import cache
from verification.ledger import Report
from verification.recheck import FORMAT


def certificate(report: Report) -> dict[str, Any]:
    """The certificate of a report, as JSON data with a digest over all of it."""
    claim = report.claim
    data = {
        "format": FORMAT,
        "id": claim.id,
        "title": claim.title,
        "place": str(claim.place),
        "says": claim.says,
        "amends": claim.amends,
        "statement": _formula(claim.statement),
        "given": [_formula(g) for g in claim.given],
        "steps": [_step(step) for step in claim.steps],
        "fingerprint": claim.fingerprint,
        "versions": cache.versions(),
        **report.summary(),
        "evidence": [asdict(e) for e in report.evidence],
    }
    return {**data, "digest": serial.digest(data)}


def write(report: Report, folder: Path) -> Path:
    """Write a report's certificate into a folder, whole or not at all."""
    path = folder / f"{report.id}.json"
    cache.write_json(path, certificate(report))
    return path


def _formula(formula: Any) -> dict[str, Any]:
    """A formula as text for people and as a tree for `recheck`."""
    return {"text": formula.text if isinstance(formula, Prop) else str(formula), "tree": serial.encode(formula)}


def _step(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": step.name,
        "kind": type(step).__name__,
        "because": step.because,
        "uses": list(step.uses),
        "formula": _formula(step.formula),
        "stated": _formula(stated(step)),
    }
    if isinstance(step, Bounded):
        data["box"] = [[serial.encode(s), [serial.encode(sp.S(end)) for end in ends]] for s, ends in step.box.items()]
    return data
