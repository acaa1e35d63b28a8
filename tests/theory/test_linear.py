"""Edges and thresholds of the linear maps against eigenvalues and recursions in plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from saddlecheck.theory.optimiser import OPTIMISERS, Optimiser, heavy_ball
from saddlecheck.theory.papers.ours import ascents, linear
from saddlecheck.theory.papers.ours.jury import jury, stable, z
from saddlecheck.theory.symbols import a, eta, gamma, tau

CLAIMS = {c.id: c for m in (linear, ascents) for c in m.CLAIMS}


def radius(*rows):
    """Spectral radius of a matrix given by its rows."""
    return float(np.abs(np.linalg.eigvals(np.array(rows, dtype=float))).max())


@pytest.mark.parametrize("g", [-0.5, 0.0, 0.5, 0.9])
@pytest.mark.parametrize("damp", [0.0, 0.4])
def test_heavy_ball_edge(g, damp):
    rate = 3.0
    edge = 2 * (1 + g) / ((1 - damp) * rate)
    for step, inside in ((0.99 * edge, True), (1.01 * edge, False), (-0.01 * edge, False)):
        # state (w, m): m' = g m + (1 - damp) rate w, w' = w - step m'
        pull = (1 - damp) * rate
        matrix = ([1 - step * pull, -step * g], [pull, g])
        assert (radius(*matrix) < 1) is inside


@pytest.mark.parametrize("g", [0.0, 0.3, 0.9])
def test_nesterov_edge(g):
    rate = 3.0
    edge = 2 * (1 + g) / ((1 + 2 * g) * rate)
    for step, inside in ((0.99 * edge, True), (1.01 * edge, False)):
        # m' = g m + rate w, w' = w - step (rate w + g m')
        matrix = ([1 - step * rate * (1 + g), -step * g * g], [rate, g])
        assert (radius(*matrix) < 1) is inside


def test_jury_conditions_are_those_of_the_roots():
    rng = np.random.default_rng(4)
    for b, c in rng.uniform(-2.5, 2.5, (300, 2)):
        roots = np.abs(np.roots([1, b, c])).max()
        if abs(roots - 1) > 1e-9:  # on the circle itself rounding would decide
            assert bool(jury(b, c).doit()) is bool(roots < 1)


def test_stable_reads_the_optimisers_own_polynomial():
    values = {a: 3, gamma: 0.5, tau: 0}
    inside, outside = (stable(OPTIMISERS["heavy_ball"], a).subs(values | {eta: step}) for step in (0.99, 1.01))
    assert (bool(inside), bool(outside)) == (True, False)
    assert OPTIMISERS["heavy_ball"].characteristic(z).coeff(z, 2) == 1


def test_stable_wants_a_momentum():
    with pytest.raises(ValueError, match="degree 1"):
        stable(OPTIMISERS["gd"])


@pytest.mark.parametrize(("big", "m", "step", "possible"), [(4.0, 1.0, 0.09, True), (4.0, 1.0, 0.11, False)])
def test_a_trapping_radius_exists_below_the_edge_only(big, m, step, possible):
    """The edge is 2 m/(big (big + m)) = 0.1. Search all radii on a fine grid for one that holds both directions."""
    radii = np.linspace(0.5, 3, 20_001)
    held = [np.abs(1 - step * lam * (1 + radii * lam)) < 1 for lam in (big, -m)]
    assert bool(np.any(held[0] & held[1])) is possible


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_ascent_steps_trap_or_not(count):
    m, step = 2.0, 0.02
    for rho, trapped in ((0.4, False), (0.6, count % 2 == 1)):
        w = 0.01
        for _ in range(20_000):
            p = w
            for _ in range(count):
                p += rho * (-m * p)
            w -= step * (-m * p)
            if abs(w) > 1:
                break
        # the rate is m |0.2|^count at least 0.0032, so 20,000 steps of 0.02 change w by exp(1.28) = 3.6 or more
        assert (abs(w) < 0.01) is trapped


def test_weight_decay_moves_the_threshold_both_ways():
    m, decay = 2.0, 0.5

    def descent_only(r):
        return -m * (1 - r * m) + decay

    def in_loss(r):
        return (decay - m) * (1 + r * (decay - m))

    lower, higher = (m - decay) / m**2, 1 / (m - decay)
    assert lower < 1 / m < higher
    for threshold, rate in ((lower, descent_only), (higher, in_loss)):
        assert rate(threshold * 0.999) < 0 < rate(threshold * 1.001)


def test_asam_in_three_dimensions():
    """H (H^-1 + rho T^2) H is definite exactly where H^-1 + rho T^2 is, on random matrices of size three."""
    rng = np.random.default_rng(8)
    seen = set()
    for _ in range(200):
        h = rng.standard_normal((3, 3))
        h = h + h.T
        scale = np.diag(rng.uniform(0.2, 2, 3))
        rho = rng.uniform(0, 5)
        inner = np.linalg.inv(h) + rho * scale**2
        jacobian = -(h @ (np.eye(3) + rho * scale**2 @ h))
        a_side, b_side = np.linalg.eigvals(jacobian).real.max() < 0, np.linalg.eigvalsh(inner).min() > 0
        seen.add(bool(a_side))
        assert a_side == b_side
    assert seen == {True, False}  # otherwise the test would say nothing


def test_a_momentum_of_ones_own_is_derived_too():
    """Nothing is tabulated: a heavy ball without its buffer's decay has the polynomial z^2 - (2 - eta a) z + 1."""
    own = Optimiser("own", "own", OPTIMISERS["gd"].force, lambda w, m, g: heavy_ball(w, m, g))
    polynomial = own.characteristic(z, a).subs({gamma: 1, tau: 0})
    assert polynomial.expand() == (z**2 - (2 - eta * a) * z + 1).expand()
