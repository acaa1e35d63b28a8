"""Figures 5 and 6: x^2 - y^2 from the paper's start, and Beale's eigenvalues near the saddle."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.experiment import Experiment, Found, Measure, Numbers, Settings
from saddlecheck.numerics.experiments.quadratic_losses import plane
from saddlecheck.numerics.gradient import hessian_at
from saddlecheck.numerics.maps import path
from saddlecheck.numerics.statistics import Budget
from saddlecheck.numerics.threshold import threshold_rho
from saddlecheck.theory.critical.landscapes import BEALE

# x^2 - y^2 has the eigenvalues 2 and -2; the learning rate and the steps are those of published code.
_START = {"start": (-3.0, -0.01), "eta": 0.01, "steps": 500, "rho": 1.0}


def _end(rule: Callable[[Settings], Algorithm]) -> Measure:
    def measure(s: Settings) -> Found:
        end = path(plane(2.0, -2.0), rule(s), s["start"], steps=s["steps"], every=s["steps"]).weights[-1]
        return {"x": end[0], "y": end[1]}

    return measure


def _constant(s: Settings) -> Algorithm:
    return Algorithm("exact_ascent", s["eta"], rho=s["rho"])


def _normalised(s: Settings) -> Algorithm:
    return Algorithm("exact_ascent", s["eta"], rho=s["rho"], normalised=True)


def _linear(s: Settings, along: float, across: float) -> Numbers:
    """The start times (1 - eta rate)^n in each coordinate."""
    x, y = s["start"]
    return {"x": x * (1 - s["eta"] * along) ** s["steps"], "y": y * (1 - s["eta"] * across) ** s["steps"]}


def _half_width(s: Settings) -> Found:
    walk = path(plane(2.0, -2.0), _normalised(s), s["start"], steps=s["steps"])
    (x, _), y = walk.weights[-1], float(np.max(np.abs(walk.weights[-50:, 1])))
    return {"|x|": abs(x), "|y| is below 1e-6": y < 1e-6}


def _cycle(s: Settings, factor: float = 1.0) -> Numbers:
    return {"|x|": factor * s["eta"] * s["rho"] / (1 - s["eta"]), "|y| is below 1e-6": 1.0}


def _not_zeroed(s: Settings) -> Numbers:
    """The cycle when the gradient of the ascent is left in the second one: each step descends by both of them."""
    # A step from x > 0 subtracts eta (2x + 2(x + rho)), and ends at -x.
    return {"|x|": s["eta"] * s["rho"] / (1 - 2 * s["eta"]), "|y| is below 1e-6": 1.0}


def _bisected(s: Settings) -> Found:
    found = threshold_rho(
        plane(2.0, -2.0), Algorithm("exact_ascent", s["eta"]), (0, 0), s["start"], low=0.1, high=1.0, width=1e-7,
        steps=s["steps"],
    )  # fmt: skip
    return {"threshold": (found.low + found.high) / 2}


def _eigenvalues(s: Settings) -> Found:
    """Whether lambda + rho lambda^2 is positive for both eigenvalues on the grid around (0, 1), for each radius."""
    off = np.linspace(-s["off"], s["off"], 9)
    H = [hessian_at(BEALE)(np.array([dx, 1 + dy])) for dx in off for dy in off]
    lam = np.linalg.eigvalsh(np.array(H))
    return {f"positive, rho = {rho:g}": bool(np.all(lam + rho * lam**2 > 0)) for rho in s["radii"]}


EXPERIMENTS: tuple[Experiment, ...] = (
    # 500 multiplications, each right to 1e-16, of numbers that shrink or grow.
    Experiment(
        name="fig5-gd-run", claim="fig5-gd", engine="path", question="where gradient descent is after 500 steps",
        settings=_START, budget=Budget({"rounding": 1e-11}), measure=_end(lambda s: Algorithm("sgd", s["eta"])),
        predict=functools.partial(_linear, along=2.0, across=-2.0),
        twins={
            "eigenvalues 1 and -1": functools.partial(_linear, along=1.0, across=-1.0),
            "SAM": functools.partial(_linear, along=6.0, across=2.0),
        },
    ),
    Experiment(
        name="fig5-sam-run", claim="fig5-sam", engine="path", question="where SAM with rho = 1 is after 500 steps",
        settings=_START, budget=Budget({"rounding": 1e-11}), measure=_end(_constant),
        predict=functools.partial(_linear, along=6.0, across=2.0),
        twins={
            "descent": functools.partial(_linear, along=2.0, across=-2.0),
            "squared drift": functools.partial(_linear, along=18.0, across=-2.0),
            "normalised rho": _end(_normalised),
        },
    ),
    Experiment(
        name="fig5-threshold-bisected", claim="fig5-threshold", engine="path",
        question="radius from which on SAM from (-3, -0.01) is attracted", settings=_START,
        budget=Budget({"bracket": 1e-6}), measure=_bisected, predict=0.5,
        twins={"1": 1.0, "1/4": 0.25},
    ),
    # The 2-cycle's multipliers are (1 - 2 eta)^2 and (1 + 2 eta - 2 + 2 eta)^2 = 0.96^2: 2,000 steps leave rounding.
    Experiment(
        name="fig5-normalised-run", claim="fig5-normalised", engine="path",
        question="half-width of normalised SAM's cycle on x^2 - y^2", settings={**_START, "steps": 2000},
        budget=Budget({"rounding": 1e-9}), measure=_half_width, predict=_cycle,
        twins={
            "a gradient not zeroed between the passes": _not_zeroed,
            "eta rho/2": functools.partial(_cycle, factor=0.5),
        },
    ),
    Experiment(
        name="fig6-grid", claim="fig6", engine="path",
        question="sign of lambda + rho lambda^2 for both eigenvalues at (0, 1), radii below and above 4/111",
        settings={"off": 0.0, "radii": (0.01, 0.03, 0.04, 0.5)}, budget=Budget({"any": 0.5}), absolute=True,
        measure=_eigenvalues, predict=1.0,
    ),
    Experiment(
        name="fig6-threshold-grid", claim="fig6-threshold", engine="path",
        question="the same for radii above 4/111", settings={"off": 0.0, "radii": (0.0361, 0.5)},
        budget=Budget({"any": 0.5}), absolute=True, measure=_eigenvalues, predict=1.0,
        twins={"from 1/27 on": (0.0, 1.0)},
    ),
    Experiment(
        name="fig6-near-grid", claim="fig6-near", engine="path",
        question="the same for rho = 1/2 on the square of half-width 1/20", settings={"off": 0.05, "radii": (0.5,)},
        budget=Budget({"any": 0.5}), absolute=True, measure=_eigenvalues, predict=1.0,
        twins={"at (0, 1) alone": 0.0},
    ),
)  # fmt: skip
