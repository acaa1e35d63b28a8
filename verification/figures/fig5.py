"""Figure 5: x^2 - y^2: descent leaves the saddle, SAM with rho = 1 is attracted, and where the threshold lies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.gradient import tile_function
from saddlecheck.numerics.maps import path
from saddlecheck.numerics.threshold import threshold_rho
from saddlecheck.theory.critical.landscapes import HYPERBOLIC
from saddlecheck.verification.figures import style

START, RHO, ETA = (-3.0, -0.01), 1.0, 0.01
SWEEP = (0.3, 0.45, 0.55, 0.7)
NORMALISED_RHO = 0.5


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for a coarse bisection."""
    width, steps = (1e-2, 200) if quick else (1e-6, 500)
    walks = {
        "GD": path(HYPERBOLIC, Algorithm("sgd", ETA), START, steps=steps),
        "SAM": _sam(RHO, steps),
        "SAM normalised": path(
            HYPERBOLIC, Algorithm("exact_ascent", ETA, rho=NORMALISED_RHO, normalised=True), START, steps=steps
        ),
        **{f"SAM {rho:g}": _sam(rho, steps) for rho in SWEEP},
    }
    figure, axes = style.canvas(2, 3, 4.9)
    _surface(figure, axes[0, 0], walks)
    _flow(axes[0, 1], 0.0, "(b) as in the paper: gradient flow")
    _flow(axes[0, 2], RHO, f"(c) as in the paper: SAM's flow, rho = {RHO:g}")
    _heights(axes[1, 0], walks)
    found = threshold_rho(
        HYPERBOLIC, Algorithm("exact_ascent", ETA), (0.0, 0.0), START, low=0.1, high=1.0, width=width, steps=1000
    )
    factors = _factors(axes[1, 1], found, 9 if quick else 25)
    half = _cycle(axes[1, 2], walks["SAM normalised"])
    expected = ETA * NORMALISED_RHO * 2 / (2 - ETA * 2)
    caption = (
        f"x^2 - y^2, learning rate {ETA:g}, {steps} steps from {START}, no noise. (a) to (c) GD leaves along y (it "
        f"ends at |y| = {abs(walks['GD'].weights[-1, 1]):.3g}), SAM with constant rho = {RHO:g} ends at |w| = "
        f"{float(np.linalg.norm(walks['SAM'].weights[-1])):.2g}. (d), (e) Constant rho traps only beyond 1/2: "
        f"{found.runs} trajectories bracket the threshold in [{found.low:.6f}, {found.high:.6f}]; points are "
        f"measured growth per step of |y|, the line is 1 + 2 eta (1 - 2 rho). (f) Normalised rho = {NORMALISED_RHO}: "
        f"y decays to 0 and x ends in a 2-cycle of half-width {half:.6f} (eta rho L/(2 - eta L) = {expected:.6f}, L = "
        "2); it has no threshold in rho."
    )
    rows = style.tidy(
        *(
            {"curve": name, "step": w.steps, "x": w.weights[:, 0], "y": w.weights[:, 1]}
            for name, w in walks.items()
        ),
        {"curve": "growth of |y| per step", "rho": factors[0], "growth": factors[1]},
    )  # fmt: skip
    return style.save(
        figure, out / "fig5", caption=caption, rows=rows,
        settings={"loss": str(HYPERBOLIC.expr), "learning_rate": ETA, "start": START, "rho": RHO, "sweep": SWEEP,
                  "normalised_rho": NORMALISED_RHO, "steps": steps, "bisection_width": width, "noise": "none"},
        columns={
            "curve": "algorithm and rho", "step": "step", "x": "first weight", "y": "second weight",
            "rho": "constant rho, weight per gradient", "growth": "|y_1|/|y_0| measured over one step",
        },
        threshold=[found.low, found.high], two_cycle_half_width=half,
    )  # fmt: skip


def _sam(rho: float, steps: int) -> Any:
    return path(HYPERBOLIC, Algorithm("exact_ascent", ETA, rho=rho), START, steps=steps)


