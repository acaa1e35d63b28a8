"""HeavyBall's SAMWrapper beside this project's ASAM: the weights at which each evaluates its second gradient.

Weights are in float32: a relative error of 6e-8 in each product, and 1e-6 is above what a handful of them leave.
"""

from __future__ import annotations

import pytest
import torch

from saddlecheck.nets import SAM

peer = pytest.importorskip("heavyball", reason="tox -e peers installs it")

peer.utils.compile_mode = None  # a compiler is no part of what is compared
BALL, CLOSE = 0.1, 1e-6


def climbed(build, scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    """(eps, w) of the first step on the loss scale * (3 w_1 + 4 w_2) from (1, 2)."""
    w, seen = torch.nn.Parameter(torch.tensor([1.0, 2.0])), []
    optimiser = build([w])

    def closure() -> torch.Tensor:
        w.grad = None
        loss = scale * (torch.tensor([3.0, 4.0]) * w).sum()
        loss.backward()
        seen.append(w.detach().clone())
        return loss

    optimiser.step(closure)
    return seen[1] - seen[0], seen[0]


def theirs(scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    return climbed(lambda p: peer.SAMWrapper(p, peer.SGD(p, lr=0.0), ball=BALL), scale)


def ours(scale: float, **more: object) -> tuple[torch.Tensor, torch.Tensor]:
    return climbed(lambda p: SAM(p, torch.optim.SGD, BALL, adaptive=True, lr=0.0, **more), scale)


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_the_ball_is_a_factor_of_w_squared_times_the_gradient(scale):
    eps, w = theirs(scale)
    by_hand = BALL * w**2 * scale * torch.tensor([3.0, 4.0])
    assert (eps - by_hand).abs().max() < CLOSE * by_hand.abs().max()


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_it_is_asam_of_constant_radius_and_not_the_normalised_one(scale):
    eps, w = theirs(scale)
    constant, _ = ours(scale, normalised=False)
    normalised, _ = ours(scale)
    assert (eps - constant).abs().max() < CLOSE * eps.abs().max()
    assert abs(float((normalised / w).norm()) - BALL) < CLOSE
    assert float((eps / w).norm()) > 8 * BALL
