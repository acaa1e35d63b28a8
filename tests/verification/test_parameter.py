"""A parameter swept: the changes are where theory has them, and bad ranges are one line."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from saddlecheck.verification.analysis.parameter import phases, read
from saddlecheck.verification.cli.main import run


def edges(found):
    return [(a.high + b.low) / 2 for a, b in itertools.pairwise(found)]


def test_a_family_changes_where_theory_says():
    """x^4/4 - a x^2/2, rho = 0.7, lr = 0.3: the maximum -a traps SAM from a = 1/rho on.

    The minima, of curvature 2a, repel SAM from 2 = lr 2a (1 + rho 2a) on.
    """
    found = phases("x**4/4 - a*x**2/2", "a", 0.2, 2.2, rho=0.7, lr=0.3, optimisers=["gd", "sam"])
    edge = (-0.6 + np.sqrt(0.36 + 4 * 0.84 * 2)) / (2 * 0.84)
    # The grid's step is 0.125 and a change lies within 2^-12 of it.
    assert edges(found) == pytest.approx([edge, 1 / 0.7], abs=0.125 / 2**12)
    assert [p.answers[0] for p in found] == [
        "1 maximum: gd repels, sam repels", "1 maximum: gd repels, sam repels", "1 maximum: gd repels, sam attracts"
    ]  # fmt: skip
    assert [p.answers[1].split("sam ")[1] for p in found] == ["attracts", "repels", "repels"]


@pytest.mark.parametrize(("name", "low", "high", "where"), [("rho", 0.0, 1.9, 0.5), ("lr", 0.01, 1.2, 1.0)])
def test_settings_are_parameters_too(name, low, high, where):
    """SAM is trapped by x^2 - y^2 from rho = 1/2 on; x^2 repels gradient descent from lr = 1 on."""
    formula, optimiser = ("x**2 - y**2", "sam") if name == "rho" else ("x**2", "gd")
    found = phases(formula, name, low, high, optimisers=[optimiser], **({"rho": 1, "lr": 0.01} | {name: None}))
    assert edges(found) == pytest.approx([where], abs=(high - low) / 16 / 2**11)


def test_a_momentum_from_zero_on_changes_no_column():
    """SAM with heavy ball attracts at the minimum for every momentum: one range, momentum 0 included."""
    (phase,) = phases("x**2", "momentum", 0.0, 0.8, rho=0.1, lr=0.1)
    assert "heavy_ball_sam attracts" in phase.answers[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a", "no range of a parameter"),
        ("a=1", "no range"),
        ("a=2:1", "empty"),
        ("a=0:inf", "not finite"),
        ("2a=0:1", "no range"),
        ("a=x:1", "no range"),
    ],
)
def test_a_bad_range_is_one_line(text, says):
    with pytest.raises(ValueError, match=says):
        read(text)


def test_a_name_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="has no e"):  # that of 1e-3 is no name
        phases("1e-3*x**2", "e", 0, 1, rho=1, lr=0.1)


def test_the_command(capsys):
    assert run(["analyse", "a*x**2", "--param", "a=0.5:1.5", "-o", "gd", "--json"]) == 0
    (phase,) = json.loads(capsys.readouterr().out)
    assert phase == {"parameter": "a", "low": 0.5, "high": 1.5, "answers": ["1 minimum: gd attracts"]}
    assert run(["analyse", "a*x**2 + y**2", "--param", "a=-1:1.1", "-o", "gd", "--box", "-2:2"]) == 0
    printed = capsys.readouterr().out
    assert "1 saddle: gd repels" in printed
    assert "1 minimum: gd attracts" in printed
    assert run(["analyse", "a*x**2", "--param", "a=1", "-o", "gd"]) == 2
    assert run(["analyse", "a*x**2", "--param", "a=1:2", "--tex"]) == 2
    assert "goes with none" in capsys.readouterr().err
