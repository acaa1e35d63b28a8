r"""Section 4.3 up to Theorem 2: the drift of the appendix, and the claims on SAM's diffusion in the paper's order.

Key results: the gradient at the perturbed weight has the factor (I + rho H) once (drift-algorithm); the appendix
has it twice, which is the gradient of the composed loss, and that one traps at no radius (composed-escapes).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.kim.diffusion import fokker_planck, noise, noise_size, reduction
from saddlecheck.theory.papers.kim.notation import (
    composed,
    composed_gradient,
    entries,
    gradient_raised,
    hessian,
    raised_weight,
    weight,
)
from saddlecheck.theory.papers.standard import SAM, SAM_COMPOSED
from saddlecheck.theory.symbols import Expr, lam, real, rho, w1, w2

u = real("u")  # a bound variable: the argument of the loss

H = sp.Matrix([[real("h_11"), real("h_12")], [real("h_12"), real("h_22")]])
W = sp.Matrix([w1, w2])


def _loss(first: Expr, second: Expr) -> Expr:
    point = sp.Matrix([first, second])
    return (point.T * H * point)[0] / 2


_raised1, _raised2 = W + rho * H * W
_GRADIENT_AT_RAISED = (
    Coefficient(_loss(u, _raised2), u, _raised1, sp.S.One),
    Coefficient(_loss(_raised1, u), u, _raised2, sp.S.One),
)


def _field(gradient: tuple[Expr, ...], matrix: sp.Matrix) -> sp.And:
    return every(*(equal(left, right) for left, right in zip(gradient, matrix * W, strict=True)))


DRIFT = Claim(
    id="drift",
    title="Proof of Theorem 2: the gradient at the perturbed weight is H (I + rho H)^2 w",
    place=Place("appendix", "proof of Theorem 2"),
    voice="paper",
    provenance="seen",
    says="On a quadratic, the gradient at the perturbed weight has the factor (I + rho H) twice.",
    reading="A symmetric H of size 2, all entries free; the gradient of the loss, taken at w + rho grad l(w).",
    statement=_field(_GRADIENT_AT_RAISED, H * (sp.eye(2) + rho * H) ** 2),
    display=Display(
        equal(gradient_raised, hessian * (sp.Identity(2) + rho * hessian) ** 2 * weight),
        {
            gradient_raised: hessian * raised_weight,
            raised_weight: weight + rho * hessian * weight,
            hessian: sp.ImmutableMatrix(H),
            weight: sp.ImmutableMatrix(W),
        },
    ),
    finding="False: the chain rule was applied to the perturbation. That is the gradient of another function, "
    "l(w + rho grad l(w)) as a function of w; SAM, by (6), does not differentiate through its ascent.",
    argument=(
        "For l = w.H w/2 the gradient at any point v is H v. At the perturbed weight w^p = (I + rho H) w it is H (I + "
        "rho H) w, with the factor once. With H = diag(0, 1), rho = 1 and w = (0, 1) its second entry is 2, while the "
        "displayed H (I + rho H)^2 w has 4. The extra factor comes from differentiating w^p in w, which the algorithm "
        "(6) does not do: it takes the gradient of l and evaluates it at w^p."
    ),
    twins=(Twin("no ascent at all", _field(_GRADIENT_AT_RAISED, H)),),
    related=("drift-composed", "composed-escapes"),
)
DRIFT_OWN = Claim(
    id="drift-algorithm",
    title="The gradient at the perturbed weight is H (I + rho H) w",
    place=Place("appendix", "proof of Theorem 2"),
    voice="ours",
    says="On a quadratic, the algorithm's own drift has the factor (I + rho H) once.",
    argument=(
        "The gradient of l = w.H w/2 at a point v is H v. Put v = w^p = w + rho H w, the perturbed weight of (5). The "
        "result is H (I + rho H) w."
    ),
    statement=_field(_GRADIENT_AT_RAISED, H * (sp.eye(2) + rho * H)),
    display=Display(
        equal(gradient_raised, hessian * (sp.Identity(2) + rho * hessian) * weight),
        {
            gradient_raised: hessian * raised_weight,
            raised_weight: weight + rho * hessian * weight,
            hessian: sp.ImmutableMatrix(H),
            weight: sp.ImmutableMatrix(W),
        },
    ),
    amends="drift",
    steps=(Equal("derivative at the perturbed weight", STATEMENT, "H times w + rho H w"),),
)
DRIFT_COMPOSED = Claim(
    id="drift-composed",
    title="H (I + rho H)^2 w is the gradient of the composed loss",
    place=Place("appendix", "proof of Theorem 2"),
    voice="ours",
    says="What the appendix displays is the gradient of w -> l(w + rho grad l(w)).",
    argument=(
        "The function w -> l(w + rho grad l(w)) is w.(I + rho H) H (I + rho H) w/2 on a quadratic. The matrices "
        "commute, so its gradient is H (I + rho H)^2 w. This is what the appendix displays, and it differentiates "
        "through the ascent."
    ),
    statement=_field(
        tuple(sp.Derivative(_loss(_raised1, _raised2), v) for v in (w1, w2)), H * (sp.eye(2) + rho * H) ** 2
    ),
    display=Display(
        equal(composed_gradient, hessian * (sp.Identity(2) + rho * hessian) ** 2 * weight),
        {
            composed_gradient: entries([sp.Derivative(composed(w1, w2), w1)], [sp.Derivative(composed(w1, w2), w2)]),
            composed(w1, w2): _loss(*(W + rho * H * W)),
            hessian: sp.ImmutableMatrix(H),
            weight: sp.ImmutableMatrix(W),
        },
    ),
    steps=(Equal("chain rule", STATEMENT, "differentiate through the ascent as well"),),
    related=("drift",),
)
NEVER = Claim(
    id="composed-escapes",
    title="The composed loss traps at no radius",
    place=BEYOND,
    voice="ours",
    says="Descent on l(w + rho grad l(w)) attracts along no direction of negative curvature, whatever the radius.",
    statement=SAM_COMPOSED.rate() <= 0,
    given=(lam < 0,),
    steps=(Entails("sign", STATEMENT, "a square does not change the sign of the curvature"),),
    finding="So the drift used for Theorem 2 contradicts Theorem 1: under it a saddle can never attract.",
    argument=(
        "Descent on the composed loss has the rate lambda (1 + rho lambda)^2 along an eigendirection. A square is not "
        "negative, so for lambda < 0 the rate is at most 0. The flow attracts along no direction of negative "
        "curvature, whatever the radius."
    ),
    twins=(Twin("the algorithm's own rate", SAM.rate() <= 0),),
)

CLAIMS: tuple[Claim, ...] = (
    *noise.CLAIMS, *fokker_planck.CLAIMS, *noise_size.CLAIMS,
    DRIFT, DRIFT_OWN, DRIFT_COMPOSED, NEVER, *reduction.CLAIMS,
)  # fmt: skip
