"""The monitor against quadratics, where every reading is known exactly."""

from __future__ import annotations

import csv
import math
import warnings
from pathlib import Path

import pytest
import torch
from torch import nn

from saddlecheck.nets.monitor import Monitor, Reading, TrappingZone, edge, read
from saddlecheck.nets.sam import SAM

torch.set_num_threads(1)
H = torch.tensor([2.0, -2.0], dtype=torch.float64)


def step_on_a_quadratic(sam: SAM, w: nn.Parameter, steps: int = 1) -> None:
    for _ in range(steps):
        for step in (sam.first_step, sam.second_step):
            (0.5 * (H * w * w).sum()).backward()
            step(zero_grad=True)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("normalised", [False, True])
def test_readings_on_a_quadratic_are_exact(normalised, flat, tmp_path: Path) -> None:
    w = nn.Parameter(torch.tensor([3.0, 4.0], dtype=torch.float64))
    sam = SAM([w], torch.optim.SGD, 0.1, normalised=normalised, flat=flat, lr=0.01)
    with Monitor(sam, tmp_path / "m.csv", every=1) as monitor:
        step_on_a_quadratic(sam, w)
    # g = (6, -8), |g| = 10, g'Hg/|g|^2 = (2*36 - 2*64)/100 = -0.56; g^p = (I + r H) g.
    r = 0.1 / 10 if normalised else 0.1
    gp = (6 * (1 + 2 * r), -8 * (1 - 2 * r))
    reading = monitor.readings[0]
    assert reading.gradient == pytest.approx(10, rel=1e-12)
    assert reading.perturbed_gradient == pytest.approx(math.hypot(*gp), rel=1e-12)
    assert reading.curvature == pytest.approx(-0.56, rel=1e-9)  # a difference of gradients loses some digits
    assert reading.stiffness == pytest.approx(2.0, rel=1e-9)
    assert reading.cosine == pytest.approx((6 * gp[0] - 8 * gp[1]) / (10 * math.hypot(*gp)), rel=1e-12)
    assert 0.01 * reading.edge * (1 + r * reading.edge) == pytest.approx(2.0, rel=1e-12)
    assert not reading.trapping


def test_the_edge_is_long_and_bartletts_and_2_over_eta_without_rho() -> None:
    eta, rho, g = 0.1, 0.05, 0.7
    printed = g / (2 * rho) * (math.sqrt(1 + 8 * rho / (eta * g)) - 1)
    assert edge(eta, rho / g) == pytest.approx(printed, rel=1e-12)
    assert edge(eta, 0.0) == pytest.approx(2 / eta)
    assert edge(eta, 1e-12) == pytest.approx(2 / eta, rel=1e-9)
    assert edge(eta, math.inf) == 0.0
    with pytest.raises(ValueError, match="learning rate > 0"):
        edge(0.0, 0.1)


@pytest.mark.parametrize(("rho", "warns"), [(0.6, True), (0.4, False)])  # the threshold is 1/|lam| = 1/2
def test_the_warning_comes_exactly_in_the_trapping_zone(rho, warns, tmp_path: Path) -> None:
    w = nn.Parameter(torch.tensor([0.0, 0.1], dtype=torch.float64))  # the gradient lies along lam = -2
    sam = SAM([w], torch.optim.SGD, rho, normalised=False, lr=0.01)
    with Monitor(sam, tmp_path / "m.csv", every=1) as monitor, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        step_on_a_quadratic(sam, w, steps=5)
    assert [r.trapping for r in monitor.readings] == [warns] * 5
    assert sum(issubclass(c.category, TrappingZone) for c in caught) == int(warns)  # on entering, not on every step
    moved_in = abs(float(w.detach()[1])) < 0.1
    assert moved_in == warns  # and it tells the truth: the iterate goes to the saddle, or away


def test_every_other_step_csv_and_tensorboard(tmp_path: Path) -> None:
    class Writer:
        def __init__(self) -> None:
            self.points: list[tuple[str, float, int]] = []

        def add_scalar(self, tag: str, scalar_value: float, global_step: int) -> None:
            self.points.append((tag, scalar_value, global_step))

    w, writer = nn.Parameter(torch.ones(2, dtype=torch.float64)), Writer()
    sam = SAM([w], torch.optim.SGD, 0.1, lr=0.01)
    with Monitor(sam, tmp_path / "m.csv", every=2), Monitor(sam, writer, every=3):
        step_on_a_quadratic(sam, w, steps=6)
    step_on_a_quadratic(sam, w, steps=6)  # detached: nothing more is written
    rows = list(csv.DictReader((tmp_path / "m.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == ["0", "2", "4"]
    assert {p[2] for p in writer.points} == {0, 3}
    assert {p[0] for p in writer.points} == {
        f"sam/{f}" for f in Reading.__dataclass_fields__ if f not in ("step", "reason")
    }


def test_the_monitor_changes_no_number(tmp_path: Path) -> None:
    ends = []
    for watched in (False, True):
        w = nn.Parameter(torch.tensor([3.0, 0.5], dtype=torch.float64))
        sam = SAM([w], torch.optim.SGD, 0.1, lr=0.01, momentum=0.9)
        if watched:
            with Monitor(sam, tmp_path / "m.csv", every=1):
                step_on_a_quadratic(sam, w, 20)
        else:
            step_on_a_quadratic(sam, w, 20)
        ends.append(w.detach().clone())
    assert torch.equal(*ends)


def test_a_zero_gradient_reads_as_unknown_and_not_as_an_error() -> None:
    zero = [torch.zeros(3)]
    reading = read(0, zero, zero, lr=0.1, rho=0.05, normalised=True)
    assert math.isnan(reading.cosine)
    assert not reading.trapping


@pytest.mark.parametrize(
    ("words", "optimiser", "target", "every"),
    [
        ("every 1, 2", SAM, "m.csv", 0),
        ("every 1, 2, … steps, got 1.5", SAM, "m.csv", 1.5),
        ("of saddlecheck.nets.SAM, got SGD", None, "m.csv", 1),
        ("a file or to a TensorBoard writer, got 5", SAM, 5, 1),
        ("is a folder: name a file in it", SAM, "", 1),
    ],
)
def test_a_monitor_that_could_not_read_or_write_is_refused(words, optimiser, target, every, tmp_path: Path) -> None:
    w = [nn.Parameter(torch.ones(1))]
    sgd = torch.optim.SGD
    with pytest.raises(ValueError, match=words):
        Monitor(
            SAM(w, sgd, 0.1, lr=0.1) if optimiser else sgd(w, lr=0.1),
            tmp_path / target if isinstance(target, str) else target,
            every=every,
        )
