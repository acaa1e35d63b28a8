r"""A light look at SAM from inside any training loop: is a saddle drawing it in, is it at its edge of stability.

From the two gradients that a SAM step computes anyway, with w^p = w + r g (r = rho, or rho / |g| if normalised):

    cosine             cos(g, g^p)
    curvature          g . (g^p - g) / (r |g|^2), the Hessian's quotient g'Hg / |g|^2 up to O(r |g|)
    stiffness          |g^p - g| / (r |g|), a lower estimate of ||H|| along the gradient
    edge               (sqrt(1 + 8 r / eta) - 1) / (2 r): where eta lam (1 + r lam) = 2. For normalised rho this is
                       (|g| / 2 rho)(sqrt(1 + 8 rho / (eta |g|)) - 1) (Long and Bartlett, 2024); 2 / eta for rho = 0.

Trapping zone: curvature < 0 and r > 1/|curvature|. Along this direction the step's rate lam (1 + r lam) is positive
although lam is negative: SAM is drawn to the saddle that gradient descent would leave.
"""

from __future__ import annotations

import csv
import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from nets.sam import SAM


class TrappingZone(UserWarning):
    """SAM has come so close to a saddle, for its rho, that it is drawn in."""


class ScalarWriter(Protocol):
    """What is needed of a TensorBoard SummaryWriter."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        """Add a point to a curve."""


@dataclass(frozen=True)
class Reading:
    """One look; see the module for the formulas."""

    step: int
    gradient: float
    perturbed_gradient: float
    cosine: float
    curvature: float
    stiffness: float
    edge: float
    trapping: bool


class Monitor:
    """Reads every `every`-th step of a SAM optimiser and writes to a CSV file or to TensorBoard.

        with Monitor(optimiser, Path("monitor.csv"), every=20):
            ...train...

    Costs one copy of the gradient and a few numbers fetched, on the steps that are read only.

    Args:
        optimiser: whose steps to read.
        target: a CSV file, which is appended to, or a TensorBoard writer.
        every: steps between two readings.

    Raises:
        ValueError: `every` is less than 1.
    """

    def __init__(self, optimiser: SAM, target: Path | ScalarWriter, *, every: int = 20) -> None:
        if every < 1:
            raise ValueError(f"a monitor reads every 1, 2, … steps, got {every}.")
        self.readings: list[Reading] = []
        self._optimiser, self._target, self._every = optimiser, target, every
        self._step = 0
        self._before: list[Tensor] | None = None

    def __enter__(self) -> Monitor:
        self._optimiser.observers.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._optimiser.observers.remove(self)

    def ascent(self, optimiser: SAM) -> None:
        """Keep the gradients at w."""
        self._before = [g.clone() for g in _gradients(optimiser)] if self._step % self._every == 0 else None

    def descent(self, optimiser: SAM) -> None:
        """Compare them with those at w^p."""
        if self._before is not None:
            group = optimiser.param_groups[0]
            reading = read(
                self._step,
                self._before,
                _gradients(optimiser),
                lr=float(group["lr"]),
                rho=float(group["rho"]),
                normalised=bool(group["normalised"]),
            )
            self._take(reading)
            self._before = None
        self._step += 1

    def _take(self, reading: Reading) -> None:
        entering = reading.trapping and not (self.readings and self.readings[-1].trapping)
        self.readings.append(reading)
        if isinstance(self._target, Path):
            _append(self._target, reading)
        else:
            for name, value in asdict(reading).items():
                if name != "step":
                    self._target.add_scalar(f"sam/{name}", float(value), reading.step)
        if entering:
            warnings.warn(
                f"step {reading.step}: curvature {reading.curvature:.3g} along the gradient and rho beyond "
                "1/|curvature|: SAM is drawn to a saddle; lower rho, or let plain SGD leave it.",
                TrappingZone,
                stacklevel=2,
            )


def read(
    step: int, before: Sequence[Tensor], after: Sequence[Tensor], *, lr: float, rho: float, normalised: bool
) -> Reading:
    """A reading from the gradients at w and at w^p, for loops that do not use our optimiser.

    Args:
        step: to be shown.
        before: gradients at w, one a weight.
        after: gradients at w^p.
        lr: learning rate.
        rho: weight if normalised, weight per gradient if not.
        normalised: whether rho is divided by |g|.
    """
    g, gp = (torch.cat([t.detach().reshape(-1) for t in ts]).double() for ts in (before, after))
    norm, after_norm = float(g.norm()), float(gp.norm())
    r = rho if not normalised else rho / norm if norm > 0.0 else math.inf
    difference, moved = gp - g, r * norm
    known = norm > 0.0 and 0.0 < moved < math.inf
    curvature = float(g @ difference) / (moved * norm) if known else math.nan
    return Reading(
        step=step,
        gradient=norm,
        perturbed_gradient=after_norm,
        cosine=float(g @ gp) / (norm * after_norm) if norm * after_norm > 0.0 else math.nan,
        curvature=curvature,
        stiffness=float(difference.norm()) / moved if known else math.nan,
        edge=edge(lr, r),
        trapping=known and curvature < 0.0 and -r * curvature > 1.0,
    )


def edge(lr: float, r: float) -> float:
    """The eigenvalue beyond which SAM with radius r, weight per gradient, overshoots: lr lam (1 + r lam) = 2.

    Raises:
        ValueError: lr is not positive, or r is negative.
    """
    if not lr > 0.0 or not r >= 0.0:
        raise ValueError(f"the edge needs a learning rate > 0 and r >= 0, got {lr} and {r}.")
    if math.isinf(r):
        return 0.0
    # (sqrt(1 + x) - 1) / (2 r) with x = 8 r / lr, written so that small r loses no digits and r = 0 gives 2 / lr.
    return 4.0 / (lr * (math.sqrt(1.0 + 8.0 * r / lr) + 1.0))


def _gradients(optimiser: SAM) -> list[Tensor]:
    return [p.grad for group in optimiser.param_groups for p in group["params"] if p.grad is not None]


def _append(path: Path, reading: Reading) -> None:
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(asdict(reading)))
        if new:
            writer.writeheader()
        writer.writerow(asdict(reading))
