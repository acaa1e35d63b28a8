"""Certificates: written, read back, re-evaluated from the file alone; tampering is noticed by digest and by content."""

import json

import pytest

from saddlecheck.theory.claims import serial
from saddlecheck.verification.ledger import certificate, recheck
from saddlecheck.verification.ledger.book import check


@pytest.fixture
def data(catalogue):
    def of(id):
        text = json.dumps(certificate.certificate(check(id, catalogue=catalogue, numeric=False)))
        loaded = json.loads(text)
        loaded.pop("digest")
        return loaded

    return of


def results(data):
    return {line.what: line.result for line in recheck.recheck(data)}


def test_witness_and_steps_are_re_evaluated(data):
    assert results(data("printed")) == {"witness": "confirmed"}
    assert results(data("hopeless")) == {"witness": "confirmed"}
    assert results(data("strict")) == {"step factor": "confirmed", "step positive": "confirmed"}
    assert results(data("boxed")) == {"step box": "confirmed"}


def test_what_cannot_be_re_evaluated_is_named(data):
    assert results(data("textbook")) == {"step a": "not rechecked"}
    assert results(data("run")) == {"statement": "not rechecked"}
    assert results(data("unproved")) == {"step e": "not rechecked"}


def test_round_trip_through_a_file(catalogue, tmp_path):
    path = certificate.write(check("strict", catalogue=catalogue, numeric=False), tmp_path / "report")
    read = recheck.read(path)
    assert read["verdict"] == "holds"
    assert set(results(read).values()) == {"confirmed"}


def test_a_false_witness_is_contradicted_even_with_a_fresh_digest(data):
    changed = data("printed")
    changed["witness"] = {"mu": "1", "rho": "2"}
    assert results(changed) == {"witness": "contradicted"}


def test_a_false_step_is_contradicted(data):
    changed = data("single")
    changed["steps"][0]["formula"]["tree"] = data("doubled")["statement"]["tree"]
    assert results(changed)["step factor"] == "contradicted"


def test_a_conclusion_that_is_not_the_statement_is_contradicted(data):
    changed = data("strict")
    changed["statement"] = data("weak")["statement"]
    assert results(changed)["conclusion"] == "contradicted"


def test_a_changed_file_is_refused(catalogue, tmp_path):
    path = certificate.write(check("printed", catalogue=catalogue, numeric=False), tmp_path)
    path.write_text(path.read_text().replace('"mu": "1"', '"mu": "3"'))
    with pytest.raises(recheck.BadCertificateError, match="was changed after it was written"):
        recheck.read(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"format": 99}', "\x00"])
def test_what_is_no_certificate_is_refused_in_one_sentence(tmp_path, text):
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(recheck.BadCertificateError) as caught:
        recheck.read(path)
    assert "\n" not in str(caught.value)


def test_a_huge_file_and_a_missing_one(tmp_path, monkeypatch):
    with pytest.raises(recheck.BadCertificateError, match="cannot be read"):
        recheck.read(tmp_path / "none.json")
    big = tmp_path / "big.json"
    big.write_text(" " * 100)
    monkeypatch.setattr(recheck, "_MAX_BYTES", 50)
    with pytest.raises(recheck.BadCertificateError, match="larger than"):
        recheck.read(big)


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d["statement"].update(tree=["Lambda", 1]),
        lambda d: d.pop("given"),
        lambda d: d["steps"][0].pop("uses"),
        lambda d: d["steps"][1].update(uses=["ghost"]),
    ],
)
def test_a_damaged_certificate_is_refused(data, damage):
    damaged = data("strict")
    damage(damaged)
    with pytest.raises(recheck.BadCertificateError, match="damaged"):
        list(recheck.recheck(damaged))


def test_the_digest_covers_everything(catalogue):
    whole = certificate.certificate(check("strict", catalogue=catalogue, numeric=False))
    stated = whole.pop("digest")
    for key in whole:
        assert serial.digest({**whole, key: "changed"}) != stated


def test_every_repeatable_step_of_the_ledger_survives_the_round_trip():
    from saddlecheck.theory import CLAIMS
    from saddlecheck.theory.claims import step_serial

    seen = set()
    for claim in CLAIMS.values():
        for step in claim.steps:
            kind = type(step).__name__
            if kind in step_serial.REPEATABLE:
                again = step_serial.decode(json.loads(json.dumps(step_serial.encode(step))))
                assert (type(again), again.formula, again.uses) == (type(step), step.formula, step.uses)
                seen.add(kind)
    assert {"Equal", "Entails"} <= seen


def test_a_step_with_other_fields_is_refused(data):
    changed = data("boxed")
    changed["steps"][0]["fields"]["extra"] = {"text": "x"}
    with pytest.raises(recheck.BadCertificateError, match="has the fields"):
        list(recheck.recheck(changed))
