"""What the records may say about a claim: like is compared with like, and nothing is left out in silence."""

from __future__ import annotations

import dataclasses
import json
import math
import random
from pathlib import Path

import pytest
from made_records import COPY, OFFICIAL, fake, figure_8, figure_9, table_1

from saddlecheck.nets import record, training_evidence
from saddlecheck.nets.contrast import Cell, cell, difference, difference_of_differences, interval
from saddlecheck.nets.groups import groups, trained
from saddlecheck.theory import CLAIMS
from saddlecheck.verification.figures import training_runs
from saddlecheck.verification.ledger.judge import Verdict, judge

RECORDS = Path(training_runs.RECORDS)
ROOT = Path(__file__).parents[2]
FULL = {"sha256": OFFICIAL}


def test_contrasts_are_students_intervals_over_paired_seeds() -> None:
    # Differences 1, 2, 3: mean 2, deviation 1; t(0.975, 2) = 4.302653, half-width 4.302653 / sqrt 3 = 2.484138.
    found = difference(Cell({0: 1.0, 1: 2.0, 2: 3.0, 9: 100.0}), Cell({0: 0.0, 1: 0.0, 2: 0.0, 8: 5.0}))
    assert (found.mean, found.low, found.high) == pytest.approx((2, 2 - 2.484138, 2 + 2.484138), abs=1e-6)
    assert found.seeds == 3
    assert found.sign == 0
    assert interval([1.0, 1.0, 1.0]).sign == 1
    assert interval([5.0]).low == -math.inf
    ones = Cell(dict.fromkeys(range(3), 1.0))
    assert difference_of_differences(ones, ones, ones, ones).mean == 0.0
    with pytest.raises(ValueError, match="no seed is common"):
        difference(Cell({0: 1.0}), Cell({1: 1.0}))


@pytest.mark.parametrize(
    ("sam_gain", "sha256", "status"),
    [
        (0.20, OFFICIAL, "proved"),
        (0.01, OFFICIAL, "refuted"),  # the false twin: momentum helps SGD more
        (0.20, COPY, "undecided"),  # however clear, a copy of the images settles nothing
        (0.01, COPY, "undecided"),
    ],
)
def test_only_the_papers_own_scale_settles_a_cifar_claim(sam_gain, sha256, status, tmp_path: Path) -> None:
    figure_9(tmp_path, sam_gain, sha256=sha256)
    (found,) = training_evidence.evidence("fig9", tmp_path)
    assert found.status == status
    assert ("direction only" in found.why) == (sha256 == COPY)
    assert ("as claimed" in found.why) == (sam_gain > 0.05)


@pytest.mark.parametrize(
    ("full_gain", "verdict"), [(0.20, Verdict.NUMERIC), (0.01, Verdict.REFUTED), (None, Verdict.OPEN)]
)
def test_runs_of_the_papers_scale_settle_a_claim_beside_reduced_ones(full_gain, verdict, tmp_path: Path) -> None:
    figure_9(tmp_path, 0.20 if full_gain == 0.01 else 0.01, epochs=36)  # the opposite, at reduced scale
    if full_gain is not None:
        figure_9(tmp_path, full_gain, **FULL)
    found = training_evidence.evidence("fig9", tmp_path)
    assert len(found) == 1
    assert judge(CLAIMS["fig9"], found).verdict is verdict
    assert ("Beside it 1 group of runs at reduced scale" in found[0].why) == (full_gain is not None)


NOT_FULL = [
    {"sha256": COPY}, {"sha256": ""}, {"epochs": 36}, {"width": 32}, {"limit": 5000}, {"pool": 2}, {"batch_size": 500},
    {"model": "small-cnn"}, {"ascent": "independent"}, {"normalise": False}, {"augment": True},
]  # fmt: skip


