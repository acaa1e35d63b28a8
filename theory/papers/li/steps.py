r"""The balance of the factors, step by step: gradient descent, SAM and ASAM.

Key results
- The flow of (stochastic) gradient descent keeps it, for every loss of $xy^T$; a step changes it by
  $\eta^2(|g_x|^2-|g_y|^2)/2$.
- For $f(x\cdot y)$ gradient descent multiplies it by $1-\eta^2s^2$, SAM by $1-2\eta us t-\eta^2t^2(1-u^2s^2)$.
- ASAM's flow keeps it, coordinate by coordinate.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.steps import Equal
from saddlecheck.theory.optimiser import gradient
from saddlecheck.theory.papers.li.factors import (
    BALANCE,
    FACTOR_X,
    FACTOR_Y,
    FACTORS,
    FORM,
    G_X,
    G_Y,
    P_X,
    P_Y,
    WEIGHTS,
    X,
    Y,
    ascended,
    balance_after,
    balance_rate,
    bilinear,
    of_product,
    raised,
    seen,
    slope,
    squares,
    weight,
)  # fmt: skip
from saddlecheck.theory.symbols import eta, real

_FORM = sp.Matrix(2, 2, [real(f"G_{i}{j}") for i in "12" for j in "12"])
_g = gradient(bilinear(_FORM))
_kept = equal(balance_rate(_g), 0)
_stepped = equal(balance_after(_g, eta) - BALANCE, eta**2 * (_g[:2, :].dot(_g[:2, :]) - _g[2:, :].dot(_g[2:, :])) / 2)
SGD = Claim(
    id="li-sgd-balance",
    title="Gradient descent keeps the balance in the flow, and changes it in second order in a step",
    place=seen("SGD keeps the balance"),
    says="The flow of SGD keeps the balance (|x|^2 - |y|^2)/2 for every loss of x y'. A step of size eta changes it "
    "by eta^2 (|g_x|^2 - |g_y|^2)/2.",
    reading="G is the gradient of any mini-batch's loss at x y'; two factors of two weights each.",
    statement=every(_kept, _stepped),
    display=Display(
        (
            equal(-FACTOR_X.T * G_X + FACTOR_Y.T * G_Y, sp.ZeroMatrix(1, 1)),
            equal(
                (squares(FACTOR_X - eta * G_X, FACTOR_Y - eta * G_Y) - squares(FACTOR_X, FACTOR_Y)) / 2,
                eta**2 * squares(G_X, G_Y) / 2,
            ),
        ),
        {G_X: FORM * FACTOR_Y, G_Y: FORM.T * FACTOR_X, **FACTORS, FORM: sp.ImmutableMatrix(_FORM)},
    ),
    steps=(Equal("both", every(_kept, _stepped), "x.g_x and y.g_y are the same number"),),
    twins=(Twin("a step keeps it", equal(balance_after(_g, eta), BALANCE)),),
    voice="paper",
    provenance="seen",
    argument="The gradients are G y and G' x. So x.g_x = x'Gy = y.g_y, and the first-order change of the balance is "
    "0, for each mini-batch. What a step leaves is its second-order part.",
    related=("li-sgd-balance-map", "li-sgd-balance-asam"),
)
_SAM = gradient(of_product(raised), ascended(of_product(slope)))
_GD = gradient(of_product(slope))
_gd_map = equal(balance_after(_GD, eta), BALANCE * (1 - eta**2 * slope**2))
_FACTOR = 1 - 2 * eta * weight * slope * raised - eta**2 * raised**2 * (1 - weight**2 * slope**2)
_sam_map = equal(balance_after(_SAM, eta), BALANCE * _FACTOR)
MAP = Claim(
    id="li-sgd-balance-map",
    title="For losses of x.y a step multiplies the balance: by 1 - eta^2 s^2 for gradient descent, exactly",
    place=seen("the discrete step"),
    says="On f(x.y) a step of gradient descent multiplies the balance by 1 - eta^2 s^2, one of SAM by 1 - 2 eta u s t "
    "- eta^2 t^2 (1 - u^2 s^2).",
    reading="s and t are the derivatives of f at the weights and at the ascended weights, u what multiplies the "
    "gradient in the ascent.",
    statement=every(_gd_map, _sam_map),
    display=Display(
        (
            equal(
                squares(FACTOR_X - eta * slope * FACTOR_Y, FACTOR_Y - eta * slope * FACTOR_X) / 2,
                (1 - eta**2 * slope**2) * squares(FACTOR_X, FACTOR_Y) / 2,
            ),
            equal(squares(FACTOR_X - eta * P_X, FACTOR_Y - eta * P_Y) / 2, _FACTOR * squares(FACTOR_X, FACTOR_Y) / 2),
        ),
        {
            P_X: raised * (FACTOR_Y + weight * slope * FACTOR_X),
            P_Y: raised * (FACTOR_X + weight * slope * FACTOR_Y),
            **FACTORS,
        },
    ),
    steps=(Equal("factors", every(_gd_map, _sam_map), "put the step in"),),
    finding="With t near s SAM's own part is 2 u/eta times what gradient descent's finite step does.",
    twins=(Twin("gradient descent keeps it", equal(balance_after(_GD, eta), BALANCE)),),
    voice="ours",
    argument="Gradient descent replaces x and y by x - eta s y and y - eta s x. The products with x.y cancel in the "
    "difference, which multiplies |x|^2 - |y|^2 by 1 - eta^2 s^2. SAM's step adds the part of the ascent, whose "
    "first-order effect is the flow's -2 u s t.",
)


def _adaptive() -> sp.Matrix:
    """ASAM's direction: the ascent is u w^2 times the gradient, weight by weight."""
    loss = of_product(slope)
    up = sp.Matrix([w + weight * w**2 * d for w, d in zip(WEIGHTS, gradient(loss), strict=True)])
    return gradient(of_product(raised), up)


