"""The toy neuron beside an earlier build: CPU seconds with draws included, and whether runs end at the same bits.

    python benchmarks/bench_neuron.py BASE [--pairs 5] [--out benchmarks/neuron.json]

BASE is a checkout of the earlier build (`git worktree add BASE c48d947`). Each measurement is a process of its own, the
two builds in turn; it compiles and runs a small case first, then times `neuron.run` on new draws.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
TARGET = 0.15
CASES = {
    "normalised, batch 1": {"rule": "sam_normalised", "rho": 0.1, "batch": 1},
    "constant radius, batch 1, momentum": {"rule": "sam", "rho": 0.1, "batch": 1, "gamma": 0.5},
    "constant radius, batch 8": {"rule": "sam", "rho": 0.1, "batch": 8},
    "constant radius, batch 5": {"rule": "sam", "rho": 0.1, "batch": 5},
    "plain, batch 64": {"rule": "sgd", "batch": 64},
}
SEEDS, STEPS = 400, 10_000
CHILD = """
import hashlib, importlib, json, sys, time
neuron = importlib.import_module(sys.argv[1] + "nets.neuron")
settings = getattr(neuron, "NeuronSettings", None) or neuron.Settings
found = {}
for name, given in json.loads(sys.argv[2]).items():
    neuron.run(settings(seeds=70, steps=100, **given))
    neuron.draws.cache_clear()
    s = settings(seeds=int(sys.argv[3]), steps=int(sys.argv[4]), first_seed=1, **given)
    begin = time.process_time()
    ends = neuron.run(s)
    found[name] = (time.process_time() - begin, hashlib.sha256(ends.w1.tobytes() + ends.w2.tobytes()).hexdigest())
print(json.dumps(found))
"""


def measured(source: Path, package: str, cache: str) -> dict[str, Any]:
    """Seconds and a hash of the ends by case, from a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(source), "NUMBA_CACHE_DIR": cache, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", CHILD, package, json.dumps(CASES), str(SEEDS), str(STEPS)]
    done = subprocess.run(command, env=environment, cwd=cache, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure pairs, print a table and write the numbers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("neuron.json"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache:
        pairs = [
            (measured(given.base.resolve(), "", cache), measured(HERE / "src", "saddlecheck.", cache))
            for _ in range(given.pairs)
        ]
    rows = {}
    for name in CASES:
        before, now = ([pair[k][name][0] for pair in pairs] for k in (0, 1))
        same = len({pair[k][name][1] for pair in pairs for k in (0, 1)}) == 1
        ratio = statistics.median(b / a for a, b in zip(before, now, strict=True))
        rows[name] = {
            "base_s": round(statistics.median(before), 4), "s": round(statistics.median(now), 4),
            "ratio": round(ratio, 3), "same_bits": same,
        }  # fmt: skip
        print(name, rows[name])
    what = f"CPU seconds of neuron.run, draws included, {SEEDS} seeds and {STEPS} steps; medians of pairs"
    data = {"what": what, "python": platform.python_version(), "pairs": given.pairs, "target": TARGET, "rows": rows}
    given.out.write_text(json.dumps(data, indent=1) + "\n")


if __name__ == "__main__":
    main()
