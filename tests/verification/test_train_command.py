"""`saddlecheck train`, `spectrum` and `explain`: a newcomer's walk, and each way to get it wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from saddlecheck.verification.cli.main import run

pytest.importorskip("torch", reason="training needs the extra `nets`")

TASKS = Path(__file__).parent.parent / "fixtures" / "trained_tasks.py"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(TASKS, tmp_path / "mine.py")
    return tmp_path


def test_a_model_is_trained_measured_and_explained(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "mine.py:task", "--epochs", "30", "--lr", "0.3", "--seed", "1"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("runs/mine-task/: 30 epochs, 30 steps\n")
    record = json.loads((here / "runs/mine-task/record.json").read_text())
    assert record["result"]["about"] == {"task": "mine.py:task"}
    assert run(["spectrum", "mine.py:task", "--weights", "runs/mine-task", "--probes", "4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lowest"][0][0] <= found["highest"][0][0]
    mean, low, high = found["trace"]
    assert low <= mean <= high
    for more in ([], ["--task", "mine.py:task"]):
        assert run(["explain", "runs/mine-task", "--json", *more]) == 0
        again = json.loads(capsys.readouterr().out)
        assert again["verdict"] == record["result"]["explanation"]["verdict"]
        # Lanczos and Newton again, on the same weights in the same order.
        assert again["numbers"] == pytest.approx(record["result"]["explanation"]["numbers"])
    assert run(["train", "mine.py:task", "--epochs", "30", "--lr", "0.3", "--seed", "1"]) == 0
    assert capsys.readouterr().out == said  # finished: read, not repeated


def trained(here: Path, *options: str) -> tuple[dict[str, Any], list[float]]:
    """What the record says of the optimiser, and the loss at each step."""
    assert run(["train", "mine.py:task", "--epochs", "3", "--rho", "0.5", "--out", "r", *options]) == 0
    record = json.loads((here / "r/record.json").read_text())
    shutil.rmtree(here / "r")
    return record["config"]["optimiser"], record["result"]["batch_loss"]


@pytest.mark.parametrize(
    ("options", "ascent", "when"),
    [
        (["--ascent", "GSAM:alpha=0.9"], "GSAM(alpha=0.9)", "None"),
        (["--ascent", "friendlysam:sigma=0.5, beta=0.5"], "FriendlySAM(sigma=0.5, beta=0.5)", "None"),
        (["--ascent", "nstepsam:steps=3"], "NStepSAM(steps=3)", "None"),
        (["--ascent", "randomperturbation:seed=4"], "RandomPerturbation(seed=4)", "None"),
        (["--ascent", "momentumascent", "--momentum", "0.5"], "MomentumAscent()", "None"),
        (["--ascent", "looksam", "--every", "2"], "LookSAM(alpha=0.7)", "Every(steps=2)"),
        (["--every", "2"], "Ascent()", "Every(steps=2)"),
    ],
)
def test_a_variant_is_trained_by_its_name(here: Path, options: list[str], ascent: str, when: str) -> None:
    said, losses = trained(here, *options)
    assert (said["ascent"], said["when"]) == (ascent, when)
    plain, sam = trained(here)
    assert "ascent" not in plain
    assert losses != sam


def test_adaptive_sam_is_trained(here: Path) -> None:
    said, losses = trained(here, "--adaptive")
    assert said["groups"][0]["adaptive"] is True
    assert losses != trained(here)[1]


def test_every_ascent_with_settings_that_are_numbers_has_a_name() -> None:
    import saddlecheck.nets as face
    from saddlecheck.nets import Ascent
    from saddlecheck.nets.named_ascent import ASCENTS

    public = {name: kind for name in face.__all__ if isinstance(kind := getattr(face, name), type)}
    ascents = {name.lower() for name, kind in public.items() if issubclass(kind, Ascent)}
    assert set(ASCENTS) == ascents - {"ascent", "dnsam"}  # SAM's own is the default; DNSAM takes a function


def test_a_record_without_weights_says_what_its_curves_allow(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "mine.py:task", "--epochs", "2", "--rule", "none"]) == 0
    path = here / "runs/mine-task/record.json"
    record = json.loads(path.read_text())
    del record["result"]["explanation"]
    record["result"]["batch_loss"] = [3.0 * 0.9**i for i in range(40)]
    path.write_text(json.dumps(record))
    capsys.readouterr()
    assert run(["explain", str(path)]) == 0
    assert capsys.readouterr().out.startswith("slow: the loss still falls")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "mine.py"], "names no task"),
        (["train", "mine.py:tsk"], "did you mean task?"),
        (["train", "nope.py:task"], "cannot be read"),
        (["train", "mine.py:shapeless"], "a task returns model, data, loss"),
        (["train", "mine.py:exits"], "mine.py:18: it exits (3)"),
        (["train", "mine.py:fails"], "mine.py:22: ZeroDivisionError"),
        (["train", "mine.py:task", "--base", "lion"], "base is one of"),
        (["train", "mine.py:task", "--base", "adam", "--momentum", "0.9"], "momentum is SGD's"),
        (["train", "mine.py:task", "--rho", "-1"], "rho is a finite number"),
        (["train", "mine.py:task", "--micro-batch", "2", "--rule", "none"], "micro_batch is SAM's"),
        (["train", "bad.toml"], "unknown key 'epoch'; did you mean epochs?"),
        (["train", "worse.toml"], "is no TOML"),
        (["train", "type.toml"], "epochs is a whole number"),
        (["train", "mine.py:misshapen"], "RuntimeError: mat1 and mat2 shapes cannot be multiplied"),
        (["train", "mine.py:broken"], "mine.py:37: AttributeError"),
        (["train", "mine.py:task", "--lr", "nan"], "a learning rate is a finite number"),
        (["train", "mine.py:task", "--lr", "0"], "every learning rate is 0"),
        (["train", "mine.py:task", "--momentum", "1.5"], "momentum lies in [0, 1)"),
        (["train", "mine.py:frozen"], "no trainable weights"),
        (["train", "mine.py:measures"], "the metric error is a function"),
        (["train", "mine.py:own", "--lr", "0.1"], "--lr decides nothing here"),
        (["train", "mine.py:task", "--ascent", "gsma"], "did you mean gsam?"),
        (["train", "mine.py:task", "--ascent", "dnsam"], "in Python"),
        (["train", "mine.py:task", "--ascent", "gsam:rho=1"], "GSAM has no setting 'rho'; it has alpha"),
        (["train", "mine.py:task", "--ascent", "egsam:a=1"], "EGSAM has no setting 'a'; it has none"),
        (["train", "mine.py:task", "--ascent", "nstepsam:steps=2.5"], "steps is a whole number"),
        (["train", "mine.py:task", "--ascent", "esam:keep=2"], "a probability above 0"),
        (["train", "mine.py:task", "--ascent", "looksam"], "--every 5"),
        (["train", "mine.py:task", "--ascent", "gsam", "--micro-batch", "2"], "for SAM's own ascent at every step"),
        (["train", "mine.py:task", "--rule", "none", "--every", "2"], "--every decides nothing here"),
        (["train", "mine.py:own", "--adaptive"], "--adaptive decides nothing here"),
        (["train", "mine.py:task", "--device", "cpu"], "--device decides nothing here"),
        (["train", "bad.toml", "--epochs", "3"], "--epochs decides nothing here"),
        (["train", "mine.py:task", "--out", "mine.py"], "is a file: a run needs a folder"),
        (["explain", "nowhere"], "is not there"),
        (["spectrum", "mine.py:task", "--weights", "nowhere"], "is not there"),
        (["spectrum", "mine.py:task", "--weights", "mine.py"], "no safetensors file"),
        (["spectrum", "mine.py:task", "--subsets", "1"], "at least 2 subsets"),
    ],
)
def test_what_is_wrong_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    (here / "bad.toml").write_text("epoch = 3\n")
    (here / "worse.toml").write_text("epochs = \n")
    (here / "type.toml").write_text("epochs = 1.5\n")
    assert run(arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_weights_of_another_model_are_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "mine.py:task", "--epochs", "1"]) == 0
    (here / "other.py").write_text(TASKS.read_text().replace("Linear(2, 1)", "Linear(2, 1, bias=False)"))
    assert run(["spectrum", "other.py:task", "--weights", "runs/mine-task"]) == 2
    assert "holds the unknown bias" in capsys.readouterr().err


def test_a_task_may_print_move_and_import_from_beside_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "elsewhere").mkdir()
    (here / "beside.py").write_text("")
    where = str(here / "mine.py") + ":moves"
    assert run(["train", where, "--epochs", "2", "--out", "runs/m"]) == 0
    assert capsys.readouterr().out.startswith("runs/m/: 2 epochs")  # the model's own words are on stderr
    assert (here / "runs/m/record.json").exists()
    (here / "elsewhere/elsewhere").mkdir()
    assert run(["spectrum", where, "--weights", str(here / "runs/m"), "--subsets", "8", "-k", "3", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["subset_size"], len(found["highest"])) == (2, 3)  # 20 samples are enough for 8 subsets of 2


@pytest.mark.parametrize(
    "change",
    [
        {"explanation": {"verdict": "splendid", "why": ""}},
        {"explanation": 3},
        {"explanation": {"verdict": "fine", "why": "", "numbers": {"loss": "low"}}},
        {"batch_loss": "abc"},
        {"batch_loss": [[1, 2], [3]]},
    ],
)
def test_a_record_of_other_json_is_refused_in_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object]
) -> None:
    from saddlecheck.nets import record

    path = here / "r.json"
    record.write(record.make("fit", {}, change, scale="own"), path)
    for more in ([], ["--task", "mine.py:task"]):
        assert run(["explain", str(path), *more]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert "Traceback" not in said


def _cifar_run(here: Path, name: str = "run.toml", **settings: object) -> None:
    from saddlecheck.nets.replay import _write_images

    if not (here / "images").exists():
        (here / "images").mkdir()
        _write_images(here / "images", "cifar10")
    given = {"width": 2, "batch_size": 8, "epochs": 3, "evaluate_every": 1, "limit": 2, "optimiser": "sam", "rho": 0.05}
    lines = ['model = "small-cnn"', *(f"{key} = {json.dumps(value)}" for key, value in {**given, **settings}.items())]
    (here / name).write_text("\n".join(lines) + "\n")


def test_a_toml_file_trains_a_cifar_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _cifar_run(here)
    assert run(["train", "run.toml", "--data", "images", "--out", "runs"]) == 0
    said = capsys.readouterr().out.splitlines()
    (path,) = (here / "runs").glob("*.json")
    result = json.loads(path.read_text())["result"]
    assert result["epochs_done"] == 3
    assert said[0].endswith(f"{path.name}: 3 epochs")
    assert said[1].startswith("train loss ")
    assert said[2] == f"{result['explanation']['verdict']}: {result['explanation']['why']}"
    assert run(["explain", "runs"]) == 0  # the folder's only record
    assert capsys.readouterr().out.splitlines() == said[2:]


def test_what_looks_at_weights_reads_those_of_a_cifar_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _cifar_run(here)
    assert run(["train", "run.toml", "--data", "images", "--out", "runs"]) == 0
    (path,) = (here / "runs").glob("*.json")
    numbers = json.loads(path.read_text())["result"]["explanation"]["numbers"]
    capsys.readouterr()
    weights = str(path.with_suffix(".safetensors"))
    assert run(["spectrum", "run.toml", "--data", "images", "--weights", weights, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # Both on the first 512 images in single precision, whose sums are rounded in another order for another layout.
    assert found["loss"] == pytest.approx(numbers["loss"], rel=1e-4)
    assert run(["explain", str(path), "--task", "run.toml", "--data", "images", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["numbers"]["loss"] == pytest.approx(numbers["loss"], rel=1e-4)
    _cifar_run(here, "other.toml", lr=0.2)
    for argv, words in (
        (["explain", str(path), "--task", "other.toml", "--data", "images"], "record of another run"),
        (["explain", str(path), "--data", "images"], "--data decides nothing here"),
        (["spectrum", "mine.py:task", "--data", "images"], "--data decides nothing here"),
        (["spectrum", "gone.toml", "--data", "images"], "gone.toml cannot be read"),
        (["spectrum", "other.toml", "--data", "gone"], "gone"),
    ):
        assert run(argv) == 2
        said = capsys.readouterr().err
        assert words in said
        assert said.count("\n") == 1
    assert run(["train", "other.toml", "--data", "images", "--out", "runs"]) == 0
    capsys.readouterr()
    assert run(["explain", "runs"]) == 2
    assert "holds 2 records: name one of them" in capsys.readouterr().err


def test_another_task_than_the_one_that_was_trained_explains_nothing(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "mine.py:task", "--epochs", "3"]) == 0
    text = (here / "mine.py").read_text()
    for old, new, words in (
        ("mse_loss", "l1_loss", "another model or loss"),
        ("linspace(-1, 1, 40)", "linspace(-1, 2, 40)", "other data"),
    ):
        (here / "other.py").write_text(text.replace(old, new))
        capsys.readouterr()
        assert run(["explain", "runs/mine-task", "--task", "other.py:task"]) == 2
        assert words in capsys.readouterr().err
    assert run(["explain", "runs/mine-task", "--task", "mine.py:task"]) == 0
