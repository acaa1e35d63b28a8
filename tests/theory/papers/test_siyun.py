import numpy as np
import pytest
from settled import verdict

from saddlecheck.theory.papers.siyun import PAPER

VERDICTS = {}


@pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.id)
def test_the_claims_are_settled(claim):
    assert verdict(PAPER, claim) == VERDICTS.get(claim.id, "holds")


def test_strongly_convex_contraction_on_a_loss_that_is_no_quadratic():
    """log cosh(2x) + log cosh(x + y) + (x^2 + y^2)/4: alpha = 1/2, beta below 6.5; its minimum 0 is at the origin."""
    rng = np.random.default_rng(5)
    alpha, beta, step, radius = 0.5, 6.5, 0.1, 0.05

    def loss(p):
        return np.log(np.cosh(2 * p[0])) + np.log(np.cosh(p[0] + p[1])) + p @ p / 4

    def gradient(p):
        shared = np.tanh(p[0] + p[1])
        return np.array([2 * np.tanh(2 * p[0]) + shared, shared]) + p / 2

    level = step**2 * beta**6 * radius**2 / (8 * alpha**3 * (1 - step * beta) ** 2)
    outside = 0
    for p in rng.normal(size=(300, 2)) * 8:
        g = gradient(p)
        after = p - step * gradient(p + radius * g / np.linalg.norm(g))
        assert loss(after) <= loss(p) + step**2 * beta**3 * radius**2 / 2
        if loss(p) >= level:
            outside += 1
            assert loss(after) <= (1 - alpha * step * (2 - step * beta)) * loss(p)
    assert outside > 20  # the contraction was put to the test


def test_the_attractor_that_is_no_critical_point():
    beta, edge, radius, step, w = 2.0, 0.01, 1.0, 0.3, -0.5
    for _ in range(400):
        up = w + radius * np.sign(beta * (abs(w) - edge))
        w = w - step * beta * (abs(up) - edge)
    assert w == pytest.approx(edge - radius, abs=1e-14)  # 0.4^400 vanishes, rounding stays
    assert beta * (abs(w) - edge) == pytest.approx(0.98 * beta * radius, abs=1e-13)


def test_the_floor_under_skewed_noise():
    """4000 chains, eta = 1/289, a = 8: the stationary deviation is sqrt(eta 192/2) = 0.58, so 13 of them to a flip."""
    rng = np.random.default_rng(7)
    step, w = 1 / 289, np.zeros(4000)
    for _ in range(3000):  # 10 times the relaxation time
        noise = np.where(rng.random(4000) < 0.25, -24.0, 8.0)
        w = w - step * (w + np.sign(w + noise) + noise)
    error = 0.58 / np.sqrt(4000)
    assert w.mean() == pytest.approx(-0.5, abs=5 * error)
    assert (w**2).mean() / 2 > 1 / 16
