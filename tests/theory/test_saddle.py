"""Section 4.2 against plain arithmetic: witnesses by hand, trajectories in numpy, equilibria by substitution."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.critical.landscapes import BEALE, DOUBLE_WELL
from saddlecheck.theory.engines import counterexample
from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.papers.kim.saddle import saddle, saddle_examples, saddle_proof, trapping
from saddlecheck.theory.symbols import eta, lam, mu, rho, w, x

CLAIMS = {c.id: c for m in (saddle, saddle_proof, trapping, saddle_examples) for c in m.CLAIMS}


def witness(key):
    return counterexample.counterexample(CLAIMS[key].statement, CLAIMS[key].given, CLAIMS[key].hints)


def test_theorem_1_fails_at_equality_by_hand():
    found = witness("thm1")
    m, r = found[mu], found[rho]
    assert r == 1 / m  # the condition holds, with equality
    assert -m + r * m**2 == 0  # and the rate is not positive


def test_printed_second_derivative_by_hand():
    """On l = lam w^2/2 the flow is exp(-a t) w, so the second derivative in time is a^2 w; the print says -a."""
    found = witness("thm1-proof")
    a = found[lam] * (1 + found[rho] * found[lam])
    assert a**2 * found[w] != -a


def test_mild_by_hand():
    found = witness("mild")
    big, m, step = (float(v) for v in (found[trapping.L], found[mu], found[eta]))
    cycle = step * big * float(found[rho]) / (2 - step * big)
    multiplier = 1 + step * m - step * m**2 * float(found[rho]) / (big * cycle)
    assert abs(multiplier) > 1 + 1e-12  # one division and three products: some 1e-15


def test_fig6_by_hand():
    r = float(witness("fig6")[rho])
    hessian = np.array([[0.0, 111 / 4], [111 / 4, 0.0]])
    assert np.linalg.eigvalsh(hessian + r * hessian @ hessian).min() < -1
    exact = np.array(BEALE.hessian.subs(dict(zip(BEALE.variables, (0, 1), strict=True))), dtype=float)
    np.testing.assert_array_equal(exact, hessian)  # both are exact in binary


def test_toy_neuron_is_degenerate_at_the_witness():
    found = witness("hyperbolic-wlog")
    w1, w2 = (float(v) for v in found.values())
    # l = ((v+1)^2 + (v-2)^2)/2 with v = w2 w1^2, so l' = (2 v - 1) v'
    v = w2 * w1**2
    gradient = np.array([(2 * v - 1) * 2 * w2 * w1, (2 * v - 1) * w1**2])
    dv = np.array([2 * w2 * w1, w1**2])
    hessian = 2 * np.outer(dv, dv) + (2 * v - 1) * np.array([[2 * w2, 2 * w1], [2 * w1, 0]])
    assert np.all(gradient == 0)
    assert np.linalg.det(hessian) == 0


@pytest.mark.parametrize(("c", "outward"), [(1.0, True), (-1.0, False)])
def test_the_quartic_decides_at_equality(c, outward):
    """SAM with rho = 1/mu and a small step, in plain floats: x^3 moves it out for c > 0 and in for c < 0."""
    point, step, steps = 0.1, 0.05, 40_000

    def slope(p):
        return -p + c * p**3

    for _ in range(steps):
        point -= step * slope(point + slope(point))
    # x' = c x^3 from 0.1 escapes at t = 50 for c > 0 and is at 1/sqrt(100 + 2 t) = 0.0156 at t = 2000 for c < 0;
    # Euler's error is of relative size step * 3 x^2 < 0.01
    assert (abs(point) > 0.9) if outward else (abs(point) < 0.016)


def test_gradient_descent_leaves_and_sam_arrives():
    def run(radius, steps, step=0.01):
        p = np.array([-3.0, -0.01])
        for _ in range(steps):
            g = np.array([2 * p[0], -2 * p[1]])
            up = p + radius * g
            p = p - step * np.array([2 * up[0], -2 * up[1]])
        return p

    # 50 R/eta steps are enough by the claim; the growth is exponential, so 350 steps reach 10
    assert abs(run(0.0, 350)[1]) > 10
    assert np.abs(run(1.0, 2000)).max() < 1e-12  # 0.98^2000 = 3e-18
    assert abs(run(0.45, 2000)[1]) > 0.01  # just below the threshold 1/2 it leaves
    assert abs(run(0.55, 2000)[1]) < 0.01  # and just above it comes in


def test_the_spurious_attractor_of_the_double_well():
    """rho = 5: x = -(1 + sqrt(1 - 4/rho))/2 is sent to the minimum 1, has a slope, and attracts."""
    radius, step = 5.0, 0.05
    target = -(1 + np.sqrt(1 - 4 / radius)) / 2

    def slope(p):
        return p**3 - p

    assert abs(slope(target)) > 0.3
    assert target + radius * slope(target) == pytest.approx(1.0, abs=1e-12)  # ten operations on numbers below 5
    point = target + 0.02
    for _ in range(4000):
        point -= step * slope(point + radius * slope(point))
    assert point == pytest.approx(target, abs=1e-9)  # the rate is 7.7, so the start is forgotten by exp(-1500)


def test_the_fence_bounds_the_basin():
    field = sp.lambdify((x, rho), -OPTIMISERS["sam"].direction(DOUBLE_WELL)[0])
    radius = 1.5
    fence = np.sqrt(1 - 1 / radius)
    inside, outside = field(0.99 * fence, radius), field(1.01 * fence, radius)
    assert inside < 0 < outside


def test_thresholds_against_the_eigenvalues_of_a_whole_matrix():
    """A random rotation of diag(3, 1, -2): SAM's Jacobian is stable just beyond 1/2 and not just below."""
    rng = np.random.default_rng(2)
    q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    h = q @ np.diag([3.0, 1.0, -2.0]) @ q.T
    for radius, stable in ((0.499, False), (0.501, True)):
        jacobian = -(h + radius * h @ h)
        assert bool(np.linalg.eigvalsh(jacobian).max() < 0) is stable  # |rate| is 0.004, rounding 1e-14
