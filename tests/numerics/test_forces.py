"""The second routes against the rules: the compiled kernel, the exact recursion and the step Jacobians."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from saddlecheck.numerics import Algorithm
from saddlecheck.numerics.cycles import advance
from saddlecheck.numerics.gradient import gradient_at
from saddlecheck.numerics.linear_map import recurrence
from saddlecheck.numerics.maps import path
from saddlecheck.numerics.one_step import step_jacobian
from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.symbols import x, y

z = sp.Symbol("z", real=True)


def algorithm(rng, *, normalised=False):
    law = str(rng.choice(["sgd", "exact_ascent"]))
    return Algorithm(
        law if not normalised else "exact_ascent",
        float(rng.uniform(0.01, 0.1)),
        rho=float(rng.uniform(0, 0.8)),
        gamma=float(rng.choice([0.0, rng.uniform(0, 0.95)])),
        dampening=float(rng.uniform(0, 0.5)),
        nesterov=bool(rng.integers(2)),
        weight_decay=float(rng.choice([0.0, 0.2])),
        normalised=normalised,
    )


def random_loss(rng, *, quadratic):
    """A quadratic with a random Hessian, or that with cubic, quartic and trigonometric terms."""
    a = rng.uniform(-2, 2, 6).round(3)
    expr = a[0] * x**2 / 2 + a[1] * x * y + a[2] * y**2 / 2
    return BareLoss((x, y), expr if quadratic else expr + a[3] * x**2 * y + a[4] * sp.sin(x + y) + x**4 / 4 + y**4 / 3)


def by_rules(loss, a, start, steps):
    """The algorithm, from the rule and the momentum alone."""
    direction, w, m = a.force.on(gradient_at(loss), a.rho), np.array(start), np.zeros(2)
    out = [w]
    for _ in range(steps):
        w, m = a.momentum.rule(w, m, direction(w) + a.weight_decay * w, a.eta, a.gamma, a.dampening)
        out.append(w)
    return np.array(out)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("quadratic", [True, False])
def test_the_compiled_kernel_takes_the_rules_steps(seed, quadratic):
    rng = np.random.default_rng([seed, quadratic])
    a = algorithm(rng, normalised=bool(seed % 2))
    loss, start = random_loss(rng, quadratic=quadratic), rng.uniform(-0.8, 0.8, 2)
    found, expected = path(loss, a, start, steps=12), by_rules(loss, a, start, 12)
    # Twelve steps of some thirty roundings, each amplified by at most 1.5 a step: 130 x 400 x 1e-16 = 5e-12.
    np.testing.assert_allclose(found.weights, expected[: len(found.weights)], rtol=0, atol=5e-12)
    states = [np.concatenate([start, np.zeros(2)]) if a.gamma else np.array(start)]
    for _ in range(12):
        states.append(advance(loss, a, states[-1]))
    np.testing.assert_allclose(np.array(states)[:, :2], expected, rtol=0, atol=5e-12)


def test_another_momentum_would_be_noticed():
    rng = np.random.default_rng(0)
    loss, a = random_loss(rng, quadratic=False), Algorithm("exact_ascent", 0.05, rho=0.3, gamma=0.5, nesterov=True)
    twin = Algorithm("exact_ascent", 0.05, rho=0.3, gamma=0.5)
    gap = path(loss, a, (0.4, 0.3), steps=12).weights - by_rules(loss, twin, (0.4, 0.3), 12)
    assert np.max(np.abs(gap)) > 1e-3


@pytest.mark.parametrize("seed", range(12))
def test_the_exact_recursion_is_the_rule_on_a_quadratic(seed):
    rng = np.random.default_rng(seed)
    a, loss = algorithm(rng), random_loss(rng, quadratic=True)
    H = np.array(sp.hessian(loss.expr, (x, y)), dtype=float)
    A = recurrence(a, H, np.eye(2)).transition
    state, w = np.zeros(len(A)), rng.uniform(-1, 1, 2)
    state[:2] = w
    for expected in by_rules(loss, a, w, 12):
        np.testing.assert_allclose(state[:2], expected, rtol=0, atol=5e-12)  # as above
        state = A @ state


@pytest.mark.parametrize("seed", range(12))
def test_step_jacobians_are_the_recursions(seed):
    rng = np.random.default_rng(seed)
    a, loss = algorithm(rng), random_loss(rng, quadratic=True)
    H = np.array(sp.hessian(loss.expr, (x, y)), dtype=float)
    A = recurrence(a, H, np.eye(2)).transition
    # A few products of numbers below 4.
    np.testing.assert_allclose(step_jacobian(loss, a, np.array([0.3, -0.2])), A, rtol=0, atol=1e-14)
