"""Points that are found numerically only: what is said of their kind, and tails that are no points."""

import pytest

from saddlecheck.theory.critical.loss import Loss

# An inflection, or a minimum of order four, that no proof reaches; the true kind is no sign of the second derivative.
DEGENERATE = [
    ("x - sin(x)", [(6, 7)], 6.283185307179586),
    ("tanh(x - 1/3)**3", None, 1 / 3),
    ("(exp(x) - 2)**3", None, 0.6931471805599453),
    ("-(exp(x) - 2)**4", None, 0.6931471805599453),
    ("sin(x) - x", [(-7, -6)], -6.283185307179586),
]


@pytest.mark.parametrize(("text", "box", "place"), DEGENERATE)
def test_a_degenerate_point_that_is_not_proved_has_no_definite_kind(text, box, place):
    found = Loss(text).critical_points(box=box, timeout=30)
    assert not found.complete
    near = [p for p in found.points if abs(p.location[0] - place) < 0.02]
    assert [(p.kind, p.certified) for p in near] == [("degenerate", False)]


def test_a_simple_point_keeps_its_kind():
    (point,) = Loss("exp(x) - 2*x").critical_points(timeout=30).points
    assert (point.kind, point.certified) == ("minimum", True)


def test_a_tail_on_which_the_gradient_is_small_is_no_point():
    found = Loss("exp(1/x)*x").critical_points(timeout=30)
    assert [p.kind for p in found.points if p.certified] == ["minimum"]  # at 1
    # within 0.02 of the pole nothing can be excluded; farther away the gradient is proved to have no zero
    assert all(p.kind == "degenerate" and abs(p.location[0]) < 0.02 for p in found.points if not p.certified)
