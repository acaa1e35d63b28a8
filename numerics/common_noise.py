"""Arms of an ensemble: the algorithms that run side by side on the same noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.algorithm import LAWS, Algorithm
from saddlecheck.numerics.checks import Floats

HEUN = len(LAWS)  # the weak second-order scheme of the SDE, a fifth way to use the two gradients


@dataclass(frozen=True)
class DriftSDE:
    """Non-linear SDE dw = -grad l(w + rho grad l(w)) dt + sqrt(2D) dW, the paper's (11), as an arm.

    Args:
        dt: step, > 0.
        rho: weight per gradient, or weight if `normalised`; 0 gives the SDE of SGD.
        scheme: "euler" (weak order 1) or "weak2" (stochastic Heun, weak order 2 for additive noise).
        normalised: ascend by rho g/|g|.

    The ensemble's noise covariance C is that of one gradient: for a diffusion D give C = 2 D / dt. As part of the
    gradient it enters with a minus sign, w' = w - dt (F + xi).

    Raises:
        ValueError: on dt <= 0, rho < 0 or another scheme: no exact one exists for a non-linear drift.

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import Descent, DriftSDE, simulate
        >>> from saddlecheck.theory import Loss
        >>> still = Descent(Loss("x**2"), (DriftSDE(dt=0.1),), np.array([[0.0]]))
        >>> end = simulate(still, paths=2, steps=1, seed=0, start=[1.0])
        >>> round(float(end.mean[0, 0]), 12)  # Heun's method without noise: 1 - 0.2 + 0.2^2/2
        0.82
    """

    dt: float
    rho: float = 0.0
    scheme: str = "weak2"
    normalised: bool = False

    def __post_init__(self) -> None:
        checks.positive("dt", self.dt)
        checks.at_least("rho", self.rho, 0.0)
        if self.scheme not in ("euler", "weak2"):
            raise ValueError(f"a non-linear SDE has the schemes euler and weak2, got {self.scheme!r}")


@dataclass(frozen=True, eq=False)
class QuadraticModel:
    """An arm on the quadratic model w -> (w - centre)'H(w - centre)/2 instead of the loss: a linear control variate.

    Args:
        algorithm: what runs on the model.
        hessian: H, shape (n, n), symmetric.
        centre: shape (n,).

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import Algorithm, Descent, QuadraticModel, simulate
        >>> from saddlecheck.theory import Loss
        >>> sgd = Algorithm("sgd", eta=0.1)
        >>> model = QuadraticModel(sgd, hessian=np.array([[2.0]]), centre=np.array([0.0]))
        >>> pair = Descent(Loss("x**2"), (sgd, model), np.array([[1.0]]))
        >>> end = simulate(pair, paths=1_000, steps=10, seed=0)
        >>> bool(np.ptp(end.covariance) < 1e-12)  # on a quadratic loss both are the same path
        True
    """

    algorithm: Algorithm
    hessian: Floats
    centre: Floats


Arm = Algorithm | DriftSDE | QuadraticModel


def arm_table(arms: Sequence[Arm], size: int) -> tuple[Floats, Floats, Floats]:
    """Settings (arms, 9), Hessians (arms, n, n) and centres (arms, n) of the arms, as the kernel reads them."""
    settings = np.zeros((len(arms), 9))
    hessians, centres = np.zeros((len(arms), size, size)), np.zeros((len(arms), size))
    for a, arm in enumerate(arms):
        if isinstance(arm, DriftSDE):
            code = HEUN if arm.scheme == "weak2" else LAWS.index("exact_ascent")
            settings[a] = code, arm.dt, arm.rho, 0, 0, 0, 0, arm.normalised, 0
            continue
        linear = isinstance(arm, QuadraticModel)
        if isinstance(arm, QuadraticModel):
            hessians[a], centres[a] = checks.symmetric("hessian", arm.hessian), checks.finite("centre", arm.centre)
        o = arm.algorithm if isinstance(arm, QuadraticModel) else arm
        settings[a] = (
            LAWS.index(o.law), o.eta, o.rho, o.gamma, o.dampening, o.nesterov, o.weight_decay, o.normalised, linear,
        )  # fmt: skip
    return settings, hessians, centres
