"""Section 4.4 by hand arithmetic and in plain numpy."""

import math

import numpy as np
import pytest

from saddlecheck.theory.engines.counterexample import counterexample, is_counterexample
from saddlecheck.theory.papers.kim.momentum import momentum, momentum_escape, momentum_msd
from saddlecheck.theory.symbols import B, eta, gamma, h, lam, rho, t, tau

SETTING = {lam: -1.0, rho: 0.25, eta: 0.1, B: 4.0, t: 2.0}


def _printed(constants: str, momentum_value: float) -> float:
    return float(momentum.PRINTED_MSD[constants].subs({**SETTING, gamma: momentum_value}))


def test_equation_14_by_hand():
    # lambda (1 + rho lambda)^2 = -9/16, eta |lambda| = 1/10; gamma = 1/2
    left, k = 0.5, -9 / 16
    thermal = 0.005 * (1 - math.exp(-20 * left)) ** 2 / (left**3 * 4)
    overdamped = 0.1 / (2 * k) * (1 - math.exp(-2 * k * 2 / left)) / (left * 4)
    assert _printed("corrected", 0.5) == pytest.approx(thermal + overdamped, rel=1e-13)
    assert _printed("printed", 0.5) != pytest.approx(_printed("corrected", 0.5), rel=1e-3)


def test_printed_friction_fails_on_one_step_with_numbers():
    # m = 1, g = 0, gamma = 0, eta = 2, tau = 0: the buffer becomes 0, so v goes from -1 to 0.
    # M (v' - v)/eta = 2 * 1/2 = 1; phi dw/dt gives -phi v = 1/2; M phi gives 1.
    mass, friction = 2.0, 0.5
    assert mass * (0 - -1) / 2 == 1.0
    assert -friction * -1 == 0.5
    assert -mass * friction * -1 == 1.0
    assert counterexample(momentum.SDE.statement, momentum.SDE.given) is not None
    assert counterexample(momentum.SDE_FRICTION.statement, momentum.SDE_FRICTION.given) is None


def test_negative_constants_at_a_saddle():
    values = {k: float(c.subs(SETTING)) for k, c in (("C3", momentum.C3), ("C4", momentum.C4))}
    assert values["C3"] == pytest.approx(0.1 / (2 * -9 / 16))
    assert values["C4"] == pytest.approx(2 * -9 / 16 * 2)


def test_without_momentum_the_thermal_term_stays():
    extra = _printed("corrected", 0.0) - 0.1 / (2 * 4 * -9 / 16) * (1 - math.exp(2 * 9 / 16 * 2))
    assert extra == pytest.approx(0.01 / 8 * (1 - math.exp(-20)) ** 2, rel=1e-9)


def test_the_msd_witness_by_hand():
    # p = 1, q = 2, M = D = t = 1: phi = 3, h = 2; G = e^-1 - e^-2, C = 2 e^-1 - e^-2
    witness = counterexample(momentum_msd.MSD.statement, momentum_msd.MSD.given)
    assert is_counterexample(witness, momentum_msd.MSD.statement, momentum_msd.MSD.given)
    response = math.exp(-1) - math.exp(-2)
    stationary = (1 - (2 * math.exp(-1) - math.exp(-2)) ** 2) / 6
    printed = (1 - math.exp(-3)) ** 2 / 27 + (1 - math.exp(-4 / 3)) / 6
    assert printed > stationary > stationary - response**2 / 3 > 0


def _spread(momentum_value: float, step: float, steps: int = 4000) -> float:
    """E w^2 of SGD with momentum on h = 1 with unit noise, by the recursion."""
    a = np.array([[1 - step, -step * momentum_value], [1.0, momentum_value]])
    kick = np.array([-step, 1.0])
    c = np.zeros((2, 2))
    for _ in range(steps):
        c = a @ c @ a.T + np.outer(kick, kick)
    return float(c[0, 0])


def test_a_long_step_spreads_less_with_momentum_and_a_short_one_more():
    # alpha h = 1.8 is beyond (1 + gamma)^2 for gamma up to 0.34; 0.1 is below it
    assert _spread(0.0, 1.8) == pytest.approx(1.8 / 0.2, rel=1e-9)
    assert _spread(0.3, 1.8) < _spread(0.0, 1.8)
    assert _spread(0.3, 0.1) > _spread(0.0, 0.1)
    witness = counterexample(momentum_escape.SPREAD.statement, momentum_escape.SPREAD.given)
    assert witness[eta] * (1 - witness[tau]) * witness[h] >= (1 + witness[gamma]) ** 2


@pytest.mark.parametrize("strength", [0.0, 0.5, 0.9])
def test_displacement_at_a_saddle_grows_with_momentum_step_by_step(strength):
    more = strength + 0.05
    assert all(_spread(more, -0.2, steps) >= _spread(strength, -0.2, steps) for steps in range(12))


def test_equal_effective_rate_escapes_more_slowly():
    # largest root of z^2 - (1 + gamma + x) z + gamma, x = alpha mu, against 1 + x/(1 - gamma)
    for g, x in ((0.5, 0.1), (0.9, 0.01), (0.9, 1.0)):
        largest = max(np.roots([1, -(1 + g + x), g]).real)
        assert 1 < largest < 1 + x / (1 - g)
