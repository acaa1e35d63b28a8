"""The ascent where numbers are coarse, huge, tiny or mixed: its length is rho, or a sentence says why not."""

from __future__ import annotations

import copy
import math
import warnings

import numpy as np
import pytest
import torch
from networks import batch, network, two_steps, weights
from torch import nn
from torch.nn import Parameter

from saddlecheck.nets.rounding import RoundedAscent, rounded_at_random
from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)
HALF = [torch.bfloat16, torch.float16]


def displacement(w: Parameter, g: torch.Tensor, rho: float, **arguments) -> torch.Tensor:
    """w^p - w after one ascent along g, in double precision."""
    before = w.detach().double().clone()
    w.grad = g
    SAM([w], torch.optim.SGD, rho, lr=0.1, **arguments).first_step()
    return w.detach().double() - before


# Half-precision weights


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_bf16_weights_move_by_rho_along_the_gradient_and_the_user_is_told_of_the_rest(sign, flat) -> None:
    n = 10_000
    w, g = Parameter(torch.ones(n, dtype=torch.bfloat16)), torch.full((n,), sign, dtype=torch.bfloat16)
    with pytest.warns(RoundedAscent, match=r"bfloat16 weights: rounding is off by [234]") as told:
        d = displacement(w, g, 0.05, flat=flat)
    assert len(told) == 1
    # Each weight is to move by e = 0.05 / 100 = 5e-4 between neighbours at u = 2^-7 (2^-8 below 1): with probability
    # p = e/u it moves by u. Along g/|g| the sum over n = 1e4 weights has mean n (p u) / 100 = 0.05 and variance
    # n p (1-p) u^2 / n <= e u, a deviation of 2.0e-3 (up) at most; five of them are 1.0e-2.
    along = float((d * g.double()).sum()) / n**0.5
    assert along == pytest.approx(0.05, abs=1.0e-2)


@pytest.mark.parametrize("dtype", HALF)
def test_random_rounding_keeps_the_mean_and_never_leaves_the_neighbours(dtype) -> None:
    # Normal numbers of both signs, a binade's edge, and fp16's subnormal range (below 6e-5).
    for x in (1.0004, -0.99991, 0.30001, 1.0, 3.1e-5, -1.23456e-6):
        n = 200_000
        draws = rounded_at_random(torch.full((n,), x), dtype, torch.Generator().manual_seed(1))
        x32 = float(torch.tensor(x))
        assert torch.equal(draws, draws.to(dtype).float())
        around = sorted({float(v) for v in draws.unique()})
        assert len(around) <= 2
        assert around[0] <= x32 <= around[-1]
        # Mean of n two-point variables a gap u apart: deviation at most u / (2 sqrt(n)); five of them.
        u = around[-1] - around[0]
        assert abs(float(draws.double().mean()) - x32) <= 5 * u / (2 * n**0.5)
        on_grid = torch.tensor(x).to(dtype).float().expand(1000)
        assert torch.equal(rounded_at_random(on_grid, dtype, torch.Generator().manual_seed(2)), on_grid)


def test_false_twin_rounding_to_nearest_loses_the_whole_perturbation() -> None:
    w = torch.ones(10_000, dtype=torch.bfloat16)
    assert torch.equal(w + 5e-4, w)


def test_weights_in_float32_under_autocast_keep_theirs_by_themselves() -> None:
    # The claim of nets/rounding.py: float32 weights spread over bf16's grid move by e on average, rounded to nearest.
    n, e = 100_000, 5e-4
    w = 1 + 0.5 * torch.rand(n, generator=torch.Generator().manual_seed(0))
    moved = ((w + e).bfloat16().double() - w.bfloat16().double()).mean()
    # Each moves by u = 2^-7 with probability e/u: deviation sqrt(e u / n) = 6.3e-6; five of them.
    assert float(moved) == pytest.approx(e, abs=3.2e-5)


@pytest.mark.parametrize("dtype", HALF)
def test_adaptive_half_precision_does_not_underflow(dtype) -> None:
    # T^2 g = 1e-4^2 * 1e-3 = 1e-11 is zero in fp16 (and |T g| = 1e-7 nearly so). w^p - w = rho T^2 g / |T g|:
    # each of n weights moves by rho w / sqrt(n) = 0.9 * 1e-4 / 2 (n = 4), half a weight.
    w = Parameter(torch.full((4,), 1e-4, dtype=dtype))
    exact = 0.9 * w.detach().double() / 2
    d = displacement(w, torch.full((4,), 1e-3, dtype=dtype), 0.9, adaptive=True, eps=0.0)
    # Rounded to a neighbour: w^p = 1.45e-4 lies in [2^-13, 2^-12), where the spacing is eps 2^-13.
    assert float((d - exact).abs().max()) <= torch.finfo(dtype).eps * 2.0**-13


