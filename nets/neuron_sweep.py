"""The toy neuron's sweep behind Figure 7: learning rates, radii, batch sizes, momenta; one record for all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.nets import record
from saddlecheck.nets.neuron import NeuronSettings, Rule, run

CLAIMS = ("fig7b", "fig7c", "toy-saddles", "toy-hypotheses", "thm3-escape")
FIGURE = {"eta": 0.003, "steps": 10_000}  # the setting of Figure 7; the paper names neither, hence the sweep
RADII = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
RATES = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1)
BATCHES: tuple[int | None, ...] = (1, 2, 4, 8, 16, 32, 64, None)
MOMENTA = (0.5, 0.9, 0.95)
SHOWN = (("sgd", 0.0), ("sam", 0.1), ("sam_normalised", 0.1))


def grid(seeds: int) -> list[NeuronSettings]:
    """Every experiment of the sweep, none twice."""

    def experiments() -> Iterator[NeuronSettings]:
        batches: tuple[int | None, ...] = (1, None)
        for batch in batches:
            for eta in RATES:
                yield NeuronSettings("sgd", eta, batch=batch, seeds=seeds)
                for rho in RADII:
                    yield NeuronSettings("sam", eta, rho, batch=batch, seeds=seeds)
                    yield NeuronSettings("sam_normalised", eta, rho, batch=batch, seeds=seeds)
        for batch in BATCHES:  # do smaller batches free SAM?
            for rule, rho in SHOWN:
                yield NeuronSettings(_rule(rule), 0.003, rho, batch=batch, seeds=seeds)
        for gamma in MOMENTA:  # does momentum? At the same eta, and at the same effective rate eta / (1 - gamma).
            for eta in (0.003, 0.003 * (1 - gamma)):
                for rule, rho in SHOWN:
                    yield NeuronSettings(_rule(rule), round(eta, 9), rho, gamma=gamma, seeds=seeds)

    # Sorted by batch, so that the random numbers are drawn once for each.
    return sorted(dict.fromkeys(experiments()), key=lambda s: (s.batch or 0, s.gamma, s.eta, s.rule, s.rho))


def _rule(name: str) -> Rule:
    return "sgd" if name == "sgd" else "sam" if name == "sam" else "sam_normalised"


def sweep(out: Path, *, seeds: int = 1_000) -> record.Record:
    """Run the whole grid and write its record to `out`; about a minute for 1,000 seeds."""
    from rich.progress import track

    begin = time.perf_counter()
    runs = [run(s).summary() for s in track(grid(seeds), description="toy neuron", transient=True)]
    shown: dict[str, dict[str, Any]] = {}
    for rule, rho in SHOWN:
        ends = run(NeuronSettings(_rule(rule), FIGURE["eta"], rho, steps=int(FIGURE["steps"]), seeds=seeds))
        shown[rule] = {"rho": rho, "w1": np.round(ends.w1, 5).tolist(), "w2": np.round(ends.w2, 5).tolist()}
    config = {"figure": FIGURE, "common": asdict(NeuronSettings(seeds=seeds)), "level": 0.95}
    made = record.make(
        "toy-neuron",
        config,
        {"runs": runs, "ends": shown},
        claims=CLAIMS,
        seconds=time.perf_counter() - begin,
    )
    record.write(made, out)
    return made
