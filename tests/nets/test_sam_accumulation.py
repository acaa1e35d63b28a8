"""Micro-batches whose backward runs before the step: taken again at w^p, or refused, and never counted twice."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext

import pytest
import torch
from networks import batch, network, sam_by_hand, weights
from torch import Tensor, nn

from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)
PARTS = 4


def optimiser(model: nn.Module, *, flat: bool = False, normalised: bool = True) -> SAM:
    return SAM(model.parameters(), torch.optim.SGD, 0.3, normalised=normalised, flat=flat, lr=0.2, momentum=0.9)


def mean_loss(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return nn.functional.cross_entropy(model(x), y)


def by_hand(steps: int, *, normalised: bool) -> Tensor:
    model = network()
    losses = [lambda seed=seed: mean_loss(model, *batch(seed)) for seed in range(steps)]
    return sam_by_hand(model, losses, rho=0.3, lr=0.2, momentum=0.9, normalised=normalised)


def micro_batches(seed: int) -> list[tuple[Tensor, Tensor]]:
    x, y = batch(seed)
    return list(zip(x.chunk(PARTS), y.chunk(PARTS), strict=True))


def without_a_closure(model: nn.Module, sam: SAM, seed: int) -> None:
    for x, y in micro_batches(seed):
        (sam.record(lambda x=x, y=y: mean_loss(model, x, y)) / PARTS).backward()
    sam.step()
    sam.zero_grad()


def the_last_in_a_closure(model: nn.Module, sam: SAM, seed: int) -> None:
    *earlier, (last_x, last_y) = micro_batches(seed)
    for x, y in earlier:
        (sam.record(lambda x=x, y=y: mean_loss(model, x, y)) / PARTS).backward()

    def closure() -> Tensor:
        loss = sam.record(lambda: mean_loss(model, last_x, last_y)) / PARTS
        loss.backward()
        return loss

    sam.step(closure)
    sam.zero_grad()


def all_in_the_closure_after_stale_gradients(model: nn.Module, sam: SAM, seed: int) -> None:
    def closure() -> None:
        sam.zero_grad()
        for x, y in micro_batches(seed):
            (mean_loss(model, x, y) / PARTS).backward()

    (1e3 * mean_loss(model, *batch(seed + 1))).backward()  # cleared by the closure, as torch's own examples write it
    sam.step(closure)


LOOPS = [without_a_closure, the_last_in_a_closure, all_in_the_closure_after_stale_gradients]


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("loop", LOOPS, ids=lambda f: f.__name__)
def test_the_whole_accumulated_batch_counts_in_both_passes(loop: Callable, flat, normalised) -> None:
    model = network()
    sam = optimiser(model, flat=flat, normalised=normalised)
    for seed in range(5):
        loop(model, sam, seed)
    # The same sums in another order: a few units in the last place of numbers of size 1, over five steps.
    torch.testing.assert_close(weights(model), by_hand(5, normalised=normalised), rtol=0, atol=1e-14)


def test_false_twin_the_last_micro_batch_alone_is_told_apart() -> None:
    model = network()
    sam = optimiser(model)
    x, y = micro_batches(0)[-1]
    sam.step(lambda: (mean_loss(model, x, y) / PARTS).backward())
    assert float((weights(model) - by_hand(1, normalised=True)).abs().max()) > 1e-3


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("same_batch", [False, True], ids=["an earlier micro-batch", "the closure's own batch"])
def test_gradients_that_the_closure_cannot_give_again_are_refused(same_batch, flat) -> None:
    model = network()
    before = weights(model).clone()
    sam = optimiser(model, flat=flat)
    x, y = batch(0)

    def closure() -> None:
        mean_loss(model, x[8:], y[8:]).backward()

    mean_loss(model, x[8:] if same_batch else x[:8], y[8:] if same_batch else y[:8]).backward()
    with pytest.raises(RuntimeError, match=r"accumulated before step.*SAM.record"):
        sam.step(closure)
    assert torch.equal(weights(model), before)
    sam.zero_grad()  # as the message says
    sam.step(closure)
    assert not torch.equal(weights(model), before)


@pytest.mark.parametrize("flat", [False, True])
def test_a_closure_that_clears_the_model_leaves_nothing_of_what_was_there(flat) -> None:
    # As in the loops of adversarial pairs: another model's backward has left gradients here.
    model, want = network(), network()
    sam, usual = optimiser(model, flat=flat), optimiser(want)

    def closure() -> None:
        model.zero_grad()
        mean_loss(model, *batch(0)).backward()

    mean_loss(model, *batch(7)).backward()
    sam.step(closure)
    sam.record(lambda: mean_loss(model, *batch(6))).backward()  # a recorded loss is cleared likewise
    sam.step(closure)
    for _ in range(2):
        usual.step(lambda: mean_loss(want, *batch(0)).backward())
    # Flat buffers sum the norm in one go: a few roundings of 1.1e-16 a step, weights of size 1, few steps.
    torch.testing.assert_close(weights(model), weights(want), rtol=0, atol=1e-14)


def test_false_twin_what_only_looks_cleared_is_refused() -> None:
    # New tensors alone do not say that all was cleared: create_graph adds out of place, and clipping may replace.
    for create_graph in (True, False):
        model = network()
        sam = optimiser(model)

        def closure(model=model, create_graph=create_graph) -> None:
            mean_loss(model, *batch(0)).backward(inputs=list(model.parameters()), create_graph=create_graph)
            for p in model.parameters():
                p.grad = p.grad.detach().clamp(-1, 1)

        mean_loss(model, *batch(7)).backward()
        with pytest.warns() if create_graph else nullcontext(), pytest.raises(RuntimeError, match="accumulated before"):
            sam.step(closure)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("zero", ["optimiser", "model to None", "model to zero", "nobody"])
def test_what_the_last_step_left_is_not_taken_for_accumulation(zero, flat) -> None:
    model, want = network(), network()
    sam, usual = optimiser(model, flat=flat), optimiser(want)
    for seed in range(3):
        sam.step(lambda seed=seed: mean_loss(model, *batch(seed)).backward())
        usual.step(lambda seed=seed: mean_loss(want, *batch(seed)).backward())
        if zero == "optimiser":
            sam.zero_grad(set_to_none=False)
        elif zero != "nobody":
            model.zero_grad(set_to_none=zero == "model to None")
        usual.zero_grad()
    # Flat buffers sum the norm in one go: a few roundings of 1.1e-16 a step, weights of size 1, few steps.
    torch.testing.assert_close(weights(model), weights(want), rtol=0, atol=1e-14)


def test_a_copy_after_a_step_goes_on_as_the_original() -> None:
    model = network()
    sam = optimiser(model)
    sam.step(lambda: mean_loss(model, *batch(0)).backward())
    twin, twin_sam = copy.deepcopy((model, sam))  # gradients and all
    sam.step(lambda: mean_loss(model, *batch(1)).backward())
    twin_sam.step(lambda: mean_loss(twin, *batch(1)).backward())
    assert torch.equal(weights(model), weights(twin))


def test_recorded_losses_are_forgotten_with_their_gradients() -> None:
    model = network()
    sam = optimiser(model)
    sam.record(lambda: mean_loss(model, *batch(7))).backward()
    sam.zero_grad()
    with pytest.raises(TypeError, match="two gradients"):
        sam.step()
    without_a_closure(model, sam, 0)
    torch.testing.assert_close(weights(model), by_hand(1, normalised=True), rtol=0, atol=1e-14)


def test_a_recorded_loss_is_taken_again_in_its_own_precision() -> None:
    seen = []

    def compute(model: nn.Module) -> Tensor:
        output = model(batch(0, dtype=torch.float32)[0])
        seen.append(output.dtype)
        return output.float().square().sum()

    model = network(dtype=torch.float32)
    sam = optimiser(model)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = sam.record(lambda: compute(model))
    loss.backward()
    sam.step()
    assert seen == [torch.bfloat16, torch.bfloat16]


def test_with_a_scaler_the_recorded_losses_keep_their_scale() -> None:
    plain, scaled = network(dtype=torch.float32), network(dtype=torch.float32)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12)
    for model, factor in ((plain, None), (scaled, scaler)):
        sam = optimiser(model)
        for seed in (0, 1):
            loss = sam.record(lambda m=model, s=seed: mean_loss(m, *batch(s, dtype=torch.float32)))
            (loss if factor is None else factor.scale(loss)).backward()
        sam.step(scaler=factor)
    # A power of two is exact but in rho / (|G| + eps s): 1.2e-7 of numbers of order one, once.
    torch.testing.assert_close(weights(plain), weights(scaled), rtol=0, atol=5e-7)


@pytest.mark.parametrize("broken_pass", [1, 2])
@pytest.mark.parametrize("error", ["NaN", "exception"])
@pytest.mark.parametrize("flat", [False, True])
def test_after_a_failed_step_the_next_batch_is_an_ordinary_one(flat, error, broken_pass) -> None:
    model, want = network(), network()
    sam, usual = optimiser(model, flat=flat), optimiser(want, flat=flat)
    calls = []

    def closure() -> None:
        calls.append(1)
        mean_loss(model, *batch(7)).backward()
        if len(calls) == broken_pass:
            if error == "exception":
                raise KeyboardInterrupt
            next(model.parameters()).grad[0, 0] = torch.nan

    with pytest.raises(KeyboardInterrupt if error == "exception" else FloatingPointError):
        sam.step(closure)
    for m, o in ((model, sam), (want, usual)):
        o.step(lambda m=m: mean_loss(m, *batch(0)).backward())
    assert torch.equal(weights(model), weights(want))


def test_a_recorded_function_that_returns_no_loss_is_refused() -> None:
    with pytest.raises(TypeError, match="returns the loss as a tensor, got dict"):
        optimiser(network()).record(lambda: {"loss": 1.0})
