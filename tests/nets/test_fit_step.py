"""A step of `fit` is what its definition says: accumulated, clipped, in micro-batches, with the same masks."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from fit_runs import data_of, net, wrapped
from torch import nn
from torch.nn.functional import cross_entropy, mse_loss

from saddlecheck.nets import SAM, FitConfig, fit
from saddlecheck.nets.batches import Batch
from saddlecheck.nets.fit_step import step


def test_a_step_equals_the_definition() -> None:
    """Plain, accumulated and clipped SAM steps against formulas with autograd, in float64."""
    x, y = data_of(12)
    x = x.double()
    rho, lr = 0.1, 0.5
    for config, sizes in ((FitConfig(), [12]), (FitConfig(accumulate=2), [8, 4]), (FitConfig(clip=0.01), [12])):
        model, batches, start = net().double(), [], 0
        for size in sizes:
            batches.append(Batch(x[start : start + size], y[start : start + size], size))
            start += size
        weights = list(model.parameters())
        w = [p.detach().clone() for p in weights]
        g = torch.autograd.grad(cross_entropy(model(x), y), weights)
        norm = torch.sqrt(sum((part**2).sum() for part in g))
        with torch.no_grad():
            for p, part in zip(weights, g, strict=True):
                p += rho * part / (norm + 1e-12)
        gp = torch.autograd.grad(cross_entropy(model(x), y), weights)
        with torch.no_grad():
            for p, before in zip(weights, w, strict=True):
                p.copy_(before)
        length = torch.sqrt(sum((part**2).sum() for part in gp))
        factor = (
            1.0 if config.clip is None else config.clip / float(length + 1e-6)
        )  # as torch's clip_grad_norm_ divides
        optimiser = SAM(model.parameters(), torch.optim.SGD, rho=rho, lr=lr)
        step(model, cross_entropy, optimiser, batches, config)
        # Sums over parts of a batch, each rounded to 1e-16 of gradients of order 1; lr 0.5.
        for p, before, part in zip(weights, w, gp, strict=True):
            assert torch.allclose(p.detach(), before - lr * factor * part, rtol=0.0, atol=1e-13)


def test_micro_batches_take_an_ascent_each() -> None:
    x, y = data_of(10)
    x = x.double()
    rho, lr = 0.1, 0.5
    model = net().double()
    weights = list(model.parameters())
    w = [p.detach().clone() for p in weights]
    expected = [torch.zeros_like(p) for p in weights]
    for rows in (slice(0, 4), slice(4, 8), slice(8, 10)):
        g = torch.autograd.grad(cross_entropy(model(x[rows]), y[rows]), weights)
        norm = torch.sqrt(sum((part**2).sum() for part in g))
        with torch.no_grad():
            for p, part in zip(weights, g, strict=True):
                p += rho * part / (norm + 1e-12)
        gp = torch.autograd.grad(cross_entropy(model(x[rows]), y[rows]), weights)
        share = (rows.stop - rows.start) / 10
        expected = [e + share * part for e, part in zip(expected, gp, strict=True)]
        with torch.no_grad():
            for p, before in zip(weights, w, strict=True):
                p.copy_(before)
    optimiser = SAM(model.parameters(), torch.optim.SGD, rho=rho, lr=lr)
    step(model, cross_entropy, optimiser, [Batch(x, y, 10)], FitConfig(micro_batch=4))
    whole = net().double()
    step(whole, cross_entropy, SAM(whole.parameters(), torch.optim.SGD, rho=rho, lr=lr), [Batch(x, y, 10)], FitConfig())
    for p, before, part, other in zip(weights, w, expected, whole.parameters(), strict=True):
        assert torch.allclose(p.detach(), before - lr * part, rtol=0.0, atol=1e-13)
        assert not torch.allclose(p.detach(), other.detach(), rtol=0.0, atol=1e-6)  # the twin: one ascent for all


def test_both_passes_draw_the_same_masks_when_asked() -> None:
    masks: list[torch.Tensor] = []

    class Watched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.ones(64))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            mask = nn.functional.dropout(torch.ones(64), 0.5, self.training)
            masks.append(mask)
            return (x * self.w * mask).sum(1)

    for same in (True, False):
        masks.clear()
        model = Watched()
        batch = Batch(torch.ones(3, 64), torch.zeros(3), 3)
        step(model, mse_loss, SAM(model.parameters(), torch.optim.SGD, lr=0.01), [batch], FitConfig(same_draws=same))
        assert torch.equal(masks[0], masks[1]) == same


def test_frozen_weights_stay_and_have_no_part_in_clipping() -> None:
    x, y = data_of(12)
    model = net()
    for p in model[0].parameters():
        p.requires_grad_(False)
    frozen = model[0].weight.clone()
    optimiser = SAM(model.parameters(), torch.optim.AdamW, rho=0.05, lr=0.1, weight_decay=0.5)
    step(model, cross_entropy, optimiser, [Batch(x, y, 12)], FitConfig(micro_batch=4))
    assert torch.equal(model[0].weight, frozen)  # a gradient of zero would have let the decay move it
    # Only the head is trained: the clipped step is lr * clip long, however large the other gradients have grown.
    model = net()
    head = torch.optim.SGD(model[3].parameters(), lr=1.0)
    for _ in range(3):
        before = torch.cat([p.detach().reshape(-1).clone() for p in model[3].parameters()])
        step(model, cross_entropy, head, [Batch(x, y, 12)], FitConfig(clip=0.01))
        after = torch.cat([p.detach().reshape(-1) for p in model[3].parameters()])
        # Weights below 1 are rounded to 6e-8 in float32, 27 of them; clip_grad_norm_ adds 1e-6 to a norm above 0.01.
        assert float((after - before).norm()) == pytest.approx(0.01, rel=2e-4)


def test_statistics_see_the_pass_at_w_only_also_without_a_word(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3))
    made = fit(model, data_of(), cross_entropy, wrapped(model), FitConfig(epochs=2, batch_size=20), out=tmp_path)
    assert int(model[1].num_batches_tracked) == made.result["steps"] == 6