@pytest.mark.parametrize("change", NOT_FULL, ids=str)
def test_full_scale_is_the_papers_data_model_epochs_and_batch(change, tmp_path: Path) -> None:
    as_in_the_paper = trained(record.read(fake(tmp_path, 0.5, **FULL)))
    assert as_in_the_paper.scale == "full"
    path = fake(tmp_path, 0.5, **{**FULL, **change})
    said = record.read(path)
    record.write(dataclasses.replace(said, scale="full"), path)  # what a record says of itself does not count
    assert trained(record.read(path)).scale == "reduced"


def test_a_group_says_what_it_is_and_two_groups_are_never_pooled(tmp_path: Path) -> None:
    figure_8(tmp_path, epochs=36)
    figure_8(tmp_path, model="small-cnn", width=16, epochs=100)
    found = training_evidence.evidence("fig8", tmp_path)
    assert [e.settings["runs"] for e in found] == [21, 21]
    assert sorted(e.why.split(":")[1].split(",")[0].strip() for e in found) == [
        "resnet18 of width 64", "small-cnn of width 16",
    ]  # fmt: skip
    # B = 64 of one network, B = 512 of the other: there is nothing to subtract.
    for path in tmp_path.glob("*.json"):
        if (
            ("-b512-" in path.name) != path.name.startswith("resnet18")
            or "-b128-" in path.name
            or "-b256-" in path.name
        ):
            path.unlink()
    (found,) = training_evidence.evidence("fig8", tmp_path)
    assert "B = 64, 128, 256: no runs yet" in found.why
    assert "resnet18" in found.why


AGREE = {
    "model": "small-cnn", "width": 32, "limit": 500, "pool": 2, "epochs": 36, "lr": 0.05, "schedule": "constant",
    "weight_decay": 0.0, "precision": "bfloat16", "ascent": "independent", "sha256": "cd" * 32,
}  # fmt: skip


@pytest.mark.parametrize("name", AGREE)
def test_a_record_of_another_group_among_the_rest_changes_nothing(name, tmp_path: Path) -> None:
    figure_9(tmp_path / "clean", 0.20, **FULL)
    figure_9(tmp_path / "poisoned", 0.20, **FULL)
    (clean,) = training_evidence.evidence("fig9", tmp_path / "clean")
    for seed in range(3):  # a run that would turn the verdict round, were it counted
        poison = {"momentum": 0.9, "seed": seed, **FULL, name: AGREE[name]}
        fake(tmp_path / "poisoned", 0.1, place="a/", **poison)
    (found,) = training_evidence.evidence("fig9", tmp_path / "poisoned")
    assert (found.status, found.why) == (clean.status, clean.why)
    assert clean.status == "proved"


def test_what_only_measures_or_makes_fast_does_not_part_runs(tmp_path: Path) -> None:
    figure_9(tmp_path, 0.20, **FULL)
    for path in tmp_path.glob("*-s1-*.json"):
        path.unlink()
    for optimiser, rho, momentum, accuracy in (
        ("sgd", 0.0, 0.0, 0.6), ("sgd", 0.0, 0.9, 0.65), ("sam", 0.1, 0.0, 0.55), ("sam", 0.1, 0.9, 0.75)
    ):  # fmt: skip
        more = {"compile": "default", "evaluate_every": 5, "diagnose_every": 100, "seed": 1, **FULL}
        fake(tmp_path, accuracy, optimiser=optimiser, rho=rho, momentum=momentum, **more)
    (found,) = training_evidence.evidence("fig9", tmp_path)
    assert "over 3 seeds" in found.why


def test_two_records_of_one_run_that_disagree_are_named(tmp_path: Path) -> None:
    figure_9(tmp_path, 0.20, **FULL)
    fake(tmp_path, 0.11, momentum=0.9, seed=0, compile="default", **FULL)
    (found,) = training_evidence.evidence("fig9", tmp_path)
    assert found.status == "undecided"
    assert "two records of the same run disagree" in found.why


