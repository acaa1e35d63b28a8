"""Independent second opinions: sdeint on the very same Wiener increments, SciPy on the moment equations.

sdeint is GPLv3 and an extra (`oracle`): it is imported here, when asked for, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from saddlecheck.numerics.compiled import Floats
from saddlecheck.numerics.philox import increments_of
from saddlecheck.numerics.sde import LinearSDE


def euler_by_sdeint(
    drift: Callable[[Floats], Floats],
    noise: Floats,
    start: Sequence[float] | Floats,
    *,
    dt: float,
    steps: int,
    paths: int,
    seed: int,
    two_point: bool = False,
) -> Floats:
    """Euler-Maruyama paths of dx = drift(x) dt + noise dW by sdeint, shape (paths, steps + 1, n).

    The increments are those that paths 0 .. paths-1 of an ensemble with this seed see, times sqrt(dt).

    Args:
        drift: map of shape (n,) to (n,).
        noise: S, shape (n, channels).
        start: shape (n,).
        dt: step, > 0.
        steps: >= 1.
        paths: >= 1.
        seed: of the ensemble.
        two_point: increments +-1 in place of Gaussian ones.
    """
    import sdeint

    channels = [
        increments_of(seed, paths=paths, steps=steps, channel=c, two_point=two_point) for c in range(noise.shape[1])
    ]
    dW = np.stack(channels, -1).astype(np.float64) * np.sqrt(dt)
    times = np.arange(steps + 1) * dt
    x0 = np.asarray(start, np.float64)
    integrate: Any = sdeint.itoEuler
    return np.stack([integrate(lambda x, _: drift(x), lambda _x, _t: noise, x0, times, dW=dW[p]) for p in range(paths)])


def covariance_by_scipy(sde: LinearSDE, t: float) -> Floats:
    """Covariance at time t from a fixed start, by integrating dS/dt = -A S - S A' + N N' numerically, shape (n, n)."""
    n, A, Q = len(sde.drift), sde.drift, sde.noise @ sde.noise.T

    def right(_: float, s: Floats) -> Floats:
        S = s.reshape(n, n)
        return np.asarray(-A @ S - S @ A.T + Q).ravel()

    solution = solve_ivp(right, (0.0, t), np.zeros(n * n), method="DOP853", rtol=1e-12, atol=1e-14)
    return np.asarray(solution.y[:, -1].reshape(n, n))
