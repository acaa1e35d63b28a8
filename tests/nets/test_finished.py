"""A finished run is read, not repeated, and only if it is this run: its configuration, its data, its code."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest
import torch
from cifar_archives import cifar10

from saddlecheck.nets import archive as archives
from saddlecheck.nets import record, replay, sweep
from saddlecheck.nets.archive import LAYOUTS
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.finished import finished
from saddlecheck.nets.lock import alone
from saddlecheck.nets.sweep import run_all
from saddlecheck.nets.train import train
from saddlecheck.nets.workers import SweepTask

torch.set_num_threads(1)
TINY = TrainConfig(model="small-cnn", width=2, batch_size=32, epochs=1, evaluate_every=1, pool=2, rho=0.05, lr=0.05)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return cifar10(tmp_path_factory.mktemp("data") / "small.tar.gz")


@pytest.fixture(scope="module")
def folder(archive) -> Path:
    with tarfile.open(archive) as file:
        file.extractall(archive.parent, filter="data")
    return archive.parent / "cifar-10-batches-bin"


@pytest.fixture(scope="module")
def made(archive, tmp_path_factory) -> record.Record:
    return train(TINY, data=archive, out=tmp_path_factory.mktemp("made"))


@pytest.fixture
def out(made, tmp_path) -> Path:
    """A folder with the finished run."""
    record.write(made, tmp_path / "runs" / f"{TINY.name}.json")
    return tmp_path / "runs"


def test_a_finished_run_is_not_repeated(archive, out, made, monkeypatch) -> None:
    monkeypatch.setattr("saddlecheck.nets.train.Run", lambda *_: pytest.fail("it ran again"))
    assert train(TINY, data=archive, out=out) == made


def other_data(path: Path, folder: Path) -> Path:
    return cifar10(folder / "other.tar.gz", per_class=40)


def no_data(path: Path, folder: Path) -> Path:
    return folder / "nothing.tar.gz"


def official(path: Path, folder: Path) -> None:
    """None: the official archive, which is not fetched to find out that this was another one."""


def write(**changes):
    def change(path: Path, folder: Path) -> str:
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
        return "same"

    return change


def empty(path: Path, folder: Path) -> str:
    path.write_text("")
    return "same"


FOREIGN = dataclasses.asdict(dataclasses.replace(TINY, seed=9))
REFUSED = {
    "was made from other data": other_data,
    "there is no data set": no_data,
    "SHA-256 .*, this is c4a38c50a1bc5f3a": official,
    "it is not JSON": empty,
    "is not a record of format": write(format=7),
    "is the record of another run": write(config=FOREIGN),
    "the record of another run": write(kind="toy-neuron"),
    "is stale: the code behind it computes something else now": write(replay={}),
    "is stale: it is of format 1": write(format=1),
    "is stale: the statement of fig8 has changed": write(claims={"fig8": "f" * 64}),
}


@pytest.mark.parametrize("message", REFUSED)
@pytest.mark.parametrize("by", ["train", "plan", "sweep"])
def test_what_is_not_this_runs_record_is_refused_by_name_before_anything_is_trained(
    message, by, archive, out, tmp_path, monkeypatch
) -> None:
    if message.startswith("is stale: the code"):
        monkeypatch.setattr(replay, "walk", lambda *_: {"loss": [0.0]})
        write(replay={"loss": [1.0]})(out / f"{TINY.name}.json", tmp_path)
        data = archive
    else:
        found = REFUSED[message](out / f"{TINY.name}.json", tmp_path)
        data = archive if found == "same" else found
    before = (out / f"{TINY.name}.json").read_bytes()
    monkeypatch.setattr("saddlecheck.nets.train.Run", lambda *_: pytest.fail("something was trained"))
    monkeypatch.setattr(sweep.workers, "local", lambda *_: pytest.fail("something was trained"))
    monkeypatch.setattr(sweep.grids, "grid", lambda *_: [dataclasses.replace(TINY, seed=5), TINY])
    start = {
        "train": lambda: train(TINY, data=data, out=out),
        "plan": lambda: sweep.plan("fig8", "cpu", data=data, out=out),
        "sweep": lambda: run_all(
            (dataclasses.replace(TINY, seed=5), TINY), SweepTask(data, out, "cpu", (), 1e9), jobs=1
        ),
    }
    with pytest.raises(ValueError, match=message) as caught:
        start[by]()
    assert "\n" not in str(caught.value)
    assert TINY.name in str(caught.value) or "no data set" in message
    assert (out / f"{TINY.name}.json").read_bytes() == before  # nothing computed is lost


def test_a_plan_counts_what_is_finished_with_these_data(archive, out, monkeypatch) -> None:
    monkeypatch.setattr(sweep.grids, "grid", lambda *_: [TINY, dataclasses.replace(TINY, seed=5)])
    assert sweep.plan("fig8", "cpu", data=archive, out=out).done == (TINY.name,)


def test_a_folder_has_a_digest_of_its_files(archive, folder, tmp_path) -> None:
    layout = LAYOUTS["cifar10"]
    one = train(TINY, data=folder, out=tmp_path / "a")
    assert one.result["sha256"] == archives.digest(layout, folder)
    assert one.result["sha256"][:16] in one.result["source"]
    assert train(TINY, data=folder, out=tmp_path / "a") == one
    assert archives.digest(layout, folder) != archives.digest(layout, archive)
    file = folder / "test_batch.bin"
    content = bytearray(file.read_bytes())
    content[100] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match="was made from other data"):
        train(TINY, data=folder, out=tmp_path / "a")


def test_where_there_is_no_record_there_is_nothing_to_refuse(tmp_path) -> None:
    assert finished(TINY, tmp_path / "none.json", "") is None


HOLD = """
import sys, time
from pathlib import Path
from saddlecheck.nets.lock import alone
with alone(Path(sys.argv[1]), "a run"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_waits_says_for_whom(tmp_path, capfd) -> None:
    lock = tmp_path / "a run.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout.readline() == "held\n"
    waiting = threading.Thread(target=_hold, args=(lock,), daemon=True)
    waiting.start()
    waiting.join(0.5)
    assert waiting.is_alive()
    holder.communicate("", timeout=20)
    waiting.join(20)
    assert not waiting.is_alive()
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert f"a run: waiting for process {holder.pid} on " in said
    assert str(lock) in said
    with alone(lock, "a run"):
        pass
    assert capfd.readouterr().err == ""  # nobody waited


def _hold(lock: Path) -> None:
    with alone(lock, "a run"):
        pass
