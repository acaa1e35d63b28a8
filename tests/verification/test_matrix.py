"""The answer on one screen: verdicts and steps at a glance, equal rows and sentences once, nothing wider than it is."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from saddlecheck import analyse
from saddlecheck.verification.analysis.matrix import groups, place, word
from saddlecheck.verification.analysis.report import print_report
from saddlecheck.verification.cli.main import run

WELLS = "(x**2 - 1)**2/4 + y**2/2"
CUBIC = " + ".join(f"x{k}**3/3 - x{k}" for k in range(3)) + " + x0*x1/10"  # up to nine points, all different


@pytest.fixture(scope="module")
def wells():
    return analyse(WELLS, rho=1.5, lr=0.1, simulate=False)


def printed(found, width=80, **how):
    text = io.StringIO()
    print_report(found, Console(file=text, width=width), **how)
    return text.getvalue()


def test_verdicts_and_steps_stand_in_the_matrix(wells):
    """2/(L (1 + rho L)) is 2/(2 * 4) at the minima, L = 2, and 2/(1 * 2.5) at the saddle; rho* = 1/mu = 1."""
    lines = [line.split() for line in printed(wells).splitlines()]
    assert ["1,", "2", "(-1,", "0)", "…", "minimum", "–", "attracts", "<1", "attracts", "<0.25", "undecided"] in lines
    assert ["3", "(0,", "0)", "saddle", "1", "repels", "attracts", "<0.8", "cycle", "<1"] in lines


def test_points_with_another_answer_are_another_row(wells):
    """The false twin of the row that two minima share: one step that differs takes them apart."""
    names = ["gd", "sam"]
    first = wells.points[0]
    other = replace(first, optimisers={**first.optimisers, "sam": replace(first.optimisers["sam"], lr_max=0.3)})
    assert len(groups(wells.points, names)) == 2
    assert len(groups((other, *wells.points[1:]), names)) == 3


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("every", [False, True])
def test_no_line_is_wider_than_the_console(wells, width, every):
    out = printed(wells, width, every=every)
    assert max(map(len, out.splitlines())) <= width
    names = [n for n in wells.points[0].optimisers if every or n in ("gd", "sam", "sam_normalised")]
    assert all(n in out for n in names)  # no column is lost to a narrow console


def test_many_points_fit_on_a_screen():
    found = analyse(CUBIC, rho=1.0, lr=0.1, simulate=False)
    out = printed(found).splitlines()
    assert len(found.points) == 8
    assert len(out) <= 30
    assert max(map(len, out)) <= 80


def test_equal_sentences_are_said_once_and_details_on_request(wells):
    brief, long = printed(wells), printed(wells, verbose=True)
    sentence = "every multiplier is inside the unit circle at lr = 0.1, and up to lr = 0.25."
    assert sentence not in " ".join(brief.split())
    assert " ".join(long.split()).count(sentence) == 1  # for both minima
    assert brief.count("rests on") == long.count("rests on") == 3
    assert "At (-1, 0) and (1, 0) the flow attracts but" in " ".join(long.split())
    assert "remarks on single points" in brief


def test_heavy_ball_is_a_column_of_its_own_with_a_momentum(wells):
    assert "heavy_ball_sam" not in printed(wells)
    assert "heavy_ball_sam" in printed(analyse(WELLS, rho=1.5, lr=0.1, momentum=0.9, simulate=False))


def test_cells():
    (p,) = analyse("x**2", rho=0.1, lr=0.1, simulate=False).points
    r = p.optimisers["gd"]
    plain = word(replace(r, simulated="contradicted")).split("]", 1)[1].replace("[/]", "")
    assert plain == "attracts✗ <1"
    assert word(replace(r, lr_max=None)).endswith(" <?")
    assert place(replace(p, at=(1.23456, -2.0, 3.0, 4.0)), 14) == "(1.235, -2, …)"
    assert place(replace(p, at=(-1.23456e-10,)), 5) == "(-1.235e-10)"  # one coordinate is always there


def test_the_command_gives_reasons_on_request(capsys):
    assert run(["analyse", "x**2 - y**2", "--no-simulate", "-o", "gd", "-v"]) == 0
    assert "eigenvalue -2 grows" in " ".join(capsys.readouterr().out.split())
    assert run(["analyse", "x**2 - y**2", "--no-simulate", "-o", "gd"]) == 0
    assert "grows" not in capsys.readouterr().out
