"""The atlas of the built site, opened from disk: what a visitor finds in two clicks, by search, sorting, the graph."""

import re

import pytest

from saddlecheck.theory import CLAIMS, PAPERS
from saddlecheck.verification.ledger import pins, scoreboard
from saddlecheck.verification.ledger.judge import Verdict

from .conftest import SITE


def shown(locator):
    """The text as it is seen; a page shows itself once the font of its formulas is there."""
    locator.wait_for(state="visible")
    return locator.inner_text()


def article(page):
    return shown(page.locator("article"))


def test_how_many_claims_fail_stands_on_the_first_page(visit):
    reviewed = pins.load()
    board = scoreboard.scoreboard((c.voice, Verdict(reviewed[c.id].verdict.split(",")[0])) for c in PAPERS[0].claims)
    words = article(visit()).replace("’", "'")
    assert scoreboard.sentence(board) in words
    assert "0.0003355" in words


def test_why_the_square_of_theorem_2_is_wrong_is_one_click_away(visit):
    page = visit()
    page.locator("article").get_by_role("link", name="thm2").click()
    words = article(page)
    assert "Theorem 2" in words
    assert "rate is" in words  # the finding: which drift has which rate


def test_whether_gsam_traps_is_one_click_away(visit):
    page = visit()
    page.get_by_role("link", name=re.compile("Does my rule trap")).click()
    row = shown(page.locator("tr#gsam"))
    assert "z3, cvc5" in row


def test_how_to_check_a_claim_of_ones_own_is_one_click_away(visit):
    page = visit()
    page.get_by_role("link", name=re.compile("Check a claim of your own")).click()
    assert "saddlecheck check my_paper.py" in article(page)


# What is asked for, and a page that must be among the first five.
ASKED = (
    ("(13)", "claims/cor1-eq13.html"),
    ("eq. (13)", "claims/cor1-eq13.html"),
    ("Theorem 2", "claims/thm2.html"),
    ("1/mu", "claims/thm1.html"),
    ("1/μ", "claims/thm1.html"),
    ("Compagnoni", "atlas/index.html#paper-compagnoni"),
    ("beale saddle", "claims/beale-single-saddle.html"),
)


@pytest.mark.parametrize(("words", "address"), ASKED)
def test_the_search_finds_it_from_disk(visit, words, address):
    page = visit("search.html?q=" + words.replace(" ", "+"))
    found = page.locator("#search-found li")
    first = [found.nth(k).locator("a").get_attribute("href") for k in range(min(5, found.count()))]
    assert address in first
    assert len(found.first.locator("p").inner_text()) > 40  # an excerpt
    assert page.complaints == []


def test_an_excerpt_marks_no_number_that_only_looks_like_the_one_asked_for(visit):
    page = visit("search.html?q=Theorem+2")
    marked = {text.lower() for text in page.locator("#search-found mark").all_inner_texts()}
    assert "theorem 2" in marked
    assert marked <= {"theorem 2", "theorem", ""}


def test_all_that_the_search_can_find_is_there(visit):
    page = visit("search.html")
    for address in page.evaluate("SADDLECHECK_SEARCH.map(e => e[1])"):
        name, _, anchor = address.partition("#")
        assert (SITE / name).exists(), address
        assert not anchor or re.search(f'id="?{re.escape(anchor)}[" >]', (SITE / name).read_text()), address


def test_the_search_says_that_nothing_was_found(visit):
    page = visit("search.html?q=zzzz")
    assert page.locator("#search-found li").count() == 0
    assert "Nothing found" in page.locator("#search-status").inner_text()


def test_the_search_box_of_every_page_leads_to_the_search(visit):
    page = visit("claims/thm1.html")
    page.locator(".sidebar-search").first.fill("(12)")
    page.locator(".sidebar-search").first.press("Enter")
    page.wait_for_url(re.compile(r"search\.html"))
    assert page.locator("#search-found li").count() > 0


def test_the_table_is_sorted_up_down_and_back(visit):
    page = visit("atlas/stability-table.html")
    first = page.locator("table.stability tbody tr:first-child")
    head = page.locator("table.stability thead th").first
    before = first.get_attribute("id")
    names = sorted(
        (t.split("\n")[0] for t in page.locator("table.stability tbody th").all_inner_texts()), key=str.lower
    )
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert first.locator("th").inner_text().split("\n")[0] == names[0]
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    head.locator("button").click()
    assert first.get_attribute("id") == before


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
def test_the_table_fits_its_page(visit, width):
    page = visit("atlas/stability-table.html")
    page.set_viewport_size({"width": width, "height": 900})
    over = page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.scroll'))")
    assert over <= 0


def test_the_graph_is_clicked_through(visit):
    page = visit("atlas/graph.html#thm2")
    repair = next(c.id for c in CLAIMS.values() if c.amends == "thm2")
    page.locator(f'#graph-picture a[href="#{repair}"]').click()
    page.wait_for_function(f"location.hash === '#{repair}'")
    assert page.locator("#graph-picture a.centre").get_attribute("href") == f"../claims/{repair}.html"
    assert page.locator('#graph-picture a[href="#thm2"]').count() == 1
    page.locator("#graph-picture a.centre").click()
    page.wait_for_url(re.compile(rf"claims/{repair}\.html"))


def test_the_graph_does_not_stumble_over_an_address(visit):
    page = visit("atlas/graph.html#constructor")
    assert page.locator("#graph-picture a.centre").get_attribute("href") == "../claims/thm2.html"
    assert page.complaints == []


def test_the_list_of_claims_is_filtered_by_paper(visit):
    page = visit("claims/index.html#paper=bartlett")
    shown = page.locator("#ledger tbody tr:visible")
    assert shown.count() == len(next(p for p in PAPERS if p.id == "bartlett").claims)
    page.locator("#ledger-search").fill("zzzz")
    assert shown.count() == 0