def test_bf16_draws_are_the_same_on_every_run_and_after_a_resume() -> None:
    ends = []
    for resumed in (False, True):
        model = network(dtype=torch.bfloat16)
        sam = SAM(model.parameters(), torch.optim.SGD, 0.05, lr=0.1)
        for seed in range(4):
            if resumed and seed == 2:
                saved = copy.deepcopy((model.state_dict(), sam.state_dict()))
                model = network(seed=9, dtype=torch.bfloat16)
                sam = SAM(model.parameters(), torch.optim.SGD, 0.05, lr=0.1)
                model.load_state_dict(saved[0])
                sam.load_state_dict(saved[1])
            torch.rand(3)  # the user's own stream plays no part
            x, y = batch(seed, dtype=torch.bfloat16)
            for step in (sam.first_step, sam.second_step):
                nn.functional.cross_entropy(model(x), y).backward()
                step(zero_grad=True)
        ends.append(weights(model))
    assert torch.equal(*ends)


def test_a_bf16_model_learns_and_the_users_random_numbers_stay_his() -> None:
    model = network(dtype=torch.bfloat16)
    sam = SAM(model.parameters(), torch.optim.SGD, 0.05, lr=0.1)
    x, y = batch(0, dtype=torch.bfloat16)
    torch.manual_seed(5)
    losses = [float(sam.step(lambda: _backward(model, x, y)).detach()) for _ in range(30)]
    assert losses[-1] < 0.8 * losses[0]
    drawn = torch.rand(1)
    torch.manual_seed(5)
    assert torch.equal(drawn, torch.rand(1))


