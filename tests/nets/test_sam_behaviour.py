"""What a training loop needs of an optimiser: resuming, schedulers, precision, accumulation, clipping, refusals."""

from __future__ import annotations

import copy
import warnings

import pytest
import torch
from torch import Tensor, nn

from nets.sam import SAM

torch.set_num_threads(1)


def network(seed: int = 0, dtype: torch.dtype = torch.float64, *, norm: bool = False) -> nn.Sequential:
    torch.manual_seed(seed)
    layers: list[nn.Module] = [nn.Linear(6, 8), nn.Tanh()]
    if norm:
        layers.append(nn.BatchNorm1d(8))
    return nn.Sequential(*layers, nn.Linear(8, 3)).to(dtype)


def batch(seed: int, n: int = 16, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    g = torch.Generator().manual_seed(seed)
    return torch.randn(n, 6, generator=g, dtype=torch.float64).to(dtype), torch.randint(0, 3, (n,), generator=g)


def two_steps(model: nn.Module, sam: SAM, seed: int) -> None:
    x, y = batch(seed)
    nn.functional.cross_entropy(model(x), y).backward()
    sam.first_step(zero_grad=True)
    nn.functional.cross_entropy(model(x), y).backward()
    sam.second_step(zero_grad=True)


def weights(model: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


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
        before = sam._perturbed[0][1]
        origin = torch.cat([c.flatten() for c in before]).clone()
        sam.second_step()
        # lr 1 and a gradient clipped to 0.5: the step has length 0.5 (clip_grad_norm_ divides by norm + 1e-6).
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
    # A scale that is a power of two is exact in floating point except in rho / (|G| + eps s): a unit in the last place.
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


def test_batch_norm_statistics_see_only_the_first_pass() -> None:
    model, once, free = (network(norm=True) for _ in range(3))
    x, y = batch(0)
    once(x)  # a single pass at w, without SAM
    sam = SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1, model=model)
    two_steps(model, sam, 0)
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        assert torch.equal(getattr(model[2], name), getattr(once[2], name))
    assert model[2].track_running_stats
    two_steps(free, SAM(free.parameters(), torch.optim.SGD, 0.5, lr=0.1), 0)  # the negative control: no model given
    assert not torch.equal(free[2].running_mean, once[2].running_mean)
    assert torch.equal(weights(free), weights(model))  # the statistics do not touch the training step
    del y


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("normalised", [False, True])
def test_a_zero_gradient_leaves_the_weights_alone(normalised, adaptive, flat) -> None:
    saddle = nn.Parameter(torch.zeros(2))
    sam = SAM([saddle], torch.optim.SGD, 0.5, normalised=normalised, adaptive=adaptive, flat=flat, lr=0.1)
    for _ in range(3):
        for step in (sam.first_step, sam.second_step):
            (saddle[0] ** 2 - saddle[1] ** 2).backward()
            step(zero_grad=True)
    assert torch.equal(saddle.detach(), torch.zeros(2))


def test_near_a_saddle_normalised_rho_moves_by_rho_until_eps_takes_over() -> None:
    for distance, expected in ((1e-6, 0.5), (0.5e-12, 0.25), (1e-15, 1e-3)):
        w = nn.Parameter(torch.tensor([distance], dtype=torch.float64))
        sam = SAM([w], torch.optim.SGD, 0.5, lr=0.1)
        (w**2).sum().backward()  # |g| = 2 distance
        sam.first_step()
        # The displacement is rho |g| / (|g| + eps): rho far away, rho / 2 at |g| = eps, then rho |g| / eps.
        assert abs(float(w.detach()) - distance) == pytest.approx(expected, rel=3e-3)
        sam.restore()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
@pytest.mark.parametrize("broken_pass", [0, 1])
@pytest.mark.parametrize("flat", [False, True])
def test_a_gradient_that_is_not_finite_is_refused_with_the_weights_unchanged(value, broken_pass, flat) -> None:
    model = network()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1, momentum=0.9, flat=flat)
    two_steps(model, sam, 0)
    before, state = weights(model).clone(), copy.deepcopy(sam.state_dict()["state"])
    x, y = batch(1)

    def run() -> None:
        for i, step in enumerate((sam.first_step, sam.second_step)):
            nn.functional.cross_entropy(model(x), y).backward()
            if i == broken_pass:
                next(model.parameters()).grad[0, 0] = value
            step(zero_grad=True)

    with pytest.raises(FloatingPointError, match="NaN or infinite"):
        run()
    assert torch.equal(weights(model), before)
    assert str(sam.state_dict()["state"]) == str(state)
    sam.zero_grad()
    two_steps(model, sam, 1)  # and the next step is an ordinary one
    assert torch.isfinite(weights(model)).all()


@pytest.mark.parametrize("flat", [False, True])
def test_frozen_parameters_stay(flat) -> None:
    model = network()
    model[0].weight.requires_grad_(False)
    before = model[0].weight.clone()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1, weight_decay=0.1, flat=flat)
    two_steps(model, sam, 0)
    assert torch.equal(model[0].weight, before)


