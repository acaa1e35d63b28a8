"""The toy neuron against plain arithmetic: the step is written out by hand here, in fractions or floats."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb, log, sqrt

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.critical.landscapes import TOY_NEURON
from saddlecheck.theory.engines import counterexample
from saddlecheck.theory.papers.kim.neuron.neuron import INDEX, SADDLES
from saddlecheck.theory.papers.kim.neuron.neuron_model import LOSS, MOMENTS, PRODUCT, SQUARE, multiplier, s, u, ybar
from saddlecheck.theory.papers.ours.neuron_batch import MEAN
from saddlecheck.theory.papers.ours.neuron_normalised import ONE_SAMPLE_MOVE, WHOLE_SET_MOVE
from saddlecheck.theory.papers.ours.neuron_stability import MEAN_SQUARE
from saddlecheck.theory.papers.ours.neuron_thresholds import QUADRATIC, SURE
from saddlecheck.theory.printing.tex import tex
from saddlecheck.theory.symbols import B, eta, real, rho, w1, w2

SMALL = Fraction(1, 10**9)  # w1 next to the line: the step's nonlinear part is of relative size w1^2


def gradient(v1, v2, label):
    """Of (v2 v1^2 - label)^2, by hand."""
    gap = v2 * v1**2 - label
    return 4 * gap * v1 * v2, 2 * gap * v1**2


def sam_step(v1, v2, label, *, lr, radius):
    """One step of constant-radius SAM with the same batch in both gradients."""
    g1, g2 = gradient(v1, v2, label)
    h1, h2 = gradient(v1 + radius * g1, v2 + radius * g2, label)
    return v1 - lr * h1, v2 - lr * h2


def batches(size):
    """(mean label, probability) of a batch of independent labels."""
    return [(Fraction(3 * k - size, size), Fraction(comb(size, k), 2**size)) for k in range(size + 1)]


def test_the_loss_is_the_landscape_of_that_name():
    assert sp.expand(LOSS - TOY_NEURON.expr) == 0


@pytest.mark.parametrize("label", [Fraction(-1), Fraction(2), Fraction(1, 2)])
@pytest.mark.parametrize(("lr", "radius", "height"), [("1/100", "1/10", "1/2"), ("1/8", "0", "2"), ("1/3", "1", "-1")])
def test_the_multiplier_is_what_a_step_next_to_the_line_does(label, lr, radius, height):
    lr, radius, height = Fraction(lr), Fraction(radius), Fraction(height)
    after, level = sam_step(SMALL, height, label, lr=lr, radius=radius)
    point = {eta: lr, rho: radius, w2: height, ybar: label}
    predicted = multiplier().subs({k: sp.Rational(v.numerator, v.denominator) for k, v in point.items()})
    # Exact fractions: what differs is the step's w1^3 terms, of relative size w1^2 = 1e-18 times coefficients that
    # are below 1e4 for |w2|, |label|, radius <= 2; w2 moves by O(w1^2) as well.
    assert abs(after / SMALL - Fraction(int(predicted.p), int(predicted.q))) < Fraction(1, 10**13)
    assert abs(level - height) < Fraction(1, 10**13)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_moments_and_rates_are_those_of_all_batches(size):
    # Exact on both sides: no tolerance.
    for k, moment in enumerate(MOMENTS):
        direct = sum(p * y**k for y, p in batches(size))
        assert moment.subs(B, size) == sp.Rational(direct.numerator, direct.denominator)
    point = {eta: sp.Rational(1, 7), rho: sp.Rational(1, 3), w2: sp.Rational(3, 2)}
    factors = [(multiplier(sp.Rational(y.numerator, y.denominator)).subs(point), p) for y, p in batches(size)]
    mean, square = (sum(m**k * sp.Rational(p.numerator, p.denominator) for m, p in factors) for k in (1, 2))
    assert MEAN.subs({**point, B: size}) == mean
    assert MEAN_SQUARE.subs({**point, real("b"): sp.Rational(1, size)}) == square


def test_batches_of_two_are_all_pairs_of_labels():
    pairs = [Fraction(a + b, 2) for a, b in itertools.product((-1, 2), repeat=2)]
    assert {y: Fraction(pairs.count(y), 4) for y in pairs} == dict(batches(2))


@pytest.mark.parametrize(
    ("size", "below", "above"), [(1, "0.124", "0.126"), (1, "0.3203", "0.3201"), (2, "0.2", "0.2014")]
)
def test_windows_of_sgd_by_the_lyapunov_exponent_of_steps(size, below, above):
    def exponent(lr):
        steps = [(sam_step(SMALL, 1, y, lr=Fraction(lr), radius=0)[0] / SMALL, p) for y, p in batches(size)]
        return sum(float(p) * log(abs(m)) for m, p in steps)

    # The edges are 1/8, (1 + sqrt 17)/16 = 0.32019... and 0.20132...: the points lie 1e-5 or more from them, where
    # the exponent is 1e-6 or more in size, against rounding of 1e-15.
    assert exponent(below) > 0 > exponent(above)
    assert 0.3201 < (1 + sqrt(17)) / 16 < 0.3203


def held(lr, *, radius, runs, steps, seed):
    """Share of runs of the network itself (nothing linearised) that end on the line, from w1 = 1e-8, w2 = 1."""
    rng = np.random.default_rng(seed)
    v1, v2 = np.full(runs, 1e-8), np.ones(runs)
    for label in rng.choice([-1.0, 2.0], size=(steps, runs)):
        v1, v2 = sam_step(v1, v2, label, lr=lr, radius=radius)
    return np.mean(np.abs(v1) < 1e-3)


def test_runs_of_the_network_end_where_the_exponent_says():
    # At eta w2 = 1/4 the multipliers are 0 and 3: to get from 1e-8 to 1e-1, where they change, a run needs 15 labels 2
    # before the first -1, a chance of 2^-15, so all 200 runs are held but with probability 0.006.
    assert held(0.25, radius=0.0, runs=200, steps=300, seed=1) == 1.0
    # At 0.01 log|w1| grows by log(1.0368)/2 = 0.018 a step, with a deviation of 0.059 sqrt(n) after n steps: 54 with
    # deviation 3.2 after 3,000, where 11.5 lead from 1e-8 to 1e-3. Every run has left.
    assert held(0.01, radius=0.0, runs=200, steps=3_000, seed=1) == 0.0


def test_single_samples_hold_sam_where_the_whole_set_does_not():
    # rho w2 = 1/10 lies between 1/20 and 1/2. The multipliers are 1 - 0.056 and 1 + 0.016: log|w1| falls by 0.021 a
    # step with deviation 0.037 sqrt(n), 62 +- 2 after 3,000 steps. On the whole set it grows by 0.016 a step, 47.
    assert held(0.01, radius=0.1, runs=100, steps=3_000, seed=2) == 1.0
    v1, v2 = 1e-8, 1.0
    for _ in range(3_000):
        v1, v2 = sam_step(v1, v2, 0.5, lr=0.01, radius=0.1)
    # 18.4 of the 47 lead from 1e-8 to 1, where the valley is: 1,800 steps are left, in which the distance to it shrinks
    # by a factor 1 - 0.01 * 4 or less a step (the curvature 2 |grad f|^2 is above 4), so to e^-70.
    assert v2 * v1**2 == pytest.approx(0.5, abs=1e-6)


@pytest.mark.parametrize("step", ["1/1000", "1/50", "1/12"])
def test_thresholds_separate_growth_from_decay(step):
    # The thresholds are exact roots; 1e-6 to either side the deviation from 1 is of order u 1e-6 >= 1e-9, and the
    # evaluation is to 30 digits.
    for root, value in ((SURE, PRODUCT), (QUADRATIC, SQUARE)):
        at = root.subs(u, sp.Rational(step)).evalf(30)
        low, high = (value.subs({u: sp.Rational(step), s: at + shift}).evalf(30) for shift in (-1e-6, 1e-6))
        assert low > 1 > high


@pytest.mark.parametrize("label", [-1.0, 2.0, 0.5])
def test_normalised_steps_next_to_the_line(label):
    lr, radius, v1, v2 = 0.003, 0.05, 1e-9, 0.7
    g = np.array(gradient(v1, v2, label))
    raised = np.array([v1, v2]) + radius * g / np.linalg.norm(g)
    moved = -lr * gradient(*raised, label)[0]
    sign = np.sign(label)
    # -lr * gradient at (-sign(label) radius, v2); corrections are of relative size v1/radius = 2e-8.
    assert moved == pytest.approx(lr * 4 * (v2 * radius**2 - label) * sign * radius * v2, rel=1e-6)


def test_mean_normalised_displacements():
    point = {eta: sp.Rational(1, 100), rho: sp.Rational(1, 20), w2: sp.Rational(7, 10)}
    assert ONE_SAMPLE_MOVE.doit().subs(point) == -6 * sp.Rational(1, 100) * sp.Rational(1, 20) * sp.Rational(7, 10)
    assert WHOLE_SET_MOVE.doit().subs(point) == sp.Rational(-7, 10_000) * (1 - sp.Rational(7, 2_000))


def test_next_to_the_witness_of_toy_saddles_nothing_is_higher():
    witness = counterexample.counterexample(SADDLES.statement, SADDLES.given)
    c, r = (float(witness[real(name)]) for name in ("c", "r"))
    v1, v2 = np.meshgrid(np.linspace(-r, r, 101), np.linspace(c - r, c + r, 101))
    product = v2 * v1**2
    assert (product**2 - product).max() <= 0.0  # exact at v1 = 0, elsewhere below by more than rounding
    # At w1 = 0 the Hessian is diag(-2 w2, 0): the count of Section 4.1 lets this maximum in, and not the origin.
    assert counterexample.counterexample(INDEX.statement, (w2 >= 0,)) == {w2: 0}


def test_the_line_is_higher_below_and_lower_above():
    # A finite-difference Hessian has error h^2 |f''''|/12 + 1e-16/h^2 < 1e-6 for h = 1e-3 and |w2| <= 2.
    h, value = 1e-3, sp.lambdify([w1, w2], LOSS)
    for level in (-2.0, -0.5, 0.0, 1.0, 2.0):
        curvature = (value(h, level) - 2 * value(0.0, level) + value(-h, level)) / h**2
        assert curvature == pytest.approx(-2 * level, abs=1e-4)


def test_a_coefficient_can_be_raised_to_a_power_in_print():
    square = Coefficient(LOSS, w1, sp.S.Zero, sp.Integer(2)) ** 2
    assert tex(square).endswith(r"\right)^{2}")
