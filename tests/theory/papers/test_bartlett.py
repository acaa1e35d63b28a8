"""Bartlett, Long and Bousquet: verdicts, twins, and the formulas against the public numbers and the algorithm."""

import numpy as np
import pytest
from settled import expected, told, verdicts

from saddlecheck.numerics import capture_window, two_cycle, valley_drift
from saddlecheck.theory.papers.bartlett import PAPER
from saddlecheck.theory.papers.bartlett.cycle import HALF_WIDTH
from saddlecheck.theory.papers.bartlett.descent import L
from saddlecheck.theory.symbols import eta, gamma, rho


@pytest.mark.slow
def test_verdicts():
    assert verdicts(PAPER) == expected(PAPER, corrected=["two-cycle-drift-finite"])


def test_the_words_fit():
    assert told(PAPER) == []


def test_the_public_number_is_the_claims():
    at = {L: 1.5, rho: 0.3, eta: 0.4, gamma: 0.25}
    # Ten operations on either side, each to 2^-53.
    assert np.isclose(
        float(HALF_WIDTH.subs(at)), two_cycle(top=1.5, rho=0.3, lr=0.4, momentum=0.25), rtol=1e-14, atol=0
    )
    low, high = capture_window(top=1.5, lr=0.4, momentum=0.25)
    slack = 2 * 1.25 - 0.6
    assert np.isclose(low * slack, 0.4 * 1.5**2, rtol=1e-14, atol=0)
    assert np.isclose(high * slack, 2 * 1.25 * 1.5, rtol=1e-14, atol=0)
    drift = valley_drift(top=1.5, rho=0.3, lr=0.4, momentum=0.25)
    assert np.isclose(drift * 2 * 0.75 * slack**2, 0.4 * (2 * 1.25 * 0.3) ** 2, rtol=1e-14, atol=0)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99])
def test_random_starts_end_on_the_top_cycle_in_every_dimension(share):
    """eta L from far below 1 to nearly 2, five eigenvalues; J falls with every step, also where eta L >= 2."""
    rng = np.random.default_rng(16)
    h = np.array([0.1, 0.5, 0.6, 0.9, 1.0])
    lr, radius = 2 * share, 0.7
    c = (2 / h**2 - lr / h) / (lr * radius)
    for start in rng.normal(size=(10, 5)):
        w, last = start.copy(), np.inf
        for k in range(20000):
            v = (-1) ** k * h * w
            size = np.linalg.norm(v)
            if k < 200:
                value = np.sum(c * v**2) / 2 - size
                assert value <= last + 1e-12 * (1 + abs(value))  # the rounding of some ten terms of size J
                last = value
            w = w - lr * h * (w + radius * h * w / size)
        # The slowest multiplier across, at most 1 - (1 - 0.9)(…) in size, has had 20000 steps.
        assert np.allclose(np.abs(w), [0, 0, 0, 0, two_cycle(top=1.0, rho=radius, lr=lr)], atol=1e-9)


def test_the_function_falls_beyond_the_stable_step_too():
    rng = np.random.default_rng(16)
    h, lr, radius = np.array([0.3, 1.0]), 2.7, 0.5
    c = (2 / h**2 - lr / h) / (lr * radius)
    w, last = rng.normal(size=2), np.inf
    for k in range(30):
        v = (-1) ** k * h * w
        value = np.sum(c * v**2) / 2 - np.linalg.norm(v)
        assert value < last
        last = value
        w = w - lr * h * (w + radius * h * w / np.linalg.norm(h * w))
