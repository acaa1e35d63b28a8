"""`fit`: a model of the user's own is trained, interrupted, resumed, recorded and explained."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
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
    checkpoint,
    fit,
    load_weights,
    record,
    save_weights,
)
from saddlecheck.nets.batches import Batch
from saddlecheck.nets.fit_data import Samples
from saddlecheck.nets.fit_step import step


def _net(seed: int = 0, dropout: float = 0.0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Dropout(dropout), nn.Linear(8, 3))


def _data(size: int = 60) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(size, 4, generator=generator)
    return x, (x[:, 0] + x[:, 1] > 0).long() + (x[:, 2] > 1).long()


def _sam(model: nn.Module, **more: object) -> SAM:
    return SAM(model.parameters(), torch.optim.AdamW, rho=0.05, lr=0.01, **more)


class _Interrupted(Exception):
    pass


def _run(out: Path, config: FitConfig, *, until: int | None = None, **sam: object) -> record.Record:
    def log(epoch: int, _numbers: object) -> None:
        if epoch == until:
            raise _Interrupted

    model = _net(dropout=0.3)
    optimiser = _sam(model, **sam)
    return fit(
        model, _data(), cross_entropy, optimiser, config, out=out, test=_data(20), log=log, checkpoint_seconds=0.0
    )


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
    whole = _run(tmp_path / "whole", config, flat=flat)
    with pytest.raises(_Interrupted):
        # An interruption in an epoch's log comes before its checkpoint: the run goes on from the epoch before.
        _run(tmp_path / "cut", config, until=4, flat=flat)
    cut = _run(tmp_path / "cut", config, flat=flat)
    for name in ("weights.safetensors", "monitor.csv"):
        assert (tmp_path / "whole" / name).exists() == (tmp_path / "cut" / name).exists()
        if (tmp_path / "whole" / name).exists():
            assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()
    assert cut.result == whole.result
    assert not (tmp_path / "cut" / "checkpoint.npz").exists()


@pytest.mark.parametrize("ascent", [FriendlySAM(), GSAM(), NStepSAM(2), StalePerturbedAscent()], ids=repr)
def test_a_variant_is_trained_resumed_and_named_in_the_record(tmp_path: Path, ascent: Ascent) -> None:
    config, variant = FitConfig(epochs=3, batch_size=16), {"ascent": ascent, "when": Every(2)}
    whole = _run(tmp_path / "whole", config, **variant)
    with pytest.raises(_Interrupted):
        _run(tmp_path / "cut", config, until=2, **variant)
    assert _run(tmp_path / "cut", config, **variant).result == whole.result
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("whole", "cut")]
    assert weights[0] == weights[1]
    assert whole.config["optimiser"]["ascent"] == repr(ascent)
    assert _run(tmp_path / "plain", config).result["batch_loss"] != whole.result["batch_loss"]
    assert "ascent" not in _run(tmp_path / "plain", config).config["optimiser"]


def test_micro_batches_are_for_sams_own_ascent(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SAM's own ascent at every step"):
        _run(tmp_path, FitConfig(epochs=1, batch_size=16, micro_batch=4), ascent=GSAM())


def test_a_finished_run_is_read_and_another_one_is_refused(tmp_path: Path) -> None:
    first = _run(tmp_path, FitConfig(epochs=2))
    assert _run(tmp_path, FitConfig(epochs=2)).finished == first.finished
    with pytest.raises(ValueError, match="record of another run"):
        _run(tmp_path, FitConfig(epochs=3))


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(_Interrupted):
        _run(tmp_path, FitConfig(epochs=4), until=2)
    with pytest.raises(ValueError, match="written by another run"):
        _run(tmp_path, FitConfig(epochs=5))


def test_the_record_says_what_was_run_and_the_weights_give_the_model_back(tmp_path: Path) -> None:
    model = _net()
    made = fit(
        model, _data(), cross_entropy, _sam(model), FitConfig(epochs=3), out=tmp_path, test=_data(20),
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
    again = _net(seed=5)
    load_weights(again, tmp_path / "weights.safetensors")
    x, y = _data()
    with torch.no_grad():
        assert float(cross_entropy(again(x), y)) == float(cross_entropy(model(x), y))
        # A mean over the samples of two batches of other sizes, summed in another order: float32 rounds by 6e-8 a term.
        assert last["train_loss"] == pytest.approx(float(cross_entropy(model(x), y)), rel=1e-5)


def test_a_step_equals_the_definition() -> None:
    """Plain, accumulated and clipped SAM steps against formulas with autograd, in float64."""
    x, y = _data(12)
    x = x.double()
    rho, lr = 0.1, 0.5
    for config, sizes in ((FitConfig(), [12]), (FitConfig(accumulate=2), [8, 4]), (FitConfig(clip=0.01), [12])):
        model, batches, start = _net().double(), [], 0
        for size in sizes:
            batches.append(Batch(x[start : start + size], y[start : start + size], size))
            start += size
        weights = list(model.parameters())
        w = [p.detach().clone() for p in weights]
        g = torch.autograd.grad(cross_entropy(model(x), y), weights)
        norm = torch.sqrt(sum((part**2).sum() for part in g))
        with torch.no_grad():
            for p, part in zip(weights, g, strict=True):
                p += rho * part / (norm + 1e-12)
        gp = torch.autograd.grad(cross_entropy(model(x), y), weights)
        with torch.no_grad():
            for p, before in zip(weights, w, strict=True):
                p.copy_(before)
        length = torch.sqrt(sum((part**2).sum() for part in gp))
        factor = (
            1.0 if config.clip is None else config.clip / float(length + 1e-6)
        )  # as torch's clip_grad_norm_ divides
        optimiser = SAM(model.parameters(), torch.optim.SGD, rho=rho, lr=lr)
        step(model, cross_entropy, optimiser, batches, config)
        # Sums over parts of a batch, each rounded to 1e-16 of gradients of order 1; lr 0.5.
        for p, before, part in zip(weights, w, gp, strict=True):
            assert torch.allclose(p.detach(), before - lr * factor * part, rtol=0.0, atol=1e-13)


def test_micro_batches_take_an_ascent_each() -> None:
    x, y = _data(10)
    x = x.double()
    rho, lr = 0.1, 0.5
    model = _net().double()
    weights = list(model.parameters())
    w = [p.detach().clone() for p in weights]
    expected = [torch.zeros_like(p) for p in weights]
    for rows in (slice(0, 4), slice(4, 8), slice(8, 10)):
        g = torch.autograd.grad(cross_entropy(model(x[rows]), y[rows]), weights)
        norm = torch.sqrt(sum((part**2).sum() for part in g))
        with torch.no_grad():
            for p, part in zip(weights, g, strict=True):
                p += rho * part / (norm + 1e-12)
        gp = torch.autograd.grad(cross_entropy(model(x[rows]), y[rows]), weights)
        share = (rows.stop - rows.start) / 10
        expected = [e + share * part for e, part in zip(expected, gp, strict=True)]
        with torch.no_grad():
            for p, before in zip(weights, w, strict=True):
                p.copy_(before)
    optimiser = SAM(model.parameters(), torch.optim.SGD, rho=rho, lr=lr)
    step(model, cross_entropy, optimiser, [Batch(x, y, 10)], FitConfig(micro_batch=4))
    whole = _net().double()
    step(whole, cross_entropy, SAM(whole.parameters(), torch.optim.SGD, rho=rho, lr=lr), [Batch(x, y, 10)], FitConfig())
    for p, before, part, other in zip(weights, w, expected, whole.parameters(), strict=True):
        assert torch.allclose(p.detach(), before - lr * part, rtol=0.0, atol=1e-13)
        assert not torch.allclose(p.detach(), other.detach(), rtol=0.0, atol=1e-6)  # the twin: one ascent for all


def test_both_passes_draw_the_same_masks_when_asked() -> None:
    masks: list[torch.Tensor] = []

    class Watched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.ones(64))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            mask = nn.functional.dropout(torch.ones(64), 0.5, self.training)
            masks.append(mask)
            return (x * self.w * mask).sum(1)

    for same in (True, False):
        masks.clear()
        model = Watched()
        batch = Batch(torch.ones(3, 64), torch.zeros(3), 3)
        step(model, mse_loss, SAM(model.parameters(), torch.optim.SGD, lr=0.01), [batch], FitConfig(same_draws=same))
        assert torch.equal(masks[0], masks[1]) == same


def test_a_loader_and_a_data_set_are_read_too(tmp_path: Path) -> None:
    x, y = _data()
    dataset = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(dataset, batch_size=16, shuffle=True)
    for name, data in (("set", dataset), ("loader", loader)):
        model = _net()
        state = torch.get_rng_state()
        made = fit(model, data, cross_entropy, _sam(model), FitConfig(epochs=2, batch_size=16), out=tmp_path / name)
        assert made.result["steps"] == 8
        assert torch.equal(torch.get_rng_state(), state)  # the user's own random numbers are left alone


def test_what_cannot_be_trained_is_refused_in_one_line(tmp_path: Path) -> None:
    model = _net()
    x, y = _data()
    for data, words in (
        ((x, y[:3]), "60 inputs do not go with 3 targets"),
        ([1, 2], "data are tensors"),
        ((x[:0], y[:0]), "hold no sample"),
    ):
        with pytest.raises(ValueError, match=words):
            fit(model, data, cross_entropy, _sam(model), out=tmp_path / "a")  # type: ignore[arg-type]
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="micro_batch is SAM's"):
        fit(model, (x, y), cross_entropy, sgd, FitConfig(micro_batch=4), out=tmp_path / "b")
    for wrong in ({"epochs": 0}, {"clip": -1.0}, {"schedule": "cosin"}, {"micro_batch": 4, "accumulate": 2}):
        with pytest.raises(ValueError, match="got"):
            FitConfig(**wrong)  # type: ignore[arg-type]


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
    x, y = _data()
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
        x, y = _data(40)
        noise = np.random.randn() + random.random() + self.own.standard_normal() + float(torch.rand(()))
        return x[i] + 0.1 * noise, y[i]


def test_an_interrupted_run_draws_the_same_numbers_from_every_generator(tmp_path: Path) -> None:
    """Augmentation from four generators, and a loader that shuffles with one of its own."""

    def go(out: Path, until: int | None = None) -> record.Record:
        def log(epoch: int, _numbers: object) -> None:
            if epoch == until:
                raise _Interrupted

        model, shuffled = _net(), torch.Generator().manual_seed(7)
        loader = torch.utils.data.DataLoader(_Augmented(), batch_size=16, shuffle=True, generator=shuffled)
        return fit(model, loader, cross_entropy, _sam(model), FitConfig(epochs=3), out=out, test=_Augmented(),
                   log=log, checkpoint_seconds=0.0)  # fmt: skip

    whole = go(tmp_path / "whole")
    with pytest.raises(_Interrupted):
        go(tmp_path / "cut", until=2)
    np.random.rand(3)
    torch.rand(5)
    assert go(tmp_path / "cut").result == whole.result


def test_frozen_weights_stay_and_have_no_part_in_clipping() -> None:
    x, y = _data(12)
    model = _net()
    for p in model[0].parameters():
        p.requires_grad_(False)
    frozen = model[0].weight.clone()
    optimiser = SAM(model.parameters(), torch.optim.AdamW, rho=0.05, lr=0.1, weight_decay=0.5)
    step(model, cross_entropy, optimiser, [Batch(x, y, 12)], FitConfig(micro_batch=4))
    assert torch.equal(model[0].weight, frozen)  # a gradient of zero would have let the decay move it
    # Only the head is trained: the clipped step is lr * clip long, however large the other gradients have grown.
    model = _net()
    head = torch.optim.SGD(model[3].parameters(), lr=1.0)
    for _ in range(3):
        before = torch.cat([p.detach().reshape(-1).clone() for p in model[3].parameters()])
        step(model, cross_entropy, head, [Batch(x, y, 12)], FitConfig(clip=0.01))
        after = torch.cat([p.detach().reshape(-1) for p in model[3].parameters()])
        # Weights below 1 are rounded to 6e-8 in float32, 27 of them; clip_grad_norm_ adds 1e-6 to a norm above 0.01.
        assert float((after - before).norm()) == pytest.approx(0.01, rel=2e-4)


def test_explaining_loses_nothing_and_a_finished_run_gives_its_weights(tmp_path: Path) -> None:
    class Remembers(nn.Linear):  # a graph kept as an attribute: such a model has no copy, and no curvature
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.last = super().forward(x)
            return self.last

    x, y = _data()
    torch.manual_seed(0)
    model = Remembers(4, 3)
    made = fit(model, (x, y), cross_entropy, _sam(model), FitConfig(epochs=2), out=tmp_path)
    assert made.result["explanation"]["verdict"] == "undecided"
    again = Remembers(4, 3)
    again.load_state_dict({k: v + 1 for k, v in model.state_dict().items()})
    fit(again, (x, y), cross_entropy, _sam(again), FitConfig(epochs=2), out=tmp_path)
    assert torch.equal(again.weight, model.weight)


def test_the_record_holds_the_learning_rate_of_the_end(tmp_path: Path) -> None:
    model = _net()
    config = FitConfig(epochs=4, batch_size=60, schedule="cosine")
    made = fit(model, _data(), cross_entropy, _sam(model), config, out=tmp_path)
    assert made.config["optimiser"]["groups"][0]["lr"] == 0.01
    assert made.result["optimiser"]["groups"][0]["lr"] == pytest.approx(0.01 * config.factor(step=3, steps=4))


def test_what_fit_would_do_otherwise_than_it_says_is_refused(tmp_path: Path) -> None:
    x, y = _data()
    hole = x.clone()
    hole[37, 1] = float("nan")
    loader = torch.utils.data.DataLoader
    pairs = torch.utils.data.TensorDataset(x, y)
    mean = cross_entropy
    for data, loss, more, words in (
        ((hole, y), mean, {}, r"NaN or infinity, in samples 32 to 47"),
        ((x, y), nn.CrossEntropyLoss(reduction="sum"), {}, "reduction='sum'"),
        ((x, y), lambda o, t: cross_entropy(o, t, reduction="none"), {}, r"one number that has a gradient"),
        ((x, y), lambda o, t: cross_entropy(o, t).detach(), {}, "depends on no trainable weight"),
        ((x, y), mean, {"metrics": {"loss": mean}}, "loss's own name"),
        ((x, y), mean, {"metrics": {"wide": lambda o, t: o}}, "wide is one number"),
        ((x, y), mean, {"about": {"where": tmp_path}}, "about are numbers"),
        (loader(pairs, batch_size=64, drop_last=True), mean, {}, "makes no mini-batch"),
        (loader(pairs, batch_size=None), mean, {}, "batch_size=None"),
        ((x.numpy(), y.numpy()), mean, {}, "tuple of ndarray"),
        (torch.utils.data.TensorDataset(x, x, y), mean, {}, "list of 3"),
        ((x, y), lambda o, _: (o * 1j).mean(), {}, "the loss is complex"),
    ):
        model = _net()
        with pytest.raises(ValueError, match=words):
            fit(model, data, loss, _sam(model), FitConfig(epochs=2, batch_size=16), out=tmp_path / "a", **more)
        assert not (tmp_path / "a" / "record.json").exists()
    lazy = nn.Sequential(nn.LazyLinear(3))
    with pytest.raises(ValueError, match="call the model on one batch"):
        fit(lazy, (x, y), mean, _sam(lazy), out=tmp_path / "b")
    rows, bag = torch.arange(60).reshape(60, 1) % 5, nn.EmbeddingBag(5, 3, sparse=True)
    with pytest.raises(ValueError, match="clips no sparse gradient"):
        fit(bag, (rows, y), mean, torch.optim.SGD(bag.parameters(), lr=0.1), FitConfig(clip=1.0), out=tmp_path / "c")
    model = _net()
    for optimiser, words in (
        (_sam(_net()), "none of the model's trainable weights"),
        (torch.optim.LBFGS(model.parameters()), "LBFGS"),
        (torch.optim.SGD(model.parameters(), lr=float("nan")), "learning rate is a finite number"),
    ):
        with pytest.raises(ValueError, match=words):
            fit(model, (x, y), cross_entropy, optimiser, out=tmp_path / "b")


def test_foreign_files_in_the_folder_are_refused_and_kept(tmp_path: Path) -> None:
    other = nn.Linear(4, 3)
    adam = torch.optim.Adam(other.parameters())
    cross_entropy(other(_data()[0]), _data()[1]).backward()
    adam.step()
    checkpoint.save(tmp_path / "other.npz", other, adam, {})
    np.save(tmp_path / "array.npy", np.zeros(3))
    whole = (tmp_path / "other.npz").read_bytes()
    for i, (name, content, words) in enumerate((
        ("monitor.csv", b"a,b\n1,2\n", "has the columns"),
        ("checkpoint.npz", (tmp_path / "array.npy").read_bytes(), "no checkpoint of ours"),
        ("checkpoint.npz", whole[: len(whole) // 2], "no checkpoint of ours"),
        ("checkpoint.npz", whole, "another optimiser's state"),
        ("record.json", b"{", "is not a record"),
    )):  # fmt: skip
        folder = tmp_path / str(i)
        folder.mkdir()
        (folder / name).write_bytes(content)
        model = nn.Linear(4, 3)
        optimiser = torch.optim.SGD([model.weight], lr=0.1) if content == whole else _sam(model)
        with pytest.raises(ValueError, match=words):
            fit(model, _data(), cross_entropy, optimiser, FitConfig(epochs=1), out=folder)
        assert (folder / name).read_bytes() == content
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "monitor.csv").touch()  # of a run that was killed as it began
    model = _net()
    assert fit(model, _data(), cross_entropy, _sam(model), FitConfig(epochs=1), out=empty).result["steps"] == 1


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


def test_a_folder_of_another_model_or_loss_is_refused(tmp_path: Path) -> None:
    """The weights have the same form; only what is computed with them tells the runs apart."""

    def run(out: Path, activation: type[nn.Module], loss: object, until: int | None = None) -> record.Record:
        def log(epoch: int, _numbers: object) -> None:
            if epoch == until:
                raise _Interrupted

        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 8), activation(), nn.Linear(8, 3))
        config = FitConfig(epochs=3, batch_size=16)
        return fit(model, _data(), loss, _sam(model), config, out=out, log=log, checkpoint_seconds=0.0)

    smooth = nn.CrossEntropyLoss(label_smoothing=0.1)
    with pytest.raises(_Interrupted):
        run(tmp_path / "cut", nn.Tanh, cross_entropy, until=2)
    made = run(tmp_path / "done", nn.Tanh, cross_entropy)
    assert made.result["loss_on_first"] > 0.0
    for folder in ("cut", "done"):
        for activation, loss in ((nn.ReLU, cross_entropy), (nn.Tanh, smooth)):
            with pytest.raises(ValueError, match="another model or loss"):
                run(tmp_path / folder, activation, loss)
    assert run(tmp_path / "done", nn.Tanh, nn.CrossEntropyLoss()).finished == made.finished  # the same function
    assert run(tmp_path / "cut", nn.Tanh, cross_entropy).result == made.result


def test_statistics_see_the_pass_at_w_only_also_without_a_word(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3))
    made = fit(model, _data(), cross_entropy, _sam(model), FitConfig(epochs=2, batch_size=20), out=tmp_path)
    assert int(model[1].num_batches_tracked) == made.result["steps"] == 6


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # torch's own, where it loads its compiler
def test_the_weights_of_a_compiled_model_are_those_of_the_model(tmp_path: Path) -> None:
    model, plain = _net(), _net(seed=1)
    save_weights(torch.compile(model, backend="eager"), tmp_path / "weights.safetensors")
    load_weights(plain, tmp_path / "weights.safetensors")
    load_weights(torch.compile(_net(seed=2), backend="eager"), tmp_path / "weights.safetensors")
    assert torch.equal(plain[0].weight, model[0].weight)
