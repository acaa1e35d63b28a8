r"""Spectral density and trace of a Hessian by stochastic Lanczos quadrature, with error bars over the probes.

A probe is a vector z of independent signs, E z z' = I, so that z' f(H) z has the mean tr f(H). After m Lanczos steps
from z the Ritz values theta_j and the squares tau_j of their first components give

    z' f(H) z ~ n sum_j tau_j f(theta_j),

exactly for polynomials f of degree below 2 m (Golub and Meurant, 2010). f(t) = t gives the trace, and with a Gaussian
kernel in place of f the density. Probes are independent, so Student's t gives an interval for each mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import nn

from saddlecheck.nets.batches import Data, Loss
from saddlecheck.nets.curvature import Graph, Hessian
from saddlecheck.nets.krylov import Krylov, orthonormal
from saddlecheck.nets.randomness import drawn_apart
from saddlecheck.numerics.statistics import student_interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Density:
    """Ritz values and their weights, a row a probe.

    Attributes:
        values: theta, shape (probes, steps); a probe whose basis ended earlier repeats its last value with weight 0.
        weights: tau, of the same shape, each row adding up to 1.
        traces: n sum tau theta, shape (probes,): one estimate of the trace a probe.
        size: n, the number of weights.
        products: Hessian-vector products spent.
    """

    values: Floats
    weights: Floats
    traces: Floats
    size: int
    products: int

    def trace(self, confidence: float = 0.95) -> tuple[float, float, float]:
        """The mean of the traces and the ends of its confidence interval over the probes."""
        mean, low, high = student_interval(self.traces, confidence)
        return float(mean), float(low), float(high)

    def on(self, grid: ArrayLike, width: float, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """The density at points t, smoothed by a Gaussian kernel; it integrates to 1.

        Args:
            grid: t, shape (points,).
            width: standard deviation of the kernel, in the unit of the eigenvalues.
            confidence: of the interval.

        Returns:
            Mean, lower and upper end of the interval over the probes, each of shape (points,).

        Raises:
            ValueError: a width that is not positive.
        """
        if not 0.0 < width < math.inf:
            raise ValueError(f"the kernel's width is a number > 0 in the unit of the eigenvalues, got {width}.")
        points = np.asarray(grid, dtype=float)[:, None, None]
        kernel = np.exp(-(((points - self.values) / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))
        return student_interval((kernel * self.weights).sum(axis=2), confidence)


def density(
    model: nn.Module,
    loss: Loss,
    data: Data,
    *,
    probes: int = 8,
    steps: int = 40,
    seed: int = 0,
    graph: Graph = "auto",
    memory: int | None = None,
) -> Density:
    """The spectral density and the trace of the Hessian of loss(model(x), y) in the trainable weights.

    Args:
        model: is used as it is, its weights are only read: put it into eval mode.
        loss: as for `spectrum`.
        data: as for `spectrum`.
        probes: random vectors; at least 2, or there is no interval.
        steps: Lanczos steps, and products, a probe.
        seed: of the probes.
        graph: as for `spectrum`.
        memory: as for `spectrum`.

    Returns:
        Ritz values, weights and traces.

    Raises:
        ValueError: no such Hessian, or fewer than 2 probes or 1 step.
        HessianMismatch: autograd's product is not what central differences give.

    Example:
        >>> import torch
        >>> from saddlecheck.nets import density
        >>> model = torch.nn.Linear(2, 1, bias=False, dtype=torch.float64)
        >>> x = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
        >>> found = density(model, torch.nn.MSELoss(), (x, torch.zeros(2, 1, dtype=torch.float64)))
        >>> [round(x, 9) for x in found.trace()]  # eigenvalues 1 and 4, diagonal: each probe is exact
        [5.0, 5.0, 5.0]
    """
    if probes < 2 or steps < 1:
        raise ValueError(f"need at least 2 probes and 1 step, got {probes} and {steps}.")
    H = Hessian(model, loss, data, graph=graph, memory=memory)
    generator = drawn_apart(seed)
    rows = [_probe(H, min(steps, H.size), generator) for _ in range(probes)]
    longest = max(len(theta) for theta, _ in rows)
    values = np.array([np.pad(theta, (0, longest - len(theta)), mode="edge") for theta, _ in rows])
    weights = np.array([np.pad(tau, (0, longest - len(tau))) for _, tau in rows])
    traces = H.size * (values * weights).sum(axis=1)
    return Density(values, weights, traces, H.size, sum(len(theta) for theta, _ in rows))


def _probe(H: Hessian, steps: int, generator: torch.Generator) -> tuple[Floats, Floats]:
    """Ritz values and weights of one vector of signs."""
    signs = torch.randint(0, 2, (H.size,), generator=generator) * 2 - 1
    krylov = Krylov()
    block, _ = orthonormal([signs.to(H.like)], 0.0)
    while True:
        remainder = krylov.extended(block, [H(v) for v in block])
        theta, s = np.linalg.eigh(krylov.projected)
        scale = float(np.abs(theta).max())
        block, factor = orthonormal(remainder, 10 * torch.finfo(H.like.dtype).eps * max(scale, 1e-300))
        krylov.close(factor)
        if not block or len(theta) >= steps:
            return theta, s[0] ** 2
