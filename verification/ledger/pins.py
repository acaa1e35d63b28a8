"""What was last reviewed: each claim's verdict, and a digest of its words and formulas. A change of either is noticed.

Pins decide nothing: a verdict is computed whether they are there or not.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saddlecheck._files import write_whole
from saddlecheck.theory.checker.certificate import named

PINNED = Path(__file__).with_name("pinned.toml")
_NO_PAPER = "_"
_HEAD = "# What was last reviewed, so that a change is noticed. It decides nothing: delete it and no verdict moves."


@dataclass(frozen=True)
class Pin:
    """A claim as it was reviewed. verdict: with its ground.  wording: digest of title, words, conditions, statement.

    paper: id of the paper whose claim it is; empty for a claim of none.
    """

    verdict: str
    wording: str
    paper: str = ""


def pins(summaries: Mapping[str, Mapping[str, Any]]) -> dict[str, Pin]:
    """What there is to pin in the summaries of claims, by id."""
    return {i: Pin(str(s["words"]), str(s["wording"]), str(s["paper"])) for i, s in summaries.items()}


def wordings(path: Path | None = None) -> dict[str, str]:
    """The digest of each claim's words and formulas as they were last reviewed, by the name that the checker uses."""
    return {named(pin.paper, i): pin.wording for i, pin in load(path).items()}


def changes(found: Mapping[str, Pin], reviewed: Mapping[str, Pin]) -> list[str]:
    """One line for each claim that is not as it was reviewed."""
    lines = []
    for i, pin in found.items():
        known = reviewed.get(i)
        if known is None:
            lines.append(f"new: {i} is {pin.verdict!r} and was never reviewed")
            continue
        if known.verdict != pin.verdict:
            lines.append(f"moved: {i} is now {pin.verdict!r}, last reviewed as {known.verdict!r}")
        if known.wording != pin.wording:
            lines.append(f"reworded: {i} states something else, or in other words, than when it was reviewed")
    return lines


def load(path: Path | None = None) -> dict[str, Pin]:
    """What was last reviewed, by id; empty if the file is gone. Raises ValueError for a file that is damaged."""
    path = PINNED if path is None else path
    if not path.exists():
        return {}
    try:
        return {
            str(i): Pin(str(verdict), str(wording), "" if paper == _NO_PAPER else str(paper))
            for paper, claims in tomllib.loads(path.read_text("utf-8"))["reviewed"].items()
            for i, (verdict, wording) in claims.items()
        }
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} is damaged ({error}); restore it, or delete it and run `check --pin`.") from error


def store(found: Mapping[str, Pin], order: Iterable[str], path: Path | None = None) -> None:
    """Record claims as reviewed, beside those that were not checked now. order: all ids, by paper."""
    path = PINNED if path is None else path
    known = {**load(path), **found}
    sections: dict[str, list[str]] = {}
    for i in (i for i in order if i in known):
        pin = known[i]
        sections.setdefault(pin.paper or _NO_PAPER, []).append(f'{i} = ["{pin.verdict}", "{pin.wording}"]')
    blocks = ["\n".join([f"[reviewed.{paper}]", *lines]) for paper, lines in sections.items()]
    write_whole(path, "\n\n".join([_HEAD, *blocks]) + "\n")
