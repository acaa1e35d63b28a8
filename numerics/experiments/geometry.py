"""Section 4.1: the three cases, and the lambda lemma as a picture."""

from __future__ import annotations

import math

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.basins import destinations
from saddlecheck.numerics.experiment import Experiment, Found, Numbers, Settings
from saddlecheck.numerics.experiments.quadratic_losses import plane, valley
from saddlecheck.numerics.flow import flow
from saddlecheck.numerics.gradient import gradient_at
from saddlecheck.numerics.manifolds import manifolds
from saddlecheck.numerics.maps import cosines, path
from saddlecheck.numerics.statistics import Budget
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.symbols import x, y

YES = Budget({"any": 0.5})
_WELL = BareLoss((x, y), (x**2 - 1) ** 2 / 4 + y**2 / 2 + x * y / 4)  # two minima, a saddle at 0, no symmetry axis


def _smallest_cosine(s: Settings) -> Found:
    """Whether the gradients at w and at w^p agree at points of Beale's box that are at least 1/2 from (0, 1)."""
    side = np.linspace(-2.0, 2.0, 41)
    points = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    points = points[np.linalg.norm(points - np.array([0.0, 1.0]), axis=1) >= 0.5]
    gradient = np.array([gradient_at(BEALE)(p) for p in points])
    raised = np.array([gradient_at(BEALE)(p + s["rho"] * g) for p, g in zip(points, gradient, strict=True)])
    return {"agree everywhere": float(cosines(gradient, raised).min()) > 0}


def _agreement(s: Settings) -> Found:
    """Whether the gradients at w and at w^p have one sign at given distances from a maximum of curvature -1."""
    rule = Algorithm("exact_ascent", 1e-3, rho=s["rho"], normalised=s["normalised"])
    return {f"agree at {r:g}": path(valley(-1.0), rule, [r], steps=1).cosine[0] > 0 for r in s["distances"]}


def _sides(s: Settings) -> Found:
    """Shares of points beside the saddle from which w^p lies in the other basin, by the flow from both points."""
    rng = np.random.default_rng(s["seed"])
    near = rng.uniform(-s["half"], s["half"], (s["points"], 2))
    gradient = np.array([gradient_at(_WELL)(p) for p in near])
    minima = [flow(_WELL, (sign, 0.0), time=60.0).weights[-1] for sign in (1.0, -1.0)]
    here = destinations(_WELL, near, minima).labels
    found = {}
    for rho in s["radii"]:
        there = destinations(_WELL, near + rho * gradient, minima).labels
        found[f"share that crosses, rho = {rho:g}"] = float(np.mean(here != there))
    return found


def _turns(s: Settings) -> Found:
    """For each learning rate: the share of steps at which w changes sides, and whether it comes closer."""
    found = {}
    for eta_a in s["eta_a"]:
        rate = -s["mu"] * (1 - s["rho"] * s["mu"])
        walk = path(valley(-s["mu"]), Algorithm("exact_ascent", eta_a / rate, rho=s["rho"]), [1e-3], steps=60)
        w = walk.weights[:, 0]
        found[f"changes sides, eta a = {eta_a:g}"] = float(np.mean(w[1:] * w[:-1] < 0))
        found[f"comes closer, eta a = {eta_a:g}"] = float(abs(w[-1]) < abs(w[0]))
    return found


def _disk(s: Settings) -> Found:
    """Largest distance from the unstable manifold of a disk across the stable one, at first and after a time."""
    curves = manifolds(_WELL, (0.0, 0.0), box=2.0, length=4.0)
    unstable = np.vstack(curves.unstable)
    foot = curves.stable[0][np.argmax(np.linalg.norm(curves.stable[0], axis=1) > s["foot"])]
    across = np.array([1.0, s["slope"]]) / math.hypot(1.0, s["slope"])
    disk = [foot + r * across for r in np.linspace(-s["half"], s["half"], 9)]
    distances = {}
    for time in (0.0, s["time"]):
        points = disk if time == 0 else [flow(_WELL, p, time=time).weights[-1] for p in disk]
        distances[time] = max(float(np.min(np.linalg.norm(unstable - p, axis=1))) for p in points)
    return {"near at first": distances[0.0] < s["near"], "near after": distances[s["time"]] < s["near"]}


def _quadratic_disk(s: Settings) -> Found:
    """Largest distance from the unstable axis of a disk across the stable one, under the flow of a quadratic."""
    disk = [(1.0 + s["slope"] * r, r) for r in np.linspace(-0.5, 0.5, 5)]
    ends = [flow(plane(s["lam"], -s["mu"]), p, time=s["time"]).weights[-1, 0] for p in disk]
    return {"distance": float(np.max(np.abs(ends)))}


