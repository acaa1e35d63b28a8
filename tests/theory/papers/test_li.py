import numpy as np
import pytest
from settled import verdict

from saddlecheck.theory.papers.li import PAPER

VERDICTS = {}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_the_claims_are_settled(claim):
    assert verdict(PAPER, claim) == VERDICTS.get(claim.id, "holds")


def softplus_slope(product):
    return 1 / (1 + np.exp(-product))  # of log(1 + exp(x.y)): convex


@pytest.mark.parametrize("radius", [0.1, 0.7])
def test_the_exact_law_for_factors_of_three_weights(radius):
    rng = np.random.default_rng(11)
    x, y = rng.normal(size=(2, 3))
    s = softplus_slope(x @ y)
    u = radius / (abs(s) * np.sqrt(x @ x + y @ y))
    up_x, up_y = x + u * s * y, y + u * s * x
    t = softplus_slope(up_x @ up_y)
    balance = (x @ x - y @ y) / 2
    rate = -x @ (t * up_y) + y @ (t * up_x)
    assert rate == pytest.approx(-2 * u * s * t * balance, rel=1e-12)  # a dozen operations on numbers of order 1
    assert balance * rate < 0
    step = 0.2
    after = x - step * t * up_y, y - step * t * up_x
    factor = 1 - 2 * step * u * s * t - step**2 * t**2 * (1 - u**2 * s**2)
    assert (after[0] @ after[0] - after[1] @ after[1]) / 2 == pytest.approx(factor * balance, rel=1e-12)


def test_the_balance_grows_beyond_the_bound():
    """f = (xy - 1)^2/2 at x = 1, y = 1/2 with k = -3: s = -1/2, u = 6; the ascent passes the minimum of f."""
    x, y, s, u = 1.0, 0.5, -0.5, 6.0
    up = (x + u * s * y) * (y + u * s * x)
    assert up > 1
    t = up - 1
    balance = (x**2 - y**2) / 2
    assert balance * (-2 * u * s * t * balance) > 0
