"""The script for a lent GPU, walked through on the CPU: what it measures, keeps, goes on from and refuses."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import torch

from saddlecheck.nets import branch_runs, record, sweep
from saddlecheck.nets.branch_runs import SYSTEMS, System
from saddlecheck.nets.branch_training import KeptTraining
from saddlecheck.nets.branches import BRANCHES
from saddlecheck.nets.errors import OutOfTime

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "gpu_rates.py"
    spec = importlib.util.spec_from_file_location("gpu_rates", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def walked(script, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("runs")
    assert script.main(["--out", str(out), "--dry-run"]) == 0
    return out / "dry-run"


def test_it_leaves_rates_and_a_record_of_each_system(walked, script) -> None:
    rates = json.loads((walked / "rates.json").read_text())
    routes = {(r["batch_size"], r["compile"], r["optimiser"]) for r in rates["rates"]}
    assert routes == {(b, way, rule) for b in (8, 4) for way in ("no", "captured") for rule in ("sam", "sgd")}
    assert rates["device"].startswith("cpu")
    by = {(r["batch_size"], r["compile"], r["optimiser"]): r for r in rates["rates"]}
    for size in (8, 4):
        for rule in ("sam", "sgd"):  # single precision, two steps: a rounding each of a loss of 2.3
            plain, captured = by[size, "no", rule], by[size, "captured", rule]
            assert captured["loss"] == pytest.approx(plain["loss"], rel=1e-5)
    made = record.read(walked / "zero.json")
    assert (made.kind, len(made.result["seeds"]), made.why_stale()) == ("mechanism", 3, None)
    assert set(made.result["seeds"][0]["branches"]) == set(BRANCHES)


def test_ratios_are_of_two_sgd_steps_and_of_the_largest_batch(script) -> None:
    row = {"batch_norm": True, "compile": "captured"}
    speeds = {(512, "sam"): 50.0, (512, "sgd"): 51.0, (64, "sam"): 25.0, (64, "sgd"): 30.0}
    rates = [row | {"batch_size": b, "optimiser": o, "passes_per_second": v} for (b, o), v in speeds.items()]
    assert script._ratios(rates) == {
        "captured, B 512, batch norm: SAM / two SGD steps": 1.02,
        "captured, B 512, batch norm: SAM's rate / at B 512": 1.0,
        "captured, B 64, batch norm: SAM / two SGD steps": 1.2,
        "captured, B 64, batch norm: SAM's rate / at B 512": 0.5,
    }


def test_nothing_that_is_done_is_done_again(walked, script, monkeypatch) -> None:
    monkeypatch.setattr(script, "_timed", lambda *_: pytest.fail("a rate was measured again"))
    monkeypatch.setattr(script, "KeptTraining", lambda *_: pytest.fail("a finished seed was run again"))
    assert script.main(["--out", str(walked.parent), "--dry-run"]) == 0


def test_without_time_it_says_that_there_is_more(script, tmp_path: Path, capsys) -> None:
    assert script.main(["--out", str(tmp_path), "--dry-run", "--minutes", "0"]) == 1
    assert "the same command goes on" in capsys.readouterr().out


def test_without_a_gpu_nothing_is_measured(script, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert script.main(["--out", str(tmp_path / "runs")]) == 2
    assert "rates stay unmeasured" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_the_rates_of_a_dry_run_are_no_gpu_s(walked) -> None:
    assert "(unmeasured: " in str(sweep.plan("fig8", out=walked))


def _small(**changes: float) -> System:
    return replace(SYSTEMS["zero"], epochs=6, middle=3, after=2, batch_size=48, **changes)  # 256 = 5 * 48 + 16


def test_captured_trainings_end_where_plain_ones_do(tmp_path: Path) -> None:
    kept = branch_runs.run(_small(), 0, KeptTraining(tmp_path, lambda: 1.0))
    plain = branch_runs.run(_small(), 0, branch_runs.straight)
    # Float64, 18 + 12 steps of a smooth loss that round differently by 1e-16 each, changes growing by less than 1.1 a
    # step (lr 0.05, ten times that in one branch, curvature about 2): 30 * 1e-16 * 2^12 = 1e-11 in the worst branch.
    # The eigenvector along which two of them start is known to 1e-2 of itself either way, and the same to 1e-12 here.
    for name, loss in plain["branches"].items():
        assert kept["branches"][name] == pytest.approx(loss, rel=1e-8)
    other = branch_runs.run(_small(rho=0.499), 0, KeptTraining(tmp_path / "twin", lambda: 1.0))
    assert other["branches"]["SAM"] != pytest.approx(plain["branches"]["SAM"], rel=1e-8)


def test_kept_trainings_are_read_and_those_of_other_settings_are_not(tmp_path: Path, monkeypatch) -> None:
    first = branch_runs.run(_small(), 0, KeptTraining(tmp_path, lambda: 1.0))
    with monkeypatch.context() as patched:
        patched.setattr(KeptTraining, "_train", lambda *_: pytest.fail("trained again"))
        assert branch_runs.run(_small(), 0, KeptTraining(tmp_path, lambda: 1.0)) == first
    again = branch_runs.run(_small(rho=0.4), 0, KeptTraining(tmp_path, lambda: 1.0))
    assert again["branches"] != first["branches"]


def test_a_training_that_runs_out_of_time_leaves_those_before_it(tmp_path: Path) -> None:
    asked = iter([1.0] * 3 + [0.0])  # the three epochs until the middle, then the first branch's first
    with pytest.raises(OutOfTime):
        branch_runs.run(_small(), 0, KeptTraining(tmp_path, lambda: next(asked)))
    assert [p.name for p in tmp_path.glob("*.json")] == ["until-the-middle.json"]
