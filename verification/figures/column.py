"""Figures of one column of print: 3.25 inches wide, 8 points, STIX, one panel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from saddlecheck.verification.figures import style

WIDTH, HEIGHT, CAPTION = 3.25, 2.4, 52  # inches; characters of a line of the caption

_RC: dict[Any, Any] = {
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize", "xtick.labelsize", "ytick.labelsize"), 8.0),
    "legend.fontsize": 7.0,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "savefig.dpi": 200,
}

_P = ParamSpec("_P")
_T = TypeVar("_T")


def styled(draw: Callable[_P, _T]) -> Callable[_P, _T]:
    """The drawing function with this look in force while it draws, and only then."""
    return style.styled(draw, _RC)


def panel(caption: str) -> tuple[Any, Any]:
    """A figure of one panel and its axes; its height leaves room for the caption below, which the PDF carries."""
    lines = 1 + len(caption) // (CAPTION - 6)
    return style.canvas(1, 1, (WIDTH, HEIGHT + style.LINE * lines))
