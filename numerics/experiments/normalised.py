"""Normalised SAM as it is run: cycles, the chaotic band, and which saddles it leaves."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.cycles import lyapunov_exponents, two_cycle
from saddlecheck.numerics.experiment import Experiment, Found, Numbers, Settings
from saddlecheck.numerics.experiments.quadratic_losses import plane, valley
from saddlecheck.numerics.flow import flow
from saddlecheck.numerics.maps import path
from saddlecheck.numerics.statistics import Budget

ROUNDING = Budget({"rounding": 1e-9})  # a few thousand steps of a contracting map, each right to 1e-16
YES = Budget({"any": 0.5})


def rule(s: Settings, rho: float | None = None) -> Algorithm:
    """Normalised SAM with the settings' eta, and their rho or another."""
    return Algorithm("exact_ascent", s["eta"], rho=s["rho"] if rho is None else rho, normalised=True)


def _circle(s: Settings) -> Found:
    """The last two points, each on its side, of runs towards a minimum from near and from far."""
    ends = {}
    for start in (0.01, 3.0):
        w = path(valley(s["lam"]), rule(s), [start], steps=s["steps"]).weights[-2:, 0]
        ends[f"from {start:g}"] = abs(w[1]) if w[0] * w[1] < 0 else math.nan
    return ends


def _half_width(s: Settings, shrink: Callable[[float], float] = lambda x: 2 - x) -> Numbers:
    x = s["eta"] * s["lam"]
    return dict.fromkeys(("from 0.01", "from 3"), x * s["rho"] / shrink(x))


def _captured(s: Settings) -> Found:
    """Whether starts within and beyond rho of a maximum are captured, and the largest |w| of a long run."""
    loss = valley(-s["mu"])
    held = {
        f"held from {share:g} rho": np.max(np.abs(path(loss, rule(s), [share * s["rho"]], steps=500).weights))
        < s["rho"]
        for share in (0.5, 0.99)
    }
    out = abs(path(loss, rule(s), [1.01 * s["rho"]], steps=500).weights[-1, 0]) > 10 * s["rho"]
    return {**held, "free from 1.01 rho": out}


def _band(s: Settings) -> Found:
    # An orbit of an expanding map fills the band: its supremum over n steps is within band/n or so of the edge.
    w = path(valley(-s["mu"]), rule(s), [s["rho"] * 0.123], steps=s["steps"]).weights[200:, 0]
    return {"supremum": float(np.max(np.abs(w)))}


def _exponent(s: Settings) -> Found:
    found = lyapunov_exponents(valley(-s["mu"]), rule(s), [s["rho"] * 0.123], steps=s["steps"])
    return {"exponent": float(found[0])}


def _multiplier(s: Settings) -> Found:
    """Multiplier across the 2-cycle, both steps, for two radii, by Newton's method and the maps' Jacobians."""
    found = {}
    for rho in s["radii"]:
        guess = [s["eta"] * s["L"] * rho / (2 - s["eta"] * s["L"]), 0.0]
        cycle = two_cycle(plane(s["L"], s["lam"]), rule(s, rho), guess)
        along = (1 - s["eta"] * s["L"]) ** 2
        across = max(cycle.multipliers, key=lambda z: abs(z - along))
        found[f"across, rho = {rho:g}"] = float(across.real)
    return found


def _across(s: Settings, square: int = 2) -> Numbers:
    one = 1 - s["eta"] * s["lam"] - (s["lam"] / s["L"]) ** square * (2 - s["eta"] * s["L"])
    return {f"across, rho = {rho:g}": one**2 for rho in s["radii"]}


def _trapped(s: Settings) -> Found:
    """Whether the run from beside the cycle is still near the saddle at its end, for each radius."""
    found = {}
    for rho in s["radii"]:
        start = [s["eta"] * s["L"] * rho / (2 - s["eta"] * s["L"]), 1e-6 * rho]
        walk = path(plane(s["L"], -s["mu"]), rule(s, rho), start, steps=s["steps"], every=s["steps"])
        found[f"trapped, rho = {rho:g}"] = (
            walk.diverged is None and abs(walk.weights[-1, 1]) < 2 * s["eta"] * s["mu"] * rho
        )
    return found


def _gradient_falls(s: Settings) -> Found:
    """Whether |grad| falls all along the flow at a stiff saddle; it ends before the saddle, which has no direction."""
    reach = s["share"] * s["rho"] * s["mu"]
    start = np.array([0.6 * reach / s["L"], 0.8 * reach / s["mu"]])
    solution = flow(plane(s["L"], -s["mu"]), start, time=s["time"], rho=s["rho"], normalised=True, rtol=1e-8)
    norms = np.linalg.norm(solution.weights * np.array([s["L"], -s["mu"]]), axis=1)
    return {"falls": bool(np.all(np.diff(norms) < 0))}


_STIFF = {"L": 20.0, "mu": 1.0, "eta": 0.05, "radii": (0.05, 0.5, 5.0), "steps": 4000}
_SOFT = {"L": 2.0, "mu": 1.0, "eta": 0.05, "radii": (0.05, 0.5, 5.0), "steps": 4000}
_DOWN = {"mu": 2.0, "eta": 0.1, "rho": 0.5, "steps": 200_000}

