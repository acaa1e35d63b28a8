"""What a training run leaves behind, whatever loop drives it: curves, readings, weights and a record.

`fit` uses it; a loop of the user's own, or a framework's callback, uses it in the same way:

    recorder = Recorder(model, optimiser, Path("runs/mine"))
    for epoch in range(epochs):
        for x, y in loader:
            ...                                  # a training step
            recorder.step(loss)
        recorder.epoch(test_loss=...)
    record = recorder.finish()
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from saddlecheck.nets import record
from saddlecheck.nets.sam import SAM
from saddlecheck.nets.weights import save_weights

RECORD, WEIGHTS, MONITOR, CHECKPOINT = "record.json", "weights.safetensors", "monitor.csv", "checkpoint.npz"


class Recorder:
    """Collects the numbers of a run and writes its record and its final weights into a folder.

    Args:
        model: what is trained.
        optimiser: SAM, or any other of torch's.
        out: the run's folder.
        settings: JSON data that decide the run's numbers; they stand in its record.
        data: how the data are known (a digest, a file's name); it stands in the record.

    Example:
        >>> import tempfile
        >>> import torch
        >>> from saddlecheck.nets import Recorder
        >>> model = torch.nn.Linear(2, 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     recorder = Recorder(model, torch.optim.SGD(model.parameters(), lr=0.1), folder)
        ...     recorder.step(0.5)
        ...     numbers = recorder.epoch()
        ...     record = recorder.finish()
        >>> record.result["steps"], record.result["batch_loss"]
        (1, [0.5])

    Attributes:
        curves: batch_loss: mean over an epoch's steps, None where it was not finite. evaluations: what `epoch` was
            given, with its number. step_loss: the loss of each step of the present epoch, on its device.
        diverged: a loss was not finite.
    """

    def __init__(
        self,
        model: nn.Module,
        optimiser: Optimizer,
        out: Path,
        *,
        settings: Mapping[str, Any] | None = None,
        data: str = "",
    ) -> None:
        self._model, self._optimiser, self.out = model, optimiser, Path(out)
        known = {"settings": dict(settings or {}), "optimiser": describe(optimiser), "data": data}
        self.config = as_json({**known, "model": described_model(model)}, "settings")
        self.curves: dict[str, Any] = {"batch_loss": [], "evaluations": []}
        self.diverged, self.steps, self.seconds = False, 0, 0.0
        self._sum: Tensor | None = None
        self._count = 0

    def step(self, loss: Tensor | float) -> None:
        """Count a step and its loss; nothing is fetched from the device before the epoch ends."""
        value = loss.detach() if isinstance(loss, Tensor) else torch.tensor(float(loss))
        self._sum = value if self._sum is None else self._sum + value
        self._count += 1
        self.steps += 1

    def epoch(self, **numbers: float) -> dict[str, float | None]:
        """End an epoch.

        Args:
            numbers: what was measured at its end (test_loss, accuracy, …).

        Returns:
            The numbers given, and the mean loss of the epoch's steps.
        """
        mean = float(self._sum) / self._count if self._sum is not None else math.nan
        self._sum, self._count = None, 0
        self.diverged = self.diverged or not math.isfinite(mean)
        self.curves["batch_loss"].append(None if self.diverged else mean)
        if numbers:
            plain = {name: float(value) for name, value in numbers.items()}
            self.curves["evaluations"].append({"epoch": self.epochs_done, **plain})
        return {"batch_loss": self.curves["batch_loss"][-1], **numbers}

    @property
    def epochs_done(self) -> int:
        """Epochs that have ended."""
        return len(self.curves["batch_loss"])

    def finish(self, **more: Any) -> record.Record:
        """Write the final weights and the record.

        Args:
            more: JSON data for the record's result.

        Returns:
            The record, as it lies in the folder.
        """
        save_weights(self._model, self.out / WEIGHTS)
        result = {
            "epochs_done": self.epochs_done,
            "steps": self.steps,
            "diverged": self.diverged,
            "optimiser": record.plain(describe(self._optimiser)),  # with the learning rates of the end
            **self.curves,
            **more,
        }
        device = next(self._model.parameters()).device
        made = record.make(
            "fit", self.config, result, scale="own", device=named(device), seconds=self.seconds,
        )  # fmt: skip
        record.write(made, self.out / RECORD)
        return made


def describe(optimiser: Optimizer) -> dict[str, Any]:
    """An optimiser's class, its base's, and the plain numbers of its groups, as JSON data."""
    base = optimiser.base_optimizer if isinstance(optimiser, SAM) else optimiser
    plain = (bool, str, type(None))
    groups = []
    for group in optimiser.param_groups:
        found = {k: _number(v) for k, v in group.items()}
        groups.append({k: v for k, v in found.items() if isinstance(v, (*plain, int, float)) or _numbers(v)})
    found = {"class": type(optimiser).__name__, "base": type(base).__name__, "groups": groups}
    if isinstance(optimiser, SAM) and not optimiser.is_plain:
        found |= {"ascent": repr(optimiser.ascent), "when": repr(optimiser.when)}
    return found


def described_model(model: nn.Module) -> dict[str, Any]:
    """A model's class, how many weights are trained, and a digest of its tensors' names and shapes."""
    state = model.state_dict()
    shapes = [(name, tuple(t.shape), str(t.dtype)) for name, t in state.items() if isinstance(t, Tensor)]
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return {
        "class": type(model).__name__,
        "parameters": trained,
        "shapes": hashlib.sha256(repr(shapes).encode()).hexdigest(),
    }


def named(device: torch.device) -> str:
    """A device in words: the GPU's name, or how many threads the CPU was given."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {torch.get_num_threads()} threads"


def as_json(value: Any, what: str) -> Any:
    """A value as a record gives it back. Raises ValueError, before anything is run, for what JSON does not hold."""
    try:
        return json.loads(json.dumps(record.plain(value), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{what} are numbers, words, lists and mappings, which a record can hold: {error}.") from error


def _number(value: Any) -> Any:
    """One number of NumPy's or torch's as Python's."""
    one = isinstance(value, Tensor) and value.numel() == 1
    return value.item() if one or isinstance(value, np.generic) else value


def _numbers(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(v, bool | int | float) for v in value)
