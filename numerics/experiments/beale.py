"""Beale's function, Figures 1, 3 and 4: where the paths and the flow go, and what the two gradients' cosine does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.basins import LEFT, basins, crossings
from saddlecheck.numerics.experiment import Experiment, Measured, Numbers, Settings
from saddlecheck.numerics.experiments.quadratic import exactly
from saddlecheck.numerics.flow import flow
from saddlecheck.numerics.maps import Path, path
from saddlecheck.numerics.statistics import Budget
from saddlecheck.numerics.threshold import threshold_rho
from saddlecheck.theory.critical.landscapes import BEALE

MINIMUM, SADDLE = (3.0, 0.5), (0.0, 1.0)
YES = Budget({"any": 0.5})


def _sam(s: Settings, rho: float, normalised: bool) -> Path:
    rule = Algorithm("exact_ascent", s["eta"], rho=rho, normalised=normalised)
    return path(BEALE, rule, s["start"], steps=s["steps"], every=s["every"])


def _ends(s: Settings) -> Mapping[str, Measured]:
    """Whether gradient descent ends at the minimum, and whether SAM is at the saddle from the middle of the run on."""
    plain = path(BEALE, Algorithm("sgd", s["eta"]), s["start"], steps=s["descent_steps"], every=s["descent_steps"])
    found = {"descent at the minimum": _distance(plain.weights[-1:], MINIMUM) < s["near"]}
    for rho in s["radii"]:
        walk = _sam(s, rho, s["normalised"])
        late = walk.weights[len(walk.weights) // 2 :]
        found[f"SAM at the saddle, rho = {rho:g}"] = walk.diverged is None and _distance(late, SADDLE) < s["near"]
    return exactly(found)


def _distance(weights: Any, point: tuple[float, float]) -> float:
    """The largest distance of the rows from a point."""
    return float(np.max(np.linalg.norm(weights - np.array(point), axis=1)))


def _ending(descent: float, *sam: float) -> Callable[[Settings], Numbers]:
    return lambda s: {
        "descent at the minimum": descent,
        **{f"SAM at the saddle, rho = {rho:g}": v for rho, v in zip(s["radii"], sam, strict=True)},
    }


def _swings(s: Settings) -> Mapping[str, Measured]:
    """The cosine's extremes in the last tenth of the run, and whether w^p still changes basins there."""
    walk = _sam(s, s["rho"], s["normalised"])
    late = slice(9 * len(walk.cosine) // 10, None)
    low, high = float(walk.cosine[late].min()), float(walk.cosine[late].max())
    few = slice(-s["looked_at"], None)
    crossed = crossings(BEALE, walk.weights[few], walk.ascended[few], [MINIMUM])
    return exactly({"near -1": low < -0.9, "near 1": high > 0.9, "w^p changes basins": len(crossed) > 0})


def _swinging(*values: float) -> Callable[[Settings], Numbers]:
    return lambda _: dict(zip(("near -1", "near 1", "w^p changes basins"), values, strict=True))


def _settled(s: Settings) -> Mapping[str, Measured]:
    """The largest cosine of the last tenth, for each radius, and how often its sign changed all along."""
    found = {}
    for rho in s["radii"]:
        walk = _sam(s, rho, False)
        late = walk.cosine[9 * len(walk.cosine) // 10 :]
        found[f"settled at -1, rho = {rho:g}"] = walk.diverged is None and float(late.max()) < -0.99
    return exactly(found)


def _settling(value: float) -> Callable[[Settings], Numbers]:
    return lambda s: {f"settled at -1, rho = {rho:g}": value for rho in s["radii"]}


def _destinations(s: Settings) -> Mapping[str, Measured]:
    """How many kinds of destinations the flow has from the points of a grid on the box, and how many are finite."""
    found = basins(BEALE, [MINIMUM], box=(-s["box"], s["box"]), shape=(s["grid"], s["grid"]))
    gone = found.ends[found.labels == LEFT]
    sides = {(float(np.sign(px)), float(np.sign(py))) for px, py in gone}
    finite = int(np.any(found.labels == 0))
    return exactly(
        {"destinations": finite + len(sides), "minima": finite, "undecided": int(np.sum(found.labels == -1))}
    )


def _counted(destinations: float, minima: float) -> Callable[[Settings], Numbers]:
    return lambda _: {"destinations": destinations, "minima": minima, "undecided": 0.0}


def _valleys(s: Settings) -> Mapping[str, Measured]:
    """The loss at the end of a long flow down each valley."""
    found = {}
    for name, start in s["starts"].items():
        end = flow(BEALE, start, time=s["time"], box=1e4, rtol=1e-8).weights[-1]
        found[name] = float(BEALE.expr.subs(dict(zip(BEALE.variables, map(float, end), strict=True))))
    return exactly(found)


def _threshold(s: Settings) -> Mapping[str, Measured]:
    """The constant radius from which on SAM near (0, 1) does not escape."""
    rule = Algorithm("exact_ascent", s["eta"])
    start = (SADDLE[0] + s["off"], SADDLE[1])
    found = threshold_rho(BEALE, rule, SADDLE, start, low=0.02, high=0.06, width=1e-6, steps=s["steps"])
    return exactly({"threshold": (found.low + found.high) / 2})


def _leaves(s: Settings) -> Mapping[str, Measured]:
    """Whether one step of constant-rho SAM from the start leaves the box."""
    found = {}
    for rho in s["radii"]:
        walk = path(BEALE, Algorithm("exact_ascent", s["eta"], rho=rho), s["start"], steps=1)
        found[f"outside, rho = {rho:g}"] = len(walk.weights) < 2 or float(np.min(walk.weights[1])) < -4.5
    return exactly(found)


# The settings of the authors' later code, with the paper's learning rate; 20,000 steps are 80 times what SAM needs to
# arrive. "near" is ten times the width of its jitter there, eta rho 111/4 / 2 = 7e-4, and far from everything else.
_FIGURE = {
    "start": (1.0, 2.0), "eta": 1e-4, "steps": 20_000, "every": 20, "descent_steps": 400_000, "near": 0.05,
}  # fmt: skip
_COSINE = {"start": (1.0, 2.0), "eta": 1e-4, "steps": 20_000, "every": 1, "rho": 0.5, "looked_at": 500}

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="beale-stuck-constant", claim="beale-stuck", engine="path",
        question="from (1, 2) gradient descent ends at (3, 1/2) and SAM with a constant rho at (0, 1)",
        settings={**_FIGURE, "normalised": False, "radii": (0.04, 0.1, 0.5, 1.0)}, budget=YES, absolute=True,
        measure=_ends, predict=_ending(1.0, 1.0, 1.0, 1.0, 1.0),
    ),
    Experiment(
        name="beale-stuck-normalised", claim="beale-stuck-normalised", engine="path",
        question="from (1, 2) gradient descent ends at (3, 1/2) and SAM with a normalised rho of 1/2 and 1 at (0, 1)",
        settings={**_FIGURE, "normalised": True, "radii": (0.5, 1.0)}, budget=YES, absolute=True, measure=_ends,
        predict=_ending(1.0, 1.0, 1.0),
        twins={
            "constant rho": lambda s: {k: m.value for k, m in _ends({**s, "normalised": False}).items()},
            "a normalised rho of 1/10": lambda s: dict(zip(_ending(1.0, 1.0, 1.0)(s), (1.0, 0.0, 0.0), strict=True)),
            "descent is stuck as well": _ending(0.0, 1.0, 1.0),
        },
    ),
    Experiment(
        name="beale-cosine-constant-swings", claim="beale-cosine", engine="path",
        question="the cosine's range in the last tenth of the run and the basins of w^p, constant rho, near (0, 1)",
        settings={**_COSINE, "start": (0.003, 1.004), "rho": 0.04, "normalised": False, "looked_at": 5}, budget=YES,
        absolute=True,
        measure=_swings, predict=_swinging(1.0, 1.0, 1.0),
    ),
    Experiment(
        name="beale-cosine-normalised", claim="beale-cosine-normalised", engine="path",
        question="the cosine's range in the last tenth of the run and the basins of w^p, normalised rho 1/2",
        settings={**_COSINE, "normalised": True}, budget=YES, absolute=True, measure=_swings,
        predict=_swinging(1.0, 1.0, 1.0),
        twins={"it settles at -1": _swinging(1.0, 0.0, 1.0), "no crossing": _swinging(1.0, 1.0, 0.0)},
    ),
    # Near (0, 1) and above 4/111: the slower rate is a = 27.75 (27.75 rho - 1), e-folding in 1/(eta a) steps.
    Experiment(
        name="beale-cosine-constant-run", claim="beale-cosine-constant", engine="path",
        question="the cosine in the last tenth of the run, constant rho, from near (0, 1)",
        settings={"start": (0.003, 1.004), "eta": 1e-4, "steps": 20_000, "every": 20, "radii": (0.038, 0.04, 0.045)},
        budget=YES, absolute=True, measure=_settled, predict=_settling(1.0), twins={"it swings": _settling(0.0)},
    ),
    Experiment(
        name="beale-basins-grid", claim="beale-basins", engine="flow",
        question="destinations of the flow from a grid on the box: four, two of them minima",
        settings={"box": 4.5, "grid": 160}, budget=YES, absolute=True, measure=_destinations,
        predict=_counted(4.0, 2.0),
    ),
    Experiment(
        name="beale-one-minimum-grid", claim="beale-one-minimum", engine="flow",
        question="destinations of the flow from a grid on the box: one minimum",
        settings={"box": 4.5, "grid": 120}, budget=YES, absolute=True,
        measure=lambda s: {"minima": _destinations(s)["minima"]}, predict=lambda _: {"minima": 1.0},
        twins={"two": lambda _: {"minima": 2.0}},
    ),
    # Where a valley's slope falls like (y - 1) or u^2 the floor nears its limit like t^(-1/3): 1e5^(-1/3) = 2 %, times
    # constants of order one.
    Experiment(
        name="beale-valleys-run", claim="beale-valleys", engine="flow",
        question="the loss far down the two valleys",
        settings={"starts": {"beyond y = 1": (-3.0, 3.0), "below the second saddle": (0.1, -4.0)}, "time": 1e5},
        budget=Budget({"finite time": 0.06}), measure=_valleys,
        predict=lambda _: {"beyond y = 1": 405 / 896, "below the second saddle": 117 / 16},
        twins={
            "the limits exchanged": lambda _: {"beyond y = 1": 117 / 16, "below the second saddle": 405 / 896},
            "down to the minimum": lambda _: dict.fromkeys(("beyond y = 1", "below the second saddle"), 0.0),
        },
    ),
    # Bisection to 1e-6; a start off by 1e-4 moves the local threshold by its square over the distance to the fence.
    Experiment(
        name="beale-threshold-bisected", claim="beale-threshold", engine="path",
        question="constant radius from which on SAM near (0, 1) is trapped",
        settings={"eta": 1e-4, "off": 1e-5, "steps": 20_000}, budget=Budget({"bracket": 1e-3}), measure=_threshold,
        predict=lambda _: {"threshold": 4 / 111},
        twins={"the normalised radii's 1/10": lambda _: {"threshold": 0.1}, "2/55": lambda _: {"threshold": 2 / 55}},
    ),
    Experiment(
        name="beale-constant-rho-run", claim="beale-constant-rho", engine="path",
        question="whether the first step from (1, 2) leaves the box", budget=YES, absolute=True,
        settings={"start": (1.0, 2.0), "eta": 1e-4, "radii": (0.01, 0.036, 0.5)}, measure=_leaves,
        predict=lambda s: {f"outside, rho = {rho:g}": 1.0 for rho in s["radii"]},
        twins={"it stays": lambda s: {f"outside, rho = {rho:g}": 0.0 for rho in s["radii"]}},
    ),
)  # fmt: skip
