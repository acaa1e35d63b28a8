"""The replay that identifies a record's code: the record's own rule, made tiny, in float64 on the CPU.

The walk is stored with the record, and the record is fresh while the code that trains walks it again. Comments, names
and speed do not enter; whatever changes a number does. For a training record it is four steps in two epochs of
`saddlecheck.nets.run.Run` with the record's configuration, on 20 made-up images with a network of width 2: reading and
pooling of images, initial weights, order, augmentation, loss, optimiser, schedule and evaluation are all on the way.
For the branch test it is that test with the record's rule on a network of 72 weights. For the toy neuron it is 30 steps
of four seeds under each rule of the record, and how a grid of end points is classified.

It covers the rule, not the arithmetic of a record's device: bfloat16, compilation, and the order in which a GPU draws
and adds are left out. So are the Hessian's extremal eigenvalues, which are measured and do not train, and a constant
that acts only where a gradient vanishes (SAM's eps) is too small to show.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from saddlecheck.nets.config import TrainConfig
    from saddlecheck.nets.neuron import EndStates, NeuronSettings

Walk = dict[str, list[float | None]]
# Eight passes through a network round by 1e-14 in all, and four steps of the grids' rules multiply a relative change of
# the weights by less than 3, 30 steps of the toy neuron's by less than 100 (measured): sums in another order stay below
# 1e-11, while a constant that is changed in its third digit moves a number by 1e-7 or more (tested).
TOLERANCE = 1e-9  # relative to the larger of 1 and the number
WIDTH, BATCH, EPOCHS = 2, 8, 2
IMAGES, TEST_IMAGES, LIMIT = 20, 10, 2
STEPS, SEEDS, SIDE = 30, 4, 24


def possible(kind: str) -> bool:
    """Whether a record of this kind can be replayed here: training needs torch."""
    return kind not in ("training", "mechanism") or find_spec("torch") is not None


def walk(kind: str, config: Mapping[str, Any], result: Mapping[str, Any]) -> Walk:
    """The walk of a record's rule under the present code.

    Args:
        kind: `training`, `toy-neuron` or `mechanism`.
        config: of the record.
        result: of the record; the toy neuron's holds its rules.

    Returns:
        Name -> numbers on the way; None stands for a number that is not finite.

    Raises:
        ValueError: the configuration is none.
    """
    if kind == "training":
        from saddlecheck.nets.config import TrainConfig

        # A copy: the walk is remembered.
        return {name: list(numbers) for name, numbers in _training(reduced(TrainConfig(**config))).items()}
    if kind == "mechanism":
        return _branches(dict(config["system"]))
    from saddlecheck.nets.neuron import NeuronSettings

    rules = [{k: run[k] for k in ("rule", "eta", "rho", "batch", "gamma")} for run in result.get("runs", ())]
    found = {
        ", ".join(f"{k} {v}" for k, v in r.items()): _toy(NeuronSettings(**r, steps=STEPS, seeds=SEEDS)) for r in rules
    }
    return found | {"intervals": _intervals()} if found else found


def reduced(config: TrainConfig) -> TrainConfig:
    """The configuration of the walk: the rule as it is, everything that only costs time made small."""
    return replace(
        config, limit=None if config.limit is None else LIMIT, width=WIDTH, batch_size=BATCH, epochs=EPOCHS, seed=0,
        precision="float32", compile="no", evaluate_every=1, diagnose_every=0,
    )  # fmt: skip


def difference(stored: Mapping[str, Any], now: Walk) -> str | None:
    """Where two walks part, in a sentence; None where they do not."""
    if stored.keys() != now.keys():
        return "its replay holds other quantities than the present code's."
    for name, numbers in now.items():
        before = stored[name]
        if len(before) != len(numbers):
            return f"its replay holds {len(before)} numbers of {name}, the present code's {len(numbers)}."
        for a, b in zip(before, numbers, strict=True):
            if (a is None) != (b is None) or (a is not None and abs(a - b) > TOLERANCE * max(1.0, abs(a))):
                return f"the code behind it computes something else now: in its replay {name} was {a}, is {b}."
    return None


@lru_cache(maxsize=1024)
def _training(config: TrainConfig) -> Walk:
    """Losses, accuracies and weights along the epochs of a reduced run; many records share one."""
    import torch

    from saddlecheck.nets.data import load
    from saddlecheck.nets.run import Run

    with tempfile.TemporaryDirectory() as folder, torch.enable_grad():
        _write_images(Path(folder), config.dataset)
        data = load(config.dataset, Path(folder), limit=config.limit, pool=config.pool)
        run = Run(config, data, "cpu", dtype=torch.float64)
        found: dict[str, list[float]] = {"weights, norm": [], "weights, sum": []}
        while not run.finished:
            run.epoch()
            weights = torch.cat([p.detach().flatten() for p in run.model.parameters()])
            found["weights, norm"].append(float(weights.norm()))
            found["weights, sum"].append(float(weights.sum()))
    found["loss of the mini-batches"] = run.curves["batch_loss"]
    for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
        found[name] = [e[name] for e in run.curves["evaluations"]]
    return {name: _finite(numbers) for name, numbers in found.items()}


def _branches(settings: dict[str, Any]) -> Walk:
    """The branch test with a system's rule, on the small network that starts at zero: three epochs in all."""
    from saddlecheck.nets import branch_runs

    small = {"name": "zero", "batch_size": 64, "epochs": 4, "middle": 2, "after": 1}
    found = branch_runs.run(branch_runs.System(**(settings | small)), 0, branch_runs.straight)
    # Newton's steps stop at a tolerance: how near they come is no property of the rule.
    seen = ("loss", "gradient", "highest", "lowest")
    middle = {f"middle, {name}": _finite([found["middle"]["numbers"][name]]) for name in seen}
    return middle | {name: _finite([loss]) for name, loss in found["branches"].items()}


