"""The built site, opened from disk with the network cut off: each page once, and all checks made on that visit.

SADDLECHECK_SITE names the site's folder.
"""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from .conftest import SITE, serious

# Formulas that are empty or in error, scripts that would set them later, and LaTeX or Markdown left as text. LaTeX may
# stand in code: in Python's strings, in a document of LaTeX or Markdown, and where a table is offered as LaTeX to copy.
SHOWN_WHOLE = r"""() => {
    const count = (chosen, wrong) => [...document.querySelectorAll(chosen)].filter(wrong).length;
    const copy = document.querySelector("main, article, body").cloneNode(true);
    copy.querySelectorAll("[class*=highlight-python] pre, [class*=highlight-pycon] pre, .highlight-latex pre, "
        + ".highlight-markdown pre, .highlight-default pre, #table-latex, script, style").forEach(e => e.remove());
    const raw = copy.textContent.match(/.{0,20}(\\\(|\\\[|\\frac|\\rho|```).{0,20}/);
    return {
        missing: count(".math", e => !e.querySelector("math") && !e.textContent.trim()),
        unread: count("merror", () => true),
        scripts: count("script[src]", e => /mathjax|katex/i.test(e.src)),
        raw: raw ? raw[0] : "",
    };
}"""
# With every fold open: formulas, tables and code that reach beyond the column, or hide a part of themselves.
CUT_OFF = """() => {
    document.querySelectorAll("details").forEach(d => { d.open = true; });
    const column = document.querySelector("article").getBoundingClientRect();
    const cut = e => {
        const box = e.getBoundingClientRect();
        return box.width > 0 && (box.right > column.right + 1 || box.left < column.left - 1
            || (!e.closest("math") && e.scrollWidth > e.clientWidth + 1));
    };
    const parts = "math, div.math, table, pre, td, .side, .point, .given, .around :is(li, .centre)";
    return [...document.querySelectorAll(`article :is(${parts})`)]
        .filter(cut).map(e => `${e.tagName} ${e.textContent.slice(0, 60)}`);
}"""
WIDTHS = (390, 768, 1024, 1440)
SHARES = 8  # among which the pages are dealt out, so that two workers have about the same to do


def is_claim(path):
    return path.parent.name == "claims" and path.stem not in {"index", "errata"}


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_shows_every_formula_asks_nobody_and_cuts_nothing_off(pages, watched, share):
    page, broken = None, []
    for path in pages[share::SHARES]:
        if page is None:
            page = watched(path.as_uri())
        else:
            page.goto(path.as_uri())
        found = page.evaluate(SHOWN_WHOLE)
        if any(found.values()) or page.complaints:
            broken.append((path.name, found, page.complaints[:2]))
            page.complaints.clear()
        for width in WIDTHS if is_claim(path) else ():
            page.set_viewport_size({"width": width, "height": 900})
            if cut := page.evaluate(CUT_OFF):
                broken.append((path.name, width, cut[:2]))
    assert broken == []


def test_every_page_is_in_a_share(pages):
    assert sum(len(pages[share::SHARES]) for share in range(SHARES)) == len(pages)
    assert sum(map(is_claim, pages)) > len(pages) / 2


@pytest.fixture
def claim(pages, watched):
    return watched(next(filter(is_claim, pages)).as_uri(), viewport={"width": 390, "height": 900})


def put_in(page, markup):
    page.evaluate("text => document.querySelector('article').insertAdjacentHTML('beforeend', text)", markup)


@pytest.mark.parametrize("wide", ["<mi>x</mi>" * 200, f"<mi>{'x' * 200}</mi>", f"<mtext>{'x x' * 100}</mtext>"])
def test_a_formula_that_is_cut_off_would_be_seen(claim, wide):
    put_in(claim, f'<div class="math"><p><math>{wide}</math></p></div>')
    assert any("xx" in line for line in claim.evaluate(CUT_OFF))


RAW = (
    ("<p>so \\frac{1}{2}</p>", True),
    ("<pre>so \\rho</pre>", True),
    ('<div class="highlight-console"><pre>$ \\rho</pre></div>', True),
    ('<div class="highlight-python"><pre>r"\\rho"</pre></div>', False),
    ("<p>so ρ</p>", False),
)


