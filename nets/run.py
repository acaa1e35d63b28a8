"""A run in progress on CIFAR: network, optimiser, data, curves; an epoch and what is measured.

What the paper leaves open is a documented choice here and part of every record: learning rate 0.1, cosine schedule
to zero, weight decay 5e-4 in the descent step only, ResNet-18, the last incomplete mini-batch of an epoch dropped.
The whole data set lies on the device as uint8, and an epoch moves nothing between host and device: indices, crops,
flips, losses and the norm in normalised rho all stay there, and only the epoch's loss is fetched at its end.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from saddlecheck.nets.captured import CapturedStep, take
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.data import Dataset, Split, augmented, batches, normalised
from saddlecheck.nets.diagnostics import diagnose
from saddlecheck.nets.resnet import build
from saddlecheck.nets.sam import SAM


class Run:
    """A run from its start, or from a checkpoint, to its record.

    Args:
        config: what to run.
        data: on the device already.
        device: a torch device.
        dtype: of weights and images; float64 for a replay, where sums in another order must not show.

    Raises:
        ValueError: a mini-batch does not fit into the data.
    """

    def __init__(self, config: TrainConfig, data: Dataset, device: str, *, dtype: torch.dtype = torch.float32) -> None:
        steps_an_epoch = len(data.train) // config.batch_size
        if steps_an_epoch == 0:
            raise ValueError(
                f"a mini-batch of {config.batch_size} does not fit into {len(data.train)} training images: "
                "take a smaller batch size or more data."
            )
        self.config, self.data, self.device, self.dtype = config, data, torch.device(device), dtype
        self.steps = steps_an_epoch * config.epochs
        model = build(
            config.model,
            classes=data.classes,
            width=config.width,
            batch_norm=config.batch_norm,
            seed=config.seed,
            dtype=dtype,
        )
        self.model = model.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
        captured = config.compile.startswith("captured")
        self.optimiser = _optimiser(config, self.model)
        if captured:  # a recorded step reads its learning rate from the device, at an address that stays
            for group in self.optimiser.param_groups:
                group["lr"] = torch.full((), config.lr, dtype=dtype, device=self.device)
        mode = config.compile.removeprefix("captured-")
        self.forward: Callable[[Tensor], Tensor] = (
            self.model if mode in ("no", "captured") else torch.compile(self.model, mode=mode)
        )
        self.captured = CapturedStep(self.model, self.optimiser, self._backward) if captured else None
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
            found = diagnose(self.model, *self.probe(), rho=self.config.rho or 0.1)
            self.curves["diagnostics"].append({"epoch": self.epochs_done, **found})

    def one_pass(self) -> Tensor:
        """All mini-batches once; the sum of their losses at w, a tensor that stays on the device."""
        self.model.train()
        generator = self._generator(self.epochs_done)
        images, size = len(self.data.train), self.config.batch_size
        order = torch.randperm(images, device=self.device, generator=generator)
        again = torch.randperm(images, device=self.device, generator=generator)
        total = torch.zeros((), device=self.device, dtype=self.dtype)
        for batch, other in zip(batches(order, size), batches(again, size), strict=True):
            self._set_rate(self.config.rate(self.step, self.steps))
            here = self._images(batch, generator), self.data.train.labels[batch]
            two = isinstance(self.optimiser, SAM) and self.config.ascent == "independent"
            ascent = (self._images(other, generator), self.data.train.labels[other]) if two else None
            if self.captured is not None:
                total += self.captured(*here, ascent=ascent)
            else:
                total += take(self.optimiser, self._backward, here, ascent or here)
            self.step += 1
        return total

    def _set_rate(self, rate: float) -> None:
        for group in self.optimiser.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate

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
        x = normalised(images, self.data.mean, self.data.std, self.dtype)
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
        loss, hits = (torch.zeros((), device=self.device, dtype=self.dtype) for _ in range(2))
        for start in range(0, len(split), size):
            images, labels = split.images[start : start + size], split.labels[start : start + size]
            x = normalised(images, self.data.mean, self.data.std, self.dtype)
            with self._precision():
                logits = self.model(x.contiguous(memory_format=torch.channels_last))
            loss += nn.functional.cross_entropy(logits.to(self.dtype), labels, reduction="sum")
            hits += (logits.argmax(1) == labels).sum()
        return float(loss) / len(split), float(hits) / len(split)

    def probe(self, size: int = 512) -> tuple[Tensor, Tensor]:
        """The first images of the training set: always the same ones, so that curves are comparable."""
        x = normalised(self.data.train.images[:size], self.data.mean, self.data.std, self.dtype)
        return x, self.data.train.labels[:size]


def _optimiser(config: TrainConfig, model: nn.Module) -> torch.optim.Optimizer:
    parameters, sgd = model.parameters(), torch.optim.SGD
    base: dict[str, Any] = {"lr": config.lr, "momentum": config.momentum, "weight_decay": config.weight_decay}
    if config.compile.startswith("captured"):
        base["fused"] = True  # what else of SGD reads its rate from a tensor fetches it
    if config.optimiser == "sgd":
        return sgd(parameters, **base)
    return SAM(
        parameters,
        sgd,
        config.rho,
        normalised=config.normalise,
        check_finite=False,  # it would fetch a flag at every step; the epoch's loss shows the same at its end
        model=model,
        **base,
    )
