"""Section 4.2 and the linear maps: thresholds and edges found by running the algorithms, and SAM's extra attractors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.experiment import Experiment, Found, Measure, Numbers, Settings
from saddlecheck.numerics.experiments.quadratic_losses import plane, valley
from saddlecheck.numerics.flow import flow
from saddlecheck.numerics.maps import path
from saddlecheck.numerics.statistics import Budget
from saddlecheck.numerics.threshold import threshold_rho
from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.symbols import x, y

YES = Budget({"any": 0.5})


def _saddle(s: Settings) -> BareLoss:
    """The saddle of the double well in x, with a valley across: eigenvalues -1 and L."""
    return BareLoss((x, y), (x**2 - 1) ** 2 / 4 + sp.Rational(str(s["L"])) * y**2 / 2)


def _threshold(s: Settings, **kind: Any) -> Found:
    """The radius from which on a run near the saddle no longer escapes, by bisection."""
    rule = Algorithm("exact_ascent", s["eta"], **kind)
    found = threshold_rho(
        plane(s["L"], -s["mu"]), rule, (0, 0), (1e-3, 1e-3), low=s["low"], high=s["high"], width=1e-7, steps=s["steps"]
    )
    return {"threshold": (found.low + found.high) / 2}


def _with(**kind: Any) -> Measure:
    return lambda s: _threshold(s, **{k: s[v] if isinstance(v, str) else v for k, v in kind.items()})


def _at(formula: Callable[[Settings], float]) -> Callable[[Settings], Numbers]:
    return lambda s: {"threshold": formula(s)}


# A bracket of 1e-7; near the threshold growth per step is eta mu^2 1e-7 of the size, above rounding.
_BISECTION = Budget({"bracket": 1e-6})
_RADIUS = {"L": 0.5, "mu": 2.0, "eta": 0.05, "low": 0.05, "high": 2.0, "steps": 300}


def _edge(s: Settings) -> Found:
    """The step size from which on a run on curvature a no longer shrinks, by bisection, for each rule."""
    found = {}
    for name, kind in s["rules"].items():
        low, high = s["low"], s["high"]
        while high - low > 1e-6:
            eta = (low + high) / 2
            walk = path(valley(s["a"]), Algorithm("sgd", eta, **kind), [1.0], steps=s["steps"], every=99)
            held = walk.diverged is None and float(np.max(np.abs(walk.weights[-20:]))) < 1
            low, high = (eta, high) if held else (low, eta)
        found[name] = low
    return found


_RULES = {
    "plain": {}, "heavy ball": {"gamma": 0.6}, "dampened": {"gamma": 0.6, "dampening": 0.5},
    "Nesterov": {"gamma": 0.6, "nesterov": True},
}  # fmt: skip
_EDGES = {"plain": 2.0, "heavy ball": 3.2, "dampened": 6.4, "Nesterov": 3.2 / 2.2}


def _edges(*names: str) -> dict[str, Any]:
    return {
        "engine": "path", "measure": _edge, "budget": Budget({"finite run": 5e-3}),
        "settings": {"a": 2.0, "low": 0.1, "high": 6.0, "steps": 4000, "rules": {n: _RULES[n] for n in names}},
        "predict": lambda s: {n: _EDGES[n] / s["a"] for n in names},
    }  # fmt: skip


def _fate(s: Settings) -> Found:
    """Whether SAM's flow from beside the double well's saddle comes to it, for each radius."""
    ends = {}
    for rho in s["radii"]:
        w = flow(_saddle(s), s["start"], time=s["time"], rho=rho).weights[-1]
        ends[f"attracted, rho = {rho:g}"] = float(np.linalg.norm(w)) < 1e-3
    return ends


def _outward(s: Settings) -> Found:
    """X after SAM's flow at rho = 1/mu on -x^2/2 + c x^4/4 + y^2/2, for each c, over the x it started from."""
    ends = {}
    for c in s["quartic"]:
        loss = BareLoss((x, y), -(x**2) / 2 + sp.Rational(str(c)) * x**4 / 4 + y**2 / 2)
        ends[f"further away, c = {c:g}"] = (
            flow(loss, (s["start"], 0.05), time=s["time"], rho=1.0).weights[-1, 0] > s["start"]
        )
    return ends


def _spurious(s: Settings) -> Found:
    """Where SAM's flow on the double well comes to rest, and the slope of the loss there."""
    loss = BareLoss((x,), (x**2 - 1) ** 2 / 4)
    at = float(flow(loss, [s["start"]], time=s["time"], rho=s["rho"]).weights[-1, 0])
    return {"rests at": at, "slope there": at**3 - at}


def _fence(s: Settings) -> Found:
    """Whether starts just inside and just outside of the fence x^2 = 1 - 1/rho are drawn to the saddle."""
    loss = BareLoss((x,), (x**2 - 1) ** 2 / 4)
    edge = (1 - 1 / s["rho"]) ** 0.5
    ends = [abs(float(flow(loss, [k * edge], time=s["time"], rho=s["rho"]).weights[-1, 0])) for k in (0.98, 1.02)]
    return {"inside is drawn in": ends[0] < 1e-3, "outside is": ends[1] < 1e-3}


def _lost(s: Settings) -> Found:
    """Whether gradient descent and SAM shrink a displacement from a minimum."""
    rules = {"descent": Algorithm("sgd", s["eta"]), "SAM": Algorithm("exact_ascent", s["eta"], rho=s["rho"])}
    ends = {k: path(valley(s["lam"]), r, [1e-3], steps=200).weights[-1, 0] for k, r in rules.items()}
    return {k: abs(v) < 1e-3 for k, v in ends.items()}


