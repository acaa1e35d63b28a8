"""From runs to pictures: the table and Figures 7 to 9, each group of runs by itself."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path

import pytest
from cifar_archives import cifar10
from made_records import OFFICIAL, fake, figure_8, figure_9, table_1

from saddlecheck.nets import record
from saddlecheck.nets.branch_verdict import judged
from saddlecheck.nets.config import TrainConfig
from saddlecheck.nets.train import train
from saddlecheck.verification.figures import branch_test, fig7, fig8, fig9, table1, training_runs

PNG = b"\x89PNG"


@pytest.fixture
def own_records(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(training_runs, "RECORDS", tmp_path / "records")
    return tmp_path / "records"


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
    for module in (fig7, fig8, fig9, table1, branch_test):
        files = module.draw(tmp_path)
        assert files[0].read_bytes().startswith(PNG)
        json.loads(next(p for p in files if p.suffix == ".json").read_text())


def test_the_branch_test_is_drawn_with_the_words_that_it_is_judged_by(tmp_path: Path) -> None:
    files = {p.suffix: p for p in branch_test.draw(tmp_path)}
    words = json.loads(files[".json"].read_text())["words"]
    records = record.read_all(training_runs.RECORDS, "mechanism")
    assert words == {r.config["system"]["name"]: judged(r.result["seeds"])[0] for r in records}
    assert words["zero"] == "trapped"  # a control that is held at a saddle by its construction
    gains = {(r["system"], r["branch"]): [] for r in written(files[".csv"])}
    for r in written(files[".csv"]):
        gains[r["system"], r["branch"]].append(r["gain"])
    ends = [s["branches"] for r in records if r.config["system"]["name"] == "zero" for s in r.result["seeds"]]
    whole = sum(e["SAM"] for e in ends) / len(ends)
    expected = [(e["SAM"] - e["SAM, 3 lr"]) / whole for e in ends]
    assert [float(g) for g in gains["zero", "SAM, 3 lr"]] == pytest.approx(expected, rel=1e-12)
    assert set(gains["cnn", "SAM, 10 lr"]) == {""}  # its runs diverged: a cross, and no number


def test_the_papers_numbers_have_students_interval(tmp_path: Path) -> None:
    # t(0.975, 2) = 4.302653: 93.77 +- 4.302653 * 0.08 / sqrt(3) = 0.198730.
    assert "93.77 ± 0.08 [93.57, 93.97]" in table1.draw(tmp_path)[-1].read_text()


def test_figure_9_shows_the_declared_contrast(own_records, tmp_path: Path) -> None:
    figure_9(own_records, 0.20)
    fig9.draw(tmp_path)
    (shown,) = json.loads((tmp_path / "fig9.json").read_text())["contrasts"].values()
    # (SAM 0.9 - SAM 0) - (SGD 0.9 - SGD 0) = 0.20 - 0.05, and the wobbles of a seed cancel.
    assert shown["gain of SAM less gain of SGD"].startswith("+0.15 [+0.15")


def written(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


SHOWN = {
    "fig8": (fig8, figure_8, {}, "group"),
    "fig9": (fig9, figure_9, {"sam_gain": 0.20}, "group"),
    "table1": (table1, table_1, {}, "runs"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_no_figure_mixes_groups(name, own_records, tmp_path: Path) -> None:
    module, make, arguments, key = SHOWN[name]
    for fields in ({"epochs": 36}, {"model": "small-cnn", "width": 16, "epochs": 100}):
        make(own_records, **arguments, **fields)
    files = module.draw(tmp_path / "both")
    both = written(tmp_path / "both" / f"{name}.csv")
    assert len({row[key] for row in both}) == 2
    caption = json.loads(next(p for p in files if p.suffix == ".json").read_text())["caption"]
    assert all(f"{text}, " in caption for text in ("resnet18 of width 64", "small-cnn of width 16"))
    # Alone, a group shows the same numbers as beside the other.
    for path in own_records.rglob("small-cnn*.json"):
        path.unlink()
    module.draw(tmp_path / "one")
    assert written(tmp_path / "one" / f"{name}.csv") == [row for row in both if "resnet18" in row[key]]


def test_full_scale_goes_before_reduced(own_records, tmp_path: Path) -> None:
    figure_9(own_records, 0.20, sha256=OFFICIAL)
    figure_9(own_records, 0.01, epochs=36)
    fig9.draw(tmp_path)
    assert "300 epochs" in " ".join(json.loads((tmp_path / "fig9.json").read_text())["contrasts"])


def test_figures_say_which_runs_diverged(own_records, tmp_path: Path) -> None:
    table_1(own_records, diverged=(2,))
    table1.draw(tmp_path)
    caption = json.loads((tmp_path / "table1.json").read_text())["caption"]
    assert "4 of 36 runs diverged, which counts as chance" in caption
    figure_8(own_records)
    for path in own_records.glob("*b128*.json"):
        path.unlink()
    fake(own_records, 0.5, batch_size=128, diverged=True)
    fig8.draw(tmp_path)
    panels = next(iter(json.loads((tmp_path / "fig8.json").read_text())["panels"].values()))
    (loss,) = [p["sam"]["128"] for p in panels if (p["along"], p["measure"]) == ("batch_size", "train_loss")]
    assert loss == {"seeds": {"0": None}, "mean": None}


def test_without_records_a_figure_says_what_to_run(own_records, tmp_path: Path) -> None:
    for module in (fig7, fig8, fig9, table1):
        with pytest.raises(ValueError, match=r"run (its|the) sweep first"):
            module.draw(tmp_path)
    with pytest.raises(ValueError, match="no records of the branch test: make them"):
        branch_test.draw(tmp_path)
