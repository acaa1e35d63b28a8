"""What people wait for, beside an earlier build: CPU time and memory of whole process trees, both builds in turn.

    python benchmarks/bench_waiting.py BASE [--pairs 5] [--only NAME …] [--out benchmarks/waiting.json]

BASE is a checkout of the earlier build (`git worktree add BASE c48d947`); both run in this environment, from source,
with folders of their own for what they cache. A work is measured in pairs, the earlier build first, and each pair gives
a ratio; the table has the medians. CPU time counts user and system time of all processes of a work, solvers included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
OUT = Path(__file__).with_name("waiting.json")


@dataclass(frozen=True)
class Build:
    """A checkout. source: what is put on Python's path.  package: before the names of our packages."""

    source: Path
    package: str

    @property
    def command(self) -> str:
        module = "verification.cli.main" if self.package else "verification.cli"
        return f"from {self.package}{module} import main; main()"


@dataclass(frozen=True)
class Work:
    """Something to wait for.

    target: the ratio to reach.  code: Python, where {p} stands before our packages and {command} runs the command line.
    arguments: of the command line.  prepare: run before each measurement, in the folder of what is cached.
    """

    target: float
    code: str = "{command}"
    arguments: tuple[str, ...] = ()
    prepare: Callable[[Path], None] = lambda _: None


def cold(cache: Path) -> None:
    """Nothing is cached, kernels included."""
    shutil.rmtree(cache, ignore_errors=True)


def no_snapshot(cache: Path) -> None:
    """The evidence is cached, the last output is not."""
    for snapshot in (cache / "saddlecheck").glob("ledger-*.json"):
        snapshot.unlink()


SIMULATE = (
    "from {p}numerics import ornstein_uhlenbeck, simulate; "
    "simulate(ornstein_uhlenbeck(1.0, 0.5).scheme('euler', 0.01), paths=10, steps=4, seed=1)"
)
BEALE = "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2"
RUN_ALL = "from {p}numerics.experiments.registry import experiments\nfor e in experiments().values(): e.run()"


def works(claims: Sequence[str]) -> dict[str, Work]:
    """All works by name. claims: the ids of the first paper's ledger that both builds have."""
    ledger = ("check", "--no-numeric", "--jobs", "1", *claims)
    return {
        "help": Work(0.4, arguments=("--help",)),
        "version": Work(0.4, arguments=("--version",)),
        "claims": Work(0.25, arguments=("claims",), prepare=cold),
        "show thm1, cold": Work(0.25, arguments=("show", "thm1"), prepare=cold),
        "check thm1, cold": Work(0.25, arguments=("check", "thm1", "--no-numeric"), prepare=cold),
        "ledger, cold": Work(0.45, arguments=ledger, prepare=cold),
        "ledger, evidence cached": Work(0.3, arguments=ledger, prepare=no_snapshot),
        "analyse Beale": Work(0.5, arguments=("analyse", BEALE)),
        "analyse (a b c - 1)^2/2": Work(0.3, arguments=("analyse", "(a*b*c-1)**2/2", "--json")),
        "simulate, cold kernels": Work(0.4, SIMULATE, prepare=cold),
        "simulate, kernels cached": Work(0.5, SIMULATE),
        "experiments, cold kernels": Work(0.6, RUN_ALL, prepare=cold),
        "experiments, kernels cached": Work(0.7, RUN_ALL),
    }


def measured(build: Build, work: Work, folder: Path) -> tuple[float, float]:
    """CPU seconds of the process tree, and the memory of its largest process in MiB."""
    cache = folder / "cache"
    work.prepare(cache)
    environment = {
        **os.environ, "PYTHONPATH": str(build.source), "XDG_CACHE_HOME": str(cache), "OMP_NUM_THREADS": "1",
        "MPLBACKEND": "agg", "SADDLECHECK_CACHE": str(cache / "saddlecheck"),
    }  # fmt: skip
    environment.pop("NUMBA_CACHE_DIR", None)
    code = work.code.replace("{command}", build.command).replace("{p}", build.package)
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code, *work.arguments],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, _, used = os.wait4(process.pid, 0)  # with the children that it has waited for
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def listed(build: Build) -> list[str]:
    """The ids of all claims of a build."""
    code = f"import {build.package}theory as t; print(*t.CLAIMS)"
    environment = {**os.environ, "PYTHONPATH": str(build.source)}
    run = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout.split()


def compare(base: Build, ours: Build, work: Work, pairs: int) -> dict[str, float]:
    """The medians of a work over some pairs. Works that begin with something cached get a run of each build first."""
    seconds: list[tuple[float, float]] = []
    memory: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        folders = (Path(first), Path(second))
        if work.prepare is not cold:
            for build, folder in zip((base, ours), folders, strict=True):
                measured(build, work, folder)
        for _ in range(pairs):
            pair = [measured(b, work, folder) for b, folder in zip((base, ours), folders, strict=True)]
            seconds.append((pair[0][0], pair[1][0]))
            memory.append((pair[0][1], pair[1][1]))
    middle = statistics.median
    return {
        "base_seconds": round(middle(b for b, _ in seconds), 3),
        "seconds": round(middle(o for _, o in seconds), 3),
        "ratio": round(middle(o / b for b, o in seconds), 3),
        "target": work.target,
        "base_mebibytes": round(middle(b for b, _ in memory)),
        "mebibytes": round(middle(o for _, o in memory)),
        "pairs": pairs,
    }


def line(name: str, row: dict[str, float]) -> str:
    """A row of the table."""
    verdict = "reached" if row["ratio"] <= row["target"] else "missed"
    return (
        f"{name:30} {row['base_seconds']:9.2f} {row['seconds']:9.2f} {row['ratio']:7.2f} {row['target']:7.2f} "
        f"{verdict:8} {row['base_mebibytes']:6.0f} {row['mebibytes']:6.0f} {row['pairs']:3.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU time of what people wait for, beside an earlier build.")
    parser.add_argument("base", type=Path, help="a checkout of the earlier build")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=[], help="names of works; what was measured before is kept")
    parser.add_argument("--out", type=Path, default=OUT)
    chosen = parser.parse_args()
    base = chosen.base.resolve()
    builds = [Build(r / "src", "saddlecheck.") if (r / "src").exists() else Build(r, "") for r in (base, HERE)]
    table = works(())
    if unknown := set(chosen.only) - set(table):
        raise SystemExit(f"no work is called {min(unknown)!r}; there are {', '.join(table)}.")
    if any(name.startswith("ledger") for name in chosen.only or table):
        common = set(listed(builds[1]))
        table = works([i for i in listed(builds[0]) if i in common])
    commits = [
        subprocess.run(["git", "describe", "--always", "--dirty"], cwd=r, capture_output=True, text=True).stdout.strip()
        for r in (base, HERE)
    ]
    rows = json.loads(chosen.out.read_text())["rows"] if chosen.out.exists() and chosen.only else {}
    for name in chosen.only or table:
        rows[name] = compare(builds[0], builds[1], table[name], chosen.pairs) | {"commit": commits[1]}
        print(line(name, rows[name]), flush=True)
        data = {
            "what": "CPU seconds of process trees, both builds in turn; medians; ratio to the earlier build",
            "base": commits[0], "python": platform.python_version(), "machine": platform.machine(),
            "cores": os.cpu_count(), "rows": {n: rows[n] for n in table if n in rows},
        }  # fmt: skip
        chosen.out.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
