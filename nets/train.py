"""One training run on CIFAR: SGD or SAM, from a frozen configuration to a record.

What the paper leaves open is a documented choice here and part of every record: learning rate 0.1, cosine schedule
to zero, weight decay 5e-4 in the descent step only, ResNet-18, the last incomplete mini-batch of an epoch dropped.
Evidence of a run on a GPU: none yet; records of this script name their device. The whole data set lies on the
device as uint8, and an epoch moves nothing between host and device: indices, crops, flips, losses and the norm in
normalised rho all stay there, and only the epoch's loss is fetched at its end.
"""

from __future__ import annotations

import fcntl
import hashlib
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nets import checkpoint, record
from nets.config import TrainConfig
from nets.data import Dataset, Split, augmented, batches, load, normalised
from nets.diagnostics import diagnose
from nets.resnet import build
from nets.sam import SAM

Progress = Callable[[int, dict[str, Any]], None]


def train(
    config: TrainConfig,
    *,
    data: Path | None = None,
    out: Path,
    device: str = "cpu",
    claims: Iterable[str] = (),
    checkpoint_seconds: float = 30.0,
    progress: Progress | None = None,
) -> record.Record:
    """Run `config` to its end, from its last checkpoint if there is one, and return its record.

    A finished run is not repeated: its record is read. The record and the checkpoint lie in the folder `out` under
    `config.name`. On the CPU with one thread a killed and resumed run ends with bit-identical numbers.

    Args:
        config: what to run.
        data: archive or folder in CIFAR's binary format; None fetches the official archive.
        out: folder of records.
        device: a torch device.
        claims: ids of claims that the record bears on.
        checkpoint_seconds: at least so long between two checkpoints, which are written at the end of an epoch.
        progress: called with the number of finished epochs and the curves so far.

    Raises:
        ValueError: bad data, or a checkpoint that is not this run's.
    """
    path = out / f"{config.name}.json"
    out.mkdir(parents=True, exist_ok=True)
    with _alone(out / f".{config.name}.lock"):
        if path.exists():
            return record.read(path)
        run = Run(config, load(config.dataset, data, limit=config.limit, pool=config.pool, device=device), device)
        saved = out / f"{config.name}.checkpoint.npz"
        if saved.exists():
            run.resume(saved)
        begin, last = time.perf_counter() - run.seconds, time.perf_counter()
        while not run.finished:
            run.epoch()
            run.seconds = time.perf_counter() - begin
            if progress is not None:
                progress(run.epochs_done, run.curves)
            if time.perf_counter() - last >= checkpoint_seconds and not run.finished:
                run.save(saved)
                last = time.perf_counter()
        made = run.record(claims)
        record.write(made, path)
        saved.unlink(missing_ok=True)
        return made


