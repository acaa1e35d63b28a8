"""Part B: the laws of the variance near a critical point against the algorithms themselves, and the gap to SGD."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.closed_form import LAWS, variance
from saddlecheck.numerics.control import difference
from saddlecheck.numerics.ensemble import Ensemble
from saddlecheck.numerics.ensemble_run import simulate
from saddlecheck.numerics.exact_moments import discrete_variance
from saddlecheck.numerics.linear_map import recurrence, together
from saddlecheck.verification.figures import style

ETA, BATCH, SEED = 0.02, 1, 20_230
CASES = {"(a)": (-1.0, 0.5, 1.5), "(b)": (-1.0, 2.5, 1.5), "(c)": (1.0, 0.5, 1.5)}  # lambda, rho, last time
NAMES = {
    "sgd": "SGD", "exact_ascent": "SAM, noise-free ascent", "same_batch": "SAM, same mini-batch",
    "independent": "SAM, independent mini-batches", "printed": "SAM, printed law (12)",
}  # fmt: skip
LOOKS: dict[str, dict[str, Any]] = {
    "sgd": {"color": style.BLUE, "linestyle": "-", "marker": "o"},
    "exact_ascent": {"color": style.RED, "linestyle": "--", "marker": "^"},
    "same_batch": {"color": style.GREEN, "linestyle": "-.", "marker": "s"},
    "independent": {"color": style.ORANGE, "linestyle": (0, (5, 1, 1, 1, 1, 1)), "marker": "D"},
    "printed": {"color": style.BLACK, "linestyle": ":", "marker": None},
}
REAL = tuple(law for law in LAWS if law != "printed")  # what an optimiser can do


@style.styled
def draw(out: Path, quick: bool = False) -> list[Path]:
    """Draw the figure into the folder `out` and return the files written; `quick` for fewer paths."""
    paths = 2_000 if quick else 100_000
    figure, axes = style.canvas(2, 2, 5.6)
    blocks = []
    worst: dict[str, float] = {}
    for axis, (panel, (lam, rho, last)) in zip(axes.flat, CASES.items(), strict=False):
        found = ensemble(lam, rho, last, paths)
        blocks += _panel(axis, panel, lam, rho, found)
        worst[panel] = largest_score(lam, rho, found)
    lam, rho, last = CASES["(a)"]
    blocks += _gap(axes[1, 1], lam, rho, ensemble(lam, rho, last, paths))
    axes[0, 1].set_yscale("log")
    axes[0, 0].legend(loc="upper left")
    caption = (
        f"Learning rate {ETA:g}, batch size {BATCH}, gradient variance |lambda|/B, from the critical point; lines: "
        f"continuous time, closed form; markers: the algorithms, {paths:,} paths, 95 % intervals, seed {SEED}, the "
        "same noise for all. (a) Saddle direction below the threshold. (b) Beyond rho = 1/mu SAM is held in every "
        "form while the printed law grows fastest. (c) Towards a minimum SAM on one mini-batch moves further than "
        "SGD. (d) SGD's variance less SAM's, by common random numbers, against (13). Largest distance of an "
        f"ensemble from the exact discrete recursion: {max(worst.values()):.1f} standard errors."
    )
    return style.save(
        figure, out / "variance-laws", caption=caption, rows=style.tidy(*blocks),
        settings={"learning_rate": ETA, "batch": BATCH, "cases": CASES, "paths": paths, "seed": SEED},
        columns={
            "panel": "panel of the figure", "law": "which gradients and which noise", "t": "learning rate times steps",
            "continuous": "closed form; weight^2", "discrete": "exact recursion of the algorithm; weight^2",
            "simulated": "mean over paths; weight^2", "error": "its standard error",
        },
        largest_score=worst,
    )  # fmt: skip


def ensemble(lam: float, rho: float, last: float, paths: int) -> Ensemble:
    """The four algorithms on common noise, states in the order of `REAL`."""
    systems = [
        recurrence(Algorithm(law, ETA, rho=0.0 if law == "sgd" else rho), [[lam]], [[abs(lam) / BATCH]]) for law in REAL
    ]
    steps = round(last / ETA)
    return simulate(
        together(*systems), paths=paths, steps=steps, seed=SEED, checkpoints=np.linspace(0, steps, 11).astype(int)[1:]
    )


def _recursion(law: str, lam: float, rho: float, steps: Any) -> Any:
    return discrete_variance(law, lam=lam, rho=rho, eta=ETA, batch=BATCH, n=steps)


def largest_score(lam: float, rho: float, found: Ensemble) -> float:
    """Largest |simulated - exact recursion| in standard errors; nothing else separates the two."""
    exact = np.stack([_recursion(law, lam, rho, found.checkpoints) for law in REAL], axis=1)
    moving = found.variance_error > 0
    return float(np.max(np.abs(found.variance - exact)[moving] / found.variance_error[moving]))


def _panel(axis: Any, panel: str, lam: float, rho: float, found: Ensemble) -> list[dict[str, Any]]:
    times = ETA * found.checkpoints
    fine = np.linspace(0, times[-1], 61)
    blocks = []
    for law in LAWS:
        look = {k: LOOKS[law][k] for k in ("color", "linestyle")}
        axis.plot(fine, variance(law, lam=lam, rho=rho, eta=ETA, batch=BATCH, t=fine), label=NAMES[law], **look)
        exact = _recursion(law, lam, rho, found.checkpoints)
        continuous = variance(law, lam=lam, rho=rho, eta=ETA, batch=BATCH, t=times)
        block = {"panel": panel, "law": law, "t": times, "continuous": continuous, "discrete": exact}
        if law in REAL:
            j = REAL.index(law)
            value, error = found.variance[:, j], found.variance_error[:, j]
            axis.errorbar(times, value, 1.96 * error, fmt=LOOKS[law]["marker"], color=look["color"], capsize=2)
            block |= {"simulated": value, "error": error}
        blocks.append(block)
    where = "saddle direction" if lam < 0 else "towards a minimum"
    axis.set(
        xlabel="t (learning rate times steps)", ylabel="variance of w",
        title=f"{panel} {where}: lambda = {lam:g}, rho = {rho:g}",
    )  # fmt: skip
    return blocks


def _gap(axis: Any, lam: float, rho: float, found: Ensemble) -> list[dict[str, Any]]:
    """SGD's variance less each of SAM's, and the paper's (13)."""
    times = ETA * found.checkpoints
    sgd = variance("sgd", lam=lam, rho=rho, eta=ETA, batch=BATCH, t=times)
    sgd_discrete = _recursion("sgd", lam, rho, found.checkpoints)
    blocks = []
    for law in LAWS[1:]:
        look = {k: LOOKS[law][k] for k in ("color", "linestyle")}
        gap = sgd - variance(law, lam=lam, rho=rho, eta=ETA, batch=BATCH, t=times)
        axis.plot(times, gap, label=NAMES[law], **look)
        block = {"panel": "(d)", "law": law, "t": times, "continuous": gap,
                 "discrete": sgd_discrete - _recursion(law, lam, rho, found.checkpoints)}  # fmt: skip
        if law in REAL:
            found_gaps = [difference(found, 0, REAL.index(law), checkpoint=c) for c in range(len(times))]
            value, error = np.array([(g.value, g.error) for g in found_gaps]).T
            axis.errorbar(times, value, 1.96 * error, fmt=LOOKS[law]["marker"], color=look["color"], capsize=2)
            block |= {"simulated": value, "error": error}
        blocks.append(block)
    claimed = 2 * ETA * times**2 * abs(lam) ** 3 * rho / BATCH
    axis.plot(times, claimed, color=style.PINK, linewidth=2.2, label="the paper's (13)")
    axis.axhline(0, color=style.GREY, linewidth=0.8)
    axis.set(xlabel="t (learning rate times steps)", ylabel="SGD's variance less SAM's",
             title=f"(d) the gap: lambda = {lam:g}, rho = {rho:g}")  # fmt: skip
    axis.legend(loc="upper left")
    return [*blocks, {"panel": "(d)", "law": "(13)", "t": times, "continuous": claimed}]
