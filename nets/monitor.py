"""Readings of SAM inside any training loop: does a nearby saddle attract it, is it at its edge of stability.

The readings (nets/reading.py) come from the two gradients that a SAM step computes anyway, as backward leaves them:
before they are clipped or unscaled, and after DistributedDataParallel has averaged them. They are compared only where
both belong to the same function. What cannot be read is NaN and has a reason, among them: the ascent used another
mini-batch; ranks climbed along their own gradients; random numbers were drawn between the two steps (dropout).
"""

from __future__ import annotations

import csv
import os
import warnings
from dataclasses import asdict, fields
from numbers import Integral
from pathlib import Path
from typing import Any, Protocol

from saddlecheck._files import write_whole
from saddlecheck.nets.climbing import Ascent
from saddlecheck.nets.gradients import Gradients
from saddlecheck.nets.reading import Reading, edge, interpret, read
from saddlecheck.nets.sam import SAM

__all__ = ["Monitor", "Reading", "ScalarWriter", "TrappingZone", "edge", "read"]


class TrappingZone(UserWarning):
    """SAM has come so close to a saddle, for its rho, that the saddle attracts it."""


class ScalarWriter(Protocol):
    """What is needed of a TensorBoard SummaryWriter."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        """Add a point to a curve."""


class Monitor:
    """Reads every `every`-th step of a SAM optimiser and writes to a CSV file or to TensorBoard.

    Costs one copy of the gradient and a few numbers fetched, on the steps that are read only. It never ends a training:
    what goes wrong in it, a full disk say, is a warning, and the monitor is switched off.

    Args:
        optimiser: whose steps to read.
        target: a CSV file, which is appended to, or a TensorBoard writer.
        every: steps between two readings.
        step: the number of the first step; by default 0, or the one after the file's last.
        same_batch: whether both gradients are of the same mini-batch. Say False where your own loop takes the ascent
            from another one; `ascent_closure` is noticed.

    Raises:
        ValueError: another optimiser than SAM; a target that is no file and no writer; `every` is less than 1, or
            the file has other columns.

    Example:
        >>> import csv, pathlib, tempfile
        >>> import torch
        >>> from saddlecheck.nets import SAM, Monitor
        >>> w = torch.nn.Parameter(torch.tensor([1.0], dtype=torch.float64))
        >>> optimiser = SAM([w], torch.optim.SGD, lr=0.1, rho=0.5, normalised=False)
        >>> def closure():
        ...     optimiser.zero_grad()
        ...     loss = (w**2).sum() / 2
        ...     loss.backward()
        ...     return loss
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "monitor.csv")
        ...     with Monitor(optimiser, path, every=1):
        ...         loss = optimiser.step(closure)
        ...     (reading,) = csv.DictReader(path.read_text().splitlines())
        >>> float(reading["gradient"]), float(reading["perturbed_gradient"])  # w and (1 + rho) w
        (1.0, 1.5)
    """

    def __init__(
        self,
        optimiser: SAM,
        target: str | os.PathLike[str] | ScalarWriter,
        *,
        every: int = 20,
        step: int | None = None,
        same_batch: bool = True,
    ) -> None:
        _check(optimiser, target, every)
        self.readings: list[Reading] = []
        self._target = Path(target) if isinstance(target, str | os.PathLike) else target
        self._optimiser, self._every, self._same_batch = optimiser, every, same_batch
        following = _following_step(self._target) if isinstance(self._target, Path) else 0
        self._step = following if step is None else step
        self._gradients = Gradients(optimiser)

    def __enter__(self) -> Monitor:
        self._optimiser.observers.append(self)
        self._prepare()
        return self

    def __exit__(self, *_: object) -> None:
        self._gradients.close()
        if self in self._optimiser.observers:  # not after a failure
            self._optimiser.observers.remove(self)

    def _prepare(self) -> None:
        if self._step % self._every == 0:
            self._gradients.open()

    def ascent(self, optimiser: SAM) -> None:
        """Keep the gradients at w."""
        if self._gradients.is_open:
            self._gradients.keep(optimiser)

    def descent(self, optimiser: SAM) -> None:
        """Compare them with those at w^p."""
        step, self._step = self._step, self._step + 1
        if not self._gradients.is_open:
            self._prepare()
            return
        self._gradients.close()
        found, precision, why_not = self._gradients.compare(optimiser)
        if not (self._same_batch and optimiser.progress.same_batch):
            why_not = "the ascent used another mini-batch"
        another = ""
        if type(optimiser.ascent) is not Ascent:
            why_not = another = f"readings are of SAM's own ascent, and this is {type(optimiser.ascent).__name__}"
        elif not optimiser.climbs:
            why_not = "this step does not climb"
        rates = {float(group["lr"]) if "lr" in group else None for group in optimiser.param_groups}
        lr = rates.pop() if len(rates) == 1 else None
        self._prepare()
        self._take(interpret(step, found, lr=lr, precision=precision, why_not=why_not, why_no_edge=another))

    def _take(self, reading: Reading) -> None:
        entering = reading.trapping and not (self.readings and self.readings[-1].trapping)
        self.readings.append(reading)
        if isinstance(self._target, Path):
            _append(self._target, reading)
        else:
            for name, value in asdict(reading).items():
                if name not in ("step", "reason"):
                    self._target.add_scalar(f"sam/{name}", float(value), reading.step)
        if entering:
            warnings.warn(
                f"step {reading.step}: curvature {reading.curvature:.3g} along the perturbation and rho beyond "
                "1/|curvature|: a saddle attracts SAM; lower rho, or let plain SGD leave it.",
                TrappingZone,
                stacklevel=2,
            )


def _check(optimiser: Any, target: Any, every: Any) -> None:
    """Raise ValueError for what a monitor cannot read, cannot write to, or would never do."""
    if not isinstance(optimiser, SAM):
        raise ValueError(  # noqa: TRY004  bad input
            f"a monitor reads the two gradients of saddlecheck.nets.SAM, got {type(optimiser).__name__}."
        )
    if isinstance(every, bool) or not isinstance(every, Integral) or every < 1:
        raise ValueError(f"a monitor reads every 1, 2, … steps, got {every!r}.")
    if not isinstance(target, str | os.PathLike) and not callable(getattr(target, "add_scalar", None)):
        raise ValueError(  # noqa: TRY004  bad input
            f"a monitor writes to a file or to a TensorBoard writer, got {target!r}."
        )
    if isinstance(target, str | os.PathLike) and Path(target).is_dir():
        raise ValueError(f"a monitor writes to a file, and {target} is a folder: name a file in it.")


def truncate(path: Path, step: int) -> None:
    """Take the readings of step `step` and later off a monitor's file: a resumed run makes them again."""
    if _following_step(path) == 0:  # refuses a file that is no monitor's
        return
    header, *rows = path.read_bytes().splitlines(keepends=True)
    kept = [row for row in rows if (number := row.partition(b",")[0]).isdigit() and int(number) < step]
    write_whole(path, b"".join((header, *kept)))


def _following_step(path: Path) -> int:
    """The step after the file's last row; 0 for a new file."""
    if not path.exists() or path.stat().st_size == 0:
        return 0
    with path.open(newline="") as file:
        rows = csv.reader(file)
        columns, expected = next(rows), [f.name for f in fields(Reading)]
        if columns != expected:
            raise ValueError(f"{path} has the columns {columns} and not {expected}: choose another file.")
        return max((int(row[0]) + 1 for row in rows if row and row[0].isdigit()), default=0)


def _append(path: Path, reading: Reading) -> None:
    new = not path.exists() or path.stat().st_size == 0
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(Reading)])
        if new:
            writer.writeheader()
        writer.writerow(asdict(reading))
