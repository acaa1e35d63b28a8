"""What a training run may be asked for, and what is refused in one sentence."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys

import numpy as np
import pytest

from saddlecheck.nets import setting_checks
from saddlecheck.nets.config import TrainConfig

REFUSED = [
    ({"dataset": "mnist"}, "dataset is one of"),
    ({"model": "vgg"}, "model is one of"),
    ({"optimiser": "adam"}, "optimiser is one of"),
    ({"schedule": "cosin"}, "schedule is one of cosine, constant; got 'cosin'"),
    ({"ascent": "other"}, "ascent is one of"),
    ({"precision": "float16"}, "precision is one of"),
    ({"compile": "foo"}, "compile is one of"),
    ({"compile": None}, "compile is one of"),
    ({"optimiser": "sgd"}, "SGD has no rho"),
    ({"rho": -1.0}, "rho is a finite number"),
    ({"rho": float("nan")}, "rho is a finite number"),
    ({"rho": True}, "rho is a finite number"),
    ({"momentum": 1.0}, r"momentum lies in \[0, 1\)"),
    ({"momentum": 1j}, "momentum is a finite number"),
    ({"lr": 0.0}, "learning rate"),
    ({"lr": "0.1"}, "lr is a finite number >= 0; got '0.1'"),
    ({"weight_decay": float("inf")}, "weight_decay is a finite number"),
    ({"epochs": 0}, "epochs is a whole number, at least 1"),
    ({"epochs": 1.5}, "epochs is a whole number"),
    ({"batch_size": 32.0}, "batch_size is a whole number"),
    ({"width": True}, "width is a whole number"),
    ({"limit": -1}, "limit is a whole number, at least 1"),
    ({"limit": 0}, "limit is a whole number"),
    ({"pool": 3}, "pool is 1, 2 or 4"),
    ({"seed": 2**70}, r"seed is less than 2\*\*63"),
    ({"seed": -1}, "seed is a whole number, at least 0"),
    ({"evaluate_every": 0}, "evaluate_every is a whole number"),
    ({"diagnose_every": -1}, "diagnose_every is a whole number, at least 0"),
    ({"augment": "no"}, "augment is True or False"),
    ({"batch_norm": 1}, "batch_norm is True or False"),
    ({"normalise": None}, "normalise is True or False"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_a_configuration_outside_its_domain_is_refused(arguments, message) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        TrainConfig(**arguments)
    assert "\n" not in str(caught.value)


def test_every_field_is_checked() -> None:
    assert {name for arguments, _ in REFUSED for name in arguments} == {f.name for f in dataclasses.fields(TrainConfig)}


def test_numbers_become_pythons_own_so_that_equal_runs_have_one_name() -> None:
    one = TrainConfig(lr=np.float32(0.5), rho=1, seed=np.int64(3), momentum=0)
    assert one == TrainConfig(lr=0.5, rho=1.0, seed=3, momentum=0.0)
    assert one.name == TrainConfig(lr=0.5, rho=1.0, seed=3).name
    assert TrainConfig.of(json.loads(json.dumps(dataclasses.asdict(one)))) == one


def test_names_tell_runs_apart_and_rates_follow_the_cosine() -> None:
    first = TrainConfig(lr=0.05)
    assert len({c.name for c in (first, dataclasses.replace(first, seed=1), TrainConfig(lr=0.06))}) == 3
    assert first.rate(0, 100) == first.lr
    assert first.rate(50, 100) == pytest.approx(first.lr / 2)
    assert dataclasses.replace(first, schedule="constant").rate(99, 100) == first.lr


def test_a_stored_configuration_is_whole_or_refused() -> None:
    stored = dataclasses.asdict(TrainConfig())
    for data, message in (
        ({}, "lacks ascent, augment"),
        ({**stored, "colour": 1}, "unknown setting colour"),
        ([], "got list"),
        ({**stored, "epochs": "300"}, "epochs is a whole number"),
    ):
        with pytest.raises(ValueError, match=message):
            TrainConfig.of(data)


def test_a_configuration_needs_no_torch() -> None:
    modules = "config, grids, groups, finished"
    code = f"import sys; from saddlecheck.nets import {modules}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("value", [True, "1", None, math.nan, math.inf, 1j])
def test_what_is_no_finite_number_is_none(value) -> None:
    assert not setting_checks.is_real(value)
    with pytest.raises(ValueError, match="n is a whole number, at least 1; got"):
        setting_checks.whole("n", value, 1)


def test_a_number_beyond_the_floats_is_refused_in_one_line() -> None:
    with pytest.raises(ValueError, match="rho is a finite number >= 0; got 1000"):
        TrainConfig(rho=10**400)
    assert setting_checks.is_real(10**300)
    assert setting_checks.whole("n", np.int64(3), 1) == 3
