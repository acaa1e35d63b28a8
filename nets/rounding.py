"""Perturbed weights in half precision: rounded at random, so that the perturbation survives on average.

A bfloat16 weight near 1 has neighbours at a distance u = 2^-7. A perturbation e of 0.0005 rounds to nothing, for every
weight alike, and SAM would be its base optimiser. Rounding w + e down or up with the probabilities that make the mean
right, E[w^p] = w + e, keeps it: the displacement along a unit vector has the right mean, and its standard deviation
is at most u / 2 whatever the number of weights. What it cannot do is make a coarse grid fine: across that direction
w^p is off by sqrt(sum of u |e|), which may exceed |e|. Then `RoundedAscent` is given, once.

Weights in float32 under autocast do not need this: their own low digits are spread evenly over the coarse grid, so that
rounding them to nearest moves the same share of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

NARROW = (torch.bfloat16, torch.float16)


def wide(t: Tensor) -> Tensor:
    """`t` in the widest precision of its device."""
    return t.float() if t.device.type == "mps" else t.double()


class RoundedAscent(UserWarning):
    """More than half of SAM's perturbation is rounding error."""


def generator_of(ascent: int, index: int, device: torch.device) -> torch.Generator:
    """A stream for the ascent's number and the group's index: the same on all ranks and after a resume."""
    return torch.Generator(device).manual_seed(1_000_003 * ascent + index)


def add_rounded(
    weights: Sequence[Tensor], direction: Sequence[Tensor], size: float | Tensor, generator: torch.Generator
) -> None:
    """Add size * direction in place, computed in single precision and rounded at random where weights are narrow."""
    for w, d in zip(weights, direction, strict=True):
        if w.dtype in NARROW:
            w.copy_(rounded_at_random(w.float() + d.float() * size, w.dtype, generator))
        else:
            w.add_(d * size)


def rounded_at_random(x: Tensor, dtype: torch.dtype, generator: torch.Generator) -> Tensor:
    """`x`, float32, on the grid of a narrower `dtype`: one of the two neighbours, with mean x.

    Returns:
        Float32 numbers that `dtype` holds exactly; a number on the grid stays. Below 2^-118 bfloat16's grid is finer
        than what single precision divides by, and the grid of 2^-126 is used.
    """
    info, single = torch.finfo(dtype), torch.finfo(torch.float32)
    # |x| lies in [2^(k-1), 2^k), where the grid's spacing is eps 2^(k-1), and in the subnormal range the smallest one.
    _, k = torch.frexp(x)
    spacing = torch.ldexp(torch.full_like(x, info.eps), k - 1)
    spacing = spacing.clamp(min=max(info.smallest_normal * info.eps, single.smallest_normal))
    # x / spacing has as many binary digits behind the point as x has more than the grid. Random numbers with just so
    # many make the sum exact and the probabilities too: floor(q + U) = ceil(q) with probability frac(q).
    steps = round(info.eps / single.eps)
    noise = torch.randint(steps, x.shape, generator=generator, device=x.device, dtype=torch.float32) / steps
    return torch.floor(x / spacing + noise) * spacing


def rounding_error(
    moved: Sequence[Tensor], origins: Sequence[Tensor], direction: Sequence[Tensor], size: float | Tensor
) -> float:
    """|(w^p - w) - e| / |e| for the perturbation e = size * direction that was meant; 0 for e = 0."""
    error = wanted = 0.0
    for p, w, d in zip(moved, origins, direction, strict=True):
        wide = torch.float32 if p.device.type == "mps" else torch.float64
        e = d.to(wide) * size
        error += float(((p.to(wide) - w.to(wide)) - e).square().sum())
        wanted += float(e.square().sum())
    return (error / wanted) ** 0.5 if wanted > 0.0 else 0.0


def warn_if_lost(
    perturbed: Sequence[tuple[list[Tensor], list[Tensor]]], climbed: Sequence[tuple[list[Tensor], float | Tensor]]
) -> bool:
    """Warn once, and return True, if a group's dtype keeps less than half of its perturbation apart from rounding.

    Args:
        perturbed: for each group weights at w^p, and w.
        climbed: for each group direction and size of what was meant.

    Returns:
        Whether it has warned.
    """
    for (weights, origins), (direction, size) in zip(perturbed, climbed, strict=True):
        error = rounding_error(weights, origins, direction, size)
        if error > 0.5:
            warnings.warn(
                f"the perturbation is too small for its {weights[0].dtype} weights: rounding is off by {error:.2g} "
                "times its length; keep the weights in a wider dtype (and use autocast), or raise rho.",
                RoundedAscent,
                stacklevel=5,
            )
            return True
    return False
