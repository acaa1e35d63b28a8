"""First exit from a ball: sampled paths against the hypergeometric mean, and SAM against SGD."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.closed_form import exit_time
from saddlecheck.numerics.ensemble_run import simulate
from saddlecheck.numerics.experiment import Experiment, Found, Measured, Numbers, Settings
from saddlecheck.numerics.experiments.quadratic_losses import valley
from saddlecheck.numerics.job import Descent, Exit, continuous_radius
from saddlecheck.numerics.sde import ornstein_uhlenbeck
from saddlecheck.numerics.statistics import Budget


def _setting(rate: float, diffusion: float, longest: float, seed: int) -> dict[str, float]:
    # longest: every path has to leave by then, also of the full profile's sixteen times as many; a test computes how
    # many are expected to stay from the slowest decay rate of the killed process.
    return {
        "rate": rate, "diffusion": diffusion, "radius": 1.0, "dt": 0.002, "steps": round(longest / 0.002),
        "paths": 40_000, "seed": seed,
    }  # fmt: skip


def _sampled(s: Settings) -> Found:
    """Mean exit time with exact Gaussian transitions, the radius corrected for looking once a step."""
    seen = continuous_radius(s["radius"], diffusion=s["diffusion"], dt=s["dt"])
    e = simulate(
        ornstein_uhlenbeck(s["rate"], s["diffusion"]).scheme("exact", s["dt"]), paths=s["paths"], steps=s["steps"],
        seed=s["seed"], exit=Exit(seen),
    )  # fmt: skip
    if np.any(e.exits < 0):
        raise ValueError(f"{int(np.sum(e.exits < 0))} paths have not left after {s['steps']} steps: take more")
    times = e.exits * s["dt"]
    return {"mean exit time": Measured(float(times.mean()), float(times.std(ddof=1) / math.sqrt(s["paths"])))}


def _mean(**changes: float) -> Callable[[Settings], Numbers]:
    def predict(s: Settings) -> Numbers:
        where = {k: s[k] for k in ("rate", "diffusion", "radius")} | changes
        return {"mean exit time": float(exit_time(**where))}

    return predict


def _law(name: str, claim: str, rate: float, diffusion: float, longest: float, seed: int) -> Experiment:
    return Experiment(
        name=name, claim=claim, engine="ensemble",
        question=f"mean exit time of dw = {0 - rate:g} w dt + sqrt({2 * diffusion:g}) dW from |w| < 1",
        settings=_setting(rate, diffusion, longest, seed),
        # The spread of an exit time is at most its mean: 0.5 % is the standard error, and six of them the noise. What
        # the corrected radius leaves is of order dt over the exit time, below 1 %.
        budget=Budget({"noise": 0.03, "looking once a step": 0.01}), measure=_sampled, predict=_mean(),
        twins={
            "D for D/2": _mean(diffusion=2 * diffusion),
            "no drift": _mean(rate=0.0),
            "the drift turned round": _mean(rate=-rate),
        } if rate else {"D for D/2": _mean(diffusion=2 * diffusion), "attraction": _mean(rate=0.5)},
    )  # fmt: skip


def _later(s: Settings) -> Found:
    """Whether SAM with an exact ascent leaves later than SGD, on the same noise, by eight standard errors."""
    steps = []
    for law, rho in (("sgd", 0.0), ("exact_ascent", s["rho"])):
        noise = np.array([[abs(s["lam"]) / s["batch"]]])
        e = simulate(
            Descent(valley(s["lam"]), (Algorithm(law, s["eta"], rho=rho),), noise), paths=s["paths"],
            steps=s["steps"], seed=s["seed"], exit=Exit(s["radius"]),
        )  # fmt: skip
        steps.append(np.where(e.exits < 0, s["steps"], e.exits).astype(np.float64))
    delay = steps[1] - steps[0]
    return {"later": float(delay.mean()) > 8 * float(delay.std()) / math.sqrt(len(delay))}


EXPERIMENTS: tuple[Experiment, ...] = (
    _law("exit-time-repelled-run", "exit-time", -1.0, 0.1, 24.0, 3500),
    _law("exit-time-trapped-run", "exit-time", 1.0, 0.4, 40.0, 3501),
    _law("exit-time-neutral-run", "exit-time-neutral", 0.0, 0.5, 20.0, 3502),
    Experiment(
        name="exit-time-rate-repelled-run", claim="exit-time-rate-repelled", engine="ensemble",
        question="whether SAM (exact ascent, rho mu = 1/2) leaves a saddle later than SGD",
        settings={"lam": -1.0, "rho": 0.5, "eta": 0.01, "batch": 4.0, "radius": 0.3, "steps": 2000, "paths": 10_000,
                  "seed": 3503},
        budget=Budget({"any": 0.5}), absolute=True, measure=_later, predict=1.0,
        twins={"sooner": 0.0},
    ),
)  # fmt: skip
