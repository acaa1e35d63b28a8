"""Beale's function in plain Python: fractions, numpy's roots and eigenvalues, and no formula of the claims."""

from fractions import Fraction

import numpy as np
import pytest

from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.theory.engines import counterexample
from saddlecheck.theory.papers.kim.geometry import valley

C = (Fraction(3, 2), Fraction(9, 4), Fraction(21, 8))


def value(x, y):
    return sum((c - x + x * y**i) ** 2 for i, c in enumerate(C, 1))


def gradient(x, y):
    parts = [(i, float(c) - x + x * y**i) for i, c in enumerate(C, 1)]
    along_x = sum(2 * r * (y**i - 1) for i, r in parts)
    along_y = sum(2 * r * i * x * y ** (i - 1) for i, r in parts)
    return np.array([along_x, along_y])


def hessian(x, y, h=1e-5):
    # central differences: error h^2/6 times third derivatives of order 1e4, plus rounding 1e-13/1e-5: about 1e-6
    columns = [(gradient(x + h * a, y + h * b) - gradient(x - h * a, y - h * b)) / (2 * h) for a, b in ((1, 0), (0, 1))]
    return np.array(columns)


def floor(y):
    """The least value over x: a parabola in x, whose vertex follows from its values at -1, 0 and 1."""
    left, middle, right = (value(Fraction(k), y) for k in (-1, 0, 1))
    curve, slope = (left + right) / 2 - middle, (right - left) / 2
    return middle - slope**2 / (4 * curve)


@pytest.fixture(scope="module")
def second_saddle():
    (y,) = (r.real for r in np.roots([3, 11, 10, 5]) if abs(r.imag) < 1e-12)
    return (19581 + 5412 * y - 630 * y**2) / 8584, y


def test_the_gradient_vanishes_at_the_three_points(second_saddle):
    # values of order 10 times derivatives of order 1e3 and roots good to 1e-14
    for point in ((3, 0.5), (0, 1), second_saddle):
        assert gradient(*point) == pytest.approx([0, 0], abs=1e-10)


def test_the_list_agrees_with_the_critical_points_of_the_loss(second_saddle):
    found = sorted(p.location for p in BEALE.critical_points())
    assert found == [pytest.approx(p, abs=1e-12) for p in sorted([(3, 0.5), (0, 1), second_saddle])]


def test_two_saddles_and_their_thresholds(second_saddle):
    first, second = (np.linalg.eigvalsh(hessian(*p)) for p in ((0, 1), second_saddle))
    assert first == pytest.approx([-27.75, 27.75], abs=1e-4)
    assert -1 / first[0] == pytest.approx(4 / 111, rel=1e-5)
    assert second[0] < 0 < second[1]
    assert 5 / 4 < -1 / second[0] < 4 / 3
    assert (np.linalg.eigvalsh(hessian(3, 0.5)) > 0).all()


def test_the_witness_against_a_single_saddle_by_hand():
    witness = counterexample.counterexample(valley.SINGLE.statement, valley.SINGLE.given)
    low, high = (Fraction(int(v.p), int(v.q)) for _, v in sorted(witness.items(), key=lambda item: item[0].name))
    h = Fraction(1, 10**6)
    # The floor is evaluated exactly; a difference quotient has the sign of the slope, which is no smaller than 1e-2
    # there while h times its second derivative is of order 1e-5.
    rise = (floor(low + h) - floor(low)) / h
    fall = (floor(high + h) - floor(high)) / h
    assert low < high < 1
    assert rise > Fraction(1, 100)
    assert fall < -Fraction(1, 100)


def test_the_valleys_fall_towards_their_limits_from_above():
    near_one = [floor(1 + Fraction(1, 10**k)) for k in (1, 3, 6)]
    far = [floor(-Fraction(10**k)) for k in (1, 3, 6)]
    for values, limit in ((near_one, Fraction(405, 896)), (far, Fraction(117, 16))):
        assert values[0] > values[1] > values[2] > limit
        # first order in the distance, with slopes of order 10: 1e-6 away they are within 2e-5
        assert values[2] - limit < Fraction(2, 10**5)


def test_a_constant_rho_leaves_the_box_in_one_step():
    for rho, leaves in ((0.01, True), (0.04, True), (1.0, True), (0.001, False)):
        start = np.array([1.0, 2.0])
        after = start - 1e-4 * gradient(*(start + rho * gradient(*start)))
        assert (after < -4.5).all() == leaves
