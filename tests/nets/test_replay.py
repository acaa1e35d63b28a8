"""A record knows its code by walking a short way: what changes a number is noticed, what changes a text is not."""

from __future__ import annotations

import ast
import dataclasses
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from neuron_autograd import by_autograd
from torch import nn

import saddlecheck
from saddlecheck.nets import archive, data, neuron, neuron_kernel, record, replay, resnet, run, sam
from saddlecheck.nets.config import TrainConfig
from saddlecheck.numerics import statistics

torch.set_num_threads(1)
ROOT = Path(__file__).parents[2]
CNN = dataclasses.asdict(TrainConfig(model="small-cnn", momentum=0.9, limit=250, pool=2))
TABLE = dataclasses.asdict(TrainConfig(batch_norm=True, augment=True, momentum=0.95, rho=0.5, lr=0.1))
SGD = dataclasses.asdict(TrainConfig(optimiser="sgd", rho=0.0, schedule="constant", dataset="cifar100"))
CONSTANT = dataclasses.asdict(TrainConfig(model="small-cnn", normalise=False, ascent="independent", pool=4))
CONFIGS = {"small CNN": CNN, "table": TABLE, "plain SGD on CIFAR-100": SGD, "constant rho": CONSTANT}
TOY = {
    "runs": [
        {"rule": rule, "eta": 0.01, "rho": rho, "batch": batch, "gamma": 0.5}
        for rule, rho in (("sgd", 0.0), ("sam", 0.1), ("sam_normalised", 0.1))
        for batch in (1, None)
    ]
}


@pytest.fixture(autouse=True)
def _forget():
    replay._training.cache_clear()
    yield
    replay._training.cache_clear()


def made(config: dict) -> record.Record:
    return record.make("training", config, {})


def changed(config: dict) -> str | None:
    """What a record that was made before says after a change."""
    replay._training.cache_clear()
    return dataclasses.replace(BEFORE[str(config)]).why_stale()


BEFORE = {str(c): made(c) for c in CONFIGS.values()}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_record_is_fresh_where_nothing_changed(name) -> None:
    assert changed(CONFIGS[name]) is None


def optimiser_with(**changes):
    real = run._optimiser
    return lambda config, model: real(
        dataclasses.replace(config, **{k: f(getattr(config, k)) for k, f in changes.items()}), model
    )


def wrap(module, name, replaced):
    """Put `replaced(real)` in the place of a function."""
    return lambda patch: patch.setattr(module, name, replaced(getattr(module, name)))


def slightly(x: float) -> float:
    return 1.001 * x


def larger(initialise):
    """A way to initialise that gives weights a thousandth larger."""

    def initialised(weight, **arguments):
        with torch.no_grad():
            return initialise(weight, **arguments).mul_(1.001)

    return initialised


class ClimbingFurther(sam.SAM):
    """The ascent a thousandth longer than asked for."""

    def __init__(self, parameters, base, rho, **arguments):
        super().__init__(parameters, base, slightly(rho), **arguments)


class ForgettingTheModel(sam.SAM):
    """Batch statistics recorded in both passes."""

    def __init__(self, parameters, base, rho, **arguments):
        super().__init__(parameters, base, rho, **{**arguments, "model": None})


def with_the_same_images(start):
    """A run that takes the ascent's mini-batch for the descent as well."""
    return lambda self, config, *a, **k: start(self, dataclasses.replace(config, ascent="same"), *a, **k)


