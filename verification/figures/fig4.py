"""Figure 4: the cosine between the gradients at w and at w^p on Beale's function, with each kind of radius."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.verification.figures import beale, style

NEAR, CONSTANT = (0.05, 1.0), (0.03, 0.04)
WINDOW = (5000, 5150)
FLOOR = 1e-9  # nearer to (0, 1) than this, the gradient's digits are rounding


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer steps."""
    steps = 10_000 if quick else 100_000
    walk = beale.run(beale.RADIUS, normalised=True, steps=steps)
    steady = {rho: beale.run(rho, NEAR, steps=steps, every=10) for rho in CONSTANT}
    kept = {rho: int(np.argmax([*(beale.distance(w) < FLOOR), True])) for rho, w in steady.items()}
    figure, axes = style.canvas(1, 3, 2.5, sharey=True)
    edges, low, high = envelope(walk.cosine, steps // 200)
    _paper(axes[0], edges, low, high)
    _zoom(axes[1], walk)
    for (rho, w), (colour, line) in zip(steady.items(), ((style.BLUE, "-"), (style.RED, "--")), strict=True):
        axes[2].semilogx(
            w.steps[: kept[rho]], w.cosine[: kept[rho]], color=colour, linestyle=line, label=f"rho = {rho:g}"
        )
    axes[2].set(xlabel="step", title=f"(c) constant rho from {NEAR}")
    axes[2].legend(loc="center right")
    held = walk.cosine[1000:]
    signs = {rho: np.sign(w.cosine[: kept[rho]]) for rho, w in steady.items()}
    turns = {rho: int(np.sum(s[1:] != s[:-1])) for rho, s in signs.items()}
    ends = {rho: float(w.cosine[kept[rho] - 1]) for rho, w in steady.items()}
    flips = float(np.mean(np.sign(held[1:]) != np.sign(held[:-1])))
    caption = (
        f"Beale's function, learning rate {beale.ETA:g}, no noise. (a) Normalised rho = {beale.RADIUS} from (1, 2): "
        f"least and greatest cosine of each {steps // 200} steps; after step 1000 they span [{held.min():.3f}, "
        f"{held.max():.3f}] to the end, and the sign changes at {flips:.1%} of the steps. (b) The same step by step. "
        f"(c) Constant rho: free at {CONSTANT[0]} (cosine ends at {ends[CONSTANT[0]]:.3f}), held at {CONSTANT[1]}, "
        f"where the number of sign changes is {turns[CONSTANT[1]]} and the cosine settles at "
        f"{ends[CONSTANT[1]]:.3f}; shown until the distance from (0, 1) is {FLOOR:g}."
    )  # fmt: skip
    first, last = WINDOW
    rows = style.tidy(
        {"panel": "a", "rho": beale.RADIUS, "step": edges, "cosine_low": low, "cosine_high": high},
        {"panel": "b", "rho": beale.RADIUS, "step": walk.steps[first:last], "cosine_low": walk.cosine[first:last],
         "cosine_high": walk.cosine[first:last]},
        *(
            {"panel": "c", "rho": rho, "step": w.steps[: kept[rho]], "cosine_low": w.cosine[: kept[rho]],
             "cosine_high": w.cosine[: kept[rho]]}
            for rho, w in steady.items()
        ),
    )  # fmt: skip
    return style.save(
        figure, out / "fig4", caption=caption, rows=rows,
        settings={"loss": str(BEALE.expr), "learning_rate": beale.ETA, "normalised_rho": beale.RADIUS,
                  "start": beale.START, "constant_rho": CONSTANT, "start_constant": NEAR, "steps": steps,
                  "noise": "none"},
        columns={
            "panel": "panel of the figure", "rho": "weight in panels a and b, weight per gradient in c",
            "step": "step; in panel a the first of its group", "cosine_low": "least cosine of the group",
            "cosine_high": "greatest cosine of the group",
        },
        sign_changes={"normalised, fraction": flips, **{f"constant {rho:g}": n for rho, n in turns.items()}},
    )  # fmt: skip


def envelope(values: Any, group: int) -> tuple[Any, Any, Any]:
    """First index, least and greatest value of each full group of `group` values."""
    count = len(values) // group
    groups = np.reshape(values[: count * group], (count, group))
    return group * np.arange(count), groups.min(axis=1), groups.max(axis=1)


def _paper(axis: Any, edges: Any, low: Any, high: Any) -> None:
    axis.fill_between(edges, low, high, color=style.GREEN, alpha=0.45, linewidth=0, step="post")
    axis.plot(edges, low, color=style.GREEN, linewidth=0.7, drawstyle="steps-post")
    axis.plot(edges, high, color=style.BLACK, linewidth=0.7, drawstyle="steps-post")
    axis.set(
        xlabel="step", ylabel="cos(grad l(w), grad l(w^p))", ylim=(-1.08, 1.08),
        title=f"(a) as in the paper: normalised rho = {beale.RADIUS}",
    )  # fmt: skip


def _zoom(axis: Any, walk: Any) -> None:
    first, last = WINDOW
    axis.plot(walk.steps[first:last], walk.cosine[first:last], ".-", color=style.GREEN, linewidth=0.8)
    axis.axhline(0, color=style.GREY, linewidth=0.8)
    axis.set(xlabel="step", title="(b) the same, step by step")
