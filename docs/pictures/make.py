"""Make the README's pictures from the built site: basins, the papers, a figure, the explorer.

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
BASINS = "explorer.html#loss=four-wells&rule=sam&rho=0.3&lr=0.02&compare=1&basins=1&view=0,0,1.5&runs=0.1,-0.4;0.1,-1.1"


def small(picture: bytes, target: Path) -> None:
    """Write a picture in 256 colours, the rare ones (lines, markers) among them."""
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE).save(target, optimize=True)


def papers(page: Page) -> bytes:
    """The first papers with their scoreboards, without the sidebar."""
    page.set_viewport_size({"width": 1000, "height": 900})
    page.goto((SITE / "atlas" / "index.html").as_uri())
    return page.screenshot(clip={"x": 0, "y": 50, "width": 1000, "height": 850})


def basins(page: Page) -> bytes:
    """Where runs end from every start, with SAM and with gradient descent: the two pictures alone."""
    page.set_viewport_size({"width": 1648, "height": 732})  # leaves 1280 by 640 to the pictures
    page.goto("about:blank")
    page.goto(f"{SITE.as_uri()}/{BASINS}")
    page.wait_for_function("saddlecheck.basinsDone()")
    page.wait_for_timeout(300)  # a frame with them
    return page.locator("#pictures").screenshot()


def explorer(page: Page) -> bytes:
    """SAM beside gradient descent, from the same starts."""
    page.set_viewport_size({"width": 1280, "height": 760})
    page.goto("about:blank")
    page.goto(f"{SITE.as_uri()}/{EXPLORER}")
    page.wait_for_function("saddlecheck.lastFrame() > 0")
    return page.screenshot()


def main() -> None:
    """Write `basins.png`, `papers.png`, `explorer.png` and the figure beside this file."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = chromium.new_context(offline=True, color_scheme="light").new_page()
        small(basins(page), HERE / "basins.png")
        small(papers(page), HERE / "papers.png")
        small(explorer(page), HERE / "explorer.png")
        chromium.close()
    small((SITE / "_images" / FIGURE).read_bytes(), HERE / FIGURE)


if __name__ == "__main__":
    main()
