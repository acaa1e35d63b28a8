"""What the package computes neither moves nor depends on the process-wide generators of Python, NumPy and torch."""

from __future__ import annotations

import pickle
import random

import numpy as np
import pytest
import torch
from cifar_archives import cifar10
from curved_models import case
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from saddlecheck.nets import SAM, FitConfig, Monitor, density, explain, fit, spectrum
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.train import train
from saddlecheck.verification.analysis.entry import analyse

torch.set_num_threads(1)
TINY = TrainConfig(model="small-cnn", width=2, batch_size=32, epochs=1, evaluate_every=1, pool=2, rho=0.05, lr=0.05)


def states() -> tuple[bytes, ...]:
    numpy = pickle.dumps(np.random.get_state())
    return pickle.dumps(random.getstate()), numpy, torch.get_rng_state().numpy().tobytes()


def seeded(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def of_spectrum(_):
    model, loss, data = case("tanh")
    return [p.value for p in spectrum(model, loss, data, k=2).lowest]


def of_a_loader(_):
    model, loss, (x, y) = case("tanh")
    return spectrum(model, loss, DataLoader(TensorDataset(x, y), batch_size=5)).highest[0].value


def of_density(_):
    model, loss, data = case("tanh")
    return density(model, loss, data).trace()


def of_explain(_):
    model, loss, data = case("tanh")
    return explain(model, loss, data, SAM(model.parameters(), torch.optim.SGD, rho=0.1, lr=0.1)).numbers


def closed(sam, value):
    def closure():
        sam.zero_grad()
        found = value()
        found.backward()
        return found

    return closure


def of_steps(path):
    """In bfloat16 too, whose perturbation is rounded at random."""
    found = []
    for dtype in (torch.float64, torch.bfloat16):
        model, loss, (x, y) = case("tanh", torch.float64)
        model, x = model.to(dtype), x.to(dtype)
        sam = SAM(model.parameters(), torch.optim.SGD, rho=0.1, lr=0.1)
        closure = closed(sam, lambda m=model, a=x, f=loss, t=y: f(m(a), t))
        with Monitor(sam, path / f"{dtype}.csv", every=1):
            for _ in range(3):
                sam.step(closure)
        found.append([p.double().tolist() for p in model.parameters()])
    return found


def of_fit(path):
    model, loss, data = case("tanh")
    sam = SAM(model.parameters(), torch.optim.SGD, rho=0.1, lr=0.1)
    made = fit(model, data, loss, sam, FitConfig(epochs=2, batch_size=4), out=path / "fit")
    return made.result["steps"], [p.tolist() for p in model.parameters()]


def of_training(path):
    result = dict(train(TINY, data=path.parent / "small.tar.gz", out=path / "runs").result)
    return {name: value for name, value in result.items() if "second" not in name and name != "source"}


def of_a_module(_):
    model, loss, data = case("tanh")
    return analyse(model, data=data, criterion=loss, rho=0.1, lr=0.1).measured


def of_a_function(_):
    found = analyse(lambda w: (w[0] ** 2 - 1) ** 2 / 4 + w[1] ** 2, start=[0.8, 0.1], rho=0.1, lr=0.1, steps=50)
    return [(p.at, {k: r.verdict for k, r in p.optimisers.items()}) for p in found.points]


def of_a_formula(_):
    found = analyse("exp(x)*sin(y) + x**2 + y**2", rho=0.1, lr=0.1, steps=50)
    return [(p.at, {k: r.verdict for k, r in p.optimisers.items()}) for p in found.points]


ALL = [of_spectrum, of_a_loader, of_density, of_explain, of_steps, of_fit, of_training, of_a_module, of_a_function]
ALL += [of_a_formula]


@pytest.mark.parametrize("compute", ALL)
def test_the_generators_are_where_they_were_and_decide_nothing(compute, tmp_path) -> None:
    cifar10(tmp_path / "small.tar.gz")
    results = []
    for seed in (1, 2):
        seeded(seed)
        before = states()
        (tmp_path / str(seed)).mkdir()
        results.append(compute(tmp_path / str(seed)))
        assert states() == before
    assert repr(results[0]) == repr(results[1])


@pytest.mark.parametrize("draw", [random.random, np.random.rand, lambda: torch.rand(()), lambda: nn.Linear(2, 2)])
def test_false_twin_a_draw_is_noticed(draw) -> None:
    seeded(1)
    before = states()
    draw()
    assert states() != before
