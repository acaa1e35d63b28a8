"""SAM as a torch optimiser against the theory's rules, on random quadratics and on losses that are not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saddlecheck.nets import SAM
from saddlecheck.theory.optimiser import OPTIMISERS, Force, heavy_ball, nesterov
from saddlecheck.theory.optimisers.arithmetic import norm


def adaptive_normalised(gradient, w, rho):
    """ASAM as it is practised: the ascent is rho T^2 g / |T g|."""
    g = gradient(w)
    return gradient(w + rho * w * w * g / norm(w * g))


RULES = {
    (False, False): OPTIMISERS["sam"].force,
    (True, False): OPTIMISERS["sam_normalised"].force,
    (False, True): OPTIMISERS["asam"].force,
    (True, True): Force(adaptive_normalised),
}


def value(w, H, quartic):
    return w @ H @ w / 2 + quartic * ((w**4).sum() / 4 + torch.sin(w).sum())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("quartic", [0.0, 0.3])
@pytest.mark.parametrize(("normalised", "adaptive"), RULES)
def test_torch_takes_the_rules_steps(seed, quartic, normalised, adaptive):
    rng = np.random.default_rng([seed, int(10 * quartic), normalised, adaptive])
    H = rng.standard_normal((4, 4))
    H = (H + H.T) / 2
    rho, eta, gamma = float(rng.uniform(0.01, 0.3)), float(rng.uniform(0.01, 0.1)), float(rng.choice([0.0, 0.7]))
    ahead = bool(gamma) and bool(rng.integers(2))
    w = rng.uniform(-1, 1, 4)

    weight = torch.nn.Parameter(torch.tensor(w))
    base = {"lr": eta, "momentum": gamma, "nesterov": ahead}
    sam = SAM([weight], torch.optim.SGD, rho, normalised=normalised, adaptive=adaptive, eps=0.0, **base)

    def closure():
        sam.zero_grad()
        loss = value(weight, torch.tensor(H), quartic)
        loss.backward()
        return loss

    direction = RULES[normalised, adaptive].on(lambda v: H @ v + quartic * (v**3 + np.cos(v)), rho)
    m = np.zeros(4)
    for _ in range(20):
        sam.step(closure)
        w, m = (nesterov if ahead else heavy_ball).rule(w, m, direction(w), eta, gamma, 0.0)
        # Twenty steps of fifty roundings of numbers below ten, amplified by at most 1.3 a step: 200 x 1e-14 = 2e-12.
        np.testing.assert_allclose(weight.detach().numpy(), w, rtol=0, atol=2e-12)


def test_another_rule_would_be_noticed():
    """The twin: the normalised rule's step is not the constant one's."""
    H = np.diag([1.0, -2.0])
    steps = [RULES[n, False].on(lambda v: H @ v, 0.3)(np.array([0.3, 0.2])) for n in (True, False)]
    assert np.max(np.abs(steps[0] - steps[1])) > 0.1
