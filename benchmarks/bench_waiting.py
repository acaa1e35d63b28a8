"""What people wait for, beside an earlier build: CPU time and memory of whole process trees, both builds in turn.

    python benchmarks/bench_waiting.py BASE [--pairs 5] [--only NAME …] [--out benchmarks/waiting.json]

BASE is a checkout of the earlier build (`git worktree add BASE c48d947`); both run in this environment, compiled to
bytecode as an installation is, with folders of their own for what they cache. A work is measured in pairs, the earlier
build first, and each pair gives a ratio; the table has the medians. CPU time counts user and system time of all
processes of a work, solvers included; memory is that of its largest process. Both builds do the same work: a ledger is
settled on the claims that both have, each with those on which it rests (of 475 claims 259, with 6 below them), and the
experiments are those that both have. A work that fails ends the script.

A ledger is run again in two ways. With the evidence cached: nothing of what the first run of the same command has kept
is taken away but the snapshot that the earlier build writes of a run of all claims; the later build keeps results claim
by claim, and both verify what they show. With certificates made anew: only the evidence is left, as after a change of
the code that writes certificates.
"""

from __future__ import annotations

import argparse
import hashlib
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
PACKAGES = ("theory", "numerics", "nets", "verification")
CLAIMS = "import {p}theory as theory; print(*theory.CLAIMS)"


@dataclass(frozen=True)
class Build:
    """A checkout. source: what is put on Python's path.  package: before the names of our packages."""

    source: Path
    package: str

    @property
    def command(self) -> str:
        module = "verification.cli.main" if self.package else "verification.cli"
        return f"from {self.package}{module} import main; main()"

    def environment(self, cache: Path) -> dict[str, str]:
        """What its processes see: the same for both builds but for where it lies and what it has cached."""
        inherited = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "PYTHONDONTWRITEBYTECODE")}
        return inherited | {
            "PYTHONPATH": str(self.source), "XDG_CACHE_HOME": str(cache), "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "agg", "SADDLECHECK_CACHE": str(cache / "saddlecheck"),
        }  # fmt: skip

    def compile(self) -> None:
        """Write the bytecode of all modules, as pip does."""
        packages = [self.source / self.package.replace(".", "/") / name for name in PACKAGES]
        compileall = [sys.executable, "-m", "compileall", "-q", *map(str, packages)]
        subprocess.run(compileall, env=self.environment(self.source), check=True)

    def printed(self, code: str) -> list[str]:
        """The words that a program prints, {p} standing before our packages."""
        command = [sys.executable, "-P", "-c", code.replace("{p}", self.package)]
        with tempfile.TemporaryDirectory() as cache:
            run = subprocess.run(command, env=self.environment(Path(cache)), capture_output=True, text=True, check=True)
        return run.stdout.split()


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
    """The evidence is cached, the last output of a whole run is not."""
    for snapshot in (cache / "saddlecheck").glob("ledger-*.json"):
        snapshot.unlink()


def evidence_alone(cache: Path) -> None:
    """The evidence is cached; results are not, in neither build's form."""
    no_snapshot(cache)
    for result in (cache / "saddlecheck").glob("result-*.json"):
        result.unlink()


SIMULATE = (
    "from {p}numerics import ornstein_uhlenbeck, simulate; "
    "simulate(ornstein_uhlenbeck(1.0, 0.5).scheme('euler', 0.01), paths=10, steps=4, seed=1)"
)
BEALE = "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2"
EXPERIMENTS = """
try:
    from {p}numerics.experiments.registry import experiments
except ImportError:
    from {p}numerics.experiments import experiments
"""
RUN = EXPERIMENTS + "import sys\nfor name in sys.argv[1:]: experiments()[name].run()"
SPECTRUM = """
import torch
from torch import nn
from {p}nets.resnet import build
try:
    from {p}nets.lanczos import spectrum
except ImportError:
    from {p}nets.spectrum import spectrum
torch.set_num_threads(1)
g = torch.Generator().manual_seed(0)
data = torch.randn(512, 3, 32, 32, generator=g), torch.randint(0, 10, (512,), generator=g)
model = build("small-cnn", classes=10, width=29, batch_norm=False, seed=0).eval()
spectrum(model, nn.functional.cross_entropy, data, tolerance=1e-3, seed=0)
"""


