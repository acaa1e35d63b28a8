"""A headless Chromium, cut off from the network; without one the tests skip, or fail where CI requires it."""

import os
import shutil
from pathlib import Path

import pytest

from saddlecheck.verification.site import explorer

ROOT = Path(__file__).resolve().parents[2]
SITE = Path(os.environ.get("SADDLECHECK_SITE", ROOT / "docs" / "_build" / "html"))
REQUIRED = os.environ.get("SADDLECHECK_REQUIRE_CHROMIUM") == "1"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)


def absent(reason):
    if REQUIRED:
        pytest.fail(f"{reason} (SADDLECHECK_REQUIRE_CHROMIUM is set)")
    pytest.skip(reason)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser():
    found = os.environ.get("SADDLECHECK_CHROMIUM") or next(
        (p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None
    )
    if not found:
        absent("no Chromium on PATH: install one (Debian: apt-get install chromium), or set SADDLECHECK_CHROMIUM")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        absent("playwright is not installed: pip install playwright (no browser has to be downloaded)")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe():
    path = os.environ.get("SADDLECHECK_AXE", "")
    if not Path(path).is_file():
        absent("axe-core is not there: npm install axe-core, and set SADDLECHECK_AXE to its axe.min.js")
    return Path(path).read_text()


@pytest.fixture(scope="session")
def context(browser):
    """One profile for all pages, cut off from the network."""
    made = browser.new_context(offline=True)
    yield made
    made.close()


@pytest.fixture
def watched(browser, context):
    """A function that opens a page, offline, and notes each complaint: console errors, failed or remote requests."""
    opened_here = []

    def opened(url, *, viewport=None, color_scheme="light", has_touch=False):
        owner = browser.new_context(offline=True, has_touch=True) if has_touch else context
        page = owner.new_page()
        opened_here.append(owner if has_touch else page)
        page.set_viewport_size(viewport or {"width": 1280, "height": 720})
        page.emulate_media(color_scheme=color_scheme)
        page.complaints = []
        page.on("console", lambda m: m.type in {"error", "warning"} and page.complaints.append(m.text))
        page.on("pageerror", lambda e: page.complaints.append(str(e)))
        page.on("requestfailed", lambda r: page.complaints.append(f"failed: {r.url}"))
        page.on("request", lambda r: r.url.startswith(("file:", "data:", "blob:")) or page.complaints.append(r.url))
        page.goto(url)
        return page

    yield opened
    for each in opened_here:
        each.close()


@pytest.fixture(scope="session")
def pages():
    """The pages of the built site."""
    found = sorted(SITE.rglob("*.html"))
    if not found:
        absent(f"no site at {SITE}: build it with sphinx-build, or set SADDLECHECK_SITE")
    return found


@pytest.fixture
def visit(pages, watched):
    """A function that opens a page of the built site."""

    def opened(address="index.html", **settings):
        name, mark, rest = address.partition("?" if "?" in address else "#")
        return watched((SITE / name).as_uri() + mark + rest, **settings)

    return opened


def serious(page, axe):
    """What axe-core calls serious or critical on the page, as one line each."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:120]} {v['nodes'][0].get('failureSummary', '')[:200]}"
        for v in found
        if v["impact"] in {"serious", "critical"}
    ]


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    return explorer.write(tmp_path_factory.mktemp("explorer") / "explorer.html").as_uri()


@pytest.fixture
def explore(watched, address):
    def opened(state="", **settings):
        page = watched(f"{address}#{state}", **settings)
        page.wait_for_function("window.saddlecheck && saddlecheck.lastFrame() > 0")
        return page

    return opened
