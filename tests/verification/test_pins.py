"""What was reviewed: a verdict that moved and a statement that was reworded are both noticed, and decide nothing."""

import dataclasses

import pytest

from saddlecheck.theory import CLAIMS
from saddlecheck.theory.claims.claim import BEYOND
from saddlecheck.theory.claims.mutation import mistake
from saddlecheck.theory.symbols import rho
from saddlecheck.verification.ledger import book, pins
from saddlecheck.verification.ledger.wordings import wording


def found(catalogue):
    reports = book.check_all(catalogue=catalogue, numeric=False)
    return pins.pins({i: r.summary() for i, r in reports.items()})


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("own_cache")
def test_pins_notice_and_decide_nothing(catalogue, tmp_path):
    now, path = found(catalogue), tmp_path / "pinned.toml"
    assert [line.split(":")[0] for line in pins.changes(now, pins.load(path))] == ["new"] * len(catalogue)
    pins.store(now, catalogue, path)
    assert pins.changes(now, pins.load(path)) == []
    path.write_text(path.read_text().replace('strict = ["holds"', 'strict = ["refuted"'))
    assert pins.changes(now, pins.load(path)) == ["moved: strict is now 'holds', last reviewed as 'refuted'"]
    path.unlink()
    assert found(catalogue) == now


def test_a_part_is_pinned_beside_what_was_there(tmp_path):
    path = tmp_path / "pinned.toml"
    pins.store({"a": pins.Pin("holds", "1"), "b": pins.Pin("open", "2")}, ["a", "b"], path)
    pins.store({"b": pins.Pin("refuted", "3")}, ["a", "b"], path)
    assert pins.load(path) == {"a": pins.Pin("holds", "1"), "b": pins.Pin("refuted", "3")}


@pytest.mark.parametrize("text", ["[reviewed", "[verdicts]\na = 'holds'\n", "[reviewed]\na = 'holds'\n"])
def test_a_damaged_file_is_one_clear_line(tmp_path, text):
    path = tmp_path / "pinned.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"is damaged .*; restore it, or delete it") as caught:
        pins.load(path)
    assert "\n" not in str(caught.value)


CLAIM = CLAIMS["thm3-batch"]
REWORDED = {
    "statement": {"statement": mistake("reversed inequality", CLAIM.statement), "steps": ()},
    "a condition more": {"given": (*CLAIM.given, rho < 9)},
    "a condition less": {"given": CLAIM.given[1:]},
    "title": {"title": CLAIM.title + " always"},
    "words": {"says": "Something else."},
    "reading": {"reading": "Read otherwise."},
    "what it amends": {"amends": "thm3-gamma"},
    "what it rests on": {"rests": ("thm3-gamma",)},
    "finding": {"finding": "Another."},
    "place": {"place": BEYOND},
    "the reasons of its proof": {"steps": ()},
}


@pytest.mark.parametrize("change", REWORDED.values(), ids=list(REWORDED))
def test_each_part_that_a_reviewer_reads_is_pinned(change):
    assert wording(dataclasses.replace(CLAIM, **change)) != wording(CLAIM)


def test_what_no_reviewer_compares_is_not():
    assert wording(dataclasses.replace(CLAIM, related=(), twins=(), hints=())) == wording(CLAIM)


def test_all_claims_are_pinned_as_they_stand():
    """Words and formulas; that the verdicts are as pinned is `saddlecheck check`, which runs the engines."""
    reviewed = pins.load()
    assert set(reviewed) == set(CLAIMS)
    assert [i for i, claim in CLAIMS.items() if wording(claim) != reviewed[i].wording] == []