BLOCKS = {"blocks": 9}
# The rule's constants by a thousandth, and the pieces of the run by what a slip would make of them.
NOTICED = {
    "rho": (CNN, wrap(run, "_optimiser", lambda _: optimiser_with(rho=slightly))),
    "momentum": (TABLE, wrap(run, "_optimiser", lambda _: optimiser_with(momentum=slightly))),
    "weight decay": (SGD, wrap(run, "_optimiser", lambda _: optimiser_with(weight_decay=slightly))),
    "constant for normalised rho": (CNN, wrap(run, "_optimiser", lambda _: optimiser_with(normalise=lambda n: not n))),
    "constant rho": (CONSTANT, lambda p: p.setattr(run, "SAM", ClimbingFurther)),
    "the other mini-batch": (CONSTANT, wrap(run.Run, "__init__", with_the_same_images)),
    "learning rate": (SGD, wrap(TrainConfig, "rate", lambda real: lambda *a: slightly(real(*a)))),
    "schedule": (CNN, wrap(TrainConfig, "rate", lambda real: lambda c, step, steps: real(c, step + 1, steps + 1))),
    "loss": (TABLE, wrap(nn.functional, "cross_entropy", lambda real: lambda *a, **k: slightly(real(*a, **k)))),
    "initial filters": (CNN, wrap(resnet.nn.init, "kaiming_normal_", lambda real: larger(real))),
    "initial head": (SGD, wrap(resnet.nn.init, "kaiming_uniform_", lambda real: larger(real))),
    "scale of a branch": (SGD, wrap(resnet.ResidualBlock, "__init__", lambda f: lambda *a, **k: f(*a, **k | BLOCKS))),
    "batch norm": (TABLE, wrap(resnet.nn, "BatchNorm2d", lambda real: lambda *a, **k: real(*a, **k, eps=1.1e-5))),
    "order": (CNN, wrap(run.torch, "randperm", lambda real: lambda n, **k: real(n, **k).flip(0))),
    "the last mini-batch": (CNN, wrap(run, "batches", lambda _: lambda order, size: order[4:].split(size))),
    "augmentation": (TABLE, wrap(run, "augmented", lambda real: lambda x, g, padding: real(x, g, padding=padding - 1))),
    "no augmentation": (TABLE, wrap(run, "augmented", lambda _: lambda x, g, padding: x)),
    "normalised images": (SGD, wrap(run, "normalised", lambda real: lambda *a: slightly(real(*a)))),
    "pooling": (CONSTANT, wrap(data, "_pooled", lambda _: lambda x, pool: x[..., ::pool, ::pool].contiguous())),
    "labels": (SGD, wrap(archive, "_decode", lambda real: lambda *a: (real(*a)[0], (real(*a)[1] + 1) % 100))),
    "which images": (CNN, wrap(archive, "first_of_each_class", lambda real: lambda x, y, n: real(x[::-1], y[::-1], n))),
    "evaluation": (TABLE, wrap(run.Run, "evaluate", lambda real: lambda self, split: real(self, self.data.test))),
    "frozen statistics": (TABLE, lambda p: p.setattr(run, "SAM", ForgettingTheModel)),
}  # fmt: skip


@pytest.mark.parametrize("change", NOTICED)
def test_a_change_of_a_number_is_noticed(change, monkeypatch) -> None:
    config, patch = NOTICED[change]
    patch(monkeypatch)
    said = changed(config)
    assert said is not None
    assert "computes something else now" in said
    assert said.endswith(": run it again.")
    assert ".:" not in said


def another_order(logits: torch.Tensor, labels: torch.Tensor, reduction: str = "mean") -> torch.Tensor:
    """Cross-entropy by another formula, summed from the other end."""
    shifted = logits - logits.mean(1, keepdim=True)
    losses = torch.log(torch.exp(shifted).flip(1).sum(1)) - shifted.gather(1, labels[:, None])[:, 0]
    total = losses.flip(0).sum()
    return total if reduction == "sum" else total / len(labels)


# Error budget: another order of a sum is 1e-15 a pass, and a walk multiplies it by less than 100: below 1e-12. A
# factor of 1 + 1e-12 on the loss stands for a thousand times more than that, and is still below the tolerance of 1e-9.
UNNOTICED = {
    "another order of the sums": another_order,
    "a part in 1e12": lambda *a, **k: (1 + 1e-12) * CROSS_ENTROPY(*a, **k),
}
CROSS_ENTROPY = nn.functional.cross_entropy


@pytest.mark.parametrize("change", UNNOTICED)
@pytest.mark.parametrize("name", CONFIGS)
def test_the_same_mathematics_in_another_order_is_not(name, change, monkeypatch) -> None:
    before = replay.walk("training", CONFIGS[name], {})
    monkeypatch.setattr(nn.functional, "cross_entropy", UNNOTICED[change])
    replay._training.cache_clear()
    assert replay.walk("training", CONFIGS[name], {}) != before  # it does compute otherwise
    assert changed(CONFIGS[name]) is None


