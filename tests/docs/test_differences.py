"""What a page leaves out of two formulas that differ in one place."""

import re

import pytest

from saddlecheck.verification.site import differences

LONG = " + ".join(f"a_{i}" for i in range(1, 8))
NESTED = rf"x + \left({LONG} + \left({LONG.replace('a', 'b')} - \gamma + c\right) u\right) e^{{-t}} = 0"


@pytest.mark.parametrize(("was", "now"), [("^{-t}", "^{-s}"), ("x +", "x -"), ("b_1 +", "b_1 -"), ("a_7 +", "a_7 -")])
def test_a_short_line_of_a_difference_leaves_out_no_half_of_a_pair_of_brackets(was, now):
    old, new = (
        re.sub("<[^>]+>", "", line) for line in differences.marked(NESTED, NESTED.replace(was, now), brief=True)
    )
    assert "…" in new  # something is left out: the line would not fit otherwise
    for line in (old, new):
        assert line.count("(") == line.count(")") > 0
        assert not re.search(r"\([^)]*$|^[^(]*\)", line)


def test_of_a_pair_of_brackets_that_is_left_out_whole_nothing_is_shown():
    text = rf"x + y + {LONG} - \left({LONG}\right) + \left({LONG}\right) u + v + w = {LONG}"
    line = re.sub("<[^>]+>", "", differences.marked(text, text.replace("x +", "x -"), brief=True)[1])
    assert line.strip().endswith("…")
    assert "(" not in line
