"""What an ensemble of paths says: moments at checkpoints with their errors, and exit times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.compiled import Floats, Integers
from saddlecheck.numerics.running_moments import shift


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Moments of an ensemble at its checkpoints; K checkpoints, J states.

    Attributes:
        paths: number of paths.
        checkpoints: steps, shape (K,).
        mean: shape (K, J).
        diverged: paths no longer finite, shape (K,); where it is > 0 all moments are inf.
        covariance: shape (K, J, J), unbiased.
        exits: exit step of each path, -1 where it had not left; shape (paths,), empty if not asked for.
        pairs: (i, j) of the products whose own covariance is kept; features are the states, then these products.
        feature_mean: of x - mean and its products, shape (K, F).
        feature_covariance: of the same, shape (K, F, F).

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import Ensemble, Recurrence, simulate
        >>> halved = Recurrence(np.array([[0.5]]), np.array([[1.0]]), ("x",))
        >>> ensemble = simulate(halved, paths=100_000, steps=50, seed=1)
        >>> isinstance(ensemble, Ensemble), ensemble.checkpoints.tolist(), ensemble.covariance.shape
        (True, [50], (1, 1, 1))
        >>> bool(abs(ensemble.covariance[0, 0, 0] - 4 / 3) < 0.03)  # five standard errors, sqrt(2/paths) 4/3 each
        True
    """

    paths: int
    checkpoints: Integers
    mean: Floats
    diverged: Integers
    exits: Integers
    pairs: Integers
    feature_mean: Floats
    feature_covariance: Floats

    @property
    def covariance(self) -> Floats:
        """Covariance of the states, shape (K, J, J)."""
        J = self.mean.shape[1]
        return self.feature_covariance[:, :J, :J]

    @property
    def variance(self) -> Floats:
        """Variance of each state, shape (K, J)."""
        return np.asarray(np.diagonal(self.covariance, axis1=1, axis2=2))

    @property
    def mean_error(self) -> Floats:
        """Standard error of the mean, shape (K, J)."""
        return np.sqrt(self.variance / self.paths)

    @property
    def variance_error(self) -> Floats:
        """Standard error of the variance from the fourth moment, no normality assumed, shape (K, J)."""
        J = self.mean.shape[1]
        where = [J + next(p for p, (a, b) in enumerate(self.pairs) if a == b == j) for j in range(J)]
        return np.sqrt(np.diagonal(self.feature_covariance, axis1=1, axis2=2)[:, where] / self.paths)

    def mean_interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Interval for the mean (normal), each shape (K, J)."""
        return _around(self.mean, self.mean_error, confidence)

    def variance_interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Interval for the variance (normal, fourth moment), each shape (K, J)."""
        return _around(self.variance, self.variance_error, confidence)

    def second_moments(self, origin: Sequence[float] | Floats) -> tuple[Floats, Floats]:
        """Means of the features about `origin` (J,), shape (K, F), and the features' covariance, shape (K, F, F).

        The last len(pairs) features are E[(x_a - o_a)(x_b - o_b)]: the mean squared displacement about a point.

        Returns:
            (means, shape (K, F); covariance, shape (K, F, F)); inf where paths have diverged.
        """
        delta = self.mean - checks.finite("origin", origin)
        safe = np.where(np.isfinite(delta), delta, 0.0)
        T, constant = shift(safe, self.pairs)
        with np.errstate(invalid="ignore"):  # inf - inf of a diverged checkpoint, set to inf below
            mean = (T @ self.feature_mean[..., None])[..., 0] + constant
            covariance = T @ self.feature_covariance @ T.transpose(0, 2, 1)
        gone = self.diverged > 0
        mean[gone], covariance[gone] = np.inf, np.inf
        return mean, covariance


def _around(value: Floats, error: Floats, confidence: float) -> tuple[Floats, Floats]:
    from scipy.special import ndtri  # no path needs it, and it takes as long to import as numba

    z = float(ndtri(0.5 + confidence / 2))
    with np.errstate(invalid="ignore"):  # inf - inf: a diverged checkpoint, reported as (-inf, inf)
        low, high = value - z * error, value + z * error
    return np.where(np.isfinite(error), low, -np.inf), np.where(np.isfinite(error), high, np.inf)
