"""One look for all figures, and one way to write them: picture, caption, settings and the numbers behind it.

Each curve has a line or a marker of its own beside its colour, so that a black-and-white print says the same.
Matplotlib is imported when something is drawn, not before.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

from saddlecheck._files import write_whole
from saddlecheck.theory.printing.prose import typeset
from saddlecheck.verification.palette import BLACK as BLACK
from saddlecheck.verification.palette import BLUE as BLUE
from saddlecheck.verification.palette import GREEN as GREEN
from saddlecheck.verification.palette import GREY as GREY
from saddlecheck.verification.palette import ORANGE as ORANGE
from saddlecheck.verification.palette import PINK as PINK
from saddlecheck.verification.palette import RED as RED
from saddlecheck.verification.palette import SKY as SKY
from saddlecheck.verification.palette import YELLOW as YELLOW

# What a curve is decides how it looks, in every figure.
GD = {"color": BLUE, "linestyle": "-"}
CONSTANT = {"color": RED, "linestyle": "--"}
NORMALISED = {"color": GREEN, "linestyle": "-."}
PRINTED = {"color": BLACK, "linestyle": ":"}
MARKERS = {"gd": "o", "constant": "^", "normalised": "s", "printed": "x"}

# Light enough for lines and points on top, dark enough to differ in grey (luminances 0.93, 0.80 and 0.66).
SHADES = ("#F2EEDC", "#BFD5E3", "#AAA2B4")
SEQUENTIAL = "cividis"

LINE = 0.14  # inches of paper for a line of the caption

_RC: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.fontsize": 7.5,
    "legend.framealpha": 0.9,
    "lines.linewidth": 1.5,
    "lines.markersize": 4.5,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "pdf.fonttype": 42,  # text stays text
    "savefig.dpi": 160,
}

_P = ParamSpec("_P")
_T = TypeVar("_T")


def styled(draw: Callable[_P, _T], more: Mapping[Any, Any] | None = None) -> Callable[_P, _T]:
    """The drawing function with this look, and more settings over it, in force while it draws, and only then."""

    @functools.wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        import matplotlib

        with matplotlib.rc_context({**_RC, **(more or {})}):
            return draw(*args, **kwargs)

    return drawn


def canvas(rows: int, columns: int, size: tuple[float, float], **layout: Any) -> tuple[Any, Any]:
    """A figure and its axes, drawn without a display; `layout` goes to `Figure.subplots`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.subplots(rows, columns, **layout)


def tidy(*blocks: Mapping[str, Any]) -> dict[str, list[Any]]:
    """One long table from blocks of columns: a single value is repeated down its block, a missing one left empty."""
    names = list(dict.fromkeys(name for block in blocks for name in block))
    table: dict[str, list[Any]] = {name: [] for name in names}
    for block in blocks:
        length = max((len(v) for v in block.values() if np.ndim(v)), default=1)
        for name in names:
            value = block.get(name, "")
            table[name] += list(value) if np.ndim(value) else [value] * length
    return table


def save(
    figure: Any,
    stem: Path,
    *,
    caption: str,
    settings: Mapping[str, Any],
    columns: Mapping[str, str] | None = None,
    rows: Mapping[str, Sequence[Any]] | None = None,
    arrays: Mapping[str, Any] | None = None,
    **results: Any,
) -> list[Path]:
    """Write the picture (PNG, PDF), its caption with all settings (JSON), and its numbers (CSV, NPZ); return the files.

    The PDF carries the caption below the picture; the PNG goes where the caption is set as text.

    Args:
        figure: what to write; its words may have Greek letters by name and exponents with ^.
        stem: path of the files without their endings.
        caption: what is seen, in words; its numbers come from the run.
        settings: all that the numbers depend on, the seed included where there is one.
        columns: the meaning, with its unit, of each column of `rows` and each entry of `arrays`.
        rows: columns of equal length, written as CSV.
        arrays: grids, written as NPZ.
        results: further numbers, kept in the JSON file.

    Returns:
        Paths of the files, the PNG first.

    Raises:
        ValueError: a column or array without a stated meaning, or a meaning without its column.
    """
    stated, given = set(columns or {}), {*(rows or {}), *(arrays or {})}
    if stated != given:
        raise ValueError(f"each column needs one meaning: stated {sorted(stated)}, given {sorted(given)}")
    _typeset(figure)
    about = {"caption": caption, "settings": dict(settings), "columns": dict(columns or {}), **results}
    lines = textwrap.wrap(typeset(caption), int(figure.get_figwidth() * 16.0))  # characters of 8 points that fit
    height = figure.get_figheight()
    figure.set_figheight(height - LINE * len(lines))  # the panels keep their size
    files = {".png": _picture(figure, "png")}
    figure.set_figheight(height)
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=8.0)
    files[".pdf"] = _picture(figure, "pdf")
    files[".json"] = (json.dumps(about, indent=1, default=_plain) + "\n").encode()
    if rows:
        files[".csv"] = _csv(rows)
    if arrays:
        files[".npz"] = _npz(arrays)
    written = [stem.with_name(stem.name + ending) for ending in files]
    return [write_whole(path, content) for path, content in zip(written, files.values(), strict=True)]


def _typeset(figure: Any) -> None:
    """Set every word of the figure as the pages set it: rho becomes ρ, w^p becomes wᵖ."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        if "$" not in text.get_text():
            text.set_text(typeset(text.get_text()))


def _picture(figure: Any, kind: str) -> bytes:
    buffer = io.BytesIO()
    # No date: the same numbers give the same file.
    figure.savefig(buffer, format=kind, metadata={"CreationDate": None} if kind == "pdf" else None)
    return buffer.getvalue()


def _csv(rows: Mapping[str, Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows)
    writer.writerows([_plain(v) for v in row] for row in zip(*rows.values(), strict=True))
    return text.getvalue().encode()


def _npz(arrays: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    named: dict[str, Any] = {name: np.asarray(a) for name, a in arrays.items()}
    np.savez_compressed(buffer, **named)
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    """NumPy's numbers and arrays as Python's own."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value
