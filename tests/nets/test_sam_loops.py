"""What a training loop does with the optimiser: resuming, schedulers, accumulation, clipping, precision."""

from __future__ import annotations

import copy
import warnings

import pytest
import torch
from networks import batch, network, two_steps, weights
from torch import nn

from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(
    ("base", "arguments"),
    [(torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}), (torch.optim.AdamW, {"lr": 0.01})],
)
def test_a_state_dict_resumes_bit_for_bit(base, arguments, flat) -> None:
    model = network()
    sam = SAM(model.parameters(), base, 0.1, flat=flat, **arguments)
    for i in range(5):
        two_steps(model, sam, i)
    saved = copy.deepcopy(model.state_dict()), copy.deepcopy(sam.state_dict())
    for i in range(5, 10):
        two_steps(model, sam, i)

    again = network(seed=99)
    resumed = SAM(again.parameters(), base, 0.7, flat=flat, **arguments)  # rho 0.7 must be overruled by the state dict
    again.load_state_dict(saved[0])
    resumed.load_state_dict(saved[1])
    assert resumed.param_groups[0]["rho"] == 0.1
    for i in range(5, 10):
        two_steps(again, resumed, i)
    assert torch.equal(weights(model), weights(again))


def test_a_plain_optimisers_state_dict_is_taken_over() -> None:
    model = network()
    sgd = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.5)
    sam = SAM(network().parameters(), torch.optim.SGD, 0.2, lr=0.1)
    sam.load_state_dict(sgd.state_dict())
    assert (sam.param_groups[0]["lr"], sam.param_groups[0]["rho"]) == (0.3, 0.2)


def test_a_deep_copy_trains_on_its_own() -> None:
    model = network()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1, momentum=0.9)
    two_steps(model, sam, 0)
    before = weights(model).clone()
    twin, twin_sam = copy.deepcopy((model, sam))
    two_steps(twin, twin_sam, 1)
    assert torch.equal(weights(model), before)
    two_steps(model, sam, 1)
    assert torch.equal(weights(model), weights(twin))


@pytest.mark.parametrize("on_base", [False, True])
def test_a_scheduler_acts_on_the_base_and_does_not_warn(on_base) -> None:
    model = network()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.4)
    schedule = torch.optim.lr_scheduler.StepLR(sam.base_optimizer if on_base else sam, step_size=1, gamma=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        two_steps(model, sam, 0)
        schedule.step()
    assert sam.base_optimizer.param_groups[0]["lr"] == 0.2
    assert sam.param_groups[0]["lr"] == 0.2


def test_a_group_added_later_is_trained() -> None:
    model = network()
    sam = SAM(model[0].parameters(), torch.optim.SGD, 0.1, lr=0.1, momentum=0.9)
    sam.add_param_group({"params": list(model[2].parameters()), "lr": 0.5})
    assert (sam.param_groups[1]["momentum"], sam.base_optimizer.param_groups[1]["rho"]) == (0.9, 0.1)
    before = model[2].weight.detach().clone()
    two_steps(model, sam, 0)
    assert not torch.equal(model[2].weight, before)


@pytest.mark.parametrize("flat", [False, True])
def test_micro_batches_equal_the_big_batch(flat) -> None:
    big, small = network(), network()
    sams = [SAM(m.parameters(), torch.optim.SGD, 0.1, lr=0.1, momentum=0.9, flat=flat) for m in (big, small)]
    for seed in range(5):
        two_steps(big, sams[0], seed)
        x, y = batch(seed)
        for step in (sams[1].first_step, sams[1].second_step):
            for xs, ys in zip(x.chunk(4), y.chunk(4), strict=True):
                (nn.functional.cross_entropy(small(xs), ys) / 4).backward()
            step(zero_grad=True)
    # The same sums in another order: a few units in the last place of numbers of size 1, over five steps.
    torch.testing.assert_close(weights(big), weights(small), rtol=0, atol=1e-14)


def test_clipping_limits_the_step_and_not_the_normalised_ascent() -> None:
    model, other = network(), network()
    for clip_ascent, m in ((False, model), (True, other)):
        sam = SAM(m.parameters(), torch.optim.SGD, 0.1, lr=1.0)
        x, y = batch(0)
        (100 * nn.functional.cross_entropy(m(x), y)).backward()
        if clip_ascent:
            nn.utils.clip_grad_norm_(m.parameters(), 0.5)
        sam.first_step(zero_grad=True)
        (100 * nn.functional.cross_entropy(m(x), y)).backward()
        nn.utils.clip_grad_norm_(m.parameters(), 0.5)
        before = sam.progress.perturbed[0][1]
        origin = torch.cat([c.flatten() for c in before]).clone()
        sam.second_step()
        # lr 1 and a gradient clipped to 0.5: the step has length 0.5, less 1e-6 of 1/|g|
        # (clip_grad_norm_ divides by norm + 1e-6), which |g| > 0.5 keeps below 2e-6.
        assert float((weights(m) - origin).norm()) == pytest.approx(0.5, rel=1e-5)
    # Only the direction of the ascent gradient matters; clipping scales it by a power that rounds to 1e-16.
    torch.testing.assert_close(weights(model), weights(other), rtol=0, atol=1e-12)


@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("flat", [False, True])
def test_a_grad_scaler_changes_nothing_but_the_scale(normalised, flat) -> None:
    plain, scaled = network(dtype=torch.float32), network(dtype=torch.float32)
    sams = [
        SAM(m.parameters(), torch.optim.SGD, 0.1, normalised=normalised, flat=flat, lr=0.1) for m in (plain, scaled)
    ]
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12)
    for seed in range(4):
        x, y = batch(seed, dtype=torch.float32)
        for step in (sams[0].first_step, sams[0].second_step):
            nn.functional.cross_entropy(plain(x), y).backward()
            step(zero_grad=True)
        for step in (sams[1].first_step, sams[1].second_step):
            scaler.scale(nn.functional.cross_entropy(scaled(x), y)).backward()
            step(zero_grad=True, scaler=scaler)
        scaler.update()
    # A scale that is a power of two is exact in floating point except in rho / (|G| + eps s): a unit in the last place,
    # which is 1.2e-7 of numbers of order one in float32, once in each of four steps.
    torch.testing.assert_close(weights(plain), weights(scaled), rtol=0, atol=1e-6)


