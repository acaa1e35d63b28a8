"""No page attributes to a paper what is ours: every sentence that introduces a claim goes by the claim's voice."""

import dataclasses
import re

import pytest

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.theory.claims import graph
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import Verdict, judge
from saddlecheck.verification.site import errata as errata_page
from saddlecheck.verification.site.build import Book
from saddlecheck.verification.site.claim_page import page
from saddlecheck.verification.site.dashboard import dashboard, errata_pages, tally
from saddlecheck.verification.site.errata import errata, findings
from saddlecheck.verification.site.referee import referee
from saddlecheck.verification.site.voices import PAPER_SAYS, entry, form, speaker

ATTRIBUTED = ("The paper says", "As printed", "As attributed", "Attributed to")  # what says that a paper asserts it


def unsettled(claims):
    """Reports without evidence, from which every page can be rendered: all claims are open."""
    return {c.id: Report(c, judge(c, ()), (), paper=next(p.id for p in PAPERS if c.id in p.ids)) for c in claims}


@pytest.fixture(scope="module")
def book():
    """All claims."""
    return Book(unsettled(CLAIMS.values()), {}, papers=PAPERS)


def introductions(text):
    """The sentences of a page that introduce its claim: the paragraph of its words."""
    return re.findall(r"^\{\.says\}\n(.*)$", text, re.MULTILINE)


def misattributed(claims, pages):
    """The ids of claims whose page says of what is not the paper's that it is, or leaves the paper's unattributed."""
    wrong = []
    for claim in claims:
        (said,) = introductions(pages[claim.id])
        theirs = claim.voice == "paper" and claim.provenance == "seen" and not claim.amends
        if said.startswith(PAPER_SAYS) != theirs:
            wrong.append(claim.id)
        if claim.voice != "paper" and any(word in pages[claim.id] for word in ATTRIBUTED[:1]):
            wrong.append(claim.id)
    return wrong


@pytest.fixture(scope="module")
def pages(book):
    return {i: page(report, book) for i, report in book.reports.items()}


@pytest.mark.slow
@pytest.mark.untraced
def test_no_page_attributes_to_the_paper_what_is_ours(pages):
    assert {CLAIMS[i].voice for i in pages} == {"paper", "reading", "ours"}
    assert misattributed([CLAIMS[i] for i in pages], pages) == []


def test_a_wrong_voice_would_be_noticed(book):
    ours = CLAIMS["theorems-contradict"]
    lying = dataclasses.replace(ours, voice="paper", provenance="seen")
    text = page(dataclasses.replace(book.reports[ours.id], claim=lying), book)
    assert misattributed([ours], {ours.id: text}) == [ours.id, ours.id]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_the_words_before_a_claim_go_by_its_voice(claim):
    paper = next(p for p in PAPERS if claim.id in p.ids)
    said, named = speaker(claim, paper), form(claim)
    if claim.voice == "paper":
        seen = claim.provenance == "seen"
        assert (said == PAPER_SAYS) is seen
        assert named == ("As printed" if seen else "As attributed")
    else:
        assert not any(word in said + named for word in ATTRIBUTED)


def test_the_list_of_what_is_wrong_holds_only_what_the_paper_asserts(book, monkeypatch):
    # The table at its head shows how claims fail. These verdicts are set by hand, so no certificate shows it.
    monkeypatch.setattr(errata_page, "_first", lambda *_: [])
    refuted = {
        i: dataclasses.replace(r, judgement=dataclasses.replace(r.judgement, verdict=Verdict.REFUTED))
        for i, r in book.reports.items()
    }
    all_wrong = dataclasses.replace(book, reports=refuted)
    for paper, name in errata_pages(all_wrong):
        wrong = findings(all_wrong, paper)
        assert {r.claim.voice for r in wrong} == {"paper"}
        assert [r.id for r in wrong] == [c.id for c in paper.claims if c.voice == "paper"]
        listed = re.findall(r"proof and evidence <code>([a-z0-9-]+)</code>", errata(all_wrong, paper, name))
        assert {CLAIMS[i].voice for i in listed} == {"paper"}
    assert "ours" not in [p.id for p, _ in errata_pages(all_wrong)]


def test_two_bars_keep_apart_what_is_the_papers_and_what_is_ours(book):
    text = tally(book)
    blocks = re.findall(r'class="tally (\w+)">(.*?)</div></div>|class="tally (\w+)">', text)
    assert len(blocks) >= 3
    assert PAPERS[0].link in text
    counts = {voice: sum(c.voice == voice for c in CLAIMS.values()) for voice in ("paper", "reading", "ours")}
    labels = [int(n) for n in re.findall(r'aria-label="(\d+) claims by verdict"', text)]
    spoken = [sum(c.voice == "paper" for c in p.claims) for p in PAPERS]
    assert labels == [*(n for n in spoken if n), counts["reading"], counts["ours"]]


def test_the_dashboard_filters_by_the_sections_of_each_paper(book):
    text = dashboard(book)
    for paper in PAPERS[:2]:
        for section in {c.place.section for c in paper.claims}:
            assert f"{paper.id}-{section.replace(' ', '-').replace('.', '-')}" in text
    for voice in ("paper", "reading", "ours"):
        assert f'data-voice="{voice}"' in text
    assert PAPERS[0].sections["4.2"] in text


@pytest.mark.parametrize("latex", [True, False])
def test_a_referees_report_says_what_is_wrong_and_leaves_ours_out(book, latex):
    few = {i: r for i, r in book.reports.items() if i in graph.below(CLAIMS, ["thm1", "eq11-practice", "drift"])}
    text = referee(PAPERS[0], few, latex=latex)
    assert "(thm1)" in text
    assert "The paper says: " in text
    assert "Instead:" not in text  # no repair stands here: no evidence was gathered
    headings = re.findall(r"subsection\*\{.*\(([a-z0-9-]+)\)\}|^### .*\(([a-z0-9-]+)\)$", text, re.MULTILINE)
    assert {CLAIMS[a or b].voice for a, b in headings} == {"paper", "reading"}
    if latex:
        assert text.startswith(r"\documentclass")
        assert text.count(r"\begin{") == text.count(r"\end{")
        assert text.rstrip().endswith(r"\end{document}")
    else:
        assert text.count("$$") % 2 == 0


def test_an_entry_names_its_passage_once():
    said = [c for c in CLAIMS.values() if c.voice == "paper"]
    for claim in said:
        words = entry(claim)
        assert words.endswith(claim.title)
        assert words.count(claim.place.passage) <= 1 or claim.title.count(claim.place.passage) > 1, words
    untold = dataclasses.replace(CLAIMS["thm1"], title="When a saddle attracts")
    assert entry(untold) == "Theorem 1: When a saddle attracts"
    assert entry(CLAIMS["thm1"]) == CLAIMS["thm1"].title
