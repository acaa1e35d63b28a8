r"""Critical points of a function by damped Newton steps on its gradient, and how well each is known.

Newton's steps shrink at a critical point: fast at a regular one, by a constant factor q where the Hessian degenerates.
Where they do not shrink there is none: along exp(-w) each step has length 1, however small the gradient; and where the
gradient falls on and on along a soft direction there is none either, though it may be lost in rounding. From the last
step s the point is about s/(1 - q) away, and never nearer than a square root of the rounding unit: over that distance
the Hessian's change bounds the error of the eigenvalues, so that a sign that it does not cover is one.

Second derivatives by automatic differentiation may be wrong where a formula degenerates (a norm at 0). Central
differences D(h) of the gradient decide: their error is below |D(h) - D(4h)|, up to rounding, where the gradient is
smooth, and where it is not they grow as h shrinks.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from saddlecheck.nets.tensor_function import Floats, TorchLandscape

_ROUNDS = 100
_STILL = 1e-12  # of a point's size: a step that short is rounding
_NEAR = 1e-6  # how short the last step has to be, and how near two points are one
_LEAST = 1e-4  # share of a step below which the line search gives up
_SMALL = 1e-8  # of the Hessian times the point's size: what is left of the gradient at a critical point
_SOFT = 1e-6  # of the largest eigenvalue
_BEHIND = 100.0  # times the gradient here
_GROWS = 1.05  # times as large at a quarter of the step: the gradient has no derivative
_RELATIVE = 1e-2  # by which a second derivative may differ from its differences


@dataclass(frozen=True, eq=False)
class Root:
    """A critical point.

    Attributes:
        w: where it is, shape (n,).
        hessian: shape (n, n); nan where the gradient has no derivative.
        slack: bound of the error of the Hessian's eigenvalues.
        trouble: a sentence on what is wrong with the second derivatives, or None.
    """

    w: Floats
    hessian: Floats
    slack: float
    trouble: str | None = None


@dataclass(frozen=True, eq=False)
class Search:
    """The points found, each once, and how many of the starts were followed before time ran out."""

    roots: list[Root]
    followed: int
    starts: int


def newton(landscape: TorchLandscape, starts: Floats, *, deadline: float | None = None) -> Search:
    """Critical points that are reached from the starts, shape (n, k), until the deadline (of time.monotonic)."""
    roots: list[Root] = []
    places: list[tuple[Floats, float]] = []
    for k, start in enumerate(starts.T):
        found = None
        for least in (_LEAST, 1.0):  # whole steps jump over a singular Hessian at which damped ones get stuck
            found = found or _descend(landscape, start, least, deadline)
        if deadline is not None and time.monotonic() > deadline:
            return Search(roots, k, starts.shape[1])
        if found is None:
            continue
        w, away = found
        if _drifts(landscape, w) or any(
            np.linalg.norm(w - v) <= max(_NEAR * _size(v), 2 * (away + b)) for v, b in places
        ):
            continue
        places.append((w, away))
        roots.append(_examined(landscape, w, away))
    return Search(roots, starts.shape[1], starts.shape[1])


def _descend(
    landscape: TorchLandscape, start: Floats, least: float, deadline: float | None
) -> tuple[Floats, float] | None:
    """The point that Newton's steps come to and how far the true one may be; None where they come to none."""
    w, lengths = start.copy(), [np.inf]
    g = _gradient(landscape, w)
    for _ in range(_ROUNDS):
        step, H = _step(landscape, w, g)
        lengths.append(float(np.linalg.norm(step)))
        still = lengths[-1] <= _STILL * _size(w)
        if still or not np.all(np.isfinite(step)) or (deadline is not None and time.monotonic() > deadline):
            break
        moved = _moved(landscape, w, step, g, least)
        if moved is None:
            break
        w, g = moved
    if not np.any(g):
        return w, 0.0
    flat = np.linalg.norm(g) <= _SMALL * np.linalg.norm(H) * _size(w)
    if not (np.all(np.isfinite(g)) and flat and lengths[-1] <= _NEAR * _size(w)):
        return None
    q = min(lengths[-1] / lengths[-2], 0.99) if lengths[-2] > 0 else 0.0
    return w, 2 * lengths[-1] / (1 - q)


def _step(landscape: TorchLandscape, w: Floats, g: Floats) -> tuple[Floats, Floats]:
    H = landscape.hessian(w[:, None])[:, :, 0]
    if not (np.all(np.isfinite(H)) and np.all(np.isfinite(g))):
        return np.full_like(w, np.nan), H
    return np.asarray(np.linalg.lstsq(H, g, rcond=None)[0]), H


