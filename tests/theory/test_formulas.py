"""The words in which claims are written: what each formula says at points on both sides of it."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.formulas import between, close, either, every, exactly
from saddlecheck.theory.symbols import x, y


@pytest.mark.parametrize(("at", "holds"), [(1, False), (2, True), (3, True), (4, True), (5, False)])
def test_close_is_a_distance_at_most_the_error(at, holds):
    assert bool(close(x, sp.Integer(3), within=sp.S.One).subs(x, at)) is holds


def test_close_is_the_absolute_value_without_one():
    apart = sp.Abs(x - y) <= 2
    points = [(p, q) for p in range(-3, 4) for q in range(-3, 4)]
    said = close(x, y, within=sp.Integer(2))
    assert all(bool(said.subs({x: p, y: q})) == bool(apart.subs({x: p, y: q})) for p, q in points)


@pytest.mark.parametrize(("at", "holds"), [(-1, False), (0, True), (1, False)])
def test_between_is_strict_at_both_ends(at, holds):
    assert bool(between(x, -1, 1).subs(x, at)) is holds


def test_a_part_that_was_decided_is_refused():
    with pytest.raises(ValueError, match="decided when it was made"):
        every(x > 0, sp.true)


@pytest.mark.parametrize(("left", "right"), [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_exactly_and_either_say_what_their_tables_of_truth_say(left, right):
    at = {x: left, y: right}
    assert bool(exactly(x > 0, y > 0).subs(at)) is ((left > 0) == (right > 0))
    assert bool(either(x > 0, y > 0).subs(at)) is (left > 0 or right > 0)


@pytest.mark.parametrize(
    "joined",
    [
        lambda: every(x > 0, x <= 0),
        lambda: either(x > 0, x <= 0),
        lambda: either(x > 0, sp.true),
        lambda: exactly(x > 0, x > 0),
    ],
)
def test_what_sympy_decides_although_it_is_told_not_to_is_refused(joined):
    with pytest.raises(ValueError, match=r"is (True|False), decided when it was made"):
        joined()
