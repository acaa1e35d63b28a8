"""How the variance laws change with the batch size and with the scale of the loss: exact, no tolerance."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import assume, example, given
from hypothesis import strategies as st

from saddlecheck.theory import symbols as s
from saddlecheck.theory.papers.kim.diffusion.variance_laws import DISCRETE_VARIANCE, RATES, VARIANCE_LAWS
from saddlecheck.theory.papers.ours.neuron_batch import MEAN
from saddlecheck.theory.papers.ours.neuron_stability import MEAN_SQUARE

pytestmark = pytest.mark.properties

rationals = st.fractions(-2, 2, max_denominator=4).map(lambda q: sp.Rational(q.numerator, q.denominator))
positive = st.fractions(1, 4, max_denominator=4).map(lambda q: sp.Rational(q.numerator, q.denominator))
LAWS = [(law, table) for table in (VARIANCE_LAWS, DISCRETE_VARIANCE) for law in table]
points = st.fixed_dictionaries(
    {
        s.lam: rationals,
        s.rho: positive,
        s.eta: positive.map(lambda q: q / 40),
        s.B: st.integers(1, 64).map(sp.Integer),
    }
)


def variance(law, table, numbers, time=3):
    """Variance after `time` (continuous) or `time` steps, exact up to its exponential."""
    return table[law].xreplace(numbers | {s.t: sp.Integer(time), s.n: sp.Integer(time)})


@pytest.mark.parametrize(("law", "table"), LAWS)
@given(numbers=points, k=st.integers(2, 9))
def test_a_batch_k_times_as_large_divides_variances_by_k(law, table, numbers, k):
    assume(_regular(law, numbers))
    once, more = (variance(law, table, numbers | {s.B: size}) for size in (numbers[s.B], k * numbers[s.B]))
    assert sp.expand(once - k * more) == 0


@pytest.mark.parametrize(("law", "table"), LAWS)
@given(numbers=points, c=positive)
def test_equation_23_scales_variances_by_the_inverse_of_the_loss(law, table, numbers, c):
    # A gradient covariance is quadratic in the loss. (23) has it as |H|/B, linear in the loss, so that the variances
    # of the paper change under the relation that leaves every path of the algorithm as it is: by 1/c, exactly.
    # Continuous time shrinks with eta: the same number of steps is t/c.
    assume(_regular(law, numbers))
    there = numbers | {s.lam: c * numbers[s.lam], s.eta: numbers[s.eta] / c, s.rho: numbers[s.rho] / c}
    changed = table[law].xreplace(there | {s.t: sp.Integer(3) / c, s.n: sp.Integer(3)})
    assert sp.expand(changed - variance(law, table, numbers) / c) == 0


def _regular(law, numbers):
    """Whether eta times the rate is neither 0 nor 2, the removable singularities of the closed forms."""
    return (s.eta * RATES[law]).xreplace(numbers) not in (0, 2)


@example(batch=1, k=2)
@given(batch=st.integers(1, 64), k=st.integers(2, 9))
def test_noise_in_the_curvature_does_not_divide_by_k(batch, k):
    # The control: with a radius, the toy neuron's multiplier has a variance that is no multiple of 1/B.
    numbers = {s.rho: sp.Rational(1, 10), s.eta: sp.Rational(1, 100), s.w2: sp.S.One}

    def spread(size):
        mean = MEAN.xreplace(numbers | {s.B: sp.Integer(size)})
        return MEAN_SQUARE.xreplace(numbers | {s.real("b"): sp.Rational(1, size)}) - mean**2

    assert spread(batch) != k * spread(k * batch)
