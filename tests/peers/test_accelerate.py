"""SAM under accelerate's accumulate() loop: compared with SAM by hand on the whole accumulated batch."""

from __future__ import annotations

import pytest
import torch
from networks import batch, network, sam_by_hand, weights
from torch import Tensor, nn
from torch.nn import functional

from saddlecheck.nets import SAM

accelerate = pytest.importorskip("accelerate", reason="tox -e peers installs it")
from accelerate.optimizer import AcceleratedOptimizer  # noqa: E402  after the skip

K, WINDOWS = 2, 3


def setting():
    accelerator = accelerate.Accelerator(cpu=True, gradient_accumulation_steps=K)
    model = network()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.3, lr=0.2, momentum=0.9)
    model, optimiser = accelerator.prepare(model, sam)
    return accelerator, model, sam, optimiser


def loss_of(model: nn.Module, seed: int) -> Tensor:
    x, y = batch(seed)
    return functional.cross_entropy(model(x), y)


def by_hand(windows: int = WINDOWS) -> Tensor:
    model = network()

    def loss(first: int) -> Tensor:
        return sum(loss_of(model, seed) for seed in range(first, first + K)) / K

    losses = [lambda first=first: loss(first) for first in range(0, windows * K, K)]
    return sam_by_hand(model, losses, rho=0.3, lr=0.2, momentum=0.9)


def test_the_usual_loop_with_recorded_losses() -> None:
    accelerator, model, sam, optimiser = setting()
    for seed in range(K * WINDOWS):
        with accelerator.accumulate(model):
            accelerator.backward(sam.record(lambda seed=seed: loss_of(model, seed)))
            optimiser.step()
            optimiser.zero_grad()
    # The same sums in another order: a few units in the last place of numbers of size 1, over three steps.
    torch.testing.assert_close(weights(model), by_hand(), rtol=0, atol=1e-14)


def test_a_closure_for_the_last_micro_batch() -> None:
    accelerator, model, sam, optimiser = setting()
    for seed in range(K * WINDOWS):
        with accelerator.accumulate(model):

            def closure(seed: int = seed) -> None:
                accelerator.backward(sam.record(lambda: loss_of(model, seed)))

            if accelerator.sync_gradients:
                optimiser.step(closure)
                optimiser.zero_grad()
            else:
                closure()
    torch.testing.assert_close(weights(model), by_hand(), rtol=0, atol=1e-14)  # as above


def test_a_plain_backward_before_step_closure_is_refused() -> None:
    accelerator, model, _, optimiser = setting()
    before = weights(model).clone()

    def loop() -> None:
        for seed in range(K):
            with accelerator.accumulate(model):
                accelerator.backward(loss_of(model, seed))
                optimiser.step(lambda seed=seed: accelerator.backward(loss_of(model, seed)))

    with pytest.raises(RuntimeError, match=r"accumulated before step.*SAM.record"):
        loop()
    assert torch.equal(weights(model), before)


def test_false_twin_the_last_micro_batch_alone_is_told_apart() -> None:
    model = network()
    last = [lambda: loss_of(model, 1) / K]
    assert float((sam_by_hand(model, last, rho=0.3, lr=0.2) - by_hand(1)).abs().max()) > 1e-3


def test_accelerates_grad_scaler_is_refused_in_a_sentence() -> None:
    setting()  # AcceleratedOptimizer wants an Accelerator to exist
    model = network(dtype=torch.float32)
    scaler = torch.amp.GradScaler("cpu")
    optimiser = AcceleratedOptimizer(SAM(model.parameters(), torch.optim.SGD, 0.3, lr=0.2), scaler=scaler)
    x, y = batch(0, dtype=torch.float32)
    scaler.scale(functional.cross_entropy(model(x), y)).backward()
    with pytest.raises(RuntimeError, match=r"optimiser.step\(closure, scaler=scaler\)"):
        optimiser.step(lambda: None)
