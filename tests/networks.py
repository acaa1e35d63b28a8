"""Small networks, batches and pairs of processes for the tests of the optimiser."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from saddlecheck.nets.sam import SAM


def network(seed: int = 0, dtype: torch.dtype = torch.float64, *, norm: bool = False) -> nn.Sequential:
    """A small classifier, the same for the same seed."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = [nn.Linear(6, 8), nn.Tanh()]
    if norm:
        layers.append(nn.BatchNorm1d(8))
    return nn.Sequential(*layers, nn.Linear(8, 3)).to(dtype)


def batch(seed: int, n: int = 16, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    """Inputs (n, 6) and labels (n,), the same for the same seed."""
    g = torch.Generator().manual_seed(seed)
    return torch.randn(n, 6, generator=g, dtype=torch.float64).to(dtype), torch.randint(0, 3, (n,), generator=g)


def two_steps(model: nn.Module, sam: SAM, seed: int) -> None:
    """One SAM step on the batch of the seed."""
    x, y = batch(seed)
    nn.functional.cross_entropy(model(x), y).backward()
    sam.first_step(zero_grad=True)
    nn.functional.cross_entropy(model(x), y).backward()
    sam.second_step(zero_grad=True)


def weights(model: nn.Module) -> Tensor:
    """All weights in one vector."""
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def sam_by_hand(
    model: nn.Module,
    losses: Iterable[Callable[[], Tensor]],
    *,
    rho: float,
    lr: float,
    momentum: float = 0.0,
    normalised: bool = True,
    clip: float = math.inf,
) -> Tensor:
    """The weights after a SAM step on each loss, from autograd.grad alone: no optimiser, no .grad, no closure."""
    parameters = list(model.parameters())
    velocity = [torch.zeros_like(p) for p in parameters]
    for loss in losses:
        w = [p.detach().clone() for p in parameters]
        g = torch.autograd.grad(loss(), parameters)
        r = rho / (float(torch.cat([v.flatten() for v in g]).norm()) + 1e-12) if normalised else rho
        with torch.no_grad():
            for p, v, gi in zip(parameters, w, g, strict=True):
                p.copy_(v + r * gi)
        gp = torch.autograd.grad(loss(), parameters)
        shrink = min(1.0, clip / (float(torch.cat([v.flatten() for v in gp]).norm()) + 1e-6))  # clip_grad_norm_'s own
        with torch.no_grad():
            for p, v, gi, m in zip(parameters, w, gp, velocity, strict=True):
                p.copy_(v - lr * m.mul_(momentum).add_(shrink * gi))
    return weights(model)


def on_two_processes(script: str, folder: Path, *arguments: str) -> list[list]:
    """What `script RANK STORE OUT ARGUMENTS...` writes to OUT as JSON, for two ranks at once.

    A rank that still waits for the other after two minutes is an error.
    """
    (folder / "worker.py").write_text(script)
    root = str(Path(__file__).parents[1])
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([f"{root}/tests", os.environ.get("PYTHONPATH", "")]),
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",
    }
    command = [sys.executable, str(folder / "worker.py")]
    workers = [
        subprocess.Popen(
            [*command, str(rank), str(folder / "store"), str(folder / f"{rank}.json"), *arguments], env=environment
        )
        for rank in (0, 1)
    ]
    try:
        codes = [w.wait(timeout=120) for w in workers]
        if codes != [0, 0]:
            raise RuntimeError(f"the two processes ended with {codes}")
    finally:
        for w in workers:
            w.kill()  # one that still waits; the others have ended
            w.wait()
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in (0, 1)]
