"""The branch test run for the record: each training in a folder that an interrupted run goes on from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from saddlecheck.nets import branch_runs, record
from saddlecheck.nets.branch_runs import System
from saddlecheck.nets.branches import CONTROLS, MARGIN
from saddlecheck.nets.fit_config import FitConfig
from saddlecheck.nets.fitting import fit
from saddlecheck.nets.recorder import named
from saddlecheck.nets.task import Task


def run(system: System, seed: int, out: Path, *, data: Path | None = None) -> dict[str, Any]:
    """Run the branch test of a system; a branch that is finished is not repeated.

    Args:
        system: one of `branch_runs.SYSTEMS`.
        seed: of weights and order.
        out: a folder for the runs.
        data: CIFAR-10's binary archive or its folder, for the networks that are trained on it.

    Returns:
        JSON data, as `branch_runs.run` has it.
    """
    folder = out / f"{system.name}-s{seed}"

    def train(
        name: str, model: nn.Module, of: Task, optimiser: Optimizer, config: FitConfig, epochs: int
    ) -> float | None:
        def log(epoch: int, _numbers: object) -> None:
            if epoch == epochs < config.epochs:
                raise _Enough

        try:
            where = folder / name.replace(",", "").replace(" ", "-").lower()
            made = fit(model, of.data, of.loss, optimiser, config, out=where, log=log, explained=False)
        except _Enough:
            return None
        ends = made.result["evaluations"]
        return ends[-1]["train_loss"] if ends and not made.result["diverged"] else None

    return branch_runs.run(system, seed, train, data=data)


class _Enough(Exception):
    """The run has come as far in its schedule as was asked."""


def make_record(
    system: System, results: Sequence[Mapping[str, Any]], seconds: float, device: str = "cpu"
) -> record.Record:
    """The record of a system's branch test, all seeds in one."""
    return record.make(
        "mechanism", {"system": asdict(system), "margin": MARGIN, "control": system.name in CONTROLS},
        {"seeds": list(results)}, scale="reduced", device=named(torch.device(device)), seconds=seconds,
    )  # fmt: skip
