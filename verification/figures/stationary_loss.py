"""The stationary loss of mini-batch SAM on a quadratic: what the SDE says, and what the algorithm has."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import usam_floor
from saddlecheck.numerics.checks import Floats
from saddlecheck.verification.figures import style

RHOS, NOISE, SEED = (0.0, 1.0), 1.0, 20_261
LOOKS = (style.GD, style.CONSTANT)


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer paths."""
    paths, steps = (10_000, 100) if quick else (50_000, 200)
    caption = (
        "E w^2/2 in the long run, curvature 1, additive noise of deviation 1 in both gradients alike, constant radius "
        f"(rho = 0: SGD). Solid: the algorithm's recursion; dotted: the SDE. Markers: {paths:,} paths of {steps} "
        f"steps, seed {SEED}. The SDE is right for small steps, and stays finite where the algorithm diverges."
    )
    figure, axis = style.panel()
    blocks, worst = [], 0.0
    for rho, look, marker in zip(RHOS, LOOKS, "o^", strict=True):
        edge = 2 / (1 + rho)
        line, at = np.linspace(0.01, 0.97, 90) * edge, np.linspace(0.1, 0.9, 5 if quick else 9) * edge
        exact, sde = (floor(rho, line, model) for model in ("algorithm", "sde"))
        axis.plot(line, exact, color=look["color"], label=f"rho = {rho:g}")
        axis.plot(line, sde, ":", color=look["color"])
        runs, errors = np.array([ran(rho, float(e), paths, steps) for e in at]).T
        axis.plot(at, runs, marker, color=look["color"])
        settled = floor(rho, at, "algorithm")
        worst = max(worst, float(np.max(np.abs(runs - settled) / errors)))
        blocks.append({"rho": rho, "lr": at, "algorithm": settled, "run": runs, "error": errors})
    axis.set(xlabel="eta", ylabel="stationary loss", yscale="log")
    axis.legend(loc="upper left")
    return style.save(
        figure, out / "stationary-loss", caption=caption, rows=style.tidy(*blocks),
        settings={"rho": RHOS, "noise": NOISE, "paths": paths, "steps": steps, "seed": SEED},
        columns={"rho": "constant radius", "lr": "learning rate", "algorithm": "exact stationary loss",
                 "run": "mean over paths", "error": "its standard error"},
        largest_score=worst,
    )  # fmt: skip


def floor(rho: float, lr: Floats, model: str) -> Floats:
    """The stationary loss at each learning rate."""
    return np.asarray(usam_floor(eigenvalues=[1.0], rho=rho, lr=lr, s=NOISE, model=model))


def ran(rho: float, lr: float, paths: int, steps: int) -> tuple[float, float]:
    """Mean of w^2/2 over paths from 0, and its standard error."""
    rng = np.random.default_rng([SEED, int(1000 * rho), int(1000 * lr)])
    w = np.zeros(paths)
    for _ in range(steps):
        noise = NOISE * rng.standard_normal(paths)
        w = w - lr * (w + rho * (w + noise) + noise)
    loss = w * w / 2
    return float(loss.mean()), float(loss.std() / np.sqrt(paths))
