"""One look for all figures, and one way to write them: picture, caption, settings and the numbers behind it.

A figure is as wide as a page of print or one of its two columns, with 8 points of STIX for words and mathematics; the
caption stands beside the picture, not in it, so that a paper can include the PDF as it is.

Each curve has a line or a marker of its own beside its colour, so that a black-and-white print says the same.
Matplotlib is imported when something is drawn, not before.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
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

PAGE, COLUMN, PANEL = 6.75, 3.25, 2.4  # inches: the widths of print, and the height of a panel that fills a column
DPI = 220  # of the PNG
_CHARACTER = 0.051  # inches of a character of 8 points, on average

_RC: dict[Any, Any] = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize", "xtick.labelsize", "ytick.labelsize"), 8.0),
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.fontsize": 7.0,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.handlelength": 1.8,
    "legend.borderaxespad": 0.3,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "hatch.linewidth": 0.5,
    "pdf.fonttype": 42,  # text stays text
    "savefig.dpi": DPI,
}

_P = ParamSpec("_P")
_T = TypeVar("_T")


def styled(draw: Callable[_P, _T]) -> Callable[_P, _T]:
    """The drawing function with this look in force while it draws, and only then."""

    @functools.wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        import matplotlib

        with matplotlib.rc_context(_RC):
            return draw(*args, **kwargs)

    return drawn


def canvas(rows: int, columns: int, height: float, width: float = PAGE, **layout: Any) -> tuple[Any, Any]:
    """A figure and its axes, drawn without a display.

    Args:
        rows: of panels.
        columns: of panels.
        height: of the figure, in inches.
        width: of the figure, in inches.
        layout: goes to `Figure.subplots`.

    Returns:
        The figure, and its axes as `subplots` gives them.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, **layout)


def panel() -> tuple[Any, Any]:
    """A figure of one panel that fills a column, and its axes."""
    return canvas(1, 1, PANEL, COLUMN)


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

    The caption is in none of the pictures: the PDF has it among its properties, as its subject.

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
    files = {".png": _picture(figure, "png"), ".pdf": _picture(figure, "pdf", caption)}
    files[".json"] = (json.dumps(about, indent=1, default=_plain) + "\n").encode()
    if rows:
        files[".csv"] = _csv(rows)
    if arrays:
        files[".npz"] = _npz(arrays)
    written = [stem.with_name(stem.name + ending) for ending in files]
    return [write_whole(path, content) for path, content in zip(written, files.values(), strict=True)]


def _typeset(figure: Any) -> None:
    """Set the mathematics in every word of the figure, and let titles wrap where their panel ends."""
    from matplotlib.text import Text

    figure.canvas.draw()  # only now is it known how wide each panel is
    for axis in figure.axes:
        room = axis.get_window_extent().width / figure.dpi / _CHARACTER
        for side in ("left", "center", "right"):
            if title := axis.get_title(side):
                whole = re.sub(r" = |(?<=\d), (?=\d)", lambda m: m[0].replace(" ", "\u00a0"), title)
                axis.set_title("\n".join(textwrap.wrap(whole, max(20, int(room)))), loc=side)
    for text in figure.findobj(Text):
        if "$" not in text.get_text():
            text.set_text(mathematics(text.get_text()))


_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵖˢᵘ⁽⁾", "0123456789+-npsu()")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₙ", "0123456789+-ijn")
_SET = re.compile(
    r"(?P<base>[∇ℓα-ωΔ]+|(?<![A-Za-z\d])[A-Za-z](?![A-Za-z])|[)|\d])?"
    r"(?P<low>[₀-₉₊₋ᵢⱼₙ]+)?(?P<high>[⁰¹²³⁴-⁹⁺⁻ⁿᵖˢᵘ⁽⁾]+)?"
)
_NAMES = frozenset("xywtBLTH")  # single letters that stand for quantities


def mathematics(text: str) -> str:
    """Plain words with their Greek letters, exponents and indices set as mathematics: w^p, and eta over B^2."""

    def set_in_italics(found: re.Match[str]) -> str:
        base, low, high = found["base"] or "", found["low"], found["high"]
        if not (low or high or base in _NAMES or (base and not base.isascii())):
            return found[0]
        lowered = f"_{{{low.translate(_LOWERED)}}}" if low else ""
        raised = f"^{{{high.translate(_RAISED)}}}" if high else ""
        return f"${base}{lowered}{raised}$"

    return _SET.sub(set_in_italics, typeset(text))


def _picture(figure: Any, kind: str, subject: str = "") -> bytes:
    buffer = io.BytesIO()
    # No date: the same numbers give the same file.
    figure.savefig(buffer, format=kind, metadata={"CreationDate": None, "Subject": subject} if kind == "pdf" else None)
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
