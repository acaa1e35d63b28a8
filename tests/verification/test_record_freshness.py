"""Which records speak at all: fresh ones, whole ones, and what is said where torch is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from made_records import OFFICIAL, figure_9, table_1

from saddlecheck.nets import record, replay, training_evidence
from saddlecheck.nets.groups import trained
from saddlecheck.nets.neuron import NeuronSettings, run
from saddlecheck.verification.figures import training_runs

RECORDS = Path(training_runs.RECORDS)
ROOT = Path(__file__).parents[2]
FULL = {"sha256": OFFICIAL}


def test_the_committed_toy_record_supports_figure_7_at_the_stated_setting() -> None:
    for claim in ("fig7b", "fig7c"):
        (found,) = training_evidence.evidence(claim, RECORDS)
        assert (found.kind, found.status) == ("training", "proved")


def toy(folder: Path, **changed: float) -> None:
    """A toy record with Figure 7's shape, but for what is changed: (rule, rho) -> mean loss."""
    runs = []
    for rule, radii in (("sgd", (0.0,)), ("sam", (0.1, 0.5)), ("sam_normalised", (0.1, 0.5))):
        for rho in radii:
            summary = run(NeuronSettings(rule, 0.003, rho, steps=5, seeds=5)).summary()
            mean = changed.get(f"{rule}_{rho}", 2.26 if rule == "sgd" else 2.49 + 0.01 * rho)
            on_line, at_minimum = (0.0, 1.0) if rule == "sgd" else (1.0, 0.0)
            fractions = {"saddle line": [on_line] * 3, "minimum": [changed.get("minimum", at_minimum)] * 3}
            runs.append({**summary, "fractions": {**summary["fractions"], **fractions}, "mean_loss": [mean] * 3})
    result = {"runs": runs, "ends": {}}
    record.write(record.make("toy-neuron", {"figure": {"eta": 0.003}}, result), folder / "toy.json")


def test_false_twins_of_figure_7_are_refuted(tmp_path: Path) -> None:
    toy(tmp_path)
    assert {training_evidence.evidence(c, tmp_path)[0].status for c in ("fig7b", "fig7c")} == {"proved"}
    toy(tmp_path, minimum=0.0)  # SGD does not find the minima
    assert training_evidence.evidence("fig7b", tmp_path)[0].status == "refuted"
    toy(tmp_path, **{"sam_0.5": 2.4})  # the mean loss falls again
    assert training_evidence.evidence("fig7c", tmp_path)[0].status == "refuted"


@pytest.mark.parametrize("claim", ["fig7b", "fig9"])
def test_a_stale_record_says_so_and_speaks_no_more(claim, tmp_path: Path) -> None:
    toy(tmp_path)
    figure_9(tmp_path, 0.2, **FULL)
    for path in tmp_path.glob("*.json"):
        data = json.loads(path.read_text())
        name, numbers = next(iter(data["replay"].items()))
        path.write_text(json.dumps({**data, "replay": {**data["replay"], name: [numbers[0] + 1e-6, *numbers[1:]]}}))
    (found,) = training_evidence.evidence(claim, tmp_path)
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
    (before,) = training_evidence.evidence(claim, tmp_path)
    sound = next(p for p in sorted(tmp_path.glob("*.json")) if json.loads(p.read_text())["kind"] == kind)
    (tmp_path / "broken.json").write_text(json.dumps({**json.loads(sound.read_text()), **change}))
    (found,) = training_evidence.evidence(claim, tmp_path)
    assert found.status == before.status == "proved"
    assert found.why.startswith(before.why)
    assert "1 record passed over; the first " in found.why


def test_records_of_another_claim_are_no_concern_of_this_one(tmp_path: Path) -> None:
    figure_9(tmp_path, 0.2)
    table_1(tmp_path, epochs=10)
    for path in tmp_path.glob("*.json"):  # those of the table are stale
        if (data := json.loads(path.read_text()))["config"]["batch_norm"]:
            path.write_text(json.dumps({**data, "replay": {}}))
    assert "passed over" not in training_evidence.evidence("fig9", tmp_path)[0].why
    (table,) = training_evidence.evidence("table1", tmp_path)
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
        "from pathlib import Path; from saddlecheck.nets.training_evidence import CLAIMS, evidence\n"
        f"for c, e in ((c, e) for c in CLAIMS for e in evidence(c, Path({str(RECORDS)!r}))):\n"
        "    print(c, e.status, 'needs torch' in e.why)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, capture_output=True, text=True)
    said = done.stdout.splitlines()
    # The toy neuron's record is replayed without torch: what the records settle today does not wait for it.
    assert said[:2] == ["fig7b proved False", "fig7c proved False"]
    assert set(said[2:]) == {
        f"{claim} undecided True" for claim in ("fig8", "fig9", "table1", "equal-rate", "fig8-trapped")
    }


def test_with_torch_everything_is_replayed() -> None:
    assert replay.possible("training")
    assert "needs torch" not in "".join(
        e.why for c in training_evidence.CLAIMS for e in training_evidence.evidence(c, RECORDS)
    )


def test_an_unknown_claim_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rest on training"):
        training_evidence.evidence("thm1", tmp_path)
    assert training_evidence.evidence("fig8", tmp_path) == ()


def test_the_committed_records_speak_for_this_code() -> None:
    # A change of what the code computes is allowed; then the record has to be made again, or taken out.
    found = [r for kind in ("toy-neuron", "training", "mechanism") for r in record.read_all(RECORDS, kind)]
    assert len(found) == len(list(RECORDS.rglob("*.json")))
    assert [r.why_stale() for r in found] == [None] * len(found)
    runs = [trained(r) for r in found if r.kind == "training"]
    assert {(r.scale, r.record.scale) for r in runs} == {("reduced", "reduced")}
    assert all("JPEG copies" in r.source for r in runs)