_ASAM = _adaptive()
_pair = (X[0] ** 2 - Y[0] ** 2) / 2
_asam_flow = every(
    equal(balance_rate(_ASAM), 0),
    equal(X[0] * _ASAM[0] - Y[0] * _ASAM[2], 0),
    equal(X[1] * _ASAM[1] - Y[1] * _ASAM[3], 0),
)
_asam_map = equal(
    _pair.subs({X[0]: X[0] - eta * _ASAM[0], Y[0]: Y[0] - eta * _ASAM[2]}, simultaneous=True),
    _pair * (1 - eta**2 * raised**2 * (1 + weight * slope * X[0] * Y[0]) ** 2),
)
ASAM = Claim(
    id="li-sgd-balance-asam",
    title="ASAM's flow keeps the balance, pair by pair",
    place=seen("ASAM"),
    says="On f(x.y) the flow of ASAM keeps x_i^2 - y_i^2 for every pair. A step multiplies it by 1 - eta^2 t^2 (1 + u "
    "s x_i y_i)^2.",
    reading="Element-wise T = |w|; u is the radius, divided by |T g| for the normalised one.",
    statement=every(_asam_flow, _asam_map),
    steps=(Equal("both", every(_asam_flow, _asam_map), "both factors are raised by the same factor"),),
    finding="The regularisation of the balance comes with SAM's plain radius: an ascent that is invariant under "
    "rescaling does not feel the balance.",
    twins=(Twin("SAM's law", equal(balance_rate(_ASAM), balance_rate(_SAM))),),
    voice="ours",
    argument="ASAM's ascent multiplies x_i and y_i by the same 1 + u s x_i y_i. The perturbed gradients are t times "
    "that factor times y_i and x_i. So x_i and y_i times their own gradients are equal, and the flow keeps each pair; "
    "what is left in a step is gradient descent's own second-order part.",
)

CLAIMS: tuple[Claim, ...] = (SGD, MAP, ASAM)
