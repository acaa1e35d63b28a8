r"""Where flows end: destinations of many points together, basins on a grid, basin crossings of w^p.

A point is carried along dw/dt = -F(w), F = grad l (gradient flow) or grad l(w + rho grad l(w)) (constant-rho SAM), by
the L-stable Rosenbrock method ROS2 with an adaptive step for each point: loss valleys are stiff, and an explicit
method would spend its whole time there. With J = -dF/dw, gamma = 1 + 1/sqrt(2) and (I - gamma h J) on the left,

    k1 = -F(w),   k2 = -F(w + h k1) - 2 k1,   w' = w + (3 k1 + k2) h/2,   error = |k1 + k2| h/2.

Source: Verwer, Spee, Blom and Hundsdorfer 1999 (ROS2).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import sympy as sp

from saddlecheck.numerics import checks
from saddlecheck.numerics.compiled import Floats, Integers, compile_with
from saddlecheck.numerics.ensemble_run import processors
from saddlecheck.numerics.gradient import SmoothLoss, TileGradient, gradient_type, tile_function, tile_gradient

UNDECIDED, LEFT = -1, -2  # labels besides the index of a target
_GAMMA = 1 + 1 / np.sqrt(2)


@dataclass(frozen=True, eq=False)
class Destinations:
    """Where each of P points went.

    Attributes:
        labels: index of the target reached, UNDECIDED (-1) or LEFT (-2, out of the box); shape (P,).
        ends: last point of each, shape (P, 2).
    """

    labels: Integers
    ends: Floats


def destinations(
    loss: SmoothLoss,
    points: Floats,
    targets: Sequence[Sequence[float]] | Floats,
    *,
    box: tuple[float, float] = (-100.0, 100.0),
    rho: float = 0.0,
    radius: float = 1e-3,
    tolerance: float = 1e-4,
    steps: int = 20_000,
) -> Destinations:
    """Destinations of points under the gradient flow (rho = 0) or constant-rho SAM's flow of a 2-D loss.

    Args:
        loss: of two variables.
        points: shape (P, 2).
        targets: candidate attractors, shape (T, 2). A point has arrived within `radius`, so a saddle must not be one.
        box: a point that leaves box x box is not followed further.
        rho: weight per gradient, >= 0.
        radius: distance at which a target counts as reached.
        tolerance: local error allowed a step, relative to 1 + |w|.
        steps: steps after which a point is undecided.

    Returns:
        For each point the index of its target, or why there is none, shape (P,), and where its path ended, shape (P,
        2).

    Raises:
        ValueError: on a loss of another dimension or misfitting shapes.
    """
    if len(loss.variables) != 2:
        raise ValueError(f"basins are drawn for two variables, the loss has {len(loss.variables)}")
    w = np.ascontiguousarray(checks.finite("points", points))
    goals = np.ascontiguousarray(checks.finite("targets", targets)).reshape(-1, 2)
    if w.ndim != 2 or w.shape[1] != 2:
        raise ValueError(f"points must have shape (P, 2), got {w.shape}")
    checks.at_least("rho", rho, 0.0)
    field, jacobian = flow_functions(loss, rho)
    labels, ends = np.empty(len(w), np.int64), w.copy()
    limits = np.array([radius, tolerance, *box])

    def carry(part: slice) -> None:
        _carrier()(field, jacobian, ends[part], goals, limits, steps, labels[part])

    size = max(1, -(-len(w) // (8 * processors())))
    with ThreadPoolExecutor(processors()) as pool:
        list(pool.map(carry, [slice(i, i + size) for i in range(0, len(w), size)]))
    return Destinations(labels, ends)


def flow_functions(loss: SmoothLoss, rho: float) -> tuple[TileGradient, TileGradient]:
    """Compiled F (2, P) and dF/dw (4, P), row by row, of the flow dw/dt = -F(w)."""
    w = tuple(loss.variables)
    gradient = [sp.diff(loss.expr, v) for v in w]
    H = sp.hessian(loss.expr, w)
    if rho == 0:
        return tile_gradient(loss.expr, w), tile_function(tuple(H), w)
    ascended = {v: v + sp.Float(rho) * g for v, g in zip(w, gradient, strict=True)}
    F = [g.xreplace(ascended) for g in gradient]
    J = H.xreplace(ascended) * (sp.eye(2) + sp.Float(rho) * H)
    return tile_function(tuple(F), w), tile_function(tuple(J), w)


@dataclass(frozen=True, eq=False)
class Basins:
    """Basins on a grid.

    Attributes:
        x: shape (nx,). y: shape (ny,).
        labels: of `Destinations`, shape (ny, nx). ends: where each point was last, shape (ny, nx, 2).
    """

    x: Floats
    y: Floats
    labels: Integers
    ends: Floats


def basins(
    loss: SmoothLoss,
    targets: Sequence[Sequence[float]] | Floats,
    *,
    box: tuple[float, float],
    shape: tuple[int, int] = (400, 400),
    rho: float = 0.0,
    margin: float = 20.0,
    tolerance: float = 1e-3,
) -> Basins:
    """Basins on a grid of shape (nx, ny) over box x box, under the flow of `destinations`.

    A path may leave the picture and come back; it is given up at `margin` times the picture's size.
    The tolerance bounds the embedded first-order error: the step that is taken is of second order, and far better.

    Returns:
        The axes, shapes (nx,) and (ny,); labels, shape (ny, nx); ends of the paths, shape (ny, nx, 2).
    """
    x, y = (np.linspace(box[0], box[1], checks.count("shape", n, 2)) for n in shape)
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    far = margin * max(abs(box[0]), abs(box[1]))
    found = destinations(loss, grid, targets, box=(-far, far), rho=rho, tolerance=tolerance)
    return Basins(x, y, found.labels.reshape(len(y), len(x)), found.ends.reshape(len(y), len(x), 2))


def crossings(
    loss: SmoothLoss, weights: Floats, ascended: Floats, targets: Sequence[Sequence[float]] | Floats
) -> Integers:
    """Indices at which w and w^p lie in different basins of the gradient flow; both arrays have shape (K, 2)."""
    here, there = destinations(loss, weights, targets), destinations(loss, ascended, targets)
    return np.flatnonzero(here.labels != there.labels)


@functools.cache
def _carrier() -> Callable[..., None]:
    from numba import types

    f1, f2 = types.Array(types.float64, 1, "C"), types.Array(types.float64, 2, "C")
    i1 = types.Array(types.int64, 1, "C")
    function = gradient_type()
    return compile_with(_carry, types.void(function, function, f2, f2, f1, types.int64, i1))


def _carry(
    field: TileGradient,
    jacobian: TileGradient,
    ends: Floats,
    goals: Floats,
    limits: Floats,
    steps: int,
    labels: Integers,
) -> None:
    """Carries each row of ends (P, 2) to its destination, in place; limits: radius, tolerance, box's two ends."""
    radius2, tolerance, low, high = limits[0] * limits[0], limits[1], limits[2], limits[3]
    w, f, J, trial = np.empty((2, 1)), np.empty((2, 1)), np.empty((4, 1)), np.empty((2, 1))
    for p in range(ends.shape[0]):
        w[0, 0], w[1, 0] = ends[p, 0], ends[p, 1]
        label, h, fresh = UNDECIDED, 1e-6, True
        for _ in range(steps):
            for t in range(goals.shape[0]):
                if (w[0, 0] - goals[t, 0]) ** 2 + (w[1, 0] - goals[t, 1]) ** 2 < radius2:
                    label = t
            inside = low < w[0, 0] < high and low < w[1, 0] < high
            if label >= 0 or not inside:
                label = label if label >= 0 else LEFT
                break
            if fresh:
                field(w, f)
                jacobian(w, J)
            fx, fy = -f[0, 0], -f[1, 0]
            # I - gamma h J with J = -dF/dw
            s = _GAMMA * h
            a, b, c, d = 1 + s * J[0, 0], s * J[1, 0], s * J[2, 0], 1 + s * J[3, 0]
            det = a * d - b * c
            k1x, k1y = (d * fx - b * fy) / det, (a * fy - c * fx) / det
            trial[0, 0], trial[1, 0] = w[0, 0] + h * k1x, w[1, 0] + h * k1y
            field(trial, f)
            rx, ry = -f[0, 0] - 2 * k1x, -f[1, 0] - 2 * k1y
            k2x, k2y = (d * rx - b * ry) / det, (a * ry - c * rx) / det
            error = 0.5 * h * (abs(k1x + k2x) + abs(k1y + k2y))
            allowed = tolerance * (1 + abs(w[0, 0]) + abs(w[1, 0]))
            fresh = error <= allowed
            if fresh:
                w[0, 0] += 0.5 * h * (3 * k1x + k2x)
                w[1, 0] += 0.5 * h * (3 * k1y + k2y)
            else:
                f[0, 0], f[1, 0] = -fx, -fy
            # Order 2: the local error of the embedded first-order step goes like h^2. NaN counts as too large.
            growth = 0.9 * np.sqrt(allowed / error) if error > 0 else 4.0
            h *= min(4.0, max(0.2, growth)) if np.isfinite(error) else 0.1
        ends[p, 0], ends[p, 1] = w[0, 0], w[1, 0]
        labels[p] = label
