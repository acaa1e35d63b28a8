r"""Differences of second moments by common random numbers and control variates.

Paths x_i and x_j run on the same increments, and beside them companions whose second moments are known exactly by
the recursion (or elsewhere). With g = x_i^2 - x_j^2 and h the companions' products,

    E g = E[g - beta (h - E h)]  for every beta;  beta = Cov(h)^-1 Cov(h, g) has the least variance.

Companions that serve here are linear and do not presuppose the law that is tested: the SGD path w and its
derivative u by the rate, u' = q u - eta w (to first order x_sgd - x_sam = (a_sgd - a_sam) u).
Estimating beta on the same paths biases the mean by O(1/paths) of a standard error squared; it is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.ensemble import Ensemble


@dataclass(frozen=True)
class Difference:
    """E[(x_i - o_i)^2] - E[(x_j - o_j)^2] at one checkpoint.

    Attributes:
        value, error: estimate and standard error, control variate used.
        paired: standard error by common random numbers alone.
        independent: standard error that two independent ensembles of as many paths each would have.
    """

    value: float
    error: float
    paired: float
    independent: float

    @property
    def reduction(self) -> float:
        """Variance of independent ensembles over the variance of this estimate: how many times fewer paths it needs."""
        return (self.independent / self.error) ** 2 if self.error > 0 else float("inf")


def difference(
    ensemble: Ensemble,
    i: int,
    j: int,
    *,
    checkpoint: int = -1,
    origin: Sequence[float] | Floats | None = None,
    known: Mapping[tuple[int, int], float] | None = None,
) -> Difference:
    """Estimates E[(x_i - o_i)^2] - E[(x_j - o_j)^2] from paths on common random numbers.

    Args:
        ensemble: its pairs must contain (i, i), (j, j) and the keys of `known`.
        i: state of the first moment.
        j: state of the second.
        checkpoint: index into the ensemble's checkpoints.
        origin: o, shape (J,), zeros by default: the critical point.
        known: exact E[(x_a - o_a)(x_b - o_b)] of companion products, the control variates.

    Returns:
        The estimate in squared units of the states, its standard error, and those that it would have had without
        control variates and with independent noises.

    Raises:
        ValueError: if a product was not kept or a path has diverged at the checkpoint.
    """
    J = ensemble.mean.shape[1]
    o = np.zeros(J) if origin is None else checks.finite("origin", origin)
    means, covariances = ensemble.second_moments(o)
    mean, cov = means[checkpoint], covariances[checkpoint] / ensemble.paths
    if not np.all(np.isfinite(mean)):
        gone = int(ensemble.diverged[checkpoint])
        raise ValueError(f"{gone} paths have diverged at this checkpoint: take an earlier one")
    kept = {(int(a), int(b)): J + p for p, (a, b) in enumerate(ensemble.pairs)}
    wanted = [(i, i), (j, j), *(known or {})]
    missing = [pair for pair in wanted if pair not in kept]
    if missing:
        raise ValueError(f"the products {missing} were not kept: pass them as pairs=… to simulate")
    weights = np.zeros(len(mean))
    weights[kept[i, i]], weights[kept[j, j]] = 1.0, -1.0
    value, paired = float(weights @ mean), float(weights @ cov @ weights)
    independent = float(cov[kept[i, i], kept[i, i]] + cov[kept[j, j], kept[j, j]])
    if not known:
        return Difference(value, paired**0.5, paired**0.5, independent**0.5)
    where = [kept[pair] for pair in known]
    # Least squares in units of each companion's own spread: their products differ by orders of magnitude.
    scale = np.sqrt(np.diagonal(cov)[where])
    hh, hg = cov[np.ix_(where, where)] / np.outer(scale, scale), (cov[where] @ weights) / scale
    beta = np.linalg.lstsq(hh, hg, rcond=1e-12)[0] / scale
    full = weights.copy()
    full[where] -= beta
    expected = np.array(list(known.values()))
    error = max(float(full @ cov @ full), 0.0) ** 0.5
    return Difference(value - float(beta @ (mean[where] - expected)), error, paired**0.5, independent**0.5)
