"""Grids, plans, and sweeps that lose nothing: a killed process, a killed Dask worker, ^C."""

from __future__ import annotations

import dataclasses
import errno
import fcntl
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from cifar_archives import cifar10

from saddlecheck.nets import archive as archives
from saddlecheck.nets import record, workers
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.grids import grid
from saddlecheck.nets.sweep import Finished, plan, run, run_all
from saddlecheck.nets.workers import SweepTask

ROOT = Path(__file__).parents[2]
TINY = TrainConfig(model="small-cnn", width=2, batch_size=32, epochs=2, evaluate_every=1, pool=2, rho=0.05, lr=0.05)
TWELVE = tuple(
    dataclasses.replace(TINY, seed=s, momentum=m, rho=r) for s in (0, 1) for m in (0.0, 0.9) for r in (0.0, 0.1, 0.5)
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    return cifar10(tmp_path_factory.mktemp("data") / "small.tar.gz")


@pytest.fixture(scope="module")
def straight(archive, tmp_path_factory) -> dict[str, str]:
    """What the twelve runs give, one after the other in this process."""
    import torch

    torch.set_num_threads(1)
    task = SweepTask(archive, tmp_path_factory.mktemp("straight"), "cpu", (), 1e9)
    return {c.name: json.dumps(workers.work(dataclasses.asdict(c), task, "cpu")["result"]) for c in TWELVE}


def results(finished: Finished) -> dict[str, str]:
    return {name: json.dumps(r.result) for name, r in finished.records.items()}


def test_the_grids_hold_what_they_promise() -> None:
    table = grid("table1", "gpu")
    assert len({(c.rho, c.momentum) for c in table}) == 12
    assert len({c.seed for c in table}) == 5
    assert all(c.batch_norm and c.augment and (c.model, c.width, c.epochs) == ("resnet18", 64, 300) for c in table)
    assert {(c.optimiser, c.momentum) for c in grid("fig9", "gpu")} == {
        (o, m) for o in ("sgd", "sam") for m in (0.0, 0.9)
    }
    figure = grid("fig8", "gpu")
    assert {c.dataset for c in figure} == {"cifar10", "cifar100"}
    assert not any(c.batch_norm or c.augment for c in figure)
    for name in ("fig8", "fig9", "table1"):
        configs = grid(name, "cpu")
        assert len({c.name for c in configs}) == len(configs)
        assert {c.seed for c in configs} == {0, 1, 2}


def test_a_plan_counts_what_is_left_and_what_it_costs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(archives, "digest", lambda *_: "d" * 64)
    before = plan("table1", "gpu", out=tmp_path)
    assert "60 runs, 0 finished, 60 to do" in str(before)
    assert "GPU hours (unmeasured: 45,000 images a second and pass are assumed)" in str(before)
    # 60 runs x 50,000 images x 300 epochs x 2 passes at 45,000 images a second and pass.
    assert before.hours == pytest.approx(60 * 50_000 * 300 * 2 / 45_000 / 3600)
    done = before.configs[0]
    made = record.make("training", dataclasses.asdict(done), {"sha256": "d" * 64})
    record.write(made, tmp_path / f"{done.name}.json")
    assert plan("table1", "gpu", out=tmp_path).done == (done.name,)


def write_rates(folder: Path, sizes: tuple[int, ...], device: str = "a GPU") -> None:
    row = {"model": "resnet18", "batch_norm": False, "compile": "default"}
    rows = [
        row | {"batch_size": size, "optimiser": rule, "passes_per_second": 100.0 * size}
        for size in sizes
        for rule in ("sam", "sgd")
    ]
    (folder / "rates.json").write_text(json.dumps({"device": device, "rates": rows}))


def test_a_plan_uses_rates_by_batch_size_where_they_were_measured(tmp_path: Path) -> None:
    write_rates(tmp_path, (512, 256, 128, 64))
    found = plan("fig8", "gpu", out=tmp_path, seeds=1)
    assert str(found).endswith("GPU hours (by rates measured on a GPU)")
    # At each of 100 B images a second and pass: 50,000 images, 300 epochs, two passes where it is SAM.
    passes = [(50_000 * 300 * (2 if c.optimiser == "sam" else 1), 100 * c.batch_size) for c in found.configs]
    assert found.hours == pytest.approx(sum(n / rate for n, rate in passes) / 3600)
    write_rates(tmp_path, (512,))
    assert "on a GPU; B = 64, 128, 256 unmeasured: 45,000" in str(plan("fig8", "gpu", out=tmp_path))
    # The twins: rates of a network without batch norm are not Table 1's, and those of a CPU no GPU's.
    assert "B = 128 unmeasured" in str(plan("table1", "gpu", out=tmp_path))
    write_rates(tmp_path, (512,), "cpu, 1 threads")
    assert "(unmeasured: 45,000" in str(plan("fig8", "gpu", out=tmp_path))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"device": "a GPU", "rates": [{}]}', '{"device": "a GPU", "rates": 1}', "\0"]
)
def test_a_file_without_rates_is_named(text, tmp_path: Path) -> None:
    (tmp_path / "rates.json").write_text(text)
    with pytest.raises(ValueError, match=r"rates\.json holds no rates") as caught:
        plan("fig8", "gpu", out=tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"grid": "fig7"}, "a sweep is one of"),
        ({"grid": "fig8", "scale": "tpu"}, "a sweep is one of"),
        ({"grid": "fig8", "scale": "cpu", "jobs": 0}, "at least one job"),
        ({"grid": "fig8", "scale": "cpu", "seeds": 0}, "at least one seed"),
    ],
)
def test_a_sweep_that_has_no_meaning_is_refused(arguments, message, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        run(**arguments, out=tmp_path)


@pytest.mark.slow
def test_the_local_pool_gives_the_same_numbers_and_repeats_nothing(archive, straight, tmp_path: Path) -> None:
    task, told = SweepTask(archive, tmp_path, "cpu", (), 1e9), []
    some = run_all(TWELVE[:4], task, jobs=2, on_done=lambda name, done, total: told.append((done, total)))
    assert not some.failed
    assert results(some) == {c.name: straight[c.name] for c in TWELVE[:4]}
    assert told == [(i, 4) for i in (1, 2, 3, 4)]
    again = run_all(TWELVE[:4], task, jobs=2, on_done=lambda *_: pytest.fail("a finished run was repeated"))
    assert again.records == some.records


@pytest.mark.slow
def test_bad_data_is_reported_and_not_tried_again(tmp_path: Path, caplog) -> None:
    caplog.set_level("INFO", "saddlecheck.nets")
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(b"no archive")
    finished = run_all(TWELVE[:1], SweepTask(cut, tmp_path, "cpu", (), 1e9), jobs=1)
    said = [(r.levelname, r.getMessage()) for r in caplog.records]
    assert [level for level, _ in said] == ["INFO", "INFO", "ERROR"]  # what is to be done, a start, why it failed
    assert said[0][1].startswith("1 runs, 0 of them finished")
    assert TWELVE[0].name in said[2][1]
    assert "cut.tar.gz is damaged" in finished.failed[TWELVE[0].name]
    assert not finished.records


def test_a_sweep_without_its_data_set_starts_no_run(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(workers, "local", lambda *_: pytest.fail("a run was started"))
    with pytest.raises(ValueError, match=r"there is no data set at .*nothing"):
        run_all(TWELVE[:2], SweepTask(tmp_path / "nothing", tmp_path, "cpu", (), 1e9), jobs=1)


def children(of: int) -> list[int]:
    import psutil

    return [p.pid for p in psutil.Process(of).children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]


SCRIPT = """
import dataclasses, json, sys
from pathlib import Path
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.sweep import run_all
from saddlecheck.nets.workers import SweepTask
if __name__ == "__main__":
    configs = tuple(TrainConfig(**c) for c in json.loads(sys.argv[3]))
    finished = run_all(configs, SweepTask(Path(sys.argv[1]), Path(sys.argv[2]), "cpu", (), 0.0), jobs=2)
    print(json.dumps(finished.failed))
"""


def start(archive: Path, out: Path, configs: list[TrainConfig], folder: Path) -> subprocess.Popen:
    script = folder / "sweep.py"
    script.write_text(SCRIPT)
    text = json.dumps([dataclasses.asdict(c) for c in configs])
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, str(script), str(archive), str(out), text],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(what, seconds: float = 100.0) -> None:
    deadline = time.time() + seconds
    while not what():
        assert time.time() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_process_and_an_interrupted_sweep_lose_nothing(archive, tmp_path: Path) -> None:
    import torch

    torch.set_num_threads(1)
    configs = [dataclasses.replace(TINY, epochs=40, seed=s) for s in range(2)]
    straight = {}
    for c in configs:
        straight[c.name] = workers.work(
            dataclasses.asdict(c), SweepTask(archive, tmp_path / "a", "cpu", (), 1e9), "cpu"
        )["result"]

    out = tmp_path / "b"
    first = start(archive, out, configs, tmp_path)
    wait_for(lambda: len(list(out.glob("*.npz"))) > 0 and children(first.pid))
    os.kill(children(first.pid)[0], signal.SIGKILL)  # a run dies: the sweep starts it again
    time.sleep(0.2)
    os.killpg(first.pid, signal.SIGINT)  # ^C, as a terminal sends it
    first.communicate(timeout=60)
    assert first.returncode != 0

    second = start(archive, out, configs, tmp_path)
    text, _ = second.communicate(timeout=200)
    assert json.loads(text) == {}
    assert {p.stem: record.read(p).result for p in out.glob("*.json")} == straight


def ended(pid: int) -> bool:
    import psutil

    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_the_runs_of_a_sweep_end_with_it_however_it_ends(how, archive, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    first = start(archive, out, [dataclasses.replace(TINY, epochs=100_000)], tmp_path)
    wait_for(lambda: list(out.glob("*.npz")) and children(first.pid))  # it computes: a checkpoint is there
    (child,) = children(first.pid)
    first.send_signal(how)  # to the sweep alone, as a scheduler or `timeout` does
    try:
        assert first.wait(timeout=20) == -how
        wait_for(lambda: ended(child), 20)
    finally:
        if not ended(child):
            os.kill(child, signal.SIGKILL)
        first.communicate(timeout=20)
    (config,) = [dataclasses.replace(TINY, epochs=100_000)]
    with (out / f".{config.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody holds it: the same command would go on at once


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_reported_with_the_reason(archive, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    finished = run_all(TWELVE[:1], SweepTask(archive, tmp_path / "runs", "cpu", (), 1e9), jobs=1)
    (said,) = finished.failed.values()
    assert "exists" in said
    assert str(tmp_path / "runs") in said
    assert "\n" not in said


def test_a_full_disk_is_reported_with_the_reason(archive, tmp_path: Path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "runs/a.json")

    monkeypatch.setattr(record, "write_whole", full)
    said, told = multiprocessing.Pipe(duplex=False)
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process is no child
    workers._child(dataclasses.asdict(TINY), SweepTask(archive, tmp_path, "cpu", (), 1e9), "cpu", told)
    assert said.recv() == "OSError: [Errno 28] No space left on device: 'runs/a.json'"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # distributed's own: sockets and tasks of a worker that was killed on purpose
def test_twelve_runs_on_two_dask_workers_survive_the_death_of_one(archive, straight, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    out, seen = tmp_path / "runs", []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as cluster:

        def kill_one() -> None:
            wait_for(lambda: len(list(out.glob("*.json"))) >= 2)
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_one)
        killer.start()
        task = SweepTask(archive, out, "cpu", (), 0.0)
        done = run_all(
            TWELVE, task, jobs=1, cluster=cluster.scheduler_address, on_done=lambda name, *_: seen.append(name)
        )
        killer.join()
    assert not done.failed
    assert sorted(seen) == sorted(c.name for c in TWELVE)  # none twice
    assert results(done) == straight
