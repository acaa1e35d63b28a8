"""The monitor reads the same curvature whatever a training loop does between backward and the step, or says why not.

The loss is 1/2 sum h_i w_i^2. Its curvature along the displacement d is sum h d^2 / sum d^2, its gradient g = h w.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from networks import on_two_processes
from torch import Tensor, nn
from torch.amp import GradScaler
from torch.nn import Parameter

from saddlecheck.nets.monitor import Monitor, Reading, TrappingZone
from saddlecheck.nets.sam import SAM
from saddlecheck.nets.step_state import ObserverFailed

torch.set_num_threads(1)
H = torch.tensor([2.0, -0.5, 3.0, 0.25], dtype=torch.float64)
W = torch.tensor([1.0, 2.0, -0.5, 4.0], dtype=torch.float64)
G = H * W
RHO = 0.3


class Writer:
    """A target that keeps nothing: the monitor's own list is read."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
        pass


class Loop:
    """One SAM step on the quadratic, with hooks for what the setting does after each backward."""

    def __init__(self, *, groups: bool = False, scaler: GradScaler | None = None, **arguments) -> None:
        self.parts = [Parameter(W[:2].clone()), Parameter(W[2:].clone())]
        self.scaler = scaler
        rhos = arguments.pop("rhos", (RHO, RHO))
        params = [{"params": [p], "rho": r} for p, r in zip(self.parts, rhos, strict=True)] if groups else self.parts
        self.sam = SAM(params, torch.optim.SGD, RHO, **{"lr": 0.1, **arguments})

    def loss(self, factor: float = 1.0) -> Tensor:
        loss = factor * sum((0.5 * h * p**2).sum() for h, p in zip(H.split(2), self.parts, strict=True))
        return loss if self.scaler is None else self.scaler.scale(loss)

    def step(self, at_w: Callable = lambda loop: None, at_wp: Callable = lambda loop: None, parts: int = 1) -> Reading:
        with Monitor(self.sam, Writer(), every=1) as monitor:
            for half, change in ((self.sam.first_step, at_w), (self.sam.second_step, at_wp)):
                for _ in range(parts):
                    self.loss(1 / parts).backward()
                change(self)
                half(zero_grad=True, scaler=self.scaler)
        return monitor.readings[0]


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


@pytest.mark.parametrize("flat", [False, True])
def test_a_failing_observer_is_one_warning_and_costs_no_step(flat, tmp_path: Path) -> None:
    watched, alone = Loop(flat=flat), Loop(flat=flat)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Monitor(watched.sam, tmp_path / "no such folder" / "m.csv", every=1):
            for loop in (watched, alone):
                for _ in range(3):
                    for step in (loop.sam.first_step, loop.sam.second_step):
                        loop.loss().backward()
                        step(zero_grad=True)
    assert [c.category for c in caught] == [ObserverFailed]
    assert "no such folder" in str(caught[0].message)
    assert all(torch.equal(p, q) for p, q in zip(watched.parts, alone.parts, strict=True))
    assert watched.sam.observers == []


@pytest.mark.parametrize("half", ["ascent", "descent"])
def test_an_observer_that_fails_in_either_half_leaves_the_step_alone(half) -> None:
    class Broken:
        def ascent(self, optimiser: SAM) -> None:
            if half == "ascent":
                raise ZeroDivisionError

        def descent(self, optimiser: SAM) -> None:
            raise ZeroDivisionError

    watched, alone = Loop(), Loop()
    watched.sam.observers.append(Broken())
    with pytest.warns(ObserverFailed, match="Broken failed and was switched off"):
        watched.sam.step(lambda: watched.loss().backward())
    alone.sam.step(lambda: alone.loss().backward())
    assert all(torch.equal(p, q) for p, q in zip(watched.parts, alone.parts, strict=True))


def test_an_error_inside_backward_is_kept_until_the_step(monkeypatch) -> None:
    watched, alone = Loop(), Loop()
    monkeypatch.setattr("saddlecheck.nets.gradients.products", lambda *_: 1 / 0)
    with pytest.warns(ObserverFailed, match="ZeroDivisionError"), Monitor(watched.sam, Writer(), every=1):
        watched.sam.step(lambda: watched.loss().backward())
    alone.sam.step(lambda: alone.loss().backward())
    assert all(torch.equal(p, q) for p, q in zip(watched.parts, alone.parts, strict=True))