def _write_images(folder: Path, dataset: str) -> None:
    """Made-up images in the official layout: bytes of a hash function, the same on every machine."""
    ten = dataset == "cifar10"
    names = ("data_batch_1.bin", "test_batch.bin") if ten else ("train.bin", "test.bin")
    for name, images in zip(names, (IMAGES, TEST_IMAGES), strict=True):
        pixels = hashlib.shake_256(name.encode()).digest(images * 3072)
        labels = [bytes([i % 10]) if ten else bytes([0, i % 100]) for i in range(images)]
        records = [labels[i] + pixels[3072 * i : 3072 * (i + 1)] for i in range(images)]
        (folder / name).write_bytes(b"".join(records))


def _toy(settings: NeuronSettings) -> list[float | None]:
    """Sums of the end weights, their mean loss, and the classes of a grid of end points."""
    from saddlecheck.nets.neuron import run

    ends = run(settings)
    classes = [fraction for fraction, _, _ in _grid(settings).fractions().values()]
    return _finite([float(ends.w1.sum()), float(ends.w2.sum()), float(ends.loss.mean()), *classes])


def _intervals() -> list[float | None]:
    """The intervals that a record gives, of the grid of end points."""
    from saddlecheck.nets.neuron import NeuronSettings

    grid = _grid(NeuronSettings())
    return _finite([*grid.mean_loss(), *(x for interval in grid.fractions().values() for x in interval)])


def _grid(settings: NeuronSettings) -> EndStates:
    """End points dense around the line w1 = 0; irrational steps, so that none lies on the boundary of a class."""
    import numpy as np

    from saddlecheck.nets.neuron import EndStates

    w1, w2 = np.meshgrid(np.linspace(-1.9, 1.9, SIDE) / math.sqrt(3), np.linspace(-0.7, 2.1, SIDE) / math.sqrt(2))
    return EndStates(settings, w1.ravel() ** 3, w2.ravel())


def _finite(numbers: list[float]) -> list[float | None]:
    """JSON has no infinity: a number that is none is null, before and after."""
    return [float(x) if x is not None and math.isfinite(x) else None for x in numbers]
