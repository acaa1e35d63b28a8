import numpy as np
import pytest
from settled import verdict

from saddlecheck.theory.papers.variants.papers import PAPERS

CLAIMS = [pytest.param(paper, claim, id=claim.id) for paper in PAPERS for claim in paper.claims]
VERDICTS = {"gsam-composed": "holds with a correction"}


@pytest.mark.parametrize(("paper", "claim"), CLAIMS)
def test_the_claims_are_settled(paper, claim):
    assert verdict(paper, claim) == VERDICTS.get(claim.id, "holds")


def ascended(gradient, point, ascent, step):
    return point - step * gradient(point + ascent(gradient(point)))


@pytest.mark.parametrize("ratio", [0.3, 0.99])
def test_the_descent_lemma_on_a_logistic_loss(ratio):
    """Five dimensions; beta is a quarter of the largest eigenvalue of X'X, the step a share of the limit."""
    rng = np.random.default_rng(13)
    data, radius = rng.normal(size=(20, 5)), 0.4
    beta = np.linalg.eigvalsh(data.T @ data).max() / 4
    step = ratio * 2 / (beta * (1 + radius * beta))

    def loss(w):
        return np.logaddexp(0, data @ w).sum()

    def gradient(w):
        return data.T @ (1 / (1 + np.exp(-data @ w)))

    for w in rng.normal(size=(200, 5)):
        assert loss(ascended(gradient, w, lambda g: radius * g, step)) < loss(w)
        norm = np.linalg.norm(gradient(w))
        bold = ratio * 2 / beta
        if norm > bold * beta**2 * radius / (2 - bold * beta):
            assert loss(ascended(gradient, w, lambda g, n=norm: radius * g / n, bold)) < loss(w)


@pytest.mark.parametrize("share", [0.2, 0.7, 1.0])
@pytest.mark.parametrize("radius", [0.05, 0.3])
def test_the_multiplier_of_the_unified_family_has_neither_radius_nor_share(share, radius):
    hessian, step, h = np.array([2.0, -0.7]), 0.2, 1e-6

    def after(point):
        g = hessian * point
        return point - step * hessian * (point + radius * (1 - share + share / np.linalg.norm(g)) * g)

    slope = 2 * (1 + radius * (1 - share) * 2)
    cycle = step * 2 * radius * share / (2 - step * slope)
    assert after(np.array([cycle, 0.0]))[0] == pytest.approx(-cycle, rel=1e-12)
    # an odd function of y: the difference quotient errs by h^2 over the cycle's square, 1e-12/1e-5; rounding 1e-10
    across = (after(np.array([cycle, h]))[1] - after(np.array([cycle, -h]))[1]) / (2 * h)
    assert across == pytest.approx(1 + step * 0.7 - (0.7 / 2) ** 2 * (2 - step * 2), abs=1e-6)


@pytest.mark.parametrize(("alpha", "start", "arrives"), [(4.0, 0.01, True), (2.0, 0.01, False), (4.0, 100.0, False)])
def test_gsam_below_the_threshold(alpha, start, arrives):
    """L = mu = 1, rho = 1/2: the cone exists beyond alpha = 3. Near it y/x changes at the rate (alpha - 3)/1.5."""
    hessian, point, step = np.array([1.0, -1.0]), np.array([1.0, start]), 0.01
    for _ in range(2500):
        g = hessian * point
        p = hessian * (point + 0.5 * g)
        point = point - step * (p - alpha * (g - (g @ p) / (p @ p) * p))
        if np.abs(point).max() > 1e6:
            break
    # in the cone x falls like exp(-1.5 t) with t = 25; outside y grows like exp(0.5 t) after the angle has turned
    assert bool(np.abs(point).max() < 1e-10) is arrives


@pytest.mark.parametrize("rest", [1, 4])
def test_sam_on_every_kth_step_attracts_below_the_flows_threshold(rest):
    mu, step = 2.0, 0.2
    q = 1 / (1 + step * mu)
    for margin, attracts in ((1.01, True), (0.99, False)):
        radius = (1 + margin * (1 - q**rest) / (step * mu)) / mu
        assert (abs((1 - step * mu * (radius * mu - 1)) / q**rest) < 1) is attracts
    assert 1 + (1 - q**rest) / (step * mu) < rest + 1


def test_the_previous_perturbed_gradient_never_traps():
    rng = np.random.default_rng(17)
    for radius, step, curvature in rng.uniform([0, 0, -3], [3, 1, 3], size=(500, 3)):
        matrix = np.array([[1 - step * curvature, -step * radius * curvature], [curvature, radius * curvature]])
        stable = np.abs(np.linalg.eigvals(matrix)).max() < 1
        expected = curvature > 0 and radius * curvature < 1 and step * curvature < 2 + 2 * radius * curvature
        assert stable == expected


def test_a_hallucinated_minimum_holds_between_the_two_distances_only():
    def slope(u):
        return (u + 1) * (u - 0.2) * (u - 1)

    for radius, held in ((0.79, False), (0.81, True), (1.99, True), (2.01, False)):
        w = 1 - radius
        for _ in range(1000):
            w = w - 0.02 * slope(w + radius * np.sign(slope(w)))
        assert bool(abs(w - (1 - radius)) < 1e-9) is held


def test_the_diagonal_network_follows_its_exact_law():
    """Two coordinates, three data points, Runge-Kutta with steps of 1e-3: an error of order 1e-12."""
    rng = np.random.default_rng(19)
    data, target, radius, dt = rng.normal(size=(3, 2)), rng.normal(size=3), 0.1, 1e-3

    def slope(plus, minus):
        return data.T @ (data @ (plus**2 - minus**2) - target)

    def field(state):
        plus, minus = state[:2], state[2:4]
        g = slope(plus, minus)
        up, down = plus * (1 + 2 * radius * g), minus * (1 - 2 * radius * g)
        p = slope(up, down)
        return np.concatenate([-2 * up * p, 2 * down * p, g * p])

    state = np.concatenate([np.full(4, 0.5), np.zeros(2)])
    for _ in range(2000):
        k1 = field(state)
        k2 = field(state + dt / 2 * k1)
        k3 = field(state + dt / 2 * k2)
        state = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + field(state + dt * k3))
    np.testing.assert_allclose(state[:2] * state[2:4], 0.25 * np.exp(-8 * radius * state[4:]), rtol=1e-9)


def test_the_moments_under_a_law_with_three_values():
    """The claims expand a law with two values; here is one with three, and its four moments."""
    values, weights = np.array([-3.0, 0.5, 2.0]), np.array([0.5, 0.2, 0.3])
    m1, m2, m3, m4 = (weights @ values**j for j in range(1, 5))
    radius, step = 0.3, 0.1
    same = 1 - step * values * (1 + radius * values)
    apart = 1 - step * np.outer(values, 1 + radius * values)
    assert weights @ same == pytest.approx(1 - step * (m1 + radius * m2))
    expected = 1 - 2 * step * (m1 + radius * m2) + step**2 * (m2 + 2 * radius * m3 + radius**2 * m4)
    assert weights @ same**2 == pytest.approx(expected)
    expected = 1 - 2 * step * m1 * (1 + radius * m1) + step**2 * m2 * (1 + 2 * radius * m1 + radius**2 * m2)
    assert weights @ apart**2 @ weights == pytest.approx(expected)
