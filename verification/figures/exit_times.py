"""Part B: the mean time to leave a ball around a saddle against rho: closed form and the algorithms themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.closed_form import exit_time
from saddlecheck.numerics.ensemble_run import simulate
from saddlecheck.numerics.job import Exit, continuous_radius
from saddlecheck.numerics.linear_map import recurrence
from saddlecheck.verification.figures import style
from saddlecheck.verification.figures.variance_laws import LOOKS, NAMES

MU, ETA, BATCH, RADIUS, SEED = 1.0, 0.01, 1, 0.2, 4_711
LAWS = ("exact_ascent", "same_batch", "independent")
RHOS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5)


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer paths and steps."""
    paths, steps = (1_024, 5_000) if quick else (4_096, 40_000)
    figure, (left, right) = style.canvas(1, 2, 3.0)
    blocks, scores = _against_rho(left, paths, steps)
    depth = _universal(right)
    caption = (
        f"Saddle direction with mu = {MU:g}, learning rate {ETA:g}, batch size {BATCH}, ball of radius {RADIUS}. (a) "
        f"Markers: the algorithms, {paths:,} paths of at most {steps:,} steps, 95 % intervals, seed {SEED}; lines: "
        "the exact mean exit time of the continuous path from the radius that the step-wise watch amounts to. Open "
        "markers with an arrow: some paths had not left, so the mean is a lower bound. At rho = 1/mu SAM on one "
        f"mini-batch does not move at all. Largest deviation of a complete mean from its line: {max(scores):.1%}. (b) "
        "The one curve behind (a): exponentially long where the rate a > 0 attracts, a logarithm where it repels."
    )
    return style.save(
        figure, out / "exit-times", caption=caption, rows=style.tidy(*blocks, depth),
        settings={"mu": MU, "learning_rate": ETA, "batch": BATCH, "radius": RADIUS, "paths": paths, "steps": steps,
                  "seed": SEED, "rho": RHOS},
        columns={
            "panel": "panel of the figure", "law": "which gradients and which noise",
            "rho": "constant rho, weight per gradient",
            "exact": "mean exit time, closed form; in panel (b) in units of L^2/(2D)",
            "simulated": "mean over paths, in units of t", "error": "its standard error",
            "left": "share of paths that left", "depth": "a L^2/(2 D)",
        },
        largest_deviation=max(scores),
    )  # fmt: skip


def model(law: str, rho: float) -> tuple[float, float]:
    """(rate a, diffusion D) of the algorithm in continuous time."""
    k = 1 - rho * MU
    gain = {"exact_ascent": 1.0, "same_batch": k * k, "independent": 1 + (rho * MU) ** 2}[law]
    return -MU * k, ETA * MU / (2 * BATCH) * gain


def watched(diffusion: float) -> float:
    """Radius that a continuous path has to reach for the exit that is seen once a step at RADIUS."""
    return 2 * RADIUS - continuous_radius(RADIUS, diffusion=diffusion, dt=ETA)


def simulated(law: str, rho: float, paths: int, steps: int) -> tuple[float, float, float]:
    """(mean exit time, standard error, share of paths that left); the rest counts with the last step."""
    system = recurrence(Algorithm(law, ETA, rho=rho), [[-MU]], [[MU / BATCH]])
    with np.errstate(over="ignore", invalid="ignore"):  # paths that have left go on, and may overflow
        found = simulate(system, paths=paths, steps=steps, seed=SEED, exit=Exit(RADIUS), pairs=())
    times = ETA * np.where(found.exits < 0, steps, found.exits)
    return float(times.mean()), float(times.std() / np.sqrt(paths)), float(np.mean(found.exits >= 0))


def _against_rho(axis: Any, paths: int, steps: int) -> tuple[list[dict[str, Any]], list[float]]:
    blocks, scores = [], []
    for law in LAWS:
        look = {k: LOOKS[law][k] for k in ("color", "linestyle")}
        fine = np.linspace(0, RHOS[-1], 76)
        axis.semilogy(fine, [_exact(law, float(r)) for r in fine], label=NAMES[law], **look)
        moving = [r for r in RHOS if model(law, r)[1] > 0]
        mean, error, left = np.array([simulated(law, r, paths, steps) for r in moving]).T
        exact = np.array([_exact(law, r) for r in moving])
        for complete in (True, False):
            chosen = (left == 1.0) == complete
            axis.errorbar(np.array(moving)[chosen], mean[chosen], 1.96 * error[chosen], fmt=LOOKS[law]["marker"],
                          color=look["color"], markerfacecolor=look["color"] if complete else "white",
                          capsize=2)  # fmt: skip
        for r, bound in zip(np.array(moving)[left < 1.0], mean[left < 1.0], strict=True):
            axis.annotate("", (r, 3 * bound), (r, bound), arrowprops={"arrowstyle": "->", "color": look["color"]})
        scores += list(np.abs(mean / exact - 1)[left == 1.0])
        blocks.append({"panel": "(a)", "law": law, "rho": moving, "exact": exact, "simulated": mean, "error": error,
                       "left": left})  # fmt: skip
    axis.axvline(1 / MU, color=style.GREY, linewidth=0.8, linestyle=":")
    axis.set(
        xlabel="constant rho (1/mu = 1)", ylabel="mean exit time t", title="(a) exit from the ball", ylim=(0.1, 3e4)
    )
    axis.legend(loc="lower left")
    return blocks, scores


def _exact(law: str, rho: float) -> float:
    rate, diffusion = model(law, rho)
    if diffusion < 1e-12:  # frozen, up to the rounding of 1 - rho mu
        return np.inf
    return float(exit_time(rate=rate, diffusion=diffusion, radius=watched(diffusion)))


def _universal(axis: Any) -> dict[str, Any]:
    """T in units of L^2/(2D) against the depth a L^2/(2D)."""
    depth = np.linspace(-12, 12, 97)
    time = exit_time(rate=depth, diffusion=0.5, radius=1.0)
    axis.semilogy(depth, time, color=style.BLACK, label="exact")
    up, down = depth[depth > 1.5], depth[depth < -1.5]
    axis.semilogy(up, np.sqrt(np.pi) / 2 * np.exp(up) / up**1.5, color=style.RED, linestyle="--",
                  label="deep trap: sqrt(pi) exp(x) / (2 x sqrt(x))")  # fmt: skip
    axis.semilogy(down, (np.log(4 * -down) + np.euler_gamma) / (2 * -down), color=style.BLUE, linestyle="-.",
                  label="steep escape: (ln 4|x| + 0.577)/(2|x|)")  # fmt: skip
    axis.axvline(0, color=style.GREY, linewidth=0.8)
    axis.set(
        xlabel="x = a L^2/(2 D)",
        ylabel="mean exit time in units of L^2/(2 D)",
        title="(b) attracting against repelling",
    )
    axis.legend(loc="upper left")
    return {"panel": "(b)", "law": "exact", "depth": depth, "exact": time}
