"""SAM's steps on a quadratic that is known, with a monitor that keeps its readings."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.amp import GradScaler
from torch.nn import Parameter

from saddlecheck.nets.monitor import Monitor, Reading
from saddlecheck.nets.sam import SAM

H = torch.tensor([2.0, -0.5, 3.0, 0.25], dtype=torch.float64)
W = torch.tensor([1.0, 2.0, -0.5, 4.0], dtype=torch.float64)
G = H * W
RHO = 0.3


class Writer:
    """A target that keeps nothing: the monitor's own list is read."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        pass


class Loop:
    """One SAM step on the quadratic, with hooks for what the setting does after each backward."""

    def __init__(self, *, groups: bool = False, scaler: GradScaler | None = None, **arguments) -> None:
        self.parts = [Parameter(W[:2].clone()), Parameter(W[2:].clone())]
        self.scaler = scaler
        rhos = arguments.pop("rhos", (RHO, RHO))
        params = [{"params": [p], "rho": r} for p, r in zip(self.parts, rhos, strict=True)] if groups else self.parts
        self.sam = SAM(params, torch.optim.SGD, RHO, **{"lr": 0.1, **arguments})

    def loss(self, factor: float = 1.0) -> Tensor:
        loss = factor * sum((0.5 * h * p**2).sum() for h, p in zip(H.split(2), self.parts, strict=True))
        return loss if self.scaler is None else self.scaler.scale(loss)

    def step(self, at_w: Callable = lambda loop: None, at_wp: Callable = lambda loop: None, parts: int = 1) -> Reading:
        with Monitor(self.sam, Writer(), every=1) as monitor:
            for half, change in ((self.sam.first_step, at_w), (self.sam.second_step, at_wp)):
                for _ in range(parts):
                    self.loss(1 / parts).backward()
                change(self)
                half(zero_grad=True, scaler=self.scaler)
        return monitor.readings[0]
