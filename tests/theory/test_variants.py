"""The variants against formulas derived here, and against runs of the same steps in plain numbers."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.optimisers import variants
from saddlecheck.theory.optimisers.named import NAMED
from saddlecheck.theory.optimisers.variants import VARIANTS, alpha, beta, keep, sigma, theta
from saddlecheck.theory.symbols import eta, gamma, lam, mu, real, rho, x, y

z = real("z")
K = 1 + rho * lam

# One step of each on lam w^2/2, worked out on paper: multipliers in the mean, else characteristic polynomials in z.
# penalised: g + rho H g. gsam: in one dimension the gradients are parallel, so nothing is orthogonal.
# eg_sam: w^p = (1 + (rho - eta) lam) w. sam_every_fifth: one SAM step, four of descent. sam_fraction: the mean of both.
# esam_mask: b (1 - eta lam (1 + rho lam/b)) + (1 - b)(1 - eta lam).
# friendly: m' = b m + (1 - b) lam w and w' = w - eta lam (w + rho (lam w - s m')): with c = 1 - s (1 - b) the matrix is
#   ((1 - eta lam (1 + rho lam c), eta lam rho s b), ((1 - b) lam, b)), whose determinant is b (1 - eta lam K).
# stale: w' = (1 - eta lam) w - eta lam rho g, g' = lam w. stale_perturbed: g' = lam (w + rho g), w' = w - eta g'.
# momentum_ascent: m' = (gamma + rho lam) m + lam w, w' = w - eta m'.
EXPECTED = {
    "penalised": 1 - eta * lam * K,
    "gsam": 1 - eta * lam * K,
    "eg_sam": 1 - eta * lam * (1 + (rho - eta) * lam),
    "sam_every_fifth": (1 - eta * lam * K) * (1 - eta * lam) ** 4,
    "sam_fraction": 1 - eta * lam * (1 + theta * rho * lam),
    "esam_mask": 1 - eta * lam * K,
    "random_perturbation": 1 - eta * lam,
    "friendly_sam": z**2
    - (1 - eta * lam * (1 + rho * lam * (1 - sigma * (1 - beta))) + beta) * z
    + beta * (1 - eta * lam * K),
    "stale_ascent": z**2 - (1 - eta * lam) * z + eta * rho * lam**2,
    "stale_perturbed": z**2 - (1 - eta * lam + rho * lam) * z + rho * lam,
    "momentum_ascent": z**2 - (1 + gamma + rho * lam - eta * lam) * z + gamma + rho * lam,
}
VALUES = {alpha: 0.3, sigma: 0.6, beta: 0.8, theta: 0.4, keep: 0.5, gamma: 0.3}


def test_every_variant_has_a_formula():
    assert set(EXPECTED) == set(VARIANTS)
    assert all(k == v.id for k, v in VARIANTS.items())


@pytest.mark.parametrize("name", EXPECTED)
def test_maps_are_the_formulas(name):
    v = VARIANTS[name]
    found = v.mean_map()[0] if len(v.state) == 1 else v.characteristic(z)
    assert sp.expand(found - EXPECTED[name]) == 0
    assert sp.expand(found - EXPECTED[name].subs(rho, 2 * rho)) != 0 or name == "random_perturbation"


STEPS = {
    "penalised": variants.of_rule(variants.penalised),
    "gsam": variants.of_rule(variants.gsam(0.3)),
    "eg_sam": variants.lookahead,
    "sam_every_fifth": variants.sam_every(5),
    "friendly_sam": variants.friendly(0.6, 0.8),
    "stale_ascent": variants.stale,
    "stale_perturbed": variants.stale_perturbed,
    "momentum_ascent": variants.along_momentum(0.3),
}


def growth(step, curvature, radius, lr, size):
    """Mean logarithm of what a step multiplies the state by, after the faster directions died out."""
    state, total = tuple(np.full((1, 1), 1.0 + k) for k in range(size)), 0.0
    for k in range(800):
        state = step(lambda v: curvature * v, state, radius, lr)
        norm = float(np.sqrt(sum(np.sum(s**2) for s in state)))
        state = tuple(s / norm for s in state)
        total += np.log(norm) if k >= 400 else 0.0
    return total / 400


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("curvature", [0.7, 1.6, -0.5, -1.3])
def test_runs_turn_where_the_closed_forms_do(name, curvature):
    """On a grid of radii off every threshold by 4 % or more, small steps shrink exactly where the closed form says so.

    The rate is at least 0.04 x 0.5 there, so a step of 1e-3 multiplies by 1 +- 2e-5: the sign of the mean logarithm is
    beyond rounding, 1e-16 a step.
    """
    v, lr, seen = VARIANTS[name], 1e-3, set()
    size = lam if curvature > 0 else mu
    condition = (v.minimum if curvature > 0 else v.trapped).subs(VALUES | {size: abs(curvature), eta: lr})
    for radius in (0.3, 1.1, 2.3, 4.1, 13.1):
        expected = bool(condition.subs(rho, radius))
        assert (growth(STEPS[name], curvature, radius, lr, len(v.state)) < 0) == expected
        seen.add(expected)
    closed = v.minimum if curvature > 0 else v.trapped
    assert len(seen) == 2 or closed in (sp.true, sp.false) or name == "eg_sam"


def test_random_variants_in_mean_square():
    """E m^2 by hand at one point: theta (1 - eta lam K)^2 + (1 - theta)(1 - eta lam)^2, and the mask's likewise."""
    at = {lam: 2, rho: 1, eta: sp.Rational(1, 10), theta: sp.Rational(1, 4), keep: sp.Rational(1, 2)}
    assert VARIANTS["sam_fraction"].mean_square().subs(at) == sp.Rational(1, 4) * sp.Rational(4, 10) ** 2 + (
        sp.Rational(3, 4) * sp.Rational(8, 10) ** 2
    )
    # kept: the radius is 2, the multiplier 1 - 0.2 x 5 = 0; dropped: 0.8.
    assert VARIANTS["esam_mask"].mean_square().subs(at) == sp.Rational(1, 2) * sp.Rational(8, 10) ** 2
    assert VARIANTS["esam_mask"].almost_sure().subs(at) == 0
    assert VARIANTS["friendly_sam"].mean_square() is None


