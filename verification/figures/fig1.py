"""Figure 1: descent and SAM on Beale's function from (1, 2), with each kind of radius."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.cycles import step
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.verification.figures import beale, style

NEAR = (0.05, 1.0)
OUTCOMES = {"minimum": ("o", style.BLUE), "leaves": ("x", style.RED), "saddle": ("s", style.GREEN)}


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer steps and a coarse grid."""
    steps, size = (60_000, 60) if quick else (200_000, 400)
    figure, axes = style.canvas(1, 3, 2.7)
    region = beale.regions(size=size)
    walks = _plane(axes[0], region, steps)
    scan = _first_step(axes[1], steps, 9 if quick else 33)
    near = _near_saddle(axes[2], steps // 4)
    ends = {name: walk.weights[-1] for name, walk in walks.items()}
    stay = max(r for r, o in zip(scan["rho"], scan["outcome"], strict=True) if o == "minimum")
    gone = min(r for r, o in zip(scan["rho"], scan["outcome"], strict=True) if o == "leaves")
    caption = (
        f"Beale's function, learning rate {beale.ETA:g}, no noise. (a) From (1, 2), {steps:,} steps: gradient "
        f"descent ends at ({ends['GD'][0]:.3f}, {ends['GD'][1]:.3f}); SAM with normalised rho = 0.5 is held at "
        f"({ends['SAM 0.5'][0]:.4f}, {ends['SAM 0.5'][1]:.4f}), with 0.1 it reaches ({ends['SAM 0.1'][0]:.3f}, "
        f"{ends['SAM 0.1'][1]:.3f}). Shades: basins of the minimum (star) and of two valleys without a minimum; "
        "circles: both saddles. (b) Length of the first step with constant rho from the same start: rho up to "
        f"{stay:.2g} still finds the minimum, from {gone:.2g} on the path leaves and overflows; "
        f"{scan['outcome'].count('saddle')} of the {len(scan['outcome'])} radii hold it at the saddle. (c) Constant "
        f"rho from {NEAR}: held only beyond a radius that exceeds the local threshold 4/111 = {beale.THRESHOLD:.4f}."
    )
    paths = style.tidy(
        *(
            {"panel": "a", "curve": name, "step": w.steps, "x": w.weights[:, 0], "y": w.weights[:, 1]}
            for name, w in walks.items()
        ),
        {"panel": "b", "curve": scan["outcome"], "rho": scan["rho"], "length": scan["length"]},
        *(
            {"panel": "c", "curve": f"SAM {rho:g}", "rho": rho, "step": w.steps, "x": w.weights[:, 0],
             "y": w.weights[:, 1], "length": beale.distance(w)}
            for rho, w in near.items()
        ),
    )  # fmt: skip
    return style.save(
        figure, out / "fig1", caption=caption, rows=paths,
        settings={"loss": str(BEALE.expr), "learning_rate": beale.ETA, "start": beale.START, "steps": steps,
                  "start_near_saddle": NEAR, "grid": size, "noise": "none"},
        columns={
            "panel": "panel of the figure", "curve": "algorithm and rho; in panel b the outcome",
            "step": "step (learning rate times step is the paper's t)", "x": "first weight", "y": "second weight",
            "rho": "constant rho, weight per gradient",
            "length": "weight: |w_1 - w_0| in panel b, distance from (0, 1) in panel c",
            "region_x": "x of the grid, shape (n,)", "region_y": "y of the grid, shape (n,)",
            "region": "0 minimum, 1 upper valley, 2 lower valley; shape (n, n), rows are y",
        },
        arrays={"region_x": region.x, "region_y": region.y, "region": region.labels.astype(np.int8)},
    )  # fmt: skip


def _plane(axis: Any, region: Any, steps: int) -> dict[str, Any]:
    walks = {
        "GD": beale.run(0.0, steps=steps, every=20),
        "SAM 0.5": beale.run(0.5, normalised=True, steps=steps, every=20),
        "SAM 0.1": beale.run(0.1, normalised=True, steps=steps, every=20),
    }
    beale.shade(axis, region)
    axis.plot(*walks["GD"].weights.T, label="gradient descent", **style.GD)
    axis.plot(*walks["SAM 0.5"].weights.T, label="SAM, normalised rho = 0.5", **{**style.NORMALISED, "linewidth": 2.2})
    axis.plot(*walks["SAM 0.1"].weights.T, label="SAM, normalised rho = 0.1", color=style.ORANGE, linestyle=":")
    axis.plot(*beale.START, "P", color="white", markeredgecolor="black", markersize=6, zorder=7)
    beale.mark(axis)
    axis.set(xlim=beale.BOX, ylim=beale.BOX, xlabel="x", ylabel="y", title="(a) as in the paper: normalised rho")
    axis.legend(loc="upper left")
    return walks


def _first_step(axis: Any, steps: int, count: int) -> dict[str, Any]:
    rho = np.geomspace(1e-4, 1.0, count)
    start = np.array(beale.START)
    length = [
        float(np.linalg.norm(step(BEALE, Algorithm("exact_ascent", beale.ETA, rho=r), start) - start)) for r in rho
    ]
    outcome = []
    for r in rho:
        walk = beale.run(float(r), steps=steps, every=steps)
        outcome.append("leaves" if walk.diverged is not None else _nearest(walk.weights[-1]))
    axis.loglog(rho, length, color=style.RED, linestyle="--", linewidth=1.0)
    names = {"minimum": "ends at the minimum", "leaves": "leaves and overflows", "saddle": "held at the saddle"}
    for kind, (marker, colour) in OUTCOMES.items():
        chosen = np.array([o == kind for o in outcome])
        if chosen.any():
            axis.plot(rho[chosen], np.array(length)[chosen], marker, color=colour, label=names[kind])
    axis.axhline(9, color=style.GREY, linewidth=0.8, linestyle=":")
    axis.annotate("width of the box", (rho[0], 9), va="bottom", fontsize=7.0, color=style.GREY)
    axis.set(xlabel="constant rho", ylabel="|w_1 - w_0|", title="(b) constant rho from (1, 2)")
    axis.legend(loc="upper left")
    return {"rho": rho, "length": length, "outcome": outcome}


def _nearest(end: Any) -> str:
    away = [float(np.hypot(*(end - np.array(p)))) for p in (beale.MINIMUM, beale.SADDLE)]
    return "minimum" if away[0] < away[1] else "saddle"


def _near_saddle(axis: Any, steps: int) -> dict[float, Any]:
    looks = {0.03: (style.BLUE, "-"), 0.037: (style.ORANGE, "-."), 0.04: (style.RED, "--"), 0.1: (style.BLACK, ":")}
    walks = {rho: beale.run(rho, NEAR, steps=steps, every=20) for rho in looks}
    for rho, (colour, line) in looks.items():
        axis.semilogy(
            walks[rho].steps, beale.distance(walks[rho]), color=colour, linestyle=line, label=f"rho = {rho:g}"
        )
    axis.set(
        xlabel="step", ylabel="distance from (0, 1)", ylim=(1e-6, 10),
        title=f"(c) constant rho from {NEAR}",
    )  # fmt: skip
    axis.legend(loc="center right")
    return walks