class Run:
    """A run in progress: network, optimiser, data, curves."""

    def __init__(self, config: TrainConfig, data: Dataset, device: str) -> None:
        steps_an_epoch = len(data.train) // config.batch_size
        if steps_an_epoch == 0:
            raise ValueError(
                f"a mini-batch of {config.batch_size} does not fit into {len(data.train)} training images: "
                "take a smaller batch size or more data."
            )
        self.config, self.data, self.device = config, data, torch.device(device)
        self.steps = steps_an_epoch * config.epochs
        model = build(
            config.model,
            classes=data.classes,
            width=config.width,
            batch_norm=config.batch_norm,
            seed=config.seed,
        )
        self.model = model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
        self.optimiser = _optimiser(config, self.model)
        self.forward: Callable[[Tensor], Tensor] = (
            self.model if config.compile == "no" else torch.compile(self.model, mode=config.compile)
        )
        self.epochs_done = 0
        self.step = 0
        self.seconds = 0.0
        self.diverged = False
        self.curves: dict[str, Any] = {"batch_loss": [], "evaluations": [], "diagnostics": []}

    @property
    def finished(self) -> bool:
        """All epochs are done, or the loss is no longer finite."""
        return self.diverged or self.epochs_done >= self.config.epochs

    def epoch(self) -> None:
        """One pass over the data, then what is to be measured."""
        total = self.one_pass()
        mean = float(total) / (len(self.data.train) // self.config.batch_size)  # the epoch's one fetch
        self.epochs_done += 1
        self.curves["batch_loss"].append(mean if math.isfinite(mean) else None)
        self.diverged = not math.isfinite(mean)
        if self.diverged:
            return
        last = self.epochs_done == self.config.epochs
        if last or self.epochs_done % self.config.evaluate_every == 0:
            train_loss, train_accuracy = self.evaluate(self.data.train)
            test_loss, test_accuracy = self.evaluate(self.data.test)
            self.curves["evaluations"].append(
                {
                    "epoch": self.epochs_done,
                    "train_loss": train_loss,
                    "train_accuracy": train_accuracy,
                    "test_loss": test_loss,
                    "test_accuracy": test_accuracy,
                }
            )
            self.diverged = not math.isfinite(train_loss)
        if (every := self.config.diagnose_every) and (last or self.epochs_done % every == 0):
            found = diagnose(self.model, *self._probe(), rho=self.config.rho or 0.1)
            self.curves["diagnostics"].append({"epoch": self.epochs_done, **found})

    def one_pass(self) -> Tensor:
        """All mini-batches once; the sum of their losses at w, a tensor that stays on the device."""
        self.model.train()
        generator = self._generator(self.epochs_done)
        images, size = len(self.data.train), self.config.batch_size
        order = torch.randperm(images, device=self.device, generator=generator)
        again = torch.randperm(images, device=self.device, generator=generator)
        total = torch.zeros((), device=self.device)
        for batch, other in zip(batches(order, size), batches(again, size), strict=True):
            for group in self.optimiser.param_groups:
                group["lr"] = self.config.rate(self.step, self.steps)
            x, y = self._images(batch, generator), self.data.train.labels[batch]
            if not isinstance(self.optimiser, SAM):
                total += self._backward(x, y)
                self.optimiser.step()
                self.optimiser.zero_grad()
            else:
                if self.config.ascent == "same":
                    total += self._backward(x, y)
                else:
                    total += self._backward(self._images(other, generator), self.data.train.labels[other])
                self.optimiser.first_step(zero_grad=True)
                self._backward(x, y)
                self.optimiser.second_step(zero_grad=True)
            self.step += 1
        return total

    def _backward(self, x: Tensor, y: Tensor) -> Tensor:
        with self._precision():
            loss = nn.functional.cross_entropy(self.forward(x), y)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own annotation
        return loss.detach()

    def _precision(self) -> AbstractContextManager[object]:
        if self.config.precision == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def _images(self, batch: Tensor, generator: torch.Generator | None) -> Tensor:
        images = self.data.train.images[batch]
        if self.config.augment:
            images = augmented(images, generator, padding=4 // self.config.pool)
        x = normalised(images, self.data.mean, self.data.std, torch.float32)
        return x.contiguous(memory_format=torch.channels_last)

    def _generator(self, epoch: int) -> torch.Generator | None:
        """Randomness of an epoch, a function of seed and epoch alone; a shape-only device has none."""
        if self.device.type == "meta":
            return None
        digest = hashlib.sha256(f"{self.config.seed}/{epoch}".encode()).digest()
        return torch.Generator(self.device).manual_seed(int.from_bytes(digest[:7]))

    @torch.no_grad()
    def evaluate(self, split: Split, size: int = 1000) -> tuple[float, float]:
        """(mean loss, accuracy) on a split, without augmentation."""
        self.model.eval()
        loss, hits = torch.zeros((), device=self.device), torch.zeros((), device=self.device)
        for start in range(0, len(split), size):
            images, labels = split.images[start : start + size], split.labels[start : start + size]
            x = normalised(images, self.data.mean, self.data.std, torch.float32)
            with self._precision():
                logits = self.model(x.contiguous(memory_format=torch.channels_last))
            loss += nn.functional.cross_entropy(logits.float(), labels, reduction="sum")
            hits += (logits.argmax(1) == labels).sum()
        return float(loss) / len(split), float(hits) / len(split)

    def _probe(self, size: int = 512) -> tuple[Tensor, Tensor]:
        """The first images of the training set: always the same ones, so that curves are comparable."""
        x = normalised(self.data.train.images[:size], self.data.mean, self.data.std, torch.float32)
        return x, self.data.train.labels[:size]

    def save(self, path: Path) -> None:
        """Write a checkpoint."""
        meta = {
            "config": asdict(self.config),
            "code": record.code_hash("training"),
            "source": self.data.source,
            "epochs_done": self.epochs_done,
            "step": self.step,
            "seconds": self.seconds,
            "curves": self.curves,
        }
        checkpoint.save(path, self.model, self.optimiser, meta)

    def resume(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            ValueError: it belongs to another configuration, other data or other code.
        """
        meta = checkpoint.load(path, self.model, self.optimiser)
        now = {"config": asdict(self.config), "code": record.code_hash("training"), "source": self.data.source}
        for what, value in now.items():
            if meta.get(what) != value:
                raise ValueError(f"{path.name} was written with another {what}: delete it to start the run over.")
        self.epochs_done, self.step, self.seconds = meta["epochs_done"], meta["step"], meta["seconds"]
        self.curves = meta["curves"]

    def record(self, claims: Iterable[str]) -> record.Record:
        """The record of what has been done."""
        c, data = self.config, self.data
        papers = (c.model, c.width, c.limit, c.pool, c.epochs) == ("resnet18", 64, None, 1, 300)
        full = papers and len(data.train) == 50_000
        result = {
            "source": data.source,
            "epochs_done": self.epochs_done,
            "diverged": self.diverged,
            "parameters": sum(p.numel() for p in self.model.parameters()),
            **self.curves,
        }
        return record.make(
            "training",
            asdict(c),
            result,
            claims=claims,
            scale="full" if full else "reduced",
            device=_describe(self.device),
            seconds=self.seconds,
        )


def _optimiser(config: TrainConfig, model: nn.Module) -> torch.optim.Optimizer:
    parameters, sgd = model.parameters(), torch.optim.SGD
    lr, momentum, decay = config.lr, config.momentum, config.weight_decay
    if config.optimiser == "sgd":
        return sgd(parameters, lr=lr, momentum=momentum, weight_decay=decay)
    return SAM(
        parameters,
        sgd,
        config.rho,
        normalised=config.normalise,
        check_finite=False,  # it would fetch a flag at every step; the epoch's loss tells the same at its end
        model=model,
        lr=lr,
        momentum=momentum,
        weight_decay=decay,
    )


def _describe(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {torch.get_num_threads()} threads"


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock that dies with its process, so that no two processes make the same run."""
    while True:
        file = lock.open("w")
        fcntl.flock(file, fcntl.LOCK_EX)
        # Its last holder may have removed the file while we waited: then another process can hold a newer one.
        if lock.exists() and lock.stat().st_ino == os.fstat(file.fileno()).st_ino:
            break
        file.close()
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        file.close()
