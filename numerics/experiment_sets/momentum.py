"""Section 4.4: mini-batch SAM with heavy-ball momentum, run as it is, against the exact moments and against (14)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from numerics.algorithm import Algorithm
from numerics.closed_form import langevin_msd, printed_msd
from numerics.enclosed import Formula
from numerics.experiment_sets.runs import exactly, point, setting, time_of, valley, variances
from numerics.experiments import Experiment, Measured, Numbers, Settings
from numerics.job import Descent, Exit
from numerics.maps import path
from numerics.simulation import simulate
from numerics.statistics import Budget
from theory import heavy_ball as exact
from theory.symbols import eta, gamma, h, tau
from theory.variance_laws import v

# Six standard errors, 0.22 % each, of a variance from 400,000 paths: the interval and its centre.
NOISE = {"noise": 0.0135}
LAW = "same_batch"


def _rate_and_noise(s: Settings) -> tuple[float, float]:
    """SAM's rate a and the variance of its step's gradient, one mini-batch for both gradients."""
    k = 1 + s["rho"] * s["lam"]
    return s["lam"] * k, k * k * abs(s["lam"]) / s["batch"]


def _response(rate: float, s: Settings, n: int) -> tuple[float, float]:
    """G_n and G_{n+1} of claim heavy-ball-msd."""
    now, following = 0.0, 1.0
    for _ in range(n):
        now, following = following, (1 + s["gamma"] - s["eta"] * rate) * following - s["gamma"] * now
    return now, following


def _exact(s: Settings, n: int | None = None) -> Numbers:
    rate, noise = _rate_and_noise(s)
    now, following = _response(rate, s, s["steps"] if n is None else n)
    values = {eta: s["eta"], tau: 0.0, gamma: s["gamma"], h: rate, v: noise, exact.now: now, exact.following: following}
    return {LAW: Formula(exact.DISCRETE_MSD)(values)}


def _stationary(s: Settings) -> Numbers:
    rate, noise = _rate_and_noise(s)
    return {LAW: Formula(exact.STATIONARY_MSD)({eta: s["eta"], tau: 0.0, gamma: s["gamma"], h: rate, v: noise})}


def _printed(s: Settings) -> Numbers:
    return {LAW: float(printed_msd(**point(s), gamma=s["gamma"], t=time_of(s)))}


def _one(s: Settings) -> Mapping[str, Measured]:
    return variances(s, (LAW,))


def _overdamped_twin(s: Settings) -> Numbers:
    rate, noise = _rate_and_noise(s)
    d, friction = s["eta"] * noise / 2, 1 - s["gamma"]
    return {LAW: d / (rate * friction) * -math.expm1(-2 * rate * time_of(s) / friction)}


def _without(s: Settings) -> Numbers:
    return _exact({**s, "gamma": 0.0})


# ---- comparisons of two runs


def _ratio(first: Mapping[str, float], second: Mapping[str, float], name: str) -> Callable[[Settings], Mapping[str, Measured]]:
    """The variance with the first changes over that with the second, on independent noise."""

    def measure(s: Settings) -> Mapping[str, Measured]:
        a = variances({**s, **first}, (LAW,))[LAW]
        b = variances({**s, **second, "seed": s["seed"] + 1}, (LAW,))[LAW]
        return {name: Measured(a.value / b.value, a.value / b.value * math.hypot(a.error / a.value, b.error / b.value))}

    return measure


def _equal_to(name: str, value: float) -> Callable[[Settings], Numbers]:
    return lambda _: {name: value}


def _escapes(s: Settings) -> Mapping[str, Measured]:
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
    return exactly({"share that left without momentum": left[0], "with": left[1], "sooner with momentum": sooner})


def _escaping(*values: float) -> Callable[[Settings], Numbers]:
    names = ("share that left without momentum", "with", "sooner with momentum")
    return lambda _: dict(zip(names, values, strict=True))


def _growth(s: Settings) -> Mapping[str, Measured]:
    """Growth per step on the way out, without noise: with momentum, and without at the same effective rate."""

    def last(algorithm: Algorithm) -> float:
        w = path(valley(s["lam"]), algorithm, [1e-9], steps=s["steps"]).weights[:, 0]
        return float(w[-1] / w[-2])

    plain = Algorithm(LAW, s["eta"] / (1 - s["gamma"]), rho=s["rho"])
    return exactly({"with momentum": last(Algorithm(LAW, s["eta"], rho=s["rho"], gamma=s["gamma"])), "without": last(plain)})


def _roots(s: Settings) -> Numbers:
    rate = _rate_and_noise(s)[0]
    trace = 1 + s["gamma"] - s["eta"] * rate
    return {
        "with momentum": (trace + math.sqrt(trace**2 - 4 * s["gamma"])) / 2,
        "without": 1 - s["eta"] * rate / (1 - s["gamma"]),
    }


def _langevin(s: Settings) -> Numbers:
    rate, noise = _rate_and_noise(s)
    shared = {"phi": (1 - s["gamma"]) / s["eta"], "mass": s["eta"], "diffusion": s["eta"] * noise / 2}
    return {LAW: float(langevin_msd(h=rate, **shared, t=time_of(s)))}


_SADDLE = {"gamma": 0.9, "eta": 0.01, "steps": 100}
_TRAPPED = {**_SADDLE, "rho": 2.0, "radius": 1.0, "paths": 20_000, "steps": 1000, "batch": 64.0}
EXPERIMENTS: tuple[Experiment, ...] = (
    *(
        Experiment(
            name=f"heavy-ball-msd-{name}", claim="heavy-ball-msd", engine="ensemble",
            question=f"variance of SAM with momentum {momentum:g} after a few steps, lambda = {lam:g}, one mini-batch",
            settings=setting(lam=lam, gamma=momentum, eta=rate, steps=steps, seed=seed), budget=Budget(NOISE),
            measure=_one, predict=_exact,
            twins={
                "no momentum": _without,
                "the overdamped law": _overdamped_twin,
                "(14)": _printed,
                "one step more": lambda s: _exact(s, s["steps"] + 1),
            },
        )
        for name, lam, momentum, rate, steps, seed in (
            ("saddle", -1.0, 0.9, 0.02, 40, 3300), ("minimum", 1.0, 0.5, 0.3, 6, 3301),
        )
    ),
    Experiment(
        name="heavy-ball-stationary-run", claim="heavy-ball-stationary", engine="ensemble",
        question="stationary variance of SAM with momentum 0.5 and a large step at a minimum",
        settings=setting(lam=1.0, gamma=0.5, eta=0.6, steps=80, seed=3302), budget=Budget(NOISE), measure=_one,
        predict=_stationary,
        twins={
            "no momentum": lambda s: _stationary({**s, "gamma": 0.0}),
            "continuous time": lambda s: {LAW: s["eta"] * _rate_and_noise(s)[1] / (2 * _rate_and_noise(s)[0] * (1 - s["gamma"]))},
        },
    ),
    # The growth s = 33 over t = 0.05: a step of eta errs by s^2 eta^2/2 in the exponent, t s^2 eta = 2.7 % in the variance;
    # twice, for the rest.
    Experiment(
        name="langevin-rest-algorithm", claim="langevin-rest", engine="ensemble",
        question="SAM with momentum 0.995 at a saddle against the Langevin equation from rest",
        settings=setting(gamma=0.995, eta=0.0005, steps=100, seed=3303), budget=Budget(NOISE | {"discretisation": 0.054}),
        measure=_one, predict=_langevin,
        twins={"the overdamped law": _overdamped_twin, "(14)": _printed},
    ),
    Experiment(
        name="eq14-msd-run", claim="eq14-msd", engine="ensemble",
        question="variance of SAM with momentum 0.9 at a saddle, t = 1, against (14) with its C2 corrected",
        settings=setting(**_SADDLE, seed=3310), budget=Budget(NOISE | {"discretisation": 0.05}), measure=_one,
        predict=_printed,
    ),
    Experiment(
        name="thm3-batch-run", claim="thm3-batch", engine="ensemble",
        question="displacement with batch 4 over that with batch 16, momentum 0.9",
        settings=setting(**_SADDLE, seed=3320), budget=Budget({"noise": 0.019}),
        measure=_ratio({"batch": 4.0}, {"batch": 16.0}, "ratio"), predict=_equal_to("ratio", 4.0),
        twins={"B^2 for B": _equal_to("ratio", 16.0), "no batch": _equal_to("ratio", 1.0)},
    ),
    # The exact displacement rises with momentum as (14) does, though by another factor.
    Experiment(
        name="heavy-ball-momentum-run", claim="heavy-ball-momentum", engine="ensemble",
        question="displacement at a saddle with momentum 0.9 over that without, same eta and steps",
        settings=setting(**_SADDLE, seed=3322), budget=Budget({"noise": 0.019}),
        measure=_ratio({}, {"gamma": 0.0}, "ratio"),
        predict=lambda s: {"ratio": _exact(s)[LAW] / _without(s)[LAW]},
        twins={
            "no effect": _equal_to("ratio", 1.0),
            "(14)": lambda s: {"ratio": _printed(s)[LAW] / _printed({**s, "gamma": 0.0})[LAW]},
        },
    ),
    Experiment(
        name="thm3-escape-run", claim="thm3-escape", engine="ensemble",
        question="escape from a saddle at rho mu = 2 within 1,000 steps, without and with momentum 0.9",
        settings=setting(**{**_TRAPPED, "seed": 3330}), budget=Budget({"rare": 0.05}), absolute=True,
        measure=_escapes, predict=_escaping(1.0, 1.0, 1.0),
    ),
    Experiment(
        name="thm3-escape-below-run", claim="thm3-escape-below", engine="ensemble",
        question="escape from a saddle at rho mu = 0.3 within 1,000 steps, without and with momentum 0.9",
        settings=setting(**{**_TRAPPED, "rho": 0.3, "radius": 0.3, "seed": 3331}), budget=Budget({"rare": 0.05}),
        absolute=True, measure=_escapes, predict=_escaping(1.0, 1.0, 1.0),
        twins={"later with momentum": _escaping(1.0, 1.0, 0.0), "held": _escaping(0.0, 0.0, 0.0)},
    ),
    # Without noise and after 2,000 steps the slower root has died out: rounding is what is left.
    Experiment(
        name="momentum-equal-rate-run", claim="momentum-equal-rate", engine="path",
        question="growth per step at a saddle, momentum 0.9 against none at the same effective rate",
        settings=setting(gamma=0.9, eta=0.01, steps=400), budget=Budget({"rounding": 1e-9}), measure=_growth,
        predict=_roots, twins={"equal": lambda s: dict.fromkeys(("with momentum", "without"), _roots(s)["without"])},
    ),
    Experiment(
        name="momentum-spread-run", claim="momentum-spread", engine="ensemble",
        question="whether the stationary variance rises from momentum 0 to 0.3 at eta h = 1.9",
        settings=setting(lam=1.0, rho=0.0, eta=1.9, steps=400, gamma=0.3, paths=100_000, seed=3340),
        budget=Budget({"any": 0.5}), absolute=True, predict=_equal_to("rises", 1.0),
        measure=lambda s: exactly({"rises": _ratio({}, {"gamma": 0.0}, "r")(s)["r"].value > 1.1}),
    ),
    Experiment(
        name="momentum-spread-short-run", claim="momentum-spread-short", engine="ensemble",
        question="stationary variance with momentum 0.3 over that without, at eta h = 0.2",
        settings=setting(lam=1.0, rho=0.0, eta=0.2, steps=200, gamma=0.3, seed=3342), budget=Budget({"noise": 0.019}),
        measure=_ratio({}, {"gamma": 0.0}, "ratio"),
        predict=lambda s: {"ratio": _stationary(s)[LAW] / _stationary({**s, "gamma": 0.0})[LAW]},
        twins={"no effect": _equal_to("ratio", 1.0), "1/(1 - gamma)^2": _equal_to("ratio", 1 / 0.49)},
    ),
    Experiment(
        name="eq15-saddle", claim="eq15", engine="ensemble",
        question="(1 - gamma) times the displacement at a saddle, t = 1: gamma = 0.99 over gamma = 0.9",
        settings=setting(**_SADDLE, seed=3350), budget=Budget({"noise": 0.019, "limit": 0.1}),
        measure=lambda s: {
            k: Measured(m.value / 10, m.error / 10) for k, m in _ratio({"gamma": 0.99}, {}, "ratio")(s).items()
        },
        predict=_equal_to("ratio", 1.0),
    ),
    # eta h (2 + 2 gamma)^-1 is the correction of the discrete algorithm: below 0.5 % at eta = 0.01.
    Experiment(
        name="eq15-stationary-run", claim="eq15-stationary", engine="ensemble",
        question="(1 - gamma) times the stationary variance at a minimum: gamma = 0.9 over gamma = 0.5",
        settings=setting(lam=1.0, gamma=0.9, eta=0.01, steps=400, seed=3352),
        budget=Budget({"noise": 0.019, "discretisation": 0.005}),
        measure=lambda s: {
            k: Measured(m.value / 5, m.error / 5) for k, m in _ratio({}, {"gamma": 0.5, "steps": 1600}, "ratio")(s).items()
        },
        predict=_equal_to("ratio", 1.0),
        twins={"(1 - gamma)^2": _equal_to("ratio", 5.0), "no momentum": _equal_to("ratio", 0.2)},
    ),
)  # fmt: skip

