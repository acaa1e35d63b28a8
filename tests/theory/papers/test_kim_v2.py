import numpy as np
import pytest
from settled import verdict

from saddlecheck.theory.papers.kim_v2 import PAPER

VERDICTS = {
    "kim-v2-smooth": "accepted on a source",
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
