"""What must not change, or change in a known way, when a loss is turned or scaled or a parameter is switched off.

Everything polynomial is compared in exact fractions: no tolerance. Where a norm enters, both sides are evaluated to 60
digits from exact input and compared to 1e-40, which leaves 20 digits for the size of the numbers and for cancellation.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from math import comb

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given
from hypothesis import strategies as st

from saddlecheck.theory import symbols as s
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, Optimiser, gradient, sharpness_aware
from saddlecheck.theory.symbols import x, y

pytestmark = pytest.mark.properties

POLYNOMIAL = ["gd", "sam", "sam_nstep", "sam_composed", "sam_decayed", "heavy_ball", "heavy_ball_sam", "nesterov_sam"]
NORMALISED = ["sam_normalised", "heavy_ball_sam_normalised"]
DIGITS, CLOSE = 60, 1e-40
EXPONENTS = [(i, j) for i in range(5) for j in range(5) if 2 <= i + j <= 4]
COEFFICIENTS = sp.symbols(f"c:{len(EXPONENTS)}", real=True)
LOSS = BareLoss((x, y), sum(c * x**i * y**j for c, (i, j) in zip(COEFFICIENTS, EXPONENTS, strict=True)))
NUMBERS = (s.rho, s.eta, s.gamma, s.tau, s.kappa)

rationals = st.fractions(-2, 2, max_denominator=4)
positive = st.fractions(Fraction(1, 4), 4, max_denominator=4)
states = st.lists(rationals, min_size=4, max_size=4)
settings = st.fixed_dictionaries(dict.fromkeys(NUMBERS, positive))
losses = st.lists(st.integers(-3, 3).map(Fraction), min_size=len(EXPONENTS), max_size=len(EXPONENTS))
SADDLE = [Fraction({(2, 0): 1, (0, 2): -1}.get(e, 0)) for e in EXPONENTS]
CURVED = [Fraction({(2, 0): 1, (0, 4): -1}.get(e, 0)) for e in EXPONENTS]


@cache
def compiled(name):
    """An optimiser's own update on the general polynomial, as a function of coefficients, state and settings."""
    optimiser = OPTIMISERS[name]
    state = optimiser.state(LOSS)
    function = sp.lambdify(
        [COEFFICIENTS, state, NUMBERS], list(optimiser.update(LOSS)), [{"sqrt": mpmath.sqrt}], cse=True
    )
    return function, len(state)


def step(name, loss, state, numbers):
    """The next state (w, m): exact fractions, or 60 digits where a norm enters; m is left alone without momentum."""
    number = (lambda q: mpmath.mpf(q.numerator) / q.denominator) if "normalised" in name else (lambda q: q)
    function, used = compiled(name)
    with mpmath.workdps(DIGITS):
        values = [[number(q) for q in part] for part in (loss, state[:used], [numbers[k] for k in NUMBERS])]
        return [*function(*values), *state[used:]]


def close(left, right):
    with mpmath.workdps(DIGITS):
        return all(abs(_real(p) - _real(q)) < CLOSE for p, q in zip(left, right, strict=True))


def _real(q):
    return q if isinstance(q, mpmath.mpf) else mpmath.mpf(q.numerator) / q.denominator


def slope_vanishes(loss, state):
    one = dict.fromkeys(NUMBERS, Fraction(1))
    return step("gd", loss, state, one)[:2] == state[:2]


def rotation(t):
    """Every rational rotation but one: (1 - t^2, 2t)/(1 + t^2) is a point of the circle."""
    c, d = (1 - t**2) / (1 + t**2), 2 * t / (1 + t**2)
    return ((c, -d), (d, c))


turns = rationals.map(rotation)


def turned(loss, Q):
    """The coefficients of w -> loss(Q w), by the binomial theorem."""
    result = dict.fromkeys(EXPONENTS, Fraction(0))
    for c, (i, j) in zip(loss, EXPONENTS, strict=True):
        for k, m in product(range(i + 1), range(j + 1)):
            # (q11 x + q12 y)^i (q21 x + q22 y)^j, with x taken k times from the first and m times from the second
            first = comb(i, k) * Q[0][0] ** k * Q[0][1] ** (i - k)
            second = comb(j, m) * Q[1][0] ** m * Q[1][1] ** (j - m)
            result[k + m, i + j - k - m] += c * first * second
    return [result[e] for e in EXPONENTS]


def both_parts(Q, state):
    """Weights and buffer, each turned."""
    return [sum(q * v for q, v in zip(row, part, strict=True)) for part in (state[:2], state[2:]) for row in Q]


@pytest.mark.parametrize("name", POLYNOMIAL)
@given(loss=losses, Q=turns, state=states, numbers=settings)
def test_a_rotation_of_the_loss_rotates_the_step(name, loss, Q, state, numbers):
    there = both_parts(Q, step(name, turned(loss, Q), state, numbers))
    assert there == step(name, loss, both_parts(Q, state), numbers)


