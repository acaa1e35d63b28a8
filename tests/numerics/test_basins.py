"""Destinations, basins and invariant manifolds, where they are known exactly or by another integrator."""

from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import solve_ivp

from saddlecheck.numerics.basins import LEFT, UNDECIDED, basins, crossings, destinations
from saddlecheck.numerics.gradient import gradient_at
from saddlecheck.numerics.manifolds import manifolds

x, y = sp.symbols("x y", real=True)
DOUBLE_WELL = SimpleNamespace(expr=(x**2 - 1) ** 2 + y**2, variables=(x, y))
SADDLE = SimpleNamespace(expr=x**2 - y**2, variables=(x, y))
BEALE = SimpleNamespace(
    expr=(sp.Rational(3, 2) - x + x * y) ** 2
    + (sp.Rational(9, 4) - x + x * y**2) ** 2
    + (sp.Rational(21, 8) - x + x * y**3) ** 2,
    variables=(x, y),
)
WELLS = [(-1.0, 0.0), (1.0, 0.0)]


def test_basins_of_the_double_well_are_the_half_planes():
    grid = basins(DOUBLE_WELL, WELLS, box=(-2.0, 2.0), shape=(40, 20))
    np.testing.assert_array_equal(grid.labels, np.broadcast_to((grid.x > 0).astype(int), (20, 40)))


def test_points_of_no_basin_are_said_to_leave_or_to_be_undecided():
    d = destinations(SADDLE, np.array([[0.3, 0.1], [0.3, 0.0]]), [(5.0, 0.0)])
    # y grows from 0.1 and leaves; y = 0 runs into the saddle, which is no target, and stays there.
    np.testing.assert_array_equal(d.labels, [LEFT, UNDECIDED])


def test_beale_destinations_agree_with_scipys_radau():
    points = np.random.default_rng(3).uniform(-4.5, 4.5, (10, 2))
    ours, gradient = destinations(BEALE, points, [(3.0, 0.5)], box=(-30.0, 30.0)), gradient_at(BEALE)

    def left(_, w):
        return 30 - np.max(np.abs(w))

    left.terminal = True
    for point, label in zip(points, ours.labels, strict=True):
        s = solve_ivp(lambda _, w: -gradient(w), (0, 1e7), point, method="Radau", events=left, rtol=1e-8, atol=1e-10)
        arrived = np.linalg.norm(s.y[:, -1] - [3.0, 0.5]) < 1e-2
        assert label == (0 if arrived else LEFT)


def test_the_tolerance_does_not_decide_the_basins():
    points = np.random.default_rng(4).uniform(-4.5, 4.5, (300, 2))
    coarse, fine = (destinations(BEALE, points, [(3.0, 0.5)], tolerance=t) for t in (1e-3, 1e-5))
    assert np.mean(coarse.labels != fine.labels) < 0.01  # points within the error of a boundary may differ


def test_sam_flow_traps_at_a_saddle_beyond_the_threshold():
    # rho = 1 on x^2 - y^2: the origin attracts everything; at rho = 0.25 everything off y = 0 leaves.
    points = np.array([[1.0, 0.5], [-2.0, -1.0]])
    np.testing.assert_array_equal(destinations(SADDLE, points, [(0.0, 0.0)], rho=1.0).labels, 0)
    np.testing.assert_array_equal(destinations(SADDLE, points, [(0.0, 0.0)], rho=0.25).labels, LEFT)


def test_crossings_are_where_the_ascended_point_is_in_the_other_well():
    w = np.array([[0.5, 0.0], [0.1, 0.0], [-0.2, 0.0]])
    # grad l = 4 x (x^2 - 1): at rho = 0.3 the ascended x is x (1 - 1.2 (1 - x^2)): 0.05, -0.0188, 0.0304.
    wp = w * (1 - 1.2 * (1 - w[:, :1] ** 2))
    np.testing.assert_array_equal(crossings(DOUBLE_WELL, w, wp, WELLS), [1, 2])


def test_manifolds_of_a_straight_saddle_are_its_axes():
    m = manifolds(SADDLE, (0.0, 0.0), box=2.0)
    for curve in m.stable:
        np.testing.assert_allclose(curve[:, 1], 0.0, atol=1e-12)
        assert np.max(np.abs(curve[:, 0])) == pytest.approx(2.0, rel=1e-6)
    for curve in m.unstable:
        np.testing.assert_allclose(curve[:, 0], 0.0, atol=1e-12)


def test_manifolds_of_a_bent_saddle_are_the_bent_curves():
    # l = (x - y^2)^2 / 2 - y^2 / 2 ... its flow is not straight; the unstable branches must end in the minima and the
    # stable ones must separate the basins: points on either side of a stable branch go different ways.
    loss = SimpleNamespace(expr=(x**2 - 1) ** 2 + (y - x**2 / 2) ** 2, variables=(x, y))
    m = manifolds(loss, (0.0, 0.0), box=3.0)
    ends = sorted(curve[-1, 0] for curve in m.unstable)
    np.testing.assert_allclose(ends, [-1.0, 1.0], atol=1e-3)
    wells = [(-1.0, 0.5), (1.0, 0.5)]
    for curve in m.stable:
        point = curve[np.argmin(np.abs(np.abs(curve[:, 1]) - 1.0))]
        sides = destinations(loss, point + np.array([[-1e-3, 0.0], [1e-3, 0.0]]), wells).labels
        np.testing.assert_array_equal(sides, [0, 1])


def test_a_branch_that_runs_into_a_minimum_ends_there():
    # Himmelblau's saddle at (0.0867, 2.8843) lies between the minima (3, 2) and (-2.8051, 3.1313). A branch ends where
    # the speed is a tenth of its value at the start, 1e-5 times a curvature of order 10: within 1e-5 of the minimum.
    loss = SimpleNamespace(expr=(x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, variables=(x, y))
    ends = sorted(curve[-1].tolist() for curve in manifolds(loss, (0.0866775, 2.8842547)).unstable)
    np.testing.assert_allclose(ends, [[-2.8051181, 3.1313125], [3.0, 2.0]], atol=1e-5)


def test_a_saddle_that_sam_turns_into_an_attractor_has_no_manifolds():
    with pytest.raises(ValueError, match="no saddle of this flow"):
        manifolds(SADDLE, (0.0, 0.0), rho=1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: destinations(SimpleNamespace(expr=x**2, variables=(x,)), np.ones((1, 2)), WELLS), "two variables"),
        (lambda: destinations(SADDLE, np.ones((1, 3)), WELLS), r"shape \(P, 2\)"),
        (lambda: destinations(SADDLE, np.full((1, 2), np.nan), WELLS), "points must be finite"),
        (lambda: destinations(SADDLE, np.ones((1, 2)), WELLS, rho=-1.0), "rho must be >= 0"),
        (lambda: manifolds(SADDLE, (0.5, 0.0)), "not a critical point"),
        (lambda: manifolds(SimpleNamespace(expr=x**2, variables=(x,)), (0.0,)), "two variables"),
    ],
)
def test_requests_outside_the_domain_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
