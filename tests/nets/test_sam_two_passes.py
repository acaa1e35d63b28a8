"""Both passes are taken, each anew: what would silently be another step is refused, however gradients are cleared."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
import torch
from networks import batch, network, two_steps, weights
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

from saddlecheck.nets import GSAM, Every, GradientPenalty, LookSAM, NStepSAM, WeightedSAM
from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)


def backward(model: nn.Module, share: float = 1.0) -> None:
    x, y = batch(0)
    (nn.functional.cross_entropy(model(x), y) * share).backward()


def made(flat: bool = False, **more) -> tuple[nn.Module, SAM]:
    model = network()
    return model, SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1, flat=flat, **more)


def by_hand(model: nn.Module, _sam: SAM) -> None:
    for p in model.parameters():
        p.grad.zero_()


CLEARING: dict[str, Callable[[nn.Module, SAM], None]] = {
    "the optimiser's": lambda _, sam: sam.zero_grad(),
    "the optimiser's, in place": lambda _, sam: sam.zero_grad(set_to_none=False),
    "the model's": lambda model, _: model.zero_grad(),
    "the model's, in place": lambda model, _: model.zero_grad(set_to_none=False),
    "by hand": by_hand,
}


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("way", CLEARING)
def test_gradients_may_be_cleared_in_any_way_between_the_steps(way, flat) -> None:
    (model, sam), (want, usual) = made(flat), made(flat)
    for _ in range(2):
        two_steps(want, usual, 0)
        backward(model)
        sam.first_step()
        CLEARING[way](model, sam)
        backward(model, 0.25)
        backward(model, 0.75)  # micro-batches add to each other, and may
        sam.second_step()
        model.zero_grad()
    # The two shares of one gradient are rounded apart: some roundings of weights of size 1 in float64.
    torch.testing.assert_close(weights(model), weights(want), rtol=0, atol=1e-14)


@pytest.mark.parametrize("flat", [False, True])
def test_gradients_left_from_the_first_pass_are_refused(flat) -> None:
    model, sam = made(flat)
    before = weights(model).clone()
    backward(model)
    sam.first_step()
    backward(model)  # g + g^p
    with pytest.raises(RuntimeError, match="not cleared before the backward at w\\^p"):
        sam.second_step()
    assert torch.equal(weights(model), before)
    sam.zero_grad()
    two_steps(model, sam, 0)  # the next step is an ordinary one


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("zero_grad", [False, True])
def test_a_second_step_without_a_backward_before_it_is_refused(zero_grad, flat) -> None:
    model, sam = made(flat)
    before = weights(model).clone()
    backward(model)
    sam.first_step(zero_grad=zero_grad)
    with pytest.raises((RuntimeError, ValueError), match="call backward"):
        sam.second_step()
    assert torch.equal(weights(model), before)


def test_each_of_several_ascents_needs_a_backward_of_its_own() -> None:
    model, sam = made(ascent=NStepSAM(2))
    backward(model)
    sam.first_step()
    with pytest.raises(RuntimeError, match="call backward"):
        sam.first_step()
    sam.zero_grad()
    backward(model)
    sam.first_step(zero_grad=True)
    backward(model)
    sam.second_step()


def test_a_step_that_does_not_climb_needs_one_backward_only() -> None:
    model, sam = made(when=Every(2))
    two_steps(model, sam, 0)
    before = weights(model).clone()
    backward(model)
    gradient = torch.cat([p.grad.reshape(-1) for p in model.parameters()])
    sam.second_step()
    # SGD's kernel may fuse product and sum: one rounding of numbers below 1 apart.
    torch.testing.assert_close(weights(model), before - 0.1 * gradient, rtol=0, atol=3e-16)


def test_a_copy_made_between_the_steps_takes_the_second_one() -> None:
    model, sam = made()
    want, usual = made()
    two_steps(want, usual, 0)
    backward(model)
    sam.first_step()
    for twin, other in (copy.deepcopy((model, sam)), pickle.loads(pickle.dumps((model, sam)))):
        twin.zero_grad()
        backward(twin)
        other.second_step()
        assert torch.equal(weights(twin), weights(want))


class OneLayer:
    """Torch cannot see a stale graph of one layer: it has saved the inputs alone."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model = nn.Linear(6, 3).double()
        self.x, self.y = batch(0)
        self.sam = SAM(self.model.parameters(), torch.optim.SGD, 0.5, lr=0.1)
        self.outside = self.model(self.x)

    def loss(self, output: Tensor) -> Tensor:
        found = nn.functional.cross_entropy(output, self.y)
        found.backward(retain_graph=True)
        return found


@pytest.mark.parametrize("wrap", [lambda loss: loss, lambda loss: (loss, "more"), lambda loss: {"loss": loss}])
def test_an_output_that_was_computed_outside_the_closure_is_refused(wrap) -> None:
    one = OneLayer()
    before = weights(one.model).clone()
    with pytest.raises(RuntimeError, match="anew inside the closure"):
        one.sam.step(lambda: wrap(one.loss(one.outside)))
    assert torch.equal(weights(one.model), before)
    one.sam.step(lambda: wrap(one.loss(one.model(one.x))))  # computed inside, the same closure is a step
    assert not torch.equal(weights(one.model), before)


