"""With mini-batch noise normalised SAM leaves a saddle on average below a radius, and not above it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from saddlecheck.numerics import noisy_threshold
from saddlecheck.verification.figures import style

NOISES, SEED, NEAR = (0.5, 1.0, 2.0), 40_487, 0.1


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer draws."""
    draws = 100_000 if quick else 2_000_000
    caption = (
        f"Mean displacement of a step, over eta times the weight, on -w^2/2 at w = {NEAR:g} s, for Gaussian noise of "
        "deviation s in the gradient, normalised radius. Lines: 1 - (rho/s) sqrt(2/pi), which is 0 at the threshold "
        f"(vertical). Markers: the mean of {draws:,} mini-batches, 95 % intervals, seed {SEED}."
    )
    figure, axis = style.panel()
    blocks, scores = [], []
    for s, look, marker in zip(NOISES, (style.GD, style.CONSTANT, style.NORMALISED), "o^s", strict=True):
        edge = float(noisy_threshold(mu=1.0, s=s))
        line, at = np.linspace(0, 4, 50), np.linspace(0, 4, 5 if quick else 9)
        axis.plot(line, 1 - line / edge, label=f"s = {s:g}", **look)
        axis.axvline(edge, color=look["color"], linewidth=0.5)
        mean, error = np.array([ran(float(r), s, draws) for r in at]).T
        axis.errorbar(at, mean, 1.96 * error, fmt=marker, color=look["color"], capsize=1.5)
        # At w = 0.1 s the sign of w + noise has the mean erf(0.1/sqrt 2), below its tangent by (0.1)^2/6.
        bias = at / edge * NEAR**2 / 6
        scores += list(((np.abs(mean - (1 - at / edge)) - bias) / error)[at > 0])  # at 0 no draw differs
        blocks.append({"s": s, "rho": at, "formula": 1 - at / edge, "run": mean, "error": error})
    axis.axhline(0, color=style.GREY, linewidth=0.6)
    axis.set(xlabel="rho", ylabel="mean displacement/(eta w)", ylim=(-2, 1.2))
    axis.legend(loc="upper right")
    return style.save(
        figure, out / "noisy-saddle", caption=caption, rows=style.tidy(*blocks),
        settings={"mu": 1.0, "noise": NOISES, "near": NEAR, "draws": draws, "seed": SEED},
        columns={"s": "deviation of the noise", "rho": "normalised radius", "formula": "to first order in w",
                 "run": "mean over mini-batches", "error": "its standard error"},
        largest_score=max(scores),
    )  # fmt: skip


def ran(rho: float, s: float, draws: int) -> tuple[float, float]:
    """Mean of the displacement over eta w at w = NEAR s, the same mini-batch in both gradients, antithetic noise."""
    rng = np.random.default_rng([SEED, int(1000 * rho), int(1000 * s)])
    half, w = s * rng.standard_normal(draws // 2), NEAR * s
    # The gradient is -w + noise, so that the step moves by eta (w + rho sign(noise - w) - noise).
    moved = [w + rho * np.sign(noise - w) - noise for noise in (half, -half)]
    mean = (moved[0] + moved[1]) / 2 / w
    return float(mean.mean()), float(mean.std() / np.sqrt(len(half)))