def _moved(landscape: TorchLandscape, w: Floats, step: Floats, g: Floats, least: float) -> tuple[Floats, Floats] | None:
    """The largest share of the step, halved each time, with which the gradient's norm falls enough; 1 taken anyway."""
    share = 1.0
    while share >= least:
        trial = _gradient(landscape, w - share * step)
        falls = np.linalg.norm(trial) < (1 - share / 4) * np.linalg.norm(g)
        if np.all(np.isfinite(trial)) and (falls or least == 1.0):
            return w - share * step, trial
        share /= 2
    return None


def _drifts(landscape: TorchLandscape, w: Floats) -> bool:
    """Whether along a soft eigenvector the gradient falls on at twice the distance, from a far larger one behind."""
    H = landscape.hessian(w[:, None])[:, :, 0]
    if not np.all(np.isfinite(H)):
        return False
    values, vectors = np.linalg.eigh((H + H.T) / 2)
    for v in vectors.T[np.abs(values) <= _SOFT * np.max(np.abs(values))]:
        away = _size(w) * v[:, None] * np.array([-1.0, 0.0, 1.0])
        slopes = v @ landscape.gradient(w[:, None] + away)
        here = abs(slopes[1])
        for ahead, behind in (slopes[2], slopes[0]), (slopes[0], slopes[2]):
            if here > 0 and ahead * slopes[1] >= 0 and 2 * abs(ahead) <= here and abs(behind) >= _BEHIND * here:
                return True
    return False


def _examined(landscape: TorchLandscape, w: Floats, away: float) -> Root:
    """The point with its Hessian, the error of its eigenvalues, and what differences say of it."""
    H = landscape.hessian(w[:, None])[:, :, 0]
    h = landscape.epsilon ** (1 / 3) * _size(w)
    near, far = _differences(landscape, w, h), _differences(landscape, w, 4 * h)
    sizes = [float(np.max(np.abs(D))) for D in (near, far)]
    spread = float(np.max(np.abs(near - far)))
    if not np.all(np.isfinite(near)) or sizes[0] > _GROWS * sizes[1]:
        nan = np.full_like(H, np.nan)
        return Root(w, nan, np.inf, (
            f"the gradient has no derivative there: its differences over {4 * h:.1g} and {h:.1g} are {sizes[1]:.4g} "
            f"and {sizes[0]:.4g} (a kink, or an infinite curvature)"
        ))  # fmt: skip
    if not np.all(np.isfinite(H)):  # the formula is 0/0 here, the function smooth
        return Root(w, near, 2 * spread)
    gap = float(np.max(np.abs(H - near)))
    if gap > 2 * spread + _RELATIVE * max(float(np.max(np.abs(H))), sizes[0]):
        return Root(w, H, np.inf, (
            f"second derivatives by automatic differentiation differ from differences of the gradient by {gap:.4g}, "
            f"{sizes[0]:.4g} being the largest of these"
        ))  # fmt: skip
    return Root(w, H, _slack(landscape, w, H, max(away, np.sqrt(landscape.epsilon) * _size(w))))


def _slack(landscape: TorchLandscape, w: Floats, H: Floats, distance: float) -> float:
    """The largest change of an eigenvalue over the distance, along the eigenvectors' diagonal and the softest one."""
    values, vectors = np.linalg.eigh((H + H.T) / 2)
    soft = vectors[:, np.argmin(np.abs(values))]
    directions = np.stack([vectors.sum(axis=1) / np.sqrt(len(w)), soft], axis=1)
    directions = np.concatenate([directions, -directions], axis=1)
    moved = landscape.hessian(w[:, None] + distance * directions)
    changes = [
        np.max(np.abs(np.linalg.eigvalsh((M + M.T) / 2) - values)) if np.all(np.isfinite(M)) else np.inf
        for M in np.moveaxis(moved, 2, 0)
    ]
    return float(max(changes))


def _differences(landscape: TorchLandscape, w: Floats, h: float) -> Floats:
    """Central differences of the gradient along each weight, shape (n, n), symmetric part."""
    steps = h * np.eye(len(w))
    ahead, behind = (landscape.gradient(w[:, None] + sign * steps) for sign in (1.0, -1.0))
    D = (ahead - behind) / (2 * h)
    return np.asarray((D + D.T) / 2)


def _gradient(landscape: TorchLandscape, w: Floats) -> Floats:
    return landscape.gradient(w[:, None])[:, 0]


def _size(w: Floats) -> float:
    return 1 + float(np.linalg.norm(w))
