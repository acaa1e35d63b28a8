"""The variants of SAM in torch, each step against the rule that theory has of it, or its formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch_variants import CASES, ETA, HESSIANS, LOSSES, PENALTIES, RHO, STEPS, Torch, by_rule, gradient, of, start

from saddlecheck import nets
from saddlecheck.nets import SAM, Every, Sometimes
from saddlecheck.theory.optimisers import rules

torch.set_num_threads(1)

EACH = [(c, loss) for c in CASES for loss in LOSSES] + [(c, loss) for c in PENALTIES for loss in HESSIANS]


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize(("case", "loss"), EACH)
def test_a_step_is_the_rules_own(case, loss, flat) -> None:
    options, step, state, period = {**CASES, **PENALTIES}[case]
    found = Torch(loss, flat=flat, **options).run()
    expected = by_rule(step, loss, state, STEPS // period)
    # float64, |w| < 2, at most 4 gradients of 7 terms a step: 40 roundings of 1.1e-16, 1e-14 a step. A step multiplies
    # an error by at most 1 + eta L (1 + rho L)^3 < 1.1 for curvatures up to L = 2.3, momentum by 1/(1 - 0.9) at worst,
    # so 20 steps leave 20 * 1e-14 * 1.1^20 / 2 < 7e-13.
    assert np.abs(found - expected).max() < 1e-12
    # The false twin: SAM is another rule by far; gradient descent where the case is SAM on a quadratic.
    other = of(rules.plain if case in ("constant", "penalty") else rules.sharpness_aware)
    assert np.abs(found - by_rule(other, loss)).max() > 1e-6


@pytest.mark.parametrize("weight", [0.1, 0.05])
def test_the_penalty_is_reached_at_first_order_in_the_difference(weight) -> None:
    loss, w = "sines and quartics", start()
    v = torch.tensor(w, requires_grad=True)
    g = torch.autograd.grad(LOSSES[loss](v), v, create_graph=True)[0]
    hg = torch.autograd.grad(g @ g.detach(), v)[0].numpy()
    exact = w - ETA * (g.detach().numpy() + weight * hg)
    errors = [
        np.abs(Torch(loss, rho, ascent=nets.GradientPenalty(weight)).run(1) - exact).max()
        for rho in (2e-3, 1e-3)
    ]  # fmt: skip
    # (g(w + rho g) - g)/rho - H g = rho T + O(rho^2): halving rho halves the error up to O(rho), far below a tenth.
    assert errors[0] / errors[1] == pytest.approx(2.0, abs=0.2)


def looksam(k: int, alpha: float, loss: str) -> np.ndarray:
    w, v, norm, gr = start(), np.zeros(7), np.linalg.norm, gradient(loss)
    for step in range(STEPS):
        g = gr(w)
        if step % k == 0:
            p = gr(w + RHO * g)
            v = p - (p @ g) / (g @ g) * g
            w = w - ETA * p
        else:
            w = w - ETA * (g + alpha * norm(g) / norm(v) * v)
    return w


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
def test_looksam(loss, flat) -> None:
    run = Torch(loss, flat=flat, ascent=nets.LookSAM(0.7), when=Every(4))
    found = run.run()
    assert run.passes == STEPS + STEPS // 4
    # |v| is of the order rho |H g| = 0.05 |g|: dividing by it costs 20 times the roundings of the other rules, on 3 of
    # 4 steps, and the reused part itself moves by alpha eta: 1e-12 holds with the same bound on the growth.
    assert np.abs(found - looksam(4, 0.7, loss)).max() < 1e-12
    assert np.abs(found - looksam(4, 0.0, loss)).max() > 1e-6


def test_looksam_reuses_nothing_that_is_rounding_alone() -> None:
    # Along an eigenvector g_p is parallel to g; what rounding leaves of v has no direction to be reused.
    w = nn.Parameter(torch.tensor([0.3, 0.0], dtype=torch.float64))
    turned = nn.Parameter(torch.tensor([0.3, 0.1], dtype=torch.float64))
    for p, moves in ((w, False), (turned, True)):
        sam = SAM([p], torch.optim.SGD, 0.1, lr=0.1, ascent=nets.LookSAM(0.7), when=Every(2))

        def closure(p=p) -> Tensor:
            loss = p[0] ** 2 / 3 - p[1] ** 2
            loss.backward()
            return loss

        sam.step(closure)
        kept = sam.state_dict()["ascent"]["kept"]["turn"][0]
        assert bool(kept.any()) is moves


def test_looksam_stays_at_a_saddle_that_sam_leaves_however_small_rho_is() -> None:
    # What is reused has length alpha |g| for every rho. f = x^2 - y^2 at lr 0.01: |y| grows by 1.02 a step under SGD
    # and from 0.01 passes 1 after log(100)/log(1.02) = 232 steps; SAM at rho = 1e-6 is SGD but for 1e-8 a step.
    ends = []
    for ascent in (nets.LookSAM(0.7), None):
        w = nn.Parameter(torch.tensor([-3.0, -0.01], dtype=torch.float64))
        sam = SAM([w], torch.optim.SGD, 1e-6, lr=0.01, ascent=ascent, when=Every(5))

        def closure(w=w) -> Tensor:
            loss = w[0] ** 2 - w[1] ** 2
            loss.backward()
            return loss

        for _ in range(240):
            sam.step(closure)
        ends.append(abs(w[1].item()))
    assert ends[0] < 0.5
    assert ends[1] > 1.0


@pytest.mark.parametrize("loss", LOSSES)
def test_weighted_sam(loss) -> None:
    found, w, gr = Torch(loss, ascent=nets.WeightedSAM(9.0)).run(5), start(), gradient(loss)
    for _ in range(5):
        w = w - ETA * (-8.0 * gr(w) + 9.0 * gr(w + RHO * gr(w)))
    assert np.abs(found - w).max() < 1e-12  # 17 times the roundings of SAM's steps, on a quarter of them


def test_dnsam_divides_by_the_full_gradients_norm() -> None:
    loss, full = LOSSES["quadratic 0"], LOSSES["sines and quartics"]
    asked = []

    def norm() -> float:
        v = torch.cat(run.parts)
        asked.append(float(torch.cat(torch.autograd.grad(full(v), run.parts)).norm()))
        return asked[-1]

    run = Torch("quadratic 0", normalised=True, ascent=nets.DNSAM(norm))
    found, w = run.run(5), start()
    for _ in range(5):
        g = gradient("quadratic 0")(w)
        ahead = w + RHO * g / np.linalg.norm(gradient("sines and quartics")(w))
        w = w - ETA * gradient("quadratic 0")(ahead)
    assert loss is LOSSES["quadratic 0"]
    assert len(asked) == 5  # once a step, with two groups
    assert np.abs(found - w).max() < 1e-12
    v = nn.Parameter(torch.ones(2))
    (v**2).sum().backward()
    broken = SAM([v], torch.optim.SGD, 0.1, lr=0.1, ascent=nets.DNSAM(lambda: math.nan))
    with pytest.raises(FloatingPointError, match="full gradient's norm is nan"):
        broken.first_step()
    assert torch.equal(v.detach(), torch.ones(2))


def test_esam_keeps_entries_at_random_and_the_mean() -> None:
    n, keep, rho = 4000, 0.3, 0.5
    w = nn.Parameter(torch.linspace(1, 2, n, dtype=torch.float64))
    before = w.detach().clone()
    sam = SAM([w], torch.optim.SGD, rho, lr=0.1, normalised=False, ascent=nets.ESAM(keep, seed=1))
    masks = []
    for _ in range(2):
        (w**2 / 2).sum().backward()
        g, at = w.grad.clone(), w.detach().clone()
        sam.first_step(zero_grad=True)
        moved = w.detach() - at
        kept = moved != 0
        masks.append(kept)
        torch.testing.assert_close(moved, rho * g * kept / keep, rtol=0, atol=1e-13)  # of numbers up to 4
        (w**2 / 2).sum().backward()
        sam.second_step(zero_grad=True)
    # Binomial(n, keep): deviation sqrt(n keep (1 - keep)) = 29; five of them.
    assert all(abs(int(kept.sum()) - n * keep) < 145 for kept in masks)
    assert not torch.equal(*masks)
    assert not torch.equal(before, w.detach())


def test_random_perturbation_is_one_pass_on_the_sphere() -> None:
    n = 4000
    w = nn.Parameter(torch.zeros(n, dtype=torch.float64))
    for normalised in (True, False):
        sam = SAM([w], torch.optim.SGD, 0.5, lr=0.0, normalised=normalised, ascent=nets.RandomPerturbation(seed=3))
        sam.zero_grad()
        points = []

        def closure(points=points) -> Tensor:
            points.append(w.detach().clone())
            loss = (w**2).sum()
            loss.backward()
            return loss

        losses = [float(sam.step(closure).detach()) for _ in range(2)]
        assert len(points) == 2
        assert not torch.equal(*points)
        # |D|^2 has mean n and deviation sqrt(2 n) = 89: five of them are a ninth of n.
        assert losses == pytest.approx([0.25] * 2 if normalised else [0.25 * n] * 2, rel=1e-9 if normalised else 1 / 8)
        assert abs(float(points[0].mean())) < 5 * 0.5 / n**0.5 * (n**-0.5 if normalised else 1.0)
    assert torch.equal(w.detach(), torch.zeros(n))


def test_sometimes_takes_a_pass_more_on_its_steps_alone() -> None:
    when, run = Sometimes(0.4, seed=2), Torch("quadratic 1", when=Sometimes(0.4, seed=2))
    found, w, gr = run.run(), start(), gradient("quadratic 1")
    for step in range(STEPS):
        w = w - ETA * (gr(w + RHO * gr(w)) if when(step) else gr(w))
    assert 0 < sum(map(when, range(STEPS))) < STEPS
    assert run.passes == STEPS + sum(map(when, range(STEPS)))
    assert np.abs(found - w).max() < 1e-12
