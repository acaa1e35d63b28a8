"""The picture of a loss in two variables: contours, critical points, basins and paths of one optimiser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from saddlecheck.verification.analysis.dynamics import Floats, Landscape, step
from saddlecheck.verification.analysis.result import Findings, Point
from saddlecheck.verification.analysis.settings import AnalysisSettings
from saddlecheck.verification.analysis.stability import RULES
from saddlecheck.verification.palette import BASINS, BLACK, BLUE, GREEN, PALE, PINK, POINT, RED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GRID, _NODES, _PATHS = 120, 64, 6  # contours; starts along each axis whose end is computed; paths drawn
_PATH_STEPS, _BASIN_STEPS, _LOOK_EVERY = 3000, 12_000, 50
_NEAR = 5e-3  # of the window: a path this near to an attracting point has reached it
_LABELLED = 8  # points that get a number
_NOWHERE, _GONE, _FAR = -1, -2, 1e6  # a start that reaches no point, that diverges: so many windows away
LINES = {
    "gd": ("gradient descent", BLACK, ":"),
    "sam": ("SAM", RED, "-"),
    "sam_normalised": ("normalised SAM", BLUE, "--"),
    "heavy_ball_sam": ("SAM with heavy ball", GREEN, "-."),
}


def window(analysis: Findings) -> list[tuple[float, float]]:
    """Around all points, each side at least a third of the other."""
    found = analysis.everything
    places = np.array([p.at for p in found]) if found else np.zeros((1, len(analysis.variables)))
    low, high = places.min(axis=0), places.max(axis=0)
    half = np.maximum((high - low) / 2, max(1.0, float(np.max(high - low)) / 6))
    middle = (low + high) / 2
    return [(float(m - 1.5 * h), float(m + 1.5 * h)) for m, h in zip(middle, half, strict=True)]


def plane(ax: Axes, analysis: Findings, landscape: Landscape, name: str, settings: AnalysisSettings) -> None:
    """Draw one optimiser's panel."""
    from matplotlib.colors import ListedColormap

    (left, right), (bottom, top) = window(analysis)
    x, y = np.meshgrid(np.linspace(left, right, _GRID), np.linspace(bottom, top, _GRID))
    u, v = np.meshgrid(np.linspace(left, right, _NODES), np.linspace(bottom, top, _NODES))
    with np.errstate(all="ignore"):
        value = landscape.value(np.stack([x.ravel(), y.ravel()])).reshape(x.shape)
        reached = _ends(landscape, name, np.stack([u.ravel(), v.ravel()]), analysis, settings)
    ends = basin_keys(reached)
    shade = np.full(u.shape, -1)
    for shown, (number, _) in enumerate(ends):
        shade[reached.reshape(u.shape) == number] = shown
    colours = [colour for _, colour in ends]
    if colours:
        ax.pcolormesh(
            u, v, np.ma.masked_less(shade, 0), cmap=ListedColormap(colours), vmin=0, vmax=max(len(colours) - 1, 1),
            alpha=0.3, shading="nearest", linewidth=0, rasterized=True,
        )  # fmt: skip
    finite = value[np.isfinite(value)]
    if finite.size and np.ptp(finite) > 0:
        ax.contour(x, y, value, levels=_levels(finite), colors="#666666", linewidths=0.6, linestyles="solid")
    _paths(ax, landscape, name, (left, right, bottom, top), settings)
    for c in analysis.components:
        _set(ax, c.equations, analysis, x, y)
    _markers(ax, analysis.points, ends)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel=analysis.variables[0], ylabel=analysis.variables[1])
    title, _, _ = LINES[name]
    gone, lost = float(np.mean(reached == _GONE)), float(np.mean(reached == _NOWHERE))
    note = f"; {gone:.0%} of the starts diverge" if gone > 0.005 else ""
    note += f"; {lost:.0%} reach no point" if lost > 0.005 and not analysis.components else ""
    ax.set_title(f"{title}: paths and basins{note}", fontsize=10)


def _levels(finite: Floats) -> Floats:
    """Quantiles: every region gets contours, whatever the range of values."""
    return np.unique(np.quantile(finite, np.linspace(0.02, 0.98, 18)))


