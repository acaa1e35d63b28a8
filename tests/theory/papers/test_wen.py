import numpy as np
import pytest
from settled import verdict

from saddlecheck.theory.papers.wen import PAPER
from saddlecheck.theory.papers.wen.valley import MEAN_DRIFT, down, drift, first, second, up
from saddlecheck.theory.symbols import eta

VERDICTS = {}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_the_claims_are_settled(claim):
    assert verdict(PAPER, claim) == VERDICTS.get(claim.id, "holds")


def normalised_step(gradient, point, radius, step):
    g = gradient(point)
    return point - step * gradient(point + radius * g / np.linalg.norm(g))


@pytest.mark.parametrize("top", [0.3, 1.9, 3.5])  # eta l_1, beyond the edge 2 as well
def test_the_objective_falls_in_three_dimensions(top):
    rng = np.random.default_rng(3)
    step, radius = 0.5, 0.7
    eigenvalues = np.array([top, 0.6 * top, 0.1 * top]) / step
    weights = (2 - step * eigenvalues) / (step * radius * eigenvalues**2)

    def objective(v):
        return weights @ v**2 / 2 - np.linalg.norm(v)

    for w in rng.normal(size=(50, 3)):
        v = eigenvalues * w
        after = -eigenvalues * normalised_step(lambda p: eigenvalues * p, w, radius, step)
        bound = (after - v) ** 2 @ (1 / eigenvalues) / (2 * radius)
        # the terms are below 1e4, so rounding is below 1e-11
        assert objective(after) <= objective(v) - bound + 1e-10


def test_the_iterates_end_on_the_top_cycle_beyond_the_stated_range():
    eigenvalues, step, radius = np.array([3.6, 2.0, 0.5]), 0.5, 0.2  # eta l_1 = 1.8
    w = np.array([1.0, -2.0, 3.0])
    for _ in range(4000):
        w = normalised_step(lambda p: eigenvalues * p, w, radius, step)
    # the slowest multiplier across the cycle is 0.75 in size; 0.75^4000 vanishes, rounding stays
    np.testing.assert_allclose(np.abs(w), [1.8 * radius / 0.2, 0, 0], atol=1e-10)


@pytest.mark.parametrize("step", [0.05, 0.8, 1.5])
def test_the_drift_along_a_valley(step):
    """L(y) = 1 + y/3 + y^2/7 at y = 0, two steps from the cycle; the formula's relative error is of order rho."""
    radius, slope = 1e-4, 1 / 3

    def gradient(p):
        x, y = p
        return np.array([(1 + slope * y + y**2 / 7) * x, (slope + 2 * y / 7) * x**2 / 2])

    start = np.array([radius * step / (2 - step), 0.0])
    end = normalised_step(gradient, normalised_step(gradient, start, radius, step), radius, step)
    expected = 2 * radius**2 * float(drift(1, slope).subs(eta, step))
    assert end[1] == pytest.approx(expected, rel=1e-2)  # rho times a number below 10, with a margin of 10


def test_a_constant_trace_still_drifts():
    step, eigenvalues, slopes = 0.9, (1.5, 0.5), (1.0, -1.0)
    moved = []
    for level, slope in zip(eigenvalues, slopes, strict=True):

        def gradient(p, level=level, slope=slope):
            return np.array([(level + slope * p[1]) * p[0], slope * p[0] ** 2 / 2])

        start = np.array([1e-4 * step * level / (2 - step * level), 0.0])
        moved.append(normalised_step(gradient, start, 1e-4, step)[1] / 1e-8)
    expected = float(MEAN_DRIFT.subs({eta: step, first: 1.5, second: 0.5, up: 1, down: -1}))
    assert np.mean(moved) == pytest.approx(expected, rel=1e-2)  # as above
    assert expected < -1  # towards the smaller of the larger eigenvalue
