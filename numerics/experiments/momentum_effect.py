"""Section 4.4: what momentum and batch size do to mini-batch SAM, by two runs side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.ensemble_run import simulate
from saddlecheck.numerics.experiment import Experiment, Found, Measured, Numbers, Sampled, Settings
from saddlecheck.numerics.experiments.momentum import LAW, exact, printed, rate_and_noise, stationary
from saddlecheck.numerics.experiments.quadratic import setting, variances
from saddlecheck.numerics.experiments.quadratic_losses import valley
from saddlecheck.numerics.job import Descent, Exit
from saddlecheck.numerics.maps import path
from saddlecheck.numerics.statistics import Budget


def _ratio(first: Mapping[str, float], second: Mapping[str, float], over: float = 1.0) -> Sampled:
    """The variance with the first changes over that with the second, on independent noise, and over a number."""

    def measure(s: Settings) -> dict[str, Measured]:
        a = variances({**s, **first}, (LAW,))[LAW]
        b = variances({**s, **second, "seed": s["seed"] + 1}, (LAW,))[LAW]
        ratio = a.value / b.value / over
        return {"ratio": Measured(ratio, ratio * math.hypot(a.error / a.value, b.error / b.value))}

    return measure


def _escapes(s: Settings) -> Found:
    """Shares of paths that left the ball, without and with momentum, and the mean step at which they did."""
    out = {}
    for momentum in (0.0, s["gamma"]):
        arms = (Algorithm(LAW, s["eta"], rho=s["rho"], gamma=momentum),)
        noise = np.array([[abs(s["lam"]) / s["batch"]]])
        e = simulate(
            Descent(valley(s["lam"]), arms, noise), paths=s["paths"], steps=s["steps"], seed=s["seed"],
            exit=Exit(s["radius"]),
        )  # fmt: skip
        out[momentum] = np.where(e.exits < 0, s["steps"], e.exits)
    left = [float(np.mean(x < s["steps"])) for x in out.values()]
    sooner = float(np.mean(out[s["gamma"]])) < float(np.mean(out[0.0]))
    return {"share that left without momentum": left[0], "with": left[1], "sooner with momentum": sooner}


def _growth(s: Settings) -> Found:
    """Growth per step on the way out, without noise: with momentum, and without at the same effective rate."""

    def last(algorithm: Algorithm) -> float:
        w = path(valley(s["lam"]), algorithm, [1e-9], steps=s["steps"]).weights[:, 0]
        return float(w[-1] / w[-2])

    plain = Algorithm(LAW, s["eta"] / (1 - s["gamma"]), rho=s["rho"])
    return {"with momentum": last(Algorithm(LAW, s["eta"], rho=s["rho"], gamma=s["gamma"])), "without": last(plain)}


def _roots(s: Settings) -> Numbers:
    rate = rate_and_noise(s)[0]
    trace = 1 + s["gamma"] - s["eta"] * rate
    return {
        "with momentum": (trace + math.sqrt(trace**2 - 4 * s["gamma"])) / 2,
        "without": 1 - s["eta"] * rate / (1 - s["gamma"]),
    }


_SADDLE = {"gamma": 0.9, "eta": 0.01, "steps": 100}
_TRAPPED = {**_SADDLE, "rho": 2.0, "radius": 1.0, "paths": 20_000, "steps": 1000, "batch": 64.0}
EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        name="thm3-batch-run", claim="thm3-batch", engine="ensemble",
        question="displacement with batch 4 over that with batch 16, momentum 0.9",
        settings=setting(**_SADDLE, seed=3320), budget=Budget({"noise": 0.019}),
        measure=_ratio({"batch": 4.0}, {"batch": 16.0}), predict=4.0,
        twins={"B^2 for B": 16.0, "no batch": 1.0},
    ),
    # The exact displacement rises with momentum as (14) does, though by another factor.
    Experiment(
        name="heavy-ball-momentum-run", claim="heavy-ball-momentum", engine="ensemble",
        question="displacement at a saddle with momentum 0.9 over that without, same eta and steps",
        settings=setting(**_SADDLE, seed=3322), budget=Budget({"noise": 0.019}),
        measure=_ratio({}, {"gamma": 0.0}),
        predict=lambda s: {"ratio": exact(s)[LAW] / exact({**s, "gamma": 0.0})[LAW]},
        twins={
            "no effect": 1.0,
            "(14)": lambda s: {"ratio": printed(s)[LAW] / printed({**s, "gamma": 0.0})[LAW]},
        },
    ),
    Experiment(
        name="thm3-escape-run", claim="thm3-escape", engine="ensemble",
        question="escape from a saddle at rho mu = 2 within 1,000 steps, without and with momentum 0.9",
        settings=setting(**{**_TRAPPED, "seed": 3330}), budget=Budget({"rare": 0.05}), absolute=True,
        measure=_escapes, predict=1.0,
    ),
    Experiment(
        name="thm3-escape-below-run", claim="thm3-escape-below", engine="ensemble",
        question="escape from a saddle at rho mu = 0.3 within 1,000 steps, without and with momentum 0.9",
        settings=setting(**{**_TRAPPED, "rho": 0.3, "radius": 0.3, "seed": 3331}), budget=Budget({"rare": 0.05}),
        absolute=True, measure=_escapes, predict=1.0,
        twins={"later with momentum": (1.0, 1.0, 0.0), "held": 0.0},
    ),
    # Without noise and after 2,000 steps the slower root has died out: rounding is what is left.
    Experiment(
        name="momentum-equal-rate-run", claim="momentum-equal-rate", engine="path",
        question="growth per step at a saddle, momentum 0.9 against none at the same effective rate",
        settings={"lam": -1.0, "rho": 0.3, "eta": 0.01, "batch": 4.0, "gamma": 0.9, "steps": 400},
        budget=Budget({"rounding": 1e-9}), measure=_growth,
        predict=_roots, twins={"equal": lambda s: dict.fromkeys(("with momentum", "without"), _roots(s)["without"])},
    ),
    Experiment(
        name="momentum-spread-run", claim="momentum-spread", engine="ensemble",
        question="whether the stationary variance rises from momentum 0 to 0.3 at eta h = 1.9",
        settings=setting(lam=1.0, rho=0.0, eta=1.9, steps=400, gamma=0.3, paths=100_000, seed=3340),
        budget=Budget({"any": 0.5}), absolute=True, predict=1.0,
        measure=lambda s: {"rises": _ratio({}, {"gamma": 0.0})(s)["ratio"].value > 1.1},
    ),
    Experiment(
        name="momentum-spread-short-run", claim="momentum-spread-short", engine="ensemble",
        question="stationary variance with momentum 0.3 over that without, at eta h = 0.2",
        settings=setting(lam=1.0, rho=0.0, eta=0.2, steps=200, gamma=0.3, seed=3342), budget=Budget({"noise": 0.019}),
        measure=_ratio({}, {"gamma": 0.0}),
        predict=lambda s: {"ratio": stationary(s)[LAW] / stationary({**s, "gamma": 0.0})[LAW]},
        twins={"no effect": 1.0, "1/(1 - gamma)^2": 1 / 0.49},
    ),
    Experiment(
        name="eq15-saddle", claim="eq15", engine="ensemble",
        question="(1 - gamma) times the displacement at a saddle, t = 1: gamma = 0.99 over gamma = 0.9",
        settings=setting(**_SADDLE, seed=3350), budget=Budget({"noise": 0.019, "limit": 0.1}),
        measure=_ratio({"gamma": 0.99}, {}, over=10.0),
        predict=1.0,
    ),
    # eta h (2 + 2 gamma)^-1 is the correction of the discrete algorithm: below 0.5 % at eta = 0.01.
    Experiment(
        name="eq15-stationary-run", claim="eq15-stationary", engine="ensemble",
        question="(1 - gamma) times the stationary variance at a minimum: gamma = 0.9 over gamma = 0.5",
        settings=setting(lam=1.0, gamma=0.9, eta=0.01, steps=400, seed=3352),
        budget=Budget({"noise": 0.019, "discretisation": 0.005}),
        measure=_ratio({}, {"gamma": 0.5, "steps": 1600}, over=5.0),
        predict=1.0,
        twins={"(1 - gamma)^2": 5.0, "no momentum": 0.2},
    ),
)  # fmt: skip
