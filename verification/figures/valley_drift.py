"""The drift of normalised SAM along a valley: the printed coefficient, the exact one, and the algorithm."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import two_cycle, valley_drift
from saddlecheck.verification.figures import style

RHO, SLOPE = 1e-3, 1.0


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer markers."""
    caption = (
        "Displacement of a step along the valley of (1 + x) y^2/2, in units of rho^2 times the slope of the top "
        f"eigenvalue. Markers: two steps of normalised SAM on its cycle, rho = {RHO:g}. The printed eta/2 is the limit "
        "of small steps: at eta L = 1 it is a quarter of what happens."
    )
    figure, axis = style.panel()
    line = np.linspace(0.02, 1.8, 90)
    axis.plot(line, line / 2, label="printed, eta/2", **style.PRINTED)
    axis.plot(line, valley_drift(top=1.0, rho=1.0, lr=line), label="exact, 2 eta/(2 - eta L)^2", **style.NORMALISED)
    at = np.linspace(0.2, 1.8, 5 if quick else 9)
    runs = np.array([ran(float(lr)) for lr in at])
    axis.plot(at, runs, "s", color=style.BLACK, label="the algorithm")
    axis.set(xlabel="eta L (L = 1)", ylabel="drift/(rho^2 dL/dx)", yscale="log")
    axis.legend(loc="upper left")
    exact = valley_drift(top=1.0, rho=1.0, lr=at)
    return style.save(
        figure, out / "valley-drift", caption=caption,
        rows=style.tidy({"lr": at, "printed": at / 2, "exact": exact, "run": runs}),
        settings={"noise": "none", "rho": RHO, "slope": SLOPE},
        columns={"lr": "learning rate, L = 1", "printed": "eta/2", "exact": "2 eta/(2 - eta)^2",
                 "run": "minus the mean displacement over rho^2"},
        largest_deviation=float(np.max(np.abs(runs / exact - 1))),
    )  # fmt: skip


def ran(lr: float) -> float:
    """Minus the mean displacement along x of two steps from the cycle's point, over rho^2."""
    x, y = 0.0, float(two_cycle(top=1.0, rho=RHO, lr=lr))
    for _ in range(2):
        gx, gy = SLOPE * y * y / 2, (1 + SLOPE * x) * y
        norm = np.hypot(gx, gy)
        xp, yp = x + RHO * gx / norm, y + RHO * gy / norm
        x, y = x - lr * SLOPE * yp * yp / 2, y - lr * (1 + SLOPE * xp) * yp
    return -x / 2 / RHO**2