LOSS = BareLoss((x, y), x**2 - y**2 + x * y**2 / 3)


def grad(w):
    return np.array([2 * w[0] + w[1] ** 2 / 3, -2 * w[1] + 2 * w[0] * w[1] / 3])


def hess(w):
    return np.array([[2 + 0 * w[0], 2 * w[1] / 3], [2 * w[1] / 3, -2 + 2 * w[0] / 3]])


def length(v):
    return np.sqrt(np.sum(v * v))


def gsam_by_hand(w):
    g, p = grad(w), grad(w + 0.3 * grad(w))
    return p - 0.4 * (g - (g @ p) / (p @ p) * p)


BY_HAND = {
    "gsam": gsam_by_hand,
    "asam_normalised": lambda w: grad(w + 0.3 * w**2 * grad(w) / length(w * grad(w))),
    "penalised": lambda w: grad(w) + 0.3 * hess(w) @ grad(w),
    "penalised_normalised": lambda w: grad(w) + 0.3 * hess(w) @ grad(w) / length(grad(w)),
    "unified_sam": lambda w: grad(w + 0.3 * (0.5 + 0.5 / length(grad(w))) * grad(w)),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_rules_are_their_formulas(name):
    w = np.random.default_rng(6).uniform(-1, 1, (2, 20))
    expected = np.stack([BY_HAND[name](w[:, k]) for k in range(20)], axis=1)
    force = NAMED[name].force
    np.testing.assert_allclose(force.on(grad, 0.3, hessian=hess)(w), expected, atol=1e-13)  # some forty roundings
    form = sp.lambdify((x, y, rho), list(force(LOSS, LOSS)), "numpy")
    np.testing.assert_allclose(np.array(form(*w, 0.3)), expected, atol=1e-12)


def test_a_gradient_norm_penalty_is_normalised_sam_on_quadratics():
    assert NAMED["penalised_normalised"].force.normalised
    assert NAMED["penalised"].force.linear
    assert not NAMED["unified_sam"].force.normalised
    assert NAMED["gsam"].force.response is None
