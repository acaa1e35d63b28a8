"""`fit`: a model of the user's own is trained, interrupted, resumed, recorded and explained."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from fit_runs import Interrupted, data_of, net, run_fit, wrapped
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from saddlecheck.nets import (
    GSAM,
    SAM,
    Ascent,
    Every,
    FitConfig,
    FriendlySAM,
    NStepSAM,
    StalePerturbedAscent,
    fit,
    load_weights,
    record,
    save_weights,
)
from saddlecheck.nets.fit_data import Samples


@pytest.mark.parametrize(
    "config",
    [
        FitConfig(epochs=6, batch_size=16, schedule="cosine", warmup=3, clip=0.5),
        FitConfig(epochs=6, batch_size=8, accumulate=3, same_draws=True),
        FitConfig(epochs=6, batch_size=16, micro_batch=4),
    ],
    ids=["cosine", "accumulated", "micro-batches"],
)
@pytest.mark.parametrize("flat", [False, True])
def test_an_interrupted_run_ends_as_one_that_was_not(tmp_path: Path, config: FitConfig, flat: bool) -> None:
    whole = run_fit(tmp_path / "whole", config, flat=flat)
    with pytest.raises(Interrupted):
        # An interruption in an epoch's log comes before its checkpoint: the run goes on from the epoch before.
        run_fit(tmp_path / "cut", config, until=4, flat=flat)
    cut = run_fit(tmp_path / "cut", config, flat=flat)
    for name in ("weights.safetensors", "monitor.csv"):
        assert (tmp_path / "whole" / name).exists() == (tmp_path / "cut" / name).exists()
        if (tmp_path / "whole" / name).exists():
            assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()
    assert cut.result == whole.result
    assert not (tmp_path / "cut" / "checkpoint.npz").exists()


@pytest.mark.parametrize("ascent", [FriendlySAM(), GSAM(), NStepSAM(2), StalePerturbedAscent()], ids=repr)
def test_a_variant_is_trained_resumed_and_named_in_the_record(tmp_path: Path, ascent: Ascent) -> None:
    config, variant = FitConfig(epochs=3, batch_size=16), {"ascent": ascent, "when": Every(2)}
    whole = run_fit(tmp_path / "whole", config, **variant)
    with pytest.raises(Interrupted):
        run_fit(tmp_path / "cut", config, until=2, **variant)
    assert run_fit(tmp_path / "cut", config, **variant).result == whole.result
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("whole", "cut")]
    assert weights[0] == weights[1]
    assert whole.config["optimiser"]["ascent"] == repr(ascent)
    assert run_fit(tmp_path / "plain", config).result["batch_loss"] != whole.result["batch_loss"]
    assert "ascent" not in run_fit(tmp_path / "plain", config).config["optimiser"]


def test_the_record_says_what_was_run_and_the_weights_give_the_model_back(tmp_path: Path) -> None:
    model = net()
    made = fit(
        model, data_of(), cross_entropy, wrapped(model), FitConfig(epochs=3), out=tmp_path, test=data_of(20),
        metrics={"accuracy": lambda output, y: (output.argmax(1) == y).float().mean()},
    )  # fmt: skip
    assert made == record.read(tmp_path / "record.json")
    assert made.config["optimiser"]["class"] == "SAM"
    assert made.config["optimiser"]["base"] == "AdamW"
    assert made.config["optimiser"]["groups"][0]["rho"] == 0.05
    assert made.why_stale() is None
    assert "not replayed" in (made.unchecked or "")
    last = made.result["evaluations"][-1]
    assert {"train_loss", "train_accuracy", "test_loss", "test_accuracy"} <= last.keys()
    again = net(seed=5)
    load_weights(again, tmp_path / "weights.safetensors")
    x, y = data_of()
    with torch.no_grad():
        assert float(cross_entropy(again(x), y)) == float(cross_entropy(model(x), y))
        # A mean over the samples of two batches of other sizes, summed in another order: float32 rounds by 6e-8 a term.
        assert last["train_loss"] == pytest.approx(float(cross_entropy(model(x), y)), rel=1e-5)


def test_a_loader_and_a_data_set_are_read_too(tmp_path: Path) -> None:
    x, y = data_of()
    dataset = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(dataset, batch_size=16, shuffle=True)
    for name, data in (("set", dataset), ("loader", loader)):
        model = net()
        state = torch.get_rng_state()
        made = fit(model, data, cross_entropy, wrapped(model), FitConfig(epochs=2, batch_size=16), out=tmp_path / name)
        assert made.result["steps"] == 8
        assert torch.equal(torch.get_rng_state(), state)  # the user's own random numbers are left alone


@pytest.mark.filterwarnings("ignore::saddlecheck.nets.rounding.RoundedAscent")  # at weights of 1e19 rho is nothing
def test_a_run_that_diverges_says_so(tmp_path: Path) -> None:
    model = nn.Linear(4, 1).double()
    x = torch.randn(30, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    for name, optimiser in (
        ("sam", SAM(model.parameters(), torch.optim.SGD, rho=0.1, lr=1e6)),
        ("sgd", torch.optim.SGD(model.parameters(), lr=1e6)),
    ):
        torch.nn.init.ones_(model.weight)
        torch.nn.init.ones_(model.bias)
        made = fit(model, (x, x[:, :1]), mse_loss, optimiser, FitConfig(epochs=200), out=tmp_path / name)
        assert made.result["diverged"]
        assert made.result["explanation"]["verdict"] == "diverging"
        json.loads((tmp_path / name / "record.json").read_text(), parse_constant=lambda c: pytest.fail(f"{c} in JSON"))


def test_samples_are_told_apart_by_their_digest() -> None:
    x, y = data_of()
    changed = x.clone()
    changed[3, 2] += 1e-6
    digests = {Samples(d, 8).digest for d in ((x, y), (changed, y), (x[:-1], y[:-1]), (x, y))}
    assert len(digests) == 3


class _Augmented(torch.utils.data.Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """Samples with noise from NumPy's, Python's and torch's global generators, and from one of its own."""

    def __init__(self) -> None:
        self.own = np.random.default_rng(3)

    def __len__(self) -> int:
        return 40

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        x, y = data_of(40)
        noise = np.random.randn() + random.random() + self.own.standard_normal() + float(torch.rand(()))
        return x[i] + 0.1 * noise, y[i]


