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
from saddlecheck.theory.printing.prose import myst, plain
from saddlecheck.verification.figures import FIGURES, Figure
from saddlecheck.verification.ledger import cache, snapshot
from saddlecheck.verification.site import parts
from saddlecheck.verification.site.claim_page import Book

DATA = {".json", ".csv"}
LARGEST = 100_000  # bytes of a data file that the site carries; `saddlecheck figure` writes the larger ones


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
        return dict(json.loads(source.read_text())) if source else {}


def draw_all(figures: Sequence[Figure] | None = None) -> list[Drawn]:
    """Every figure, drawn once for the code and records that it comes from; none is left out silently."""
    code = [cache.code_digest(p) for p in ("theory", "numerics", "nets", "verification/figures")]
    folder = cache.folder() / f"figures-{digest([code, snapshot.records()])[:16]}"
    return [_drawn(f, folder) for f in (FIGURES.values() if figures is None else figures)]


def _drawn(figure: Figure, folder: Path) -> Drawn:
    done = folder / f"{figure.id}.done"
    try:
        if done.exists():
            files = [folder / name for name in json.loads(done.read_text())["files"]]
            if all(f.exists() for f in files):
                return Drawn(figure, tuple(files))
        files = figure.draw(folder)
        cache.write_json(done, {"files": [f.name for f in files]})
        return Drawn(figure, tuple(files))
    except (ValueError, ImportError) as error:  # no record of a run yet, or an extra that is not installed
        return Drawn(figure, missing=str(error))


def gallery(drawn: Sequence[Drawn], book: Book, folder: Path) -> str:
    """The page `gallery/index`; copies the pictures and their data into `folder`."""
    text = (
        "(gallery)=\n# Figures\n\nEach figure of the paper as it comes out here, beside a description of theirs, and "
        "figures beyond it. The picture, its numbers and all settings are written together by `saddlecheck figure`.\n\n"
    )
    for d in drawn:
        text += f"({_anchor(d.figure.id)})=\n## {_label(d.figure)}{myst(d.figure.title)}\n\n{myst(d.figure.shows)}\n\n"
        text += _picture(d, folder) if d.files else parts.raw(f'<p class="missing">Not drawn: {plain(d.missing)}</p>')
        links = "".join(
            f'<li><a href="../claims/{r.id}.html">{plain(r.claim.title)}</a> {parts.chip(r.verdict)}</li>'
            for r in (book.reports[i] for i in d.figure.claims if i in book.reports)
        )
        text += parts.raw(f"<p>Claims:</p><ul class='links'>{links}</ul>") if links else ""
    return text


def _picture(d: Drawn, folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    shown = [f for f in d.files if f.suffix == ".png" or (f.suffix in DATA and f.stat().st_size < LARGEST)]
    for f in shown:
        if f.suffix == ".png":
            _small(f, folder / f.name)
        else:
            shutil.copyfile(f, folder / f.name)
    png = next(f.name for f in shown if f.suffix == ".png")
    settings = d.about.get("settings", {})
    rows = [(plain(str(k).replace("_", " ")), plain(str(v))) for k, v in settings.items()]
    data = ", ".join(f"{{download}}`{f.name} <{f.name}>`" for f in shown if f.suffix != ".png")
    text = parts.picture(png, d.figure.title) + _caption(d)
    if rows:
        text += parts.raw(f"<details><summary>Settings</summary>{parts.settings(rows)}</details>")
    return text + f"Numbers: {data}\n\n"


def _caption(d: Drawn) -> str:
    return f"{{.shows}}\n{myst(str(d.about.get('caption', '')))}\n\n" if "caption" in d.about else ""


def _small(source: Path, target: Path) -> None:
    """A picture in 256 colours: drawings look the same and weigh a third."""
    from PIL import Image

    if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return
    with Image.open(source) as picture:
        picture.convert("RGB").quantize(256).save(target, optimize=True)


def _label(figure: Figure) -> str:
    """The number that the paper gives the figure or table."""
    if found := re.fullmatch(r"(fig|table)(\d+)", figure.id):
        return f"{'Figure' if found[1] == 'fig' else 'Table'} {found[2]}: "
    return ""


def _anchor(figure_id: str) -> str:
    return f"figure-{figure_id}"


def pictures_of(drawn: Sequence[Drawn]) -> dict[str, list[Drawn]]:
    """The drawn figures that illustrate each claim, by claim id."""
    found: dict[str, list[Drawn]] = {}
    for d in drawn:
        for claim_id in d.figure.claims if d.files else ():
            found.setdefault(claim_id, []).append(d)
    return found


def on_claim(drawn: Sequence[Drawn]) -> str:
    """The section of a claim's page that shows its figures."""
    if not drawn:
        return ""
    text = "## Figures\n\n"
    for d in drawn:
        png = next(f.name for f in d.files if f.suffix == ".png")
        text += parts.picture(f"../gallery/{png}", d.figure.title) + _caption(d)
        text += f"[{myst(d.figure.title)}](#{_anchor(d.figure.id)}): settings and numbers are in the gallery.\n\n"
    return text