@pytest.mark.parametrize(("markup", "seen"), RAW)
def test_latex_is_text_unless_it_is_code(claim, markup, seen):
    put_in(claim, markup)
    assert bool(claim.evaluate(SHOWN_WHOLE)["raw"]) == seen


class Anchors(HTMLParser):
    """What a page can be entered at, and what it asks for."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links = set(), set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.add(value)
            elif name in {"href", "src"} and value:
                self.links.add(value)


def test_every_link_leads_somewhere(pages):
    found = {path: Anchors(path) for path in pages}
    dead = set()
    there = {}
    for path, anchors in found.items():
        for link in anchors.links:
            parts = urlsplit(urljoin(path.as_uri(), link))
            if parts.scheme != "file":
                continue
            target = Path(unquote(parts.path))
            # The explorer, the dashboard and the graph keep their state in the fragment.
            state = "=" in parts.fragment or target.name == "graph.html"
            entered = "" if state else unquote(parts.fragment)
            if not there.setdefault(target, target.exists()) or (
                entered and target in found and entered not in found[target].ids
            ):
                dead.add((path.name, link))
    assert sum(len(a.links) for a in found.values()) > 10 * len(pages)
    assert dead == set()


def test_every_link_into_the_graph_names_a_claim(pages):
    graph = (SITE / "atlas" / "graph.html").read_text()
    named = {m for path in pages for m in re.findall(r'atlas/graph\.html#([^">]+)[">]', path.read_text())}
    assert named
    assert [n for n in named if f'"{n}":[' not in graph] == []


DOWNLOADS = {"downloads", "figures", ".doctrees"}  # what is fetched one at a time, and Sphinx's own cache


def test_the_site_is_small(pages):
    files = [f for f in SITE.rglob("*") if f.is_file() and not DOWNLOADS & set(f.parts)]
    markup = sum(f.stat().st_size for f in pages)
    size = sum(f.stat().st_size for f in files)
    print(f"{len(pages)} pages of {markup / 1e6:.1f} MB, with all else but the downloads {size / 1e6:.1f} MB")
    # 516 pages had 31 kB each when every page carried the whole contents, the icons, and what HTML supplies by itself.
    assert markup < 10e6
    assert size < 12.5e6


SHOWN = (
    "index.html",
    "claims/index.html",
    "claims/errata.html",
    "claims/thm1.html",
    "claims/asam-threshold.html",
    "gallery/index.html",
    "benchmarks/index.html",
    "contradictions/index.html",
    "guides/explorer.html",
    "guides/analyse.html",
    "guides/trap.html",
    "api/theory.html",
    "atlas/index.html",
    "atlas/stability-table.html",
    "atlas/graph.html",
    "search.html?q=Theorem+2",
)
# A phone, tablets, and both sides of the widths at which the theme's side bars come and go.
SCROLLED = (390, 600, 760, 768, 900, 1000, 1010, 1024, 1100, 1200, 1300, 1320, 1400, 1440, 1600)


@pytest.mark.parametrize("name", SHOWN)
def test_no_serious_barrier_in_light_dark_or_print_and_no_scroll_to_the_side(visit, axe, name):
    page = visit(name)
    barriers = {}
    for media in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"color_scheme": "dark", "media": "print"}):
        page.emulate_media(**media)
        barriers[str(media)] = serious(page, axe)
    assert not any(barriers.values()), barriers
    page.emulate_media(media="screen")
    for width in SCROLLED:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def test_nothing_moves_while_a_page_loads(claim):
    shift = """() => new Promise(done => { let sum = 0;
        new PerformanceObserver(l => l.getEntries().forEach(e => { sum += e.value; }))
            .observe({type: "layout-shift", buffered: true});
        setTimeout(() => done(sum), 500); })"""
    # A page is shown once its font is there: what is left is what the theme's script does to its icons, 3.5e-5.
    assert claim.evaluate(shift) < 1e-3


def test_the_dashboard_filters_and_its_address_restores_the_filter(visit):
    page = visit("claims/index.html")
    rows = page.locator("#ledger tbody tr:visible")
    everything = rows.count()
    page.locator('[data-verdict="refuted"][type="button"]').click()
    refuted = rows.count()
    assert 0 < refuted < everything
    again = visit("claims/index.html#" + page.url.partition("#")[2])
    assert again.locator("#ledger tbody tr:visible").count() == refuted
