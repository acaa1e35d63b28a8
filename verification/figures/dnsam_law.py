"""DNSAM at a minimum: the stationary density of its SDE, and where the algorithm's steps are."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import dnsam_density
from saddlecheck.numerics.checks import Floats
from saddlecheck.verification.figures import style

LAM, RHO, NOISE, SEED = 1.0, 0.2, 1.0, 61_803
RATES = (0.001, 0.02)


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer paths."""
    paths, times = (10_000, 2.0) if quick else (40_000, 4.0)
    caption = (
        f"Weights in units of the deviation without a radius, curvature {LAM:g}, rho = {RHO:g}, noise {NOISE:g}. "
        f"Lines: the SDE's stationary density, which is 0 at 0. Markers: {paths:,} paths after the time {times:g}, "
        f"seed {SEED}. The algorithm jumps from near 0 to far away and has tails that no density of the SDE has."
    )
    figure, axis = style.panel()
    blocks = []
    for lr, look, marker in zip(RATES, (style.GD, style.CONSTANT), "o^", strict=True):
        scale = np.sqrt(lr * NOISE**2 / (2 * LAM))
        x = np.linspace(-6, 6, 241)
        density = dnsam_density(x * scale, lam=LAM, rho=RHO, lr=lr, s=NOISE) * scale
        axis.plot(x, density, label=f"eta = {lr:g}", **look)
        edges = np.linspace(-6, 6, 41)
        w, middle = ran(lr, paths, int(times / lr)) / scale, (edges[1:] + edges[:-1]) / 2
        found = np.histogram(w, edges)[0] / len(w) / np.diff(edges)
        axis.plot(middle, found, marker, color=look["color"])
        far = float(np.mean(np.abs(w) > 6))
        blocks.append({"lr": lr, "x": middle, "run": found, "outside": far,
                       "sde": np.interp(middle, x, density)})  # fmt: skip
    axis.set(xlabel=r"$w/\sqrt{η s^2/(2λ)}$", ylabel="density", ylim=(0, None))
    axis.legend(loc="upper right")
    return style.save(
        figure, out / "dnsam-law", caption=caption, rows=style.tidy(*blocks),
        settings={"lam": LAM, "rho": RHO, "noise": NOISE, "rates": RATES, "paths": paths, "time": times, "seed": SEED},
        columns={"lr": "learning rate", "x": "weight, scaled", "run": "density of the algorithm's weights",
                 "outside": "their share beyond 6", "sde": "the SDE's density"},
    )  # fmt: skip


def ran(lr: float, paths: int, steps: int) -> Floats:
    """Weights after the steps, from the SDE's modes."""
    rng = np.random.default_rng([SEED, int(1e6 * lr)])
    w: Floats = np.cbrt(RHO * lr * NOISE**2 / LAM) * rng.choice([-1.0, 1.0], paths)
    for _ in range(steps):
        noise = NOISE * rng.standard_normal(paths)
        g = LAM * w + noise
        w = w - lr * (LAM * (w + RHO * g / np.abs(LAM * w)) + noise)
    return w