EXPERIMENTS: tuple[Experiment, ...] = (
    *(
        Experiment(
            name=f"{claim}-run", claim=claim, engine="path",
            question="half-width of normalised SAM's cycle around a minimum",
            settings={"lam": 3.0, "eta": 0.1, "rho": 0.2, "steps": 2000}, budget=ROUNDING, measure=_circle,
            predict=_half_width,
            twins={
                "eta lam rho/2": functools.partial(_half_width, shrink=lambda _: 2.0),
                "1 - eta lam": functools.partial(_half_width, shrink=lambda x: 1 - x),
                "it comes to rest": 0.0,
            },
        )
        for claim in ("normalised-minimum-cycle", "normalised-minimum-attracts")
    ),
    Experiment(
        name="normalised-maximum-capture-run", claim="normalised-maximum-capture", engine="path",
        question="which starts at a maximum are held", settings={**_DOWN, "steps": 500}, budget=YES, absolute=True,
        measure=_captured, predict=1.0, twins={"none is": 0.0},
    ),
    # 200,000 points of an orbit that is spread over the band miss its edge by about 1e-5 of it; a factor of a hundred.
    Experiment(
        name="normalised-maximum-band-run", claim="normalised-maximum-band", engine="path",
        question="largest distance from a maximum on a long run", settings=_DOWN, budget=Budget({"finite run": 1e-3}),
        measure=_band, predict=lambda s: {"supremum": s["eta"] * s["mu"] * s["rho"]},
        twins={
            "half of it": lambda s: {"supremum": s["eta"] * s["mu"] * s["rho"] / 2},
            "eta rho": lambda s: {"supremum": s["eta"] * s["rho"]},
        },
    ),
    Experiment(
        name="normalised-maximum-exponent-run", claim="normalised-maximum-exponent", engine="path",
        question="Lyapunov exponent of the orbit at a maximum", settings={**_DOWN, "steps": 2000}, budget=ROUNDING,
        measure=_exponent, predict=lambda s: {"exponent": math.log1p(s["eta"] * s["mu"])},
        twins={"eta mu": lambda s: {"exponent": s["eta"] * s["mu"]}, "none": 0.0},
    ),
    *(
        Experiment(
            name=f"normalised-cycle-{claim}-run", claim=f"normalised-cycle-{claim}", engine="path",
            question=f"multiplier of two steps across the cycle along L, lambda = {lam:g}",
            settings={"L": 4.0, "lam": lam, "eta": 0.1, "radii": (0.02, 2.0)}, budget=Budget({"Newton": 1e-8}),
            measure=_multiplier, predict=_across,
            twins={
                "lambda/L for its square": functools.partial(_across, square=1),
                "constant rho": lambda s: {
                    k: (1 - s["eta"] * s["lam"] * (1 + rho * s["lam"])) ** 2
                    for k, rho in zip(_across(s), s["radii"], strict=True)
                },
            },
        )
        for claim, lam in (("multiplier", -1.5), ("stiffest", 1.0))
    ),
    Experiment(
        name="normalised-saddle-traps-stiff", claim="normalised-saddle-traps", engine="path",
        question="a stiff saddle, eta L (L + mu) = 21 > 2 mu, lets normalised SAM go whatever rho", settings=_STIFF,
        budget=YES, absolute=True, measure=_trapped, predict=0.0, twins={"it traps": 1.0},
    ),
    Experiment(
        name="normalised-saddle-traps-soft", claim="normalised-saddle-traps", engine="path",
        question="a soft saddle, eta L (L + mu) = 0.3 < 2 mu, traps normalised SAM whatever rho", settings=_SOFT,
        budget=YES, absolute=True, measure=_trapped, predict=1.0, twins={"it lets go": 0.0},
    ),
    Experiment(
        name="mild-run", claim="mild", engine="path",
        question="normalised SAM beside a stiff saddle is trapped, as a mild condition would have it", settings=_STIFF,
        budget=YES, absolute=True, measure=_trapped, predict=1.0,
    ),
    Experiment(
        name="mild-small-steps-run", claim="mild-small-steps", engine="path",
        question="the same stiff saddle with eta = 0.002, eta L (L + mu) = 0.84 < 2 mu",
        settings={**_STIFF, "eta": 0.002, "steps": 40_000}, budget=YES, absolute=True, measure=_trapped,
        predict=1.0, twins={"it lets go": 0.0},
    ),
    Experiment(
        name="mild-flow-run", claim="mild-flow", engine="flow",
        question="|grad| falls along normalised SAM's flow from 0.9 rho mu at a stiff saddle",
        settings={"L": 20.0, "mu": 1.0, "rho": 0.5, "share": 0.9, "time": 0.05}, budget=YES, absolute=True,
        measure=_gradient_falls, predict=1.0, twins={"it does not": 0.0},
    ),
)  # fmt: skip
