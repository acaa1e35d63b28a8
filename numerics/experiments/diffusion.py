"""Section 4.3: the variance laws against mini-batch SGD and SAM, run as they are on a quadratic loss."""

from __future__ import annotations

import math
from collections.abc import Callable

from saddlecheck.numerics.closed_form import variance
from saddlecheck.numerics.exact_moments import discrete_variance, order_in_eta
from saddlecheck.numerics.experiment import Experiment, Found, Measure, Measured, Numbers, Settings
from saddlecheck.numerics.experiments.quadratic import LAWS, point, setting, time_of, variances
from saddlecheck.numerics.statistics import Budget

# A sample variance of n normal values has the relative error sqrt(2/n), 0.22 % for 400,000. The interval of each test
# (level 0.005 shared by four) is 3.0 of these wide to either side, and its centre is within 3.0 with probability 0.99.
NOISE = {"noise": 0.0135}
# Continuous time against steps: the first order in eta (claim discrete-to-continuous), as a share of the variance, is
# eta a (1/2 + a t/(e^(2at) - 1)): at most 1.1 eta for -0.7 <= a <= 1.3 and t = 1; eta = 0.005; twice, for the rest.
STEPS = {"discretisation": 0.011}


def of(law: str, **changes: float) -> Callable[[Settings], Numbers]:
    """The continuous law for every arm that is measured under its name."""
    return lambda s: {law: float(variance(law, **{**point(s), **changes}, t=time_of(s)))}


def as_if(law: str, wrong: str) -> Callable[[Settings], Numbers]:
    """Another law in its place."""
    return lambda s: {law: float(variance(wrong, **point(s), t=time_of(s)))}


def scaled(law: str, factor: Callable[[Settings], float]) -> Callable[[Settings], Numbers]:
    """The law times a factor."""
    return lambda s: {law: factor(s) * float(variance(law, **point(s), t=time_of(s)))}


def _measure(law: str) -> Measure:
    return lambda s: variances(s, (law,))


def _law(law: str, lam: float, seed: int) -> Experiment:
    name = "thm2-" + law.replace("_", "-")
    others = {"exact_ascent": "same_batch", "same_batch": "independent", "independent": "exact_ascent"}
    return Experiment(
        name=f"{name}-{'saddle' if lam < 0 else 'minimum'}", claim=name, engine="ensemble",
        question=f"variance of mini-batch SAM ({law.replace('_', ' ')}) at t = 1, lambda = {lam:g}",
        settings=setting(lam=lam, seed=seed), budget=Budget(NOISE | STEPS), measure=_measure(law), predict=of(law),
        twins={
            "squared drift": as_if(law, "printed"),
            f"the noise of {others[law].replace('_', ' ')}": as_if(law, others[law]),
            "eta for eta/2": scaled(law, lambda _: 2.0),
            "B^2 for B": scaled(law, lambda s: 1 / s["batch"]),
        },
    )  # fmt: skip


def _printed(s: Settings) -> Numbers:
    return {law: float(variance("printed", **point(s), t=time_of(s))) for law in ("exact_ascent", "same_batch")}


def _discrete(s: Settings, n: float | None = None) -> Numbers:
    return {law: float(discrete_variance(law, **point(s), n=s["steps"] if n is None else n)) for law in LAWS}


def _discrete_as_if(law: str) -> Callable[[Settings], Numbers]:
    return lambda s: {k: float(discrete_variance(law, **point(s), n=s["steps"])) for k in LAWS}


def _ratio_of_rest(s: Settings) -> Found:
    rest = s["lam"] * s["eta"] / (2 * s["batch"]) / s["lam"]
    return {k: Measured(m.value / rest, m.error / rest) for k, m in variances(s, ("sgd",)).items()}


def _frozen(s: Settings) -> Found:
    return {k: Measured(m.value) for k, m in variances(s, ("same_batch",)).items()}


def _at_threshold(s: Settings) -> Found:
    found = variances(s, ("exact_ascent", "independent"))
    unit = s["eta"] * abs(s["lam"]) / s["batch"] * time_of(s)  # 2 D t
    return {k: Measured(m.value / unit, m.error / unit) for k, m in found.items()}


def _order(s: Settings) -> Found:
    where = {k: s[k] for k in ("lam", "rho", "batch", "t")}
    found = {law: order_in_eta(law, **where, etas=[s["t"] / n for n in s["steps"]]) for law in LAWS}
    # The half width of a fit's 95 % interval is two of its errors.
    return {law: Measured(o.order, (o.high - o.low) / 4) for law, o in found.items()}


_TRAP = setting(rho=3.0, eta=0.01, steps=1000, seed=3107)


def _bounded(s: Settings) -> Found:
    return variances(s, ("exact_ascent",))


