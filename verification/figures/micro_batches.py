"""m-SAM: smaller micro-batches lower the radius from which a saddle traps, where mini-batches differ in curvature."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import micro_batch_threshold
from saddlecheck.verification.figures import style

MEAN, SPREADS, SEED, LR = -1.0, (0.0, 1.0, 2.0), 7_331, 1e-3


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer mini-batches."""
    batches, sizes = (2_000, (1, 4, 16)) if quick else (20_000, (1, 2, 4, 8, 16, 32))
    caption = (
        "Constant radius from which the mean step of m-SAM goes towards a saddle, in units of 1/mu, for single samples "
        "whose curvature has the mean -mu and the deviation sd mu. Lines: the formula. Markers: bisection on the mean "
        f"step of {batches:,} mini-batches of micro-batches of m, drawn with replacement, seed {SEED}."
    )
    figure, axis = style.panel()
    blocks, worst = [], 0.0
    for spread, look, marker in zip(SPREADS, (style.GD, style.CONSTANT, style.NORMALISED), "o^s", strict=True):
        line = np.arange(1, 33)
        terms = {"m1": MEAN, "m2": MEAN**2 + spread**2}
        axis.semilogx(line, [micro_batch_threshold(**terms, m=v) for v in line], label=f"sd = {spread:g}", **look)
        found = np.array([ran(m, spread, batches) for m in sizes])
        axis.plot(sizes, found, marker, color=look["color"])
        exact = np.array([micro_batch_threshold(**terms, m=m) for m in sizes])
        worst = max(worst, float(np.max(np.abs(found / exact - 1))))
        blocks.append({"sd": spread, "m": sizes, "formula": exact, "run": found})
    axis.set(xlabel="micro-batch size m", ylabel="threshold rho mu", ylim=(0, 1.15))
    axis.legend(loc="lower right")
    return style.save(
        figure, out / "micro-batches", caption=caption, rows=style.tidy(*blocks),
        settings={"m1": MEAN, "spreads": SPREADS, "learning_rate": LR, "batches": batches, "seed": SEED},
        columns={"sd": "deviation of a sample's curvature over mu", "m": "micro-batch size",
                 "formula": "threshold times mu", "run": "the same by bisection"},
        largest_deviation=worst,
    )  # fmt: skip


def ran(m: int, spread: float, batches: int) -> float:
    """The radius at which the mean step from w = 1 changes its direction; the same mini-batches at every radius."""
    rng = np.random.default_rng([SEED, m, int(10 * spread)])
    curvature = MEAN + spread * rng.choice([-1.0, 1.0], (batches, m)).mean(1)  # of a micro-batch
    low, high = 0.0, 2.0
    while high - low > 1e-6:
        rho = (low + high) / 2
        after = 1 - LR * curvature * (1 + rho * curvature)
        low, high = (rho, high) if after.mean() > 1 else (low, rho)
    return (low + high) / 2
