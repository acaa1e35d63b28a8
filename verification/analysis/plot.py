"""Pictures of an analysis: the critical points, what each optimiser makes of them, and which steps are stable.

Two variables: contours, points by kind, basins and paths of GD and SAM, and the (rho, lr) map of one point. One
variable: the curve. More: the spectra. Okabe and Ito's colours; shapes and line styles say the same as the colours.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from verification.analysis.dynamics import Floats, Landscape, step
from verification.analysis.region import with_region
from verification.analysis.result import Analysis, Point
from verification.analysis.settings import Settings
from verification.analysis.stability import RULES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

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
_GRID, _NODES, _PATHS = 120, 64, 6  # contours; starts along each axis whose end is computed; paths drawn
_PATH_STEPS, _BASIN_STEPS, _LOOK_EVERY = 3000, 12_000, 50
_NEAR = 5e-3  # of the window: a path this near to an attracting point has reached it
_LABELLED = 8  # points that get a number


def draw(analysis: Analysis, path: str) -> None:
    """Write the picture; the ending says the format. The file appears whole or not at all. Raises ValueError."""
    from matplotlib.figure import Figure

    if analysis.source is None:
        raise ValueError("only losses given as a formula can be drawn.")
    names = ("rho", "lr", "momentum", "batch", "radius", "weight_decay")
    settings = Settings(**{name: analysis.settings[name] for name in names})
    n = len(analysis.variables)
    figure = Figure(figsize=(15.5, 5.2) if n == 2 else (11, 4.8), layout="constrained")
    axes: list[Axes] = list(np.atleast_1d(figure.subplots(1, 3 if n == 2 else 2)))
    landscape = Landscape(analysis.source)
    if n == 2:
        _plane(axes[0], analysis, landscape, "gd", settings)
        _plane(axes[1], analysis, landscape, "sam", settings)
    elif n == 1:
        _curve(axes[0], analysis, landscape)
    else:
        _spectra(axes[0], analysis)
    _stability(axes[-1], analysis, settings)
    _write(figure, Path(path))


def _write(figure: Any, path: Path) -> None:
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix, delete=False
    ) as file:
        temporary = Path(file.name)
    try:
        figure.savefig(temporary, dpi=150)
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _everything(analysis: Analysis) -> list[Point]:
    return [*analysis.points, *(s for c in analysis.components for s in c.samples)]


def _window(analysis: Analysis) -> list[tuple[float, float]]:
    """Around all points, each side at least a third of the other."""
    places = np.array([p.at for p in _everything(analysis)]) if _everything(analysis) else np.zeros((1, 2))
    low, high = places.min(axis=0), places.max(axis=0)
    half = np.maximum((high - low) / 2, max(1.0, float(np.max(high - low)) / 6))
    middle = (low + high) / 2
    return [(float(m - 1.5 * h), float(m + 1.5 * h)) for m, h in zip(middle, half, strict=True)]


def _plane(ax: Axes, analysis: Analysis, landscape: Landscape, name: str, settings: Settings) -> None:
    from matplotlib.colors import ListedColormap

    (left, right), (bottom, top) = _window(analysis)
    x, y = np.meshgrid(np.linspace(left, right, _GRID), np.linspace(bottom, top, _GRID))
    u, v = np.meshgrid(np.linspace(left, right, _NODES), np.linspace(bottom, top, _NODES))
    with np.errstate(all="ignore"):
        value = landscape.value(np.stack([x.ravel(), y.ravel()])).reshape(x.shape)
        reached = _ends(landscape, name, np.stack([u.ravel(), v.ravel()]), analysis, settings)
    ax.pcolormesh(
        u, v, np.ma.masked_less(reached.reshape(u.shape), 0) % len(BASINS), cmap=ListedColormap(BASINS), vmin=0,
        vmax=len(BASINS) - 1, alpha=0.3, shading="nearest", linewidth=0, rasterized=True,
    )  # fmt: skip
    finite = value[np.isfinite(value)]
    if finite.size and np.ptp(finite) > 0:
        ax.contour(x, y, value, levels=_levels(finite), colors="#666666", linewidths=0.6, linestyles="solid")
    _paths(ax, landscape, name, (left, right, bottom, top), settings)
    for c in analysis.components:
        _set(ax, c.equations, analysis, x, y)
    _markers(ax, analysis.points)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel=analysis.variables[0], ylabel=analysis.variables[1])
    title, _, _ = LINES[name]
    lost = float(np.mean(reached < 0))
    note = f"; {lost:.0%} of the starts reach no point" if lost > 0.005 and not analysis.components else ""
    ax.set_title(f"{title}: paths and basins{note}", fontsize=10)


def _levels(finite: Floats) -> Floats:
    """Quantiles: every region gets contours, whatever the range of values."""
    return np.unique(np.quantile(finite, np.linspace(0.02, 0.98, 18)))


def _ends(landscape: Landscape, name: str, nodes: Floats, analysis: Analysis, settings: Settings) -> Any:
    """Index of the attracting point that each start comes to; -1 where it comes to none within the steps."""
    advance = step(RULES[name].optimiser, landscape, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
    goals = [(k, p.at) for k, p in enumerate(analysis.points) if _may_attract(p, name)]
    reached = np.full(nodes.shape[1], -1)
    if not goals:
        return reached
    numbers, places = np.array([k for k, _ in goals]), np.array([at for _, at in goals])
    size = max(float(np.ptp(nodes[0])), float(np.ptp(nodes[1])))
    w, m, live = nodes.copy(), np.zeros_like(nodes), np.arange(nodes.shape[1])
    for k in range(_BASIN_STEPS):
        w, m = advance(w, m)
        if k % _LOOK_EVERY:
            continue
        distance = np.linalg.norm(w[:, None, :] - places.T[:, :, None], axis=0)
        nearest = distance.min(axis=0)
        arrived = nearest < _NEAR * size
        reached[live[arrived]] = numbers[distance.argmin(axis=0)[arrived]]
        going = ~arrived & np.isfinite(nearest) & (nearest < 1e6 * size)
        w, m, live = w[:, going], m[:, going], live[going]
        if not len(live):
            break
    return reached


def _may_attract(p: Point, name: str) -> bool:
    return name not in p.optimisers or p.optimisers[name].verdict != "repels"


def _paths(ax: Axes, landscape: Landscape, name: str, box: tuple[float, ...], settings: Settings) -> None:
    left, right, bottom, top = box
    angle = 2 * np.pi * (np.arange(_PATHS) + 0.37) / _PATHS
    w = np.stack(
        [
            (left + right) / 2 + 0.36 * (right - left) * np.cos(angle),
            (bottom + top) / 2 + 0.36 * (top - bottom) * np.sin(angle),
        ]
    )
    advance = step(RULES[name].optimiser, landscape, rho=settings.rho, lr=settings.lr, momentum=settings.momentum)
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


def _set(ax: Axes, equations: tuple[str, ...], analysis: Analysis, x: Floats, y: Floats) -> None:
    """A line of critical points: in the plane one equation describes it."""
    import sympy as sp

    from theory.loss import Loss

    if len(equations) == 1:
        expr = Loss(equations[0], analysis.source.variables).expr
        value = np.broadcast_to(sp.lambdify(analysis.source.variables, expr, modules="numpy")(x, y), x.shape)
        ax.contour(x, y, value, levels=[0.0], colors=["#cc79a7"], linewidths=2.5)


def _markers(ax: Axes, points: tuple[Point, ...]) -> None:
    used = set()
    for k, p in enumerate(points):
        shape, colour = KINDS.get(p.kind, ("s", "#999999"))
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
    if used:
        ax.legend(loc="upper right", fontsize=8, framealpha=0.9)


def _curve(ax: Axes, analysis: Analysis, landscape: Landscape) -> None:
    ((left, right),) = _window(analysis)
    x = np.linspace(left, right, 600)
    with np.errstate(all="ignore"):
        value = landscape.value(x[None, :])
    ax.plot(x, value, color="#333333", linewidth=1.5)
    for k, p in enumerate(analysis.points):
        shape, colour = KINDS.get(p.kind, ("s", "#999999"))
        ax.plot(p.at[0], p.value, shape, color=colour, markeredgecolor="white", markersize=11, zorder=5)
        ax.annotate(
            f"{k + 1}: {p.kind}", (float(p.at[0]), p.value), xytext=(8, 8), textcoords="offset points", fontsize=9
        )
    ax.set(xlabel=analysis.variables[0], ylabel="loss", title="critical points")
    ax.margins(y=0.15)


def _spectra(ax: Axes, analysis: Analysis) -> None:
    points = analysis.points or tuple(_everything(analysis))
    for k, p in enumerate(points):
        shape, colour = KINDS.get(p.kind, ("s", "#999999"))
        ax.plot(p.eigenvalues, np.full(len(p.eigenvalues), k + 1), shape, color=colour, markersize=5, alpha=0.7)
    ax.axvline(0.0, color="#333333", linewidth=0.8)
    largest = max((abs(e) for p in points for e in p.eigenvalues), default=1.0)
    smallest = min((abs(e) for p in points for e in p.eigenvalues if e), default=1.0)
    if largest > 100 * smallest:
        ax.set_xscale("symlog", linthresh=smallest)
    ax.set(xlabel="eigenvalue of the Hessian", ylabel="critical point, by loss", title="spectra")
    kinds = {p.kind for p in points}
    handles = [ax.plot([], [], s, color=c, label=kind)[0] for kind, (s, c) in KINDS.items() if kind in kinds]
    ax.legend(handles=handles, fontsize=8)


def _stability(ax: Axes, analysis: Analysis, settings: Settings) -> None:
    """The largest stable step over rho at the point that traps SAM first, else at the first point."""
    candidates = _everything(analysis)
    if not candidates:
        ax.text(0.5, 0.5, "no critical point", ha="center", va="center")
        ax.set_axis_off()
        return
    p = min(candidates, key=lambda q: q.rho_threshold or np.inf)
    known = {name: p.optimisers[name] for name in LINES if name in p.optimisers}
    region = with_region(Point(**{**vars(p), "optimisers": known}), settings).region or {}
    rho = np.array(region["rho"])
    drawn = []
    for name, (label, colour, style) in LINES.items():
        if name not in known or (name == "heavy_ball_sam" and settings.momentum == 0):
            continue
        edge = np.array([np.nan if v is None else v for v in region["lr_max"][name]])
        if np.all(np.isnan(edge)):
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
            rf"$\rho^* = {p.rho_threshold:.4g}$", (p.rho_threshold, 0.0), xycoords=("data", "axes fraction"),
            xytext=(4, 6), textcoords="offset points", fontsize=9, zorder=6,
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
        )  # fmt: skip
    ax.plot(
        settings.rho, settings.lr, "*", color="black", markersize=13, label="asked", linestyle="none", clip_on=False
    )
    ax.set(xlim=(0, rho[-1]), xlabel=r"$\rho$", ylabel=r"learning rate $\eta$")
    place = ", ".join(f"{x:.3g}" for x in p.at[:4]) + (", …" if len(p.at) > 4 else "")
    ax.set_title(f"stable below the line, at ({place})", fontsize=10)
    ax.legend(fontsize=8, framealpha=0.9)
