"""Beale's function, Figures 1, 3 and 4: where the paths and the flow go, and what the two gradients' cosine does."""

from __future__ import annotations

from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.basins import LEFT, basins, crossings
from saddlecheck.numerics.experiment import Experiment, Found, Settings
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


def _ends(s: Settings) -> Found:
    """Whether gradient descent ends at the minimum, and whether SAM is at the saddle from the middle of the run on."""
    plain = path(BEALE, Algorithm("sgd", s["eta"]), s["start"], steps=s["descent_steps"], every=s["descent_steps"])
    found = {"descent at the minimum": _distance(plain.weights[-1:], MINIMUM) < s["near"]}
    for rho in s["radii"]:
        walk = _sam(s, rho, s["normalised"])
        late = walk.weights[len(walk.weights) // 2 :]
        found[f"SAM at the saddle, rho = {rho:g}"] = walk.diverged is None and _distance(late, SADDLE) < s["near"]
    return found


def _distance(weights: Any, point: tuple[float, float]) -> float:
    """The largest distance of the rows from a point."""
    return float(np.max(np.linalg.norm(weights - np.array(point), axis=1)))


def _swings(s: Settings) -> Found:
    """The cosine's extremes in the last tenth of the run, and whether w^p still changes basins there."""
    walk = _sam(s, s["rho"], s["normalised"])
    late = slice(9 * len(walk.cosine) // 10, None)
    low, high = float(walk.cosine[late].min()), float(walk.cosine[late].max())
    few = slice(-s["looked_at"], None)
    crossed = crossings(BEALE, walk.weights[few], walk.ascended[few], [MINIMUM])
    return {"near -1": low < -0.9, "near 1": high > 0.9, "w^p changes basins": len(crossed) > 0}


def _settled(s: Settings) -> Found:
    """The largest cosine of the last tenth, for each radius, and how often its sign changed all along."""
    found = {}
    for rho in s["radii"]:
        walk = _sam(s, rho, False)
        late = walk.cosine[9 * len(walk.cosine) // 10 :]
        found[f"settled at -1, rho = {rho:g}"] = walk.diverged is None and float(late.max()) < -0.99
    return found


def _destinations(s: Settings) -> Found:
    """How many kinds of destinations the flow has from the points of a grid on the box, and how many are finite."""
    found = basins(BEALE, [MINIMUM], box=(-s["box"], s["box"]), shape=(s["grid"], s["grid"]))
    gone = found.ends[found.labels == LEFT]
    sides = {(float(np.sign(px)), float(np.sign(py))) for px, py in gone}
    finite = int(np.any(found.labels == 0))
    return {"destinations": finite + len(sides), "minima": finite, "undecided": int(np.sum(found.labels == -1))}


def _valleys(s: Settings) -> Found:
    """The loss at the end of a long flow down each valley."""
    found = {}
    for name, start in s["starts"].items():
        end = flow(BEALE, start, time=s["time"], box=1e4, rtol=1e-8).weights[-1]
        found[name] = float(BEALE.expr.subs(dict(zip(BEALE.variables, map(float, end), strict=True))))
    return found


def _threshold(s: Settings) -> Found:
    """The constant radius from which on SAM near (0, 1) does not escape."""
    rule = Algorithm("exact_ascent", s["eta"])
    start = (SADDLE[0] + s["off"], SADDLE[1])
    found = threshold_rho(BEALE, rule, SADDLE, start, low=0.02, high=0.06, width=1e-6, steps=s["steps"])
    return {"threshold": (found.low + found.high) / 2}


def _leaves(s: Settings) -> Found:
    """Whether one step of constant-rho SAM from the start leaves the box."""
    found = {}
    for rho in s["radii"]:
        walk = path(BEALE, Algorithm("exact_ascent", s["eta"], rho=rho), s["start"], steps=1)
        found[f"outside, rho = {rho:g}"] = len(walk.weights) < 2 or float(np.min(walk.weights[1])) < -4.5
    return found


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
        measure=_ends, predict=1.0,
    ),
    Experiment(
        name="beale-stuck-normalised", claim="beale-stuck-normalised", engine="path",
        question="from (1, 2) gradient descent ends at (3, 1/2) and SAM with a normalised rho of 1/2 and 1 at (0, 1)",
        settings={**_FIGURE, "normalised": True, "radii": (0.5, 1.0)}, budget=YES, absolute=True, measure=_ends,
        predict=1.0,
        twins={
            "constant rho": lambda s: _ends({**s, "normalised": False}),
            "a normalised rho of 1/10": (1.0, 0.0, 0.0),
            "descent is stuck as well": (0.0, 1.0, 1.0),
        },
    ),
    Experiment(
        name="beale-cosine-constant-swings", claim="beale-cosine", engine="path",
        question="the cosine's range in the last tenth of the run and the basins of w^p, constant rho, near (0, 1)",
        settings={**_COSINE, "start": (0.003, 1.004), "rho": 0.04, "normalised": False, "looked_at": 5}, budget=YES,
        absolute=True,
        measure=_swings, predict=1.0,
    ),
    Experiment(
        name="beale-cosine-normalised", claim="beale-cosine-normalised", engine="path",
        question="the cosine's range in the last tenth of the run and the basins of w^p, normalised rho 1/2",
        settings={**_COSINE, "normalised": True}, budget=YES, absolute=True, measure=_swings,
        predict=1.0,
        twins={"it settles at -1": (1.0, 0.0, 1.0), "no crossing": (1.0, 1.0, 0.0)},
    ),
    # Near (0, 1) and above 4/111: the slower rate is a = 27.75 (27.75 rho - 1), e-folding in 1/(eta a) steps.
    Experiment(
        name="beale-cosine-constant-run", claim="beale-cosine-constant", engine="path",
        question="the cosine in the last tenth of the run, constant rho, from near (0, 1)",
        settings={"start": (0.003, 1.004), "eta": 1e-4, "steps": 20_000, "every": 20, "radii": (0.038, 0.04, 0.045)},
        budget=YES, absolute=True, measure=_settled, predict=1.0, twins={"it swings": 0.0},
    ),
    Experiment(
        name="beale-basins-grid", claim="beale-basins", engine="flow",
        question="destinations of the flow from a grid on the box: four, two of them minima",
        settings={"box": 4.5, "grid": 160}, budget=YES, absolute=True, measure=_destinations,
        predict=(4.0, 2.0, 0.0),
    ),
    Experiment(
        name="beale-one-minimum-grid", claim="beale-one-minimum", engine="flow",
        question="destinations of the flow from a grid on the box: one minimum",
        settings={"box": 4.5, "grid": 120}, budget=YES, absolute=True,
        measure=lambda s: {"minima": _destinations(s)["minima"]}, predict=1.0,
        twins={"two": 2.0},
    ),
    # Where a valley's slope falls like (y - 1) or u^2 the floor nears its limit like t^(-1/3): 1e5^(-1/3) = 2 %, times
    # constants of order one.
    Experiment(
        name="beale-valleys-run", claim="beale-valleys", engine="flow",
        question="the loss far down the two valleys",
        settings={"starts": {"beyond y = 1": (-3.0, 3.0), "below the second saddle": (0.1, -4.0)}, "time": 1e5},
        budget=Budget({"finite time": 0.06}), measure=_valleys,
        predict=(405 / 896, 117 / 16),
        twins={
            "the limits exchanged": (117 / 16, 405 / 896),
            "down to the minimum": 0.0,
        },
    ),
    # Bisection to 1e-6; a start off by 1e-4 moves the local threshold by its square over the distance to the fence.
    Experiment(
        name="beale-threshold-bisected", claim="beale-threshold", engine="path",
        question="constant radius from which on SAM near (0, 1) is trapped",
        settings={"eta": 1e-4, "off": 1e-5, "steps": 20_000}, budget=Budget({"bracket": 1e-3}), measure=_threshold,
        predict=4 / 111,
        twins={"the normalised radii's 1/10": 0.1, "2/55": 2 / 55},
    ),
    Experiment(
        name="beale-constant-rho-run", claim="beale-constant-rho", engine="path",
        question="whether the first step from (1, 2) leaves the box", budget=YES, absolute=True,
        settings={"start": (1.0, 2.0), "eta": 1e-4, "radii": (0.01, 0.036, 0.5)}, measure=_leaves,
        predict=lambda s: {f"outside, rho = {rho:g}": 1.0 for rho in s["radii"]},
        twins={"it stays": lambda s: {f"outside, rho = {rho:g}": 0.0 for rho in s["radii"]}},
    ),
)  # fmt: skip
