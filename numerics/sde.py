r"""Linear SDEs dx = -A x dt + S dW and their one-step schemes as recurrences.

    euler    x' = (I - A dt) x + S sqrt(dt) xi                                   weak order 1
    weak2    x' = (I - A dt + (A dt)^2/2) x + (I - A dt/2) S sqrt(dt) xi          weak order 2 (Heun)
    exact    x' = exp(-A dt) x + L xi,  L L' = int_0^dt exp(-A s) S S' exp(-A's) ds   no error in dt
Two-point increments keep the weak order of the first two; with "exact" they keep the first two moments only.
Source: the paper's (11) and (20) linearised; Van Loan 1978 for the integral; Kloeden and Platen, chapter 14.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from saddlecheck.numerics import checks
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.linear_map import Recurrence

SCHEMES = ("euler", "weak2", "exact")


@dataclass(frozen=True, eq=False)
class LinearSDE:
    """dx = -drift x dt + noise dW.

    Args:
        drift: A, shape (n, n).
        noise: S, shape (n, channels).
        labels: a name for each state.
    """

    drift: Floats
    noise: Floats
    labels: tuple[str, ...]

    def scheme(self, name: str, dt: float) -> Recurrence:
        """One step of length dt as a recurrence. Raises ValueError for an unknown scheme or dt <= 0."""
        checks.positive("dt", dt)
        A, identity = self.drift * dt, np.eye(len(self.drift))
        if name == "euler":
            return Recurrence(identity - A, self.noise * math.sqrt(dt), self.labels)
        if name == "weak2":
            noise = (identity - A / 2) @ self.noise * math.sqrt(dt)
            return Recurrence(identity - A + A @ A / 2, noise, self.labels)
        if name == "exact":
            transition, covariance = self.transition_law(dt)
            return Recurrence(transition, checks.square_root("covariance", covariance), self.labels)
        raise ValueError(f"unknown scheme {name!r}: choose one of {', '.join(SCHEMES)}")

    def transition_law(self, t: float) -> tuple[Floats, Floats]:
        """exp(-A t) and the covariance at time t from a fixed start, both shape (n, n). Raises ValueError if t < 0."""
        from scipy.linalg import expm  # the other schemes do without, and it takes as long to import as numba

        checks.at_least("t", t, 0.0)
        n = len(self.drift)
        # Van Loan's block exponential is accurate for a short time only; longer ones by doubling,
        # Sigma(2t) = Sigma(t) + F Sigma(t) F' with F = exp(-A t), a sum of semi-definite terms.
        size = float(np.max(np.abs(self.drift))) * t * n
        doublings = max(0, math.ceil(math.log2(size / 0.25))) if size > 0.25 else 0
        short = t / 2**doublings
        block = np.zeros((2 * n, 2 * n))
        block[:n, :n] = self.drift * short
        block[:n, n:] = self.noise @ self.noise.T * short
        block[n:, n:] = -self.drift.T * short
        exponential = expm(block)
        F = np.asarray(exponential[n:, n:].T)
        sigma = F @ exponential[:n, n:]
        sigma = (sigma + sigma.T) / 2
        for _ in range(doublings):
            sigma = sigma + F @ sigma @ F.T
            F = F @ F
        return F, sigma


def ornstein_uhlenbeck(rate: ArrayLike, diffusion: ArrayLike) -> LinearSDE:
    """The SDE dw = -A w dt + sqrt(2D) dW.

    Args:
        rate: A, 1/time, a number or a symmetric matrix, shape (n, n), of any sign.
        diffusion: D, weight^2/time, a number >= 0 or a semi-definite matrix, shape (n, n).

    Returns:
        The SDE in the states w, with n channels of noise.

    Example:
        >>> from saddlecheck.numerics import ornstein_uhlenbeck
        >>> transition, covariance = ornstein_uhlenbeck(rate=2.0, diffusion=0.5).transition_law(10.0)
        >>> round(float(covariance[0, 0]), 12)  # D/a
        0.25
    """
    A = checks.symmetric("rate", rate)
    root = checks.square_root("diffusion", 2 * np.atleast_2d(checks.finite("diffusion", diffusion)))
    checks.same_size("diffusion", len(root), len(A), "rate")
    return LinearSDE(A, root, tuple(f"w{j}" for j in range(len(A))))


def langevin(*, h: ArrayLike, phi: float, mass: float, diffusion: ArrayLike) -> LinearSDE:
    """Underdamped M dv = -phi M v dt - h w dt + sqrt(2D) dW, dw = v dt; states (w, v).

    Args:
        h: stiffness, a number or a symmetric matrix, any sign.
        phi: friction rate, > 0.
        mass: M, > 0.
        diffusion: D, a number >= 0 or a semi-definite matrix.

    Returns:
        Drift, shape (2n, 2n), and noise of the linear SDE in the states (w, v).

    Raises:
        ValueError: outside these domains. Source: the paper's appendix on Theorem 3, friction as claimed there.

    Example:
        >>> from saddlecheck.numerics import langevin
        >>> langevin(h=2.0, phi=1.0, mass=1.0, diffusion=0.5).drift.tolist()
        [[0.0, -1.0], [2.0, 1.0]]
    """
    stiffness = checks.symmetric("h", h)
    checks.positive("phi", phi)
    checks.positive("mass", mass)
    n = len(stiffness)
    root = checks.square_root("diffusion", 2 * np.atleast_2d(checks.finite("diffusion", diffusion)))
    checks.same_size("diffusion", len(root), n, "h")
    drift = np.block([[np.zeros((n, n)), -np.eye(n)], [stiffness / mass, phi * np.eye(n)]])
    noise = np.vstack([np.zeros((n, n)), root / mass])
    return LinearSDE(drift, noise, tuple(f"{name}{j}" for name in ("w", "v") for j in range(n)))