def _backward(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    return loss


def test_a_perturbation_that_float32_rounds_away_is_told_once() -> None:
    w = Parameter(torch.full((3,), 1e6))  # neighbours 0.06 apart
    sam = SAM([w], torch.optim.SGD, 0.01, lr=0.1)

    def train() -> None:
        for _ in range(5):
            for step in (sam.first_step, sam.second_step):
                w.grad = torch.ones(3)
                step(zero_grad=True)

    with pytest.warns(RoundedAscent, match="float32") as told:
        train()
    assert len(told) == 1


@pytest.mark.parametrize("adaptive", [True, False])
def test_a_perturbation_below_fp16s_spacing_is_told_once(adaptive) -> None:
    # Each of 1e4 weights at 1 is to move by 0.01 / 100 = 1e-4 on a grid of spacing 9.8e-4: by one gap in ten cases.
    w = Parameter(torch.ones(10_000, dtype=torch.float16))
    sam = SAM([w], torch.optim.SGD, 0.01, adaptive=adaptive, lr=0.0)

    def train() -> None:
        for _ in range(4):
            for step in (sam.first_step, sam.second_step):
                w.grad = torch.full_like(w, 1e-3)
                step(zero_grad=True)

    with pytest.warns(RoundedAscent, match="float16 weights") as told:
        train()
    assert len(told) == 1


def test_usual_weights_are_not_warned_about() -> None:
    for dtype, rho in ((torch.float32, 0.05), (torch.float64, 1e-6), (torch.bfloat16, 0.5)):
        model = network(dtype=dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sam = SAM(model.parameters(), torch.optim.SGD, rho, lr=0.1)
            sam.step(lambda m=model, d=dtype: _backward(m, *batch(0, dtype=d)))


# Default and mixed dtypes


@pytest.mark.parametrize("default", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("normalised", [True, False])
def test_the_default_dtype_plays_no_part(default, dtype, normalised) -> None:
    ends = []
    for use in (torch.float32, default):
        model = network(dtype=dtype)
        torch.set_default_dtype(use)
        try:
            sam = SAM(model.parameters(), torch.optim.SGD, 0.1, normalised=normalised, lr=0.1)
            sam.step(lambda m=model: _backward(m, *batch(0, dtype=dtype)))
        finally:
            torch.set_default_dtype(torch.float32)
        ends.append(weights(model))
    assert torch.equal(*ends)


@pytest.mark.parametrize("one_group", [True, False])
@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("adaptive", [True, False])
def test_weights_of_several_dtypes_share_one_norm(one_group, normalised, adaptive) -> None:
    ws = [Parameter(torch.full((4,), 2.0, dtype=d)) for d in (torch.float32, torch.float64, torch.bfloat16)]
    groups = [{"params": ws}] if one_group else [{"params": [w]} for w in ws]
    sam = SAM(groups, torch.optim.SGD, 0.5, normalised=normalised, adaptive=adaptive, lr=0.1)
    for w in ws:
        w.grad = torch.full_like(w, 0.25)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RoundedAscent)  # for bf16, which is tested above
        sam.first_step()
    # 12 entries: |g| = 0.25 sqrt(12), |T g| = 0.5 sqrt(12), T^2 g = 1.
    norm = (0.5 if adaptive else 0.25) * math.sqrt(12) if normalised else 1.0
    step = 0.5 * (1.0 if adaptive else 0.25) / norm
    for w in ws[:2]:
        # A number near 2 in float32: spacing 2.4e-7, and a norm that is right to 1e-7.
        assert w.detach().double().sub(2).tolist() == pytest.approx([step] * 4, abs=5e-7)
    assert float((ws[2].detach().double() - 2 - step).abs().max()) <= 2.0**-6  # bf16's spacing above 2


# Sizes at the ends of the range


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("check_finite", [True, False])
@pytest.mark.parametrize("adaptive", [True, False])
@pytest.mark.parametrize("eps", [0.0, 1e-12])
@pytest.mark.parametrize(
    ("dtype", "size"),
    [
        *[(torch.float32, s) for s in (1e20, 3e38, 1e3, 1e-25, 1e-38)],
        *[(torch.float64, s) for s in (1e160, 1e308, 1e-170, 1e-300)],
    ],
)
def test_the_perturbation_has_length_rho_for_every_finite_gradient(dtype, size, eps, adaptive, check_finite, flat):
    n = 16
    w, g = Parameter(torch.ones(n, dtype=dtype)), torch.full((n,), size, dtype=dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RoundedAscent)  # far below eps there is next to nothing left, which is told
        d = displacement(w, g, 0.5, eps=eps, adaptive=adaptive, check_finite=check_finite, flat=flat)
    # rho |g| / (|g| + eps), and T = 1 for the adaptive form. Each of 16 weights near 1 is right to half a spacing, 6e-8
    # in float32; the length of their errors is below 4 * 6e-8, and the norm adds 1e-7 of 0.5.
    assert float(d.norm()) == pytest.approx(0.5 / (1 + eps / (size * n**0.5)), rel=0, abs=3e-7)


def test_groups_of_very_different_size_share_the_norm() -> None:
    small, large = Parameter(torch.zeros(1)), Parameter(torch.zeros(1))
    small.grad, large.grad = torch.tensor([3e19]), torch.tensor([4e19])
    constant = Parameter(torch.zeros(1))
    constant.grad = torch.tensor([2.0])
    groups = [{"params": [small]}, {"params": [large], "rho": 1.0}, {"params": [constant], "normalised": False}]
    SAM(groups, torch.optim.SGD, 0.5, lr=0.1).first_step()
    # |g| = 5e19 (2 is nothing beside it): 0.5 * 3/5, 1 * 4/5, and 0.5 * 2 for the constant radius.
    assert [float(p.detach()) for p in (small, large, constant)] == pytest.approx([0.3, 0.8, 1.0], rel=1e-6)


@pytest.mark.parametrize("adaptive", [True, False])
@pytest.mark.parametrize("normalised", [True, False])
@pytest.mark.parametrize("flat", [False, True])
def test_without_eps_a_critical_point_stays_where_it_is(flat, normalised, adaptive) -> None:
    w = Parameter(torch.tensor([1.0, -2.0]))
    d = displacement(w, torch.zeros(2), 0.5, eps=0.0, normalised=normalised, adaptive=adaptive, flat=flat)
    assert torch.equal(d, torch.zeros(2, dtype=torch.float64))


@pytest.mark.parametrize("rho", [float("nan"), float("inf"), -0.1, True, "0.1"])
def test_a_radius_that_a_schedule_has_spoilt_is_refused_at_the_step(rho) -> None:
    model = network()
    sam = SAM(model.parameters(), torch.optim.SGD, 0.1, lr=0.1)
    two_steps(model, sam, 0)
    before = weights(model).clone()
    sam.param_groups[0]["rho"] = rho
    with pytest.raises(ValueError, match="rho is a finite number >= 0"):
        two_steps(model, sam, 1)
    assert torch.equal(weights(model), before)


@pytest.mark.parametrize("rho", [np.float32(0.5), np.float64(0.5), np.int64(1)])
def test_a_radius_from_numpy_is_a_number(rho) -> None:
    w = Parameter(torch.zeros(4))
    assert float(displacement(w, torch.ones(4), rho).norm()) == pytest.approx(float(rho), rel=1e-6)


@pytest.mark.parametrize("normalised", [True, False])
def test_a_weight_without_entries_is_no_obstacle(normalised) -> None:
    ws = [Parameter(torch.ones(4)), Parameter(torch.ones(0))]
    sam = SAM([{"params": ws[:1]}, {"params": ws[1:]}], torch.optim.SGD, 0.5, normalised=normalised, lr=0.1)
    for step in (sam.first_step, sam.second_step):
        for w in ws:
            w.grad = torch.ones_like(w)
        step()
    assert ws[0].tolist() == pytest.approx([0.9] * 4, rel=1e-6)


# The worst case of what is optimised


@pytest.mark.parametrize("base", [torch.optim.SGD, torch.optim.AdamW])
@pytest.mark.parametrize("normalised", [True, False])
def test_maximising_is_minimising_the_negative(base, normalised) -> None:
    ends = []
    for sign in (1.0, -1.0):
        w = Parameter(torch.tensor([0.3, -0.2], dtype=torch.float64))
        sam = SAM([w], base, 0.1, normalised=normalised, lr=0.05, maximize=sign < 0)
        for _ in range(20):
            for step in (sam.first_step, sam.second_step):
                (sign * (torch.cosh(w).sum() + 0.3 * w.prod())).backward()
                step(zero_grad=True)
        ends.append(w.detach().clone())
    assert torch.equal(*ends)  # negation is exact in floating point
    assert float(ends[0].norm()) < 0.36  # and it went towards the minimum at 0, |w| = 0.36 at the start
