"""What is kept for the pages is made again when anything that it is about has changed, and never for altered claims."""

import dataclasses

import pytest

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.theory.claims.evidence import Evidence
from saddlecheck.verification.ledger.book import check_all
from saddlecheck.verification.ledger.twins import trials
from saddlecheck.verification.site.claim_page import Book, page
from saddlecheck.verification.site.downloads import Offered
from saddlecheck.verification.site.kept import kept


@pytest.fixture(scope="module")
def book():
    return Book(check_all(["thm1-strict", "thm1-threshold"], numeric=False), {}, papers=PAPERS)


@pytest.fixture(autouse=True)
def empty_cache(book, tmp_path, monkeypatch):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path))


def test_it_is_made_once_for_a_subject():
    assert [kept("one", about, lambda value=value: value) for about, value in ((1, "a"), (1, "b"), (2, "c"))] == [
        "a", "a", "c",
    ]  # fmt: skip


def test_what_was_changed_in_the_cache_is_made_again(tmp_path, capsys):
    kept("one", 1, lambda: "a")
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text().replace('"a"', '"false"'))
    assert kept("one", 1, lambda: "a") == "a"
    assert "changed after it was written" in capsys.readouterr().err


def test_a_page_that_is_kept_is_the_page(book, tmp_path):
    report = book.reports["thm1-threshold"]
    first = page(report, book)
    assert (tmp_path / "page-thm1-threshold.json").exists()
    assert page(report, book) == first


def changed_reports(book):
    report = book.reports["thm1-threshold"]
    more = (*report.evidence, Evidence("simulation", "flow", "undecided", seconds=9.0))
    return {**book.reports, report.id: dataclasses.replace(report, evidence=more)}


CHANGES = (
    lambda b: {"figures": {"thm1-threshold": "a picture"}},
    lambda b: {"papers": PAPERS[:1]},
    lambda b: {"downloads": {"thm1-threshold": Offered("a.json")}},
    lambda b: {"trials": {"thm1-threshold": list(trials(CLAIMS["thm1-threshold"]))[:1]}},
    lambda b: {"reports": changed_reports(b)},
    lambda b: {"reports": dict(reversed(b.reports.items()))},
)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_a_page_shows_is_a_part_of_its_key(book, change):
    assert book.shown
    assert dataclasses.replace(book, **change(book)).shown != book.shown


def test_pages_of_claims_that_are_not_the_houses_are_not_kept(book, tmp_path):
    report = book.reports["thm1-threshold"]
    altered = dataclasses.replace(report, claim=dataclasses.replace(report.claim, title="Another title"))
    other = dataclasses.replace(book, reports={**book.reports, report.id: altered})
    page(report, book)
    assert other.shown == ""
    assert "Another title" in page(altered, other)
