"""The variants of SAM as citizens of torch, like SAM: half steps, copies, states, the monitor, refusals, precision."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch_variants import ALL, Torch

from saddlecheck import nets
from saddlecheck.nets import SAM, Every, Sometimes

torch.set_num_threads(1)


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
        # Float64 numbers of size 1 from about twenty operations, each rounded by 1.1e-16 at most.
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