@pytest.mark.parametrize("broken_pass", [0, 1])
def test_after_an_overflow_the_scaler_skips_the_step_and_the_weights_are_back(broken_pass) -> None:
    model = network(dtype=torch.float32)
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**12)
    before = weights(model).clone()
    x, y = batch(0, dtype=torch.float32)
    for i, step in enumerate((sam.first_step, sam.second_step)):
        scaler.scale(nn.functional.cross_entropy(model(x), y)).backward()
        if i == broken_pass:
            next(model.parameters()).grad[0, 0] = torch.inf
        step(zero_grad=True, scaler=scaler)
    scaler.update()
    assert torch.equal(weights(model), before)
    assert scaler.get_scale() == 2.0**11


def test_fp16_autocast_with_a_scaler_and_bf16_autocast_without_both_train() -> None:
    for dtype, scaler in ((torch.float16, torch.amp.GradScaler("cpu", init_scale=64.0)), (torch.bfloat16, None)):
        model = network(dtype=torch.float32)
        sam = SAM(model.parameters(), torch.optim.SGD, 0.05, lr=0.2)
        x, y = batch(0, dtype=torch.float32)
        losses = []
        for _ in range(30):
            for step in (sam.first_step, sam.second_step):
                with torch.autocast("cpu", dtype=dtype):
                    loss = nn.functional.cross_entropy(model(x), y)
                (loss if scaler is None else scaler.scale(loss)).backward()
                step(zero_grad=True, scaler=scaler)
            if scaler is not None:
                scaler.update()
            losses.append(float(loss.detach()))
        assert losses[-1] < 0.8 * losses[0]


def test_bf16_weights_are_accepted() -> None:
    model = network(dtype=torch.bfloat16)
    sam = SAM(model.parameters(), torch.optim.SGD, 0.05, lr=0.1)
    x, y = batch(0, dtype=torch.bfloat16)
    nn.functional.cross_entropy(model(x), y).backward()
    sam.first_step(zero_grad=True)
    nn.functional.cross_entropy(model(x), y).backward()
    sam.second_step()
    assert torch.isfinite(weights(model)).all()
