"""Rules of a user's own that cannot be used, and files of them: one line each; and a file that can."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from saddlecheck.theory.errors import BadRule
from saddlecheck.verification.analysis.entry import analyse
from saddlecheck.verification.cli.main import run

STATE = {"calls": 0}


def _counted(gradient, w, rho):
    STATE["calls"] += 1
    return gradient(w) * STATE["calls"]


def _in_place(gradient, w, rho):
    w += 1
    return gradient(w)


async def _coroutine(gradient, w, rho):
    return gradient(w)


def _generator(gradient, w, rho):
    yield gradient(w)


def _of_the_loss(gradient, w, rho, *, loss):
    return gradient(w) * loss(w)


def _of_the_step(gradient, w, rho, *, step):
    return gradient(w) / step


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (lambda gradient, w, rho: np.random.randn(2), "gives two answers"),
        (_counted, "keeps a state"),
        (_in_place, "changes the weights"),
        (lambda gradient, w, rho: gradient(w)[:1], r"returns the shape \(1,\)"),
        (lambda gradient, w, rho: 1.0, r"returns the shape \(\)"),
        (lambda gradient, w, rho: gradient(w) * np.nan, "returns .nan, nan"),
        (lambda gradient, w, rho: gradient(w, 1), "raised TypeError"),
        (lambda gradient, w, rho: gradient(w[:1]), r"asks for the gradient at something of shape \(1,\)"),
        (lambda gradient, w, rho: None, "raised|returns"),
        (lambda gradient, w, rho: "sam", "raised ValueError"),
        (lambda gradient, w, rho: gradient(w) / 0, "raised|returns"),
        (lambda gradient, w, rho: sys.exit(), "ends the program"),
        (_coroutine, "is a coroutine or a generator; return the direction"),
        (_generator, "is a coroutine or a generator; return the direction"),
        (_of_the_loss, "asks for loss; by keyword it may ask for hessian"),
        (_of_the_step, "asks for step; by keyword it may ask for hessian"),
        (lambda gradient, w: w, "a rule is a function of"),
        (lambda gradient, w, rho, *, kappa: gradient(w) + kappa * w, "cannot ask for kappa"),
        (3, "no optimiser"),
        ("adam", "'adam' is no optimiser known here"),
        ("nowhere.py:rule", "nowhere.py cannot be read"),
    ],
)
def test_a_bad_rule_is_one_line(rule, says):
    with pytest.raises(ValueError, match=says) as caught:
        analyse("x**2 - y**2", rho=1, lr=0.01, optimisers=[rule], simulate=False)
    assert "\n" not in str(caught.value)


def _moody(first, last):
    """SAM, but gradient descent from one call to another; with the number of calls made."""
    calls = {"made": 0}

    def moody(gradient, w, rho):
        calls["made"] += 1
        g = gradient(w)
        return g if first <= calls["made"] <= last else gradient(w + rho * g)

    return moody, calls


def _ruled(rule):
    """SAM attracts at x^2 - y^2 with rho = 1 > 1/2, where gradient descent leaves."""
    found = analyse("x**2 - y**2", rho=1, lr=0.01, optimisers=[rule], basins=False)
    (ruling,) = found.points[0].optimisers.values()
    return ruling, found.rules["moody"]


@pytest.fixture(scope="module")
def calls_of_an_analysis():
    rule, calls = _moody(1, 0)
    _ruled(rule)
    return calls["made"]


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_what_was_proved_is_withdrawn_where_a_state_shows_late(share, calls_of_an_analysis):
    """From the share of its calls on, the last of which asks it again, the rule is another one."""
    ruling, about = _ruled(_moody(int(share * calls_of_an_analysis), 10**9)[0])
    assert (ruling.verdict, ruling.certified, ruling.simulated) == ("undecided", False, None)
    assert "otherwise after its runs than before" in about.basis
    assert (about.multiplier, about.minimum, about.trapped) == (None, None, None)


def test_what_was_proved_is_withdrawn_where_the_runs_contradict_it(calls_of_an_analysis):
    """A state that comes after the trials and is gone when the rule is asked again: only the runs show it."""
    first = calls_of_an_analysis // 8
    rule, calls = _moody(first, 10**9)
    assert _ruled(rule)[0].verdict == "undecided"
    ruling, about = _ruled(_moody(first, calls["made"] - 2)[0])  # it is asked again at two places
    assert (ruling.verdict, ruling.certified, ruling.simulated) == ("attracts", False, "contradicted")
    assert "contradict the verdict 'attracts' at (0, 0)" in about.basis
    assert about.multiplier is None


def test_what_was_proved_stands_where_the_runs_agree():
    """The false twin: a counter that changes nothing."""
    ruling, about = _ruled(_moody(1, 0)[0])
    assert (ruling.verdict, ruling.certified, ruling.simulated) == ("attracts", True, "confirmed")
    assert about.basis.startswith("proved:")


def test_two_of_one_name_are_refused():
    def sam(gradient, w, rho):
        return gradient(w)

    with pytest.raises(ValueError, match="two optimisers are called sam"):
        analyse("x**2", rho=1, lr=0.01, optimisers=[sam])
    assert issubclass(BadRule, ValueError)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def rule(gradient, w, rho):\n    raise OSError('two\\nlines')\n", "rule raised OSError"),
        ("import nothing_of_this_name\n", "mine.py:1: ModuleNotFoundError"),
        ("raise ValueError('two\\nlines')\n", "mine.py:1: ValueError: two lines"),
        ("raise SystemExit(4)\n", "mine.py:1: it exits (4)"),
        ("def other(gradient, w, rho):\n    return w\n", "defines no rule; it defines other"),
        ("def rule(:\n", "mine.py:1: invalid syntax; it is no Python"),
    ],
)
def test_a_bad_file_is_one_line_and_exit_code_2(tmp_path, capsys, text, says):
    file = tmp_path / "mine.py"
    file.write_text(text)
    assert run(["analyse", "x**2 - y**2", "--optimiser", f"{file}:rule"]) == 2
    printed = capsys.readouterr().err
    assert says in printed
    assert len(printed.strip().splitlines()) == 1


def test_the_command_takes_a_file(tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text("def rule(gradient, w, rho):\n    return gradient(w + 2 * rho * gradient(w))\n")
    assert run(["analyse", "x**2 - y**2", "--rho", "0.3", f"-o{file}:rule", "--json", "--no-simulate"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rules"]["rule"]["trapped"] == "mu*rho > 1/2"
    assert found["points"][0]["optimisers"]["rule"]["radii"] == [[0.25, None]]
    assert run(["analyse", "x**2 - y**2", "--rho", "0.3", "-o", f"{file}:rule", "-o", "sam", "--no-simulate"]) == 0
    printed = capsys.readouterr().out
    assert "trap a direction -mu: mu*rho > 1/2" in printed