def _surface(figure: Any, flat: Any, walks: Any) -> None:
    """Replaces a flat axis by a surface with both paths on it."""
    place = flat.get_subplotspec()
    flat.remove()
    axis = figure.add_subplot(place, projection="3d")
    x, y = np.meshgrid(np.linspace(-3.2, 3.2, 33), np.linspace(-3.2, 3.2, 33))
    axis.plot_wireframe(x, y, x**2 - y**2, color=style.GREY, linewidth=0.3, rstride=2, cstride=2)
    for name, look in (("GD", style.GD), ("SAM", style.CONSTANT)):
        w = walks[name].weights
        w = w[np.abs(w[:, 1]) <= 3.2]
        axis.plot(w[:, 0], w[:, 1], w[:, 0] ** 2 - w[:, 1] ** 2, label=name, zorder=5, **{**look, "linewidth": 1.6})
    axis.plot(*[[v] for v in (*START, START[0] ** 2 - START[1] ** 2)], "P", color="black", markersize=5, zorder=6)
    axis.set(xlabel="x", ylabel="y", title="(a) as in the paper: both paths")
    axis.view_init(elev=32, azim=-62)
    axis.legend(loc="upper right")


def _flow(axis: Any, rho: float, title: str) -> None:
    x, y = HYPERBOLIC.variables
    ascended = {x: x + rho * HYPERBOLIC.gradient[0], y: y + rho * HYPERBOLIC.gradient[1]}
    descent = tile_function(tuple(-g.xreplace(ascended) for g in HYPERBOLIC.gradient), (x, y))
    side = np.linspace(-3.2, 3.2, 33)
    points = np.ascontiguousarray(np.stack([m.ravel() for m in np.meshgrid(side, side)]))
    field = np.empty_like(points)
    descent(points, field)
    u, v = field.reshape(2, len(side), len(side))
    axis.streamplot(side, side, u, v, color=style.GREY, linewidth=0.7, density=1.1, arrowsize=0.8)
    axis.plot(*START, "P", color="white", markeredgecolor="black", markersize=6, clip_on=False)
    axis.plot(0, 0, "o", color="white", markeredgecolor="black", markersize=4.5)
    axis.set(xlabel="x", ylabel="y", title=title, xlim=(-3.2, 3.2), ylim=(-3.2, 3.2))


def _heights(axis: Any, walks: Any) -> None:
    lines = ("-", "-.", "--", ":")
    colours = (style.BLUE, style.SKY, style.ORANGE, style.RED)
    for rho, line, colour in zip(SWEEP, lines, colours, strict=True):
        w = walks[f"SAM {rho:g}"]
        axis.semilogy(w.steps, np.abs(w.weights[:, 1]), color=colour, linestyle=line, label=f"rho = {rho:g}")
    axis.axhline(abs(START[1]), color=style.GREY, linewidth=0.8)
    axis.set(xlabel="step", ylabel="|y|", title="(d) constant rho on both sides of 1/2")
    axis.legend(loc="upper left")


def _factors(axis: Any, found: Any, count: int) -> tuple[Any, Any]:
    rho = np.linspace(0.0, 1.2, count)
    growth = np.array([_sam(float(r), 1).weights[1, 1] / START[1] for r in rho])
    axis.plot(rho, 1 + 2 * ETA * (1 - 2 * rho), color=style.BLACK, linewidth=1.0, label="1 + 2 eta (1 - 2 rho)")
    axis.plot(rho, growth, "^", color=style.RED, label="measured")
    axis.axhline(1.0, color=style.GREY, linewidth=0.8)
    axis.axvline((found.low + found.high) / 2, color=style.BLUE, linestyle="--", linewidth=1.0, label="by bisection")
    axis.axvline(1.0, color=style.GREY, linestyle=":", linewidth=1.0, label="the paper's rho")
    axis.set(xlabel="constant rho", ylabel="growth of |y| per step", title="(e) the threshold")
    axis.legend(loc="lower left")
    return rho, growth


def _cycle(axis: Any, walk: Any) -> float:
    """|x| and |y| of normalised SAM; returns the half-width of x's final 2-cycle."""
    x, y = np.abs(walk.weights).T
    axis.semilogy(walk.steps, x, color=style.GREEN, linestyle="-", label="|x|")
    axis.semilogy(walk.steps, np.maximum(y, 1e-18), color=style.BLACK, linestyle=":", label="|y|")
    axis.set(xlabel="step", ylabel="size", ylim=(1e-12, 10), title=f"(f) normalised rho = {NORMALISED_RHO}")
    axis.legend(loc="center right")
    return float(np.mean(x[-2:]))
