"""Train a model of the user's own, on data of the user's own, from its start or its last checkpoint to its record.

The folder of a run holds record.json (what was run and what came out), weights.safetensors (the final weights),
monitor.csv (readings of SAM's gradients) and, while the run goes on, checkpoint.npz.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from saddlecheck.nets import checkpoint, record
from saddlecheck.nets.batches import Batch, Loss, call
from saddlecheck.nets.explaining import EXPLAINED, explain
from saddlecheck.nets.fit_checks import Metric, check, one_number
from saddlecheck.nets.fit_config import FitConfig
from saddlecheck.nets.fit_data import Samples, Source, device_of, drawing_from
from saddlecheck.nets.fit_step import step
from saddlecheck.nets.lock import alone
from saddlecheck.nets.monitor import Monitor, TrappingZone, truncate
from saddlecheck.nets.randomness import kept_random_state
from saddlecheck.nets.recorder import CHECKPOINT, MONITOR, RECORD, WEIGHTS, Recorder, as_json
from saddlecheck.nets.sam import SAM
from saddlecheck.nets.same_run import loss_on_first, require_same
from saddlecheck.nets.weights import load_weights

Log = Callable[[int, Mapping[str, float | None]], None]  # (epochs done, numbers of the last one)


def fit(
    model: nn.Module,
    data: Source,
    loss: Loss,
    optimiser: Optimizer,
    config: FitConfig | None = None,
    *,
    out: Path | str,
    test: Source | None = None,
    metrics: Mapping[str, Metric] | None = None,
    log: Log | None = None,
    about: Mapping[str, Any] | None = None,
    explained: bool = True,
    checkpoint_seconds: float = 30.0,
) -> record.Record:
    """Train `model`, and leave a record, the final weights and an explanation of where it ended.

    The same call after an interruption goes on from the last checkpoint; a finished run is not repeated, the model is
    given its final weights. On the CPU
    with one thread a killed and resumed run ends with bit-identical numbers.

    Args:
        model: on the device where it is to be trained; a new one, as at the run's start, also when it is resumed.
        data: tensors (inputs, targets), a map-style data set of such pairs, or a DataLoader.
        loss: maps the model's output and the targets to a scalar, a mean over the samples.
        optimiser: saddlecheck.nets.SAM or any other of torch's, made of the model's parameters. The learning rates of
            its groups are the schedule's largest. SAM without `model=` is given this model, so that layers which keep
            statistics see the pass at w only.
        config: epochs, batch size, seed, schedule, clipping, accumulation, m-SAM; see FitConfig.
        out: the run's folder.
        test: data on which the loss and the metrics are measured too.
        metrics: name -> function of output and targets, a mean over the samples.
        log: called after each epoch with its numbers: for TensorBoard, Weights & Biases or a progress bar.
        about: JSON data that the record shall hold beside the results, such as where the model is defined.
        explained: say at the end where the run is, on the first training samples (two spectra and Newton's steps).
        checkpoint_seconds: at least so long between two checkpoints, which are written at the end of an epoch.

    Returns:
        The record, as it lies in the folder.

    Raises:
        ValueError: data or settings of another form; a folder that holds the record or checkpoint of another run, of
            another model or loss.
        OSError: the folder cannot be written.

    Example:
        >>> import tempfile
        >>> import torch
        >>> from saddlecheck.nets import SAM, FitConfig, fit
        >>> _ = torch.manual_seed(0)
        >>> model = torch.nn.Linear(2, 1)
        >>> x = torch.randn(64, 2)
        >>> optimiser = SAM(model.parameters(), torch.optim.SGD, rho=0.05, lr=0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     data = (x, x.sum(1, keepdim=True))
        ...     record = fit(model, data, torch.nn.MSELoss(), optimiser, FitConfig(epochs=5), out=folder)
        >>> record.result["epochs_done"], record.result["diverged"]
        (5, False)
    """
    config, out, about = config or FitConfig(), Path(out), as_json(dict(about or {}), "about")
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file: a run needs a folder of its own.")
    out.mkdir(parents=True, exist_ok=True)
    with alone(out / ".lock", out.name), kept_random_state():
        run = _Fit(model, data, loss, optimiser, config, out, test, metrics or {})
        saved = out / CHECKPOINT
        if (done := run.finished()) is not None:
            saved.unlink(missing_ok=True)  # of a run that was killed between its record and its end
            return done
        if saved.exists():
            run.resume(saved)
        begin, last = time.perf_counter() - run.recorder.seconds, time.perf_counter()
        with run.monitor():
            while run.recorder.epochs_done < config.epochs and not run.recorder.diverged:
                numbers = run.epoch()
                run.recorder.seconds = time.perf_counter() - begin
                if log is not None:
                    log(run.recorder.epochs_done, numbers)
                if time.perf_counter() - last >= checkpoint_seconds:
                    run.save(saved)
                    last = time.perf_counter()
        if explained:
            run.save(saved)  # explaining takes long, and an interruption costs no training then
        made = run.report(about, explained=explained)
        saved.unlink(missing_ok=True)
        return made


class _Fit:
    """A run in progress."""

    def __init__(
        self, model: nn.Module, data: Source, loss: Loss, optimiser: Optimizer, config: FitConfig, out: Path,
        test: Source | None, metrics: Mapping[str, Metric],
    ) -> None:  # fmt: skip
        self.model, self.loss, self.optimiser, self.config = model, loss, optimiser, config
        self.device = device_of(model)
        self.train = Samples(data, config.batch_size)
        self.test = None if test is None else Samples(test, config.batch_size)
        self.metrics = metrics
        check(model, loss, optimiser, metrics)
        if isinstance(optimiser, SAM):
            optimiser.keep_statistics_of(model)
        self.rates = [float(group["lr"]) for group in optimiser.param_groups]
        self.recorder = Recorder(model, optimiser, out, settings=asdict(config), data=self.train.digest)
        self.steps = config.epochs * -(-self.train.batches // config.accumulate)

    def finished(self) -> record.Record | None:
        """The record of this run if it is done. Raises ValueError for another run's."""
        path = self.recorder.out / RECORD
        if not path.exists():
            return None
        found = record.read(path)
        if found.kind != "fit" or found.config != self.recorder.config:
            raise ValueError(f"{path} is the record of another run: choose another folder, or move it away.")
        if (weights := self.recorder.out / WEIGHTS).exists():
            load_weights(self.model, weights)
            require_same(path, found.result.get("loss_on_first"), self.loss_on_first())
        return found

    def loss_on_first(self) -> float | None:
        """By which weights are known to belong to this model and this loss."""
        return loss_on_first(self.model, self.loss, self.train)

    def monitor(self) -> Any:
        """The monitor of SAM's gradients, where there is something to read."""
        every = self.config.monitor_every
        if every is None or not isinstance(self.optimiser, SAM) or self.config.micro_batch is not None:
            return nullcontext()
        path = self.recorder.out / MONITOR
        truncate(path, self.recorder.steps)  # readings after the last checkpoint are made again
        return Monitor(self.optimiser, path, every=every, step=self.recorder.steps)

    def epoch(self) -> dict[str, float | None]:
        """One pass over the data, then what is to be measured."""
        done, config = self.recorder.epochs_done, self.config
        with drawing_from(config.seed, done):
            self._train(done)
            last = done + 1 == config.epochs
            wanted = (last or (done + 1) % config.evaluate_every == 0) and not self.recorder.diverged
            numbers = self.recorder.epoch(**(self.evaluate() if wanted else {}))
            if self.recorder.diverged:
                self.train.require_finite(self.device)
            return numbers

    def _train(self, done: int) -> None:
        self.model.train()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", TrappingZone)  # the readings stand in monitor.csv
                for group in _grouped(self.train.epoch(self.config.seed, done, self.device), self.config.accumulate):
                    self._step(group)
        except FloatingPointError as error:  # SAM's refusal of a gradient that is not finite
            if self.recorder.steps == 0:
                self.train.require_finite(self.device)
                raise ValueError(
                    "loss or gradient is not finite on the first mini-batch, before any weight was moved: look for NaN "
                    "and infinity in the weights and the loss."
                ) from error
            self.recorder.diverged = True

    def _step(self, group: list[Batch]) -> None:
        self._set_rates()
        value = step(self.model, self.loss, self.optimiser, group, self.config)
        if self.recorder.steps == 0 and not math.isfinite(value):  # looked at once: each look waits for the device
            raise FloatingPointError
        self.recorder.step(value)

    def _set_rates(self) -> None:
        factor = self.config.factor(step=self.recorder.steps, steps=self.steps)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate * factor)
            else:
                group["lr"] = rate * factor

    def evaluate(self) -> dict[str, float]:
        """Mean loss and metrics on the training data and, with a prefix, on the test data, in eval mode."""
        found: dict[str, float] = {}
        for prefix, samples in (("train", self.train), ("test", self.test)):
            if samples is not None:
                found |= {f"{prefix}_{name}": value for name, value in self._means(samples).items()}
        return found

    @torch.no_grad()
    def _means(self, samples: Samples) -> dict[str, float]:
        functions: dict[str, Metric] = {"loss": self.loss, **self.metrics}
        sums, count, training = dict.fromkeys(functions, 0.0), 0, self.model.training
        self.model.eval()
        try:
            for batch in samples.in_order(self.device):
                count += batch.size  # a collate function may leave samples out
                output = call(self.model, batch.inputs)
                for name, function in functions.items():
                    sums[name] += one_number(name, function(output, batch.targets)) * batch.size
        finally:
            self.model.train(training)
        return {name: total / count for name, total in sums.items()}

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        r = self.recorder
        ascents = [group.get("ascents", 0) for group in self.optimiser.param_groups]  # of half precision's rounding
        meta = {"config": r.config, "curves": r.curves, "steps": r.steps, "seconds": r.seconds, "ascents": ascents}
        meta["loss_on_first"] = self.loss_on_first()
        checkpoint.save(path, self.model, self.optimiser, meta)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint. Raises ValueError for another run's."""
        r = self.recorder
        meta = checkpoint.load(path, self.model, self.optimiser)
        if meta.get("config") != r.config:
            raise ValueError(f"{path} was written by another run: delete it to start over, or choose another folder.")
        require_same(path, meta["loss_on_first"], self.loss_on_first())
        r.curves, r.steps, r.seconds = meta["curves"], meta["steps"], meta["seconds"]
        for group, ascents in zip(self.optimiser.param_groups, meta["ascents"], strict=True):
            if ascents:
                group["ascents"] = ascents

    def report(self, about: Mapping[str, Any], *, explained: bool) -> record.Record:
        """Explain where the run ended, and write weights and record."""
        more: dict[str, Any] = {"about": dict(about), "loss_on_first": self.loss_on_first()}
        if not explained:
            return self.recorder.finish(**more)
        with drawing_from(0, 0):
            first = self.train.first(EXPLAINED, self.device)
        curves = self.recorder.curves
        found = explain(self.model, self.loss, (first.inputs, first.targets), self.optimiser, curves=curves)
        return self.recorder.finish(explanation=asdict(found), **more)


def _grouped(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """Lists of `size` mini-batches, the last one shorter (itertools.batched, which Python 3.11 lacks)."""
    left = iter(batches)
    while group := list(islice(left, size)):
        yield group
