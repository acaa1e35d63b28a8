"""Experiments and records as evidence: nothing runs twice, nothing is lost, what is stale says so."""

import dataclasses

import pytest

import saddlecheck
from saddlecheck.nets import replay
from saddlecheck.numerics.effort import USUAL, Profile
from saddlecheck.numerics.experiment import Experiment
from saddlecheck.numerics.experiments.registry import experiments
from saddlecheck.verification.ledger import book, cache, library, plan
from saddlecheck.verification.ledger.judge import Verdict

QUICK = ["fig5-gd", "fig5-sam", "fig6"]  # a few milliseconds each


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path))
    return tmp_path


def gathered(ids, *, jobs=1, profile=USUAL):
    return dict(plan.numeric_evidence(library.house(), ids, jobs=jobs, profile=profile))


def statuses(found):
    return {claim: [e.status for e in evidence] for claim, evidence in found.items()}


EXPECTED = {"fig5-gd": ["proved"], "fig5-sam": ["proved"], "fig6": ["refuted"]}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_claim_gets_its_evidence_whatever_the_processes(jobs):
    assert statuses(gathered(QUICK, jobs=jobs)) == EXPECTED


def test_a_claim_without_experiments_gets_none():
    assert gathered(["gap-sign"]) == {}


def test_what_has_run_is_not_run_again(monkeypatch):
    before = gathered(QUICK)

    def never(*_args, **_options):
        raise AssertionError("it ran again")

    monkeypatch.setattr(Experiment, "run", never)
    after = gathered(QUICK)
    assert statuses(after) == EXPECTED
    assert after["fig6"][0].why == before["fig6"][0].why
    assert after["fig6"][0].witness == before["fig6"][0].witness


def test_an_interrupt_keeps_what_was_finished(monkeypatch):
    run, ran = Experiment.run, []

    def interrupted(self, profile):
        if len(ran) == 2:
            raise KeyboardInterrupt
        ran.append(self.name)
        return run(self, profile)

    monkeypatch.setattr(Experiment, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        gathered(QUICK)
    ran.clear()
    assert statuses(gathered(QUICK)) == EXPECTED
    assert ran == ["fig6-grid"]


def test_the_full_profile_is_kept_apart(folder):
    gathered(["fig6"])
    gathered(["fig6"], profile=Profile(full=True))
    assert sorted(p.name for p in folder.iterdir()) == ["experiment-fig6-grid-full.json", "experiment-fig6-grid.json"]


@pytest.mark.parametrize("change", ["settings", "margin", "code", "paper", "assertion"])
def test_a_change_of_data_or_code_is_another_key(change, monkeypatch):
    e = experiments()["fig5-gd-run"]
    key = plan._key(plan.PlannedRun(e, "kim", "what it asserts", True), USUAL)
    if change == "settings":
        e = dataclasses.replace(e, settings={**e.settings, "eta": 0.02})
    elif change == "margin":
        e = dataclasses.replace(e, budget=type(e.budget)({"rounding": 2e-11}))
    elif change == "code":
        monkeypatch.setattr(cache, "code_digest", lambda package: f"another {package}")
    paper = "mine" if change == "paper" else "kim"
    asserts = "something else" if change == "assertion" else "what it asserts"
    assert plan._key(plan.PlannedRun(e, paper, asserts, True), USUAL) != key


def test_stored_certificates_are_part_of_the_code(monkeypatch, tmp_path):
    monkeypatch.setattr(saddlecheck, "__file__", str(tmp_path / "__init__.py"))
    store = tmp_path / "theory_with_data" / "data" / "certificates.json"
    store.parent.mkdir(parents=True)
    digests = set()
    for text in ("{}", '{"a": 1}', "{}"):
        store.write_text(text)
        cache.code_digest.cache_clear()
        digests.add(cache.code_digest("theory_with_data"))
    assert len(digests) == 2


def test_records_bear_on_the_claims_about_training():
    found = gathered(["fig7b"])["fig7b"]
    assert {e.kind for e in found} == {"training"}


def test_records_are_replayed_once_and_again_when_something_changed(monkeypatch, tmp_path):
    before, walked = gathered(["fig7b"]), []
    real = replay.walk
    monkeypatch.setattr(replay, "walk", lambda *a: walked.append(a) or real(*a))
    assert gathered(["fig7b"]) == before
    assert not walked
    monkeypatch.setattr(cache, "code_digest", lambda package: f"another {package}")
    assert gathered(["fig7b"]) == before
    assert len(walked) == 1
    monkeypatch.setattr(library, "RECORDS", tmp_path / "records")  # other records: none
    assert gathered(["fig7b"]) == {}


def test_stale_records_say_so_and_decide_nothing(monkeypatch):
    monkeypatch.setattr(replay, "walk", lambda *_: {"loss": [0.0]})
    (found,) = gathered(["fig7b"])["fig7b"]
    assert found.status == "undecided"
    assert "stale" in found.why
    assert book.check("fig7b").verdict is Verdict.OPEN


def test_a_contradicted_figure_is_refuted_with_its_settings_and_repaired():
    report = book.check("beale-stuck")
    assert report.verdict is Verdict.CORRECTED
    assert report.judgement.as_printed is Verdict.REFUTED
    assert report.judgement.amended_by == ("beale-stuck-normalised",)
    assert report.judgement.witness["normalised"] == "False"


def test_numbers_alone_never_hold():
    assert book.check("beale-cosine-normalised").verdict is Verdict.NUMERIC
    assert book.check("beale-cosine-normalised", numeric=False).verdict is Verdict.OPEN
