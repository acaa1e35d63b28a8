"""Section 4.1 against plain simulation: basins, the lambda lemma, crossings, oscillation. numpy only."""

import numpy as np
import pytest

from saddlecheck.theory.engines import counterexample
from saddlecheck.theory.papers.kim.geometry.cases import CROSSING
from saddlecheck.theory.papers.kim.geometry.geometry import BOUNDARY
from saddlecheck.theory.papers.kim.geometry.neighbours import ADJACENT
from saddlecheck.theory.symbols import mu, rho, x, y


@pytest.fixture
def rng():
    """A stream of its own for each test, so that a test draws the same whatever ran before it."""
    return np.random.default_rng(11)


def four_wells(points):
    return 4 * points * (points**2 - 1)


def flow(gradient, points, time, steps=2000):
    """Classical Runge-Kutta for w' = -gradient(w)."""
    h = time / steps
    for _ in range(steps):
        k1 = -gradient(points)
        k2 = -gradient(points + h / 2 * k1)
        k3 = -gradient(points + h / 2 * k2)
        k4 = -gradient(points + h * k3)
        points = points + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return points


def test_the_basins_of_the_four_wells_are_the_quadrants(rng):
    start = rng.uniform(0.05, 2, size=(200, 2)) * rng.choice([-1, 1], size=(200, 2))
    # near 1 the rate is 8, near 0 it is 4: from 0.05 it takes ln(20)/4 < 1 to leave 0, and e^-32 is left after 4 more
    assert flow(four_wells, start, 5) == pytest.approx(np.sign(start), abs=1e-9)


def test_the_boundaries_of_opposite_wells_meet_at_an_index_two_point():
    witness = counterexample.counterexample(ADJACENT.statement, ADJACENT.given)
    at = np.array([float(witness[x]), float(witness[y])])
    assert at == pytest.approx([0, 0], abs=0)
    assert four_wells(at) == pytest.approx([0, 0], abs=0)
    curvatures = 12 * at**2 - 4
    assert (curvatures < 0).all()


def test_the_basin_of_the_cliff_ends_at_a_point_without_negative_curvature():
    assert counterexample.counterexample(BOUNDARY.statement, BOUNDARY.given) == {y: 1}
    ends = flow(lambda v: v * (v - 1) ** 2, np.array([0.9, 1.1]), 60.0, steps=6000)
    # below 1 the flow leaves and comes to 0 (rate 1; it needs about 1/0.1 to leave 1); above it creeps like 1 + 1/t
    assert ends[0] < 1e-6
    assert 1 < ends[1] < 1 + 1.2 / 60


def test_a_basin_may_end_at_a_line_without_an_equilibrium():
    """The loss of `basin-boundary-empty`: from inside x = 1 the flow ends at 0; on the line y is log(1 + t)."""

    def field(w):
        x, y = w.T
        share, tilt = 3 * x**2 - 2 * x**3, 6 * x * (1 - x)
        bowl, fall = y**2 / (12 * (1 + y**2)), np.exp(-y)
        return np.stack([
            x - x**2 - tilt * bowl + tilt * fall, (1 - share) * y / (6 * (1 + y**2) ** 2) - share * fall
        ], axis=1)  # fmt: skip

    ends = flow(field, np.array([[0.99, 0.0], [-2.0, 1.0], [1.0, 0.0]]), 150.0, steps=30000)
    # x falls at a rate of at least 1/2 near 0, so that e^-70 is left after the time that it takes to leave x = 1
    assert np.all(np.abs(ends[:2, 0]) < 1e-6)
    assert ends[2, 0] == 1
    # dy/dt = e^-y from 0 is y = log(1 + t); the fourth-order error of a step h = 5e-3 adds up to less than h^3 = 1e-7
    assert abs(ends[2, 1] - np.log(151)) < 1e-6


def test_lambda_lemma_a_curve_across_the_stable_manifold_comes_close_to_the_unstable_one():
    # The saddle (0, 1): W^s is x = 0 (y > 0), W^u is y = 1. A slanted curve through (0, 0.6), and its image.
    s = np.linspace(-0.3, 0.3, 61)
    curve = np.stack([s, 0.6 + 0.5 * s], axis=1)
    distances = [np.abs(flow(four_wells, curve, t)[:, 1] - 1).max() for t in (0.25, 0.5, 0.75)]
    # towards y = 1 the rate is 8 at the end, and at least 4 y (y + 1) >= 4 * 0.45 * 1.45 = 2.6 all along
    assert distances[0] > distances[1] > distances[2]
    assert distances[1] < distances[0] * np.exp(-2.6 * 0.25)
    assert distances[2] < 0.01
    stretched = flow(four_wells, curve, 0.75)[:, 0]
    assert stretched.min() < -0.9 and stretched.max() > 0.9  # and it covers the unstable manifold  # noqa: PT018


