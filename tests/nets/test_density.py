"""Spectral density, trace and the ends from subsets, against dense Hessians."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.autograd.functional import hessian
from torch.func import functional_call

from saddlecheck.nets import density, subset_ends


def _case() -> tuple[nn.Module, tuple[torch.Tensor, torch.Tensor], np.ndarray]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    x, y = torch.randn(50, 3, dtype=torch.float64), torch.randn(50, 2, dtype=torch.float64)
    names = [name for name, _ in model.named_parameters()]
    shapes = [p.shape for p in model.parameters()]

    def loss(flat: torch.Tensor) -> torch.Tensor:
        parts = flat.split([s.numel() for s in shapes])
        weights = {n: part.view(s) for n, part, s in zip(names, parts, shapes, strict=True)}
        return nn.functional.mse_loss(functional_call(model, weights, (x,)), y)

    dense = hessian(loss, torch.cat([p.detach().reshape(-1) for p in model.parameters()]))
    return model, (x, y), np.linalg.eigvalsh(dense.numpy())


def test_the_trace_and_its_interval() -> None:
    model, data, eigenvalues = _case()
    found = density(model, nn.MSELoss(), data, probes=64, steps=10, seed=1)
    mean, low, high = found.trace(confidence=0.999)
    assert low <= eigenvalues.sum() <= high
    # A vector of signs has Var z'Hz = 2 (|H|^2 - sum of squared diagonal entries) <= 2 |H|^2: the interval is no wider
    # than Student's quantile for 64 probes (3.46) allows, with a third more for the spread of the sample variance.
    assert high - low <= 2 * 3.46 * 1.33 * np.sqrt(2 * (eigenvalues**2).sum() / 64)
    assert mean == pytest.approx(found.traces.mean())


def test_the_density_is_the_smoothed_spectrum_and_integrates_to_one() -> None:
    model, data, eigenvalues = _case()
    width = 0.05 * eigenvalues.max()
    grid = np.linspace(eigenvalues.min() - 6 * width, eigenvalues.max() + 6 * width, 400)
    found = density(model, nn.MSELoss(), data, probes=30, steps=len(eigenvalues), seed=2)
    mean, low, high = found.on(grid, width, confidence=0.9999)
    exact = np.exp(-(((grid[:, None] - eigenvalues) / width) ** 2) / 2).mean(axis=1) / (width * np.sqrt(2 * np.pi))
    assert np.trapezoid(mean, grid) == pytest.approx(1.0, abs=1e-6)  # six standard deviations of the kernel left out
    # Full bases make each probe exact but for its random weights; 400 correlated points at level 1e-4 each.
    assert np.mean((low <= exact) & (exact <= high)) > 0.99
    wrong = np.exp(-(((grid[:, None] - 1.2 * eigenvalues) / width) ** 2) / 2).mean(axis=1) / (
        width * np.sqrt(2 * np.pi)
    )
    assert np.mean((low <= wrong) & (wrong <= high)) < 0.9  # the twin: eigenvalues a fifth too large


def test_ends_of_subsets_have_an_interval_and_lie_outside_of_the_whole() -> None:
    model, (x, y), eigenvalues = _case()
    found = subset_ends(model, nn.MSELoss(), (x, y), subsets=5, size=10, seed=3)
    assert found.converged == 5
    low, mean, high = sorted(found.interval("highest"))
    assert low <= mean <= high
    # The subsets are all of the data, so that Jensen's inequality holds exactly; residuals are a hundredth at most.
    assert mean >= eigenvalues.max() * 0.99
    assert found.interval("lowest")[0] <= eigenvalues.min() + 0.01 * abs(eigenvalues.min())


def test_what_has_no_interval_is_refused() -> None:
    model, data, _ = _case()
    with pytest.raises(ValueError, match="at least 2 probes"):
        density(model, nn.MSELoss(), data, probes=1)
    with pytest.raises(ValueError, match="disjoint subsets"):
        subset_ends(model, nn.MSELoss(), data, subsets=6, size=10)
    with pytest.raises(ValueError, match="width"):
        density(model, nn.MSELoss(), data, probes=2, steps=2).on([0.0], 0.0)
