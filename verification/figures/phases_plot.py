"""The picture of `analyse --param`: which critical points with which verdicts there are, over the parameter."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

from saddlecheck._files import write_whole
from saddlecheck.verification.analysis.parameter import Phase
from saddlecheck.verification.palette import BLUE, GREY, ORANGE, PINK, RED

_APART = 0.05  # of the range: changes that are nearer share one number
_COLOURS = {"minimum": BLUE, "saddle": ORANGE, "maximum": RED, "degenerate": PINK}


def rows(phases: Sequence[Phase]) -> dict[str, list[tuple[float, float]]]:
    """Each line of the answers, as it is first met, with the ranges in which it holds."""
    found: dict[str, list[tuple[float, float]]] = {}
    for phase in phases:
        for line in phase.answers:
            found.setdefault(line, []).append((phase.low, phase.high))
    return found


def draw(phases: Sequence[Phase], path: str) -> None:
    """Write the picture: a bar for each line over the ranges in which it holds; the ending says the format."""
    from matplotlib.figure import Figure

    bars = rows(phases)
    figure = Figure(figsize=(8.0, 1.0 + 0.55 * len(bars)), layout="constrained")
    ax = figure.subplots()
    for k, (line, ranges) in enumerate(bars.items()):
        kind = line.partition(":")[0].split()[-1]
        # The edge's width keeps a range of one value visible.
        ax.broken_barh([(a, b - a) for a, b in ranges], (k + 0.6, 0.25), color=_COLOURS.get(kind, GREY), linewidth=2)
        ax.text(phases[0].low, k + 0.5, f" {line}", fontsize=8, va="bottom")  # above its bar, from the left end
    named = -math.inf
    for phase in phases[1:]:
        ax.axvline(phase.low, color=GREY, linewidth=0.8, linestyle=":")
        if phase.low - named > _APART * (phases[-1].high - phases[0].low):
            named = phase.low
            ax.annotate(f"{named:.4g}", (named, 0), fontsize=8, ha="center", va="bottom")
    ax.set_ylim(len(bars), 0)
    ax.set_xlim(phases[0].low, phases[-1].high)
    ax.set_yticks([])
    ax.set_xlabel(phases[0].parameter)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=Path(path).suffix.removeprefix(".") or None, dpi=150)
    write_whole(Path(path), buffer.getvalue())
