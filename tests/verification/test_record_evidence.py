"""What the records may say about a claim: like is compared with like, and nothing is left out in silence."""

from __future__ import annotations

import dataclasses
import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest
from made_records import COPY, OFFICIAL, fake, figure_8, figure_9, table_1

from nets import evidence, record, replay
from nets.contrast import Cell, cell, difference, difference_of_differences, interval
from nets.groups import groups, trained
from nets.neuron import Settings, run
from theory import CLAIMS
from verification.figures import paper
from verification.judge import Verdict, judge

RECORDS = Path(paper.RECORDS)
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
    (found,) = evidence.evidence("fig9", tmp_path)
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
    found = evidence.evidence("fig9", tmp_path)
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
    found = evidence.evidence("fig8", tmp_path)
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
    (found,) = evidence.evidence("fig8", tmp_path)
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
    (clean,) = evidence.evidence("fig9", tmp_path / "clean")
    for seed in range(3):  # a run that would turn the verdict round, were it counted
        poison = {"momentum": 0.9, "seed": seed, **FULL, name: AGREE[name]}
        fake(tmp_path / "poisoned", 0.1, place="a/", **poison)
    (found,) = evidence.evidence("fig9", tmp_path / "poisoned")
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
    (found,) = evidence.evidence("fig9", tmp_path)
    assert "over 3 seeds" in found.why


def test_two_records_of_one_run_that_disagree_are_named(tmp_path: Path) -> None:
    figure_9(tmp_path, 0.20, **FULL)
    fake(tmp_path, 0.11, momentum=0.9, seed=0, compile="default", **FULL)
    (found,) = evidence.evidence("fig9", tmp_path)
    assert found.status == "undecided"
    assert "two records of the same run disagree" in found.why


def test_the_order_of_the_records_does_not_matter(tmp_path: Path, monkeypatch) -> None:
    figure_9(tmp_path, 0.20, **FULL)
    figure_9(tmp_path, 0.01, epochs=36)
    figure_8(tmp_path, model="small-cnn", width=16, epochs=100)
    table_1(tmp_path, diverged=(1,))
    (tmp_path / "no record.json").write_text("{}")
    everything = record.read_all(tmp_path, "training")
    expected = {claim: evidence.evidence(claim, tmp_path) for claim in ("fig8", "fig9", "table1")}
    for seed in range(5):
        mixed = random.Random(seed).sample(everything, len(everything))
        monkeypatch.setattr(record, "read_all", lambda *_, mixed=mixed: mixed)
        assert {claim: evidence.evidence(claim, tmp_path) for claim in expected} == expected


@pytest.mark.parametrize("claim", ["fig8", "table1"])
def test_a_verdict_needs_every_part_of_the_claim(claim, tmp_path: Path) -> None:
    make = {"fig8": figure_8, "table1": table_1}[claim]
    make(tmp_path, **FULL)
    (found,) = evidence.evidence(claim, tmp_path)
    assert found.status == "proved"
    for path in tmp_path.glob("*-m0.95-*.json"):
        path.rename(path.with_suffix(".away"))
    (found,) = evidence.evidence(claim, tmp_path)
    assert found.status == "undecided"
    for path in tmp_path.glob("*.away"):  # 0.95 is the worst now, by far
        data = json.loads(path.read_text())
        data["result"]["evaluations"][-1] |= {"test_accuracy": 0.2 + 1e-4 * data["config"]["seed"], "train_loss": 3.0}
        path.with_suffix(".json").write_text(json.dumps(data))
    (found,) = evidence.evidence(claim, tmp_path)
    assert found.status == "refuted"


@pytest.mark.parametrize(("diverged", "status"), [((), "proved"), ((3, 4, 5), "undecided"), ((5,), "undecided")])
def test_runs_that_diverged_count_and_are_said(diverged, status, tmp_path: Path) -> None:
    table_1(tmp_path, seeds=6, diverged=diverged, **FULL)
    assert len(list(tmp_path.glob("*.json"))) == 72
    (found,) = evidence.evidence("table1", tmp_path)
    assert found.status == status
    # Every contrast but none has a cell with momentum 0.9: those of a radius one of them, the gains two.
    counts = [found.why.count(f"{k * len(diverged)} of the runs diverged") for k in (1, 2)]
    assert (counts[0] >= 4 and counts[1] >= 3) == bool(diverged)
    assert "over 6 seeds" in found.why


def test_divergence_alone_does_not_refute_either(tmp_path: Path) -> None:
    table_1(tmp_path, diverged=(0, 1, 2), **FULL)  # the learning rate is our choice, not the paper's
    (found,) = evidence.evidence("table1", tmp_path)
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
    assert "1 of 2 runs diverged" in paper.describe(group)


def test_the_committed_toy_record_supports_figure_7_at_the_stated_setting() -> None:
    for claim in ("fig7b", "fig7c"):
        (found,) = evidence.evidence(claim, RECORDS)
        assert (found.kind, found.status) == ("training", "proved")


def toy(folder: Path, **changed: float) -> None:
    """A toy record with Figure 7's shape, but for what is changed: (rule, rho) -> mean loss."""
    runs = []
    for rule, radii in (("sgd", (0.0,)), ("sam", (0.1, 0.5)), ("sam_normalised", (0.1, 0.5))):
        for rho in radii:
            summary = run(Settings(rule, 0.003, rho, steps=5, seeds=5)).summary()
            mean = changed.get(f"{rule}_{rho}", 2.26 if rule == "sgd" else 2.49 + 0.01 * rho)
            on_line, at_minimum = (0.0, 1.0) if rule == "sgd" else (1.0, 0.0)
            fractions = {"saddle line": [on_line] * 3, "minimum": [changed.get("minimum", at_minimum)] * 3}
            runs.append({**summary, "fractions": {**summary["fractions"], **fractions}, "mean_loss": [mean] * 3})
    result = {"runs": runs, "ends": {}}
    record.write(record.make("toy-neuron", {"figure": {"eta": 0.003}}, result), folder / "toy.json")


