"""What keeps a model safe from its optimiser: statistics, failures, frozen weights, moved models, refusals."""

from __future__ import annotations

import copy

import pytest
import torch
from networks import batch, network, two_steps, weights
from torch import Tensor, nn

from saddlecheck.nets import RandomPerturbation
from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)


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
    "eps is a number >= 0": lambda: SAM(network().parameters(), torch.optim.SGD, 0.1, eps="1", lr=0.1),
    "normalised is True or False": lambda: SAM(network().parameters(), torch.optim.SGD, normalised="no", lr=0.1),
    "adaptive is True or False": lambda: SAM(
        [{"params": [nn.Parameter(torch.zeros(1))], "adaptive": 1}], torch.optim.SGD, lr=0.1
    ),
    "such as torch.optim.SGD, got 'SGD'": lambda: SAM(network().parameters(), "SGD", lr=0.1),
    "SAM around SAM": lambda: SAM(network().parameters(), lambda p, **k: SAM(p, torch.optim.SGD, **k), lr=0.1),
    "differentiable=True": lambda: SAM(network().parameters(), torch.optim.SGD, lr=0.1, differentiable=True),
    "has no shape yet": lambda: SAM(nn.LazyLinear(2).parameters(), torch.optim.SGD, lr=0.1, flat=True),
    "no parameter requires a gradient": lambda: SAM(
        network().requires_grad_(False).parameters(), torch.optim.SGD, lr=0.1, ascent=RandomPerturbation()
    ).first_step(),
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


def test_groups_without_weights_are_no_obstacle() -> None:
    model, want = network(), network()
    for m, groups in ((model, [{"params": []}, {"params": model.parameters()}]), (want, want.parameters())):
        SAM(groups, torch.optim.SGD, 0.1, lr=0.1).step(
            lambda m=m: nn.functional.cross_entropy(m(batch(0)[0]), batch(0)[1]).backward()
        )
    assert torch.equal(weights(model), weights(want))


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(("layers", "returned"), [(2, False), (2, True), (1, True)])
def test_a_graph_of_the_first_pass_is_refused_at_the_perturbed_weights(layers, returned, flat) -> None:
    # With two layers the backward at w^p would mix saved activations of w with weights of w^p; with one layer it is the
    # gradient at w, which torch cannot see: the loss that is returned twice tells.
    model = network() if layers == 2 else nn.Linear(6, 3).double()
    before = weights(model).clone()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1, flat=flat)
    x, y = batch(0)
    loss = nn.functional.cross_entropy(model(x), y)

    def closure() -> torch.Tensor | None:
        loss.backward(retain_graph=True)
        return loss if returned else None

    with pytest.raises(
        RuntimeError, match="modified by an inplace operation" if layers == 2 else "anew inside the closure"
    ):
        sam.step(closure)
    assert torch.equal(weights(model), before)


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
