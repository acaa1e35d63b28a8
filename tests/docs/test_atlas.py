"""The papers, the stability table, the graph and the search, from the objects that were checked."""

import html
import json
import re
from pathlib import Path

import pytest

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.theory.claims import graph
from saddlecheck.verification.analysis import stability_table
from saddlecheck.verification.ledger.book import Report
from saddlecheck.verification.ledger.judge import judge
from saddlecheck.verification.site import atlas, front, prose_formulas, search
from saddlecheck.verification.site.claim_page import Book

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def book():
    """Every claim without evidence: all are open, which the pages must not hide."""
    made = {c.id: Report(c, judge(c, ()), (), paper=p.id) for p in PAPERS for c in p.claims}
    return Book(made, {}, papers=PAPERS)


def test_the_papers_are_all_there_with_their_source_and_their_own_counts(book):
    text = atlas.papers_page(book, ["graph"])
    for p in PAPERS:
        (row,) = re.findall(rf'id="paper-{p.id}".*?</section>', text, re.DOTALL)
        assert html.escape(p.title) in row
        assert f"{len(p.claims)} claim" in row
        own = sum(c.voice == "paper" for c in p.claims)
        said = "The paper’s one claim is not" if own == 1 else f"0 of the paper’s {own} claims are"
        assert bool(own) == (f"{said} false as printed" in row)  # nothing was settled
    assert text.rstrip().endswith("graph\n```")


def test_the_table_has_a_row_a_rule_and_what_backs_each_entry(book):
    text = atlas.table_page(book)
    for r in stability_table.rows():
        (row,) = re.findall(rf'<tr id="{r.id}">.*?</tr>', text)
        assert row.count("<td") == len(stability_table.COLUMNS)
        for name in stability_table.COLUMNS:
            assert getattr(r, name).backed in row
    assert "toprule" in text


def test_the_graph_is_that_of_the_claims(book):
    data = json.loads(atlas.graph_data(book).replace("<\\/", "</"))
    assert set(data["claims"]) == set(CLAIMS)
    edges = {(e.claim, e.on, atlas.HOW[e.how]) for i in CLAIMS for e in graph.edges(CLAIMS, i)}
    assert {tuple(e) for e in data["edges"]} == edges
    assert edges
    assert len(data["edges"]) == len(edges)
    assert data["first"] in data["claims"]


def test_no_title_can_end_the_script(book):
    assert "</" not in atlas.graph_data(book)
    assert "</" not in atlas._script({"title": "</script><b>"})


def entries(book):
    script = search.search_data(book, DOCS)
    return json.loads(script.removeprefix("window.SADDLECHECK_SEARCH = ").removesuffix(";\n"))


def test_the_search_looks_through_claims_papers_and_guides(book):
    found = {address: (title, kind, text) for title, address, kind, text, _ in entries(book)}
    assert {f"claims/{i}.html" for i in CLAIMS} <= set(found)
    assert {f"atlas/index.html#paper-{p.id}" for p in PAPERS} <= set(found)
    assert "Compagnoni" in found["atlas/index.html#paper-compagnoni"][2]
    assert "(12)" in found["claims/thm2.html"][1]
    title, _, text = found["guides/new-paper.html"]
    assert "{" not in title
    assert "](" not in text
    for address in found:
        source = DOCS / Path(address.partition("#")[0]).with_suffix(".md")
        assert source.parent.name in {"claims", "atlas"} or source.exists(), address


def test_what_is_ours_is_no_authors(book):
    kinds = {address: kind for _, address, kind, _, _ in entries(book)}
    assert "Kim" in kinds["claims/thm2.html"]
    assert "Kim" not in kinds["claims/theorems-contradict.html"]


def test_every_card_of_the_front_page_leads_to_a_page():
    generated = {"claims/errata", "claims/index", "contradictions/index"}  # by other parts of the site
    generated |= {f"atlas/{name}" for name in ("index", "stability-table", "graph")}
    addresses = [address.removesuffix(".html") for address in re.findall(r'href="([^"#]+)', front.cards())]
    assert "contradictions/index" in addresses
    for address in addresses:
        assert address in generated or (DOCS / f"{address}.md").exists(), address


TYPED = (
    ("eta*L*(L + mu) < 2*mu for every rho", [r"\eta L \left(L + \mu \right) < 2 \mu"]),
    (
        "T = diag|w|, and eta (H + rho H T^2 H)",
        [r"T = \mathrm{diag}\left|w\right|", r"\eta \, \left(H + \rho \, H \, T^{2} \, H\right)"],
    ),
    ("Abs(1 - eta)**(1 - b) in 5 steps", [r"\left|1 - \eta \right|^{1 - b}"]),
    ("it stays from rho*mu > s*sqrt(pi/2) on", [r"\rho \mu > s \sqrt{\pi / 2}"]),
    ("two mini-batches: nothing (here", []),
)


@pytest.mark.parametrize(("words", "formulas"), TYPED)
def test_formulas_in_words_are_set_sign_by_sign(words, formulas, monkeypatch):
    found = []
    monkeypatch.setattr(prose_formulas.mathml, "inline", lambda latex: found.append(latex) or "")
    prose_formulas.set_formulas(words)
    assert found == formulas


def test_no_condition_of_the_stability_table_is_left_as_it_was_typed():
    entries = [getattr(r, name) for r in stability_table.rows() for name in atlas._COLUMNS]
    assert any("*" in e.text for e in entries)
    for entry in entries:
        shown, _, _ = atlas._cell(entry)
        words = re.sub(r"<math.*?</math>|<[^>]*>", "", shown)
        assert not re.search(r"[*^]|[<>=]|lambda|rho", words.replace("&lt;", "<").replace("&gt;", ">")), shown
