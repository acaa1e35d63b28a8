"""Verdicts for continuous integration: which of them fail, and all of them as JUnit XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from saddlecheck._files import write_whole
from saddlecheck.theory.checker.verdict import Verdict

WORDS = {v.name.lower(): v for v in Verdict}


def verdicts(text: str) -> frozenset[Verdict]:
    """The verdicts in a list such as "refuted,open"; raises ValueError for a word that is none."""
    names = [word for word in text.replace(",", " ").lower().split() if word]
    if unknown := [name for name in names if name not in WORDS]:
        raise ValueError(f"{unknown[0]!r} is no verdict; those are {', '.join(WORDS)}.")
    if not names:
        raise ValueError(f"name verdicts, such as refuted,open; those are {', '.join(WORDS)}.")
    return frozenset(WORDS[name] for name in names)


def write(
    path: Path, name: str, summaries: Mapping[str, Mapping[str, Any]], failing: Mapping[str, Collection[str]]
) -> None:
    """Write a test suite with a case for each claim.

    Args:
        path: the file.
        name: of the suite.
        summaries: claim id -> what `check --json` prints.
        failing: claim id -> why it fails, for those that do.
    """
    seconds = sum(float(s["seconds"]) for s in summaries.values())
    counts = {"tests": str(len(summaries)), "failures": str(len(failing)), "time": f"{seconds:.3f}"}
    suite = ET.Element("testsuite", {"name": name, **counts})
    for i, s in summaries.items():
        case = ET.SubElement(suite, "testcase", {"classname": name, "name": i, "time": f"{float(s['seconds']):.3f}"})
        if i in failing:
            ET.SubElement(case, "failure", {"message": "; ".join(failing[i])}).text = str(s["reason"])
        ET.SubElement(case, "system-out").text = f"{s['words']}: {s['reason']}"
    ET.indent(suite)
    write_whole(path, ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n")
