r"""The noise of USAM's SDE against the covariance of a step.

Key results
- $\Sigma + \rho(S + S^T)$ is no covariance for every rho (usam-noise), convex mini-batches included
  (usam-noise-convex).
- The exact one has $\rho^2 \mathrm{Cov}(H_b g_b)$ as well, and is one for every rho (usam-noise-exact).
- With additive noise it is $s^2(1+\rho\lambda)^2$; its first order is negative exactly for $\lambda < -1/(2\rho)$
  (usam-noise-additive).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, at_least, equal, iff
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.papers.compagnoni.usam import a1, a2, b1, b2, mean, p
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import lam, real, rho

h1, h2 = real("h_1"), real("h_2")
# Along one direction u: X = u.g_b and Y = u.H_b g_b of two mini-batches.
_VARX, _VARY, _COV = ((p * (1 - p) * d) for d in ((a1 - a2) ** 2, (b1 - b2) ** 2, (a1 - a2) * (b1 - b2)))
_SIGMA, _S, _T, _WHOLE = (real(name) for name in ("Sigma", "S", "T", "V"))  # for displays
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
    display=Display(at_least(_SIGMA + 2 * rho * _S), {_SIGMA: _VARX, _S: _COV}),
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
    says="Sigma + rho (S + S') is a covariance for mini-batches with convex losses: b_j = h_j a_j with curvatures "
    "h_j >= 0.",
    statement=NOISE.statement.subs({b1: h1 * a1, b2: h2 * a2}, simultaneous=True),
    display=Display(at_least(_SIGMA + 2 * rho * _S), {_SIGMA: _VARX, _S: _COV, b1: h1 * a1, b2: h2 * a2}),
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
_TRUE = mean((a1 + rho * b1) ** 2, (a2 + rho * b2) ** 2) - mean(a1 + rho * b1, a2 + rho * b2) ** 2
EXACT_NOISE = Claim(
    id="usam-noise-exact",
    title="The exact covariance has the term rho^2 Cov(H_b g_b), and is one for every rho",
    place=BEYOND,
    voice="ours",
    says="On random quadratics the covariance of USAM's step is Sigma + rho (S + S') + rho^2 Cov(H_b g_b), which is "
    "positive semi-definite.",
    given=(p > 0, p < 1, rho > 0),
    amends="usam-noise",
    display=Display(
        (equal(_WHOLE, _SIGMA + 2 * rho * _S + rho**2 * _T), at_least(_WHOLE)),
        {_WHOLE: _TRUE, _SIGMA: _VARX, _S: _COV, _T: _VARY},
    ),
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
CLAIMS: tuple[Claim, ...] = (NOISE, NOISE_CONVEX, EXACT_NOISE, ADDITIVE)
