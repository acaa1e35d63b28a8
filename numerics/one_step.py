"""One step of an algorithm without noise, in NumPy: the gradient that it descends, and its derivative.

Nothing is compiled here: who asks for a few steps does not wait for a compiler to be loaded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.gradient import SmoothLoss, gradient_at, hessian_at


def start_point(loss: SmoothLoss, start: Sequence[float] | Floats) -> Floats:
    """`start` as a finite vector of the loss's size. Raises ValueError."""
    point = np.atleast_1d(checks.finite("start", start))
    if point.shape != (len(loss.variables),):
        raise ValueError(f"start must have shape ({len(loss.variables)},), got {point.shape}")
    return point


def descended(loss: SmoothLoss, algorithm: Algorithm, w: Floats) -> Floats:
    """The gradient that a noise-free step descends, weight decay included, shape (n,)."""
    return np.asarray(algorithm.force.on(gradient_at(loss), algorithm.rho)(w) + algorithm.weight_decay * w)


def step_jacobian(loss: SmoothLoss, algorithm: Algorithm, w: Floats) -> Floats:
    """Derivative of one noise-free step at w: shape (n, n), or (2n, 2n) in (w, m) with momentum.

    A step is linear in (w, m, g), so its derivative is the step of the derivatives.

    Returns:
        float64; eigenvalues of absolute value below 1 at a fixed point mean that it attracts.

    Raises:
        ValueError: for a normalised ascent at a zero gradient, where the step is not differentiable.
    """
    n, a = len(w), algorithm
    G = descent_jacobian(loss, a, w) + a.weight_decay * np.eye(n)
    zero = np.zeros((n, n))
    by_w = a.momentum.rule(np.eye(n), zero, G, a.eta, a.gamma, a.dampening)
    if a.gamma == 0:
        return np.asarray(by_w[0])
    by_m = a.momentum.rule(zero, np.eye(n), zero, a.eta, a.gamma, a.dampening)
    return np.block([[x, y] for x, y in zip(by_w, by_m, strict=True)])


def descent_jacobian(loss: SmoothLoss, algorithm: Algorithm, w: Floats) -> Floats:
    """Derivative of the descended gradient, grad l(w) or grad l(w^p), shape (n, n). Raises as `step_jacobian`."""
    with np.errstate(all="ignore"):  # on a diverging path, and at a zero gradient
        found = algorithm.force.jacobian(gradient_at(loss), hessian_at(loss), w, algorithm.rho)
    if np.any(np.isnan(found)) and not np.any(gradient_at(loss)(w)):
        raise ValueError(f"a normalised ascent is not differentiable where the gradient is zero, at w = {w.tolist()}")
    return found