def test_weights_that_are_cached_over_both_passes_are_refused() -> None:
    torch.manual_seed(0)
    model = parametrizations.weight_norm(nn.Linear(6, 3)).double()
    x, y = batch(0)
    sam = SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1)

    def closure() -> Tensor:
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward(retain_graph=True)
        return loss

    # The bias is not parametrized, and the gradient of the rest would be that at w.
    with parametrize.cached(), pytest.raises(RuntimeError):
        sam.step(closure)
    sam.step(closure)


def test_what_is_not_trained_may_be_computed_once_for_both_passes() -> None:
    torch.manual_seed(0)
    body, head = nn.Linear(6, 6).double(), nn.Linear(6, 3).double()
    x, y = batch(0)
    features = body(x)  # has a graph, and belongs to another optimiser
    sam = SAM(head.parameters(), torch.optim.SGD, 0.5, lr=0.1)

    def closure() -> Tensor:
        loss = nn.functional.cross_entropy(head(features), y)
        loss.backward(retain_graph=True)
        return loss

    before = weights(head).clone()
    sam.step(closure)
    assert not torch.equal(weights(head), before)


def test_a_model_that_changes_its_precision_between_steps_loses_none() -> None:
    model, sam = made()
    model.float()
    x, y = batch(0)

    def closure() -> Tensor:
        sam.zero_grad()
        loss = nn.functional.cross_entropy(model(x.to(model[0].weight.dtype)), y)
        loss.backward()
        return loss

    sam.step(closure)
    model.double()
    sam.step(closure)
    before = weights(model).clone()
    assert not torch.equal(before, before.float().double())  # there is something to lose
    closure()
    sam.first_step()
    sam.restore()
    assert torch.equal(weights(model), before)


def test_scratch_copies_do_not_travel_between_steps() -> None:
    model, sam = made()
    two_steps(model, sam, 0)
    assert not copy.deepcopy(sam)._copies
    backward(model)
    sam.first_step()
    twin, other = copy.deepcopy((model, sam))
    assert [other.saved(p).shape for p in twin.parameters()] == [p.shape for p in twin.parameters()]


def test_a_group_of_the_base_optimiser_alone_is_refused_by_name() -> None:
    model, sam = made()
    other = nn.Linear(3, 3).double()
    sam.base_optimizer.add_param_group({"params": other.parameters()})
    backward(nn.Sequential(model, other))
    with pytest.raises(ValueError, match="add_param_group of SAM"):
        sam.first_step()


class HandWritten(nn.BatchNorm1d):
    """A batch norm that records whenever it is in train mode, whatever track_running_stats says."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            self.running_mean.lerp_(x.mean(0), 0.1)
        return x - x.mean(0)


def test_a_batch_norm_of_the_users_own_records_the_pass_at_w_only() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 4), HandWritten(4), nn.Linear(4, 3)).double()
    once = copy.deepcopy(model)
    once(batch(0)[0])
    two_steps(model, SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1, model=model), 0)
    assert torch.equal(model[1].running_mean, once[1].running_mean)
    free = copy.deepcopy(model)
    two_steps(free, SAM(free.parameters(), torch.optim.SGD, 0.5, lr=0.1), 0)  # without model= it sees both
    two_steps(model, SAM(model.parameters(), torch.optim.SGD, 0.5, lr=0.1, model=model), 0)
    assert not torch.equal(free[1].running_mean, model[1].running_mean)


MIXING = {
    "GSAM": {"ascent": GSAM(0.4)},
    "WSAM": {"ascent": WeightedSAM(2.0)},
    "LookSAM": {"ascent": LookSAM(0.7), "when": Every(2)},
    "penalty": {"ascent": GradientPenalty(0.1)},
}


@pytest.mark.parametrize("variant", MIXING)
@pytest.mark.parametrize("way", ["in place", "bucket"])
def test_a_gradient_that_others_write_to_is_copied_before_it_is_mixed(variant, way) -> None:
    """Gradients that a step lets go of are handed on without a copy; those that a loop fills again are not."""
    (model, sam), (want, usual) = made(**MIXING[variant]), made(**MIXING[variant])
    sizes = [p.numel() for p in model.parameters()]
    bucket = torch.zeros(sum(sizes), dtype=torch.float64)  # as gradient_as_bucket_view has one

    def fill() -> None:
        if way == "in place":
            backward(model)
            return
        found = torch.autograd.grad(nn.functional.cross_entropy(model(batch(0)[0]), batch(0)[1]), model.parameters())
        torch.cat([g.reshape(-1) for g in found], out=bucket)
        for p, part in zip(model.parameters(), bucket.split(sizes), strict=True):
            p.grad = part.view(p.shape)

    for _ in range(4):
        two_steps(want, usual, 0)
        fill()
        sam.first_step(zero_grad=way == "bucket")
        model.zero_grad(set_to_none=way == "bucket")
        fill()
        sam.second_step()
        model.zero_grad()
    assert torch.equal(weights(model), weights(want))