def test_an_interrupted_run_draws_the_same_numbers_from_every_generator(tmp_path: Path) -> None:
    """Augmentation from four generators, and a loader that shuffles with one of its own."""

    def go(out: Path, until: int | None = None) -> record.Record:
        def log(epoch: int, _numbers: object) -> None:
            if epoch == until:
                raise Interrupted

        model, shuffled = net(), torch.Generator().manual_seed(7)
        loader = torch.utils.data.DataLoader(_Augmented(), batch_size=16, shuffle=True, generator=shuffled)
        return fit(model, loader, cross_entropy, wrapped(model), FitConfig(epochs=3), out=out, test=_Augmented(),
                   log=log, checkpoint_seconds=0.0)  # fmt: skip

    whole = go(tmp_path / "whole")
    with pytest.raises(Interrupted):
        go(tmp_path / "cut", until=2)
    np.random.rand(3)
    torch.rand(5)
    assert go(tmp_path / "cut").result == whole.result


def test_explaining_loses_nothing_and_a_finished_run_gives_its_weights(tmp_path: Path) -> None:
    class Remembers(nn.Linear):  # a graph kept as an attribute: such a model has no copy, and no curvature
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.last = super().forward(x)
            return self.last

    x, y = data_of()
    torch.manual_seed(0)
    model = Remembers(4, 3)
    made = fit(model, (x, y), cross_entropy, wrapped(model), FitConfig(epochs=2), out=tmp_path)
    assert made.result["explanation"]["verdict"] == "undecided"
    again = Remembers(4, 3)
    again.load_state_dict({k: v + 1 for k, v in model.state_dict().items()})
    fit(again, (x, y), cross_entropy, wrapped(again), FitConfig(epochs=2), out=tmp_path)
    assert torch.equal(again.weight, model.weight)


def test_the_record_holds_the_learning_rate_of_the_end(tmp_path: Path) -> None:
    model = net()
    config = FitConfig(epochs=4, batch_size=60, schedule="cosine")
    made = fit(model, data_of(), cross_entropy, wrapped(model), config, out=tmp_path)
    assert made.config["optimiser"]["groups"][0]["lr"] == 0.01
    assert made.result["optimiser"]["groups"][0]["lr"] == pytest.approx(0.01 * config.factor(step=3, steps=4))


def test_plain_numbers_and_arrays_tell_data_apart() -> None:
    def pairs(first: int, shift: float) -> list[tuple[object, int]]:
        return [(np.full(2, i + shift), first + i) for i in range(5)]

    class Listed(torch.utils.data.Dataset[object]):
        def __init__(self, items: list[tuple[object, int]]) -> None:
            self.items = items

        def __len__(self) -> int:
            return len(self.items)

        def __getitem__(self, i: int) -> object:
            return self.items[i]

    digests = {Samples(Listed(pairs(*w)), 2).digest for w in ((0, 0.0), (1, 0.0), (0, 0.5), (0, 0.0))}
    assert len(digests) == 3


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # torch's own, where it loads its compiler
def test_the_weights_of_a_compiled_model_are_those_of_the_model(tmp_path: Path) -> None:
    model, plain = net(), net(seed=1)
    save_weights(torch.compile(model, backend="eager"), tmp_path / "weights.safetensors")
    load_weights(plain, tmp_path / "weights.safetensors")
    load_weights(torch.compile(net(seed=2), backend="eager"), tmp_path / "weights.safetensors")
    assert torch.equal(plain[0].weight, model[0].weight)
