"""Records: atomic, complete, honest about their age."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import pytest
import sympy as sp

from saddlecheck._files import write_whole
from saddlecheck.nets import record
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.steps import Accept
from saddlecheck.theory.symbols import real

TOY = {"runs": [{"rule": "sam", "eta": 0.01, "rho": 0.1, "batch": 1, "gamma": 0.0}]}


def test_a_record_reads_back_and_names_its_origin(tmp_path: Path) -> None:
    made = record.make("toy-neuron", {"eta": 0.1}, {**TOY, "loss": [1.0, math.inf, math.nan]}, seconds=1.234)
    record.write(made, tmp_path / "a" / "r.json")
    back = record.read(tmp_path / "a" / "r.json")
    assert back.result["loss"] == [1.0, None, None]  # JSON has no infinity
    assert (back.config, back.code, back.seconds) == (made.config, record.source_digest(), 1.23)
    assert back.replay == made.replay
    assert {"python", "numpy"} <= back.versions.keys()
    assert back.why_stale() is None


def reworded(claim: Claim) -> Claim:
    """The same assertion: other words, other hints, another derivation, its conditions in another order."""
    return dataclasses.replace(
        claim, title="T", says="Otherwise.", finding="F", reading="R", given=claim.given[::-1],
        hints=({real("rho"): 1},), steps=(Accept("from a book", claim.statement, "a book"),), twins=(),
    )  # fmt: skip


def test_a_record_is_bound_to_what_the_claim_asserts_alone(monkeypatch) -> None:
    from saddlecheck import theory

    claim = next(c for c in theory.CLAIMS.values() if c.steps and len(c.given) > 1 and c.amends is None)
    made = record.make("toy-neuron", {}, {}, claims=[claim.id])
    assert made.claims == {claim.id: claim.assertion}

    def ledger(*changed: Claim) -> None:
        monkeypatch.setattr(theory, "CLAIMS", {c.id: c for c in changed})

    other = reworded(claim)
    assert other.fingerprint != claim.fingerprint  # the ledger's cache settles it anew
    ledger(other)
    assert made.why_stale() is None
    for change in ({"statement": sp.Not(claim.statement), "steps": ()}, {"given": claim.given[1:], "steps": ()}):
        ledger(dataclasses.replace(claim, **change))
        assert f"the statement of {claim.id} has changed" in str(made.why_stale())
    ledger()
    assert "is gone" in str(made.why_stale())


def test_a_claim_that_was_not_in_the_ledger_binds_nothing() -> None:
    unknown = record.make("toy-neuron", {}, {}, claims=["no-such-claim"])
    assert unknown.claims == {"no-such-claim": ""}
    assert unknown.why_stale() is None


def test_records_of_the_first_format_are_read_and_are_stale_by_name(tmp_path: Path) -> None:
    old = {"format": 1, "kind": "training", "config": {}, "result": {}, "code": "0" * 64, "claims": {"fig8": "f" * 64}}
    (tmp_path / "old.json").write_text(json.dumps(old))
    assert "format 1, which holds no replay" in str(record.read(tmp_path / "old.json").why_stale())


def test_a_record_whose_rule_cannot_be_replayed_is_stale(tmp_path: Path) -> None:
    for kind, result in (("training", {}), ("toy-neuron", {"runs": [{"rule": "sgd"}]})):
        (tmp_path / "r.json").write_text(json.dumps({**GOOD, "kind": kind, "config": {"x": 1}, "result": result}))
        assert "cannot be replayed" in str(record.read(tmp_path / "r.json").why_stale())


def test_an_interrupted_write_leaves_the_old_record(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "r.json"
    write_whole(path, b"old")

    def power_cut(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", power_cut)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]


GOOD = {"format": 2, "kind": "training", "config": {}, "result": {}}
BAD = {
    "not JSON": "{",
    "not a record of format": json.dumps({**GOOD, "format": 99}),
    "found 'list'": "[]",
    "unknown kind": json.dumps({**GOOD, "kind": "recipe"}),
    "is not a record": json.dumps({**GOOD, "surprise": 1}),
    "its config is of type list": json.dumps({**GOOD, "config": []}),
    "its scale is of type NoneType": json.dumps({**GOOD, "scale": None}),
    "it is not JSON": "",
    r"it is not JSON \(Exceeds the limit": "1" * 5000,  # json raises a plain ValueError, which names no file
}


@pytest.mark.parametrize("message", BAD)
def test_other_files_are_refused_in_one_line(message, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(BAD[message])
    with pytest.raises(ValueError, match=message) as caught:
        record.read(tmp_path / "r.json")
    assert "\n" not in str(caught.value)
    assert "r.json" in str(caught.value)
    assert record.read_all(tmp_path, "training") == []


def test_a_folder_in_a_records_place_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "r.json").mkdir()
    with pytest.raises(ValueError, match=r"r.json is not a record: it is a folder"):
        record.read(tmp_path / "r.json")


def test_a_record_of_an_unknown_kind_is_not_made() -> None:
    with pytest.raises(ValueError, match="kind is one of"):
        record.make("recipe", {}, {})
