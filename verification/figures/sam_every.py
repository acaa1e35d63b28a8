"""SAM on every k-th step only: the radius from which a saddle traps, and the algorithm."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import fraction_threshold
from saddlecheck.verification.figures import style

RATES, STEPS = (0.001, 0.05, 0.2), 60


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer markers."""
    periods = np.arange(1, 9, 3 if quick else 1)
    caption = (
        "Constant radius from which a direction of curvature -mu attracts if only every k-th step is SAM's, the others "
        f"gradient descent's. Lines: the map's threshold; for small steps it is k/mu. Markers: bisection on {STEPS} "
        "rounds of the algorithm, without noise."
    )
    figure, axis = style.panel()
    blocks, worst = [], 0.0
    for lr, look, marker in zip(RATES, (style.GD, style.CONSTANT, style.NORMALISED), "o^s", strict=True):
        exact = np.array([fraction_threshold(mu=1.0, every=int(k), lr=lr) for k in periods])
        found = np.array([ran(int(k), lr) for k in periods])
        axis.plot(periods, exact, label=f"eta mu = {lr:g}", **look)
        axis.plot(periods, found, marker, color=look["color"])
        worst = max(worst, float(np.max(np.abs(found / exact - 1))))
        blocks.append({"lr": lr, "k": periods, "formula": exact, "run": found})
    axis.set(xlabel="k", ylabel="threshold rho mu", ylim=(0, None))
    axis.legend(loc="upper left")
    return style.save(
        figure, out / "sam-every", caption=caption, rows=style.tidy(*blocks),
        settings={"noise": "none", "rates": RATES, "rounds": STEPS},
        columns={"lr": "learning rate times mu", "k": "one of so many steps is SAM's", "formula": "threshold times mu",
                 "run": "the same by bisection"},
        largest_deviation=worst,
    )  # fmt: skip


def ran(k: int, lr: float) -> float:
    """The radius at which |w| after the rounds is what it was, on -w^2/2."""
    low, high = 0.0, (1 + lr) / lr  # at this radius one step of SAM leads to the saddle itself
    while high - low > 1e-6:
        rho, w = (low + high) / 2, 1.0
        for step in range(k * STEPS):
            w += lr * (w - rho * w if step % k == 0 else w)
        low, high = (rho, high) if abs(w) > 1 else (low, rho)
    return (low + high) / 2
