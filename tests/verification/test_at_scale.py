"""What records say at their own scale stands beside an open claim, follows from them, and turns where they turn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made_records import OFFICIAL, fake, figure_9

from saddlecheck.nets import record, replay, training_evidence
from saddlecheck.nets.at_scale import of_contrasts
from saddlecheck.nets.branches import BRANCHES
from saddlecheck.nets.contrast import Contrast, interval
from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.evidence import AT_SCALE, RAN, Evidence
from saddlecheck.verification.figures import training_runs
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.site.evidence_sections import _run

RECORDS = Path(training_runs.RECORDS)


@pytest.fixture(autouse=True)
def _no_walks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether records are fresh is not in question here."""
    monkeypatch.setattr(replay, "walk", lambda *_: {})
    monkeypatch.setattr(replay, "difference", lambda *_: None)


def one(claim: str, folder: Path) -> Evidence:
    (found,) = training_evidence.evidence(claim, folder)
    assert found.status == "undecided"  # of the claim, whose scale is the paper's
    return found


def word(claim: str, folder: Path) -> str:
    return str(one(claim, folder).settings[AT_SCALE])


def equal_rates(folder: Path, *, seeds: int = 3, sam: float = 1.02, sgd: float = 0.98) -> None:
    """Momentum at a tenth of the rate ends at `sam` and `sgd` times the loss without."""
    for seed in range(seeds):
        for optimiser, rho, factor in (("sam", 0.1, sam), ("sgd", 0.0, sgd)):
            for momentum, lr, loss in ((0.0, 0.1, 1.0), (0.9, 0.01, factor)):
                rule = {"optimiser": optimiser, "rho": rho, "momentum": momentum, "lr": lr, "epochs": 36}
                fake(folder, 0.5, loss=loss + 0.001 * seed * (1 + momentum), seed=seed, **rule)


def test_signs_and_missing_runs_make_the_word() -> None:
    above, below, around = interval([1.0, 1.1, 1.2]), interval([-1.0, -1.1, -1.2]), interval([-1.0, 0.0, 1.0])
    assert of_contrasts({"a": above, "b": above}).word == "holds"
    assert of_contrasts({"a": above, "b": around}).word == "undecided"
    assert of_contrasts({"a": above, "b": None}).missing == ("b",)
    assert of_contrasts({"a": above, "b": None}).word == of_contrasts({}).word == "open"
    assert of_contrasts({"a": below, "b": None}).word == "fails"  # whatever b would say
    two = Contrast(1.0, 0.5, 1.5, seeds=2)
    assert of_contrasts({"a": above, "b": two}).missing == ("b (2 of 3 seeds)",)
    assert of_contrasts({"a": two.times(-1)}).word == "open"  # two seeds refute nothing either


def test_equal_rates_hold_within_the_margin_and_fail_beyond_it(tmp_path: Path) -> None:
    equal_rates(tmp_path / "near")
    assert word("equal-rate", tmp_path / "near") == "holds"
    equal_rates(tmp_path / "far", sgd=1.2)  # the false twin: momentum changes the loss by a fifth
    assert word("equal-rate", tmp_path / "far") == "fails"
    equal_rates(tmp_path / "few", seeds=2)
    found = one("equal-rate", tmp_path / "few")
    assert found.settings[AT_SCALE] == "open"
    assert "(2 of 3 seeds)" in found.settings[RAN]
    for path in (tmp_path / "near").glob("*sgd-m0.9*"):
        path.unlink()
    found = one("equal-rate", tmp_path / "near")
    assert found.settings[AT_SCALE] == "open"
    assert "missing: sgd, momentum 0.9 at a tenth of the learning rate" in found.settings[RAN]


def test_figure_9_turns_with_its_records(tmp_path: Path) -> None:
    for gain, expected in ((0.20, "holds"), (0.01, "fails")):
        figure_9(tmp_path / expected, gain, epochs=36)
        assert word("fig9", tmp_path / expected) == expected
    figure_9(tmp_path / "two", 0.20, seeds=2, epochs=36)
    assert word("fig9", tmp_path / "two") == "open"


def test_two_seeds_settle_nothing_at_the_papers_scale_either(tmp_path: Path) -> None:
    for gain in (0.20, 0.01):
        figure_9(tmp_path / str(gain), gain, seeds=2, sha256=OFFICIAL)
        found = one("fig9", tmp_path / str(gain))
        assert AT_SCALE not in found.settings  # its scale is the paper's
        assert "(too few seeds)" in found.why


