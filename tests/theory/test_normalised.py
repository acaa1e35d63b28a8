"""Normalised SAM in plain numpy on both sides of every edge that is claimed for it."""

from __future__ import annotations

import numpy as np
import pytest

from saddlecheck.theory.papers.ours.normalised import ACROSS_SADDLE, MULTIPLIER, L
from saddlecheck.theory.symbols import eta, lam, mu


def orbit(hessian, start, radius, step, steps):
    """The iterates, shape (at most steps + 1, n); a diverged orbit ends there."""
    h = np.diag(np.asarray(hessian, dtype=float))
    points = [np.asarray(start, dtype=float)]
    for _ in range(steps):
        w = points[-1]
        g = h @ w
        points.append(w - step * h @ (w + radius * g / np.linalg.norm(g)))
        if np.abs(points[-1]).max() > 1e6:
            break
    return np.array(points)


@pytest.mark.parametrize("start", [0.003, 0.7, -12.0])
@pytest.mark.parametrize("step", [0.1, 0.6, 0.9])
def test_a_minimum_is_circled(start, step):
    curvature, radius = 2.0, 0.3
    e = step * curvature
    final = orbit([curvature], [start], radius, step, 400)[-2:, 0]
    cycle = e * radius / (2 - e)
    # the distance shrinks by |1 - e| <= 0.8 a step after at most 100 steps: 0.8^300 = 1e-29; rounding 1e-15
    np.testing.assert_allclose(np.abs(final), cycle, rtol=1e-12)
    assert final[0] * final[1] < 0


@pytest.mark.parametrize("step", [0.05, 0.3])
def test_a_maximum_captures_what_is_within_rho_and_is_chaotic(step):
    m, radius = 2.0, 0.5
    e = step * m
    inside = orbit([-m], [0.499], radius, step, 4000)[:, 0]
    outside = orbit([-m], [0.501], radius, step, 100)[:, 0]
    assert np.all(np.abs(inside) < radius)
    assert np.abs(outside[-1]) > radius
    settled = np.abs(inside[2000:])
    # the band's half-width e rho is a supremum: reached to the resolution that 2000 points of a density give
    assert settled.max() <= e * radius * (1 + 1e-12)
    assert settled.max() > 0.99 * e * radius
    near = orbit([-m], [0.2 + 1e-10], radius, step, 30)[:, 0] - orbit([-m], [0.2], radius, step, 30)[:, 0]
    # neighbours on one side part by 1 + e each step, as long as no 0 lies between them; rounding 1e-16/1e-10
    ratio = np.abs(near[1:11] / near[:10])
    np.testing.assert_allclose(ratio, 1 + e, rtol=1e-4)


@pytest.mark.parametrize(("big", "m"), [(10.0, 1.0), (4.0, 2.0), (2.0, 2.0)])
@pytest.mark.parametrize("radius", [0.01, 1.0, 30.0])
def test_a_stiff_saddle_traps_below_its_edge_only(big, m, radius):
    edge = 2 * m / (big * (big + m))
    start = radius * np.array([0.02, 1e-6])
    # at (1 -+ 0.1) of the edge the multiplier is 1 -+ 0.2 (m/big)^2, so these many steps change y by exp(-+20)
    steps = int(100 * (big / m) ** 2)
    below, above = (orbit([big, -m], start, radius, factor * edge, steps) for factor in (0.9, 1.1))
    # exp(-20) = 2e-9; the start is not on the cycle, which costs a factor of order 1: 100 is ample
    assert abs(below[-1, 1]) < 100 * 2e-9 * start[1]
    assert abs(above[-1, 1]) > radius  # exp(20) 1e-6 = 485 radii


@pytest.mark.parametrize("step", [0.02, 0.1])
def test_the_multiplier_is_the_jacobians(step):
    big, other, radius, h = 5.0, -1.5, 0.7, 1e-6
    cycle = step * big * radius / (2 - step * big)
    plus, minus = (orbit([big, other], [cycle, y], radius, step, 1)[-1, 1] for y in (h, -h))
    # the map is odd in y, so the central difference errs by h^2 f'''/6 < 1e-8; rounding 1e-16/1e-6
    assert (plus - minus) / (2 * h) == pytest.approx(float(MULTIPLIER.subs({L: big, lam: other, eta: step})), abs=1e-7)
    across = float(ACROSS_SADDLE.subs({L: big, mu: -other, eta: step}))
    assert across == pytest.approx(float(MULTIPLIER.subs({L: big, lam: other, eta: step})), rel=1e-12)


def test_only_the_stiffest_cycle_survives():
    final = orbit([3.0, 2.0], [0.3, 0.2], 0.5, 0.2, 500)[-1]
    cycle = 0.2 * 3.0 * 0.5 / (2 - 0.2 * 3.0)
    np.testing.assert_allclose(np.abs(final), [cycle, 0.0], atol=1e-12)


def test_where_the_second_condition_fails_the_band_along_the_negative_direction_may_hold():
    """mu = 3, L = 1, eta = 0.2: 2 (mu - L) = 4 exceeds eta mu L = 0.6; the cycle repels, the saddle still holds."""
    path = orbit([1.0, -3.0], [0.01, 0.013], 1.0, 0.2, 20_000)
    assert len(path) == 20_001  # it did not leave
    late = np.abs(path[10_000:])
    assert late[:, 0].max() < 1e-12  # x decays
    assert 0.99 * 0.6 < late[:, 1].max() <= 0.6 * (1 + 1e-12)  # y fills the band eta mu rho
