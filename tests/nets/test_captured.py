"""The captured step against the plain one, what it may not do, and what it refuses; a graph itself needs a GPU."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from cifar_archives import cifar10
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from saddlecheck.nets import GSAM, SAM, CapturedStep, Every, Monitor
from saddlecheck.nets.captured import take
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.data import Dataset, Split, load
from saddlecheck.nets.run import Run
from saddlecheck.nets.train import train

torch.set_num_threads(1)
TINY = TrainConfig(width=2, batch_size=32, epochs=5, pool=2, momentum=0.9, rho=0.05, lr=0.05)
VARIANTS = {
    "no batch norm": {},
    "batch norm and augmentation": {"batch_norm": True, "augment": True},
    "SGD": {"batch_norm": True, "augment": True, "optimiser": "sgd", "rho": 0.0},
    "independent ascent, constant rho": {"batch_norm": True, "ascent": "independent", "normalise": False},
    "no momentum": {"batch_norm": True, "momentum": 0.0},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Dataset:
    return load(path=cifar10(tmp_path_factory.mktemp("data") / "small.tar.gz"), pool=2)  # 128 images: 4 steps an epoch


def state(run: Run) -> Tensor:
    return torch.cat([t.detach().flatten().double() for t in run.model.state_dict().values()])


def both(data: Dataset, variant: str, dtype: torch.dtype) -> list[Run]:
    config = dataclasses.replace(TINY, **VARIANTS[variant])
    return [Run(dataclasses.replace(config, compile=way), data, "cpu", dtype=dtype) for way in ("no", "captured")]


@pytest.mark.parametrize("variant", VARIANTS)
def test_twenty_captured_steps_end_where_plain_ones_do(variant, data) -> None:
    plain, captured = both(data, variant, torch.float64)
    for run in (plain, captured):
        for _ in range(TINY.epochs):
            run.epoch()
    assert plain.step == captured.step == 20
    # The two bases round differently, by 1e-16 of a number each step. A change of the weights grows by at most 3 in
    # four steps (measured for the records' replays), 3^5 = 243 in twenty: 20 * 243 * 1e-16 = 5e-13 beside numbers of
    # order 1. The largest number is the count of mini-batches, which is whole.
    assert float((state(plain) - state(captured)).abs().max()) < 1e-12
    assert plain.curves["batch_loss"] == pytest.approx(captured.curves["batch_loss"], rel=1e-12)


@pytest.mark.parametrize("mistake", ["rate stands still", "statistics of both passes", "rho in the second digit"])
def test_the_comparison_would_notice(mistake, data, monkeypatch) -> None:
    plain, captured = both(data, "batch norm and augmentation", torch.float64)
    if mistake == "rate stands still":
        monkeypatch.setattr(captured, "_set_rate", lambda rate: None)
    elif mistake == "statistics of both passes":
        captured.optimiser._model = None
    else:
        captured.optimiser.param_groups[0]["rho"] *= 1.01
    for run in (plain, captured):
        run.one_pass()
    assert float((state(plain) - state(captured)).abs().max()) > 1e-6


def test_one_step_in_single_precision(data) -> None:
    plain, captured = both(data, "batch norm and augmentation", torch.float32)
    x, y = plain.probe(32)
    for run in (plain, captured):
        run.model.train()
        run._set_rate(0.05)
    take(plain.optimiser, plain._backward, (x, y), (x, y))
    captured.captured(x, y)
    # The passes are the same calls. In w - lr (g + decay w) each base rounds at most three times, lr once more where it
    # is a tensor: at most 4 eps / 2 of |w| + lr |g|, and no weight comes to 2.
    assert max(float(p.detach().abs().max()) for p in plain.model.parameters()) < 1.5
    assert float((state(plain) - state(captured)).abs().max()) <= 4 * torch.finfo(torch.float32).eps


class Forbidden(TorchDispatchMode):
    """Refuses whatever brings numbers to the host, or to the device: neither can be recorded, and both wait.

    Fused SGD has no kernel for a tensor without data: that its rate lies on the device, as CUDA's takes it, is looked
    at in its place.
    """

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name, kwargs = str(func), kwargs or {}
        assert "_local_scalar_dense" not in name, f"{name} fetches a number"
        if "_fused_sgd_" in name:
            rate = kwargs["lr"]
            assert name == "aten._fused_sgd_.tensor_lr"
            assert rate.device == args[0][0].device
            return None
        given = [a for a in args if isinstance(a, torch.Tensor)]
        devices = {t.device.type for t in given}
        if "_to_copy" in name and kwargs.get("device") is not None:
            devices.add(torch.device(kwargs["device"]).type)
        assert len(devices) <= 1, f"{name} moves data between {devices}"
        return func(*args, **kwargs)


def without_data(variant: str, way: str) -> Run:
    """A run on tensors that have shapes and no data: a fetch, or a branch on a value, fails."""
    config = dataclasses.replace(TINY, compile=way, **VARIANTS[variant])
    images = torch.empty(128, 3, 16, 16, dtype=torch.uint8, device="meta")
    split = Split(images, torch.empty(128, dtype=torch.int64, device="meta"))
    one = torch.ones(1, 3, 1, 1, device="meta")
    run = Run(config, Dataset(split, split, one, one, 10, "shapes only"), "meta")
    if way == "captured":
        base = run.optimiser.base_optimizer if isinstance(run.optimiser, SAM) else run.optimiser
        base._need_device_dtype_check_for_fused = False  # torch's list of devices for it has no "meta"
    return run


@pytest.mark.parametrize("way", ["no", "captured"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_epoch_moves_nothing_between_host_and_device(variant, way) -> None:
    run = without_data(variant, way)
    with Forbidden():
        total = run.one_pass()
    assert total.device.type == "meta"
    assert run.step == 4


def test_the_trace_would_notice_a_fetch() -> None:
    with Forbidden(), pytest.raises(AssertionError, match="fetches a number"):
        float(torch.ones(()))
    with Forbidden(), pytest.raises((AssertionError, NotImplementedError)):
        torch.ones(3, device="meta").to("cpu")


def test_the_trace_would_notice_a_number_from_the_host() -> None:
    with Forbidden(), pytest.raises(AssertionError, match="moves data between"):
        torch.ones(3, device="meta").mul(torch.tensor(2.0))


def test_the_trace_would_notice_an_unfused_rate() -> None:
    run = without_data("batch norm and augmentation", "captured")
    run.optimiser.param_groups[0]["fused"] = False
    with Forbidden(), pytest.raises((AssertionError, RuntimeError)):
        run.one_pass()


def net(**changes) -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4, **changes), nn.Linear(4, 1))


def step_of(model: nn.Module, optimiser: torch.optim.Optimizer) -> CapturedStep:
    def backward(x: Tensor, y: Tensor) -> Tensor:
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        return loss.detach()

    return CapturedStep(model, optimiser, backward)


def sam(model: nn.Module, base=torch.optim.SGD, **changes) -> SAM:
    lr = {"lr": torch.tensor(0.1)} | ({"fused": True} if base is torch.optim.SGD else {})
    return SAM(model.parameters(), base, 0.05, **{"check_finite": False, "model": model, **lr, **changes})


REFUSED = {
    "a rate of Python's": (net, {"lr": 0.1}, "from a tensor"),
    "SGD as it is": (net, {"fused": False}, "fused=True"),
    "Adam as it is": (net, {"base": torch.optim.Adam}, "capturable=True"),
    "a flag a pass": (net, {"check_finite": True}, "check_finite=False"),
    "another ascent": (net, {"ascent": GSAM(0.4)}, "own ascent"),
    "some steps": (net, {"when": Every(5)}, "own ascent"),
    "flat": (net, {"flat": True}, "leave `flat` out"),
    "half precision": (lambda: net().bfloat16(), {}, "float32"),
    "cumulative statistics": (lambda: net(momentum=None), {}, "momentum=None"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_captured_is_refused_by_name(what) -> None:
    make, changes, reason = REFUSED[what]
    model = make()
    with pytest.raises(ValueError, match=reason) as caught:
        step_of(model, sam(model, **changes))
    assert "\n" not in str(caught.value)


def test_distributed_and_watched_steps_are_refused(monkeypatch, tmp_path: Path) -> None:
    model = net()
    optimiser = sam(model)
    with Monitor(optimiser, tmp_path / "monitor.csv"), pytest.raises(ValueError, match="monitor"):
        step_of(model, optimiser)
    monkeypatch.setattr("saddlecheck.nets.captured.DistributedDataParallel", nn.Sequential)
    with pytest.raises(ValueError, match="ranks"):
        step_of(model, optimiser)


def test_what_changes_between_steps_is_refused() -> None:
    model = net()
    optimiser = sam(model)
    step, x, y = step_of(model, optimiser), torch.randn(8, 3), torch.randn(8, 1)
    step(x, y)
    with pytest.raises(ValueError, match=r"one shape and type, \(8, 3\) float32"):
        step(x[:5], y[:5])
    with pytest.raises(ValueError, match="one shape and type"):
        step(x, y, ascent=(x, y))
    model(x).sum().backward()
    with pytest.raises(ValueError, match="gradients from before"):
        step(x, y)
    optimiser.zero_grad()
    step(x, y)
    optimiser.param_groups[0]["rho"] = 0.2
    with pytest.raises(ValueError, match="has changed"):
        step(x, y)
    optimiser.param_groups[0] |= {"rho": 0.05, "lr": torch.tensor(0.2)}
    with pytest.raises(ValueError, match="has changed"):
        step(x, y)


def test_torch_s_schedulers_fill_the_rate() -> None:
    model = net()
    optimiser = sam(model)
    step, x, y = step_of(model, optimiser), torch.randn(8, 3), torch.randn(8, 1)
    schedule = torch.optim.lr_scheduler.StepLR(optimiser, 1, 0.5)
    for _ in range(2):
        step(x, y)
        schedule.step()
    assert optimiser.param_groups[0]["lr"].item() == pytest.approx(0.025)


def test_adamw_takes_the_same_steps_captured() -> None:
    def trained(captured: bool) -> list[Tensor]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
        rate = torch.tensor(0.01, dtype=torch.float64)
        own = {"lr": rate, "capturable": True, "fused": True} if captured else {"lr": 0.01}
        optimiser = sam(model, torch.optim.AdamW, **own)
        x, y = torch.randn(16, 3, dtype=torch.float64), torch.randn(16, 1, dtype=torch.float64)
        if captured:
            step = step_of(model, optimiser)
        else:

            def step(x: Tensor, y: Tensor) -> None:
                for half in (optimiser.first_step, optimiser.second_step):
                    ((model(x) - y) ** 2).mean().backward()
                    half(zero_grad=True)

        for _ in range(20):
            step(x, y)
        return list(model.state_dict().values())

    # Adam divides by sqrt(v) + 1e-8, so that a relative change of 1e-16 of a gradient is one of its step of 0.01. No
    # gradient vanishes here, as that of a bias before batch norm would. The budget is the one above.
    for a, b in zip(trained(True), trained(False), strict=True):
        assert torch.allclose(a, b, rtol=0.0, atol=1e-12)


def test_a_finished_captured_run_is_explained(tmp_path: Path) -> None:
    archive = cifar10(tmp_path / "small.tar.gz")
    changes = {"model": "small-cnn", "epochs": 1, "batch_norm": True, "compile": "captured", "evaluate_every": 1}
    config = dataclasses.replace(TINY, **changes)
    made = train(config, data=archive, out=tmp_path / "out", explained=True)
    # The last of four steps on the cosine from 0.05 to 0; single precision rounds it by 6e-8.
    assert made.result["optimiser"]["groups"][0]["lr"] == pytest.approx(config.rate(3, 4), rel=1e-7)
    assert made.why_stale() is None
