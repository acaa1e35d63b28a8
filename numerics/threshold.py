"""Escape and its threshold by trajectories: whether a point traps, and from which rho on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.compiled import Floats
from saddlecheck.numerics.gradient import SmoothLoss, hessian_at
from saddlecheck.numerics.maps import path
from saddlecheck.numerics.one_step import start_point


def escapes(
    loss: SmoothLoss,
    algorithm: Algorithm,
    point: Sequence[float] | Floats,
    start: Sequence[float] | Floats,
    *,
    steps: int,
) -> bool:
    """Whether after `steps` steps the path from `start` is further from `point` along its escape directions.

    The distance is measured on the eigenvectors of the Hessian with negative eigenvalues (all of them at a maximum),
    so that neither a slow approach nor an oscillation in a stiff direction counts as an escape.

    Returns:
        True also where the path diverges.

    Raises:
        ValueError: if the point has no negative eigenvalue or the start has no component along one.
    """
    d, w0 = start_point(loss, point), start_point(loss, start)
    lam, vectors = np.linalg.eigh(hessian_at(loss)(d))
    falling = vectors[:, lam < 0]
    if falling.shape[1] == 0:
        raise ValueError(f"{d.tolist()} has no negative eigenvalue: nothing escapes from it to first order")
    before = float(np.linalg.norm(falling.T @ (w0 - d)))
    if before == 0:
        raise ValueError(f"start {w0.tolist()} has no component along an escape direction of {d.tolist()}: perturb it")
    walk = path(loss, algorithm, w0, steps=steps, every=steps)
    if walk.diverged is not None:
        return True
    return float(np.linalg.norm(falling.T @ (walk.weights[-1] - d))) > before


@dataclass(frozen=True)
class Bracket:
    """An interval that contains the threshold: escapes at `low`, does not at `high`; `runs` trajectories were used."""

    low: float
    high: float
    runs: int


def threshold_rho(
    loss: SmoothLoss,
    algorithm: Algorithm,
    point: Sequence[float] | Floats,
    start: Sequence[float] | Floats,
    *,
    low: float,
    high: float,
    width: float = 1e-6,
    steps: int = 1000,
) -> Bracket:
    """Bisects the rho from which on `algorithm` (its own rho is ignored) no longer escapes from `point`.

    Returns:
        An interval no wider than `width` with the threshold in it, and the number of runs that it took.

    Raises:
        ValueError: unless it escapes at `low` and does not at `high`: the bracket must hold a threshold.
    """
    checks.positive("width", width)
    runs = 0

    def free(rho: float) -> bool:
        nonlocal runs
        runs += 1
        return escapes(loss, dataclasses.replace(algorithm, rho=rho), point, start, steps=steps)

    if not free(low) or free(high):
        raise ValueError(f"the path must escape at rho = {low:g} and not at {high:g}: widen the bracket")
    while high - low > width:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if free(middle):
            low = middle
        else:
            high = middle
    return Bracket(low, high, runs)
