"""The built site, opened from disk with the network cut off. SADDLECHECK_SITE names its folder."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from .conftest import absent, serious

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SADDLECHECK_SITE", ROOT / "docs" / "_build" / "html"))
READY = "!window.MathJax || (MathJax.startup && MathJax.startup.promise.then(() => true))"


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
        page.wait_for_function(READY)
        page.wait_for_function(
            "[...document.querySelectorAll('.math')].every(e => e.querySelector('mjx-container'))", timeout=20_000
        )
        bad = page.evaluate(
            "document.querySelectorAll('mjx-merror, [data-mjx-error], [data-mml-node=\"merror\"]').length"
        )
        raw = page.evaluate(r"/\\\(|\\\[|\\frac|\\rho|```/.test(document.body.innerText)")
        if bad or raw or page.complaints:
            broken.append((path.name, bad, raw, page.complaints[:2]))
            page.complaints.clear()
    assert broken == []


def test_every_link_leads_somewhere(pages, watched):
    page, dead, anchors = None, set(), {}
    wanted = set()
    for path in pages:
        page = page or watched(path.as_uri())
        page.goto(path.as_uri(), wait_until="domcontentloaded")
        anchors[path] = set(page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)"))
        for link in page.evaluate("[...document.querySelectorAll('a[href], img[src]')].map(e => e.href || e.src)"):
            wanted.add((path, link))
    for path, link in wanted:
        parts = urlsplit(link)
        if parts.scheme != "file":
            continue
        target = Path(unquote(parts.path))
        if not target.exists() or (
            parts.fragment
            and target in anchors
            and "=" not in parts.fragment
            and unquote(parts.fragment) not in anchors[target]
        ):
            dead.add((path.name, link))
    assert dead == set()


def test_the_site_is_small(pages):
    files = [f for f in SITE.rglob("*") if f.is_file() and ".doctrees" not in f.parts]  # Sphinx's own cache
    size = sum(f.stat().st_size for f in files)
    print(f"{len(pages)} pages, {size / 1e6:.1f} MB")
    assert size < 15e6


SHOWN = (
    "index.html",
    "claims/index.html",
    "claims/errata.html",
    "claims/thm1.html",
    "gallery/index.html",
    "guides/trap.html",
    "api/theory.html",
)


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barrier(pages, watched, axe, name, scheme):
    page = watched((SITE / name).as_uri(), color_scheme=scheme)
    page.wait_for_function(READY)
    assert serious(page, axe) == []


@pytest.mark.parametrize("name", SHOWN)
def test_no_horizontal_scroll_on_a_phone(pages, watched, name):
    page = watched((SITE / name).as_uri(), viewport={"width": 390, "height": 844})
    page.wait_for_function(READY)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_dashboard_filters_and_its_address_restores_the_filter(pages, watched):
    page = watched((SITE / "claims" / "index.html").as_uri())
    rows = page.locator("#ledger tbody tr:visible")
    everything = rows.count()
    page.locator('[data-verdict="refuted"][type="button"]').click()
    refuted = rows.count()
    assert 0 < refuted < everything
    again = watched(page.url)
    assert again.locator("#ledger tbody tr:visible").count() == refuted
