"""What `fit` cannot train, or would do otherwise than it says, is refused in one line; files that it finds are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from fit_runs import Interrupted, data_of, net, run_fit, wrapped
from torch import nn
from torch.nn.functional import cross_entropy

from saddlecheck.nets import GSAM, FitConfig, checkpoint, fit, record


def test_micro_batches_are_for_sams_own_ascent(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SAM's own ascent at every step"):
        run_fit(tmp_path, FitConfig(epochs=1, batch_size=16, micro_batch=4), ascent=GSAM())


def test_a_finished_run_is_read_and_another_one_is_refused(tmp_path: Path) -> None:
    first = run_fit(tmp_path, FitConfig(epochs=2))
    assert run_fit(tmp_path, FitConfig(epochs=2)).finished == first.finished
    with pytest.raises(ValueError, match="record of another run"):
        run_fit(tmp_path, FitConfig(epochs=3))


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        run_fit(tmp_path, FitConfig(epochs=4), until=2)
    with pytest.raises(ValueError, match="written by another run"):
        run_fit(tmp_path, FitConfig(epochs=5))


def test_what_cannot_be_trained_is_refused_in_one_line(tmp_path: Path) -> None:
    model = net()
    x, y = data_of()
    for data, words in (
        ((x, y[:3]), "60 inputs do not go with 3 targets"),
        ([1, 2], "data are tensors"),
        ((x[:0], y[:0]), "hold no sample"),
    ):
        with pytest.raises(ValueError, match=words):
            fit(model, data, cross_entropy, wrapped(model), out=tmp_path / "a")  # type: ignore[arg-type]
    sgd = torch.optim.SGD(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="micro_batch is SAM's"):
        fit(model, (x, y), cross_entropy, sgd, FitConfig(micro_batch=4), out=tmp_path / "b")
    for wrong in ({"epochs": 0}, {"clip": -1.0}, {"schedule": "cosin"}, {"micro_batch": 4, "accumulate": 2}):
        with pytest.raises(ValueError, match="got"):
            FitConfig(**wrong)  # type: ignore[arg-type]


def test_what_fit_would_do_otherwise_than_it_says_is_refused(tmp_path: Path) -> None:
    x, y = data_of()
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
        model = net()
        with pytest.raises(ValueError, match=words):
            fit(model, data, loss, wrapped(model), FitConfig(epochs=2, batch_size=16), out=tmp_path / "a", **more)
        assert not (tmp_path / "a" / "record.json").exists()
    lazy = nn.Sequential(nn.LazyLinear(3))
    with pytest.raises(ValueError, match="call the model on one batch"):
        fit(lazy, (x, y), mean, wrapped(lazy), out=tmp_path / "b")
    rows, bag = torch.arange(60).reshape(60, 1) % 5, nn.EmbeddingBag(5, 3, sparse=True)
    with pytest.raises(ValueError, match="clips no sparse gradient"):
        fit(bag, (rows, y), mean, torch.optim.SGD(bag.parameters(), lr=0.1), FitConfig(clip=1.0), out=tmp_path / "c")
    model = net()
    for optimiser, words in (
        (wrapped(net()), "none of the model's trainable weights"),
        (torch.optim.LBFGS(model.parameters()), "LBFGS"),
        (torch.optim.SGD(model.parameters(), lr=float("nan")), "learning rate is a finite number"),
    ):
        with pytest.raises(ValueError, match=words):
            fit(model, (x, y), cross_entropy, optimiser, out=tmp_path / "b")


def test_foreign_files_in_the_folder_are_refused_and_kept(tmp_path: Path) -> None:
    other = nn.Linear(4, 3)
    adam = torch.optim.Adam(other.parameters())
    cross_entropy(other(data_of()[0]), data_of()[1]).backward()
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
        optimiser = torch.optim.SGD([model.weight], lr=0.1) if content == whole else wrapped(model)
        with pytest.raises(ValueError, match=words):
            fit(model, data_of(), cross_entropy, optimiser, FitConfig(epochs=1), out=folder)
        assert (folder / name).read_bytes() == content
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "monitor.csv").touch()  # of a run that was killed as it began
    model = net()
    assert fit(model, data_of(), cross_entropy, wrapped(model), FitConfig(epochs=1), out=empty).result["steps"] == 1


def test_a_folder_of_another_model_or_loss_is_refused(tmp_path: Path) -> None:
    """The weights have the same form; only what is computed with them tells the runs apart."""

    def run(out: Path, activation: type[nn.Module], loss: object, until: int | None = None) -> record.Record:
        def log(epoch: int, _numbers: object) -> None:
            if epoch == until:
                raise Interrupted

        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 8), activation(), nn.Linear(8, 3))
        config = FitConfig(epochs=3, batch_size=16)
        return fit(model, data_of(), loss, wrapped(model), config, out=out, log=log, checkpoint_seconds=0.0)

    smooth = nn.CrossEntropyLoss(label_smoothing=0.1)
    with pytest.raises(Interrupted):
        run(tmp_path / "cut", nn.Tanh, cross_entropy, until=2)
    made = run(tmp_path / "done", nn.Tanh, cross_entropy)
    assert made.result["loss_on_first"] > 0.0
    for folder in ("cut", "done"):
        for activation, loss in ((nn.ReLU, cross_entropy), (nn.Tanh, smooth)):
            with pytest.raises(ValueError, match="another model or loss"):
                run(tmp_path / folder, activation, loss)
    assert run(tmp_path / "done", nn.Tanh, nn.CrossEntropyLoss()).finished == made.finished  # the same function
    assert run(tmp_path / "cut", nn.Tanh, cross_entropy).result == made.result
