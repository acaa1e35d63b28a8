"""A certificate: one claim, its checks and its verdict as a file that can be read back and re-evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from saddlecheck.theory.claims import graph, serial, step_serial
from saddlecheck.verification.ledger import cache
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.recheck import FORMAT


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
        "settles": claim.settles,
        "statement": step_serial.formula(claim.statement),
        "given": [step_serial.formula(g) for g in claim.given],
        "steps": [step_serial.encode(step) for step in claim.steps],
        "rests_on": list(graph.grounds(claim)),
        "wording": claim.wording,
        "fingerprint": claim.fingerprint,
        "versions": cache.versions(),
        **report.summary(),
        "evidence": [asdict(e) for e in report.evidence],
    }
    return {**data, "digest": serial.digest(data)}


SUMMARY = ("id", "verdict", "ground", "as_printed", "engines", "witness", "inside", "amended_by", "reason", "seconds")


def summary(data: Mapping[str, Any]) -> dict[str, Any]:
    """What `check --json` prints of a certificate."""
    return {name: data[name] for name in SUMMARY}


def write(report: Report, folder: Path) -> Path:
    """Write a report's certificate into a folder, whole or not at all."""
    path = folder / f"{report.id}.json"
    cache.write_json(path, certificate(report))
    return path
