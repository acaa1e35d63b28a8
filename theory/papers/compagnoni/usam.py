r"""USAM, the constant radius: the drift and the noise of its SDE against those of a step.

Key results
- With one mini-batch in both gradients the mean step is that of $f + (\rho/2)E|\nabla f_b|^2$, exactly on random
  quadratics, to first order in rho otherwise; with independent batches the variance drops out.
- $\Sigma + \rho(S + S^T)$ is no covariance for every rho, convex mini-batches included; the exact one has
  $\rho^2 \mathrm{Cov}(H_b g_b)$ as well.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, at_least, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import Expr, Formula, lam, real, rho, w, x, y

p, h1, h2 = real("p"), real("h_1"), real("h_2")

# One mini-batch's loss, with any derivatives; the mean over mini-batches is taken of both sides.
g1, g2, h11, h12, h22, c, e = (real(name) for name in ("g_1", "g_2", "h_11", "h_12", "h_22", "c", "e"))
_QUADRATIC = BareLoss((x, y), g1 * x + g2 * y + (h11 * x**2 + 2 * h12 * x * y + h22 * y**2) / 2)
_CURVED = BareLoss((x,), g1 * x + h11 * x**2 / 2 + c * x**3 / 6 + e * x**4 / 24)


def _raised(loss: BareLoss) -> Expr:
    """The loss with the penalty: f_b + (rho/2)|grad f_b|^2."""
    return loss.expr + rho / 2 * sum(sp.diff(loss.expr, v) ** 2 for v in loss.variables)


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
    title="The drift is exact for every loss",
    place=DRIFT.place,
    voice="reading",
    provenance="from memory",
    says="The same with equality: the mean step is that of the penalised loss for every loss.",
    statement=equal(SAM.direction(_CURVED)[0], sp.diff(_raised(_CURVED), x)),
    hints=({g1: 1, h11: 0, c: 2, e: 0, rho: 1, x: 0},),
    argument="With a third derivative c the gradient at w + rho g has the further term c (rho g)^2/2, and the "
    "penalised loss has none of order rho^2. A cubic mini-batch loss shows it at one point. There "
    "the two sides of the equation differ, as the witness has it.",
    finding="The remainder is (rho^2/2) times the third derivative along g twice.",
    twins=(Twin("with the unpenalised loss", equal(SAM.direction(_CURVED)[0], sp.diff(_CURVED.expr, x))),),
)
a1, a2, b1, b2 = (real(name) for name in ("a_1", "a_2", "b_1", "b_2"))


def _mean(first: Expr, second: Expr) -> Expr:
    """Mean over two mini-batches of probabilities p and 1 - p."""
    return p * first + (1 - p) * second


# Mini-batch j has the gradient a_j w + b_j; ascent and descent draw independently.
_SLOPES, _AT = (a1, a2), (a1 * w + b1, a2 * w + b2)
_INDEPENDENT = _mean(*(_mean(*(_SLOPES[i] * (w + rho * _AT[j]) + (b1, b2)[i] for j in range(2))) for i in range(2)))
_SPREAD = _mean(*(part**2 for part in _AT)) - _mean(*_AT) ** 2
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
            _mean(*(_SLOPES[i] * w**2 / 2 + (b1, b2)[i] * w for i in range(2)))
            + rho / 2 * (_mean(*_AT) ** 2 + _SPREAD),
            w,
        ),
    ),
    given=(p > 0, p < 1),
    hints=({p: sp.Rational(1, 2), a1: 1, a2: -1, b1: 0, b2: 0, w: 1, rho: 1},),
    argument="With independent mini-batches the mean of the product H_b g_b' is the product of the means. The "
    "variance of the gradient, which the penalty contains, does not act. Two mini-batches of curvature 1 and -1 show "
    "it: their penalised loss is rho w^2/2 and the mean step is 0.",
    twins=(
        Twin(
            "with the variance alone",
            equal(_INDEPENDENT, _mean(*_AT) + sp.Derivative(rho / 2 * _SPREAD, w)),
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
            _mean(*(_SLOPES[i] * w**2 / 2 + (b1, b2)[i] * w for i in range(2))) + rho / 2 * _mean(*_AT) ** 2, w
        ),
    ),
    given=(p > 0, p < 1),
    amends="usam-drift-independent",
    reading="One weight, two mini-batches of any probability, gradients a_j w + b_j.",
    steps=(Equal("mean", STATEMENT, "the mean of a product of independent factors"),),
    argument="The descending mini-batch and the ascending one are independent, so that E[H_b g_b'] = H grad f. This "
    "is the gradient of |grad f|^2/2. An ascent with the full gradient has the same mean.",
    twins=(Twin("twice the penalty", equal(_INDEPENDENT, _mean(*_AT) + 2 * rho * _mean(a1, a2) * _mean(*_AT))),),
)
# Noise, along one direction u: X = u.g_b and Y = u.H_b g_b of two mini-batches.
_VARX, _VARY, _COV = ((p * (1 - p) * d) for d in ((a1 - a2) ** 2, (b1 - b2) ** 2, (a1 - a2) * (b1 - b2)))
NOISE = Claim(
    id="usam-noise",
    title="Sigma + rho (S + S') is a covariance for every rho",
    place=Place("attributed", "the SDE's noise"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Compagnoni et al.: USAM's noise is (Sigma + rho (S + S'))^(1/2), S the covariance of "
    "gradient and Hessian-gradient product. That this root exists needs u.(Sigma + rho (S + S'))u >= 0 for every "
    "direction u.",
    statement=at_least(_VARX + 2 * rho * _COV),
    given=(p > 0, p < 1, rho > 0),
    reading="Two mini-batches of probabilities p and 1 - p. Along u the gradients are a_1 and a_2, the products of "
    "Hessian and gradient b_1 and b_2; the four are arbitrary. Var X = p (1-p)(a_1 - a_2)^2 and so on.",
    hints=(
        {p: sp.Rational(1, 2), a1: 1, a2: 0, b1: -1, b2: 0, rho: 1},
        {p: sp.Rational(1, 2), a1: 1, a2: 2, b1: 1, b2: sp.Rational(1, 5), rho: 1},
    ),
    argument="Where the products of Hessian and gradient fall as the gradients rise, their covariance S is negative, "
    "and a large radius makes the sum negative. With additive noise this is so along any negative curvature below "
    "-1/(2 rho), that is at saddles. It happens with convex mini-batches too: gradients 1 and 2 with curvatures 1 and "
    "1/10.",
    twins=(Twin("with half the radius", at_least(_VARX + rho * _COV)),),
    finding="The expression is a first order in rho. It has a root for small radii only; the exact covariance has "
    "one always.",
)
NOISE_CONVEX = Claim(
    id="usam-noise-convex",
    title="Sigma + rho (S + S') is a covariance at least if every mini-batch is convex",
    place=NOISE.place,
    voice="reading",
    provenance="from memory",
    says="The same for mini-batches with convex losses: b_j = h_j a_j with curvatures h_j >= 0.",
    statement=NOISE.statement.subs({b1: h1 * a1, b2: h2 * a2}, simultaneous=True),
    given=(p > 0, p < 1, rho > 0, h1 >= 0, h2 >= 0),
    hints=({p: sp.Rational(1, 2), a1: 1, a2: 2, h1: 2, h2: 0, rho: 1},),
    argument="Convexity of each mini-batch says nothing of how its curvature goes with its gradient. Where the "
    "larger gradient has the smaller curvature, gradient and product are negatively correlated. Gradients 1 and 2 "
    "with curvatures 2 and 0 make the sum negative at rho = 1.",
    twins=(
        Twin(
            "with half the radius",
            at_least(_VARX + rho * _COV).subs({b1: h1 * a1, b2: h2 * a2}, simultaneous=True),
        ),
    ),
)
_TRUE = _mean((a1 + rho * b1) ** 2, (a2 + rho * b2) ** 2) - _mean(a1 + rho * b1, a2 + rho * b2) ** 2
EXACT_NOISE = Claim(
    id="usam-noise-exact",
    title="The exact covariance has the term rho^2 Cov(H_b g_b), and is one for every rho",
    place=BEYOND,
    voice="ours",
    says="On random quadratics the covariance of USAM's step is Sigma + rho (S + S') + rho^2 Cov(H_b g_b), which is "
    "positive semi-definite.",
    given=(p > 0, p < 1, rho > 0),
    amends="usam-noise",
    reading="Along any direction, two mini-batches. The gradient descended is a_j + rho b_j.",
    **conjunction(
        "together",
        Equal("covariance", equal(_TRUE, _VARX + 2 * rho * _COV + rho**2 * _VARY), "the square of a sum"),
        Equal(
            "square",
            equal(_TRUE, p * (1 - p) * (a1 - a2 + rho * (b1 - b2)) ** 2),
            "of the difference",
        ),
        Entails("weight", above(p * (1 - p)), "both are positive"),
        Entails("semi-definite", at_least(_TRUE), "a square", uses=("square", "weight")),
        of=("covariance", "semi-definite"),
        because="both",
    ),
    argument="The gradient descended is g_b + rho H_b g_b. Its variance along u is Var X + 2 rho Cov(X, Y) + rho^2 "
    "Var Y. As a variance it is not negative; dropping its last term is what can make it so.",
    twins=(Twin("without the second order", equal(_TRUE, _VARX + 2 * rho * _COV)),),
)
ADDITIVE = Claim(
    id="usam-noise-additive",
    title="With additive noise the exact factor is (1 + rho lam)^2",
    place=BEYOND,
    voice="ours",
    says="With additive noise of covariance s^2 the step's is s^2 (1 + rho lambda)^2 along an eigendirection; its "
    "first order, 1 + 2 rho lambda, is negative exactly below -1/(2 rho).",
    **conjunction(
        "together",
        Equal(
            "factor",
            equal(SAM.noise_gain("same_batch"), (1 + 2 * rho * lam) + rho**2 * lam**2),
            "the error goes through both gradients",
        ),
        Entails("sign", iff(1 + 2 * rho * lam < 0, rho * lam < -sp.Rational(1, 2)), "divide by 2"),
        because="both",
    ),
    argument="The error xi enters the descent directly and once more through the ascent, as rho lambda xi. So the "
    "step carries (1 + rho lambda) xi. Its variance is a square, and is 0 at the curvature -1/rho.",
    twins=(Twin("independent mini-batches", equal(SAM.noise_gain("independent"), (1 + rho * lam) ** 2)),),
)
CLAIMS: tuple[Claim, ...] = (
    DRIFT,
    QUADRATIC,
    GENERAL,
    SAME_AS_INDEPENDENT,
    MEAN_ONLY,
    NOISE,
    NOISE_CONVEX,
    EXACT_NOISE,
    ADDITIVE,
)
