"""What the proofs of the ledger rest on, counted: `python tools/count_grounds.py REPORT`.

REPORT is a folder that `saddlecheck check --report REPORT` has written. The steps are counted by what the engines found
(from the cache, if it is current), the certificates by what the checker says of the files.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.checker.certificate import examine
from saddlecheck.theory.checker.examination import Done, Line
from saddlecheck.theory.claims.steps import Equal
from saddlecheck.verification.ledger import book, pins
from saddlecheck.verification.ledger.judge import Ground, step_ground


def step_grounds() -> Counter[tuple[str, str, int]]:
    """How many steps of the ledger have a kind, a ground and a number of equations (of an Equal step; else 1)."""
    counts: Counter[tuple[str, str, int]] = Counter()
    for report in book.check_all(CLAIMS, numeric=False).values():
        for step in report.claim.steps:
            kind = type(step).__name__
            found = [e for e in report.evidence if e.about == step.name]
            several = isinstance(step, Equal) and step.formula.func.__name__ == "And"
            counts[kind, step_ground(step.name, kind, found)[0], len(step.formula.args) if several else 1] += 1
    return counts


def examined(folder: Path) -> tuple[Counter[tuple[str, int]], Counter[str]]:
    """How many certificates of a verdict have an exit code of `recheck`, and what the checker has to trust."""
    codes: Counter[tuple[str, int]] = Counter()
    trusted: Counter[str] = Counter()
    reviewed, done = pins.wordings(), Done()
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        if "statement" not in data:
            continue  # the summaries of all
        found = examine(data, reviewed, done)
        codes[data["verdict"], found.exit_code] += 1
        own = [line for line in found.lines if line.result == "trusted" and not line.what.partition(": ")[2]]
        trusted.update({f"{line.what.split()[0]}: {_reason(line)}" for line in own})
    return codes, trusted


def _reason(line: Line) -> str:
    """Why a line is trusted: the kind of a step; of a point what follows it."""
    return line.how.partition(": ")[0] if line.what.startswith("step ") else line.how.rpartition(": ")[2]


def table(title: str, rows: Iterable[tuple[str, int]]) -> None:
    """Print counts, the largest first."""
    print(f"\n{title}")
    for name, count in sorted(rows, key=lambda row: (-row[1], row[0])):
        print(f"{count:6} {name}")


def main() -> None:
    """Print all counts."""
    if len(sys.argv) != 2 or not (folder := Path(sys.argv[1])).is_dir():
        print("name the folder that `saddlecheck check --report FOLDER` has written.", file=sys.stderr)
        raise SystemExit(2)
    steps = step_grounds()
    table("steps by kind and ground", ((f"{k}: {g}", sum(c for (a, b, _), c in steps.items() if (a, b) == (k, g)))
                                       for k, g in {(k, g) for k, g, _ in steps}))  # fmt: skip
    equations = Counter[str]()
    for (kind, ground, several), count in steps.items():
        equations[str(ground)] += several * count if kind == "Equal" else 0
    table("equations of Equal steps by ground", ((g, c) for g, c in equations.items() if c))
    grounds = Counter(s["ground"] for s in json.loads((folder / "ledger.json").read_text("utf-8"))["claims"])
    table("claims by ground", ((str(g), grounds[g]) for g in Ground if grounds[g]))
    codes, trusted = examined(folder)
    table("certificates by verdict and exit code", ((f"{v}: {c}", n) for (v, c), n in codes.items()))
    table("exit codes", Counter({str(c): sum(n for (_, d), n in codes.items() if d == c) for _, c in codes}).items())
    table("what is trusted, in how many certificates", trusted.items())


if __name__ == "__main__":
    main()
