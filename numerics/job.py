"""An ensemble as data: all that a thread or a far worker needs to run any range of its tiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from saddlecheck.numerics import checks
from saddlecheck.numerics.compiled import TILE, Floats, Integers
from saddlecheck.numerics.kernels import linear_room, linear_tiles
from saddlecheck.numerics.linear_map import Recurrence, full_start
from saddlecheck.numerics.philox import key_of
from saddlecheck.numerics.running_moments import TileMoments, empty

if TYPE_CHECKING:  # imported where a descent is run: they import SymPy, which a recurrence does not need
    from saddlecheck.numerics.common_noise import Arm
    from saddlecheck.numerics.gradient import SmoothLoss


@dataclass(frozen=True, eq=False)
class Descent:
    """Algorithms (arms) on one loss, on the same mini-batch noise.

    Args:
        loss: a `saddlecheck.theory.Loss`, or anything with `variables` and `expr`.
        arms: what runs; see `Algorithm`, `DriftSDE`, `QuadraticModel`. Exits are those of the first.
        covariance: C of one mini-batch gradient, shape (n, n), symmetric semi-definite.

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import Algorithm, Descent, simulate
        >>> from saddlecheck.theory import Loss
        >>> descent = Descent(Loss("x**2"), (Algorithm("sgd", eta=0.1),), np.array([[1.0]]))
        >>> one = simulate(descent, paths=10_000, steps=1, seed=1)
        >>> round(float(one.covariance[0, 0, 0]), 3)  # eta^2 C
        0.01
    """

    loss: SmoothLoss
    arms: tuple[Arm, ...]
    covariance: Floats


@dataclass(frozen=True)
class Exit:
    """First step at which |x - centre| >= radius, x the first len(centre) states.

    The path is looked at once a step. A continuous path leaves earlier, by about 0.58 increments' standard
    deviations of radius: `continuous_radius` undoes that to first order (Broadie, Glasserman and Kou 1997).

    Example:
        >>> import numpy as np
        >>> from saddlecheck.numerics import Exit, Recurrence, simulate
        >>> still = Recurrence(np.array([[2.0]]), np.array([[0.0]]), ("x",))
        >>> doubling = simulate(still, paths=2, steps=10, seed=0, start=[1.0], exit=Exit(radius=8.0))
        >>> doubling.exits.tolist()  # 2^3 = 8
        [3, 3]
    """

    radius: float
    centre: tuple[float, ...] = (0.0,)

    def __post_init__(self) -> None:
        checks.positive("radius", self.radius)
        checks.finite("centre", self.centre)


def continuous_radius(radius: float, *, diffusion: float, dt: float) -> float:
    """Radius to monitor every dt so that the mean exit time is that of a continuous path leaving `radius`."""
    # 0.5826 = -zeta(1/2)/sqrt(2 pi)
    return radius - 0.5825971579390106 * math.sqrt(2 * diffusion * dt)


@dataclass(frozen=True, eq=False)
class Job:
    """One ensemble, checked and ready to run; pickled as it is for other machines."""

    system: Recurrence | Descent
    paths: int
    steps: int
    seed: int
    checkpoints: Integers
    start: Floats
    exit: Exit | None
    two_point: bool
    stream: int
    pairs: Integers

    @property
    def tiles(self) -> int:
        """Number of tiles; the last may be partly used."""
        return -(-self.paths // TILE)

    @property
    def states(self) -> int:
        """Number of states whose moments are kept."""
        return self.start.size

    def run(self, first_tile: int, tiles: int) -> tuple[TileMoments, Integers]:
        """Moments of `tiles` tiles from `first_tile` on, and their exit steps, shape (tiles, TILE) or (tiles, 0)."""
        moments = empty(tiles, len(self.checkpoints), self.states, len(self.pairs), self.paths, first_tile)
        lanes = np.clip(self.paths - TILE * (first_tile + np.arange(tiles)), 0, TILE).astype(np.int64)
        exits = np.empty((tiles, TILE if self.exit else 0), np.int64)
        radius = self.exit.radius if self.exit else math.inf
        centre = np.array(self.exit.centre if self.exit else (), np.float64)
        common = (
            self.two_point, key_of(self.seed), self.stream, first_tile, self.steps, self.checkpoints, self.pairs,
            centre, radius, lanes, moments.diverged, moments.mean, moments.feature_mean, moments.scatter, exits,
        )  # fmt: skip
        if isinstance(self.system, Recurrence):
            A, N = np.ascontiguousarray(self.system.transition), np.ascontiguousarray(self.system.noise)
            linear_tiles(A, N, self.start, *common, *linear_room(len(A), moments.scatter.shape[2], N.shape[1]))
        else:
            from saddlecheck.numerics.common_noise import arm_table
            from saddlecheck.numerics.descent import descent_room, descent_tiles
            from saddlecheck.numerics.gradient import tile_gradient

            loss = self.system.loss
            root = np.ascontiguousarray(checks.square_root("covariance", self.system.covariance))
            table = arm_table(self.system.arms, len(loss.variables))
            gradient = tile_gradient(loss.expr, tuple(loss.variables))
            room = descent_room(table[0], len(loss.variables), moments.scatter.shape[2])
            descent_tiles()(gradient, *table, self.start, root, *common, *room)
        return moments, exits


def start_of(system: Recurrence | Descent, start: Sequence[float] | Floats | None) -> Floats:
    """The start as the kernels read it: (states,) of a recurrence, (arms, n) of a descent. Raises ValueError."""
    if isinstance(system, Recurrence):
        return full_start(system, start)
    from saddlecheck.numerics.common_noise import QuadraticModel

    n = len(system.loss.variables)
    if not system.arms:
        raise ValueError("a descent needs at least one arm: give an Algorithm")
    checks.same_size("covariance", len(checks.symmetric("covariance", system.covariance)), n, "the loss")
    for arm in system.arms:
        if isinstance(arm, QuadraticModel):
            checks.same_size("hessian", len(arm.hessian), n, "the loss")
            checks.same_size("centre", len(arm.centre), n, "the loss")
    point = np.zeros(n) if start is None else np.atleast_1d(checks.finite("start", start))
    if point.shape != (n,):
        raise ValueError(f"start must have shape ({n},) for a loss of {n} variables, got {point.shape}")
    return np.tile(point, (len(system.arms), 1))


def default_pairs(states: int) -> list[tuple[int, int]]:
    """All products up to four states, the squares beyond: F^2 matrices must stay small."""
    return [(i, j) for i in range(states) for j in range(i, states) if i == j or states <= 4]
