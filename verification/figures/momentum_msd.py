"""Part B: the paper's (14) against the exact mean squared displacement with momentum, over gamma and t."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.closed_form import langevin_msd, printed_msd
from saddlecheck.numerics.ensemble_run import simulate
from saddlecheck.numerics.exact_moments import discrete_variance
from saddlecheck.numerics.linear_map import recurrence
from saddlecheck.verification.figures import style

ETA, BATCH, GAMMA, SEED = 0.01, 1, 0.9, 1_905
CURVATURES = {"towards a minimum": 1.0, "at a saddle": -1.0}
STEPS = (10, 1000)  # range of n = t/eta


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for a coarse grid, fewer paths."""
    size, paths = (8, 2_000) if quick else (48, 50_000)
    gamma = 1 - np.geomspace(1.0, 0.005, size)
    steps = np.unique(np.round(np.geomspace(*STEPS, size)).astype(int))
    figure, axes = style.canvas(2, 2, 5.6)
    arrays: dict[str, Any] = {"gamma": gamma, "t": ETA * steps}
    blocks, within, least = [], {}, np.inf
    for column, (where, lam) in enumerate(CURVATURES.items()):
        name = "minimum" if lam > 0 else "saddle"
        ratio = over_exact(lam, gamma, steps)
        arrays[f"ratio_{name}"] = ratio
        least = min(least, float(ratio.min()))
        within[name] = float(np.mean(np.abs(ratio - 1) < 0.1))
        panel = "ab"[column]
        _map(figure, axes[0, column], gamma, ETA * steps, ratio, f"({panel}) (14) over the exact moment, {where}")
        panel = "cd"[column]
        blocks += _curves(axes[1, column], lam, f"({panel})", where, paths)
    axes[1, 0].legend(loc="lower right")
    caption = (
        f"Learning rate {ETA:g}, batch size {BATCH}, |lambda| = 1, rho = 0 (so that (14)'s drift is right and only "
        "its momentum is on trial), from the critical point with an empty buffer. (a), (b) The paper's (14), its C2 "
        f"set right, over the exact second moment of the algorithm after t/eta steps: never below {least:.2f}; heavy "
        f"white line: 10 % off. It is within 10 % on {within['minimum']:.0%} of the map towards a minimum and "
        f"{within['saddle']:.0%} at a saddle. (c), (d) At gamma = {GAMMA}: (14) as printed and corrected, the exact "
        f"Langevin and discrete moments, and the algorithm itself ({paths:,} paths, 95 % intervals, seed {SEED}). "
        "Towards a minimum the inverted C2 as printed takes away a term that should not be there."
    )
    return style.save(
        figure, out / "momentum-msd", caption=caption, rows=style.tidy(*blocks), arrays=arrays,
        settings={"learning_rate": ETA, "batch": BATCH, "lambda": CURVATURES, "rho": 0.0, "gamma_in_c_and_d": GAMMA,
                  "paths": paths, "seed": SEED, "grid": size},
        columns={
            "panel": "panel of the figure", "lambda": "eigenvalue of the Hessian",
            "t": "learning rate times steps (of the curves, and of the maps' rows)",
            "discrete": "exact recursion; weight^2", "langevin": "exact continuous time from rest; weight^2",
            "corrected": "(14) with C2 = t/eta; weight^2", "printed": "(14) with C2 = eta/t; weight^2",
            "simulated": "mean over paths; weight^2", "error": "its standard error",
            "gamma": "momenta of the maps, shape (n,)",
            "ratio_minimum": "(14) over exact, lambda = 1, shape (t, gamma)",
            "ratio_saddle": "the same, lambda = -1",
        },
        within_ten_per_cent=within,
    )  # fmt: skip


def over_exact(lam: float, gamma: Any, steps: Any) -> Any:
    """(14) with its C2 corrected over the exact discrete moment, shape (steps, gamma)."""
    n, g = steps[:, None], gamma[None]
    claimed = printed_msd(lam=lam, rho=0.0, eta=ETA, batch=BATCH, gamma=g, t=ETA * n)
    return claimed / discrete_variance("sgd", lam=lam, rho=0.0, eta=ETA, batch=BATCH, n=n, gamma=g)


def _map(figure: Any, axis: Any, gamma: Any, t: Any, ratio: Any, title: str) -> None:
    from matplotlib.colors import LogNorm

    shown = np.minimum(ratio, 1e6)  # at a saddle the ratio overflows
    image = axis.pcolormesh(1 - gamma, t, shown, cmap=style.SEQUENTIAL, norm=LogNorm(1.0, 1e3), rasterized=True)
    lines = axis.contour(1 - gamma, t, shown, levels=[0.9, 1.1, 2, 10, 100], colors="white",
                         linewidths=[1.8, 1.8, 0.8, 0.8, 0.8])  # fmt: skip
    axis.clabel(lines, fmt="%g", fontsize=7)
    figure.colorbar(image, ax=axis, label="ratio", extend="both")
    axis.set(xscale="log", yscale="log", xlabel="1 - gamma", ylabel="t", title=title)
    axis.invert_xaxis()


def _curves(axis: Any, lam: float, panel: str, where: str, paths: int) -> list[dict[str, Any]]:
    steps = np.unique(np.round(np.geomspace(1, 400, 25)).astype(int))
    t = ETA * steps
    common: dict[str, Any] = {"lam": lam, "rho": 0.0, "eta": ETA, "batch": BATCH, "gamma": GAMMA}
    # M = eta, phi = (1 - gamma)/eta, D = eta |lambda|/(2B): Theorem 3's equation with its friction M phi.
    curves = {
        "discrete": discrete_variance("sgd", **common, n=steps),
        "langevin": langevin_msd(
            h=lam, phi=(1 - GAMMA) / ETA, mass=ETA, diffusion=ETA * abs(lam) / (2 * BATCH), t=t, start="rest"
        ),
        "corrected": printed_msd(**common, t=t),
        "printed": printed_msd(**common, t=t, constants="printed"),
    }
    looks = {
        "discrete": (style.BLUE, "-", "exact, discrete"), "langevin": (style.ORANGE, "--", "exact, Langevin from rest"),
        "corrected": (style.BLACK, ":", "(14), C2 = t/eta"),
        "printed": (style.PINK, "-.", "(14) as printed, C2 = eta/t"),
    }  # fmt: skip
    for name, (colour, line, label) in looks.items():
        axis.loglog(t, curves[name], color=colour, linestyle=line, label=label)
    algorithm = Algorithm("sgd", ETA, gamma=GAMMA)
    found = simulate(
        recurrence(algorithm, [[lam]], [[abs(lam) / BATCH]]), paths=paths, steps=int(steps[-1]), seed=SEED,
        checkpoints=steps,
    )  # fmt: skip
    value, error = found.variance[:, 0], found.variance_error[:, 0]
    axis.errorbar(t, value, 1.96 * error, fmt="o", color=style.GREEN, markersize=2.5, capsize=2, label="algorithm")
    axis.set(xlabel="t", ylabel="mean squared displacement", title=f"{panel} gamma = {GAMMA}, {where}")
    return [{"panel": panel, "lambda": lam, "t": t, **curves, "simulated": value, "error": error}]
