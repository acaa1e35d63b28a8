"""The systems of the branch test (nets/branches.py) and what is run of them, whatever trains."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.optim import Optimizer

from saddlecheck.nets import data as cifar
from saddlecheck.nets.batches import Loss
from saddlecheck.nets.branches import BRANCHES
from saddlecheck.nets.derivatives import evaluated
from saddlecheck.nets.explaining import explain
from saddlecheck.nets.fit_config import FitConfig
from saddlecheck.nets.fit_data import Samples, drawing_from
from saddlecheck.nets.fit_step import step
from saddlecheck.nets.lanczos import spectrum
from saddlecheck.nets.resnet import build
from saddlecheck.nets.sam import SAM
from saddlecheck.nets.task import Task

# (name, model, task, optimiser, config, epochs of its schedule that are run) -> the training loss at the end, or None
# where it is not finite. The model is left as it was trained.
Train = Callable[[str, nn.Module, Task, Optimizer, FitConfig, int], float | None]
PROBED = 512  # training samples on which the Hessian is taken


@dataclass(frozen=True)
class System:
    """What is trained, and how.

    Attributes:
        name: of the system.
        rho: radius, normalised.
        lr: learning rate at the start, and in the branches.
        batch_size: samples.
        epochs: of the whole schedule.
        middle: epoch at which the branches begin.
        after: epochs of a branch.
        schedule: until `middle`.
        weight_decay: in the descent step.
    """

    name: str
    rho: float
    lr: float
    batch_size: int
    epochs: int
    middle: int
    after: int
    schedule: str = "constant"
    weight_decay: float = 0.0


_CNN = System(
    "cnn", rho=0.1, lr=0.1, batch_size=512, epochs=100, middle=50, after=17, schedule="cosine", weight_decay=5e-4
)
# Of full width on all images, for a GPU; as many epochs as the runs of verification/records/cifar-gpu.
_RESNET = replace(_CNN, name="resnet18", epochs=36, middle=18, after=6)
SYSTEMS: dict[str, System] = {
    s.name: s
    for s in (
        _CNN,
        replace(_CNN, name="cnn-rho0.5", rho=0.5),
        _RESNET,
        replace(_RESNET, name="resnet18-rho0.5", rho=0.5),
        System("zero", 0.5, 0.05, batch_size=64, epochs=60, middle=30, after=10),
        System("neuron", 0.1, 0.02, batch_size=64, epochs=400, middle=200, after=200),  # one full batch an epoch
    )
}


class _Neuron(nn.Module):
    """The toy neuron of Figure 7: f(x) = w2 (w1 x)^2."""

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        u = torch.rand(2, generator=generator, dtype=torch.float64)
        self.w1, self.w2 = nn.Parameter(0.2 * u[:1] - 0.1), nn.Parameter(0.5 + 0.5 * u[1:])

    def forward(self, x: Tensor) -> Tensor:
        return self.w2 * (self.w1 * x) ** 2


def task(system: System, seed: int, data: Path | None = None, device: str = "cpu") -> tuple[Task, str]:
    """The model, data and loss of a system, and what the data are.

    Args:
        system: one of SYSTEMS, or a small one for a replay.
        seed: of the initial weights (and of nothing else).
        data: CIFAR-10's binary archive or its folder, for the networks that are trained on it.
        device: where model and data are to lie.

    Returns:
        The task, and the data in words.
    """
    model, (x, y), loss, source = _on_host(system, seed, data)
    return Task(model.to(device), (x.to(device), y.to(device)), loss), source


def _on_host(system: System, seed: int, data: Path | None) -> tuple[nn.Module, tuple[Tensor, Tensor], Loss, str]:
    """Model, data, loss, and what the data are."""
    generator = torch.Generator().manual_seed(seed)
    if system.name.startswith(("cnn", "resnet18")):
        small = system.name.startswith("cnn")
        images = cifar.load("cifar10", data, limit=250 if small else None, pool=2 if small else 1)
        x = cifar.normalised(images.train.images, images.mean, images.std, torch.float32)
        name, width = ("small-cnn", 16) if small else ("resnet18", 64)
        model = build(name, classes=10, width=width, batch_norm=False, seed=seed)  # type: ignore[arg-type]
        return model, (x, images.train.labels), nn.functional.cross_entropy, images.source
    if system.name == "zero":
        fixed = torch.Generator().manual_seed(0)
        x = torch.randn(256, 8, generator=fixed, dtype=torch.float64)
        model = nn.Sequential(nn.Linear(8, 8, bias=False), nn.Tanh(), nn.Linear(8, 1, bias=False)).double()
        with torch.no_grad():
            for p in model.parameters():
                p.copy_(0.01 * torch.randn(p.shape, generator=generator, dtype=torch.float64))
        made = "256 samples drawn once from a normal law"
        return model, (x, x[:, :1] + 0.5 * x[:, 1:2]), nn.functional.mse_loss, made
    labels = torch.tensor([[-1.0], [2.0]], dtype=torch.float64).repeat(32, 1)
    made = "64 samples, half of each label"
    return _Neuron(generator), (torch.ones(64, 1, dtype=torch.float64), labels), nn.functional.mse_loss, made


def run(system: System, seed: int, train: Train, *, data: Path | None = None, device: str = "cpu") -> dict[str, Any]:
    """Train a system to its middle, look at it, and run its branches.

    Args:
        system: what to train.
        seed: of weights and order.
        train: how; `straight`, or one that keeps what is finished.
        data: as for `task`.
        device: as for `task`.

    Returns:
        JSON data: `data` (in words), `middle` (what `explain` says there), `branches` (name -> training loss at the
        end, None where it is not finite).
    """
    first, source = task(system, seed, data, device)
    train("until the middle", first.model, first, _sam(first.model, system, 1.0), _config(system, seed), system.middle)
    start = parameters_to_vector(first.model.parameters()).detach().clone()
    probe = Samples(first.data, PROBED).first(PROBED, start.device)
    batch = (probe.inputs, probe.targets)
    found = explain(first.model, first.loss, batch, _sam(first.model, system, 1.0))
    along = _downhill(first, batch)
    after = replace(system, epochs=system.after, schedule="constant")
    losses: dict[str, float | None] = {}
    for name, (rule, factor, moved) in BRANCHES.items():
        model = copy.deepcopy(first.model)
        vector_to_parameters(start + moved * system.rho * along, model.parameters())
        if rule == "sam":
            optimiser: Optimizer = _sam(model, system, factor)
        else:
            optimiser = torch.optim.SGD(model.parameters(), lr=factor * system.lr, weight_decay=system.weight_decay)
        losses[name] = train(name, model, first, optimiser, _config(after, seed), system.after)
    return {"data": source, "middle": asdict(found), "branches": losses}


def straight(
    _name: str, model: nn.Module, of: Task, optimiser: Optimizer, config: FitConfig, epochs: int
) -> float | None:
    """Train without checkpoints or records: for tests and for a record's replay."""
    samples = Samples(of.data, config.batch_size)
    rates = [float(group["lr"]) for group in optimiser.param_groups]
    device, done = next(model.parameters()).device, 0
    model.train()
    for epoch in range(epochs):
        with drawing_from(config.seed, epoch):
            for batch in samples.epoch(config.seed, epoch, device):
                factor = config.factor(step=done, steps=config.epochs * samples.batches)
                for group, rate in zip(optimiser.param_groups, rates, strict=True):
                    group["lr"] = rate * factor
                try:
                    step(model, of.loss, optimiser, [batch], config)
                except FloatingPointError:
                    return None
                done += 1
    model.eval()
    with torch.no_grad():
        total = sum(float(evaluated(model, of.loss, b)) * b.size for b in samples.in_order(device))
    return total / samples.size if math.isfinite(total) else None


def _config(system: System, seed: int) -> FitConfig:
    return FitConfig(
        epochs=system.epochs, batch_size=system.batch_size, seed=seed, schedule=system.schedule,  # type: ignore[arg-type]
        evaluate_every=system.epochs, monitor_every=None,
    )  # fmt: skip


def _sam(model: nn.Module, system: System, factor: float) -> SAM:
    return SAM(model.parameters(), torch.optim.SGD, system.rho, lr=factor * system.lr, weight_decay=system.weight_decay)


def _downhill(of: Task, batch: tuple[Any, Any]) -> Tensor:
    """The unit eigenvector of the lowest eigenvalue, in the direction in which the loss does not rise."""
    found = spectrum(of.model, of.loss, batch, tolerance=1e-2, max_products=100)
    v = found.lowest[0].vector
    weights = [p for p in of.model.parameters() if p.requires_grad]
    g = torch.autograd.grad(of.loss(of.model(batch[0]), batch[1]), weights)
    slope = float(torch.cat([part.reshape(-1) for part in g]) @ v.to(g[0]))
    return -v if slope > 0 else v