_TURN = {"L": 1.0, "start": (0.05, 0.05), "time": 200.0, "radii": (0.9, 1.1)}
_EQUALITY = {"quartic": (1.0, -1.0), "start": 0.1, "time": 50.0}

EXPERIMENTS: tuple[Experiment, ...] = (
    *(
        Experiment(
            name=f"{claim}-bisected", claim=claim, engine="path", question=question, settings={**_RADIUS, **more},
            budget=_BISECTION, measure=_with(**kind), predict=_at(law), twins={k: _at(v) for k, v in twins.items()},
        )
        for claim, question, more, kind, law, twins in (
            ("thm1-threshold", "radius from which on SAM is trapped", {}, {}, lambda s: 1 / s["mu"],
             {"1/mu^2": lambda s: s["mu"] ** -2, "mu": lambda s: s["mu"], "by L": lambda s: 1 / s["L"]}),
            ("momentum-threshold", "the same with momentum 0.8", {}, {"gamma": 0.8}, lambda s: 1 / s["mu"],
             {"(1 - gamma)/mu": lambda s: 0.2 / s["mu"]}),
            ("weight-decay-descent", "the same with weight decay 0.3 in the descent", {"kappa": 0.3},
             {"weight_decay": "kappa"}, lambda s: (s["mu"] - s["kappa"]) / s["mu"] ** 2,
             {"decay in the loss": lambda s: 1 / (s["mu"] - s["kappa"]), "no decay": lambda s: 1 / s["mu"]}),
        )
    ),
    Experiment(
        name="linear-discrete-edge", claim="linear-discrete",
        question="largest step of gradient descent on curvature 2",
        twins={"1/a": lambda s: {"plain": 1 / s["a"]}}, **_edges("plain"),
    ),
    Experiment(
        name="heavy-ball-edge-run", claim="heavy-ball-edge", question="largest step of heavy ball, gamma = 0.6",
        twins={"no momentum": lambda s: dict.fromkeys(("heavy ball", "dampened"), 2 / s["a"])},
        **_edges("heavy ball", "dampened"),
    ),
    Experiment(
        name="nesterov-edge-run", claim="nesterov-edge", question="largest step of Nesterov's momentum, gamma = 0.6",
        twins={"heavy ball's": lambda s: {"Nesterov": 3.2 / s["a"]}}, **_edges("Nesterov"),
    ),
    Experiment(
        name="thm1-strict-run", claim="thm1-strict", engine="flow",
        question="whether SAM's flow comes to the double well's saddle, rho mu = 1.1",
        settings={**_TURN, "radii": (1.1,)},
        budget=YES, absolute=True, measure=_fate, predict=1.0, twins={"it leaves": 0.0},
    ),
    Experiment(
        name="thm1-equality", claim="thm1", engine="flow",
        question="at rho mu = 1 SAM's flow does not move away from a saddle, c = 1 and -1 of its quartic term",
        settings=_EQUALITY, budget=YES, absolute=True, measure=_outward,
        predict=(0.0, 0.0),
    ),
    Experiment(
        name="thm1-equality-repels-run", claim="thm1-equality-repels", engine="flow",
        question="at rho mu = 1 the saddle with c = 1 repels", settings={**_EQUALITY, "quartic": (1.0,)}, budget=YES,
        absolute=True, measure=_outward, predict=1.0,
        twins={"it attracts": 0.0},
    ),
    Experiment(
        name="thm1-equality-attracts-run", claim="thm1-equality-attracts", engine="flow",
        question="at rho mu = 1 the saddle with c = -1 attracts",
        settings={**_EQUALITY, "quartic": (-1.0,)}, budget=YES,
        absolute=True, measure=_outward, predict=0.0,
        twins={"it repels": 1.0},
    ),
    Experiment(
        name="more-attractors-run", claim="more-attractors", engine="flow",
        question="whether the double well's saddle attracts SAM's flow below and above the threshold", settings=_TURN,
        budget=YES, absolute=True, measure=_fate, predict=(0.0, 1.0),
        twins={"none is gained": 0.0, "at any radius": 1.0},
    ),
    Experiment(
        name="more-attractors-lost-run", claim="more-attractors-lost", engine="path",
        question="a sharp minimum, eta lam = 1.5, holds gradient descent and not SAM at rho lam = 0.5",
        settings={"lam": 3.0, "eta": 0.5, "rho": 1 / 6}, budget=YES, absolute=True, measure=_lost,
        predict=(1.0, 0.0), twins={"SAM is held": 1.0},
    ),
    # rho = -1/(x (x + 1)) at x = -3/4: 16/3. The flow comes to rest exponentially; the solver is right to 1e-10.
    Experiment(
        name="more-attractors-spurious-run", claim="more-attractors-spurious", engine="flow",
        question="where SAM's flow on the double well comes to rest at rho = 16/3, from -0.7",
        settings={"rho": 16 / 3, "start": -0.7, "time": 40.0}, budget=Budget({"solver": 1e-6}), measure=_spurious,
        predict=(-0.75, -(0.75**3) + 0.75),
        twins={"at the minimum": (-1.0, 0.0)},
    ),
    Experiment(
        name="more-attractors-fence-run", claim="more-attractors-fence", engine="flow",
        question="which side of x^2 = 1 - 1/rho is drawn to the saddle, rho = 1.2",
        settings={"rho": 1.2, "time": 300.0},
        budget=YES, absolute=True, measure=_fence, predict=(1.0, 0.0),
        twins={"both": 1.0},
    ),
)  # fmt: skip
