"""`saddlecheck sweep` as a user meets it: the command that open claims name."""

from __future__ import annotations

import dataclasses

import pytest
from cifar_archives import cifar10

from saddlecheck.nets import grids, record
from saddlecheck.nets.config import TrainConfig
from saddlecheck.theory import CLAIMS
from saddlecheck.verification.cli import main

TINY = TrainConfig(model="small-cnn", width=2, batch_size=32, epochs=1, evaluate_every=1, pool=2, rho=0.05, lr=0.05)


def tiny_grid(_name, _scale, seeds):
    return [dataclasses.replace(TINY, seed=s) for s in range(seeds or 2)]


def test_every_claim_that_waits_for_a_sweep_names_a_command_that_runs(capsys, tmp_path) -> None:
    waiting = {c.settles for c in CLAIMS.values() if c.settles.startswith("saddlecheck sweep")}
    assert len(waiting) == 3
    for command in waiting:
        assert main.run([*command.split()[1:], "--plan", "--out", str(tmp_path)]) == 0
        assert "GPU hours" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_a_sweep_records_every_run_and_is_not_repeated(monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setattr(grids, "grid", tiny_grid)
    archive = cifar10(tmp_path / "small.tar.gz")
    command = ["sweep", "fig9", "--scale", "cpu", "--data", str(archive), "--out", str(tmp_path / "runs")]
    assert main.run(command) == 0
    assert "2 of 2 runs are recorded" in capsys.readouterr().out
    records = {p: record.read(p).result for p in (tmp_path / "runs").glob("*.json")}
    assert len(records) == 2
    times = {p: p.stat().st_mtime_ns for p in records}
    assert main.run(command) == 0
    assert "2 finished, 0 to do" in capsys.readouterr().out
    assert {p: p.stat().st_mtime_ns for p in records} == times


def test_a_run_that_fails_is_exit_code_one(monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setattr(grids, "grid", tiny_grid)
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(b"not an archive")
    command = ["sweep", "fig9", "--scale", "cpu", "--seeds", "1", "--data", str(bad), "--out", str(tmp_path / "runs")]
    assert main.run(command) == 1
    assert capsys.readouterr().err.count("failed:") == 1


@pytest.mark.parametrize("plan_only", [(), ("--plan",)])
@pytest.mark.parametrize(
    ("content", "message"),
    [("", "it is not JSON"), ("[]", "is not a record of format"), (None, "made from other data")],
)
def test_a_file_that_is_not_the_runs_record_is_named_before_anything_is_trained(
    content, message, plan_only, monkeypatch, capsys, tmp_path
) -> None:
    monkeypatch.setattr(grids, "grid", tiny_grid)
    archive = cifar10(tmp_path / "small.tar.gz")
    (path,) = [tmp_path / "runs" / f"{c.name}.json" for c in tiny_grid("fig9", "cpu", 1)]
    path.parent.mkdir()
    if content is None:
        made = record.make("training", dataclasses.asdict(TINY), {"source": "other images", "sha256": "ab" * 32})
        record.write(made, path)
    else:
        path.write_text(content)
    before = path.read_bytes()
    command = ["sweep", "fig9", "--scale", "cpu", "--data", str(archive), "--out", str(path.parent), *plan_only]
    assert main.run(command) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert path.name in said.err
    assert message in said.err
    assert [(p, p.read_bytes()) for p in path.parent.iterdir()] == [(path, before)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fig10",), "one of fig8, fig9, table1"),
        (("fig8", "--scale", "tpu"), "scale gpu or cpu"),
        (("fig8", "--jobs", "0"), "jobs"),
        (("fig8", "--seeds", "0"), "seeds"),
        (("fig8", "--plan", "--data", "nowhere.tar.gz"), "no data set at nowhere.tar.gz"),
        (("fig8", "--plan", "--out", __file__), "is a file: records need a folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(arguments, message, capsys) -> None:
    assert main.run(["sweep", *arguments]) == 2
    said = capsys.readouterr().err.strip()
    assert message in said
    assert "\n" not in said


def test_without_a_gpu_the_papers_scale_says_what_to_do(monkeypatch, capsys, tmp_path) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main.run(["sweep", "fig8", "--out", str(tmp_path)]) == 2
    assert "--scale cpu" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_torch_it_names_the_extra(monkeypatch, capsys) -> None:
    monkeypatch.setattr("saddlecheck.verification.cli.sweep_command.find_spec", lambda _name: None)
    assert main.run(["sweep", "fig8"]) == 2
    assert "saddlecheck[nets]" in capsys.readouterr().err
