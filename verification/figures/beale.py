"""What the figures on Beale's function share: its critical points, its basins as a background, its paths."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from saddlecheck.numerics.algorithm import Algorithm
from saddlecheck.numerics.basins import Basins, basins
from saddlecheck.numerics.checks import Floats
from saddlecheck.numerics.gradient import gradient_at, hessian_at
from saddlecheck.numerics.manifolds import manifolds
from saddlecheck.numerics.maps import Path, path
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.verification.figures import style

START = (1.0, 2.0)
MINIMUM = (3.0, 0.5)
SADDLE = (0.0, 1.0)
BOX = (-4.5, 4.5)
ETA = 1e-4  # the paper's learning rate
RADIUS = 0.5  # normalised rho of the authors' published code
THRESHOLD = 4 / 111  # 1/|lambda| at (0, 1): claim beale-threshold


@functools.cache
def second_saddle() -> tuple[float, float]:
    """The saddle that the paper misses, by Newton's method from a point nearby."""
    w = np.array([0.1, -2.6])
    for _ in range(20):
        w = w - np.linalg.solve(hessian_at(BEALE)(w), gradient_at(BEALE)(w))
    return float(w[0]), float(w[1])


def run(
    rho: float, start: tuple[float, float] = START, *, normalised: bool = False, steps: int, every: int = 1
) -> Path:
    """SAM's path on Beale's function at the paper's learning rate; rho = 0 is gradient descent."""
    law = "exact_ascent" if rho else "sgd"
    with np.errstate(over="ignore", invalid="ignore"):  # a path that leaves ends in an overflow, as the record says
        return path(BEALE, Algorithm(law, ETA, rho=rho, normalised=normalised), start, steps=steps, every=every)


def regions(box: tuple[float, float] = BOX, size: int = 300) -> Basins:
    """Where gradient flow goes from each point of the box: 0 the minimum, 1 the upper valley, 2 the lower one."""
    found = basins(BEALE, [MINIMUM], box=box, shape=(size, size))
    upper = found.ends[..., 0] < 0  # the upper valley runs to x = -infinity, the lower one to +infinity
    labels = np.where(found.labels == 0, 0, np.where(upper, 1, 2))
    return Basins(found.x, found.y, labels, found.ends)


def shade(axis: Any, found: Basins) -> None:
    """The basins as three light shades, and between them the stable manifolds of the two saddles."""
    from matplotlib.colors import ListedColormap

    axis.pcolormesh(
        found.x, found.y, found.labels, cmap=ListedColormap(style.SHADES), vmin=0, vmax=2, rasterized=True, zorder=0
    )
    boundary(axis)


def boundary(axis: Any) -> None:
    """The stable manifolds of both saddles, along which basins meet; the axes' limits stay as they are."""
    for saddle in (SADDLE, second_saddle()):
        for branch in manifolds(BEALE, saddle).stable:
            axis.plot(*branch.T, color=style.GREY, linewidth=0.9, zorder=1, scalex=False, scaley=False)


def mark(axis: Any, *, second: bool = True) -> None:
    """The minimum as a star, the saddles as open circles."""
    axis.plot(*MINIMUM, "*", color=style.YELLOW, markeredgecolor="black", markersize=8, zorder=6, clip_on=False)
    points = [SADDLE, second_saddle()] if second else [SADDLE]
    for p in points:
        axis.plot(*p, "o", color="white", markeredgecolor="black", markersize=4.5, zorder=6)


def distance(walk: Path, point: tuple[float, float] = SADDLE) -> Floats:
    """Distance of each recorded step from a point, shape (K,)."""
    return np.asarray(np.linalg.norm(walk.weights - np.asarray(point), axis=1))
