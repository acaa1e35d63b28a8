r"""The toy neuron of Section 4.3 as losses and maps; its claims are in `neuron`, `neuron_batch`, `neuron_normalised`.

One neuron with the activation $z^2$ on the input 1 predicts $f = w_2 w_1^2$; its labels are -1 and 2, equally
likely. What a batch does depends on its labels through their mean $\bar y$ alone (claim `toy-batch`).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from saddlecheck.theory.optimiser import BareLoss, gradient, sharpness_aware
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import B, Expr, eta, real, rho, w1, w2

LABELS = (sp.Integer(-1), sp.Integer(2))
ybar = real("ybar")  # mean label of a batch
theta = real("theta")  # argument of a moment generating function
f = w2 * w1**2


def sample_loss(label: Expr) -> Expr:
    """Squared error of one sample; the paper's values 2.25 and 2.50 fix its scale, see `toy-scale`."""
    return (f - label) ** 2


def average(values: list[Expr]) -> Expr:
    """Mean over the two labels."""
    return sum(values) / sp.Integer(len(values))


LOSS = average([sample_loss(label) for label in LABELS])
FULL = BareLoss((w1, w2), LOSS)  # the whole training set in each step


def batch(label_mean: Expr = ybar) -> BareLoss:
    """The loss of a batch with that mean label, up to a constant."""
    return BareLoss((w1, w2), sample_loss(label_mean))


def on_line(matrix: Any) -> Any:
    """A matrix at w1 = 0 (a buffer of momentum at rest)."""
    return matrix.xreplace({w1: sp.S.Zero, real("m_w1"): sp.S.Zero, real("m_w2"): sp.S.Zero})


_MULTIPLIER = sp.expand(on_line(sp.Matrix([SAM.update(batch())[0].diff(w1)]))[0])


def multiplier(label_mean: Expr = ybar) -> Expr:
    """By what one step multiplies an infinitesimal w1: the derivative of SAM's map across the line w1 = 0."""
    return sp.expand(_MULTIPLIER.xreplace({ybar: label_mean}))


def multiplier_of_two_batches(ascent: Expr, descent: Expr, eta: Expr) -> Expr:
    """The same with a batch of its own in each of SAM's two gradients."""
    force = sharpness_aware(batch(ascent), batch(descent))[0]
    return sp.expand(1 - eta * on_line(sp.Matrix([force.diff(w1)]))[0])


# The batch mean is 1/2 + (3/2) S/B with S a sum of B independent signs: E S^2 = B, E S^4 = 3 B^2 - 2 B.
MOMENTS = (
    sp.S.One,
    sp.Rational(1, 2),
    sp.Rational(1, 4) + 9 / (4 * B),
    sp.Rational(1, 8) + 27 / (8 * B),
    sp.Rational(1, 16) + 27 / (8 * B) + 81 * (3 * B - 2) / (16 * B**3),
)
GENERATING = ((sp.exp(-theta / B) + sp.exp(2 * theta / B)) / 2) ** B  # E exp(theta ybar), from which they follow


def expect(polynomial: Expr, label_mean: Any = ybar) -> Expr:
    """Expectation over the labels of a batch of size B, of a polynomial of degree at most 4 in its mean label."""
    coefficients = reversed(sp.Poly(polynomial, label_mean).all_coeffs())
    return sum(c * m for c, m in zip(coefficients, MOMENTS, strict=False))


def covariance(loss_gradients: list[Any]) -> Any:
    """Covariance matrix of gradients that are equally likely, shape (n, n)."""
    mean = average_of(loss_gradients)
    return average_of([(g - mean) * (g - mean).T for g in loss_gradients])


def average_of(matrices: list[Any]) -> Any:
    """Mean of equally likely matrices."""
    total = matrices[0]
    for matrix in matrices[1:]:
        total = total + matrix
    return total / len(matrices)


GRADIENT_COVARIANCE = covariance([gradient(batch(label)) for label in LABELS])


# One sample a step, in the sizes on which everything depends: u = eta w2 and s = rho w2.
u, s = real("u"), real("s")
SIZES = (u > 0, s >= 0)


def multiplier_in_sizes(label_mean: int | str) -> Expr:
    """The multiplier for a given mean label, in u and s."""
    return sp.factor(multiplier(sp.Rational(label_mean)).subs({eta: u / w2, rho: s / w2}))


EITHER = tuple(multiplier_in_sizes(int(label)) for label in LABELS)  # equally likely
MEAN = average(list(EITHER))
SQUARE = average([m**2 for m in EITHER])  # mean square
PRODUCT = EITHER[0] * EITHER[1]  # in size, the square of their geometric mean
