"""Across which negative curvatures normalised SAM's 2-cycle attracts: the window, and the algorithm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics import capture_window, two_cycle
from saddlecheck.numerics.checks import Floats
from saddlecheck.verification.figures import style

RHO, MOMENTA, PUSH = 0.1, (0.0, 0.9), 1e-9


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer markers."""
    steps, rates, shares = (4_000, 4, 6) if quick else (20_000, 9, 12)
    caption = (
        "Negative curvatures mu across which the 2-cycle along L attracts, whatever rho: above the lines (the upper "
        f"end lies beyond mu = L). Markers: runs of {steps:,} steps from {PUSH:g} beside the cycle, rho = {RHO:g}, "
        "filled where the distance fell. A stiff saddle traps normalised SAM at small steps; momentum widens it."
    )
    figure, axis = style.panel()
    blocks, agree = [], []
    for momentum, look, marker in zip(MOMENTA, (style.GD, style.NORMALISED), "os", strict=True):
        line = np.linspace(0.01, 0.95, 90)
        axis.plot(line, capture_window(top=1.0, lr=line, momentum=momentum)[0], label=f"gamma = {momentum:g}", **look)
        lr, mu = (g.ravel() for g in np.meshgrid(np.linspace(0.1, 0.9, rates), np.linspace(0.05, 0.95, shares)))
        low, high = capture_window(top=1.0, lr=lr, momentum=momentum)
        clear = np.abs(mu / low - 1) > 0.02  # nearer the line so few steps do not tell
        trapped = ran(lr[clear], mu[clear], momentum, steps)
        within = (mu > low)[clear] & (mu < high)[clear]
        agree.append(float(np.mean(trapped == within)))
        shift = 0.0 if momentum == 0 else 0.02
        for inside, face in ((True, look["color"]), (False, "white")):
            chosen = trapped == inside
            axis.plot(lr[clear][chosen] + shift, mu[clear][chosen], marker, color=look["color"], markerfacecolor=face)
        blocks.append({"gamma": momentum, "lr": lr[clear], "mu": mu[clear], "trapped": trapped.astype(int)})
    axis.set(xlabel="eta L (L = 1)", ylabel="mu/L", ylim=(0, 1.2))
    axis.legend(loc="upper center", ncols=2)
    return style.save(
        figure, out / "capture-window", caption=caption, rows=style.tidy(*blocks),
        settings={"noise": "none", "rho": RHO, "steps": steps, "momenta": MOMENTA, "start": PUSH},
        columns={"gamma": "momentum", "lr": "learning rate, L = 1", "mu": "negative curvature over L",
                 "trapped": "1 where the distance from the cycle fell"},
        agreement=min(agree),
    )  # fmt: skip


def ran(lr: Floats, mu: Floats, momentum: float, steps: int) -> Any:
    """Whether |y| is smaller than at the start, on x^2/2 - mu y^2/2 from beside the cycle."""
    x = two_cycle(top=1.0, rho=RHO, lr=lr, momentum=momentum)
    y, mx, my = np.full_like(x, PUSH), -2 * x / lr, np.zeros_like(x)
    for _ in range(steps):
        norm = np.hypot(x, mu * y)
        mx = momentum * mx + x + RHO * x / norm
        my = momentum * my - mu * (y - RHO * mu * y / norm)
        x, y = x - lr * mx, y - lr * my
        if np.all((np.abs(y) > 1e-4) | (np.abs(y) < PUSH * 1e-4)):
            break
        y = np.where(np.abs(y) > 1e-2, 1e-2, y)  # it has left: what follows is not about the cycle
    return np.abs(y) < PUSH
