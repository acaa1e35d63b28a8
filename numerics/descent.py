"""The compiled loop of the algorithms themselves: gradients of the loss as they are, mini-batch noise, momentum.

Nothing is linearised and no law of the theory is used here, so that an ensemble can contradict them.
Several arms (algorithms) run side by side on the same noise: common random numbers by construction.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np

from saddlecheck.numerics.algorithm import LAWS
from saddlecheck.numerics.common_noise import HEUN
from saddlecheck.numerics.compiled import TILE, Floats, Integers, Singles, Words, compile_with, part
from saddlecheck.numerics.gradient import TileGradient, gradient_type
from saddlecheck.numerics.kernels import mark_exits
from saddlecheck.numerics.philox import fill_increments
from saddlecheck.numerics.running_moments import tile_moments
from saddlecheck.numerics.scratch import noise_scratch, scratch

_SGD, _SAME_BATCH, _INDEPENDENT = (LAWS.index(law) for law in ("sgd", "same_batch", "independent"))


@part
def correlate(root: Floats, increments: Singles, first_channel: int, s: int, xi: Floats) -> None:
    """Noise xi = root z of one mini-batch for TILE paths; z is row s of n channels from `first_channel` on."""
    for j in range(len(root)):
        for i in range(TILE):
            xi[j, i] = 0.0
        for k in range(len(root)):
            c = root[j, k]
            if c != 0.0:
                for i in range(TILE):
                    xi[j, i] += c * increments[first_channel + k, s, i]


@part
def ascend(w: Floats, g: Floats, rho: float, normalised: bool, wp: Floats) -> None:
    """Ascent wp = w + rho g, or w + rho g/|g|; wp = w where the gradient is zero."""
    n = len(w)
    if not normalised:
        for j in range(n):
            for i in range(w.shape[1]):
                wp[j, i] = w[j, i] + rho * g[j, i]
        return
    for i in range(w.shape[1]):
        square = 0.0
        for j in range(n):
            square += g[j, i] * g[j, i]
        scale = rho / np.sqrt(square) if square > 0.0 else 0.0
        for j in range(n):
            wp[j, i] = w[j, i] + scale * g[j, i]


@part
def add(x: Floats, y: Floats) -> None:
    """X += y on a tile."""
    for j in range(x.shape[0]):
        for i in range(x.shape[1]):
            x[j, i] += y[j, i]


@part
def model_gradient(H: Floats, centre: Floats, w: Floats, out: Floats) -> None:
    """Out = H (w - centre) on a tile."""
    for j in range(len(H)):
        for i in range(w.shape[1]):
            out[j, i] = 0.0
        for k in range(len(H)):
            for i in range(w.shape[1]):
                out[j, i] += H[j, k] * (w[k, i] - centre[k])


@part
def descend(settings: Floats, w: Floats, m: Floats, g: Floats) -> None:
    """Momentum, weight decay and the step itself: w and m in place, g the noisy descent gradient."""
    eta, gamma, tau, nesterov, kappa = settings[1], settings[3], settings[4], settings[5], settings[6]
    for j in range(len(w)):
        for i in range(w.shape[1]):
            gradient = g[j, i] + kappa * w[j, i]
            m[j, i] = gamma * m[j, i] + (1.0 - tau) * gradient
            direction = gradient + gamma * m[j, i] if nesterov != 0.0 else m[j, i]
            w[j, i] -= eta * direction


@part
def slope(gradient: TileGradient, linear: bool, H: Floats, centre: Floats, w: Floats, g: Floats) -> None:
    """Noise-free gradient of one arm: the loss's, or its quadratic model's."""
    if linear:
        model_gradient(H, centre, w, g)
    else:
        gradient(w, g)


@part
def sam_gradient(
    gradient: TileGradient, settings: Floats, H: Floats, centre: Floats, w: Floats, xi: Floats, wp: Floats, g: Floats
) -> None:
    """The gradient that one arm descends, noise of the descent left out; xi (2, n, TILE): descent's, ascent's batch."""
    law, rho, normalised, linear = settings[0], settings[2], settings[7] != 0.0, settings[8] != 0.0
    slope(gradient, linear, H, centre, w, g)
    if law == _SGD:
        return
    if law == _SAME_BATCH:
        add(g, xi[0])
    elif law == _INDEPENDENT:
        add(g, xi[1])
    ascend(w, g, rho, normalised, wp)
    slope(gradient, linear, H, centre, wp, g)


@part
def heun(
    gradient: TileGradient, settings: Floats, H: Floats, centre: Floats, w: Floats, xi: Floats, wp: Floats, g: Floats,
    guess: Floats, g2: Floats,
) -> None:  # fmt: skip
    """One step of stochastic Heun: w' = w - dt ((F(w) + F(w - dt F(w) - dt xi))/2 + xi)."""
    dt = settings[1]
    sam_gradient(gradient, settings, H, centre, w, xi, wp, g)
    for j in range(len(w)):
        for i in range(TILE):
            guess[j, i] = w[j, i] - dt * (g[j, i] + xi[0, j, i])
    sam_gradient(gradient, settings, H, centre, guess, xi, wp, g2)
    for j in range(len(w)):
        for i in range(TILE):
            w[j, i] -= dt * (0.5 * (g[j, i] + g2[j, i]) + xi[0, j, i])


