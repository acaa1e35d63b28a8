"""The ledger: the cache, several processes, pins, and nothing lost on the way."""

import dataclasses
import json
import time

import pytest
import sympy as sp

from saddlecheck.theory.claims.claim import Catalogue
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.verification.errors import UnknownClaim
from saddlecheck.verification.ledger import book, cache
from saddlecheck.verification.ledger.judge import Verdict


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "cache"))


def settle_counting(monkeypatch):
    calls = []
    honest = book.settle
    monkeypatch.setattr(book, "settle", lambda claim, find: (calls.append(claim.id), honest(claim, find))[1])
    return calls


def test_unchanged_claims_come_from_the_cache(catalogue, monkeypatch):
    calls = settle_counting(monkeypatch)
    first = book.check_all(catalogue=catalogue, numeric=False)
    assert calls == list(catalogue)
    second = book.check_all(catalogue=catalogue, numeric=False)
    assert calls == list(catalogue)
    assert {i: r.summary() for i, r in first.items()} == {i: r.summary() for i, r in second.items()}


def test_a_changed_step_or_version_or_code_is_computed_anew(catalogue, monkeypatch):
    calls = settle_counting(monkeypatch)
    book.check("strict", catalogue=catalogue, numeric=False)
    claim = catalogue["strict"]
    changed = dataclasses.replace(claim, steps=(claim.steps[0], Entails("positive", claim.statement)))
    book.check("strict", catalogue=Catalogue([catalogue["printed"], changed]), numeric=False)
    assert calls == ["strict", "strict"]
    monkeypatch.setattr(cache, "versions", lambda: {"sympy": "another"})
    book.check("strict", catalogue=catalogue, numeric=False)
    monkeypatch.setattr(cache, "code_digest", lambda _package: "other code")
    book.check("strict", catalogue=catalogue, numeric=False)
    assert calls == ["strict"] * 4


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"key": 1}', '{"key": "K"}\n[]', '{"key": "K", "evidence": [{"x": 1}]}']
)
def test_a_damaged_cache_is_ignored(damage):
    folder = cache.folder()
    folder.mkdir(parents=True)
    (folder / "c.json").write_text(damage)
    assert cache.load("c", "K") is None


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(catalogue, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("SADDLECHECK_CACHE", str(blocked))
    assert book.check("strict", catalogue=catalogue, numeric=False).verdict is Verdict.HOLDS


def test_default_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("SADDLECHECK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.folder() == tmp_path / "saddlecheck"


def test_processes_change_nothing_but_time(catalogue, tmp_path, monkeypatch):
    alone = {i: r.judgement for i, r in book.check_all(catalogue=catalogue, numeric=False).items()}
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path / "another"))
    seen = []
    together = book.check_all(catalogue=catalogue, jobs=2, numeric=False, progress=lambda *done: seen.append(done))
    assert {i: r.judgement for i, r in together.items()} == alone
    assert sorted(seen) == sorted(("proofs", i) for i in catalogue)


def test_what_was_finished_before_an_interrupt_is_kept(catalogue, monkeypatch):
    honest = book.settle

    def interrupted(claim, find):
        if claim.id == "hopeless":
            raise KeyboardInterrupt
        return honest(claim, find)

    monkeypatch.setattr(book, "settle", interrupted)
    with pytest.raises(KeyboardInterrupt):
        book.check_all(catalogue=catalogue, numeric=False)
    monkeypatch.setattr(book, "settle", honest)
    calls = settle_counting(monkeypatch)
    book.check_all(catalogue=catalogue, numeric=False)
    assert calls == list(catalogue)[list(catalogue).index("hopeless") :]


def test_summary_is_json_with_the_promised_fields(catalogue):
    summary = book.check("printed", catalogue=catalogue, numeric=False).summary()
    assert json.loads(json.dumps(summary)) == summary
    assert {"id", "verdict", "engines", "witness", "amended_by", "seconds"} <= set(summary)


def test_no_file_is_left_half_written(tmp_path):
    with pytest.raises(TypeError):
        cache.write_json(tmp_path / "x.json", {("a", "b"): 1})
    assert list(tmp_path.glob("*x.json*")) == []


def test_seconds_add_up(catalogue):
    start = time.perf_counter()
    report = book.check("strict", catalogue=catalogue, numeric=False)
    assert 0 < report.seconds <= time.perf_counter() - start
    assert report.id == "strict"
    assert sp.simplify(report.claim.statement) is not None


def test_an_id_that_no_claim_has_is_refused_with_the_nearest(catalogue):
    first, *_ = catalogue
    with pytest.raises(UnknownClaim) as caught:
        book.check_all([first, first + "x"], catalogue=catalogue, numeric=False)
    assert str(caught.value).startswith(f"no claim is called '{first}x': did you mean {first}")
    assert isinstance(caught.value, KeyError)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(KeyError, match="lists them all"):
        book.check("zzzzzz", catalogue=catalogue, numeric=False)
    assert book.check_all([], catalogue=catalogue, numeric=False) == {}
