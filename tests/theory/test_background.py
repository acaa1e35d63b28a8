"""Section 2 against plain arithmetic and simulation: no expectation is computed from an expression of the claims."""

import itertools

import numpy as np
import pytest

from saddlecheck.theory.engines import counterexample
from saddlecheck.theory.papers.kim.background.background import GAP_SIGN, RADIUS
from saddlecheck.theory.papers.kim.background.perturbed import PERTURBED
from saddlecheck.theory.symbols import eta, lam, rho, w


@pytest.fixture
def rng():
    """A stream of its own for each test, so that a test draws the same whatever ran before it."""
    return np.random.default_rng(3)


def sam_direction(gradient, weight, radius):
    return gradient(weight + radius * gradient(weight))


def test_the_overfitted_model_has_the_lower_gap_as_printed():
    # Both fit the training set (loss 0); the second one has the true loss 1, the first one 0.
    training, good, bad = 0, 0, 1
    assert training - bad < training - good  # the printed gap ranks the worse model first
    assert bad - training > good - training  # the reversed one does not


def test_the_witnesses_refute_by_hand():
    witness = counterexample.counterexample(GAP_SIGN.statement, GAP_SIGN.given)
    train, one, two = (witness[s] for s in sorted(witness, key=lambda s: {"L_S": 0, "L_D1": 1, "L_D2": 2}[s.name]))
    assert train - one < train - two
    assert not one < two
    point = counterexample.counterexample(RADIUS.statement, RADIUS.given)
    radius = point.pop(rho)
    assert sum(v**2 for v in point.values()) * radius**2 > radius**2


@pytest.mark.parametrize("size", [0.1, 1.0, 7.0])
def test_a_constant_rho_moves_by_rho_times_the_gradients_length(size, rng):
    g = rng.normal(size=5)
    g *= size / np.linalg.norm(g)
    moved, rounding = np.linalg.norm(0.3 * g), 1e-14  # one rounding a component: a few units in the last place
    assert moved == pytest.approx(0.3 * size, rel=rounding)
    assert (moved > 0.3 * (1 + rounding)) == (size > 1)


def test_rho_g_beats_every_other_displacement_of_the_penalised_problem(rng):
    g, radius = rng.normal(size=4), 0.7
    best = radius * g

    def objective(e):
        return e @ g - e @ e / (2 * radius)

    for e in best + rng.normal(scale=[[1e-3], [0.1], [10]], size=(3, 4)):
        # exactly |e - rho g|^2/(2 rho) is lost; the least is of order 1e-6/1.4, far above the rounding of 1e-15
        assert objective(best) - objective(e) == pytest.approx(np.sum((e - best) ** 2) / 1.4, rel=1e-6)


@pytest.mark.parametrize(("curvature", "rises"), [(-2.0, True), (-0.5, False), (1.0, False)])
def test_the_perturbed_loss_along_the_flow(curvature, rises):
    # rho = 1. Derivative by central difference of step h: error h^2 f'''/6 with f''' of order 10, plus eps/h.
    h, weight = 1e-4, 1.0

    def gradient(v):
        return curvature * v

    def perturbed(v):
        return curvature * (v + gradient(v)) ** 2 / 2

    velocity = -sam_direction(gradient, weight, 1.0)
    rate = (perturbed(weight + h * velocity) - perturbed(weight - h * velocity)) / (2 * h)
    assert (rate > 0) == rises
    assert rate == pytest.approx(-(curvature**2) * (1 + curvature) ** 3, abs=1e-6)


def test_the_witness_of_the_perturbed_loss_by_hand():
    witness = counterexample.counterexample(PERTURBED.statement, PERTURBED.given)
    curvature, radius, weight = (witness[s] for s in (lam, rho, w))
    velocity = -curvature * (1 + radius * curvature) * weight
    climb = curvature * (1 + radius * curvature) ** 2 * weight
    assert velocity * climb > 0


def test_one_step_lowers_the_perturbed_loss_exactly_when_the_claim_says_so():
    assert eta.name == "eta"
    for curvature, radius, rate in itertools.product((-3.0, -0.7, 0.4, 2.0), (0.1, 1.0, 2.5), (0.01, 0.3, 2.0)):
        k, weight = 1 + radius * curvature, 1.0
        after = weight - rate * curvature * k * weight
        lowered = curvature * (k * after) ** 2 < curvature * (k * weight) ** 2
        edge = rate * curvature * k
        assert abs(edge - 2) > 1e-3  # no case sits on the edge, where rounding would decide
        assert lowered == ((k > 0 and edge < 2) or (k < 0 and edge > 2))
