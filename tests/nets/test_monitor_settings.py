"""The monitor reads the same curvature whatever a training loop does between backward and the step, or says why not.

The loss is 1/2 sum h_i w_i^2. Its curvature along the displacement d is sum h d^2 / sum d^2, its gradient g = h w.
"""

from __future__ import annotations

import math

import pytest
import torch
from monitored import RHO, G, H, Loop, W, Writer
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.nn import Parameter

from saddlecheck.nets.monitor import Monitor, Reading
from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)


def clip(loop: Loop) -> None:
    nn.utils.clip_grad_norm_(loop.parts, 0.05)


def clip_value(loop: Loop) -> None:
    nn.utils.clip_grad_value_(loop.parts, 0.01)


def unscale(loop: Loop) -> None:
    perturbed = loop.sam.progress.perturbed
    loop.scaler.unscale_(loop.sam.base_optimizer if perturbed else loop.sam)


def unscale_and_clip(loop: Loop) -> None:
    unscale(loop)
    clip(loop)


def scaled(**arguments) -> Loop:
    return Loop(scaler=GradScaler("cpu", init_scale=65536.0), **arguments)


def by_closure() -> Reading:
    loop = Loop()
    with Monitor(loop.sam, Writer(), every=1) as monitor:
        loop.sam.step(lambda: loop.loss().backward())
    return monitor.readings[0]


def recorded() -> Reading:
    loop = Loop()
    with Monitor(loop.sam, Writer(), every=1) as monitor:
        for _ in range(2):
            loop.sam.record(lambda: loop.loss(0.5)).backward()
        loop.sam.step()
    return monitor.readings[0]


def given_up_and_tried_again() -> Reading:
    loop = Loop()
    with Monitor(loop.sam, Writer(), every=1) as monitor:
        for factor in (math.nan, 1.0):
            loop.loss().backward()
            loop.sam.first_step(zero_grad=True)
            loop.loss(factor).backward()
            try:
                loop.sam.second_step(zero_grad=True)
            except FloatingPointError:
                loop.sam.zero_grad()
    return monitor.readings[0]


ALONG_G = {
    "nothing": lambda: Loop().step(),
    "flat": lambda: Loop(flat=True).step(),
    "closure": by_closure,
    "recorded losses": recorded,
    "two micro-batches": lambda: Loop().step(parts=2),
    "constant rho": lambda: Loop(normalised=False).step(),
    "clip at w": lambda: Loop().step(at_w=clip),
    "clip at w^p": lambda: Loop().step(at_wp=clip),
    "clip both": lambda: Loop().step(clip, clip),
    "clip both, flat": lambda: Loop(flat=True).step(clip, clip),
    "clip values at w^p": lambda: Loop().step(at_wp=clip_value),
    "scaler": lambda: scaled().step(),
    "scaler, constant rho": lambda: scaled(normalised=False).step(),
    "scaler, flat": lambda: scaled(flat=True).step(),
    "scaler, unscaled at w^p": lambda: scaled().step(at_wp=unscale),
    "scaler, clip at w^p": lambda: scaled().step(at_wp=unscale_and_clip),
    "scaler, clip both": lambda: scaled().step(unscale_and_clip, unscale_and_clip),
    "two groups alike": lambda: Loop(groups=True).step(),
    "after a refused step": given_up_and_tried_again,
}


@pytest.mark.parametrize("setting", ALONG_G)
def test_the_reading_along_the_gradient_is_the_same_in_every_setting(setting) -> None:
    reading = ALONG_G[setting]()
    norm = float(G.norm())
    r = RHO if "constant" in setting else RHO / norm
    # A difference of gradients that are right to 1e-16, over |d| >= 0.3: 1e-15 of numbers of order one. What depends on
    # the size of d carries eps / |g| = 1e-12 / 0.05 of a gradient clipped before the ascent: 2e-11.
    assert reading.curvature == pytest.approx(float((H * G**2).sum() / (G**2).sum()), rel=1e-12)
    assert reading.gradient == pytest.approx(norm, rel=1e-12)
    assert reading.perturbed_gradient == pytest.approx(float(((1 + r * H) * G).norm()), rel=1e-10)
    assert reading.stiffness == pytest.approx(float((H * G).norm()) / norm, rel=1e-12)
    assert 0.1 * reading.edge * (1 + r * reading.edge) == pytest.approx(2.0, rel=1e-9)
    assert reading.reason == ""


def along(d: Tensor) -> float:
    return float((H * d**2).sum() / (d**2).sum())


