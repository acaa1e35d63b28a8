"""What several experiments measure: the algorithms near a critical point of a quadratic loss, run as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.control import Difference, difference
from saddlecheck.numerics.ensemble import Ensemble
from saddlecheck.numerics.ensemble_run import simulate
from saddlecheck.numerics.exact_moments import discrete_variance
from saddlecheck.numerics.experiment import Measured, Settings
from saddlecheck.numerics.experiments.quadratic_losses import valley
from saddlecheck.numerics.job import Descent

LAWS = ("sgd", "exact_ascent", "same_batch", "independent")


def setting(**numbers: Any) -> dict[str, Any]:
    """Settings of a run from a critical point: lam, rho, eta, batch and steps, with the usual ones filled in."""
    return {"lam": -1.0, "rho": 0.3, "eta": 0.005, "batch": 4.0, "steps": 200, "paths": 400_000, **numbers}


def point(s: Settings) -> dict[str, float]:
    """The arguments of the closed forms."""
    return {k: s[k] for k in ("lam", "rho", "eta", "batch")}


def time_of(s: Settings) -> float:
    """Continuous time at the end of the run."""
    return float(s["eta"] * s["steps"])


def arms(s: Settings, *laws: str, radii: Sequence[float] | None = None) -> tuple[Algorithm, ...]:
    """The algorithms by their laws, in order: SGD at radius 0, each other one at every radius (the settings' own)."""
    return tuple(
        Algorithm(law, s["eta"], rho=rho, gamma=s.get("gamma", 0.0))
        for law in laws
        for rho in ((0.0,) if law == "sgd" else radii or (s["rho"],))
    )


def near(s: Settings, algorithms: Sequence[Algorithm], checkpoints: Sequence[int] | None = None) -> Ensemble:
    """The algorithms side by side on the same mini-batch noise of variance |lam|/batch, from the critical point."""
    noise = np.array([[abs(s["lam"]) / s["batch"]]])
    return simulate(
        Descent(valley(s["lam"]), tuple(algorithms), noise), paths=s["paths"], steps=s["steps"], seed=s["seed"],
        checkpoints=checkpoints,
    )  # fmt: skip


def variances(s: Settings, laws: Sequence[str] = LAWS) -> dict[str, Measured]:
    """Variance of w at the end of the run, for each law."""
    e = near(s, arms(s, *laws))
    return {law: Measured(float(e.variance[0, i]), float(e.variance_error[0, i])) for i, law in enumerate(laws)}


def gaps(s: Settings, law: str, steps: Sequence[int], radii: Sequence[float]) -> dict[tuple[float, int], Difference]:
    """Variance of SGD less that of SAM at each radius and step, all on common random numbers.

    SGD's own variance, which is known exactly, is the control variate.

    Returns:
        The difference by (radius, step).
    """
    e = near(s, arms(s, "sgd", law, radii=radii), steps)
    return {
        (rho, n): difference(
            e, 0, 1 + j, checkpoint=k, known={(0, 0): float(discrete_variance("sgd", **point(s), n=n))}
        )
        for j, rho in enumerate(radii)
        for k, n in enumerate(steps)
    }


def gap(s: Settings, law: str, steps: Sequence[int]) -> dict[int, Difference]:
    """The same at the settings' own radius."""
    return {n: found for (_, n), found in gaps(s, law, steps, (s["rho"],)).items()}
