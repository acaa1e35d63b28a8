"""For which radius and step a saddle attracts: theory as regions, the algorithms themselves as markers.

Three results side by side, each a module of claims of its own: `linear`, `heavy_ball`, `normalised`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.maps import path
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.verification.figures import style

MU, STIFF = 1.0, 2.0  # the saddle's eigenvalues are -MU and STIFF
START = (0.02, 0.01)
RHO, ETA = (0.05, 3.0), (0.02, 1.2)
NAMES = ("escapes", "attracts", "overshoots")
SHADES = (style.SHADES[0], "#8FB8D3", style.SHADES[2])
MARKERS = ((".", style.RED), ("s", style.BLUE), ("x", style.BLACK))


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer paths."""
    count, steps = (4, 1_000) if quick else (11, 4_000)
    figure, axes = style.canvas(1, 3, 3.0)
    blocks = [_constant(axes[0], 0.0, "(a) SAM, constant rho", count, steps)]
    blocks.append(_constant(axes[1], 0.9, "(b) heavy-ball SAM, gamma = 0.9, constant rho", count, steps))
    blocks.append(_normalised(axes[2], count, steps))
    agree = {b["panel"]: float(np.mean(np.array(b["predicted"]) == np.array(b["observed"]))) for b in blocks}
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    total = sum(len(b["predicted"]) for b in blocks)
    caption = (
        f"Quadratic saddle with eigenvalues {-MU:g} and {STIFF:g} (in (c) {-MU:g} and any larger one). Shades: "
        f"theory; markers: {total} noise-free paths of {steps:,} steps from a distance of order 0.01. Constant rho "
        "traps beyond 1/mu, with or without momentum, for steps below the edge; beyond the edge the weight "
        "overshoots further at each step. Theorem 1 names only the vertical line. With normalised rho the trap does "
        "not depend on rho at all: (c) it is the 2-cycle's transverse multiplier 1 + eta mu - (mu/L)^2 (2 - eta L). "
        "Paths that do what theory says: " + ", ".join(f"{panel} {share:.0%}" for panel, share in agree.items()) + "."
    )
    return style.save(
        figure, out / "stability-map", caption=caption, rows=style.tidy(*blocks),
        settings={"mu": MU, "stiff": STIFF, "start": START, "steps": steps, "normalised_rho": 0.05, "noise": "none"},
        columns={
            "panel": "panel of the figure", "rho": "constant rho, weight per gradient", "eta": "learning rate",
            "ratio": "mu/L, in panel (c)", "predicted": f"by theory: {', '.join(NAMES)}", "observed": "by the path",
        },
        agreement=agree,
    )  # fmt: skip


def constant_rho(rho: Any, eta: Any, gamma: float) -> Any:
    """Index into NAMES for SAM, constant rho: attracts if 0 < eta a < 2(1 + gamma) both ways, a = lam (1 + rho lam)."""
    a = np.array([lam * (1 + rho * lam) for lam in (-MU, STIFF)])
    edge = 2 * (1 + gamma)
    return np.where(eta * a.max(axis=0) > edge, 2, np.where(a.min(axis=0) > 0, 1, 0))


def normalised_rho(ratio: Any, step: Any) -> Any:
    """Index into NAMES for normalised SAM; ratio = mu/L, step = eta L in (0, 2)."""
    multiplier = 1 + step * ratio - ratio**2 * (2 - step)
    return np.where(np.abs(multiplier) < 1, 1, 0)


def _constant(axis: Any, gamma: float, title: str, count: int, steps: int) -> dict[str, Any]:
    rho, eta = np.linspace(*RHO, 300), np.geomspace(*ETA, 300)
    _shade(axis, rho, eta, constant_rho(rho[None], eta[:, None], gamma))
    axis.axvline(1 / MU, color="black", linewidth=1.2, linestyle="--")
    saddle = Loss(f"({STIFF}*x**2 - {MU}*y**2)/2")
    points = [(r, e) for e in np.geomspace(0.025, 1.0, count) for r in np.linspace(0.18, 2.87, count)]
    seen = [_observed(saddle, Algorithm("exact_ascent", float(e), rho=float(r), gamma=gamma), steps) for r, e in points]
    _dots(axis, points, seen)
    axis.set(xlabel="rho", ylabel="learning rate", yscale="log", title=title)
    rhos, etas = np.array(points).T
    predicted = [NAMES[i] for i in constant_rho(rhos, etas, gamma)]
    return {"panel": title[:3], "rho": rhos, "eta": etas, "predicted": predicted, "observed": [NAMES[i] for i in seen]}


def _normalised(axis: Any, count: int, steps: int) -> dict[str, Any]:
    ratio, step = np.linspace(0.02, 0.98, 300), np.geomspace(0.02, 1.9, 300)
    _shade(axis, ratio, step, normalised_rho(ratio[None], step[:, None]))
    points, seen = [], []
    for r in np.linspace(0.05, 0.95, min(count, 7)):
        stiff = float(np.round(MU / r, 6))
        saddle = Loss(f"({stiff}*x**2 - {MU}*y**2)/2")
        for s in np.geomspace(0.03, 1.5, count):
            points.append((MU / stiff, float(s)))
            seen.append(
                _observed(saddle, Algorithm("exact_ascent", float(s) / stiff, rho=0.05, normalised=True), steps)
            )
    _dots(axis, points, seen)
    axis.set(xlabel="mu/L", ylabel="learning rate times L", yscale="log", title="(c) SAM, normalised rho")
    ratios, scaled = np.array(points).T
    return {"panel": "(c)", "eta": scaled * ratios / MU, "ratio": ratios, "observed": [NAMES[i] for i in seen],
            "predicted": [NAMES[i] for i in normalised_rho(ratios, scaled)]}  # fmt: skip


def _observed(saddle: Loss, algorithm: Algorithm, steps: int) -> int:
    """Index into NAMES of what a path does: which direction grew, if one did."""
    with np.errstate(over="ignore", invalid="ignore"):
        walk = path(saddle, algorithm, START, steps=steps, every=1)
    x, y = np.abs(walk.weights).T
    late = slice(-max(2, len(x) // 10), None)
    if algorithm.normalised:  # x stays in its cycle; y is what escapes
        return 0 if walk.diverged is not None or y[late].max() > START[1] else 1
    if x[late].max() > START[0]:  # the stiff direction turns round at each step, and further each time
        return 2
    return 0 if y[late].max() > START[1] else 1


def _shade(axis: Any, x: Any, y: Any, labels: Any) -> None:
    from matplotlib.colors import ListedColormap

    axis.pcolormesh(x, y, labels, cmap=ListedColormap(SHADES), vmin=0, vmax=2, rasterized=True, zorder=0)
    axis.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]))


def _dots(axis: Any, points: list[tuple[float, float]], seen: list[int]) -> None:
    where = np.array(points)
    for i, (marker, colour) in enumerate(MARKERS):
        chosen = where[np.array(seen) == i]
        axis.plot(*chosen.T, marker, color=colour, linestyle="none", markersize=2.5, label=NAMES[i], zorder=3)
