"""The whole way: archive, two networks, checkpoint, kill -9, resume, record; and what an epoch may not do."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from cifar_archives import cifar10

from saddlecheck.nets import checkpoint, record, replay
from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.data import Dataset, Split, load
from saddlecheck.nets.resnet import build
from saddlecheck.nets.run import Run
from saddlecheck.nets.saved_run import report, save
from saddlecheck.nets.train import train

torch.set_num_threads(1)
TINY = TrainConfig(width=2, batch_size=32, epochs=2, evaluate_every=1, pool=2, momentum=0.9, rho=0.05, lr=0.05)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return cifar10(tmp_path_factory.mktemp("data") / "small.tar.gz")


VARIANTS = {
    "no batch norm": {},
    "batch norm and augmentation": {"batch_norm": True, "augment": True},
    "SGD": {"optimiser": "sgd", "rho": 0.0},
    "independent ascent, constant rho": {"ascent": "independent", "normalise": False},
    "bf16 autocast": {"precision": "bfloat16"},
    "small CNN with diagnostics": {"model": "small-cnn", "diagnose_every": 2},
    "captured step": {"batch_norm": True, "augment": True, "compile": "captured"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_two_epochs_end_in_a_record_that_reads_back(variant, archive, tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, **VARIANTS[variant])
    seen = []
    made = train(config, data=archive, out=tmp_path, progress=lambda epochs, curves: seen.append(epochs))
    assert seen == [1, 2]
    assert record.read(tmp_path / f"{config.name}.json") == made
    assert not list(tmp_path.glob("*.npz"))
    assert not list(tmp_path.glob(".*"))
    result = made.result
    assert [e["epoch"] for e in result["evaluations"]] == [1, 2]
    assert all(0 <= e["test_accuracy"] <= 1 and e["train_loss"] > 0 for e in result["evaluations"])
    assert (made.scale, made.kind, result["diverged"], made.why_stale()) == ("reduced", "training", False, None)
    assert len(result["diagnostics"]) == (1 if config.diagnose_every else 0)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_both_networks_are_initialised_so_that_they_learn(batch_norm, archive) -> None:
    config = dataclasses.replace(TINY, width=8, batch_norm=batch_norm, epochs=8, optimiser="sgd", rho=0.0)
    run = Run(config, load(path=archive, pool=2), "cpu")
    while not run.finished:
        run.epoch()
    # Four classes that differ in colour: chance is log 4 = 1.39 for the right four of ten outputs.
    assert run.curves["batch_loss"][-1] < 1.2
    assert run.curves["batch_loss"][-1] < 0.7 * run.curves["batch_loss"][0]


def test_without_batch_norm_the_signal_neither_dies_nor_explodes() -> None:
    model = build("resnet18", classes=10, width=16, batch_norm=False, seed=0)
    x = torch.randn(64, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    sizes = []
    with torch.no_grad():
        stream = torch.relu(model.stem(x))
        for block in model.blocks:
            stream = block(stream)
            sizes.append(float(stream.pow(2).mean()))
    # Fan-out initialisation keeps the gradient's variance, so the signal's halves at each of the three widenings: 2^-3;
    # branches add up to (1 + 1/8)^8 < e. A factor 2 on either side for finite width and zero padding. Branches left
    # unscaled would add a factor of 2 a block, 2^8 in all.
    assert sizes[0] / 16 < min(sizes)
    assert max(sizes) < 2 * 2.72 * sizes[0]


SCRIPT = """
import json, sys, time, torch
from pathlib import Path
from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.train import train
torch.set_num_threads(1)
def progress(epochs, curves):
    print(epochs, flush=True)
    if sys.argv[3] == "slow":
        time.sleep(0.4)
