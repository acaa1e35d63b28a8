"""Isolated real points of a component, and roots that lie close together."""

import numpy as np
import pytest

from saddlecheck.theory.critical import algebraic_set
from saddlecheck.theory.critical.loss import Loss


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("(y**2 - x**2*(x - 1))**2", [(0.0, 0.0)]),
        ("((x - 3)**2 + y**2 - (x - 3)**3)**2", [(3.0, 0.0)]),
        ("(y**2 + x**4 - x**6)**2", [(0.0, 0.0)]),
        ("(y**2 - x**2*(x + 1))**2", []),  # branches cross at 0
        ("(y**2 - x**3)**2", []),  # a cusp
        ("(y**2 - (x**2 - 2)**2*(x - 4))**2", [(-(2**0.5), 0.0), (2**0.5, 0.0)]),
        ("(y**2 - (x**2 - 2)**2*(x + 4))**2", []),
    ],
)
def test_isolated_points_of_a_curve(text, alone):
    found = Loss(text).critical_points()
    assert found.complete
    assert len(found.components) == 1
    zeros = sorted(p.location for p in found if p.value.lower == p.value.upper == 0 or abs(p.value.middle) < 1e-20)
    assert np.array(zeros) == pytest.approx(np.array(alone))
    assert all(p.certified and p.nullity == 2 for p in found if p.location in zeros)


def test_a_component_taken_for_smooth_hides_its_isolated_points(monkeypatch):
    # false twin: without the singular points the acnode is not listed, and the test above would notice
    monkeypatch.setattr(algebraic_set, "locus", lambda leaf, _: leaf.joined([leaf.ring.constant(1)]))
    assert (0.0, 0.0) not in [p.location for p in Loss("(y**2 - x**2*(x - 1))**2").critical_points()]


def test_the_handle_of_whitneys_umbrella_is_a_component_of_its_own():
    found = Loss("(x**2 - y**2*z)**2").critical_points()
    assert found.complete
    assert [(c.dimension, set(map(str, c.equations))) for c in found.components] == [
        (2, {"-x**2 + y**2*z"}),
        (1, {"x", "y"}),
    ]


def test_two_roots_that_lie_close():
    found = Loss("(x - 3)**3/3 - 1e-28*x + 3e-28").critical_points()
    assert found.complete
    assert [str(p.exact[0] - 3) for p in found] == ["1/100000000000000", "-1/100000000000000"]
    assert [p.kind for p in found] == ["minimum", "maximum"]
