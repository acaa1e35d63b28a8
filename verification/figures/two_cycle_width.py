"""The 2-cycle of normalised SAM on a minimum: its half-width, with and without momentum, and the algorithm."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import two_cycle
from saddlecheck.numerics.checks import Floats
from saddlecheck.verification.figures import style

RHO, STEPS, MOMENTA = 0.1, 2_000, (0.0, 0.5, 0.9)
LOOKS = (style.GD, style.CONSTANT, style.NORMALISED)


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer markers."""
    caption = (
        f"Lines: eta L rho/(2(1 + gamma) - eta L) over rho. Markers: |w|/rho after {STEPS:,} steps of normalised SAM "
        f"with heavy ball on L w^2/2, from 1 % off the "
        f"cycle, rho = {RHO:g}. The width grows without bound as eta L comes to 2(1 + gamma)."
    )
    figure, axis = style.panel()
    blocks, worst = [], 0.0
    for momentum, look, marker in zip(MOMENTA, LOOKS, "o^s", strict=True):
        line, at = np.linspace(0.02, 1.8, 90), np.linspace(0.2, 1.8, 5 if quick else 9)
        axis.plot(
            line, two_cycle(top=1.0, rho=RHO, lr=line, momentum=momentum) / RHO, label=f"gamma = {momentum:g}", **look
        )
        runs = ran(at, momentum)
        axis.plot(at, runs / RHO, marker, color=look["color"])
        exact = two_cycle(top=1.0, rho=RHO, lr=at, momentum=momentum)
        worst = max(worst, float(np.max(np.abs(runs / exact - 1))))
        blocks.append({"gamma": momentum, "eta_L": at, "exact": exact, "run": runs})
    axis.set(xlabel="eta L", ylabel="half-width/rho", yscale="log")
    axis.legend(loc="upper left")
    return style.save(
        figure, out / "two-cycle-width", caption=caption, rows=style.tidy(*blocks),
        settings={"noise": "none", "rho": RHO, "steps": STEPS, "momenta": MOMENTA},
        columns={"gamma": "momentum", "eta_L": "learning rate times curvature", "exact": "half-width, formula",
                 "run": "|w| at the end of the run"},
        largest_deviation=worst,
    )  # fmt: skip


def ran(lr: Floats, momentum: float) -> Floats:
    """|w| at the end of runs on w^2/2, one a learning rate."""
    w = 1.01 * two_cycle(top=1.0, rho=RHO, lr=lr, momentum=momentum)
    m = -2 * w / lr
    for _ in range(STEPS):
        m = momentum * m + w + RHO * np.sign(w)
        w = w - lr * m
    return np.asarray(np.abs(w))