class Rewritten(ast.NodeTransformer):
    """Sources without docstrings and with other names for the local variables of functions."""

    def visit_FunctionDef(self, node):
        self.generic_visit(node)
        if ast.get_docstring(node) and len(node.body) > 1:
            node.body = node.body[1:]
        if node.name == "one_pass":
            for name in (n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in ("total", "order", "batch")):
                name.id += "_by_another_name"
        return node


def test_comments_docstrings_and_names_do_not_make_a_record_stale(tmp_path: Path) -> None:
    copy = tmp_path / "saddlecheck"
    shutil.copytree(Path(saddlecheck.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__", "records"))
    for path in (copy / "nets").glob("*.py"):
        path.write_text(ast.unparse(Rewritten().visit(ast.parse(path.read_text()))))  # no comment survives this
    record.write(BEFORE[str(CNN)], tmp_path / "cnn.json")
    record.write(record.make("toy-neuron", {}, TOY), tmp_path / "toy.json")
    code = (
        "from pathlib import Path; from saddlecheck.nets import record\n"
        "for name in ('cnn', 'toy'):\n"
        "    r = record.read(Path(name + '.json'))\n"
        "    print(r.code == record.source_digest(), r.why_stale())"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["False None"] * 2


TOY_CHANGES = {
    "eps": lambda p: p.setattr(neuron, "EPS", 1e-3),
    "classes": lambda p: p.setattr(neuron, "NEAR_MINIMUM", 0.2),
    "the line": lambda p: p.setattr(neuron, "NEAR_LINE", 0.02),
    "starts": wrap(neuron, "draws", lambda real: lambda first, *a: real(first + 1, *a)),
    "kernel": wrap(
        neuron_kernel, "train", lambda real: lambda *a: real(*a[:4], slightly(a[4]), *a[5:])
    ),
    "intervals": lambda p: p.setattr(statistics, "wilson_interval", lambda k, n, level: (k / n, k / n)),
}  # fmt: skip


@pytest.mark.parametrize("change", TOY_CHANGES)
def test_the_toy_neurons_record_notices_as_well(change, monkeypatch) -> None:
    before = record.make("toy-neuron", {}, TOY)
    assert before.why_stale() is None
    TOY_CHANGES[change](monkeypatch)
    assert "computes something else now" in str(before.why_stale())


def test_the_toy_neurons_other_engine_walks_the_same_way(monkeypatch) -> None:
    before = record.make("toy-neuron", {}, TOY)
    monkeypatch.setattr(neuron, "run", by_autograd)
    assert before.why_stale() is None


def test_the_walk_is_the_records_own_rule_made_small() -> None:
    small = replay.reduced(TrainConfig(**TABLE))
    kept = ("model", "optimiser", "rho", "momentum", "lr", "schedule", "weight_decay", "batch_norm", "augment", "pool")
    assert all(getattr(small, name) == TABLE[name] for name in kept)
    assert len({str(replay.walk("training", c, {})) for c in CONFIGS.values()}) == len(CONFIGS)


def test_where_two_walks_part_is_said() -> None:
    walk = {"loss": [1.0, 2.0, None]}
    assert replay.difference(walk, {"loss": [1.0 + 5e-10, 2.0 - 1e-9, None]}) is None  # 1e-9 of the larger of 1 and it
    assert "loss was 2.0, is 2.1" in str(replay.difference(walk, {"loss": [1.0, 2.1, None]}))
    assert "loss was None, is 3.0" in str(replay.difference(walk, {"loss": [1.0, 2.0, 3.0]}))
    assert "3 numbers of loss" in str(replay.difference(walk, {"loss": [1.0]}))
    assert "other quantities" in str(replay.difference(walk, {}))
    assert math.isinf(replay.TOLERANCE) is False


def test_without_torch_a_training_record_says_that_it_was_not_replayed(monkeypatch) -> None:
    monkeypatch.setattr(replay, "find_spec", lambda name: None)
    training = dataclasses.replace(BEFORE[str(CNN)], replay={"another": [1.0]})
    assert training.why_stale() is None
    assert "needs torch" in str(training.unchecked)
    toy = record.make("toy-neuron", {}, TOY)  # needs none
    assert toy.unchecked is None
    assert dataclasses.replace(toy, replay={"another": [1.0]}).why_stale() is not None