@pytest.mark.filterwarnings("error::saddlecheck.nets.monitor.TrappingZone")
def test_a_warning_that_the_user_made_an_error_stops_after_the_base_step() -> None:
    w = Parameter(torch.tensor([0.1], dtype=torch.float64))
    sam = SAM([w], torch.optim.SGD, 0.6, normalised=False, lr=0.01)
    with Monitor(sam, Writer(), every=1) as monitor, pytest.raises(TrappingZone):
        sam.step(lambda: (-(w**2)).sum().backward())
    assert len(monitor.readings) == 1
    # w - lr lam (1 + rho lam) w with lam = -2: 0.1 * (1 + 0.02 * -0.2) = 0.0996; the step was taken.
    assert float(w.detach()) == pytest.approx(0.0996, rel=1e-12)


def test_a_file_given_as_text_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = str(tmp_path / "m.csv")
    for _ in range(2):  # a run, and its continuation in another process
        loop = Loop()
        with Monitor(loop.sam, path, every=2):
            for _ in range(3):
                for step in (loop.sam.first_step, loop.sam.second_step):
                    loop.loss().backward()
                    step(zero_grad=True)
    steps = [line.split(",")[0] for line in Path(path).read_text().splitlines()]
    assert steps == ["step", "0", "2", "4"]
    with Monitor(loop.sam, path, every=1, step=100):
        loop.sam.step(lambda: loop.loss().backward())
    assert Path(path).read_text().splitlines()[-1].startswith("100,")


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("step,loss\n0,1.0\n")
    with pytest.raises(ValueError, match=r"columns.*choose another file"):
        Monitor(Loop().sam, tmp_path / "m.csv")


WORKER = """
import contextlib, json, os, sys
import torch
from torch import distributed as dist, nn
from saddlecheck.nets.monitor import Monitor
from saddlecheck.nets.sam import SAM
torch.set_num_threads(1)
rank, store, out, modes = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
dist.init_process_group("gloo", init_method="file://" + store, rank=rank, world_size=2)
data = torch.randn(3, 2, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
class Writer:
    def add_scalar(self, *_): pass
results = {}
for mode in modes:
    torch.manual_seed(0)
    plain = nn.Linear(3, 1, bias=False).double()
    options = {"static_graph": "static" in mode, "gradient_as_bucket_view": "view" in mode}
    model = nn.parallel.DistributedDataParallel(plain, **options)
    sam = SAM(plain.parameters(), torch.optim.SGD, 0.5, lr=0.01, check_finite="unchecked" not in mode)
    found = []
    # The monitor runs on one rank only: it must need nothing of the other.
    with Monitor(sam, Writer(), every=1) if rank == 0 else contextlib.nullcontext() as monitor:
        for x in data:
            g = []
            for half in (sam.first_step, sam.second_step):
                with model.no_sync() if "own" in mode and half == sam.first_step else contextlib.nullcontext():
                    (model(x[rank]) ** 2).mean().backward()
                g.append(plain.weight.grad.clone())
                if "value" in mode:
                    nn.utils.clip_grad_value_(plain.parameters(), 1e-3)
                else:
                    nn.utils.clip_grad_norm_(plain.parameters(), 0.01)
                half(zero_grad=True)
            hessian = 2 * x.reshape(-1, 3).T @ x.reshape(-1, 3) / 8
            found.append(float((g[0] @ hessian @ g[0].T) / g[0].square().sum()))
    readings = [[r.curvature, r.trapping, r.reason] for r in monitor.readings] if rank == 0 else []
    results[mode] = [found, readings]
with open(out, "w") as file:
    json.dump(results, file)
dist.barrier()
os._exit(0)
"""
RANKS = ["common", "common, static graph, view", "common, view", "own", "own, clipped by value", "unchecked"]


@pytest.fixture(scope="module")
def on_ranks(tmp_path_factory) -> dict:
    return on_two_processes(WORKER, tmp_path_factory.mktemp("ranks"), *RANKS)[0]


@pytest.mark.slow
@pytest.mark.parametrize("mode", RANKS)
def test_under_ddp_the_averaged_gradients_are_read_and_local_ones_are_not(mode, on_ranks) -> None:
    expected, readings = on_ranks[mode]
    for want, (curvature, trapping, reason) in zip(expected, readings, strict=True):
        assert not trapping
        if mode.startswith("common"):
            assert curvature == pytest.approx(want, rel=1e-9)  # averages over two ranks: a few roundings
            assert reason == ""
        else:
            assert math.isnan(curvature)
            assert ("without check_finite" if mode == "unchecked" else "own") in reason
    if mode == "own, clipped by value":  # a step with the same signs on both ranks, or this would test nothing new
        assert any("may be the ranks' own" in reason for _, _, reason in readings)
