"""Colours, shapes and line styles of the pictures: Okabe and Ito's colours, told apart with any colour blindness."""

from __future__ import annotations

from saddlecheck.verification.analysis.result import Analysis, Point

KINDS = {
    "minimum": ("o", "#009e73"),
    "saddle": ("X", "#d55e00"),
    "maximum": ("^", "#0072b2"),
    "degenerate": ("D", "#cc79a7"),
}
BASINS = ("#56b4e9", "#f0e442", "#cc79a7", "#009e73", "#e69f00", "#0072b2")
LINES = {
    "gd": ("gradient descent", "#000000", ":"),
    "sam": ("SAM", "#d55e00", "-"),
    "sam_normalised": ("normalised SAM", "#0072b2", "--"),
    "heavy_ball_sam": ("SAM with heavy ball", "#009e73", "-."),
}


def everything(analysis: Analysis) -> list[Point]:
    """Isolated points and the samples of components."""
    return [*analysis.points, *(s for c in analysis.components for s in c.samples)]
