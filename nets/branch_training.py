"""The trainings of a branch test on a GPU: captured steps, within a time, and none that is finished twice."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from saddlecheck._files import write_whole
from saddlecheck.nets.captured import CapturedStep, take
from saddlecheck.nets.errors import OutOfTime
from saddlecheck.nets.fit_config import FitConfig
from saddlecheck.nets.fit_data import Samples, drawing_from
from saddlecheck.nets.recorder import as_json, describe
from saddlecheck.nets.sam import SAM
from saddlecheck.nets.task import Task
from saddlecheck.nets.weights import load_weights, save_weights


class KeptTraining:
    """Trains as `branch_runs.run` asks; weights and loss of a finished training lie in a folder and are read from it.

    The forward passes of networks in single precision are in bfloat16 on a GPU, as in the runs of Figures 8 and 9.

    Args:
        folder: of one system and seed.
        left: seconds that are left, asked at the end of each epoch.
    """

    def __init__(self, folder: Path, left: Callable[[], float]) -> None:
        self._folder, self._left = folder, left
        self.seconds = 0.0

    def __call__(
        self, name: str, model: nn.Module, of: Task, optimiser: Optimizer, config: FitConfig, epochs: int
    ) -> float | None:
        """Train, or read what was trained.

        Args:
            name: of the branch.
            model: left with the weights of the end.
            of: its data and loss.
            optimiser: SAM or SGD; another one with its settings trains, whose step can be recorded.
            config: batch size, seed, schedule.
            epochs: how many of the schedule's.

        Returns:
            The training loss at the end; None where it is not finite.

        Raises:
            OutOfTime: before the training was finished.
        """
        place = self._folder / name.replace(",", "").replace(" ", "-").lower()
        weights, found = place.with_suffix(".safetensors"), place.with_suffix(".json")
        what = {"epochs": epochs, "settings": asdict(config), "optimiser": describe(optimiser), "device": _kind(model)}
        kept: dict[str, Any] = json.loads(found.read_text(encoding="utf-8")) if found.exists() else {}
        if kept.items() >= as_json(what, "settings").items():  # a training of other settings is not used
            load_weights(model, weights)
            model.eval()  # as training leaves it
            self.seconds += kept["seconds"]
            return kept["loss"]  # type: ignore[no-any-return]  # what is written below
        begin = time.perf_counter()
        loss = self._train(model, of, _recordable(optimiser, model), config, epochs)
        save_weights(model, weights)
        seconds = time.perf_counter() - begin
        self.seconds += seconds
        write_whole(found, json.dumps({**what, "loss": loss, "seconds": seconds}).encode())
        return loss

    def _train(self, model: nn.Module, of: Task, optimiser: Optimizer, config: FitConfig, epochs: int) -> float | None:
        device, size = next(model.parameters()).device, config.batch_size
        inputs, targets = of.data  # type: ignore[misc]  # tensors, on the device
        # Only the order comes from a loader: sample by sample it would take longer than the steps.
        order = torch.arange(len(inputs))
        samples = Samples((order, order), size)
        single = next(model.parameters()).dtype is torch.float32

        def precision() -> AbstractContextManager[object]:
            return torch.autocast("cuda", torch.bfloat16) if single and device.type == "cuda" else nullcontext()

        def backward(x: Tensor, y: Tensor) -> Tensor:
            with precision():
                value = of.loss(model(x), y)
            value.backward()  # type: ignore[no-untyped-call]  # torch's own annotation
            return value.detach()

        step = CapturedStep(model, optimiser, backward)
        rates = [float(group["lr"]) for group in optimiser.param_groups]
        model.train()
        done = 0
        for epoch in range(epochs):
            with drawing_from(config.seed, epoch):
                for batch in samples.epoch(config.seed, epoch, torch.device("cpu")):
                    factor = config.factor(step=done, steps=config.epochs * samples.batches)
                    for group, rate in zip(optimiser.param_groups, rates, strict=True):
                        group["lr"].fill_(rate * factor)
                    chosen = batch.inputs.to(device)
                    pair = (inputs[chosen], targets[chosen])
                    if batch.size == size:
                        step(*pair)
                    else:  # the last mini-batch of an epoch has another shape than the recorded one
                        take(optimiser, backward, pair, pair)
                    done += 1
            if self._left() <= 0.0:
                raise OutOfTime
        model.eval()
        with torch.no_grad(), precision():
            pieces = zip(inputs.split(size), targets.split(size), strict=True)
            total = sum(float(of.loss(model(x), y)) * len(x) for x, y in pieces)
        return total / samples.size if math.isfinite(total) else None


def _kind(model: nn.Module) -> str:
    return next(model.parameters()).device.type


def _recordable(optimiser: Optimizer, model: nn.Module) -> Optimizer:
    """The same optimiser in the form that `CapturedStep` takes; its rate is a tensor."""
    (group,) = optimiser.param_groups
    base: dict[str, Any] = {k: group[k] for k in ("lr", "momentum", "weight_decay")} | {"fused": True}
    weights = model.parameters()
    made: Optimizer = (
        SAM(weights, SGD, group["rho"], check_finite=False, model=model, **base)
        if isinstance(optimiser, SAM)
        else SGD(weights, **base)
    )
    (group,) = made.param_groups
    first = next(model.parameters())
    # Fused SGD reads a rate in single precision on a GPU; on a CPU it may be as precise as the weights.
    wide = first.dtype if first.device.type == "cpu" else torch.float32
    group["lr"] = torch.full((), group["lr"], dtype=wide, device=first.device)
    return made