@pytest.mark.parametrize(("mu_rho", "crosses"), [(0.5, False), (0.99, False), (1.01, True), (3.0, True)])
def test_constant_rho_crosses_by_rho_mu_alone(mu_rho, crosses):
    heights = np.array([1e-6, 0.1, 0.9, 5.0, 1e6])  # inside and far outside any ball
    perturbed = heights + mu_rho * -heights
    assert ((perturbed < 0) == crosses).all()


def test_the_witness_of_the_crossing_lies_in_the_ball_and_does_not_cross():
    witness = counterexample.counterexample(CROSSING.statement, CROSSING.given)
    assert abs(witness[y]) <= witness[rho]
    assert witness[y] * (witness[y] - witness[rho] * witness[mu] * witness[y]) >= 0


def test_normalised_rho_crosses_inside_the_ellipse(rng):
    radius, stable, unstable = 0.5, 2.0, 0.7
    points = rng.uniform(-1, 1, size=(5000, 2))
    gradients = points * [stable, -unstable]
    perturbed = points + radius * gradients / np.linalg.norm(gradients, axis=1, keepdims=True)
    crossed = perturbed[:, 1] * points[:, 1] < 0
    level = np.sum(gradients**2, axis=1) - (radius * unstable) ** 2
    clear = np.abs(level) > 1e-12  # rounding decides on the ellipse itself
    assert (crossed == (level < 0))[clear].all()
    assert 0 < crossed.sum() < (np.abs(points[:, 1]) < radius).sum()  # the ball is larger than the ellipse


@pytest.mark.parametrize("eta_a", [0.3, 0.999, 1.4, 1.999, 2.1])
def test_constant_rho_the_linear_map(eta_a):
    lam, radius = -2.0, 1.0  # a = lam (1 + rho lam) = 2
    path = [1.0]
    for _ in range(8):
        path.append(path[-1] - eta_a / 2 * lam * (path[-1] + radius * lam * path[-1]))
    path = np.array(path)
    turns = path[1:] * path[:-1] < 0
    assert (turns == (eta_a > 1)).all()
    assert ((np.abs(path[1:]) < np.abs(path[:-1])) == (eta_a < 2)).all()


def test_normalised_rho_slides_then_flips_for_ever():
    mu_, radius, rate = 1.5, 0.4, 0.05
    weight, sides, run = 0.39, [], 0
    for step in range(2000):
        after = weight - rate * -mu_ * (weight - radius * np.sign(weight))
        if after * weight > 0:
            run += 1
            left = (1 + rate * mu_) * (radius - abs(weight))
            assert radius - abs(after) == pytest.approx(left, rel=1e-9)
        else:
            assert abs(after) < rate * mu_ * radius
            sides.append(step)
        weight = after
    # 0.01 from rho grows by 1.075 a step to 0.4: about ln(40)/ln(1.075) = 51 steps of (i), and then flips recur
    assert 40 < sides[0] < 60
    assert len(sides) > 100


def test_constant_rho_the_cosine_settles_at_minus_one():
    curvature = np.array([2.0, -1.0])
    radius, rate = 1.5, 0.05  # rho mu = 1.5 > 1, eta a+ = 0.05 * 2 * 4 = 0.4 <= 1, a- = 0.5 < a+ = 8
    weight, cosines = np.array([1.0, 0.3]), []
    for _ in range(120):
        g = curvature * weight
        ascended = curvature * (weight + radius * g)
        cosines.append(g @ ascended / np.linalg.norm(g) / np.linalg.norm(ascended))
        weight = weight - rate * ascended
    negative = int(np.argmax(np.array(cosines) < 0))
    assert cosines[0] > 0.9
    assert (np.array(cosines[negative:]) < 0).all()
    assert cosines[-1] == pytest.approx(-1, abs=1e-9)  # 1 - cos^2 is at most a multiple of (0.6/0.975)^(2*120)
