"""Records: atomic, complete, honest about their age."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from nets import record


def test_a_record_reads_back_and_names_its_origin(tmp_path: Path) -> None:
    made = record.make("toy-neuron", {"eta": 0.1}, {"loss": [1.0, math.inf, math.nan]}, seconds=1.234)
    record.write(made, tmp_path / "a" / "r.json")
    back = record.read(tmp_path / "a" / "r.json")
    assert back.result == {"loss": [1.0, None, None]}  # JSON has no infinity
    assert (back.config, back.code, back.seconds) == (made.config, record.code_hash("toy-neuron"), 1.23)
    assert {"python", "numpy"} <= back.versions.keys()
    assert back.why_stale() is None


def test_comments_do_not_make_a_record_stale_and_code_does(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(record, "__file__", str(tmp_path / "record.py"))
    monkeypatch.setitem(record.SOURCES, "toy-neuron", ("a.py",))
    (tmp_path / "a.py").write_text("x = 1\n")
    first = record.code_hash("toy-neuron")
    (tmp_path / "a.py").write_text("# why\n\nx = 1\n")
    assert record.code_hash("toy-neuron") == first
    (tmp_path / "a.py").write_text("x = 2\n")
    assert record.code_hash("toy-neuron") != first


def test_a_claim_that_changed_makes_its_records_stale(monkeypatch) -> None:
    made = record.make("toy-neuron", {}, {}, claims=["thm1"])
    assert made.claims["thm1"]
    assert made.why_stale() is None
    changed = record.Record(**{**made.__dict__, "claims": {"thm1": "f" * 64}})
    assert "claim thm1 has changed" in str(changed.why_stale())
    unknown = record.make("toy-neuron", {}, {}, claims=["no-such-claim"])
    assert unknown.claims == {"no-such-claim": ""}
    assert unknown.why_stale() is None


def test_an_interrupted_write_leaves_the_old_record(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "r.json"
    record.write_atomically(path, b"old")

    def power_cut(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", power_cut)
    with pytest.raises(KeyboardInterrupt):
        record.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["r.json"]


GOOD = {"format": 1, "kind": "training", "config": {}, "result": {}}
BAD = {
    "not JSON": "{",
    "not a record of format": json.dumps({**GOOD, "format": 99}),
    "found 'list'": "[]",
    "unknown kind": json.dumps({**GOOD, "kind": "recipe"}),
    "is not a record": json.dumps({**GOOD, "surprise": 1}),
}


@pytest.mark.parametrize("message", BAD)
def test_other_files_are_refused_in_one_line(message, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(BAD[message])
    with pytest.raises(ValueError, match=message) as caught:
        record.read(tmp_path / "r.json")
    assert "\n" not in str(caught.value)
    assert record.read_all(tmp_path, "training") == []


def test_an_unknown_kind_has_no_code() -> None:
    with pytest.raises(ValueError, match="kind is one of"):
        record.code_hash("recipe")