def works(claims: Sequence[str] = (), experiments: Sequence[str] = ()) -> dict[str, Work]:
    """All works by name. claims and experiments: the names of those of the earlier build that both have."""
    ledger = ("check", "--no-numeric", "--jobs", "1", *claims)
    runs = tuple(experiments)
    return {
        "help": Work(0.4, arguments=("--help",)),
        "claims": Work(0.25, arguments=("claims",), prepare=cold),
        "show thm1, cold": Work(0.25, arguments=("show", "thm1"), prepare=cold),
        "check thm1, cold": Work(0.25, arguments=("check", "thm1", "--no-numeric"), prepare=cold),
        "ledger, cold": Work(0.45, arguments=ledger, prepare=cold),
        "ledger, evidence cached": Work(0.3, arguments=ledger, prepare=no_snapshot),
        "ledger, certificates anew": Work(0.3, arguments=ledger, prepare=evidence_alone),
        "analyse Beale": Work(0.5, arguments=("analyse", BEALE)),
        "analyse (a b c - 1)^2/2": Work(0.3, arguments=("analyse", "(a*b*c-1)**2/2", "--json")),
        "simulate, cold kernels": Work(0.4, SIMULATE, prepare=cold),
        "simulate, kernels cached": Work(0.5, SIMULATE),
        "experiments, cold kernels": Work(0.6, RUN, runs, prepare=cold),
        "experiments, kernels cached": Work(0.7, RUN, runs),
        "spectrum of a small network": Work(1.0, SPECTRUM),
    }


def measured(build: Build, work: Work, folder: Path) -> tuple[float, float]:
    """CPU seconds of the process tree, and the memory of its largest process in MiB."""
    cache = folder / "cache"
    work.prepare(cache)
    code = work.code.replace("{command}", build.command).replace("{p}", build.package)
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", code, *work.arguments],
            cwd=folder, env=build.environment(cache), stdout=subprocess.DEVNULL, stderr=errors,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)  # with the children that it has waited for
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if process.returncode != 0:
            raise SystemExit(f"{build.source} failed at {work.arguments[:3]}: {errors.read()[-2000:]}")
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def common(builds: Sequence[Build], code: str) -> list[str]:
    """The names that a program prints for the earlier build and for this one too."""
    first, second = (build.printed(code) for build in builds)
    return [name for name in first if name in second]


def compare(builds: Sequence[Build], work: Work, pairs: int, root: Path) -> dict[str, float]:
    """The medians of a work over some pairs.

    root: where works that run the same share a folder for each build. A work that begins with something cached gets a
    run of each build first, unless one that ran the same was measured before it.
    """
    name = hashlib.sha256(repr((work.code, work.arguments)).encode()).hexdigest()[:16]
    folders = [root / f"{name}-{number}" for number in range(len(builds))]
    for build, folder in zip(builds, folders, strict=True):
        if not folder.exists():
            folder.mkdir()
            if work.prepare is not cold:
                measured(build, work, folder)
    found = [[measured(b, work, f) for b, f in zip(builds, folders, strict=True)] for _ in range(pairs)]
    middle = statistics.median
    return {
        "base_seconds": round(middle(b[0] for b, _ in found), 3),
        "seconds": round(middle(o[0] for _, o in found), 3),
        "ratio": round(middle(o[0] / b[0] for b, o in found), 3),
        "target": work.target,
        "base_mebibytes": round(middle(b[1] for b, _ in found)),
        "mebibytes": round(middle(o[1] for _, o in found)),
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
    if unknown := set(chosen.only) - set(works()):
        raise SystemExit(f"no work is called {min(unknown)!r}; there are {', '.join(works())}.")
    for build in builds:
        build.compile()
    table = works(common(builds, CLAIMS), common(builds, EXPERIMENTS + "print(*experiments())"))
    commits = [
        subprocess.run(["git", "describe", "--always", "--dirty"], cwd=r, capture_output=True, text=True).stdout.strip()
        for r in (base, HERE)
    ]
    rows = json.loads(chosen.out.read_text())["rows"] if chosen.out.exists() and chosen.only else {}
    with tempfile.TemporaryDirectory() as root:
        for name in [n for n in table if n in chosen.only] or table:
            rows[name] = compare(builds, table[name], chosen.pairs, Path(root)) | {"commit": commits[1]}
            print(line(name, rows[name]), flush=True)
            data = {
                "what": "CPU seconds of process trees, both builds in turn; medians; ratio to the earlier build",
                "base": commits[0], "python": platform.python_version(), "machine": platform.machine(),
                "cores": os.cpu_count(), "rows": {n: rows[n] for n in table if n in rows},
            }  # fmt: skip
            chosen.out.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
