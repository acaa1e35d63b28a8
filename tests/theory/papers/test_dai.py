"""Dai, Ahn and Sra: verdicts, twins, and the formulas against the public numbers and the algorithm."""

import math

import numpy as np
import pytest
from settled import expected, told, verdicts

from saddlecheck.numerics import product_model_time
from saddlecheck.theory.papers.dai import PAPER, product
from saddlecheck.theory.symbols import eta, real, rho


@pytest.mark.slow
def test_verdicts():
    assert verdicts(PAPER) == expected(PAPER, conditioned=["dai-strongly-convex-step"])


def test_the_words_fit():
    assert told(PAPER) == []


def test_the_public_time_is_the_claims():
    value = float(product.TIME.subs({real("u_0"): 1.5, real("u"): 0.2, eta: 0.3, rho: 0.05}))
    # Twenty operations on either side; the sum cancels to a half of its largest term.
    assert math.isclose(value, product_model_time(start=1.5, stop=0.2, rho=0.05, lr=0.3), rel_tol=1e-14)


@pytest.mark.parametrize("lr", [0.3, 1.0])
def test_a_convex_smooth_loss_is_lowered_below_the_edge_of_usam(lr):
    """Random sums of softplus, beta-smooth with a computed beta."""
    rng = np.random.default_rng(16)
    rows = rng.normal(size=(6, 3))
    beta = np.linalg.norm(rows, 2) ** 2 / 4  # the second derivative of softplus is at most 1/4
    radius = 2.0 / beta
    step = lr * 2 / (beta * (1 + radius * beta))

    def loss(w):
        return np.sum(np.logaddexp(0, rows @ w))

    def gradient(w):
        return rows.T @ (1 / (1 + np.exp(-rows @ w)))

    for w in 3 * rng.normal(size=(50, 3)):
        assert loss(w - step * gradient(w + radius * gradient(w))) < loss(w)


@pytest.mark.slow
def test_normalised_sam_leaves_every_bounded_set_on_a_convex_loss_with_minima():
    """x grows at least as the claim says, and by its own law (the drift along a valley of curvature 1/x)."""
    lr, radius = 1.0, 0.5
    w = np.array([2.0, 0.3])
    marks = []
    for k in range(1, 200_001):
        r = math.hypot(*w)
        g = np.array([w[0] / r - 1, w[1] / r])
        p = w + radius * g / math.hypot(*g)
        moved = -lr * (p[0] / math.hypot(*p) - 1)
        assert moved >= lr * radius**2 / (4 * (r + radius) ** 2) * (1 - 1e-12)
        w = np.array([w[0] + moved, w[1] - lr * p[1] / math.hypot(*p)])
        if k in (100_000, 200_000):
            marks.append(w[0] ** 3)
    # x^2 dx = lr rho^2/2 dn for large x, so x^3 grows by 3 lr rho^2/2 a step; lr/x is below 0.04 and enters doubly.
    assert abs((marks[1] - marks[0]) / 1e5 / (1.5 * lr * radius**2) - 1) < 0.1
