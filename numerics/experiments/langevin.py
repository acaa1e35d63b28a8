"""The Langevin equation itself: its exact moments against a numerical integration of it, in every regime."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from saddlecheck.numerics.closed_form import langevin_msd
from saddlecheck.numerics.enclosed import Formula
from saddlecheck.numerics.ensemble_run import simulate
from saddlecheck.numerics.exact_moments import covariance
from saddlecheck.numerics.experiment import Experiment, Found, Measured, Numbers, Sampled, Settings
from saddlecheck.numerics.sde import langevin
from saddlecheck.numerics.statistics import Budget
from saddlecheck.theory.papers.kim.momentum.momentum import IN_PHYSICAL_UNITS
from saddlecheck.theory.symbols import D, M, h, phi, t

_REGIMES = {"": -1.0, "-critical": 0.5, "-underdamped": 6.0, "-free": 0.0}  # 4 h = M phi^2 at h = 0.5


def _setting(h: float) -> dict[str, float]:
    return {"h": h, "phi": 2.0, "mass": 0.5, "diffusion": 0.3, "t": 1.5, "steps": 3000}


def _physical(s: Settings) -> dict[str, float]:
    return {k: s[k] for k in ("h", "phi", "mass", "diffusion")}


def _msd(start: str, factor: float = 1.0, **changes: float) -> Callable[[Settings], Numbers]:
    return lambda s: {
        "displacement": factor * float(langevin_msd(**{**_physical(s), **changes}, t=s["t"], start=start))
    }


def _integrated(start: str) -> Sampled:
    """Second moment of w by a second-order scheme, step by step, from w = 0 and v = 0 or of its stationary spread."""

    def measure(s: Settings) -> dict[str, Measured]:
        scheme = langevin(**_physical(s)).scheme("weak2", s["t"] / s["steps"])
        A, n = scheme.transition, int(s["steps"])
        thermal = s["diffusion"] / (s["mass"] ** 2 * s["phi"]) if start == "stationary" else 0.0
        power = np.linalg.matrix_power(A, n)
        moments = covariance(scheme, n) + power @ np.diag([0.0, thermal]) @ power.T
        return {"displacement": Measured(float(moments[0, 0]))}

    return measure


def _sampled(s: Settings) -> Found:
    scheme = langevin(**_physical(s)).scheme("weak2", s["t"] / s["steps"])
    e = simulate(scheme, paths=s["paths"], steps=s["steps"], seed=s["seed"])
    return {"displacement": Measured(float(e.variance[0, 0]), float(e.variance_error[0, 0]))}


def _exact(start: str, regime: str, h: float) -> Experiment:
    other = "stationary" if start == "rest" else "rest"
    return Experiment(
        name=f"langevin-{start}{regime}-integrated", claim=f"langevin-{start}{regime}", engine="recursion",
        question=f"displacement at t = 1.5 from {start}, h = {h:g}, by integrating the equation",
        # The scheme is of order two: (phi dt)^2 = 1e-6 and (h/M) dt^2 = 3e-6, times t over their own times, below 1e-4.
        settings=_setting(h), budget=Budget({"discretisation": 1e-4}), measure=_integrated(start), predict=_msd(start),
        twins={
            f"from {other}": _msd(other),
            "twice": _msd(start, 2.0),
            "h turned round": _msd(start, h=-h if h else 0.1),
            "friction phi without M": _msd(start, phi=4.0),
        },
    )  # fmt: skip


def _friction(s: Settings) -> Found:
    found = [_integrated("rest")({**s, "phi": phi})["displacement"].value for phi in (1.0, 2.0, 4.0)]
    return {"falls with friction": found[0] > found[1] > found[2]}


def _overdamped(s: Settings, rate: float = 2.0) -> Numbers:
    friction = s["mass"] * s["phi"]
    settled = s["diffusion"] / (friction * s["h"])
    return {"displacement": settled * -float(np.expm1(-rate * s["h"] * s["t"] / friction))}


def _equation_14(s: Settings) -> Numbers:
    """(14) before its constants are put in."""
    values = {h: s["h"], phi: s["phi"], M: s["mass"], D: s["diffusion"], t: s["t"]}
    return {"displacement": Formula(IN_PHYSICAL_UNITS)(values)}


_STRONG = {"h": 1.0, "phi": 20.0, "mass": 0.5, "diffusion": 0.3, "t": 5.0, "steps": 20_000}
_EPSILON = _STRONG["h"] / (_STRONG["mass"] * _STRONG["phi"] ** 2)

EXPERIMENTS: tuple[Experiment, ...] = (
    *(_exact(start, regime, h) for regime, h in _REGIMES.items() for start in ("rest", "stationary")),
    # An ensemble of the equation: six standard errors of 0.22 %, and (phi dt)^2 = 2e-4 of the scheme.
    Experiment(
        name="langevin-rest-sampled", claim="langevin-rest", engine="ensemble",
        question="displacement at t = 1.5 from rest, h = -1, from sampled paths",
        settings={**_setting(-1.0), "steps": 200, "paths": 400_000, "seed": 3400},
        budget=Budget({"noise": 0.0135, "discretisation": 1e-3}), measure=_sampled, predict=_msd("rest"),
        twins={"from stationary": _msd("stationary"), "friction phi without M": _msd("rest", phi=4.0)},
    ),
    # The claim's own bound: 3 epsilon/(1 - 4 epsilon) of the stationary value.
    Experiment(
        name="langevin-overdamped-integrated", claim="langevin-overdamped", engine="recursion",
        question="displacement with strong friction against the first-order equation's",
        settings=_STRONG, budget=Budget({"the claim's": 3 * _EPSILON / (1 - 4 * _EPSILON)}),
        measure=_integrated("rest"), predict=_overdamped,
        twins={
            "a decay at half the rate": functools.partial(_overdamped, rate=1.0),
            "phi for M phi": lambda s: _overdamped({**s, "mass": 1.0}),
        },
    ),
    # Again the claim's own: 4 epsilon/(1 - 4 epsilon).
    Experiment(
        name="eq14-msd-regime-integrated", claim="eq14-msd-regime", engine="recursion",
        question="displacement with strong friction towards a minimum against (14)",
        settings=_STRONG, budget=Budget({"the claim's": 4 * _EPSILON / (1 - 4 * _EPSILON)}),
        measure=_integrated("rest"), predict=_equation_14,
        twins={
            "phi for M phi": lambda s: _equation_14({**s, "mass": 1.0}),
            "h/2": lambda s: _equation_14({**s, "h": 0.5}),
        },
    ),
    Experiment(
        name="langevin-friction-integrated", claim="langevin-friction", engine="recursion",
        question="whether the displacement at a saddle falls as the friction grows (1, 2, 4)",
        settings=_setting(-1.0), budget=Budget({"any": 0.5}), absolute=True, measure=_friction,
        predict=1.0, twins={"it grows": 0.0},
    ),
)  # fmt: skip
