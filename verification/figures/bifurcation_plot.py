"""The picture of a bifurcation diagram: attractors over the parameter, thresholds as lines, and where starts go."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from saddlecheck._files import write_whole
from saddlecheck.verification.analysis.diagram import Attractor, Diagram
from saddlecheck.verification.figures.analysis_plane import LINES
from saddlecheck.verification.palette import BLACK, BLUE, GREEN, GREY, ORANGE, PALE, PINK, RED, SKY

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What paths come to: label, colour, marker, size.
KINDS = {
    "critical point": ("critical point", BLUE, "o", 3.0),
    "own equilibrium": ("its own equilibrium", ORANGE, "D", 3.0),
    "cycle 2": ("2-cycle", GREEN, "s", 2.2),
    "cycle": ("longer cycle", SKY, "^", 2.4),
    "not periodic": ("not periodic", RED, ".", 1.4),
    "chaotic": ("chaotic", PINK, ".", 1.4),
    "settling": ("not settled yet", GREY, "x", 3.0),
}
_TITLES = {"rho": r"$\rho$", "lr": r"learning rate $\eta$", "momentum": r"momentum $\gamma$"}


def draw(diagrams: Sequence[Diagram], path: str) -> None:
    """Write the picture, a column for each diagram; the ending says the format."""
    from matplotlib.figure import Figure

    height = 0.3 + 0.22 * max(_keys(d) for d in diagrams)  # inches of the legend
    figure = Figure(figsize=(1.2 + 6.6 * len(diagrams), 6.8 + height), layout="constrained")
    grid: Any = figure.subplots(3, len(diagrams), squeeze=False, height_ratios=[5, 1.2, height])
    for k, diagram in enumerate(diagrams):
        _panel(grid[0][k], diagram)
        _shares(grid[1][k], diagram)
        grid[2][k].set_axis_off()
        handles, labels = grid[0][k].get_legend_handles_labels()
        grid[2][k].legend(handles, labels, fontsize=8, markerscale=1.6, loc="upper left", frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=Path(path).suffix.removeprefix(".") or None, dpi=150)
    write_whole(Path(path), buffer.getvalue())


def _keys(d: Diagram) -> int:
    """How many lines the legend has, or one more."""
    return len({_kind(a) for s in d.slices for a in s.attractors}) + 2 + len({f"{t.value:.6g}" for t in d.thresholds})


def _kind(a: Attractor) -> str:
    return "cycle 2" if a.kind == "cycle" and a.period == 2 else a.kind


def _panel(ax: Axes, d: Diagram) -> None:
    """Positions of one variable; the loss at them where there are more."""
    height = _observable(d)
    _critical(ax, d, height)
    for kind, (label, colour, marker, size) in KINDS.items():
        x, y = _dots(d, kind, height)
        if len(x):
            look: dict[str, Any] = {"color": colour, "markersize": size, "markeredgewidth": 0.6, "linestyle": "none"}
            ax.plot(x, y, marker, label=label, zorder=4, **look)
    repelling = [(s.value, e.at) for s in d.slices for e in s.equilibria if not e.attracts]
    if repelling:
        ax.plot(
            [v for v, _ in repelling], height([at for _, at in repelling]), "o", color="white", markeredgecolor=GREY,
            markersize=2.6, markeredgewidth=0.7, label="its own equilibrium, repels", zorder=3,
        )  # fmt: skip
    continued = [(s.value, a) for s in d.slices for a in s.attractors if a.starts == 0 and "starts" not in a.found]
    if continued:
        x = [v for v, a in continued for _ in a.points]
        y = height([p for _, a in continued for p in a.points])
        ring: dict[str, Any] = {"color": "none", "markeredgecolor": BLACK, "markersize": 5.5, "markeredgewidth": 0.6}
        ax.plot(x, y, "o", label="found by continuation alone", zorder=5, **ring)
    _lines(ax, d)
    _limits(ax, d, height)
    name = LINES[d.optimiser][0] if d.optimiser in LINES else d.optimiser
    others = ", ".join(f"{n} = {getattr(d.settings, n):g}" for n in ("rho", "lr", "momentum") if n != d.parameter)
    ax.set_title(f"{name} on {d.loss[:48]}{'…' if len(d.loss) > 48 else ''}\n{others}", fontsize=10)
    ax.set_ylabel(d.variables[0] if len(d.variables) == 1 else "loss")


def _critical(ax: Axes, d: Diagram, height: Any) -> None:
    """A pale line at each critical point, those of one height together."""
    levels: dict[str, list[str]] = {}
    for k, (kind, at) in enumerate(zip(d.kinds, d.critical, strict=True), 1):
        levels.setdefault(f"{height([at])[0]:.4g}", []).append(f"{k}: {kind}")
    for level, names in levels.items():
        words = "\n".join(names[:3]) + (" …" if len(names) > 3 else "")
        ax.axhline(float(level), color=PALE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
        ax.annotate(
            words, (1.0, float(level)), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
            fontsize=8, va="center", color=GREY,
        )  # fmt: skip


def _observable(d: Diagram) -> Any:
    """Points to heights: the weight itself, or the loss of several weights."""
    if len(d.variables) == 1:
        return lambda points: np.array([p[0] for p in points])
    from saddlecheck.theory.critical.loss import Loss
    from saddlecheck.verification.analysis.dynamics import Landscape

    landscape = Landscape(Loss(d.loss))
    return lambda points: landscape.value(np.array(points, float).T)


def _dots(d: Diagram, kind: str, height: Any) -> tuple[Any, Any]:
    """The positions of all attractors of a kind, one entry a position."""
    pairs = [(s.value, p) for s in d.slices for a in s.attractors if _kind(a) == kind for p in a.points]
    if not pairs:
        return [], []
    return [v for v, _ in pairs], height([p for _, p in pairs])


def _lines(ax: Axes, d: Diagram) -> None:
    """Thresholds of theory: a line each, lettered, with what happens there and the claim that proves it."""
    drawn: dict[float, list[Any]] = {}
    for t in d.thresholds:
        if "undecided" not in (t.before, t.after):
            drawn.setdefault(float(f"{t.value:.6g}"), []).append(t)
    styles = [(0, (1, 1)), (0, (5, 2)), (0, (5, 1, 1, 1)), "-"]
    for k, (value, some) in enumerate(drawn.items()):
        numbers = ", ".join(str(t.point) for t in some)
        what = " / ".join(dict.fromkeys(t.after for t in some))
        claims = ", ".join(dict.fromkeys(t.claim or "numerical" for t in some))
        ax.axvline(
            value, color=BLACK, linewidth=1.1, linestyle=styles[k % len(styles)], zorder=2,
            label=f"{d.parameter} = {value:g}: from here on {numbers} {what} ({claims})",
        )  # fmt: skip


def _limits(ax: Axes, d: Diagram, height: Any) -> None:
    points = [p for s in d.slices for a in s.attractors for p in a.points]
    points += [e.at for s in d.slices for e in s.equilibria] + list(d.critical)
    if not points:
        return
    y = height(points)
    y = y[np.isfinite(y)]
    low, high = (float(y.min()), float(y.max())) if len(y) else (0.0, 1.0)
    if len(d.variables) > 1 and high - low > 100 * max(float(np.quantile(y, 0.9)) - low, 1e-12):
        ax.set_yscale("symlog", linthresh=max(float(np.quantile(y, 0.9)) - low, 1e-12))
    margin = 0.06 * ((high - low) or 1.0)
    ax.set(xlim=(d.low, d.high), ylim=(low - margin, high + margin))


def _shares(ax: Axes, d: Diagram) -> None:
    """Of the random starts, how many come to what, stacked; what is left leaves, or had not settled."""
    x = [s.value for s in d.slices]
    bottom = np.zeros(len(x))
    for kind, (label, colour, _, _) in KINDS.items():
        share = np.array([sum(a.starts for a in s.attractors if _kind(a) == kind) / s.of for s in d.slices])
        if share.any():
            ax.fill_between(x, bottom, bottom + share, color=colour, alpha=0.65, linewidth=0, label=label, step="mid")
            bottom += share
    if np.any(bottom < 1):
        ax.fill_between(
            x, bottom, 1.0, facecolor="white", edgecolor=PALE, hatch="///", linewidth=0, label="leaves", step="mid"
        )
    ax.set(ylim=(0, 1), xlim=(d.low, d.high), xlabel=_TITLES[d.parameter], ylabel="share of starts")
    ax.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