def test_the_closure_may_fail_and_the_weights_come_back() -> None:
    model = network()
    before = weights(model).clone()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1)
    calls = []

    def closure() -> Tensor:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        loss = nn.functional.cross_entropy(model(batch(0)[0]), batch(0)[1])
        loss.backward()
        return loss

    with pytest.raises(KeyboardInterrupt):
        sam.step(closure)
    assert torch.equal(weights(model), before)
    sam.state_dict()  # not refused: nothing is perturbed


def test_another_batch_for_the_ascent_is_another_law() -> None:
    same, other, by_hand = network(), network(), network()

    def closure(model: nn.Module, seed: int) -> Tensor:
        x, y = batch(seed)
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        return loss

    SAM(same.parameters(), torch.optim.SGD, 0.5, lr=0.1).step(lambda: closure(same, 0))
    sam = SAM(other.parameters(), torch.optim.SGD, 0.5, lr=0.1)
    sam.step(lambda: closure(other, 0), ascent_closure=lambda: closure(other, 1))
    hand = SAM(by_hand.parameters(), torch.optim.SGD, 0.5, lr=0.1)
    closure(by_hand, 1)
    hand.first_step(zero_grad=True)
    closure(by_hand, 0)
    hand.second_step()
    assert torch.equal(weights(other), weights(by_hand))
    assert not torch.equal(weights(other), weights(same))


def test_flat_survives_model_zero_grad_and_notices_a_moved_model() -> None:
    model, plain = network(), network()
    flat = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1, momentum=0.9, flat=True)
    usual = SAM(plain.parameters(), torch.optim.SGD, 0.1, lr=0.1, momentum=0.9)
    for i in range(3):
        model.zero_grad()  # sets the views to None
        two_steps(model, flat, i)
        two_steps(plain, usual, i)
    # One long sum of squares in place of a sum a tensor: the norm differs in its last place.
    torch.testing.assert_close(weights(model), weights(plain), rtol=0, atol=1e-13)
    model.to(torch.float32)
    with pytest.raises(RuntimeError, match="left its flat buffer"):
        flat.zero_grad()


def test_flat_keeps_channels_last_filters() -> None:
    conv = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    before, strides = conv.weight.detach().clone(), conv.weight.stride()
    SAM(conv.parameters(), torch.optim.SGD, 0.1, lr=0.1, flat=True)
    assert conv.weight.stride() == strides
    assert torch.equal(conv.weight, before)


def sparse_gradient() -> None:
    embedding = nn.Embedding(4, 2, sparse=True)
    embedding(torch.tensor([1])).sum().backward()
    SAM(embedding.parameters(), torch.optim.SGD, 0.1, lr=0.1).first_step()


REFUSALS = {
    "sparse": sparse_gradient,
    "complex": lambda: SAM([nn.Parameter(torch.zeros(2, dtype=torch.complex64))], torch.optim.SGD, 0.1, lr=0.1),
    "rho is a finite number": lambda: SAM(network().parameters(), torch.optim.SGD, -0.1, lr=0.1),
    "rho is a finite": lambda: SAM(network().parameters(), torch.optim.SGD, float("nan"), lr=0.1),
    "eps is a number": lambda: SAM(network().parameters(), torch.optim.SGD, 0.1, eps=-1.0, lr=0.1),
    "LBFGS": lambda: SAM(network().parameters(), torch.optim.LBFGS, 0.1, lr=0.1),
    "no parameter has a gradient": lambda: SAM(network().parameters(), torch.optim.SGD, 0.1, lr=0.1).first_step(),
    "one dtype": lambda: SAM(
        [nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1).double())], torch.optim.SGD, 0.1, lr=0.1, flat=True
    ),
    "not dense": lambda: SAM([nn.Parameter(torch.zeros(4)[::2])], torch.optim.SGD, 0.1, lr=0.1, flat=True),
    "several devices": lambda: SAM(
        [nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1, device="meta"))], torch.optim.SGD, 0.1, lr=0.1
    ),
}


@pytest.mark.parametrize("message", REFUSALS)
def test_what_has_no_meaning_is_refused_in_one_sentence(message) -> None:
    with pytest.raises(ValueError, match=message):
        REFUSALS[message]()


def test_the_order_of_the_two_steps_is_enforced() -> None:
    model = network()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1)
    with pytest.raises(TypeError, match="two gradients"):
        sam.step()
    with pytest.raises(RuntimeError, match="needs a first_step"):
        sam.second_step()
    x, y = batch(0)
    nn.functional.cross_entropy(model(x), y).backward()
    sam.first_step()
    with pytest.raises(RuntimeError, match="called twice"):
        sam.first_step()
    with pytest.raises(RuntimeError, match="perturbed"):
        sam.state_dict()
