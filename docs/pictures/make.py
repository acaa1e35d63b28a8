"""Make the README's pictures from the built site: the ledger, a figure, the explorer.

tox -e docs && python docs/pictures/make.py

Wants a Chromium on PATH and playwright (`pip install --group browser`).
"""

import shutil
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
SITE = HERE.parent / "_build" / "html"
FIGURE = "stability-map.png"
EXPLORER = "explorer.html#loss=four-wells&rule=sam&rho=0.3&lr=0.02&compare=1&runs=0.1,-0.4;-0.3,1.3;1.2,0.15;-1.4,-0.2"


def small(picture: bytes, target: Path) -> None:
    """Write a picture in 256 colours, the rare ones (lines, markers) among them."""
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE).save(target, optimize=True)


def ledger(page: Page) -> bytes:
    """The dashboard without the sidebar, down to the first rows of its table."""
    page.set_viewport_size({"width": 1000, "height": 900})
    page.goto((SITE / "claims" / "index.html").as_uri())
    return page.screenshot(clip={"x": 0, "y": 50, "width": 1000, "height": 850})


def explorer(page: Page) -> bytes:
    """SAM beside gradient descent, from the same starts."""
    page.set_viewport_size({"width": 1280, "height": 760})
    page.goto(f"{SITE.as_uri()}/{EXPLORER}")
    page.wait_for_function("saddlecheck.lastFrame() > 0")
    return page.screenshot()


def main() -> None:
    """Write `ledger.png`, `explorer.png` and the figure beside this file."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_context(offline=True, color_scheme="light").new_page()
        small(ledger(page), HERE / "ledger.png")
        small(explorer(page), HERE / "explorer.png")
        chromium.close()
    small((SITE / "_images" / FIGURE).read_bytes(), HERE / FIGURE)


if __name__ == "__main__":
    main()
