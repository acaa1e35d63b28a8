import numpy as np
import pytest
from settled import verdict

from saddlecheck.theory.papers.agarwala import PAPER
from saddlecheck.theory.papers.agarwala.edge import EDGE
from saddlecheck.theory.symbols import eta, rho

VERDICTS = {}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_the_claims_are_settled(claim):
    assert verdict(PAPER, claim) == VERDICTS.get(claim.id, "holds")


@pytest.mark.parametrize(("radius", "step"), [(0.05, 0.1), (3.0, 0.01), (1e-3, 0.5)])
def test_the_edge_separates_contraction_from_growth(radius, step):
    top = float(EDGE.subs({rho: radius, eta: step}))
    for factor, contracts in ((0.999, True), (1.001, False)):  # the multiplier changes by 2e-3 or more; rounding 1e-15
        curvature = factor * top
        assert (abs(1 - step * curvature * (1 + radius * curvature)) < 1) is contracts
    assert top < 2 / step


def test_the_residuals_law_is_of_first_order():
    """Three residuals, four weights: the remainder of the law is quadratic in z, so halving z divides it by four."""
    rng = np.random.default_rng(1)
    jacobian, bends, z, radius = rng.normal(size=(3, 4)), rng.normal(size=(3, 4, 4)), rng.normal(size=3), 0.3
    bends = bends + bends.transpose(0, 2, 1)

    def remainder(size):
        ascent = radius * jacobian.T @ (size * z)
        raised = jacobian + bends @ ascent
        residuals = size * z + jacobian @ ascent + ascent @ bends @ ascent / 2
        kernel = jacobian @ jacobian.T
        exact = -jacobian @ raised.T @ residuals
        return np.linalg.norm(exact + kernel @ (np.eye(3) + radius * kernel) @ (size * z))

    # the next order changes the ratio by a relative 1e-4 times a number of order 10
    assert remainder(1e-4) / remainder(5e-5) == pytest.approx(4, rel=1e-2)