def _ends(landscape: Landscape, name: str, nodes: Floats, analysis: Findings, settings: AnalysisSettings) -> Any:
    """Index of the attracting point that each start comes to; `_NOWHERE` within the steps, or `_GONE` far away."""
    advance = step(RULES[name], landscape, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    goals = [(k, p.at) for k, p in enumerate(analysis.points) if _may_attract(p, name)]
    reached = np.full(nodes.shape[1], _NOWHERE)
    numbers, places = np.array([k for k, _ in goals], int), np.array([at for _, at in goals]).reshape(-1, len(nodes))
    size = max(float(np.ptp(nodes[0])), float(np.ptp(nodes[1])))
    w, m, live = nodes.copy(), np.zeros_like(nodes), np.arange(nodes.shape[1])
    for k in range(_BASIN_STEPS):
        w, m = advance(w, m)
        if k % _LOOK_EVERY:
            continue
        distance = np.linalg.norm(w[:, None, :] - places.T[:, :, None], axis=0)
        nearest = distance.min(axis=0, initial=np.inf)
        arrived = nearest < _NEAR * size
        if len(numbers):
            reached[live[arrived]] = numbers[distance.argmin(axis=0)[arrived]]
        gone = ~(np.linalg.norm(w - nodes.mean(axis=1)[:, None], axis=0) < _FAR * size)
        reached[live[gone]] = _GONE
        going = ~arrived & ~gone
        w, m, live = w[:, going], m[:, going], live[going]
        if not len(live):
            break
    return reached


def _may_attract(p: Point, name: str) -> bool:
    return name not in p.optimisers or p.optimisers[name].verdict != "repels"


def _paths(ax: Axes, landscape: Landscape, name: str, box: tuple[float, ...], settings: AnalysisSettings) -> None:
    left, right, bottom, top = box
    angle = 2 * np.pi * (np.arange(_PATHS) + 0.37) / _PATHS
    w = np.stack(
        [
            (left + right) / 2 + 0.36 * (right - left) * np.cos(angle),
            (bottom + top) / 2 + 0.36 * (top - bottom) * np.sin(angle),
        ]
    )
    advance = step(RULES[name], landscape, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    m, track = np.zeros_like(w), [w]
    with np.errstate(all="ignore"):
        for _ in range(_PATH_STEPS):
            w, m = advance(w, m)
            track.append(w)
    lines = np.stack(track)
    width, height = right - left, top - bottom
    for k in range(_PATHS):
        path = lines[:, :, k]
        outside = (np.abs(path[:, 0] - (left + right) / 2) > 2 * width) | (
            np.abs(path[:, 1] - (bottom + top) / 2) > 2 * height
        )
        bad = outside | ~np.isfinite(path).all(axis=1)
        path = path[: int(np.argmax(bad)) + 1 if bad.any() else len(path)]
        path = path[np.isfinite(path).all(axis=1)]
        ax.plot(path[:, 0], path[:, 1], color="black", linewidth=1.1, alpha=0.9)
        ax.plot(path[0, 0], path[0, 1], "o", color="white", markeredgecolor="black", markersize=5)


def _set(ax: Axes, equations: tuple[str, ...], analysis: Findings, x: Floats, y: Floats) -> None:
    """A line of critical points: in the plane one equation describes it."""
    import sympy as sp

    from saddlecheck.theory.critical.loss import Loss

    if len(equations) == 1:
        expr = Loss(equations[0], analysis.source.variables).expr
        value = np.broadcast_to(sp.lambdify(analysis.source.variables, expr, modules="numpy")(x, y), x.shape)
        ax.contour(x, y, value, levels=[0.0], colors=[PINK], linewidths=2.5)


def basin_keys(reached: Any) -> list[tuple[int, str]]:
    """Where starts end and the colour of each: points by number, those beyond the palette in one, divergence grey."""
    points = sorted({int(k) for k in reached if k >= 0})
    found = [(k, BASINS[i] if i < len(BASINS) else RED) for i, k in enumerate(points)]
    return (
        found
        + ([(_GONE, BLACK)] if np.any(reached == _GONE) else [])
        + ([(_NOWHERE, "#FFFFFF")] if np.any(reached == _NOWHERE) else [])
    )


def _markers(ax: Axes, points: tuple[Point, ...], ends: list[tuple[int, str]]) -> None:
    """The points by kind, and the key of the basins."""
    from matplotlib.patches import Patch

    used = set()
    for k, p in enumerate(points):
        shape, colour = POINT.get(p.kind, ("s", PALE))
        label = None if p.kind in used else p.kind
        used.add(p.kind)
        ax.plot(
            *p.at, shape, color=colour, markeredgecolor="white", markersize=11, label=label, linestyle="none", zorder=5
        )
        if k < _LABELLED:
            ax.annotate(
                str(k + 1), (p.at[0], p.at[1]), xytext=(7, 6), textcoords="offset points", fontsize=9, zorder=6,
                bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75},
            )  # fmt: skip
    handles: list[Any] = list(ax.get_legend_handles_labels()[0])
    named = {_GONE: "diverges", _NOWHERE: "reaches no point"}
    shown = [e for e in ends if e[1] != RED] + [e for e in ends if e[1] == RED][:1]
    for k, colour in shown:
        words = "leads to another point" if colour == RED else named.get(k, f"leads to {k + 1}")
        handles.append(Patch(facecolor=colour, alpha=0.3, edgecolor=PALE, label=words))
    if handles:
        ax.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=4, fontsize=8, frameon=False)