def test_false_twins_of_figure_7_are_refuted(tmp_path: Path) -> None:
    toy(tmp_path)
    assert {evidence.evidence(c, tmp_path)[0].status for c in ("fig7b", "fig7c")} == {"proved"}
    toy(tmp_path, minimum=0.0)  # SGD does not find the minima
    assert evidence.evidence("fig7b", tmp_path)[0].status == "refuted"
    toy(tmp_path, **{"sam_0.5": 2.4})  # the mean loss falls again
    assert evidence.evidence("fig7c", tmp_path)[0].status == "refuted"


@pytest.mark.parametrize("claim", ["fig7b", "fig9"])
def test_a_stale_record_says_so_and_speaks_no_more(claim, tmp_path: Path) -> None:
    toy(tmp_path)
    figure_9(tmp_path, 0.2, **FULL)
    for path in tmp_path.glob("*.json"):
        data = json.loads(path.read_text())
        name, numbers = next(iter(data["replay"].items()))
        path.write_text(json.dumps({**data, "replay": {**data["replay"], name: [numbers[0] + 1e-6, *numbers[1:]]}}))
    (found,) = evidence.evidence(claim, tmp_path)
    assert found.status == "undecided"
    assert "the first is stale: the code behind it computes something else now" in found.why


BROKEN = {
    "training": [{"config": {}}, {"result": {}}, {"result": {"source": 3}}, {"config": {"batch_norm": "no"}}],
    "toy-neuron": [{"config": {}}, {"result": {"runs": []}}, {"result": {"runs": [{"rule": "sgd"}]}}, {"result": {}}],
}


@pytest.mark.parametrize(("kind", "change"), [(k, c) for k, cs in BROKEN.items() for c in cs], ids=str)
def test_a_record_that_lacks_something_is_passed_over_with_a_note(kind, change, tmp_path: Path) -> None:
    toy(tmp_path)
    figure_9(tmp_path, 0.2, **FULL)
    claim = "fig7b" if kind == "toy-neuron" else "fig9"
    (before,) = evidence.evidence(claim, tmp_path)
    sound = next(p for p in sorted(tmp_path.glob("*.json")) if json.loads(p.read_text())["kind"] == kind)
    (tmp_path / "broken.json").write_text(json.dumps({**json.loads(sound.read_text()), **change}))
    (found,) = evidence.evidence(claim, tmp_path)
    assert found.status == before.status == "proved"
    assert found.why.startswith(before.why)
    assert "1 record passed over; the first " in found.why


def test_records_of_another_claim_are_no_concern_of_this_one(tmp_path: Path) -> None:
    figure_9(tmp_path, 0.2)
    table_1(tmp_path, epochs=10)
    for path in tmp_path.glob("*.json"):  # those of the table are stale
        if (data := json.loads(path.read_text()))["config"]["batch_norm"]:
            path.write_text(json.dumps({**data, "replay": {}}))
    assert "passed over" not in evidence.evidence("fig9", tmp_path)[0].why
    (table,) = evidence.evidence("table1", tmp_path)
    assert table.why.startswith("36 records passed over")


# An installation that has no torch: it is not found, and who imports it all the same fails.
WITHOUT_TORCH = """
import sys
from importlib import util
class Absent:
    def find_spec(self, name, *_):
        if name.partition(".")[0] == "torch":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
real = util.find_spec
util.find_spec = lambda name: None if name == "torch" else real(name)
"""


def test_evidence_needs_no_torch_and_says_what_was_not_checked() -> None:
    code = WITHOUT_TORCH + (
        "from pathlib import Path; from nets.evidence import CLAIMS, evidence\n"
        f"for c, e in ((c, e) for c in CLAIMS for e in evidence(c, Path({str(RECORDS)!r}))):\n"
        "    print(c, e.status, 'needs torch' in e.why)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    said = done.stdout.splitlines()
    # The toy neuron's record is replayed without torch: what the records settle today does not wait for it.
    assert said[:2] == ["fig7b proved False", "fig7c proved False"]
    assert set(said[2:]) == {f"{claim} undecided True" for claim in ("fig8", "fig9", "table1")}


def test_with_torch_everything_is_replayed() -> None:
    assert replay.possible("training")
    assert "needs torch" not in "".join(e.why for c in evidence.CLAIMS for e in evidence.evidence(c, RECORDS))


def test_an_unknown_claim_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rest on training"):
        evidence.evidence("thm1", tmp_path)
    assert evidence.evidence("fig8", tmp_path) == ()


def test_the_committed_records_speak_for_this_code() -> None:
    # A change of what the code computes is allowed; then the record has to be made again, or taken out.
    found = [*record.read_all(RECORDS, "toy-neuron"), *record.read_all(RECORDS, "training")]
    assert len(found) == len(list(RECORDS.rglob("*.json")))
    assert [r.why_stale() for r in found] == [None] * len(found)
    runs = [trained(r) for r in found if r.kind == "training"]
    assert {(r.scale, r.record.scale) for r in runs} == {("reduced", "reduced")}
    assert all("JPEG copies" in r.source for r in runs)
