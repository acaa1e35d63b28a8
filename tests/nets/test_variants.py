"""The variants of SAM in torch, each step against the rule that theory has of it, and as citizens like SAM."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from saddlecheck import nets
from saddlecheck.nets import SAM, Every, Sometimes
from saddlecheck.theory.optimisers import named, rules, variants

torch.set_num_threads(1)

ETA, RHO, STEPS = 0.02, 0.1, 20
SIZES = (4, 3)


def quadratic(seed: int) -> Tensor:
    """A symmetric matrix of size 7 with eigenvalues of both signs, the largest |eigenvalue| 2."""
    a = torch.randn(7, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    h = (a + a.T) / 2
    return 2 * h / torch.linalg.matrix_norm(h, 2)


HESSIANS = {f"quadratic {seed}": quadratic(seed) for seed in (0, 1, 2)}
LOSSES = {
    **{name: (lambda v, h=h: v @ h @ v / 2) for name, h in HESSIANS.items()},
    "sines and quartics": lambda v: torch.sin(v).prod() + (v**4).sum() / 20 + v[0] * v[5] - torch.cos(v[1] * v[2]),
}


def gradient(loss: str):
    def of(w: np.ndarray) -> np.ndarray:
        v = torch.tensor(w, requires_grad=True)
        return torch.autograd.grad(LOSSES[loss](v), v)[0].numpy()

    return of


def start() -> np.ndarray:
    return np.random.default_rng(5).normal(size=7) / 2


class Torch:
    """A variant on one of the losses: the weights in two tensors, the second in a group of its own."""

    def __init__(self, loss: str, rho: float = RHO, **more: object) -> None:
        first, second = torch.tensor(start()).split(SIZES)
        self.parts = [nn.Parameter(first.clone()), nn.Parameter(second.clone())]
        base = {"lr": ETA, **{k: more.pop(k) for k in ("momentum", "maximize") if k in more}}
        sign = -1.0 if base.get("maximize") else 1.0
        self.loss = lambda: sign * LOSSES[loss](torch.cat(self.parts))
        groups = [{"params": [p]} for p in self.parts]
        self.sam = SAM(groups, torch.optim.SGD, rho, **{"normalised": False, **more}, **base)
        self.passes = 0

    def closure(self) -> Tensor:
        self.passes += 1
        loss = self.loss()
        loss.backward()
        return loss

    @property
    def w(self) -> np.ndarray:
        return torch.cat(self.parts).detach().numpy().copy()

    def run(self, steps: int = STEPS) -> np.ndarray:
        for _ in range(steps):
            self.sam.step(self.closure)
        return self.w


def by_rule(step, loss: str, state: int = 1, steps: int = STEPS) -> np.ndarray:
    """The weights after some steps of a rule; what it keeps beside them starts at 0."""
    values = (start(), *[np.zeros(7)] * (state - 1))
    for _ in range(steps):
        values = step(gradient(loss), values, RHO, ETA)
    return values[0]


of = variants.of_rule
# How SAM is called, the rule's step, how many vectors it keeps, and for how many steps of torch one of the rule stands.
CASES = {
    "constant": ({}, of(rules.sharpness_aware), 1, 1),
    "normalised": ({"normalised": True, "eps": 0.0}, of(rules.normalised), 1, 1),
    "ASAM constant": ({"adaptive": True}, of(rules.adaptive), 1, 1),
    "ASAM": ({"adaptive": True, "normalised": True, "eps": 0.0}, of(named.adaptive_normalised), 1, 1),
    "EG-SAM": ({"ascent": nets.EGSAM()}, variants.lookahead, 1, 1),
    "unified": ({"ascent": nets.UnifiedSAM(0.3), "normalised": True, "eps": 0.0}, of(named.unified(0.3)), 1, 1),
    "N-step": ({"ascent": nets.NStepSAM(3)}, of(rules.ascending(3)), 1, 1),
    "GSAM": ({"ascent": nets.GSAM(0.4)}, of(variants.gsam(0.4)), 1, 1),
    "Friendly SAM": ({"ascent": nets.FriendlySAM(0.7, 0.9)}, variants.friendly(0.7, 0.9), 2, 1),
    "stale": ({"ascent": nets.StaleAscent()}, variants.stale, 2, 1),
    "stale perturbed": ({"ascent": nets.StalePerturbedAscent()}, variants.stale_perturbed, 2, 1),
    "momentum": ({"ascent": nets.MomentumAscent(), "momentum": 0.9}, variants.along_momentum(0.9), 2, 1),
    "every fifth": ({"when": Every(5)}, variants.sam_every(5), 1, 5),
}
PENALTIES = {
    "penalty": ({"ascent": nets.GradientPenalty(RHO), "rho": 0.3}, of(variants.penalised), 1, 1),
    "norm penalty": (
        {"ascent": nets.GradientPenalty(RHO), "rho": 0.3, "normalised": True, "eps": 0.0},
        of(named.penalised_normalised), 1, 1,
    ),
}  # fmt: skip
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


ALL = {
    **{name: options for name, (options, *_) in {**CASES, **PENALTIES}.items()},
    "LookSAM": {"ascent": nets.LookSAM(0.7), "when": Every(4)},
    "weighted": {"ascent": nets.WeightedSAM(2.0)},
    "ESAM": {"ascent": nets.ESAM(0.5)},
    "random": {"ascent": nets.RandomPerturbation()},
    "DNSAM": {"ascent": nets.DNSAM(lambda: 2.0), "normalised": True},
    "some": {"when": Sometimes(0.5), "ascent": nets.FriendlySAM()},
}


@pytest.mark.parametrize("case", ALL)
@pytest.mark.parametrize("flat", [False, True])
def test_two_half_steps_are_the_step_with_a_closure(case, flat) -> None:
    one, two = (Torch("sines and quartics", flat=flat, **ALL[case]) for _ in range(2))
    for _ in range(8):
        one.sam.step(one.closure)
        for _ in range(two.sam.ascent.passes):
            two.closure()  # an ascent that needs no gradient at w does not mind one
            two.sam.first_step(zero_grad=True)
        two.closure()
        two.sam.second_step(zero_grad=True)
    assert np.array_equal(one.w, two.w)


@pytest.mark.parametrize("case", [c for c in ALL if c != "random"])  # a random direction has no sign
def test_maximising_is_minimising_the_negative(case) -> None:
    plain = Torch("sines and quartics", **ALL[case]).run(8)
    negative = Torch("sines and quartics", maximize=True, **ALL[case]).run(8)
    assert np.abs(plain - negative).max() < 1e-13  # the same numbers with other signs; sums round alike


@pytest.mark.parametrize("way", ["state dict", "deepcopy"])
@pytest.mark.parametrize("case", ALL)
@pytest.mark.parametrize("flat", [False, True])
def test_a_run_goes_on_as_if_it_had_not_stopped(case, flat, way) -> None:
    whole = Torch("sines and quartics", flat=flat, **ALL[case])
    whole.run(6)
    if way == "deepcopy":
        parts, sam = copy.deepcopy((whole.parts, whole.sam))
        resumed = Torch("sines and quartics", flat=False, **ALL[case])
        resumed.parts, resumed.sam = parts, sam
    else:
        state = copy.deepcopy(whole.sam.state_dict())
        resumed = Torch("sines and quartics", flat=flat, **ALL[case])
        with torch.no_grad():
            for p, q in zip(resumed.parts, whole.parts, strict=True):
                p.copy_(q)
        resumed.sam.load_state_dict(state)
    assert np.array_equal(whole.run(6), resumed.run(6))


def test_the_state_of_a_plain_sam_is_the_bases_own_and_another_ascents_is_refused() -> None:
    assert set(Torch("quadratic 0").sam.state_dict()) == {"state", "param_groups"}
    friendly, gsam = (Torch("quadratic 0", ascent=a).sam for a in (nets.FriendlySAM(), nets.GSAM()))
    with pytest.raises(ValueError, match="with the ascent FriendlySAM, this one has GSAM"):
        gsam.load_state_dict(friendly.state_dict())
    gsam.load_state_dict(Torch("quadratic 0").sam.state_dict())  # a plain one is welcome


def test_the_monitor_says_whose_ascent_it_reads(tmp_path) -> None:
    for options, reason in (
        ({}, ""),
        ({"ascent": nets.GSAM()}, "and this is GSAM"),
        ({"ascent": nets.RandomPerturbation()}, "and this is RandomPerturbation"),
    ):
        run = Torch("quadratic 0", **options)
        with nets.Monitor(run.sam, tmp_path / f"{len(reason)}.csv", every=1) as monitor:
            run.run(3)
        assert [r.step for r in monitor.readings] == [0, 1, 2]
        assert all(reason in r.reason for r in monitor.readings)
        assert all(math.isnan(r.curvature) is math.isnan(r.edge) is bool(reason) for r in monitor.readings)
    some = Torch("quadratic 0", when=Every(2))
    with nets.Monitor(some.sam, tmp_path / "some.csv", every=1) as monitor:
        some.run(4)
    assert [r.reason for r in monitor.readings] == ["", "this step does not climb"] * 2


PASSES = {"random": 1, "stale perturbed": 1, "momentum": 1, "N-step": 4, "constant": 2, "GSAM": 2, "stale": 2}


@pytest.mark.parametrize("case", PASSES)
def test_a_step_costs_as_many_passes_as_it_says(case) -> None:
    run = Torch("quadratic 0", **ALL[case])
    run.run(3)
    assert run.passes == 3 * PASSES[case]


def weight() -> list[nn.Parameter]:
    return [nn.Parameter(torch.ones(2))]


REFUSED = {
    "an ascent is a value": lambda: SAM(weight(), torch.optim.SGD, lr=0.1, ascent="esam"),
    "got the class GSAM": lambda: SAM(weight(), torch.optim.SGD, lr=0.1, ascent=nets.GSAM),
    "is a function of the step's number": lambda: SAM(weight(), torch.optim.SGD, lr=0.1, when=5),
    "momentum buffer": lambda: SAM(weight(), torch.optim.SGD, lr=0.1, ascent=nets.MomentumAscent()),
    "pass when=Every": lambda: SAM(weight(), torch.optim.SGD, lr=0.1, ascent=nets.LookSAM()),
    "share=0 is the constant radius": lambda: SAM(
        weight(), torch.optim.SGD, lr=0.1, normalised=False, ascent=nets.UnifiedSAM()
    ),
    "its rho is a length": lambda: SAM(
        weight(), torch.optim.SGD, lr=0.1, normalised=False, ascent=nets.DNSAM(lambda: 1.0)
    ),
    "steps by the group's lr": lambda: SAM(weight(), torch.optim.SGD, lr=0.1, adaptive=True, ascent=nets.EGSAM()),
    "has to be above 0": lambda: SAM(weight(), torch.optim.SGD, 0.0, lr=0.1, ascent=nets.GradientPenalty()),
    "a number from 0 to 1": lambda: nets.UnifiedSAM(1.5),
    "climbs 1, 2": lambda: nets.NStepSAM(0),
    "a probability": lambda: nets.ESAM(0.0),
    "sigma >= 0": lambda: nets.FriendlySAM(beta=1.0),
    "alpha is a finite": lambda: nets.GSAM(math.nan),
    "every 1st": lambda: Every(0),
    "fraction of steps": lambda: Sometimes(1.1),
    "share of samples": lambda: nets.sharpest(torch.ones(2), torch.ones(2), 0.0),
    "one a sample": lambda: nets.sharpest(torch.ones(2), torch.ones(3), 0.5),
    "takes no GradScaler": lambda: SAM(weight(), torch.optim.SGD, lr=0.1, ascent=nets.GSAM()).first_step(
        scaler=torch.amp.GradScaler("cpu")
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_has_no_meaning_is_refused_in_one_sentence(message) -> None:
    with pytest.raises(ValueError, match=message):
        REFUSED[message]()


@pytest.mark.parametrize("case", [c for c in ALL if c not in ("momentum", "random", "stale perturbed", "DNSAM")])
def test_a_critical_point_is_left_alone(case) -> None:
    w = nn.Parameter(torch.zeros(3, dtype=torch.float64))
    options = {k: v for k, v in ALL[case].items() if k != "rho"}
    sam = SAM([w], torch.optim.SGD, 0.3, lr=0.1, **{"normalised": False, **options})
    for _ in range(4):
        sam.zero_grad()

        def closure() -> Tensor:
            loss = w[0] ** 2 - w[1] ** 2
            loss.backward()
            return loss

        sam.step(closure)
    assert torch.equal(w.detach(), torch.zeros(3, dtype=torch.float64))


def test_a_gradient_of_1e200_is_mixed_as_any_other() -> None:
    # The norm's squares leave the range, so the ascent is computed in units of the largest entry; g and g_p are not.
    for scale in (1.0, 1e200):
        w = nn.Parameter(torch.tensor([1.0, 1.0], dtype=torch.float64))
        sam = SAM([w], torch.optim.SGD, 0.5, lr=0.1 / scale, ascent=nets.WeightedSAM(0.5))

        def closure(w=w, scale=scale) -> Tensor:
            loss = scale * (w[0] ** 2 + 2 * w[1] ** 2) / 2
            loss.backward()
            return loss

        sam.step(closure)
        # g = (1, 2), w^p = w + g / (2 sqrt 5), g_p = (1 + 1/(2 sqrt 5), 2 + 4/(2 sqrt 5)), the mean of the two:
        r = 1 / (2 * 5**0.5)
        expected = [1 - 0.1 * (1 + r / 2), 1 - 0.1 * (2 + 2 * r)]
        assert w.tolist() == pytest.approx(expected, rel=1e-14)


def test_bf16_weights_keep_their_memory_in_single_precision() -> None:
    w = nn.Parameter(torch.ones(64, dtype=torch.bfloat16))
    for ascent, more in ((nets.FriendlySAM(), {}), (nets.GSAM(), {}), (nets.LookSAM(), {"when": Every(2)})):
        sam = SAM([w], torch.optim.SGD, 2.0, lr=0.1, ascent=ascent, **more)
        sam.zero_grad()

        def closure() -> Tensor:
            loss = (torch.linspace(1, 2, 64) * w.float() ** 2).sum()
            loss.backward()
            return loss

        for _ in range(3):
            sam.step(closure)
        kept = [t for held in sam.state_dict()["ascent"]["kept"].values() for t in held.values()]
        assert all(t.dtype is torch.float32 for t in kept)
        assert torch.isfinite(w).all()