EXPERIMENTS: tuple[Experiment, ...] = (
    *(_law(law, lam, 3000 + 10 * i + (lam > 0)) for i, law in enumerate(LAWS[1:]) for lam in (-1.0, 1.0)),
    Experiment(
        name="thm2-printed", claim="thm2", engine="ensemble",
        question="variance of mini-batch SAM at t = 1, lambda = -1, against (12)",
        settings=setting(seed=3100), budget=Budget(NOISE | STEPS), predict=_printed,
        measure=lambda s: variances(s, ("exact_ascent", "same_batch")),
    ),
    # Beyond 1/mu: the printed law explodes where the algorithm stays. 1/a = 1/2, t = 10: the exponent of (12) is 80.
    Experiment(
        name="theorems-contradict-run", claim="theorems-contradict", engine="ensemble",
        question="variance of SAM at rho mu = 3 and t = 10, where the saddle attracts",
        settings=_TRAP, budget=Budget(NOISE | {"discretisation": 0.011}), measure=_bounded,
        predict=lambda s: {"exact_ascent": float(variance("exact_ascent", **point(s), t=time_of(s)))},
        twins={"squared drift": as_if("exact_ascent", "printed")},
    ),
    Experiment(
        name="eq11-run", claim="eq11", engine="ensemble",
        question="SAM with an exact ascent has the variance of (11) with the algorithm's own drift",
        settings=setting(seed=3110, rho=0.5), budget=Budget(NOISE | STEPS), measure=_measure("exact_ascent"),
        predict=of("exact_ascent"),
        twins={"the same mini-batch": as_if("exact_ascent", "same_batch"), "no ascent": as_if("exact_ascent", "sgd")},
    ),
    Experiment(
        name="eq11-practice-run", claim="eq11-practice", engine="ensemble",
        question="SAM as it is run, one mini-batch for both gradients, against (11)",
        settings=setting(seed=3111, rho=0.5), budget=Budget(NOISE | STEPS), measure=_measure("same_batch"),
        predict=as_if("same_batch", "exact_ascent"),
    ),
    *(
        Experiment(
            name=f"{claim}-run", claim=claim, engine="ensemble",
            question=f"SAM ({law.replace('_', ' ')}) at rho mu = 1/2 has (11)'s drift and more or less of its noise",
            settings=setting(seed=3112 + i, rho=0.5), budget=Budget(NOISE | STEPS), measure=_measure(law),
            predict=of(law), twins={"the noise of (11)": as_if(law, "exact_ascent")},
        )
        for i, (claim, law) in enumerate((("eq11-same-batch", "same_batch"), ("eq11-independent", "independent")))
    ),
    # A large step, eta a = 0.26 to 0.84: no limit is near, so that only the exact recursion can be right.
    Experiment(
        name="discrete-laws-run", claim="discrete-laws", engine="ensemble",
        question="variance after 4 large steps, four algorithms, against the discrete law",
        settings=setting(lam=1.0, eta=0.5, rho=0.6, steps=4, seed=3120), budget=Budget(NOISE), measure=variances,
        predict=_discrete,
        twins={
            "squared drift": _discrete_as_if("printed"),
            "noise not amplified": _discrete_as_if("exact_ascent"),
            "continuous time": lambda s: {k: float(variance(k, **point(s), t=time_of(s))) for k in LAWS},
            "q^n for q^(2n)": lambda s: _discrete(s, s["steps"] // 2),
        },
    ),
    Experiment(
        name="discrete-variance-run", claim="discrete-variance", engine="ensemble",
        question="variance of SGD along a direction that repels, after 12 large steps",
        settings=setting(lam=-1.0, eta=0.3, steps=12, seed=3121), budget=Budget(NOISE),
        measure=lambda s: variances(s, ("sgd",)),
        predict=lambda s: {"sgd": _discrete(s)["sgd"]},
        twins={"one step less": lambda s: {"sgd": _discrete(s, s["steps"] - 1)["sgd"]}},
    ),
    # 1/(1 - eta a/2) = 5/3 at eta a = 0.8; |q| = 0.2 forgets the start in 20 steps.
    Experiment(
        name="discrete-stationary-run", claim="discrete-stationary", engine="ensemble",
        question="stationary variance of SGD in units of D/a, at eta a = 0.8",
        settings=setting(lam=1.0, eta=0.8, steps=40, seed=3122), budget=Budget(NOISE), measure=_ratio_of_rest,
        predict=lambda s: {"sgd": 1 / (1 - s["eta"] * s["lam"] / 2)},
        twins={
            "continuous time": 1.0,
            "eta a for eta a/2": lambda s: {"sgd": 1 / (1 - s["eta"] * s["lam"])},
        },
    ),
    # An order fitted through six steps; the fit's own interval is far below 0.05.
    Experiment(
        name="discrete-to-continuous-order", claim="discrete-to-continuous", engine="recursion",
        question="order in eta at which the algorithm approaches continuous time",
        settings={"lam": -1.0, "rho": 0.3, "batch": 4.0, "t": 1.0, "steps": (50, 100, 200, 400, 800, 1600)},
        budget=Budget({"fit": 0.05}), measure=_order,
        predict=1.0,
        twins={"order two": 2.0, "order 1/2": 0.5},
    ),
    Experiment(
        name="variance-at-threshold-run", claim="variance-at-threshold", engine="ensemble",
        question="variance at rho mu = 1 in units of 2Dt (exact ascent, independent mini-batches)",
        settings=setting(rho=1.0, seed=3130), budget=Budget(NOISE), measure=_at_threshold,
        predict=(1.0, 2.0),
        twins={
            "independent batches as the exact ascent": (1.0, 1.0),
            "no ascent": lambda s: dict.fromkeys(("exact_ascent", "independent"), math.expm1(2 * time_of(s)) / 2),
        },
    ),
    # Rounding alone: each step is a difference of numbers of size eta.
    Experiment(
        name="same-batch-freezes-run", claim="same-batch-freezes", engine="ensemble",
        question="variance of SAM on one mini-batch at rho mu = 1",
        settings=setting(rho=1.0, seed=3131), budget=Budget({"rounding": 1e-28}), measure=_frozen, absolute=True,
        predict=0.0,
        twins={"rho mu = 1.01": of("same_batch", rho=1.01)},
    ),
)  # fmt: skip
