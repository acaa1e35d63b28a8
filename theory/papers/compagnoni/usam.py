r"""USAM, the constant radius: the drift of its SDE against that of a step.

Key results
- With one mini-batch in both gradients the mean step is that of $f + (\rho/2)E|\nabla f_b|^2$, exactly on random
  quadratics, to first order in rho otherwise; with independent batches the variance drops out.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Equal
from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import Expr, Formula, real, rho, w, x, y

p = real("p")

# One mini-batch's loss, with any derivatives; the mean over mini-batches is taken of both sides.
g1, g2, h11, h12, h22, c, e = (real(name) for name in ("g_1", "g_2", "h_11", "h_12", "h_22", "c", "e"))
_QUADRATIC = BareLoss((x, y), g1 * x + g2 * y + (h11 * x**2 + 2 * h12 * x * y + h22 * y**2) / 2)
_CURVED = BareLoss((x,), g1 * x + h11 * x**2 / 2 + c * x**3 / 6 + e * x**4 / 24)


def _raised(loss: BareLoss) -> Expr:
    """The loss with the penalty: f_b + (rho/2)|grad f_b|^2."""
    return loss.expr + rho / 2 * sum(sp.diff(loss.expr, v) ** 2 for v in loss.variables)


# A mini-batch's loss and its derivatives by their names, for displays.
_F, _FX, _FY, _SLOPE, _BEND = (sp.Function(name) for name in ("f", "f_x", "f_y", "f'", "f''"))
_ASCENDED = (x + rho * _FX(x, y), y + rho * _FY(x, y))
_PENALISED = _F(x, y) + rho / 2 * (_FX(x, y) ** 2 + _FY(x, y) ** 2)
_DERIVED = {_BEND(x): sp.diff(_CURVED.expr, x, 2), _SLOPE(x): sp.diff(_CURVED.expr, x)}


def _same_drift(loss: BareLoss) -> tuple[Formula, ...]:
    return tuple(
        equal(force, sp.Derivative(_raised(loss), v))
        for force, v in zip(SAM.direction(loss), loss.variables, strict=True)
    )


QUADRATIC = Claim(
    id="usam-drift-quadratic",
    title="On random quadratics the mean step of USAM is exactly that of the penalised loss",
    place=BEYOND,
    voice="ours",
    says="For a mini-batch with any quadratic loss f_b, grad f_b(w + rho grad f_b(w)) = grad(f_b + (rho/2)|grad "
    "f_b|^2).",
    statement=every(*_same_drift(_QUADRATIC)),
    display=Display(
        tuple(equal(f(*_ASCENDED), sp.Derivative(_PENALISED, v)) for f, v in ((_FX, x), (_FY, y))),
        {
            _F(x, y): _QUADRATIC.expr,
            _FX(x, y): sp.diff(_QUADRATIC.expr, x),
            _FY(x, y): sp.diff(_QUADRATIC.expr, y),
        },
    ),
    reading="Two weights, any gradient and Hessian of the mini-batch. The mean over mini-batches of both sides is "
    "the drift.",
    steps=(Equal("both", STATEMENT, "the Hessian is constant"),),
    argument="The gradient of a quadratic at w + rho g is g + rho H g. The gradient of |g|^2/2 is H g. Nothing is "
    "left over, and the mean over mini-batches keeps the equation.",
    twins=(
        Twin(
            "rho for rho/2",
            every(
                *(
                    equal(force, sp.Derivative(2 * _raised(_QUADRATIC) - _QUADRATIC.expr, v))
                    for force, v in zip(SAM.direction(_QUADRATIC), (x, y), strict=True)
                )
            ),
        ),
    ),
)


def _to_order(k: int) -> Formula:
    return equal(
        *(
            Coefficient(side, rho, sp.S.Zero, sp.Integer(k))
            for side in (SAM.direction(_CURVED)[0], sp.diff(_raised(_CURVED), x))
        )
    )


DRIFT = Claim(
    id="usam-drift",
    title="USAM with the same mini-batch in both gradients drifts along -grad(f + (rho/2) E|grad f_b|^2)",
    place=Place("attributed", "the SDE's drift"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Compagnoni et al.: with the same mini-batch in both gradients USAM drifts along -grad(f + "
    "(rho/2) E|grad f_b|^2), to first order in rho.",
    statement=every(_to_order(0), _to_order(1)),
    display=Display(
        tuple(
            equal(
                *(
                    Coefficient(side, rho, sp.S.Zero, sp.Integer(order))
                    for side in (_SLOPE(x + rho * _SLOPE(x)), _SLOPE(x) + rho * _SLOPE(x) * _BEND(x))
                )
            )
            for order in (0, 1)
        ),
        _DERIVED,
    ),
    reading="One weight, a mini-batch's loss of degree four with any coefficients: only derivatives up to the second "
    "enter. The mean over mini-batches is taken of both sides.",
    steps=(Equal("first order", STATEMENT, "Taylor's formula about w"),),
    argument="Expand the mini-batch's gradient at w + rho g about w: g + rho H g + O(rho^2). The gradient of the "
    "penalty (rho/2)|g|^2 is rho H g. So the two agree to first order for each mini-batch and hence in the mean; on "
    "quadratics there is no further order.",
    twins=(Twin("to second order as well", every(_to_order(1), _to_order(2))),),
    related=("usam-drift-quadratic", "usam-drift-general", "usam-drift-independent"),
)
GENERAL = Claim(
    id="usam-drift-general",
    title="The drift of SAM with constant radius is exact for every loss",
    place=DRIFT.place,
    voice="reading",
    provenance="from memory",
    says="For every mini-batch loss the gradient of SAM with constant radius is that of the penalised loss, not to "
    "first order in rho only.",
    statement=equal(SAM.direction(_CURVED)[0], sp.diff(_raised(_CURVED), x)),
    display=Display(equal(_SLOPE(x + rho * _SLOPE(x)), _SLOPE(x) + rho * _SLOPE(x) * _BEND(x)), _DERIVED),
    hints=({g1: 1, h11: 0, c: 2, e: 0, rho: 1, x: 0},),
    argument="With a third derivative c the gradient at w + rho g has the further term c (rho g)^2/2, and the "
    "penalised loss has none of order rho^2. A cubic mini-batch loss shows it at one point. There "
    "the two sides of the equation differ, as the witness has it.",
    finding="The remainder is (rho^2/2) times the third derivative along g twice.",
    twins=(Twin("with the unpenalised loss", equal(SAM.direction(_CURVED)[0], sp.diff(_CURVED.expr, x))),),
)
a1, a2, b1, b2 = (real(name) for name in ("a_1", "a_2", "b_1", "b_2"))


def mean(first: Expr, second: Expr) -> Expr:
    """Mean over two mini-batches of probabilities p and 1 - p."""
    return p * first + (1 - p) * second


# Mini-batch j has the gradient a_j w + b_j; ascent and descent draw independently.
_SLOPES, _AT = (a1, a2), (a1 * w + b1, a2 * w + b2)
_INDEPENDENT = mean(*(mean(*(_SLOPES[i] * (w + rho * _AT[j]) + (b1, b2)[i] for j in range(2))) for i in range(2)))
_SPREAD = mean(*(part**2 for part in _AT)) - mean(*_AT) ** 2
# For displays: the two losses and their gradients.
_LOSSES, _GRADIENTS = ([sp.Function(f"{name}_{i}") for i in "12"] for name in "fg")
_STEPPED = mean(*(mean(*(g(w + rho * other(w)) for other in _GRADIENTS)) for g in _GRADIENTS))
_OF_BOTH = {
    **{f(w): a * w**2 / 2 + b * w for f, a, b in zip(_LOSSES, _SLOPES, (b1, b2), strict=True)},
    **{g(w): at for g, at in zip(_GRADIENTS, _AT, strict=True)},
}
SAME_AS_INDEPENDENT = Claim(
    id="usam-drift-independent",
    title="The drift is the same with an independent mini-batch in the ascent",
    place=DRIFT.place,
    voice="reading",
    provenance="from memory",
    says="The formula, read for independent mini-batches in the two gradients: the mean step is that of f + (rho/2) "
    "E|grad f_b|^2.",
    statement=equal(
        _INDEPENDENT,
        sp.Derivative(
            mean(*(_SLOPES[i] * w**2 / 2 + (b1, b2)[i] * w for i in range(2))) + rho / 2 * (mean(*_AT) ** 2 + _SPREAD),
            w,
        ),
    ),
    display=Display(
        equal(
            _STEPPED,
            sp.Derivative(mean(*(f(w) for f in _LOSSES)) + rho / 2 * mean(*(g(w) ** 2 for g in _GRADIENTS)), w),
        ),
        _OF_BOTH,
    ),
    given=(p > 0, p < 1),
    hints=({p: sp.Rational(1, 2), a1: 1, a2: -1, b1: 0, b2: 0, w: 1, rho: 1},),
    argument="With independent mini-batches the mean of the product H_b g_b' is the product of the means. The "
    "variance of the gradient, which the penalty contains, does not act. Two mini-batches of curvature 1 and -1 show "
    "it: their penalised loss is rho w^2/2 and the mean step is 0.",
    twins=(
        Twin(
            "with the variance alone",
            equal(_INDEPENDENT, mean(*_AT) + sp.Derivative(rho / 2 * _SPREAD, w)),
        ),
    ),
)
MEAN_ONLY = Claim(
    id="usam-drift-full",
    title="With an independent mini-batch in the ascent the penalty is (rho/2)|grad f|^2",
    place=BEYOND,
    voice="ours",
    says="With independent mini-batches the mean step on random quadratics is that of f + (rho/2)|grad f|^2, without "
    "the variance of the gradient.",
    statement=equal(
        _INDEPENDENT,
        sp.Derivative(
            mean(*(_SLOPES[i] * w**2 / 2 + (b1, b2)[i] * w for i in range(2))) + rho / 2 * mean(*_AT) ** 2,
            w,
        ),
    ),
    given=(p > 0, p < 1),
    amends="usam-drift-independent",
    display=Display(
        equal(
            _STEPPED,
            sp.Derivative(mean(*(f(w) for f in _LOSSES)) + rho / 2 * mean(*(g(w) for g in _GRADIENTS)) ** 2, w),
        ),
        _OF_BOTH,
    ),
    reading="One weight, two mini-batches of any probability, gradients a_j w + b_j.",
    steps=(Equal("mean", STATEMENT, "the mean of a product of independent factors"),),
    argument="The descending mini-batch and the ascending one are independent, so that E[H_b g_b'] = H grad f. This "
    "is the gradient of |grad f|^2/2. An ascent with the full gradient has the same mean.",
    twins=(
        Twin(
            "twice the penalty",
            equal(_INDEPENDENT, mean(*_AT) + 2 * rho * mean(a1, a2) * mean(*_AT)),
        ),
    ),
)
CLAIMS: tuple[Claim, ...] = (DRIFT, QUADRATIC, GENERAL, SAME_AS_INDEPENDENT, MEAN_ONLY)
