r"""Both ends of a Hessian's spectrum from subsets of the data, with intervals over the subsets.

The highest eigenvalue is convex in the matrix and the lowest concave, so that the mean over subsets lies outside of
what all data give: E lam_max(subset) >= lam_max(all), E lam_min(subset) <= lam_min(all). The interval is for that mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from saddlecheck.nets.batches import Loss
from saddlecheck.nets.fit_data import Samples, Source, device_of
from saddlecheck.nets.lanczos import spectrum
from saddlecheck.numerics.statistics import student_interval


@dataclass(frozen=True)
class SubsetSpectra:
    """The lowest and highest eigenvalue of each subset's Hessian.

    Attributes:
        lowest: one a subset.
        highest: one a subset.
        size: samples a subset.
        converged: how many of the spectra converged.
    """

    lowest: tuple[float, ...]
    highest: tuple[float, ...]
    size: int
    converged: int

    def interval(self, end: str, confidence: float = 0.95) -> tuple[float, float, float]:
        """Mean over the subsets and the ends of Student's interval, for `lowest` or `highest`."""
        mean, low, high = student_interval({"lowest": self.lowest, "highest": self.highest}[end], confidence)
        return float(mean), float(low), float(high)


def subset_ends(
    model: nn.Module,
    loss: Loss,
    data: Source,
    *,
    subsets: int = 8,
    size: int = 256,
    seed: int = 0,
    max_products: int = 60,
) -> SubsetSpectra:
    """Both ends of the spectrum on disjoint random subsets.

    Args:
        model: in eval mode; it is only read.
        loss: maps the model's output and the targets to a scalar, a mean over the samples.
        data: tensors (inputs, targets), a map-style data set or a DataLoader.
        subsets: how many; at least 2, or there is no interval.
        size: samples each.
        seed: of the choice.
        max_products: Hessian-vector products a subset.

    Returns:
        The ends, one pair a subset.

    Raises:
        ValueError: fewer than 2 subsets, or more samples than there are.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import subset_ends
        >>> model = torch.nn.Linear(1, 1, bias=False, dtype=torch.float64)
        >>> x = torch.ones(40, 1, dtype=torch.float64)  # every sample has the curvature 2
        >>> found = subset_ends(model, torch.nn.MSELoss(), (x, x), subsets=4, size=10)
        >>> [round(value, 9) for value in found.interval("highest")]
        [2.0, 2.0, 2.0]
    """
    if subsets < 2 or size < 1:
        raise ValueError(f"need at least 2 subsets of 1 sample, got {subsets} of {size}.")
    samples = Samples(data, size)
    if subsets * size > samples.size:
        raise ValueError(
            f"{subsets} disjoint subsets of {size} samples need {subsets * size}, there are {samples.size}."
        )
    whole = samples.first(samples.size, device_of(model))
    order = torch.randperm(samples.size, generator=torch.Generator().manual_seed(seed))
    lowest, highest, converged = [], [], 0
    for rows in order[: subsets * size].view(subsets, size):
        part = whole.moved(partial(_rows, rows))
        found = spectrum(model, loss, (part.inputs, part.targets), tolerance=1e-2, max_products=max_products, seed=seed)
        lowest.append(found.lowest[0].value)
        highest.append(found.highest[0].value)
        converged += found.converged
    return SubsetSpectra(tuple(lowest), tuple(highest), size, converged)


def _rows(rows: Tensor, t: Tensor) -> Tensor:
    return t[rows.to(t.device)]