def _contracted(s: Settings, sign: float = -1.0) -> Numbers:
    return {"distance": (1.0 + s["slope"] / 2) * math.exp(sign * s["lam"] * s["time"])}


_CASE3 = {"mu": 1.0, "rho": 2.0, "eta_a": (0.5, 1.5, 2.5)}

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="case-1-2-run", claim="case-1-2", engine="path",
        question="the two gradients agree at distances 1, 10 and 100 from a maximum, constant rho, rho mu = 2",
        settings={"rho": 2.0, "distances": (1.0, 10.0, 100.0), "normalised": False}, budget=YES, absolute=True,
        measure=_agreement, predict=1.0,
    ),
    Experiment(
        name="case-1-2-normalised-run", claim="case-1-2-normalised", engine="path",
        question="the two gradients agree just beyond rho from a maximum and not just within, normalised rho",
        settings={"rho": 2.0, "distances": (1.99, 2.01, 100.0), "normalised": True}, budget=YES, absolute=True,
        measure=_agreement, predict=(0.0, 1.0, 1.0),
        twins={
            "constant rho": lambda s: _agreement({**s, "normalised": False}),
            "they always agree": 1.0,
        },
    ),
    # On that part of the box |H| is up to 1e5: a rho of 1e-6 is small against its inverse.
    Experiment(
        name="case-1-2-flat-run", claim="case-1-2-flat", engine="path",
        question="they agree at least 1/2 away from Beale's saddle for a rho of 1e-6, at which rho |H| is below 1",
        settings={"rho": 1e-6}, budget=YES,
        absolute=True, measure=_smallest_cosine, predict=1.0, twins={"they do not": 0.0},
    ),
    # Within rho of the stable manifold at every point of the square: the ball meets it, yet nothing crosses below 1/mu.
    Experiment(
        name="case-3-crossing-run", claim="case-3-crossing", engine="flow",
        question="share of points beside a saddle from which w^p lies in the other basin, ball and manifold meeting",
        settings={"seed": 3800, "points": 200, "half": 0.02, "radii": (0.5, 1.5)}, budget=Budget({"edge": 0.1}),
        absolute=True, measure=_sides, predict=1.0,
    ),
    Experiment(
        name="case-3-crossing-exact-run", claim="case-3-crossing-exact", engine="flow",
        question="share of points beside a saddle, mu = 1.03, from which w^p lies in the other basin",
        settings={"seed": 3801, "points": 200, "half": 0.02, "radii": (0.5, 1.5)}, budget=Budget({"edge": 0.05}),
        absolute=True, measure=_sides, predict=(0.0, 1.0),
        twins={"the ball decides": 1.0, "never": 0.0},
    ),
    Experiment(
        name="case-3-oscillation-run", claim="case-3-oscillation", engine="path",
        question="share of steps that change sides where w^p lies in the other basin", settings=_CASE3, budget=YES,
        absolute=True, measure=_turns, predict=1.0,
    ),
    *(
        Experiment(
            name=f"{claim}-run", claim=claim, engine="path",
            question="share of steps that change sides, and whether w comes closer",
            settings={**_CASE3, "eta_a": eta_a},
            budget=Budget({"any": 1e-12}), absolute=True, measure=_turns, predict=truth,
            twins={"the other sides": tuple(1 - v if i % 2 == 0 else v for i, v in enumerate(truth)),
                   "the other way": tuple(1 - v if i % 2 else v for i, v in enumerate(truth))},
        )
        for claim, eta_a, truth in (
            ("case-3-regimes", (0.5, 1.5, 2.5), (0.0, 1.0, 1.0, 1.0, 1.0, 0.0)),
            ("case-3-one-sided", (0.5,), (0.0, 1.0)),
            ("case-3-every-step", (1.5,), (1.0, 1.0)),
        )
    ),
    Experiment(
        name="lambda-lemma-part-picture", claim="lambda-lemma-part", engine="flow",
        question="a disk across the stable manifold comes within 0.02 of the unstable one",
        settings={"foot": 0.5, "slope": 0.6, "half": 0.05, "time": 5.0, "near": 0.02}, budget=YES, absolute=True,
        measure=_disk, predict=(0.0, 1.0),
        twins={"it does not": 0.0, "it is from the start": 1.0},
    ),
    # The flow's own solver: 1e-10 relative.
    Experiment(
        name="lambda-lemma-linear-run", claim="lambda-lemma-linear", engine="flow",
        question="distance of a disk from the unstable axis after t = 3", settings={"lam": 2.0, "mu": 1.0, "slope": 0.6,
        "time": 3.0}, budget=Budget({"solver": 1e-6}), measure=_quadratic_disk, predict=_contracted,
        twins={
            "half the rate": lambda s: _contracted({**s, "lam": s["lam"] / 2}),
            "it stays": lambda s: _contracted(s, 0.0),
        },
    ),
)  # fmt: skip
