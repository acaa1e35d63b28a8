"""A monitor that fails costs no step: one warning, the same weights, and a file that goes on where it stopped."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch
from monitored import Loop, Writer
from torch.nn import Parameter

from saddlecheck.nets.monitor import Monitor, TrappingZone
from saddlecheck.nets.sam import SAM
from saddlecheck.nets.step_state import ObserverFailed

torch.set_num_threads(1)


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