def test_the_reason_names_scale_data_device_and_seeds(tmp_path: Path) -> None:
    equal_rates(tmp_path)
    judgement = judge(CLAIMS["equal-rate"], training_evidence.evidence("equal-rate", tmp_path))
    assert judgement.verdict is Verdict.OPEN
    assert judgement.reason == (
        "at the scale of the runs, not the paper's: holds (resnet18 of width 64, 36 epochs, made up "
        "(abababababababab), cpu, seeds 0, 1, 2); to settle it: saddlecheck sweep fig9"
    )
    shown = _run(one("equal-rate", tmp_path), judgement.reason)
    assert shown["word"] == "holds at this scale"
    assert not {AT_SCALE, RAN} & {name for name, _ in shown["settings"]}


# ---- the branch test: (loss of SAM, of 3 lr, of a move by 5 rho) -> the word for the claim

TRAP, SLOW, NEITHER, BOTH = (2.0, 2.0, 1.0), (2.0, 1.5, 2.0), (2.0, 2.0, 2.0), (2.0, 1.5, 1.0)


def branch_test(folder: Path, name: str, losses: tuple[float, float, float], seeds: int = 3, rho: float = 0.1) -> None:
    sam, faster, moved = losses
    found = [
        {
            "data": "made up", "middle": {"verdict": "slow", "numbers": {"distance": None}},
            "branches": dict.fromkeys(BRANCHES, sam)
            | {"SAM, 3 lr": faster + 0.01 * k, "SAM, moved by 5 rho": moved + 0.02 * k * (-1) ** k},
        }
        for k in range(seeds)
    ]  # fmt: skip
    system = {"name": name, "rho": rho, "middle": 50, "after": 17}
    made = record.make(
        "mechanism", {"system": system, "control": name in ("zero", "neuron")}, {"seeds": found}, scale="reduced"
    )
    record.write(made, folder / f"{name}.json")


def controls(folder: Path, losses: tuple[float, float, float] = TRAP, seeds: int = 3) -> None:
    branch_test(folder, "zero", TRAP)
    branch_test(folder, "neuron", losses, seeds)


@pytest.mark.parametrize(
    ("losses", "expected"), [(TRAP, "holds"), (SLOW, "fails"), (NEITHER, "fails"), (BOTH, "fails")], ids=str
)
def test_the_trap_is_seen_or_ruled_out(losses, expected, tmp_path: Path) -> None:
    controls(tmp_path)
    branch_test(tmp_path, "cnn", losses)
    assert word("fig8-trapped", tmp_path) == expected


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        (lambda f: controls(f, SLOW), "the control neuron, which the test does not tell apart"),
        (lambda f: controls(f, seeds=2), "seeds of the control neuron"),
        (lambda f: (f / "zero.json").unlink(), "the control zero"),
        (lambda f: branch_test(f, "cnn", TRAP, seeds=1), "1 of 3 seeds of cnn"),
        (lambda f: branch_test(f, "cnn", TRAP, rho=0.5), "runs of SAM at rho = 0.1"),
    ],
    ids=["control not seen", "control's seeds", "no control", "seeds", "another radius"],
)
def test_without_its_controls_or_seeds_the_branch_test_decides_nothing(
    change: Callable[[Path], Any], missing: str, tmp_path: Path
) -> None:
    controls(tmp_path)
    branch_test(tmp_path, "cnn", TRAP)
    change(tmp_path)
    found = one("fig8-trapped", tmp_path)
    assert found.settings[AT_SCALE] == "open"
    assert missing in found.settings[RAN]


def test_a_gain_below_the_margin_is_no_trap_even_where_it_is_sure(tmp_path: Path) -> None:
    controls(tmp_path)
    branch_test(tmp_path, "cnn", (2.0, 2.0, 1.9))  # by a twentieth, in all seeds; the margin is a tenth
    assert word("fig8-trapped", tmp_path) == "undecided"


def test_the_committed_records_have_a_word_for_each_claim_and_turn_with_their_numbers(tmp_path: Path) -> None:
    for claim in ("fig8", "fig9", "table1", "equal-rate", "fig8-trapped"):
        for found in training_evidence.evidence(claim, RECORDS):
            assert found.settings[AT_SCALE] in ("holds", "fails", "undecided", "open")
            assert ("missing: " in found.settings[RAN]) == (found.settings[AT_SCALE] == "open")
            assert "CIFAR-10" in found.settings[RAN]
    shutil.copytree(RECORDS / "mechanism", tmp_path / "mechanism")
    before, path = word("fig8-trapped", tmp_path), tmp_path / "mechanism" / "cnn.json"
    data = json.loads(path.read_text())
    for seed in data["result"]["seeds"]:  # the false twin: leaving the neighbourhood halves the loss
        seed["branches"]["SAM, moved by 5 rho"] = 0.5 * seed["branches"]["SAM"]
    path.write_text(json.dumps(data))
    assert (before, word("fig8-trapped", tmp_path)) == ("fails", "holds")