HALF = torch.tensor([0.0, 0.0, 1.0, 1.0], dtype=torch.float64)
ALONG_D = {
    "adaptive": (lambda: Loop(adaptive=True).step(), W**2 * G),
    "adaptive, constant rho": (lambda: Loop(adaptive=True, normalised=False).step(), W**2 * G),
    "adaptive, clipped under a scaler": (lambda: scaled(adaptive=True).step(at_wp=unscale_and_clip), W**2 * G),
    "groups, rho 0 and 0.5": (lambda: Loop(groups=True, rhos=(0.0, 0.5)).step(), HALF * G),
    "groups, rho 0.2 and 0.5": (lambda: Loop(groups=True, rhos=(0.2, 0.5)).step(), (0.2 + 0.3 * HALF) * G),
    "groups, flat": (lambda: Loop(groups=True, rhos=(0.2, 0.5), flat=True).step(), (0.2 + 0.3 * HALF) * G),
}


@pytest.mark.parametrize("setting", ALONG_D)
def test_another_displacement_has_its_own_curvature_and_no_edge(setting) -> None:
    loop, d = ALONG_D[setting]
    reading = loop()
    assert reading.curvature == pytest.approx(along(d), rel=1e-11)
    assert abs(along(d) - along(G)) > 0.01  # the negative control: along g it would be another number
    assert math.isnan(reading.edge)
    assert reading.reason == "no edge: the perturbation is not along the gradient"


def test_bf16_weights_have_the_curvature_along_their_rounded_displacement() -> None:
    w = Parameter(torch.tensor([1.0, 2.0], dtype=torch.bfloat16))
    sam = SAM([w], torch.optim.SGD, 1.0, lr=0.1)
    with Monitor(sam, Writer(), every=1) as monitor:
        for step in (sam.first_step, sam.second_step):
            (0.5 * torch.tensor([4.0, 4.0], dtype=torch.bfloat16) * w * w).sum().backward()
            step(zero_grad=True)
    # H = 4 I: every direction has curvature 4, and multiplying by 4 rounds nothing.
    assert monitor.readings[0].curvature == 4.0


def test_a_maximising_base_reads_the_curvature_of_what_it_minimises() -> None:
    w = Parameter(torch.tensor([0.5, 1.0], dtype=torch.float64))
    sam = SAM([w], torch.optim.SGD, 0.1, lr=0.1, maximize=True)
    with Monitor(sam, Writer(), every=1) as monitor:
        for step in (sam.first_step, sam.second_step):
            (-(w**2).sum()).backward()
            step(zero_grad=True)
    assert monitor.readings[0].curvature == pytest.approx(2.0, rel=1e-12)
    assert monitor.readings[0].reason == ""


def test_a_learning_rate_of_zero_has_an_infinite_edge_and_a_curvature() -> None:
    loop = Loop(lr=0.0)
    reading = loop.step()
    assert reading.edge == math.inf
    assert reading.curvature == pytest.approx(along(G), rel=1e-12)
    assert torch.equal(torch.cat([p.detach() for p in loop.parts]), W)


def missing_in(which: int, *, flat: bool = False, cleared_to_zero: bool = False) -> tuple[Reading, Loop]:
    loop = Loop(flat=flat)
    a, b = loop.parts
    if cleared_to_zero:
        a.grad, b.grad = torch.zeros_like(a), torch.zeros_like(b)
    with Monitor(loop.sam, Writer(), every=1) as monitor:
        for i, step in enumerate((loop.sam.first_step, loop.sam.second_step)):
            ((a * b).sum() + (a**2).sum() if i != which else (a**2).sum()).backward()
            step()
            loop.sam.zero_grad(set_to_none=not cleared_to_zero)
    return monitor.readings[0], loop


def given_up() -> Reading:
    """A step that failed at w^p, with another path through the model, says nothing about the one that is made then."""
    loop = Loop()
    a, b = loop.parts
    with Monitor(loop.sam, Writer(), every=1) as monitor:
        (a**2).sum().backward()
        loop.sam.first_step(zero_grad=True)
        (a**2).sum().backward()
        loop.sam.restore()
        loop.sam.zero_grad()
        for step in (loop.sam.first_step, loop.sam.second_step):
            ((a**2).sum() + (b**2).sum()).backward()
            step(zero_grad=True)
    return monitor.readings[0]


def dropout() -> Reading:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1)).double()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1)
    with Monitor(sam, Writer(), every=1) as monitor:
        sam.step(lambda: model(torch.ones(3, 4, dtype=torch.float64)).square().mean().backward())
    return monitor.readings[0]


