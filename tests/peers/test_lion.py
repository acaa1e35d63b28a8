"""The house's Lion against pytorch_optimizer's, on a quadratic in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saddlecheck.theory import Lion

peer = pytest.importorskip("pytorch_optimizer", reason="tox -e peers installs it")

STEPS, LR = 1000, 0.01


def paths(betas, theirs, decay):
    """Both paths from one start, shape (steps, 4) each."""
    rng = np.random.default_rng(3)
    half = rng.standard_normal((4, 4))
    H, w = half @ half.T, rng.standard_normal(4)
    p = torch.nn.Parameter(torch.tensor(w))
    other = peer.Lion([p], lr=LR, betas=theirs, weight_decay=decay, weight_decouple=True)
    base, memory, found = Lion(betas=betas, weight_decay=decay), (np.zeros(4),), []
    for t in range(1, STEPS + 1):
        p.grad = torch.tensor(H) @ p.detach()
        other.step()
        w, memory = base.step(w, memory, H @ w, LR, t)
        found.append((w, p.detach().numpy().copy()))
    return np.array(found).transpose(1, 0, 2)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_the_same_path(decay):
    mine, theirs = paths((0.9, 0.99), (0.9, 0.99), decay)
    # Steps have the length lr whatever is rounded, as long as no sign turns on rounding: then the paths would part.
    assert np.max(np.abs(mine - theirs)) < 1e-10


def test_another_mean_shows():
    mine, theirs = paths((0.9, 0.99), (0.99, 0.9), 0.0)
    assert np.max(np.abs(mine - theirs)) > LR
