"""A parameter swept: the changes are where theory has them, and bad ranges are one line."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from saddlecheck.verification.analysis import parameter
from saddlecheck.verification.analysis.parameter import Phase, phases, read
from saddlecheck.verification.cli.main import run
from saddlecheck.verification.figures.phases_plot import rows


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
    for more in (["--tex"], ["--region"], ["--batch", "4"], ["--schedule", "0.1"], ["--sweep", "rho=0:1"]):
        assert run(["analyse", "a*x**2", "--param", "a=1:2", *more]) == 2
        assert "it goes with none of" in capsys.readouterr().err


def test_other_parameters_of_the_loss_are_fixed(capsys):
    """a x^2 - b y^2 + c x y has the eigenvalue a - b - sqrt((a + b)^2 + c^2).

    With a = 1, c = 2 and rho = 3/5 it is -1/rho = -5/3 where (1 + b)^2 + 4 = (8/3 - b)^2, which is b = 19/66.
    """
    given = ["--param", "a=1", "--param", "b=0.1:0.9", "--param", "c=2", "--rho", "0.6", "-o", "sam"]
    assert run(["analyse", "a*x**2 - b*y**2 + c*x*y", *given, "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["answers"], second["answers"]) == (["1 saddle: sam repels"], ["1 saddle: sam attracts"])
    assert (first["high"] + second["low"]) / 2 == pytest.approx(19 / 66, abs=0.05 / 2**12)  # the grid's step is 0.05
    # The false twin: with c = 0 the change is elsewhere, at b = 1/(2 rho).
    assert run(["analyse", "a*x**2 - b*y**2 + c*x*y", *["c=0" if g == "c=2" else g for g in given], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["high"] == pytest.approx(5 / 6, abs=0.05 / 2**11)


def test_a_parameter_that_is_fixed_stands_for_a_number(capsys):
    assert run(["analyse", "a*x**2 - y**2", "--param", "a=-3e-5", "-o", "gd", "--json", "--no-simulate"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(p["kind"], sorted(p["eigenvalues"])) for p in found["points"]] == [("maximum", [-2.0, -6e-5])]


@pytest.mark.parametrize(
    ("loss", "given", "says"),
    [
        ("a*x**2 - b*y**2", ["a=1:2", "b=1:2"], "a=1:2 and b=1:2 are two ranges; give one and fix the others"),
        ("a*x**2 - b*y**2", ["a=1:2", "a=3"], "a is given twice"),
        ("a*x**2", ["a=1", "b=1"], "the formula has no b"),
        ("a*x**2", ["a=inf"], "no parameter; write name=low:high for a range, or name=1"),
        ("a*x**2", ["a"], "no parameter; write"),
        ("a*x**2", ["rho=1", "a=1:2"], "rho is fixed by its own option, --rho 1"),
        ("sin(a*x)", ["sin=1:2"], "sin is no parameter but a name of the language"),
        ("pi*x**2", ["pi=1"], "pi is no parameter"),
        ("x**2 - 2a*y**2", ["a=1:2"], "2*a"),
        ("x**2 - y**2/a", ["a=-1:1"], "at a = 0 the formula divides by zero"),
    ],
)
def test_parameters_that_make_no_sense_are_one_line(loss, given, says, capsys):
    assert run(["analyse", loss, "-o", "gd", *(word for g in given for word in ("--param", g))]) == 2
    printed = capsys.readouterr().err
    assert says in " ".join(printed.split())
    assert "Traceback" not in printed


def test_one_diagram_is_over_one_range(capsys):
    assert run(["analyse", "x**2", "--sweep", "rho=0:1", "--sweep", "lr=0:1"]) == 2
    assert "--sweep is given 2 times; give one" in capsys.readouterr().err


def test_a_time_limit_is_one_for_all_values(monkeypatch):
    """What was judged by then is there, and nothing that time cut short is taken for a change."""
    clock = iter(range(1000))
    monkeypatch.setattr(parameter.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(parameter, "_answer", lambda *_: ("1 minimum",))
    (phase,) = phases("a*x**2", "a", 1.0, 17.0, rho=0, lr=0.1, timeout=6.0)
    assert (phase.low, phase.high) == (1.0, 3.0)  # it begins at tick 0 and ends at 6; each value takes two ticks
    (phase,) = phases("a*x**2", "a", 1.0, 17.0, rho=0, lr=0.1, timeout=None)
    assert (phase.low, phase.high) == (1.0, 17.0)


@pytest.mark.parametrize("seconds", [1e-4, 1e-3, 2e-3, 5e-3])
def test_a_limit_too_short_for_one_value_is_said(seconds, capsys):
    """Wherever it falls in the search: an answer that was cut short there has no point, and does not always say so."""
    assert run(["analyse", "sin(a*x)*tanh(y*z)+x*y", "--param", "a=1:2", "--timeout", str(seconds)]) == 2
    assert "at the first value" in capsys.readouterr().err


def test_an_answer_after_the_limit_does_not_count(monkeypatch):
    late = iter([0.0, 0.5, 1.5])
    monkeypatch.setattr(parameter.time, "monotonic", lambda: next(late))
    monkeypatch.setattr(parameter, "_answer", lambda *_: ("no critical point",))
    with pytest.raises(ValueError, match="at the first value"):
        phases("a*x**2", "a", 1.0, 2.0, rho=0, lr=0.1, timeout=1.0)


def test_the_picture_has_a_bar_for_each_line(tmp_path, capsys):
    """The maximum at 0 gives way to a minimum at a = 0, beside which two more minima begin."""
    picture = tmp_path / "p.png"
    assert run(["analyse", "x**4 - a*x**2", "--param", "a=-1:1.1", "-o", "gd", "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "The picture is in" in capsys.readouterr().err
    found = [Phase("a", 0, 1, ("1 minimum: gd attracts",)), Phase("a", 1, 2, ("1 saddle: gd repels",)),
             Phase("a", 2, 3, ("1 minimum: gd attracts", "1 saddle: gd repels"))]  # fmt: skip
    assert rows(found) == {"1 minimum: gd attracts": [(0, 1), (2, 3)], "1 saddle: gd repels": [(1, 2), (2, 3)]}
