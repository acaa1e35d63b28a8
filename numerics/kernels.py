"""The compiled loop of a linear recurrence: all steps of a tile before the next, so that it never leaves the cache."""

from __future__ import annotations

import numpy as np

from saddlecheck.numerics.compiled import TILE, Floats, Integers, Singles, Words, jit, part
from saddlecheck.numerics.philox import fill_increments
from saddlecheck.numerics.running_moments import tile_moments
from saddlecheck.numerics.scratch import noise_scratch, scratch


@part
def linear_step(A: Floats, N: Floats, x: Floats, increments: Singles, s: int, y: Floats) -> None:
    """Step y = A x + N xi for TILE paths together; xi is row s of each channel. Zero coefficients cost nothing."""
    for j in range(A.shape[0]):
        a, b = A[j, 0], N[j, 0]
        for i in range(TILE):
            y[j, i] = a * x[0, i] + b * increments[0, s, i]
        for k in range(1, A.shape[1]):
            a = A[j, k]
            if a != 0.0:
                for i in range(TILE):
                    y[j, i] += a * x[k, i]
        for m in range(1, N.shape[1]):
            b = N[j, m]
            if b != 0.0:
                for i in range(TILE):
                    y[j, i] += b * increments[m, s, i]


@part
def mark_exits(x: Floats, centre: Floats, radius: float, step: int, exits: Integers) -> int:
    """Return how many paths are inside the ball; those outside for the first time get `step`.

    The ball is |x[:len(centre)] - centre| < radius; exits (TILE) holds -1 while inside. A path that is
    not finite is out.
    """
    inside = 0
    limit = radius * radius
    for i in range(TILE):
        square = 0.0
        for j in range(len(centre)):
            d = x[j, i] - centre[j]
            square += d * d
        if exits[i] < 0:
            if square < limit:
                inside += 1
            else:
                exits[i] = step
    return inside


def linear_room(states: int, features: int, channels: int) -> tuple[Floats, Floats, Floats, Words, Singles]:
    """Room for a tile's states before and after a step, features, random words and increments."""
    return scratch(states, 0), scratch(states, 2048), scratch(features, 2048), *noise_scratch(channels)


@jit
def linear_tiles(
    A: Floats, N: Floats, start: Floats, two_point: bool, key: Words, stream: int, first_tile: int, steps: int,
    checkpoints: Integers, pairs: Integers, centre: Floats, radius: float, lanes: Integers,
    diverged: Integers, mean: Floats, feature_mean: Floats, scatter: Floats, exits: Integers,
    x: Floats, y: Floats, features: Floats, words: Words, increments: Singles,
) -> None:  # fmt: skip
    """Runs len(lanes) tiles of x' = A x + N xi and fills the moments at the checkpoints and the exit steps.

    Exits are looked for when radius is finite; then exits has shape (tiles, TILE), else (tiles, 0).
    Array shapes are those of `running_moments.TileMoments`; checkpoints are increasing steps. The last five arrays are
    `linear_room`.
    """
    J, K = A.shape[0], len(checkpoints)
    for t in range(len(lanes)):
        for j in range(J):
            for i in range(TILE):
                x[j, i] = start[j]
        watching = np.isfinite(radius)
        if watching:
            for i in range(TILE):
                exits[t, i] = -1
        k = 0
        for step in range(steps + 1):
            if watching:
                watching = mark_exits(x, centre, radius, step, exits[t]) > 0
            if k < K and checkpoints[k] == step:
                diverged[t, k] = tile_moments(
                    x, lanes[t], pairs, features, mean[t, k], feature_mean[t, k], scatter[t, k]
                )
                k += 1
            if step == steps or (k == K and not watching):
                break
            if step % 4 == 0:
                fill_increments(two_point, (first_tile + t) * TILE, step, stream, key, words, increments)
            linear_step(A, N, x, increments, step % 4, y)
            x, y = y, x
