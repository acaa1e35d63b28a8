"""What papers say against each other, as the command and the page show it: two pairs, and formulas of three papers."""

import dataclasses
import json
import re

import pytest

from saddlecheck.theory.papers import contradictions
from saddlecheck.theory.papers.catalogue import PAPERS
from saddlecheck.verification.cli import main
from saddlecheck.verification.ledger import comparison, library
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.contradictions import contradictions_page

FEW = (("thm1", "usam-saddle"), ("mild", "unified-stability"))


@pytest.fixture
def small(monkeypatch, tmp_path):
    monkeypatch.setenv("SADDLECHECK_CACHE", str(tmp_path))
    some = tuple(c for c in contradictions.CONTRADICTIONS if (c.first.claim, c.second.claim) in FEW)
    monkeypatch.setattr(contradictions, "CONTRADICTIONS", some)
    papers = tuple(p for p in PAPERS if p.id in ("agarwala", "edge", "esam", "looksam"))
    one = comparison.shared.shared
    monkeypatch.setattr(comparison.shared, "shared", lambda _: one(papers))
    return some


@pytest.mark.usefixtures("small")
def test_the_command_prints_each_pair_with_its_point(capsys):
    assert main.run(["papers", "--contradictions", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    first, last = said["contradictions"]
    assert [c["id"] for c in first["claims"]] == ["thm1", "usam-saddle"]
    assert [c["known"] for c in first["claims"]] == ["as printed", "as attributed"]
    assert [c["says"] for c in first["claims"]] == ["Q > 0", "Q = 0"]
    assert [c["known"] for c in last["claims"]] == ["as printed", "a result of ours"]
    assert first["words"] == "thm1 as printed and usam-saddle as attributed cannot both hold."
    assert last["words"] == "mild as printed and unified-stability (a result of ours) cannot both hold."
    edge = next(f for f in said["formulas"] if f["papers"] == ["agarwala", "edge"])
    assert {c["id"] for c in edge["asserted"]} == {"agarwala-edge"}


@pytest.mark.usefixtures("small")
def test_the_page_keeps_papers_and_our_results_apart():
    text = contradictions_page(Book({}, {}), comparison.pairs(), comparison.formulas())
    between, ours = text.split("## Between a paper and a result of ours")
    assert re.search(
        r"### Theorem 1: .*, and usam-saddle\n\nthm1 as printed and usam-saddle as attributed cannot both hold.",
        between,
    )
    assert re.search(r"### .*, and unified-stability\n\nmild as printed", ours)
    assert "[agarwala-edge](../claims/agarwala-edge.md)" in ours


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("thm1", "eq10", "The two cannot both hold as printed."),
        ("dai-product", "usam-saddle", "The two cannot both hold as attributed."),
        ("thm1", "dai-product", "thm1 as printed and dai-product as attributed cannot both hold."),
        ("sam-saddle-map", "thm1", "sam-saddle-map (read literally) and thm1 as printed cannot both hold."),
    ],
)
def test_each_pair_says_whether_its_claims_are_as_printed_or_as_attributed(first, second, words):
    claims = library.house().catalogue
    pair = comparison.Pair(contradictions.CONTRADICTIONS[0], None, (claims[first], claims[second]), ())
    assert pair.words == words


@pytest.mark.usefixtures("small")
def test_formulas_are_kept_and_read_back_as_they_were():
    computed = comparison.formulas()
    assert comparison.formulas() == computed
    assert any(f.normalised for f in computed)


def test_a_pair_that_no_longer_contradicts_stops_the_command(small, monkeypatch, capsys):
    # The claim at fault is replaced by its repair: then nothing separates the two, and the command says so.
    house = library.house()
    repaired = dict(house.catalogue) | {
        "thm1": dataclasses.replace(house.catalogue["thm1-strict"], id="thm1", amends=None)
    }
    monkeypatch.setattr(library, "house", lambda: dataclasses.replace(house, catalogue=repaired))
    monkeypatch.setattr(contradictions, "CONTRADICTIONS", small[:1])
    assert main.run(["papers", "--contradictions"]) == 2
    assert "not shown to contradict each other" in capsys.readouterr().err
