"""Pictures of an analysis: the critical points, the ruling of each optimiser, and which steps are stable.

Two variables: contours, points by kind, basins and paths of GD and SAM, and the (rho, lr) map of one point. One
variable: the curve. More: the spectra.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from saddlecheck._files import write_whole
from saddlecheck.verification.analysis.cycle_ruling import nearly_quadratic
from saddlecheck.verification.analysis.dynamics import Landscape
from saddlecheck.verification.analysis.region import table
from saddlecheck.verification.analysis.result import Findings
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import RULES
from saddlecheck.verification.figures.analysis_plane import LINES, plane, window
from saddlecheck.verification.palette import PALE, POINT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_NUMBERED = 12  # points whose numbers and multiplicities fit beside their spectra


def draw(analysis: Findings, path: str) -> None:
    """Write the picture; the ending says the format. The file appears whole or not at all. Raises ValueError."""
    from matplotlib.figure import Figure

    if analysis.source is None:
        raise ValueError("only losses given as a formula can be drawn.")
    settings = analysis.settings
    n = len(analysis.variables)
    figure = Figure(figsize=(15.5, 5.2) if n == 2 else (11, 4.8), layout="constrained")
    axes: list[Axes] = list(np.atleast_1d(figure.subplots(1, 3 if n == 2 else 2)))
    landscape = Landscape(analysis.source)
    if n == 2:
        plane(axes[0], analysis, landscape, "gd", settings)
        plane(axes[1], analysis, landscape, "sam", settings)
    elif n == 1:
        _curve(axes[0], analysis, landscape)
    else:
        _spectra(axes[0], analysis)
    _stability(axes[-1], analysis, landscape, settings)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=Path(path).suffix.removeprefix(".") or None, dpi=150)
    write_whole(Path(path), buffer.getvalue())


def _curve(ax: Axes, analysis: Findings, landscape: Landscape) -> None:
    ((left, right),) = window(analysis)
    x = np.linspace(left, right, 600)
    with np.errstate(all="ignore"):
        value = landscape.value(x[None, :])
    ax.plot(x, value, color="#333333", linewidth=1.5)
    for k, p in enumerate(analysis.points):
        shape, colour = POINT.get(p.kind, ("s", PALE))
        ax.plot(p.at[0], p.value, shape, color=colour, markeredgecolor="white", markersize=11, zorder=5)
        ax.annotate(
            f"{k + 1}: {p.kind}", (float(p.at[0]), p.value), xytext=(8, 8), textcoords="offset points", fontsize=9,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75},
        )  # fmt: skip
    ax.set(xlabel=analysis.variables[0], ylabel="loss", title="critical points")
    ax.margins(y=0.15)


def _spectra(ax: Axes, analysis: Findings) -> None:
    from matplotlib.ticker import MaxNLocator

    points = analysis.points or tuple(analysis.everything)
    for k, p in enumerate(points):
        shape, colour = POINT.get(p.kind, ("s", PALE))
        ax.plot(p.eigenvalues, np.full(len(p.eigenvalues), k + 1), shape, color=colour, markersize=5, alpha=0.7)
        if len(points) <= _NUMBERED:
            for e, count in Counter(float(f"{e:.6g}") for e in p.eigenvalues).items():
                if count > 1:
                    ax.annotate(f"x{count}", (e, k + 1), xytext=(4, 4), textcoords="offset points", fontsize=8)
    ax.axvline(0.0, color="#333333", linewidth=0.8)
    largest = max((abs(e) for p in points for e in p.eigenvalues), default=1.0)
    smallest = min((abs(e) for p in points for e in p.eigenvalues if e), default=1.0)
    if largest > 100 * smallest:
        ax.set_xscale("symlog", linthresh=smallest)
    ax.set(xlabel="eigenvalue of the Hessian", ylabel="critical point, by loss", title="spectra")
    ax.set_ylim(0.5, len(points) + 0.5)
    kinds = {p.kind for p in points}
    handles = [ax.plot([], [], s, color=c, label=kind)[0] for kind, (s, c) in POINT.items() if kind in kinds]
    ax.legend(handles=handles, fontsize=8)
    if len(points) <= _NUMBERED:
        ax.set_yticks(range(1, len(points) + 1))
    else:
        ax.yaxis.set_major_locator(MaxNLocator(integer=True))


def _stability(ax: Axes, analysis: Findings, landscape: Landscape, settings: AnalysisSettings) -> None:
    """The largest stable step over rho at the point that traps SAM first, else at the first point."""
    candidates = analysis.everything
    if not candidates:
        ax.text(0.5, 0.5, "no critical point", ha="center", va="center")
        ax.set_axis_off()
        return
    p = min(candidates, key=lambda q: q.rho_threshold or np.inf)
    known = {name: p.optimisers[name] for name in LINES if name in p.optimisers}
    region = table(replace(p, optimisers=known), settings)
    rho = np.array(region.rho)
    drawn = []
    for name, (label, colour, style) in LINES.items():
        if name not in known or (name == "heavy_ball_sam" and settings.momentum == 0):
            continue
        edge = np.array([np.nan if v is None else v for v in region.lr_max[name]])
        if RULES[name].force.normalised:  # by the quadratic part, so only as far as that reaches
            edge[[not nearly_quadratic(landscape, np.array(p.at), r) for r in rho]] = np.nan
        label = f"{label}: {known[name].verdict}"
        if np.all(np.isnan(edge)):
            ax.plot([], [], style, color=colour, label=f"{label} (no line)", linewidth=2)
            continue
        ax.plot(rho, edge, style, color=colour, label=label, linewidth=2)
        if name == "sam":
            ax.fill_between(rho, 1e-300, edge, color=colour, alpha=0.15, linewidth=0)
        drawn.append(edge[np.isfinite(edge)])
    values = np.concatenate([*drawn, [settings.lr]])
    low, high = float(values.min()), float(np.quantile(values, 0.9))
    if max(high, settings.lr) > 30 * min(low, settings.lr):
        ax.set(yscale="log", ylim=(min(low, settings.lr) / 2, 2 * max(high, settings.lr)))
    else:
        ax.set_ylim(0, 1.25 * max(high, settings.lr))
    if p.rho_threshold:
        ax.axvline(p.rho_threshold, color="#666666", linewidth=1, linestyle=(0, (1, 1)))
        ax.annotate(
            rf"$\rho^* = {p.rho_threshold:.4g}$", (p.rho_threshold, 1.0), xycoords=("data", "axes fraction"),
            xytext=(4, -14), textcoords="offset points", fontsize=9, zorder=6,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
        )  # fmt: skip
    ax.plot(
        settings.rho,
        settings.lr,
        "*",
        color="black",
        markersize=13,
        label=f"asked: rho = {settings.rho:g}, lr = {settings.lr:g}",
        linestyle="none",
        clip_on=False,
    )
    ax.set(xlim=(0, rho[-1]), xlabel=r"$\rho$", ylabel=r"learning rate $\eta$")
    place = ", ".join(f"{x:.3g}" for x in p.at[:4]) + (", …" if len(p.at) > 4 else "")
    number = f"point {analysis.points.index(p) + 1} " if p in analysis.points else ""
    why = ", which SAM traps first" if p.rho_threshold and len(candidates) > 1 else ""
    ax.set_title(f"stable below a line: {number}({place}){why}", fontsize=10)
    ax.legend(title="verdict at the star", fontsize=8, title_fontsize=8, framealpha=0.9)
