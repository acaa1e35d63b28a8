"""The house's Adam, AdamW and RMSprop against torch's own, on quadratics, in double precision, over 1,000 steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saddlecheck.theory import Adam, AdamW, RMSprop
from saddlecheck.theory.optimisers.rules import sharpness_aware

STEPS, LR, RHO = 1000, 1e-3, 0.3
# Each side rounds its own way, a few parts in 1e16 a step, a thousand times: below 1e-12 of the largest weight on the
# way to a point. Ten digits are asked for. Where a path circles a point at a width of about lr its motion may be
# chaotic, and then a last digit of the start decides as much (shown below): at this lr the paths are still on the way.
DIGITS = 1e-10

CASES = {
    "adam": (Adam(betas=(0.8, 0.95), eps=1e-3), torch.optim.Adam, {"betas": (0.8, 0.95), "eps": 1e-3}),
    "adam, defaults": (Adam(), torch.optim.Adam, {}),
    "adam, short": (Adam(betas=(0.5, 0.99)), torch.optim.Adam, {"betas": (0.5, 0.99)}),
    "adamw": (AdamW(weight_decay=0.3), torch.optim.AdamW, {"weight_decay": 0.3}),
    "adamw, defaults": (AdamW(), torch.optim.AdamW, {}),
    "rmsprop": (RMSprop(), torch.optim.RMSprop, {}),
    "rmsprop, short": (RMSprop(alpha=0.5, eps=1e-2), torch.optim.RMSprop, {"alpha": 0.5, "eps": 1e-2}),
}


def quadratic(seed):
    """A Hessian of either sign, its centre and a start."""
    rng = np.random.default_rng(seed)
    half = rng.standard_normal((4, 4))
    return half + half.T, rng.standard_normal(4), rng.standard_normal(4)


def by_torch(optimiser, H, centre, w, rho):
    """Torch's own, with SAM's gradient in place of the loss's."""
    p = torch.nn.Parameter(torch.tensor(w, dtype=torch.float64))
    base, H, centre = optimiser(p), torch.tensor(H), torch.tensor(centre)
    path = []
    for _ in range(STEPS):
        g = H @ (p.detach() - centre)
        p.grad = H @ (p.detach() + rho * g - centre)
        base.step()
        path.append(p.detach().numpy().copy())
    return np.array(path)


def ours(base, H, centre, w, rho):
    memory, path = tuple(np.zeros_like(w) for _ in base.kept), []

    def gradient(x):
        return H @ (x - centre)

    for t in range(1, STEPS + 1):
        w, memory = base.step(w, memory, sharpness_aware(gradient, w, rho, ascent=gradient), LR, t)
        path.append(w)
    return np.array(path)


def apart(base, torch_class, settings, seed):
    H, centre, w = quadratic(seed)
    theirs = by_torch(lambda p: torch_class([p], lr=LR, foreach=False, **settings), H, centre, w, RHO)
    return np.max(np.abs(ours(base, H, centre, w, RHO) - theirs)) / np.max(np.abs(theirs))


def by_the_last_digit(base, seed):
    """How far a relative change of 1e-15 in the start sets our own path apart."""
    H, centre, w = quadratic(seed)
    first, second = (ours(base, H, centre, start, RHO) for start in (w, w * (1 + 1e-15)))
    return np.max(np.abs(first - second)) / np.max(np.abs(first))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", CASES)
def test_ten_digits_over_a_thousand_steps(name, seed):
    assert apart(*CASES[name], seed) < DIGITS


TWINS = {
    "no bias correction": (RMSprop(alpha=0.999), torch.optim.Adam, {"betas": (0.0, 0.999)}),
    "the decay in the gradient": (AdamW(weight_decay=0.3), torch.optim.Adam, {"weight_decay": 0.3}),
    "another epsilon": (Adam(eps=1e-3), torch.optim.Adam, {"eps": 1.01e-3}),
    "betas exchanged": (Adam(betas=(0.95, 0.8)), torch.optim.Adam, {"betas": (0.8, 0.95)}),
}


@pytest.mark.parametrize("name", TWINS)
def test_a_difference_shows(name):
    assert apart(*TWINS[name], 0) > 100 * DIGITS


def test_where_paths_circle_the_last_digit_of_the_start_decides_as_much(monkeypatch):
    monkeypatch.setitem(globals(), "LR", 0.01)
    name, seed = "rmsprop", 2
    assert by_the_last_digit(CASES[name][0], seed) > DIGITS
    assert apart(*CASES[name], seed) < 100 * by_the_last_digit(CASES[name][0], seed)
