"""A small model with its data and SAM over AdamW, trained by `fit` and interrupted where a test wants it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from saddlecheck.nets import SAM, FitConfig, fit, record


def net(seed: int = 0, dropout: float = 0.0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(dropout), nn.Linear(8, 3))


def data_of(size: int = 60) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(size, 4, generator=generator)
    return x, (x[:, 0] + x[:, 1] > 0).long() + (x[:, 2] > 1).long()


def wrapped(model: nn.Module, **more: object) -> SAM:
    return SAM(model.parameters(), torch.optim.AdamW, rho=0.05, lr=0.01, **more)


class Interrupted(Exception):
    pass


def run_fit(out: Path, config: FitConfig, *, until: int | None = None, **sam: object) -> record.Record:
    def log(epoch: int, _numbers: object) -> None:
        if epoch == until:
            raise Interrupted

    model = net(dropout=0.3)
    optimiser = wrapped(model, **sam)
    return fit(
        model, data_of(), cross_entropy, optimiser, config, out=out, test=data_of(20), log=log, checkpoint_seconds=0.0
    )
