"""The gallery: every figure of the list with its caption and settings, and in words what stops one that is missing."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saddlecheck.theory.claims.serial import digest
from saddlecheck.verification.figures import FIGURES, Figure, style
from saddlecheck.verification.ledger import cache, snapshot, sources
from saddlecheck.verification.site import parts
from saddlecheck.verification.site.claim_page import Book
from saddlecheck.verification.site.evidence_sections import at_scale
from saddlecheck.verification.site.prose import plain
from saddlecheck.verification.site.sharing import each
from saddlecheck.verification.site.templates import render

OFFERED = {".pdf", ".json", ".csv"}  # beside the picture; `saddlecheck figure` writes the grids (.npz) too
_LIBRARIES = ("matplotlib", "mpmath", "numba", "numpy", "python-flint", "scipy", "sympy", "torch")  # draw or compute
_INCH = 128  # pixels of the page for an inch of print: 8 points are then as large as the page's small text


@dataclass(frozen=True)
class Drawn:
    """A figure's files, or why there are none."""

    figure: Figure
    files: tuple[Path, ...] = ()
    missing: str = ""

    @property
    def about(self) -> Mapping[str, Any]:
        """Caption and settings, as they were written beside the picture."""
        source = next((f for f in self.files if f.suffix == ".json"), None)
        return dict(json.loads(source.read_text("utf-8"))) if source else {}

    @property
    def png(self) -> str:
        """The picture's name."""
        return self._picture.name

    @property
    def _picture(self) -> Path:
        return next(f for f in self.files if f.suffix == ".png")

    @property
    def width(self) -> int:
        """Of the picture on the page, in pixels."""
        from PIL import Image

        with Image.open(self._picture) as picture:
            return round(_INCH * picture.width / style.DPI)

    @property
    def table(self) -> str:
        """What is shown in place of the picture where that is one of a table: the table, as HTML."""
        text = next((f.read_text("utf-8") for f in self.files if f.suffix == ".md"), "")
        return "".join(map(_table, re.findall(r"(?:^[^|\n].*\n+)?(?:^\|.*\n?)+", text, re.MULTILINE)))

    @property
    def offered(self) -> list[Path]:
        """The other files that the site carries."""
        return [f for f in self.files if f.suffix in OFFERED]

    @property
    def settings(self) -> list[tuple[str, str]]:
        """Names and values, as HTML."""
        return [(plain(str(k).replace("_", " ")), plain(str(v))) for k, v in self.about.get("settings", {}).items()]


def draw_all(figures: Sequence[Figure] | None = None, *, jobs: int = 1) -> list[Drawn]:
    """Every figure, drawn once for the code and records that it comes from; none is left out silently.

    Args:
        figures: by default those of the list.
        jobs: processes.

    Returns:
        What became of each.
    """
    wanted = list(FIGURES.values()) if figures is None else figures
    made = each(_draw, wanted, range(len(wanted)), jobs=jobs)
    return [Drawn(figure, files, missing) for figure, (files, missing) in zip(wanted, made, strict=True)]


def _draw(figures: Sequence[Figure], at: int) -> tuple[tuple[Path, ...], str]:
    """The files of one of the figures, or why there are none."""
    figure, folder = figures[at], cache.folder() / "figures"
    done, key = folder / f"{figure.id}.done", _key(figure)
    if (names := cache.load_json(done, key)) is not None and all((folder / name).exists() for name in names):
        return tuple(folder / name for name in names), ""
    done.unlink(missing_ok=True)  # the files that it lists are about to be overwritten
    try:
        files = figure.draw(folder)
    except (ValueError, ImportError) as error:  # no record of a run yet, or an extra that is not installed
        return (), str(error)
    cache.store_json(done, key, [f.name for f in files])
    return tuple(files), ""


def _key(figure: Figure) -> str:
    """Of the code that draws a figure, the records where it reads them, and the versions below."""
    needed = sources.closure(figure.code)
    read = [snapshot.records()] if "saddlecheck.nets.record" in needed else []
    return digest([sources.digest_of(figure.code), read, cache.versions(_LIBRARIES)])


def gallery(drawn: Sequence[Drawn], book: Book, folder: Path, downloads: Path) -> str:
    """The page `gallery/index`; copies the pictures into `folder`, and into `downloads` the PDFs and the numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    downloads.mkdir(parents=True, exist_ok=True)
    for d in drawn:
        for f in d.files:
            if f.suffix == ".png":
                _small(f, folder / f.name)
            elif f in d.offered:
                shutil.copyfile(f, downloads / f.name)
    return render(
        "gallery.md.jinja", drawn=drawn, reports=book.reports, label=_label, downloads=downloads.name, at_scale=at_scale
    )


def _small(source: Path, target: Path) -> None:
    """A picture in 256 colours: drawings look the same and weigh a third."""
    from PIL import Image

    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    with Image.open(source) as picture:
        picture.convert("RGB").quantize(256).save(target, optimize=True)


def _table(block: str) -> str:
    """A title, where there is one, and a table in Markdown, as HTML that fits a phone."""
    title, _, body = block.partition("|")
    head, _, *rows = [
        [plain(cell.strip()) for cell in line.strip("|").split("|")] for line in ("|" + body).splitlines()
    ]
    return (f"<p>{plain(title)}</p>" if title.strip() else "") + parts.table(head, rows)


def _label(figure: Figure) -> str:
    """The number that the paper gives the figure or table."""
    if found := re.fullmatch(r"(fig|table)(\d+)", figure.id):
        return f"{'Figure' if found[1] == 'fig' else 'Table'} {found[2]}: "
    return ""


def pictures_of(drawn: Sequence[Drawn]) -> dict[str, list[Drawn]]:
    """The drawn figures that illustrate each claim, by claim id."""
    found: dict[str, list[Drawn]] = {}
    for d in drawn:
        for claim_id in d.figure.claims if d.files else ():
            found.setdefault(claim_id, []).append(d)
    return found


def on_claim(drawn: Sequence[Drawn]) -> str:
    """The section of a claim's page that shows its figures."""
    return render("figures.md.jinja", drawn=drawn) if drawn else ""
