"""A GradScaler around SAM: what works equals the step without it, what cannot work is refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from networks import batch, network, weights
from torch import nn
from torch.amp import GradScaler

from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)
SCALE = 1024.0


def setting() -> tuple[nn.Module, SAM, GradScaler]:
    model = network(dtype=torch.float32)
    return model, SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1), GradScaler("cpu", init_scale=SCALE)


def backward(model: nn.Module, scaler: GradScaler | None = None) -> None:
    x, y = batch(0, dtype=torch.float32)
    loss = nn.functional.cross_entropy(model(x), y)
    (loss if scaler is None else scaler.scale(loss)).backward()


def without_a_scaler(*, clip_at_w: float | None = None, clip: float | None = None) -> torch.Tensor:
    model, sam, _ = setting()
    for step, limit in ((sam.first_step, clip_at_w), (sam.second_step, clip)):
        backward(model)
        if limit is not None:
            nn.utils.clip_grad_norm_(model.parameters(), limit)
        step(zero_grad=True)
    return weights(model)


@pytest.mark.parametrize("closure", [True, False], ids=["closure", "no closure"])
@pytest.mark.parametrize("stale", [True, False], ids=["gradients", "no gradients"])
@pytest.mark.parametrize("unscaled", [True, False])
def test_scaler_step_is_refused_and_says_what_to_do(closure, stale, unscaled) -> None:
    model, sam, scaler = setting()
    before = weights(model).clone()
    scaler.scale(torch.zeros(()))
    if stale:
        backward(model, scaler)
    if unscaled and stale:
        scaler.unscale_(sam)
    with pytest.raises(RuntimeError, match=r"optimiser.step\(closure, scaler=scaler\).*scaler.update"):
        scaler.step(sam, *([lambda: backward(model, scaler)] if closure else []))
    assert torch.equal(weights(model), before)
    sam.zero_grad()
    sam.step(lambda: backward(model))  # the refusal leaves nothing behind
    assert torch.equal(weights(model), without_a_scaler())


def test_a_scaler_that_is_switched_off_passes_the_closure_on() -> None:
    model, sam, _ = setting()
    scaler = GradScaler("cpu", enabled=False)
    scaler.step(sam, lambda: backward(model, scaler))
    assert torch.equal(weights(model), without_a_scaler())


def test_step_with_a_scaler_is_the_step_without_one() -> None:
    model, sam, scaler = setting()
    sam.step(lambda: backward(model, scaler), scaler=scaler)
    scaler.update()
    # A power of two is exact but in rho / (|G| + eps s): 1.2e-7 of numbers of order one, once.
    torch.testing.assert_close(weights(model), without_a_scaler(), rtol=0, atol=5e-7)


def test_clipping_in_both_passes_goes_through_the_documented_unscale() -> None:
    model, sam, scaler = setting()
    backward(model, scaler)
    scaler.unscale_(sam)
    nn.utils.clip_grad_norm_(model.parameters(), 0.05)
    sam.first_step(zero_grad=True, scaler=scaler)
    backward(model, scaler)
    scaler.unscale_(sam.base_optimizer)
    nn.utils.clip_grad_norm_(model.parameters(), 0.02)
    sam.second_step(scaler=scaler)
    scaler.update()
    want = without_a_scaler(clip_at_w=0.05, clip=0.02)
    torch.testing.assert_close(weights(model), want, rtol=0, atol=5e-7)  # as above


def base_at_w(model: nn.Module, sam: SAM, scaler: GradScaler) -> None:
    backward(model, scaler)
    scaler.unscale_(sam.base_optimizer)
    sam.first_step(zero_grad=True, scaler=scaler)


def sam_between(model: nn.Module, sam: SAM, scaler: GradScaler) -> None:
    backward(model, scaler)
    sam.first_step(zero_grad=True, scaler=scaler)
    backward(model, scaler)
    scaler.unscale_(sam)
    sam.second_step(scaler=scaler)


@pytest.mark.parametrize("misuse", [base_at_w, sam_between], ids=lambda f: f.__name__)
def test_an_unscale_of_the_wrong_optimiser_is_refused_by_name(misuse: Callable) -> None:
    model, sam, scaler = setting()
    before = weights(model).clone()
    with pytest.raises(RuntimeError, match=r"scaler.unscale_\(optimiser"):
        misuse(model, sam, scaler)
    assert torch.equal(weights(model), before)
