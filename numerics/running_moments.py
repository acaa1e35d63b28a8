r"""Streaming moments: what a tile of paths leaves behind, and how tiles are merged.

Of a state x with J entries a tile keeps its mean m and, with c = x - m, the features
f = (c_1 .. c_J, c_i c_j for the chosen pairs): their mean and their scatter sum (f - mean f)(f - mean f)'.
The scatter's J x J corner is the covariance; the rest gives standard errors of variances (no normality assumed)
and what a control variate needs.

Merging moves the origin by delta: c_i -> c_i + delta_i and c_i c_j -> c_i c_j + delta_i c_j + delta_j c_i + const,
a linear map T(delta) of the features, so mean -> T mean + const and scatter -> T scatter T'. No cancellation, no
second pass, and tiles are always merged in the order of their paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saddlecheck.numerics.compiled import TILE, Floats, Integers, part


@dataclass(frozen=True, eq=False)
class TileMoments:
    """Moments of T tiles: counts and diverged (T, K), mean (T, K, J), feature_mean (T, K, F), scatter (T, K, F, F)."""

    counts: Integers
    diverged: Integers
    mean: Floats
    feature_mean: Floats
    scatter: Floats


@part
def tile_moments(
    x: Floats, lanes: int, pairs: Integers, features: Floats, mean: Floats, feature_mean: Floats, scatter: Floats
) -> int:
    """Return how many of `lanes` paths diverged; fills mean (J), feature_mean (F), scatter (F, F) from x (J, TILE).

    If any has, the moments are left at inf: an average over paths that left the range of float64 is not a number.
    """
    J, F = x.shape[0], features.shape[0]
    diverged = 0
    for i in range(lanes):
        for j in range(J):
            if not np.isfinite(x[j, i]):
                diverged += 1
                break
    if diverged > 0:
        for f in range(F):
            feature_mean[f] = np.inf
            for g in range(F):
                scatter[f, g] = np.inf
        for j in range(J):
            mean[j] = np.inf
        return diverged
    for j in range(J):
        total = 0.0
        for i in range(lanes):
            total += x[j, i]
        mean[j] = total / lanes
        for i in range(lanes):
            features[j, i] = x[j, i] - mean[j]
    for p in range(F - J):
        a, b = pairs[p, 0], pairs[p, 1]
        for i in range(lanes):
            features[J + p, i] = features[a, i] * features[b, i]
    for f in range(F):
        total = 0.0
        for i in range(lanes):
            total += features[f, i]
        feature_mean[f] = total / lanes
        for i in range(lanes):
            features[f, i] -= feature_mean[f]
    for f in range(F):
        for g in range(f + 1):
            total = 0.0
            for i in range(lanes):
                total += features[f, i] * features[g, i]
            scatter[f, g] = total
            scatter[g, f] = total
    return 0


def shift(delta: Floats, pairs: Integers) -> tuple[Floats, Floats]:
    """T(delta), shape (..., F, F), and its constant, shape (..., F), for features about an origin moved by -delta."""
    J, F = delta.shape[-1], delta.shape[-1] + len(pairs)
    T = np.zeros((*delta.shape[:-1], F, F))
    T[..., range(F), range(F)] = 1.0
    constant = np.zeros((*delta.shape[:-1], F))
    constant[..., :J] = delta
    for p, (a, b) in enumerate(pairs):
        T[..., J + p, b] += delta[..., a]
        T[..., J + p, a] += delta[..., b]
        constant[..., J + p] = delta[..., a] * delta[..., b]
    return T, constant


def merge(tiles: TileMoments, pairs: Integers) -> TileMoments:
    """All tiles as one: the same arrays with a first axis of length 1. Moments are inf where a path diverged."""
    K, J, F = tiles.mean.shape[1], tiles.mean.shape[2], tiles.feature_mean.shape[2]
    merged = TileMoments(
        tiles.counts.sum(0, keepdims=True),
        tiles.diverged.sum(0, keepdims=True),
        np.full((1, K, J), np.inf),
        np.full((1, K, F), np.inf),
        np.full((1, K, F, F), np.inf),
    )
    for k in np.flatnonzero(merged.diverged[0] == 0):
        with np.errstate(over="ignore", invalid="ignore"):
            _merge_checkpoint(merged, tiles, int(k), pairs)
    return merged


def _merge_checkpoint(merged: TileMoments, tiles: TileMoments, k: int, pairs: Integers) -> None:
    """One checkpoint of `merge`. Paths that are finite may have squares that are not: such a moment is inf."""
    n = tiles.counts[:, k, None].astype(np.float64)
    mean = (n * tiles.mean[:, k]).sum(0) / n.sum()
    T, constant = shift(tiles.mean[:, k] - mean, pairs)
    feature_mean = (T @ tiles.feature_mean[:, k, :, None])[..., 0] + constant
    total = (n * feature_mean).sum(0) / n.sum()
    between = feature_mean - total
    scatter = T @ tiles.scatter[:, k] @ T.transpose(0, 2, 1) + n[..., None] * between[..., None] * between[:, None, :]
    merged.mean[0, k] = np.where(np.isnan(mean), np.inf, mean)
    merged.feature_mean[0, k] = np.where(np.isnan(total), np.inf, total)
    summed = scatter.sum(0)
    merged.scatter[0, k] = np.where(np.isnan(summed), np.inf, summed)


def empty(tiles: int, checkpoints: int, states: int, pairs: int, paths: int, first_tile: int) -> TileMoments:
    """Room for the moments of `tiles` tiles, the counts filled in: the ensemble's last tile may be partly used."""
    F = states + pairs
    lanes = np.clip(paths - TILE * (first_tile + np.arange(tiles)), 0, TILE).astype(np.int64)
    return TileMoments(
        np.repeat(lanes[:, None], checkpoints, axis=1),
        np.zeros((tiles, checkpoints), np.int64),
        np.zeros((tiles, checkpoints, states)),
        np.zeros((tiles, checkpoints, F)),
        np.zeros((tiles, checkpoints, F, F)),
    )


def joined(blocks: Sequence[TileMoments]) -> TileMoments:
    """Blocks one after the other, in the order given."""
    names = ("counts", "diverged", "mean", "feature_mean", "scatter")
    return TileMoments(*(np.concatenate([getattr(b, name) for b in blocks]) for name in names))
