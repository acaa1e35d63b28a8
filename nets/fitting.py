"""Train a model of the user's own, on data of the user's own, from its start or its last checkpoint to its record.

The folder of a run holds record.json (what was run and what came out), weights.safetensors (the final weights),
monitor.csv (readings of SAM's gradients) and, while the run goes on, checkpoint.npz.
"""

from __future__ import annotations

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
from saddlecheck.nets.fit_config import FitConfig
from saddlecheck.nets.fit_data import Samples, Source, device_of, drawing_from
from saddlecheck.nets.fit_step import step
from saddlecheck.nets.lock import alone
from saddlecheck.nets.monitor import Monitor, TrappingZone, truncate
from saddlecheck.nets.randomness import kept_random_state
from saddlecheck.nets.recorder import CHECKPOINT, MONITOR, RECORD, Recorder
from saddlecheck.nets.sam import SAM

Metric = Callable[[Any, Any], Tensor | float]  # (output, targets) -> mean over the batch
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

    The same call after an interruption goes on from the last checkpoint; a finished run is not repeated. On the CPU
    with one thread a killed and resumed run ends with bit-identical numbers.

    Args:
        model: on the device where it is to be trained; a new one, as at the run's start, also when it is resumed.
        data: tensors (inputs, targets), a map-style data set of such pairs, or a DataLoader.
        loss: maps the model's output and the targets to a scalar, a mean over the samples.
        optimiser: saddlecheck.nets.SAM or any other of torch's, made of the model's parameters. The learning rates of
            its groups are the schedule's largest.
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
        ValueError: data or settings of another form; a folder that holds another run's record or checkpoint.
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
    config, out = config or FitConfig(), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with alone(out / ".lock", out.name), kept_random_state():
        run = _Fit(model, data, loss, optimiser, config, out, test, metrics or {})
        if (done := run.finished()) is not None:
            return done
        saved = out / CHECKPOINT
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
        made = run.report(about or {}, explained=explained)
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
        if (reserved := metrics.keys() & {"train_loss", "test_loss", "epoch"}) or not isinstance(optimiser, Optimizer):
            what = (
                f"a metric is called {min(reserved)}, which is taken"
                if reserved
                else "the optimiser is none of torch's"
            )
            raise ValueError(f"{what}; see saddlecheck.nets.fit.")
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
        return found

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
        self.model.train()
        try:
            with drawing_from(config.seed, done), warnings.catch_warnings():
                warnings.simplefilter("ignore", TrappingZone)  # the readings stand in monitor.csv
                for group in _grouped(self.train.epoch(config.seed, done, self.device), config.accumulate):
                    self._set_rates()
                    self.recorder.step(step(self.model, self.loss, self.optimiser, group, config))
        except FloatingPointError:  # SAM's refusal of a gradient that is not finite
            self.recorder.diverged = True
        last = done + 1 == config.epochs
        wanted = (last or (done + 1) % config.evaluate_every == 0) and not self.recorder.diverged
        return self.recorder.epoch(**(self.evaluate() if wanted else {}))

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
        sums, training = dict.fromkeys(functions, 0.0), self.model.training
        self.model.eval()
        try:
            for batch in samples.in_order(self.device):
                output = call(self.model, batch.inputs)
                for name, function in functions.items():
                    sums[name] += float(function(output, batch.targets)) * batch.size
        finally:
            self.model.train(training)
        return {name: total / samples.size for name, total in sums.items()}

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        r = self.recorder
        ascents = [group.get("ascents", 0) for group in self.optimiser.param_groups]  # of half precision's rounding
        meta = {"config": r.config, "curves": r.curves, "steps": r.steps, "seconds": r.seconds, "ascents": ascents}
        checkpoint.save(path, self.model, self.optimiser, meta)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint. Raises ValueError for another run's."""
        r = self.recorder
        meta = checkpoint.load(path, self.model, self.optimiser)
        if meta.get("config") != r.config:
            raise ValueError(f"{path} was written by another run: delete it to start over, or choose another folder.")
        r.curves, r.steps, r.seconds = meta["curves"], meta["steps"], meta["seconds"]
        for group, ascents in zip(self.optimiser.param_groups, meta["ascents"], strict=True):
            if ascents:
                group["ascents"] = ascents

    def report(self, about: Mapping[str, Any], *, explained: bool) -> record.Record:
        """Explain where the run ended, and write weights and record."""
        if not explained:
            return self.recorder.finish(about=dict(about))
        first = self.train.first(EXPLAINED, self.device)
        curves = self.recorder.curves
        found = explain(self.model, self.loss, (first.inputs, first.targets), self.optimiser, curves=curves)
        return self.recorder.finish(explanation=asdict(found), about=dict(about))


def _grouped(batches: Iterable[Batch], size: int) -> Iterator[list[Batch]]:
    """Lists of `size` mini-batches, the last one shorter (itertools.batched, which Python 3.11 lacks)."""
    left = iter(batches)
    while group := list(islice(left, size)):
        yield group