def other_batch(*, by_closure: bool) -> Reading:
    loop = Loop()
    with Monitor(loop.sam, Writer(), every=1, same_batch=by_closure) as monitor:
        if by_closure:
            loop.sam.step(lambda: loop.loss().backward(), ascent_closure=lambda: loop.loss(-3.0).backward())
        else:
            for step, factor in ((loop.sam.first_step, -3.0), (loop.sam.second_step, 1.0)):
                loop.loss(factor).backward()
                step(zero_grad=True)
    return monitor.readings[0]


def unscaled_by_hand() -> Reading:
    loop, scaler = Loop(), GradScaler("cpu", init_scale=1024.0)
    with Monitor(loop.sam, Writer(), every=1) as monitor:
        scaler.scale(loop.loss()).backward()
        scaler.unscale_(loop.sam)
        loop.sam.first_step(zero_grad=True)
        scaler.scale(loop.loss()).backward()
        scaler.unscale_(loop.sam.base_optimizer)
        loop.sam.second_step(zero_grad=True)
    return monitor.readings[0]


def within_rounding() -> Reading:
    w = Parameter(torch.tensor([1.0, 1.0]))  # float32: the change of the gradient, 1e-7, is its last digit
    sam = SAM([w], torch.optim.SGD, 1e-6, lr=0.1)
    with Monitor(sam, Writer(), every=1) as monitor:
        for step in (sam.first_step, sam.second_step):
            ((1 + 0.1 * w) ** 2).sum().backward()
            step(zero_grad=True)
    return monitor.readings[0]


NOT_AVAILABLE = {
    "missing in pass 2": (lambda: missing_in(1)[0], "no curvature: 1 weights have a gradient in one of the two"),
    "missing in pass 1": (lambda: missing_in(0)[0], "no curvature: 1 weights have a gradient in one of the two"),
    "missing in pass 2, flat": (
        lambda: missing_in(1, flat=True)[0],
        "no curvature: 1 weights have a gradient in one of the two",
    ),
    "missing in pass 1, flat": (
        lambda: missing_in(0, flat=True)[0],
        "no curvature: 1 weights have a gradient in one of the two",
    ),
    "missing in pass 2, cleared to zero": (
        lambda: missing_in(1, cleared_to_zero=True)[0],
        "no curvature: 1 weights have a gradient in one of the two",
    ),
    "dropout": (dropout, "no curvature: random numbers were drawn"),
    "another batch, closure": (lambda: other_batch(by_closure=True), "no curvature: the ascent used another"),
    "another batch, two steps": (lambda: other_batch(by_closure=False), "no curvature: the ascent used another"),
    "unscaled by hand": (unscaled_by_hand, "no curvature: the gradients seem to have been unscaled"),
    "rho 0": (lambda: Loop(groups=True, rhos=(0.0, 0.0)).step(), "no curvature: the weights did not move"),
    "rounding": (within_rounding, "no curvature: the gradient's change lies within its rounding"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("setting", NOT_AVAILABLE)
def test_what_cannot_be_read_is_not_available_and_says_why(setting) -> None:
    loop, reason = NOT_AVAILABLE[setting]
    reading = loop()
    assert reading.reason.startswith(reason)
    assert math.isnan(reading.curvature)
    assert math.isnan(reading.stiffness)
    assert not reading.trapping


def test_false_twin_a_step_that_was_given_up_does_not_count() -> None:
    assert given_up().curvature == pytest.approx(2.0, rel=1e-12)  # of a^2 + b^2, rounding of a quotient


def test_groups_with_a_rate_each_have_a_curvature_but_no_edge() -> None:
    loop = Loop(groups=True)
    loop.sam.param_groups[1]["lr"] = 0.2
    reading = loop.step()
    assert reading.curvature == pytest.approx(along(G), rel=1e-12)
    assert math.isnan(reading.edge)
    assert reading.reason == "no edge: the groups have no common learning rate"


def test_the_same_dropout_mask_in_both_passes_can_be_read() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1, bias=False)).double()
    sam = SAM(model.parameters(), torch.optim.SGD, 1e-4, lr=0.1)
    with Monitor(sam, Writer(), every=1) as monitor:
        for step in (sam.first_step, sam.second_step):
            torch.manual_seed(3)
            model(torch.ones(3, 4, dtype=torch.float64)).square().mean().backward()
            step(zero_grad=True)
    assert math.isfinite(monitor.readings[0].curvature)
