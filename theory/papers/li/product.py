r"""The balance of the factors of $f(x\cdot y)$ along SAM's flow: it obeys a linear law.

Key results, with s and t the derivative of f at the weights and at the ascended weights
- $\dot B = -2u\,s\,t\,B$, exactly: |B| falls if and only if s and t have the same sign.
- For convex f that is so as long as $\rho^2 < 4(|x|^2+|y|^2)$; for larger radii |B| may grow.
- Averaged over micro-batches the rate is larger than on the full batch, and does not vanish at a minimum.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, equal, every, iff, implies
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import gradient
from saddlecheck.theory.papers.li.factors import (
    BALANCE,
    FACTOR_X,
    FACTOR_Y,
    FACTORS,
    LENGTH,
    P_X,
    P_Y,
    X,
    Y,
    ascended,
    balance_rate,
    of_product,
    raised,
    seen,
    slope,
    squares,
    weight,
)  # fmt: skip
from saddlecheck.theory.symbols import real

_FORCE = gradient(of_product(raised), ascended(of_product(slope)))
_law = equal(balance_rate(_FORCE), -2 * weight * slope * raised * BALANCE)
balance = real("B")
_falls = balance * (-2 * weight * slope * raised * balance) < 0  # half the rate of B^2
_sign = iff(_falls, slope * raised > 0)
EXACT = Claim(
    id="li-balance-product-exact",
    title="For losses of x.y the balance obeys B' = -2 u s t B, exactly",
    place=seen("f(x.y), exact form"),
    says="For every loss of x.y the balance B = (|x|^2 - |y|^2)/2 changes at the rate -2 u s t B along SAM's flow, s "
    "and t the loss' derivatives at the weights and at the ascended weights. So |B| falls if and only if s and t have "
    "the same sign, and grows if they have opposite ones.",
    reading="Two factors of two weights each; u = rho for a constant radius, rho/|g| for the normalised one, |g|^2 = "
    "s^2 (|x|^2 + |y|^2).",
    statement=every(_law, _sign),
    display=Display(
        (
            equal(-FACTOR_X.T * P_X + FACTOR_Y.T * P_Y, -weight * slope * raised * squares(FACTOR_X, FACTOR_Y)),
            iff(-2 * weight * slope * raised * balance**2 < 0, slope * raised > 0),
        ),
        {
            P_X: raised * (FACTOR_Y + weight * slope * FACTOR_X),
            P_Y: raised * (FACTOR_X + weight * slope * FACTOR_Y),
            **FACTORS,
        },
    ),
    given=(weight > 0, sp.Ne(balance, 0)),
    steps=(
        Equal("law", _law, "the products with x.y cancel"),
        Entails("sign", _sign, "u B^2 is positive"),
        Entails("together", every(_law, _sign), "both", uses=("law", "sign")),
    ),
    twins=(Twin("without the perturbed derivative", equal(balance_rate(_FORCE), -2 * weight * slope**2 * BALANCE)),),
    voice="ours",
    argument="The gradients are s y and s x, the perturbed ones t (y + u s x) and t (x + u s y). In the difference of "
    "their products x.y appears twice and cancels, which leaves s t (|y|^2 - |x|^2). That is -2 s t B.",
    related=("li-balance-product", "li-balance-product-convex", "li-balance-product-msam"),
)
PRODUCT = Claim(
    id="li-balance-product",
    title="The balance shrinks while |f'| exceeds its own change along the ascent",
    place=seen("f(x.y)"),
    says="For losses of x.y the absolute value of the balance decreases where |f'| is larger than an amount of order "
    "rho L.",
    reading="The amount is the change |t - s| of f' along the ascent, which a smooth f bounds by its constant times "
    "rho; whatever bound of this kind is put for it, the conclusion is the same. B and B' as in the exact form.",
    statement=_falls,
    given=(weight > 0, sp.Ne(balance, 0), sp.Abs(raised - slope) < sp.Abs(slope)),
    rests=("li-balance-product-exact",),
    steps=(Entails("falls", _falls, "then t has the sign of s"),),
    twins=(
        Twin(
            "twice the change allowed",
            _falls,
            (weight > 0, sp.Ne(balance, 0), sp.Abs(raised - slope) < 2 * sp.Abs(slope)),
        ),
    ),
    voice="paper",
    provenance="seen",
    argument="If f' changes by less than its own size along the ascent, it keeps its sign. Then s t is positive and "
    "B^2 falls at the rate 4 u s t B^2. The condition is sufficient; the exact one is that the sign is kept.",
)

_UP = ascended(of_product(slope))
_change = equal(
    (sp.Matrix(_UP[:2]).dot(sp.Matrix(_UP[2:]))) - X.dot(Y), weight * slope * (LENGTH + weight * slope * X.dot(Y))
)
length, inner, shift = real("S"), real("i"), real("k")  # |x|^2 + |y|^2, x.y, u s
_SHIFT = shift * (length + shift * inner)
_CONVEX = (
    weight > 0, sp.Ne(balance, 0), sp.Ne(slope, 0), equal(shift, weight * slope), 2 * sp.Abs(inner) <= length,
    length > 0,
    at_least((raised - slope) * _SHIFT),
)  # fmt: skip
_short = sp.Abs(shift) < 2
CONVEX = Claim(
    id="li-balance-product-convex",
    title="For convex f the balance shrinks always while rho^2 < 4 (|x|^2 + |y|^2)",
    place=seen("f(x.y), when can the balance grow?"),
    says="The ascent changes x.y by k (S + k x.y), k = u s and S = |x|^2 + |y|^2. If f is convex and |k| < 2, that is "
    "rho^2 < 4 S for the normalised radius, |B| falls.",
    reading="i stands for x.y, at most S/2 in absolute value. Convexity: t - s has the sign of the change of x.y. |k| "
    "= rho/sqrt(S) for the normalised radius. k = -3 with x = 1, y = 1/2 and f = (x.y - 1)^2/2 makes |B| grow.",
    statement=every(_change, _falls),
    given=(*_CONVEX, _short),
    rests=("li-balance-product-exact",),
    steps=(
        Equal("change", _change, "multiply the ascended factors"),
        Entails("outward", at_least(shift * _SHIFT), "S + k x.y is at least S (1 - |k|/2)"),
        Entails("falls", _falls, "t is at least as far from 0 as s, on the same side", uses=("outward",)),
        Entails("together", every(_change, _falls), "both", uses=("change", "falls")),
    ),
    hints=(
        {
            weight: 3,
            slope: -1,
            raised: 1,
            shift: -3,
            inner: sp.Rational(1, 2),
            length: sp.Rational(5, 4),
            balance: 1,
            **dict.fromkeys((*X, *Y), 0),
        },
    ),
    twins=(Twin("for every radius", _falls, _CONVEX),),
    voice="ours",
    argument="The ascent moves x.y in the direction of f' unless k x.y outweighs S, which needs |k| >= 2. A convex f "
    "then has a derivative t of the sign of s, at least as large. So s t is positive, and |B| falls by the exact law.",
)
s_1, s_2 = real("s_1"), real("s_2")
_stronger = sp.Abs(s_1) + sp.Abs(s_2) >= sp.Abs(s_1 + s_2)
_at_minimum = implies(every(equal(s_1 + s_2, 0), sp.Ne(s_1, 0)), sp.Abs(s_1) + sp.Abs(s_2) > 0)
MSAM = Claim(
    id="li-balance-product-msam",
    title="On micro-batches the balance shrinks faster, and does not stop at a minimum",
    place=seen("f(x.y), m-SAM"),
    says="To leading order in rho normalised SAM on micro-batches of two samples shrinks |B| at the rate rho (|s_1| + "
    "|s_2|)/sqrt(S), the full batch at rho |s_1 + s_2|/sqrt(S): never more, and 0 at a minimum where the first is "
    "positive.",
    reading="s_1 and s_2 are the samples' derivatives in x.y; to leading order t = s, so that the exact law's rate is "
    "2 rho |s|/sqrt(S) for each.",
    statement=every(_stronger, _at_minimum),
    rests=("li-balance-product-exact",),
    steps=(Entails("triangle", every(_stronger, _at_minimum), "the triangle inequality"),),
    twins=(Twin("equal to the full batch", equal(sp.Abs(s_1) + sp.Abs(s_2), sp.Abs(s_1 + s_2))),),
    voice="ours",
    argument="Each sample's ascent is normalised by its own gradient, so its share of the rate is 2 rho "
    "|s_i|/sqrt(S). The mean of the absolute values is at least the absolute value of the mean. At a minimum of the "
    "full loss the derivatives cancel but their absolute values do not.",
)

CLAIMS: tuple[Claim, ...] = (PRODUCT, EXACT, CONVEX, MSAM)