def test_the_order_of_the_records_does_not_matter(tmp_path: Path, monkeypatch) -> None:
    figure_9(tmp_path, 0.20, **FULL)
    figure_9(tmp_path, 0.01, epochs=36)
    figure_8(tmp_path, model="small-cnn", width=16, epochs=100)
    table_1(tmp_path, diverged=(1,))
    (tmp_path / "no record.json").write_text("{}")
    everything = record.read_all(tmp_path, "training")
    expected = {claim: training_evidence.evidence(claim, tmp_path) for claim in ("fig8", "fig9", "table1")}
    for seed in range(5):
        mixed = random.Random(seed).sample(everything, len(everything))
        monkeypatch.setattr(record, "read_all", lambda *_, mixed=mixed: mixed)
        assert {claim: training_evidence.evidence(claim, tmp_path) for claim in expected} == expected


@pytest.mark.parametrize("claim", ["fig8", "table1"])
def test_a_verdict_needs_every_part_of_the_claim(claim, tmp_path: Path) -> None:
    make = {"fig8": figure_8, "table1": table_1}[claim]
    make(tmp_path, **FULL)
    (found,) = training_evidence.evidence(claim, tmp_path)
    assert found.status == "proved"
    for path in tmp_path.glob("*-m0.95-*.json"):
        path.rename(path.with_suffix(".away"))
    (found,) = training_evidence.evidence(claim, tmp_path)
    assert found.status == "undecided"
    for path in tmp_path.glob("*.away"):  # 0.95 is the worst now, by far
        data = json.loads(path.read_text())
        data["result"]["evaluations"][-1] |= {"test_accuracy": 0.2 + 1e-4 * data["config"]["seed"], "train_loss": 3.0}
        path.with_suffix(".json").write_text(json.dumps(data))
    (found,) = training_evidence.evidence(claim, tmp_path)
    assert found.status == "refuted"


@pytest.mark.parametrize(("diverged", "status"), [((), "proved"), ((3, 4, 5), "undecided"), ((5,), "undecided")])
def test_runs_that_diverged_count_and_are_said(diverged, status, tmp_path: Path) -> None:
    table_1(tmp_path, seeds=6, diverged=diverged, **FULL)
    assert len(list(tmp_path.glob("*.json"))) == 72
    (found,) = training_evidence.evidence("table1", tmp_path)
    assert found.status == status
    # Every contrast but none has a cell with momentum 0.9: those of a radius one of them, the gains two.
    counts = [found.why.count(f"{k * len(diverged)} of the runs diverged") for k in (1, 2)]
    assert (counts[0] >= 4 and counts[1] >= 3) == bool(diverged)
    assert "over 6 seeds" in found.why


def test_divergence_alone_does_not_refute_either(tmp_path: Path) -> None:
    table_1(tmp_path, diverged=(0, 1, 2), **FULL)  # the learning rate is our choice, not the paper's
    (found,) = training_evidence.evidence("table1", tmp_path)
    assert found.status == "undecided"
    assert "6 of the runs diverged" in found.why  # of a difference of differences: two cells of three seeds


def test_a_diverged_run_counts_as_chance_and_as_an_infinite_loss(tmp_path: Path) -> None:
    fake(tmp_path, 0.5, seed=0)
    fake(tmp_path, 0.6, seed=1, diverged=True)
    runs = [trained(r) for r in record.read_all(tmp_path, "training")]
    assert cell(runs, "test_accuracy", rho=0.1) == Cell({0: 0.5, 1: 0.1}, frozenset({1}))
    losses = cell(runs, "train_loss", rho=0.1)
    assert losses.values == {0: 1.0, 1: math.inf}
    found = difference(losses, Cell({0: 0.0, 1: 0.0}))
    assert (found.sign, str(found)) == (0, "no finite mean over 2 seeds, 1 of the runs diverged")
    (group,) = groups(runs, {"momentum"})
    assert "1 of 2 runs diverged" in training_runs.describe(group)
