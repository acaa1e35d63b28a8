r"""The balance of the factors of $f(xy^T)$ along SAM's flow.

Key results, with $g = (g_x, g_y)$ the gradient, $g^p$ the perturbed one and u what multiplies g in the ascent
- Exactly: $\dot B = u\,(g_x\cdot g_x^p - g_y\cdot g_y^p)$.
- With normalised radius that is $\rho(|g_x|^2-|g_y|^2)/|g|$ up to $\rho^2L$, L the Lipschitz constant of the gradient.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, equal
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import gradient
from saddlecheck.theory.papers.li.factors import (
    FACTOR_X,
    FACTOR_Y,
    FACTORS,
    FORM,
    G_X,
    G_Y,
    P_X,
    P_Y,
    RAISED_FORM,
    ascended,
    balance_rate,
    bilinear,
    seen,
    weight,
)
from saddlecheck.theory.symbols import real, rho

_BELOW, _ABOVE = (sp.Matrix(2, 2, [real(f"{name}_{i}{j}") for i in "12" for j in "12"]) for name in "GK")
_g = gradient(bilinear(_BELOW))
_perturbed = gradient(bilinear(_ABOVE), ascended(bilinear(_BELOW)))
_products = [a.dot(b) for a, b in ((_g[:2, :], _perturbed[:2, :]), (_g[2:, :], _perturbed[2:, :]))]
_exact = equal(balance_rate(_perturbed), weight * (_products[0] - _products[1]))
EXACT = Claim(
    id="li-balance-flow-exact",
    title="Along SAM's flow the balance has exactly the rate u (g_x.p_x - g_y.p_y)",
    place=seen("f(xy'), exact form"),
    says="For every loss of x y' and every weight u of the gradient in the ascent, (|x|^2 - |y|^2)/2 changes at the "
    "rate u times the difference of the products of each gradient with the perturbed one.",
    reading="Two factors of two weights each. G and K are the gradients of f at x y' and at the ascended factors, any "
    "two matrices; u = rho for a constant radius, rho/|g| for the normalised one.",
    statement=_exact,
    display=Display(
        equal(-FACTOR_X.T * P_X + FACTOR_Y.T * P_Y, weight * (G_X.T * P_X - G_Y.T * P_Y)),
        {
            P_X: RAISED_FORM * (FACTOR_Y + weight * G_Y),
            P_Y: RAISED_FORM.T * (FACTOR_X + weight * G_X),
            G_X: FORM * FACTOR_Y,
            G_Y: FORM.T * FACTOR_X,
            **FACTORS,
            FORM: sp.ImmutableMatrix(_BELOW),
            RAISED_FORM: sp.ImmutableMatrix(_ABOVE),
        },
    ),
    steps=(Equal("rate", _exact, "replace x and y by the ascended ones less the ascent"),),
    twins=(
        Twin(
            "the unperturbed gradient",
            equal(balance_rate(_perturbed), weight * (_g[:2, :].dot(_g[:2, :]) - _g[2:, :].dot(_g[2:, :]))),
        ),
    ),
    voice="ours",
    argument="The rate is -x.p_x + y.p_y. Write x and y as the ascended factors less u g_x and u g_y. The ascended "
    "factors give the same number twice, for both are the ascended x' K y, and cancel. What is left is u (g_x.p_x - "
    "g_y.p_y).",
    related=("li-balance-flow",),
)
N, A_x, A_y, c_x, c_y, distance, smooth = (real(name) for name in ("N", "A_x", "A_y", "c_x", "c_y", "q", "L"))
_RATE = rho / N * (A_x + c_x - A_y - c_y)
_LEADING = rho * (A_x - A_y) / N
_near = sp.Abs(_RATE - _LEADING) <= rho**2 * smooth
FLOW = Claim(
    id="li-balance-flow",
    title="The balance changes at the rate rho (|g_x|^2 - |g_y|^2)/|g| up to rho^2 L",
    place=seen("f(xy')"),
    says="Along the flow of normalised SAM on f(x y') the balance (|x|^2 - |y|^2)/2 has the rate rho (|g_x|^2 - "
    "|g_y|^2)/|g| up to an error of rho^2 L at most.",
    reading="In numbers: N = |g|, A_x = |g_x|^2, A_y = |g_y|^2, c_x and c_y the products of g_x and g_y with the "
    "change of the gradient along the ascent, q the square of that change. By the exact form the rate is rho/N (A_x + "
    "c_x - A_y - c_y). L is the Lipschitz constant of the gradient in the weights (x, y): q <= L^2 rho^2; the "
    "products obey the inequality of Cauchy and Schwarz.",
    statement=_near,
    given=(N > 0, rho > 0, smooth > 0, at_least(N**2 * distance, (c_x - c_y) ** 2), distance <= smooth**2 * rho**2),
    rests=("li-balance-flow-exact",),
    steps=(
        Entails(
            "products", at_least(N * smooth * rho, sp.Abs(c_x - c_y)), "Cauchy and Schwarz, then the Lipschitz constant"
        ),
        Entails("near", _near, "divide by N", uses=("products",)),
    ),
    finding="The error is rho^2 L with the constant 1, in every dimension.",
    twins=(Twin("half the error", 2 * sp.Abs(_RATE - _LEADING) <= rho**2 * smooth),),
    voice="paper",
    provenance="seen",
    argument="In the exact rate the perturbed gradient is the gradient plus a change of at most L rho. The gradient "
    "itself gives rho (|g_x|^2 - |g_y|^2)/|g|. The change adds at most rho/|g| times |g| L rho.",
)

CLAIMS: tuple[Claim, ...] = (FLOW, EXACT)