@pytest.mark.parametrize("name", NORMALISED)
@given(loss=losses, Q=turns, state=states, numbers=settings)
def test_a_rotation_of_the_loss_rotates_the_normalised_step(name, loss, Q, state, numbers):
    assume(not slope_vanishes(turned(loss, Q), state))
    with mpmath.workdps(DIGITS):
        there = both_parts(
            [[_real(q) for q in row] for row in Q], [*map(_real, step(name, turned(loss, Q), state, numbers))]
        )
    assert close(there, step(name, loss, both_parts(Q, state), numbers))


def test_asam_depends_on_the_axes():
    # The control: T = diag|w| belongs to the axes, so the relation must fail for it.
    Q, state, numbers = (
        rotation(Fraction(1, 2)),
        [Fraction(k) for k in (1, 2, 0, 0)],
        dict.fromkeys(NUMBERS, Fraction(1)),
    )
    there = both_parts(Q, step("asam", turned(SADDLE, Q), state, numbers))
    assert there != step("asam", SADDLE, both_parts(Q, state), numbers)


def scaled(loss, c):
    return [c * k for k in loss]


def rescaled(numbers, c):
    """eta -> eta/c and rho -> rho/c (weight per gradient); kappa -> c kappa (gradient per weight)."""
    return numbers | {s.eta: numbers[s.eta] / c, s.rho: numbers[s.rho] / c, s.kappa: numbers[s.kappa] * c}


def in_gradients(state, c):
    """The buffer is a gradient and scales with the loss."""
    with mpmath.workdps(DIGITS):
        return [*state[:2], *((c if isinstance(m, Fraction) else _real(c)) * m for m in state[2:])]


@pytest.mark.parametrize("name", POLYNOMIAL)
@given(loss=losses, c=positive, state=states, numbers=settings)
def test_scaling_the_loss_is_undone_by_eta_and_rho(name, loss, c, state, numbers):
    there = step(name, scaled(loss, c), in_gradients(state, c), rescaled(numbers, c))
    assert there == in_gradients(step(name, loss, state, numbers), c)


@pytest.mark.parametrize("name", NORMALISED)
@given(loss=losses, c=positive, state=states, numbers=settings)
def test_a_normalised_radius_does_not_scale_with_the_loss(name, loss, c, state, numbers):
    assume(not slope_vanishes(loss, state))
    kept = rescaled(numbers, c) | {s.rho: numbers[s.rho]}
    there = step(name, scaled(loss, c), in_gradients(state, c), kept)
    assert close(there, in_gradients(step(name, loss, state, numbers), c))


def test_a_normalised_radius_that_is_scaled_all_the_same_is_caught():
    state, numbers = [Fraction(k) for k in (1, 2, 0, 0)], dict.fromkeys(NUMBERS, Fraction(1))
    there = step("sam_normalised", scaled(CURVED, 2), state, rescaled(numbers, 2))
    assert not close(there, step("sam_normalised", CURVED, state, numbers))


@pytest.mark.parametrize(
    ("name", "without"),
    [
        *((name, "gd") for name in ("sam", "sam_nstep", "sam_composed", "sam_normalised", "asam")),
        *((name, "heavy_ball") for name in ("heavy_ball_sam", "heavy_ball_sam_normalised")),
        ("nesterov_sam", "nesterov"),
        ("sam_decayed", "gd_decayed"),
    ],
)
@given(loss=losses, state=states, numbers=settings)
def test_without_a_radius_sam_is_descent(name, without, loss, state, numbers):
    assume("normalised" not in name or not slope_vanishes(loss, state))
    left = step(name, loss, state, numbers | {s.rho: Fraction(0)})
    right = step(without, loss, state, numbers)
    assert close(left, right) if "normalised" in name else left == right


@pytest.mark.parametrize(
    ("name", "without"), [("heavy_ball", "gd"), ("heavy_ball_sam", "sam"), ("nesterov", "gd"), ("nesterov_sam", "sam")]
)
@given(loss=losses, state=states, numbers=settings)
def test_without_momentum_the_step_is_the_plain_one(name, without, loss, state, numbers):
    none = numbers | {s.gamma: Fraction(0), s.tau: Fraction(0)}
    assert step(name, loss, state, none)[:2] == step(without, loss, state, none)[:2]


@given(loss=losses, state=states, numbers=settings)
def test_dampening_without_momentum_is_a_smaller_learning_rate(loss, state, numbers):
    none = numbers | {s.gamma: Fraction(0)}
    smaller = none | {s.eta: numbers[s.eta] * (1 - numbers[s.tau])}
    assert step("heavy_ball_sam", loss, state, none)[:2] == step("sam", loss, state, smaller)[:2]


def test_a_gradient_not_cleared_between_the_passes_is_caught():
    uncleared = Optimiser("uncleared", "a forgotten zero_grad", lambda a, d: gradient(d) + sharpness_aware(a, d))
    loss, at = BareLoss((x, y), x**2 - y**2), {x: sp.S.One, y: sp.S(2), s.rho: sp.S.Zero}
    assert uncleared.update(loss).xreplace(at) != OPTIMISERS["gd"].update(loss).xreplace(at)
