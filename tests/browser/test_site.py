"""The built site, opened from disk with the network cut off. SADDLECHECK_SITE names its folder."""

import os
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from .conftest import absent, serious

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SADDLECHECK_SITE", ROOT / "docs" / "_build" / "html"))
# Formulas that are empty or in error, scripts that would set them later, and LaTeX or Markdown left as text.
SHOWN_WHOLE = r"""() => {
    const count = (chosen, wrong) => [...document.querySelectorAll(chosen)].filter(wrong).length;
    return {
        missing: count(".math", e => !e.querySelector("math") && !e.textContent.trim()),
        unread: count("merror", () => true),
        scripts: count("script[src]", e => /mathjax|katex/i.test(e.src)),
        raw: [...document.querySelectorAll("main, article, body")].slice(0, 1).some((shown) => {
            const copy = shown.cloneNode(true);  // a block of code may show LaTeX on purpose
            copy.querySelectorAll("pre, script, style").forEach((part) => part.remove());
            return /\\\(|\\\[|\\frac|\\rho|```/.test(copy.textContent);
        }),
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
    return [...document.querySelectorAll("article :is(math, div.math, table, pre, td, .side, .point, .given)")]
        .filter(cut).map(e => `${e.tagName} ${e.textContent.slice(0, 60)}`);
}"""


@pytest.fixture(scope="module")
def pages():
    found = sorted(SITE.rglob("*.html"))
    if not found:
        absent(f"no site at {SITE}: build it with sphinx-build, or set SADDLECHECK_SITE")
    return found


def test_every_page_shows_every_formula_and_asks_nobody(pages, watched):
    page, broken = None, []
    for path in pages:
        if page is None:
            page = watched(path.as_uri())
        else:
            page.goto(path.as_uri())
        found = page.evaluate(SHOWN_WHOLE)
        if any(found.values()) or page.complaints:
            broken.append((path.name, found, page.complaints[:2]))
            page.complaints.clear()
    assert broken == []


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
    for path, anchors in found.items():
        for link in anchors.links:
            parts = urlsplit(urljoin(path.as_uri(), link))
            if parts.scheme != "file":
                continue
            target = Path(unquote(parts.path))
            # The explorer and the dashboard keep their state in the fragment, as name=value.
            entered = unquote(parts.fragment) if "=" not in parts.fragment else ""
            if not target.exists() or (entered and target in found and entered not in found[target].ids):
                dead.add((path.name, link))
    assert sum(len(a.links) for a in found.values()) > 10 * len(pages)
    assert dead == set()


def test_the_site_is_small(pages):
    files = [f for f in SITE.rglob("*") if f.is_file() and ".doctrees" not in f.parts]  # Sphinx's own cache
    size = sum(f.stat().st_size for f in files if "downloads" not in f.parts)
    print(f"{len(pages)} pages, {size / 1e6:.1f} MB without the downloads")
    assert size < 15e6 / 281 * len(pages)  # the bound for the 281 pages of one paper, kept a page


SHOWN = (
    "index.html",
    "claims/index.html",
    "claims/errata.html",
    "claims/thm1.html",
    "gallery/index.html",
    "benchmarks/index.html",
    "guides/explorer.html",
    "guides/trap.html",
    "api/theory.html",
)


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(pages, watched, axe, name, scheme):
    page = watched((SITE / name).as_uri(), color_scheme=scheme)
    assert serious(page, axe) == []


@pytest.mark.parametrize("name", SHOWN)
def test_no_barrier_in_print(pages, watched, axe, name):
    page = watched((SITE / name).as_uri(), color_scheme="dark")
    page.emulate_media(media="print")
    assert serious(page, axe) == []


@pytest.fixture(scope="module")
def claim_pages(pages):
    return [p for p in pages if p.parent.name == "claims" and p.stem not in {"index", "errata"}]


@pytest.mark.parametrize("width", [390, 768, 1024, 1440])
def test_nothing_of_a_claim_is_cut_off(claim_pages, watched, width):
    page = watched(claim_pages[0].as_uri(), viewport={"width": width, "height": 900})
    cut = {}
    for path in claim_pages:
        page.goto(path.as_uri())
        if found := page.evaluate(CUT_OFF):
            cut[path.stem] = found[:2]
    assert cut == {}


@pytest.mark.parametrize("wide", ["<mi>x</mi>" * 200, f"<mi>{'x' * 200}</mi>", f"<mtext>{'x x' * 100}</mtext>"])
def test_a_formula_that_is_cut_off_would_be_seen(claim_pages, watched, wide):
    page = watched(claim_pages[0].as_uri(), viewport={"width": 390, "height": 900})
    page.evaluate(
        "wide => document.querySelector('article').insertAdjacentHTML('beforeend', "
        "'<div class=\"math\"><p><math>' + wide + '</math></p></div>')", wide,
    )  # fmt: skip
    assert any("xx" in line for line in page.evaluate(CUT_OFF))


def test_nothing_moves_while_a_page_loads(claim_pages, watched):
    page = watched(claim_pages[0].as_uri())
    shift = """() => new Promise(done => { let sum = 0;
        new PerformanceObserver(l => l.getEntries().forEach(e => { sum += e.value; }))
            .observe({type: "layout-shift", buffered: true});
        setTimeout(() => done(sum), 500); })"""
    # A page is shown once its font is there: what is left is what the theme's script does to its icons, 3.5e-5.
    assert page.evaluate(shift) < 1e-3


@pytest.mark.parametrize("name", SHOWN)
def test_no_horizontal_scroll_at_any_width(pages, watched, name):
    page = watched((SITE / name).as_uri(), viewport={"width": 390, "height": 844})
    # A phone, tablets, and both sides of the widths at which the theme's side bars come and go.
    for width in (390, 600, 760, 900, 1000, 1010, 1100, 1200, 1300, 1320, 1400, 1600):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def test_the_dashboard_filters_and_its_address_restores_the_filter(pages, watched):
    page = watched((SITE / "claims" / "index.html").as_uri())
    rows = page.locator("#ledger tbody tr:visible")
    everything = rows.count()
    page.locator('[data-verdict="refuted"][type="button"]').click()
    refuted = rows.count()
    assert 0 < refuted < everything
    again = watched(page.url)
    assert again.locator("#ledger tbody tr:visible").count() == refuted