def descent_room(settings: Floats, n: int, features: int) -> tuple[Floats | Words | Singles, ...]:
    """Room for a tile.

    settings: of the arms, as `arm_table` gives them.  n: coordinates.  features: rows.

    Returns:
        The arms' weights, as states and by arm; momenta; xi, 0; four gradients and points; features; noise.
    """
    arms = len(settings)
    states, momenta, xi = scratch(arms * n, 0), scratch(arms * n, 1536), scratch(2 * n, 3072)
    xi[:] = 0.0
    batches = 2 if np.any(settings[:, 0] == _INDEPENDENT) else 1
    by_arm = (arms, n, TILE)
    return (
        states, states.reshape(by_arm), momenta.reshape(by_arm), xi.reshape((2, n, TILE)),
        *(scratch(n, place) for place in (2560, 512, 3584, 2048)), scratch(features, 2048), *noise_scratch(batches * n),
    )  # fmt: skip


def _descent_tiles(
    gradient: TileGradient, settings: Floats, hessians: Floats, centres: Floats, start: Floats, root: Floats,
    two_point: bool, key: Words, stream: int, first_tile: int, steps: int,
    checkpoints: Integers, pairs: Integers, centre: Floats, radius: float, lanes: Integers,
    diverged: Integers, mean: Floats, feature_mean: Floats, scatter: Floats, exits: Integers,
    states: Floats, w: Floats, m: Floats, xi: Floats, g: Floats, wp: Floats, guess: Floats, g2: Floats,
    features: Floats, words: Words, increments: Singles,
) -> None:  # fmt: skip
    """Like `kernels.linear_tiles`, the states being the weights of arm 0, arm 1, …; exits are those of arm 0.

    The last eleven arrays are `descent_room`.
    """
    arms, n, K = len(settings), start.shape[1], len(checkpoints)
    batches = len(words) // n
    for t in range(len(lanes)):
        m[:] = 0.0
        for a in range(arms):
            for j in range(n):
                for i in range(TILE):
                    w[a, j, i] = start[a, j]
        watching = np.isfinite(radius)
        if watching:
            for i in range(TILE):
                exits[t, i] = -1
        k = 0
        for step in range(steps + 1):
            if watching:
                watching = mark_exits(w[0], centre, radius, step, exits[t]) > 0
            if k < K and checkpoints[k] == step:
                diverged[t, k] = tile_moments(
                    states, lanes[t], pairs, features, mean[t, k], feature_mean[t, k], scatter[t, k]
                )
                k += 1
            if step == steps or (k == K and not watching):
                break
            if step % 4 == 0:
                fill_increments(two_point, (first_tile + t) * TILE, step, stream, key, words, increments)
            for batch in range(batches):
                correlate(root, increments, batch * n, step % 4, xi[batch])
            for a in range(arms):
                if settings[a, 0] == HEUN:
                    heun(gradient, settings[a], hessians[a], centres[a], w[a], xi, wp, g, guess, g2)
                else:
                    sam_gradient(gradient, settings[a], hessians[a], centres[a], w[a], xi, wp, g)
                    add(g, xi[0])
                    descend(settings[a], w[a], m[a], g)


@functools.cache
def descent_tiles() -> Callable[..., None]:
    """`_descent_tiles` compiled once for every loss: the gradient is passed as a function, not built in."""
    from numba import types

    f1, f2, f3, f4 = (types.Array(types.float64, d, "C") for d in (1, 2, 3, 4))
    i1, i2, u1 = types.Array(types.int64, 1, "C"), types.Array(types.int64, 2, "C"), types.Array(types.uint32, 1, "C")
    flag, integer, real = types.boolean, types.int64, types.float64
    signature = types.void(
        gradient_type(), f2, f3, f2, f2, f2, flag, u1, integer, integer, integer,
        i1, i2, f1, real, i1, i2, f3, f3, f4, i2,
        f2, f3, f3, f3, f2, f2, f2, f2, f2, types.Array(types.uint32, 3, "C"), types.Array(types.float32, 3, "C"),
    )  # fmt: skip
    return compile_with(_descent_tiles, signature)


@functools.cache
def recorder() -> Callable[..., int]:
    """`_record` compiled once for every loss, as `descent_tiles`."""
    from numba import types

    f1, f2, f3 = (types.Array(types.float64, d, "C") for d in (1, 2, 3))
    return compile_with(_record, types.int64(gradient_type(), f1, f2, types.int64, types.int64, f3))


def _record(gradient: TileGradient, settings: Floats, w: Floats, steps: int, every: int, records: Floats) -> int:
    """Fills (w, w^p, grad l(w^p)) of one path, w (n, 1), every `every` steps; returns the last finite step."""
    # Arrays are copied and tested entry by entry: for `wp[:] = w` numba compiles the text of the error that shapes may
    # raise, which takes twice as long as all the rest.
    n = w.shape[0]
    m, g, wp, xi = np.zeros((n, 1)), np.empty((n, 1)), np.empty((n, 1)), np.zeros((2, n, 1))
    H, centre = np.empty((n, n)), np.empty(n)
    for step in range(steps + 1):
        for j in range(n):
            wp[j, 0] = w[j, 0]
        sam_gradient(gradient, settings, H, centre, w, xi, wp, g)
        for j in range(n):
            if not np.isfinite(g[j, 0]):
                return step
        if step % every == 0:
            for j in range(n):
                records[step // every, 0, j] = w[j, 0]
                records[step // every, 1, j] = wp[j, 0]
                records[step // every, 2, j] = g[j, 0]
        if step < steps:
            descend(settings, w, m, g)
    return steps