config = TrainConfig(**json.loads(sys.argv[4]))
train(config, data=Path(sys.argv[1]), out=Path(sys.argv[2]), checkpoint_seconds=0.0, progress=progress)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "variant", [{}, {"batch_norm": True, "augment": True}, {"optimiser": "sgd", "rho": 0.0, "model": "small-cnn"}]
)
def test_killed_and_resumed_ends_with_bit_identical_numbers(variant, archive, tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, epochs=5, **variant)
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    arguments = [sys.executable, str(script), str(archive), str(tmp_path / "out")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    tail = [json.dumps(dataclasses.asdict(config))]
    victim = subprocess.Popen([*arguments, "slow", *tail], env=environment, stdout=subprocess.PIPE, text=True)
    saved = tmp_path / "out" / f"{config.name}.checkpoint.npz"
    deadline = time.time() + 100
    while not saved.exists() and time.time() < deadline:
        time.sleep(0.02)
    time.sleep(0.5)  # somewhere inside a later epoch
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    assert victim.returncode == -signal.SIGKILL
    assert saved.exists()
    assert not (tmp_path / "out" / f"{config.name}.json").exists()

    second = subprocess.run([*arguments, "fast", *tail], env=environment, capture_output=True, text=True, check=True)
    assert second.stdout.split()[0] != "1"  # it did go on, and did not start over
    resumed = record.read(tmp_path / "out" / f"{config.name}.json")
    straight = train(config, data=archive, out=tmp_path / "straight")
    assert json.dumps(resumed.result) == json.dumps(straight.result)


def test_divergence_ends_the_run_and_is_recorded(archive, tmp_path: Path) -> None:
    config = dataclasses.replace(TINY, lr=1e6, optimiser="sgd", rho=0.0, epochs=5)
    made = train(config, data=archive, out=tmp_path)
    assert made.result["diverged"]
    assert made.result["epochs_done"] < 5
    assert made.result["batch_loss"][-1] is None or not made.result["evaluations"]


def test_many_images_of_ones_own_are_not_the_papers_scale() -> None:
    images = torch.zeros(50_000, 3, 8, 8, dtype=torch.uint8)
    split, one = Split(images, torch.zeros(50_000, dtype=torch.int64)), torch.ones(1, 3, 1, 1)
    official = Dataset(split, split, one, one, 10, "the archive", LAYOUTS["cifar10"].sha256)
    own = dataclasses.replace(official, source="my own images", sha256="")
    scales = [report(Run(TrainConfig(), data, "cpu"), ()).scale for data in (own, official)]
    assert scales == ["reduced", "full"]


def write_checkpoint(archive: Path, path: Path, **changes: object) -> Run:
    run = Run(dataclasses.replace(TINY, **changes), load(path=archive, pool=2), "cpu")
    run.epoch()
    save(run, path)
    return run


def test_checkpoints_of_other_runs_are_refused(archive, tmp_path: Path) -> None:
    saved = tmp_path / f"{TINY.name}.checkpoint.npz"
    write_checkpoint(archive, saved, lr=0.01)
    with pytest.raises(ValueError, match="another configuration"):
        train(TINY, data=archive, out=tmp_path)
    write_checkpoint(archive, saved, width=4)
    with pytest.raises(ValueError, match="another network"):
        train(TINY, data=archive, out=tmp_path)


def test_a_checkpoint_of_other_data_or_code_is_refused(archive, tmp_path: Path, monkeypatch) -> None:
    saved = tmp_path / f"{TINY.name}.checkpoint.npz"
    write_checkpoint(archive, saved)
    with pytest.raises(ValueError, match="another data set"):
        train(TINY, data=cifar10(tmp_path / "other.tar.gz", 40), out=tmp_path)
    monkeypatch.setattr(replay, "walk", lambda *_: {"loss": [0.0]})
    with pytest.raises(ValueError, match="another code"):
        train(TINY, data=archive, out=tmp_path)


class Evil:
    def __reduce__(self):
        return Path.touch, (Path("owned"),)


@pytest.mark.parametrize("content", ["pickle", "torch", "garbage", "object array", "npz without meta", "empty"])
def test_a_hostile_pickle_offered_as_a_checkpoint_is_refused(content, archive, tmp_path: Path, monkeypatch) -> None:
    import numpy as np

    monkeypatch.chdir(tmp_path)
    saved = tmp_path / f"{TINY.name}.checkpoint.npz"
    if content == "pickle":
        saved.write_bytes(pickle.dumps(Evil()))
    elif content == "torch":
        torch.save({"model": Evil()}, saved)
    elif content == "garbage":
        saved.write_bytes(b"PK\x03\x04" + bytes(100))
    elif content == "object array":
        np.savez(saved, **{"meta.json": np.array([Evil()], dtype=object)})
    elif content == "npz without meta":
        np.savez(saved, x=np.zeros(3))
    else:
        saved.write_bytes(b"")
    with pytest.raises(ValueError, match="no checkpoint of ours") as caught:
        train(TINY, data=archive, out=tmp_path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "owned").exists()


def test_a_checkpoint_restores_every_bit(archive, tmp_path: Path) -> None:
    run = write_checkpoint(archive, tmp_path / "c.npz", batch_norm=True)
    other = Run(dataclasses.replace(TINY, batch_norm=True, seed=0), load(path=archive, pool=2), "cpu")
    with torch.no_grad():
        for p in other.model.parameters():
            p.zero_()
    checkpoint.load(tmp_path / "c.npz", other.model, other.optimiser)
    mine, theirs = run.model.state_dict(), other.model.state_dict()
    assert all(torch.equal(mine[k], theirs[k]) and mine[k].stride() == theirs[k].stride() for k in mine)
    for p, q in zip(run.model.parameters(), other.model.parameters(), strict=True):
        a, b = run.optimiser.state[p]["momentum_buffer"], other.optimiser.state[q]["momentum_buffer"]
        assert torch.equal(a, b)
        # a dimension of size 1 may carry any stride
        assert [s for s, n in zip(a.stride(), a.shape, strict=True) if n > 1] == [
            s for s, n in zip(b.stride(), b.shape, strict=True) if n > 1
        ]


def test_a_batch_larger_than_the_data_is_refused(archive, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="does not fit into 128"):
        train(dataclasses.replace(TINY, batch_size=512), data=archive, out=tmp_path)
