r"""Normalised SAM with a constant radius on whole classes of losses, without noise.

Key results
- Strongly convex: down to a loss of order $\eta^2\rho^2$ each step contracts, and no step adds more; with
  $\eta \sim \ln T/T$ that is about $1/T^2$. With a fixed step the order is attained.
- Not convex: the gradient ends within $\beta\rho$, and that constant is the best one: an attractor that is no critical
  point has any smaller one.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.formulas import below, equal, every, implies
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, quadratic
from saddlecheck.theory.papers.variants.classes import SMOOTH, G, P, Q, after, before, beta, lipschitz
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import eta, real, rho, w

alpha = real("alpha")  # the constant of strong convexity
d = real("d")
_STRONG = alpha * rho * G <= P - G**2  # the gradient's strong monotonicity along the ascent
_CLASS = (*SMOOTH, rho > 0, G > 0, lipschitz(rho / G), _STRONG, alpha > 0, eta * beta < 1)
_READING = (
    "f and f' are the loss above its minimum before and after a step, G the gradient's norm, P the product of the "
    "gradient with the perturbed one, Q the latter's square. The conditions are what an alpha-strongly convex "
    "beta-smooth loss satisfies along the ascent and along the step, in every dimension."
)
_POLYAK = 2 * alpha * before <= G**2  # strong convexity: the gradient bounds the loss
_STEP = (
    before - after
    >= eta * (1 - eta * beta / 2) * G**2 + eta * (1 - eta * beta) * alpha * rho * G - eta**2 * beta**3 * rho**2 / 2
)
_ABOVE = 8 * alpha**3 * (1 - eta * beta) ** 2 * before >= eta**2 * beta**6 * rho**2
_CONTRACTS = implies(_ABOVE, after <= (1 - alpha * eta * (2 - eta * beta)) * before)
_NO_MORE = after <= before + eta**2 * beta**3 * rho**2 / 2
_LARGE = implies(_ABOVE, 2 * alpha * (1 - eta * beta) * G >= eta * beta**3 * rho)
STRONGLY_CONVEX = Claim(
    id="siyun-deterministic",
    title="Strongly convex, without noise: normalised SAM converges down to order eta^2 rho^2",
    place=attributed("strongly convex, deterministic"),
    says="Attributed to Si and Yun: without noise, on a strongly convex smooth loss, SAM with constant radius reaches "
    "a loss of about 1/T^2 in T steps with eta about ln T/T. Above a level of order eta^2 rho^2 each step contracts "
    "by 1 - alpha eta (2 - eta beta), and no step adds more than eta^2 beta^3 rho^2/2.",
    reading=_READING + " With eta = 2 ln T/(alpha T) the contraction leaves about T^(-2) or less of the start, and "
    "the level is of order ln^2 T/T^2.",
    statement=every(_CONTRACTS, _NO_MORE),
    given=(*_CLASS, _POLYAK, before >= 0),
    steps=(
        Entails("one step", _STEP, "the Lipschitz bound for Q in the descent lemma, then strong monotonicity"),
        Entails("large", _LARGE, "strong convexity bounds the loss by the gradient"),
        Entails(
            "contracts", _CONTRACTS, "the radius' own term is outweighed by alpha rho |g|", uses=("one step", "large")
        ),
        Entails("no more", _NO_MORE, "the other terms are negative", uses=("one step",)),
        Entails("together", every(_CONTRACTS, _NO_MORE), "both", uses=("contracts", "no more")),
    ),
    twins=(Twin("at every level", after <= (1 - alpha * eta * (2 - eta * beta)) * before),),
    voice="paper",
    provenance="from memory",
    argument="The descent lemma with |p|^2 <= beta^2 rho^2 + 2 g.p - |g|^2 bounds the step's change. Strong convexity "
    "gives g.p >= |g|^2 + alpha rho |g|: the ascent helps by eta (1 - eta beta) alpha rho |g|. While |g| is at least "
    "of order eta rho this outweighs the term eta^2 beta^3 rho^2/2, and the rest contracts the loss. So the level is "
    "of order eta^2 rho^2, where smoothness and convexity alone would leave order eta rho^2.",
    related=("siyun-deterministic-fixed",),
)
_MAP = OPTIMISERS["sam_normalised"].update(quadratic(beta))[0]
_RADIUS = eta * beta * rho / (2 - eta * beta)
_FROM_RIGHT = (1 - eta * beta) * w - eta * beta * rho
_right = equal(_MAP, _FROM_RIGHT)
_crosses = implies(
    w <= 2 * _RADIUS, every(below(_FROM_RIGHT), equal(-_FROM_RIGHT - _RADIUS, (eta * beta - 1) * (w - _RADIUS)))
)
_fixed = every(_right, _crosses)
FIXED = Claim(
    id="siyun-deterministic-fixed",
    title="With a fixed step the order eta^2 rho^2 is attained",
    place=attributed("strongly convex, deterministic, fixed step"),
    says="With a fixed step the loss does not fall below order eta^2 rho^2: on beta w^2/2 normalised SAM approaches "
    "the 2-cycle |w| = eta beta rho/(2 - eta beta), where the loss is beta^3 eta^2 rho^2/(2 (2 - eta beta)^2).",
    reading="One dimension, w > 0 and the other side by symmetry, from within twice the cycle's half-width: a step "
    "leads to the other side, and multiplies the distance of |w| from the half-width by eta beta - 1.",
    statement=_fixed,
    given=(beta > 0, eta > 0, rho > 0, eta * beta < 1, w > 0),
    steps=(
        Equal("from the right", _right, "the ascent moves outward by rho"),
        Entails("crosses", _crosses, "a linear map"),
        Entails("together", _fixed, "both", uses=("from the right", "crosses")),
    ),
    twins=(
        Twin(
            "a half-width twice as large",
            implies(w <= _RADIUS, equal(-_MAP - 2 * _RADIUS, (eta * beta - 1) * (w - 2 * _RADIUS))),
        ),
    ),
    voice="ours",
    argument="A step that crosses 0 multiplies the distance of |w| from the half-width of the 2-cycle by |1 - eta "
    "beta|. From within a factor of two of the half-width every step crosses. So the loss tends to a positive value "
    "of order eta^2 rho^2, and 1/T^2 needs the step to shrink with T.",
)

_CONSTANT = before - after >= eta * (G**2 - beta**2 * rho**2) / 2
NONCONVEX_CONSTANT = Claim(
    id="siyun-nonconvex-constant",
    title="On every smooth loss the average of |g|^2 ends at no more than beta^2 rho^2",
    place=attributed("non-convex, upper bound"),
    says="For eta beta <= 1 a step of normalised SAM lowers every beta-smooth loss by at least eta (|g|^2 - beta^2 "
    "rho^2)/2.",
    reading="The conditions are those of beta-smoothness along the ascent and the step, in every dimension. Summed "
    "over T steps: the mean of |g|^2 is at most beta^2 rho^2 + 2 (f_0 - inf f)/(eta T).",
    statement=_CONSTANT,
    given=(*SMOOTH, rho > 0, G > 0, lipschitz(rho / G), Q >= 0, eta * beta <= 1),
    steps=(Entails("one step", _CONSTANT, "g.p is at least (|g|^2 + |p|^2 - beta^2 rho^2)/2"),),
    twins=(Twin("half the constant", before - after >= eta * (2 * G**2 - beta**2 * rho**2) / 4),),
    voice="ours",
    argument="The perturbed gradient p is within beta rho of g, so that 2 g.p >= |g|^2 + |p|^2 - beta^2 rho^2. In the "
    "descent lemma the terms with |p|^2 are negative for eta beta <= 1. What is left is eta (|g|^2 - beta^2 rho^2)/2.",
    related=("siyun-nonconvex",),
)
# A gradient with slope -beta left of 0 and beta right of it: a maximum at -d, a minimum at d.
_V = BareLoss((w,), beta * (w * sp.Abs(w) / 2 - d * w))
_GRADIENT = beta * (sp.Abs(w) - d)
_UP = w + rho * _GRADIENT / sp.Abs(_GRADIENT)
_NEXT = w - eta * _GRADIENT.subs(w, _UP)
_POINT = d - rho
_slope = equal(sp.Derivative(_V.expr, w), _GRADIENT)
_attracts = implies(every(w < -d, w > -rho), equal(_NEXT - _POINT, (1 - eta * beta) * (w - _POINT)))
_not_critical = equal(_GRADIENT.subs(w, _POINT), beta * (rho - 2 * d))
NONCONVEX = Claim(
    id="siyun-nonconvex",
    title="Not convex: normalised SAM may end where |g| is any constant below beta rho",
    place=attributed("non-convex, deterministic"),
    says="Attributed to Si and Yun: on smooth losses that are not convex |grad f|^2 cannot be driven below order "
    "beta^2 rho^2. On beta (w|w|/2 - d w), which is beta-smooth, normalised SAM is attracted by w = d - rho, where "
    "the gradient is beta (rho - 2d): as near to beta rho as one likes.",
    reading="d > 0 is arbitrarily small. Around d - rho, for -rho < w < -d, a step multiplies the distance by 1 - eta "
    "beta. Far to the left the loss may be bent upwards to be bounded below; nothing here sees it.",
    statement=every(_attracts, _not_critical),
    given=(beta > 0, eta > 0, d > 0, rho > 2 * d, eta * beta < 2),
    hints=({beta: 1, eta: 1, d: 1, rho: 4, w: -2},),
    steps=(
        Entails(
            "attracts", every(_attracts, _not_critical), "the ascent crosses the maximum -d and ends near the minimum d"
        ),
    ),
    finding="The constant 1 of siyun-nonconvex-constant is the best one: every smaller multiple of beta^2 rho^2 is "
    "exceeded by an attractor.",
    twins=(Twin("a critical point", equal(_GRADIENT.subs(w, _POINT), 0)),),
    voice="paper",
    provenance="from memory",
    argument="Between -rho and -d the gradient is positive, so the ascent leads right by rho, beyond the maximum at "
    "-d into the well of the minimum at d. There the gradient is beta (w + rho - d). So the step contracts towards w "
    "= d - rho, where the perturbed point is the minimum but the gradient is beta (rho - 2d), not 0.",
    related=("siyun-nonconvex-constant",),
)
SLOPE = Claim(
    id="siyun-nonconvex-loss",
    title="The loss of the non-convex example has the gradient beta (|w| - d)",
    place=attributed("non-convex, deterministic"),
    says="The derivative of beta (w|w|/2 - d w) is beta (|w| - d), which has the Lipschitz constant beta.",
    statement=_slope,
    given=(sp.Ne(w, 0),),
    steps=(Equal("derivative", _slope, "on each side of 0"),),
    twins=(Twin("the sign of d", equal(sp.Derivative(_V.expr, w), beta * (sp.Abs(w) + d))),),
    voice="ours",
    argument="On the right of 0 the loss is beta (w^2/2 - d w), on the left beta (-w^2/2 - d w). The derivatives meet "
    "at -beta d in 0, so the loss is differentiable there as well. The slopes of the derivative are -beta and beta, "
    "so that its Lipschitz constant is beta.",
)

CLAIMS: tuple[Claim, ...] = (STRONGLY_CONVEX, FIXED, NONCONVEX, NONCONVEX_CONSTANT, SLOPE)
