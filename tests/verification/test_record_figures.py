"""From runs to pictures and evidence: the table, Figures 7 to 9, and what the records may say about a claim."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from cifar_archives import cifar10

from nets import evidence, record
from nets.config import TrainConfig
from nets.contrast import cell, difference, difference_of_differences, interval
from nets.neuron import Settings, run
from nets.train import train
from verification.figures import fig7, fig8, fig9, paper, table1

PNG = b"\x89PNG"
RECORDS = Path(paper.RECORDS)


@pytest.fixture
def own_records(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(paper, "RECORDS", tmp_path / "records")
    return tmp_path / "records"


def fake(folder: Path, accuracy: float, *, scale: str = "reduced", loss: float = 1.0, **fields: object) -> None:
    """A record with a chosen end, of the kind that train writes."""
    config = dataclasses.replace(TrainConfig(), **fields)
    ends = {"epoch": 300, "train_loss": loss, "train_accuracy": 1.0, "test_loss": 1.0, "test_accuracy": accuracy}
    result = {
        "source": "made up",
        "diverged": False,
        "batch_loss": [2.0, loss],
        "evaluations": [ends],
        "diagnostics": [],
    }
    made = record.make("training", dataclasses.asdict(config), result, scale=scale)
    record.write(made, folder / f"{config.name}.json")


@pytest.mark.slow
def test_the_whole_way_from_an_archive_to_table_and_figures(own_records, tmp_path: Path) -> None:
    archive = cifar10(tmp_path / "small.tar.gz")
    tiny = TrainConfig(width=2, batch_size=64, epochs=2, evaluate_every=1, pool=2, lr=0.1)
    for config in (
        dataclasses.replace(tiny, batch_norm=True, augment=True, momentum=0.0, rho=0.5),
        dataclasses.replace(tiny, batch_norm=True, augment=True, momentum=0.9, rho=0.5),
        dataclasses.replace(tiny, rho=0.1),
        dataclasses.replace(tiny, optimiser="sgd", rho=0.0),
    ):
        train(config, data=archive, out=own_records)
    drawn = [*table1.draw(tmp_path / "f"), *fig8.draw(tmp_path / "f")]
    assert {p.name for p in drawn} >= {"table1.png", "table1.md", "table1.json", "fig8.png", "fig8.pdf", "fig8.json"}
    assert all(p.stat().st_size > 0 for p in drawn)
    assert (tmp_path / "f" / "fig8.png").read_bytes().startswith(PNG)
    assert "0.5, ours" in (tmp_path / "f" / "table1.md").read_text()


def test_the_committed_records_draw(tmp_path: Path) -> None:
    for module in (fig7, fig8, fig9, table1):
        files = module.draw(tmp_path)
        assert files[0].read_bytes().startswith(PNG)
        json.loads(next(p for p in files if p.suffix == ".json").read_text())


def test_figure_9_shows_the_declared_contrast(own_records, tmp_path: Path) -> None:
    for seed in range(3):
        for optimiser, rho, momentum, accuracy in (
            ("sgd", 0.0, 0.0, 0.60), ("sgd", 0.0, 0.9, 0.65), ("sam", 0.1, 0.0, 0.55), ("sam", 0.1, 0.9, 0.75)
        ):  # fmt: skip
            fake(own_records, accuracy + 0.001 * seed, optimiser=optimiser, rho=rho, momentum=momentum, seed=seed)
    fig9.draw(tmp_path)
    shown = json.loads((tmp_path / "fig9.json").read_text())["contrasts"]
    assert shown["gain of SAM less gain of SGD"].startswith("+0.15 [+0.15")


def test_without_records_a_figure_says_what_to_run(own_records, tmp_path: Path) -> None:
    for module in (fig7, fig8, fig9, table1):
        with pytest.raises(ValueError, match=r"run (its|the) sweep first"):
            module.draw(tmp_path)


def test_contrasts_are_students_intervals_over_paired_seeds() -> None:
    # Differences 1, 2, 3: mean 2, deviation 1; t(0.975, 2) = 4.302653, half-width 4.302653 / sqrt 3 = 2.484138.
    found = difference({0: 1.0, 1: 2.0, 2: 3.0, 9: 100.0}, {0: 0.0, 1: 0.0, 2: 0.0, 8: 5.0})
    assert (found.mean, found.low, found.high) == pytest.approx((2, 2 - 2.484138, 2 + 2.484138), abs=1e-6)
    assert found.seeds == 3
    assert found.sign == 0
    assert interval([1.0, 1.0, 1.0]).sign == 1
    assert interval([5.0]).low == -math.inf
    ones = dict.fromkeys(range(3), 1.0)
    assert difference_of_differences(ones, ones, ones, ones).mean == 0.0
    with pytest.raises(ValueError, match="no seed is common"):
        difference({0: 1.0}, {1: 1.0})


def full_fig9(folder: Path, sam_gain: float, scale: str) -> None:
    for seed in range(3):
        for optimiser, rho, momentum, accuracy in (
            ("sgd", 0.0, 0.0, 0.6), ("sgd", 0.0, 0.9, 0.65), ("sam", 0.1, 0.0, 0.55), ("sam", 0.1, 0.9, 0.55 + sam_gain)
        ):  # fmt: skip
            wobble = 0.001 * seed * (1 if momentum else -1)
            fake(folder, accuracy + wobble, scale=scale, optimiser=optimiser, rho=rho, momentum=momentum, seed=seed)


@pytest.mark.parametrize(
    ("sam_gain", "scale", "status"),
    [
        (0.20, "full", "proved"),
        (0.01, "full", "refuted"),  # the false twin: momentum helps SGD more
        (0.20, "reduced", "undecided"),  # however clear, a reduced run settles nothing
        (0.01, "reduced", "undecided"),
    ],
)
def test_only_the_papers_own_scale_settles_a_cifar_claim(sam_gain, scale, status, tmp_path: Path) -> None:
    full_fig9(tmp_path, sam_gain, scale)
    (found,) = evidence.evidence("fig9", tmp_path)
    assert found.status == status
    assert ("direction only" in found.why) == (scale == "reduced")
    assert ("as claimed" in found.why) == (sam_gain > 0.05)


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


def test_a_stale_record_says_so_and_speaks_no_more(tmp_path: Path) -> None:
    toy(tmp_path)
    data = json.loads((tmp_path / "toy.json").read_text())
    (tmp_path / "toy.json").write_text(json.dumps({**data, "code": "0" * 64}))
    (found,) = evidence.evidence("fig7b", tmp_path)
    assert found.status == "undecided"
    assert "stale" in found.why
    assert "code behind it has changed" in found.why


def test_evidence_and_records_need_no_torch() -> None:
    code = (
        "import sys; from pathlib import Path; from nets.evidence import CLAIMS, evidence; "
        f"[evidence(c, Path({str(RECORDS)!r})) for c in CLAIMS]; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_an_unknown_claim_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rest on training"):
        evidence.evidence("thm1", tmp_path)
    assert evidence.evidence("fig8", tmp_path) == ()


def test_cells_leave_diverged_runs_out(tmp_path: Path) -> None:
    fake(tmp_path, 0.5, seed=0)
    fake(tmp_path, 0.6, seed=1)
    path = next(p for p in tmp_path.glob("*-s1-*.json"))
    data = json.loads(path.read_text())
    data["result"]["diverged"] = True
    path.write_text(json.dumps(data))
    assert cell(record.read_all(tmp_path, "training"), "test_accuracy", rho=0.1) == {0: 0.5}


def test_the_committed_records_speak_for_this_code() -> None:
    # A change of the code behind a record is allowed; then the record has to be made again, or taken out.
    found = [*record.read_all(RECORDS, "toy-neuron"), *record.read_all(RECORDS, "training")]
    assert found
    assert [r.why_stale() for r in found] == [None] * len(found)
    assert all("JPEG copies" in r.result["source"] for r in found if r.kind == "training" and r.scale == "reduced")
