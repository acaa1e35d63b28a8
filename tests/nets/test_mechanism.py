"""The branch test: its words follow from the losses, a saddle's hold is seen, and its evidence knows its code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from saddlecheck.nets import branch_runs, mechanism, record, training_evidence
from saddlecheck.nets.branch_runs import SYSTEMS, System
from saddlecheck.nets.branch_verdict import judged
from saddlecheck.nets.branches import BRANCHES


def _seeds(sam: float, faster: float, moved: float | None, spread: float = 0.01) -> list[dict]:
    """Three seeds with these losses, up to a spread that is common to a seed's branches but for one part."""
    return [
        {"branches": dict.fromkeys(BRANCHES, sam) | {
            "SAM": sam + k * spread, "SAM, 3 lr": faster + 1.5 * k * spread,
            "SAM, moved by 5 rho": None if moved is None else moved + 0.5 * k * spread,
        }} for k in (-1, 0, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("losses", "word"),
    [
        ((2.0, 2.0, 1.0), "trapped"),
        ((2.0, 1.5, 2.0), "slow"),
        ((2.0, 1.5, 1.0), "undecided"),  # both help
        ((2.0, 2.0, 2.0), "undecided"),  # neither does
        ((2.0, 1.5, None), "undecided"),  # a branch diverged
        ((2.0, 1.5, 1.5), "undecided"),  # moving helps by more than the margin
    ],
)
def test_the_word_follows_from_the_declared_contrasts(losses, word) -> None:
    assert judged(_seeds(*losses))[0] == word
    assert judged(_seeds(*losses, spread=5.0))[0] == "undecided"  # the twin: seeds that disagree decide nothing


def _small() -> System:
    return replace(SYSTEMS["zero"], epochs=20, middle=10, after=10)


def test_a_saddle_that_holds_is_told_from_a_radius_that_does_not(tmp_path: Path) -> None:
    """The network at zero has mu near 2.14: rho 0.5 holds a start at 0.05; at rho 0.001 the run has left by then."""
    held = mechanism.run(_small(), 0, tmp_path / "held")
    assert held["middle"]["verdict"] == "trapped"
    branches = held["branches"]
    assert branches["SAM, moved by 5 rho"] < 0.5 * branches["SAM"]
    free = mechanism.run(replace(_small(), rho=0.001, epochs=200, middle=100), 0, tmp_path / "free")
    assert free["middle"]["verdict"] != "trapped"
    assert free["branches"]["SAM"] < 0.5 * branches["SAM"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def seeds(folder: Path) -> list[dict]:
    return [mechanism.run(_small(), k, folder) for k in range(3)]


def test_folders_and_a_straight_run_give_the_same_numbers(seeds: list[dict]) -> None:
    assert branch_runs.run(_small(), 2, branch_runs.straight) == seeds[2]


def test_a_finished_test_is_not_repeated(folder: Path, seeds: list[dict]) -> None:
    stamps = {p: p.stat().st_mtime_ns for p in folder.rglob("record.json")}
    assert len(stamps) == 3 * len(BRANCHES)
    assert mechanism.run(_small(), 1, folder) == seeds[1]
    assert {p: p.stat().st_mtime_ns for p in folder.rglob("record.json")} == stamps


def test_evidence_reads_the_record_and_a_changed_rule_makes_it_stale(
    seeds: list[dict], tmp_path: Path, monkeypatch
) -> None:
    made = mechanism.make_record(_small(), seeds, 1.0)
    record.write(made, tmp_path / "records" / "zero.json")
    (found,) = training_evidence.evidence("fig8-trapped", tmp_path / "records")
    assert found.status == "undecided"  # at reduced scale the direction only
    assert "zero (a control: it is held): trapped" in found.why
    monkeypatch.setitem(BRANCHES, "SAM, 3 lr", ("sam", 3.003, 0.0))
    (stale,) = training_evidence.evidence("fig8-trapped", tmp_path / "records")
    assert "1 record passed over" in stale.why
    assert "computes something else now" in stale.why
