import numpy as np
import pytest
from settled import verdict

from saddlecheck.theory.papers.kim_v2 import PAPER

VERDICTS = {
    "kim-v2-corollary": "holds with a correction",
    "kim-v2-theorem3": "holds with a correction",
}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_the_claims_are_settled(claim):
    assert verdict(PAPER, claim) == VERDICTS.get(claim.id, "holds")


def test_the_coefficient_of_t_squared_by_hand():
    eta, big, radius, batch = 0.1, -2.0, 0.2, 4.0
    diffusion, t = eta * abs(big) / (2 * batch), 1e-4

    def variance(rate):
        return -diffusion / rate * np.expm1(-2 * rate * t)

    gap = (variance(big) - variance(big * (1 + radius * big) ** 2)) / t**2
    unit = eta * abs(big) ** 3 * radius / batch
    missing = eta * radius**2 * abs(big) * big**3 / batch
    # the third order is of relative size t (a + a') = 5e-4; rounding 1e-16/(a t) relative to D, 1e-11 in all
    assert gap == pytest.approx(2 * unit + missing, rel=2e-3)
    assert abs(gap - 2 * unit) > 0.2 * unit


@pytest.mark.parametrize("radius", [0.6, 1.5])
def test_the_bound_near_the_saddle_of_a_loss_that_is_no_quadratic(radius):
    """x^2/2 - y^2 + |w|^(5/2): the gradient has a derivative at 0, and a second one nowhere near it."""
    curvatures = np.array([1.0, -2.0])
    rates = curvatures * (1 + radius * curvatures)
    rng = np.random.default_rng(16)

    def error(w):
        return 2.5 * np.sqrt(np.linalg.norm(w)) * w

    falls = []
    for length in np.repeat([1e-3, 1e-5, 1e-7], 50):
        direction = rng.normal(size=2)
        w = length * direction / np.linalg.norm(direction)
        up = w + radius * (curvatures * w + error(w))
        epsilon = max(np.linalg.norm(error(v)) / np.linalg.norm(v) for v in (w, up))
        lost = epsilon * (1 + 2 * radius * 2 + radius * epsilon)
        force = w @ (curvatures * up + error(up)) / length**2
        # A few roundings of numbers below 10.
        assert force >= min(rates) - lost - 1e-14
        falls.append(force > 0)
    # Beyond 1/2 the smallest rate is positive, 0.4 for 0.6, and what is lost at 1e-7 is below 0.01.
    assert all(falls[-50:])
    below = np.array([0.0, 1e-7])
    assert below @ (curvatures * (below + 0.4 * curvatures * below)) < 0
