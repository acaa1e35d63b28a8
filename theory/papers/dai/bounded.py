r"""Normalised SAM stays bounded on strongly convex losses for $\eta < 2/\beta$, whatever the radius.

Key results, with $q = \max(1-\eta\alpha, \eta\beta-1)$
- The distance to the minimum beyond $(1+q)\rho/(1-q)$ shrinks by q a step; for $\eta(\alpha+\beta) \ge 2$ that radius
  is a quadratic's 2-cycle.
- At $\eta = 2/\beta$ a quadratic's weight grows by $2\rho$ a step.
"""

from __future__ import annotations

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.formulas import above, at_least, equal
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.papers.dai.strongly_convex import alpha, beta
from saddlecheck.theory.symbols import Expr, Formula, eta, real, rho, w

# Normalised SAM: A = |w^p - w*|^2, B = g_p.(w^p - w*), C = |g_p|^2
_aa, _bb, _cc, _q, _d0, _d1 = (real(name) for name in ("A", "b", "c", "q", "d_0", "d_1"))
_shrunk = _aa - 2 * eta * _bb + eta**2 * _cc
_COERCIVE = (
    alpha > 0,
    alpha <= beta,
    eta > 0,
    _aa >= 0,
    (alpha + beta) * _bb >= alpha * beta * _aa + _cc,
    at_least(_cc, alpha**2 * _aa),
    at_least(beta**2 * _aa, _cc),
)
_TURN = eta * (eta * (alpha + beta) - 2)  # the factor of |g_p|^2, whose sign decides which bound is used
_short = at_least(_aa * (alpha + beta - 2 * eta * alpha * beta) + _TURN * _cc, _shrunk * (alpha + beta))
_a, _b, _k1 = real("a_1"), real("a_2"), real("k_1")
DIVIDE = Claim(
    id="dai-sam-bounded-divide",
    title="An inequality may be divided by a positive number",
    place=BEYOND,
    voice="ours",
    says="If a_1 k_1 <= a_2 k_1 with k_1 > 0 then a_1 <= a_2.",
    statement=_a <= _b,
    given=(_k1 > 0, _a * _k1 <= _b * _k1),
    steps=(Entails("divide", _a <= _b, "k_1 is positive"),),
    argument="Suppose that a_1 exceeds a_2. As k_1 is positive, a_1 k_1 would then exceed a_2 k_1. The condition "
    "excludes that.",
    twins=(Twin("any sign", _a <= _b, (_a * _k1 <= _b * _k1,)),),
)


def _contraction(name: str, title: str, says: str, end: Expr, side: Formula, sign: str, twin: Twin) -> Claim:
    """The contraction by |1 - eta times `end`|, where `side` makes that the larger of the two."""
    square = (1 - eta * end) ** 2 * _aa
    concluded = at_least(square, _shrunk)
    return Claim(
        id=name,
        title=title,
        place=BEYOND,
        voice="ours",
        says=says,
        statement=concluded,
        given=(*_COERCIVE, side),
        reading="A = |w^p - w*|^2, b = g_p.(w^p - w*), c = |g_p|^2, so that the left side is |w^p - eta g_p - w*|^2. "
        "The class enters by (alpha + beta) b >= alpha beta A + c and alpha^2 A <= c <= beta^2 A, which hold for its "
        "gradients.",
        steps=(
            Entails("coercive", _short, "2 eta times the first inequality"),
            Entails("end", at_least(_TURN * (end**2 * _aa), _TURN * _cc), f"the factor is not {sign}"),
            Equal(
                "square",
                equal(_aa * (alpha + beta - 2 * eta * alpha * beta) + _TURN * (end**2 * _aa), square * (alpha + beta)),
                "expand",
            ),
            Entails(
                "sum",
                at_least(square * (alpha + beta), _shrunk * (alpha + beta)),
                "in a row",
                uses=("coercive", "end", "square"),
            ),
            Entails("weight", above(alpha + beta), "both are positive"),
            cite("divided", DIVIDE, {_a: _shrunk, _b: square, _k1: alpha + beta}, concluded, uses=("sum", "weight")),
        ),
        argument="Expand |w^p - eta g_p - w*|^2 and bound the product by the strong cocoercivity. What is left is "
        "linear in |g_p|^2, whose bounds alpha^2 A and beta^2 A decide by the sign of its factor. This one gives a "
        "perfect square.",
        twins=(twin,),
    )


CONTRACTS_SMALL = _contraction(
    "dai-sam-bounded-small",
    "A small gradient step contracts a strongly convex smooth loss by 1 - eta alpha",
    "For an alpha-strongly convex, beta-smooth loss and eta (alpha + beta) <= 2 a gradient step from w^p brings the "
    "distance to w* to at most 1 - eta alpha times it.",
    alpha,
    eta * (alpha + beta) <= 2,
    "positive",
    Twin("for every step below 2/beta", at_least((1 - eta * alpha) ** 2 * _aa, _shrunk), (*_COERCIVE, eta * beta < 2)),
)
CONTRACTS_LARGE = _contraction(
    "dai-sam-bounded-large",
    "A large one contracts it by |1 - eta beta|",
    "For eta (alpha + beta) >= 2 a gradient step from w^p brings the distance to w* to at most |1 - eta beta| times "
    "it.",
    beta,
    eta * (alpha + beta) >= 2,
    "negative",
    Twin("for every step", at_least((1 - eta * beta) ** 2 * _aa, _shrunk), _COERCIVE),
)
_limit = (1 + _q) * rho / (1 - _q)
_nearer = _d1 - _limit <= _q * (_d0 - _limit)
BOUNDED = Claim(
    id="dai-sam-bounded",
    title="Normalised SAM on strongly convex losses stays bounded for eta < 2/beta, whatever the radius",
    place=Place("attributed", "normalised SAM"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: normalised SAM stays bounded for eta < 2/beta and any rho. Here for "
    "strongly convex losses: the distance to the minimum beyond R = (1 + q) rho/(1 - q) shrinks by q < 1 a step.",
    statement=_nearer,
    given=(rho > 0, _q >= 0, _q < 1, real("d_p") <= _d0 + rho, _d1 <= _q * real("d_p") + rho),
    reading="d_0 and d_1 are the distances to w* before and after the step, d_p that of w^p. The ascent has the "
    "length rho; the step is a gradient step from w^p, moved back by rho. q is that of dai-sam-bounded-small "
    "or dai-sam-bounded-large, below 1 for eta beta < 2. Without strong convexity it is false, see "
    "dai-sam-bounded-convex.",
    rests=("dai-sam-bounded-small", "dai-sam-bounded-large"),
    steps=(
        Entails("step", _d1 <= _q * _d0 + (1 + _q) * rho, "the triangle inequality twice"),
        Equal("fixed", equal(_limit - _q * _limit, (1 + _q) * rho), "R (1 - q)"),
        Entails("nearer", _nearer, "subtract R", uses=("step", "fixed")),
    ),
    argument="Write w' = (w^p - eta g_p) - (w^p - w). The bracket is a gradient step, which contracts the distance "
    "of w^p to w* by q. The ascent adds at most rho before it and rho after it. So d' <= q d + (1 + q) rho, whose "
    "fixed point is R.",
    twins=(Twin("half that radius", _d1 - _limit / 2 <= _q * (_d0 - _limit / 2)),),
    related=("dai-sam-bounded-sharp", "dai-sam-bounded-edge", "dai-sam-bounded-convex"),
)
_sharp = equal(value(_limit, _q, eta * beta - 1), eta * rho * beta / (2 - eta * beta))
SHARP = Claim(
    id="dai-sam-bounded-sharp",
    title="For eta (alpha + beta) >= 2 that radius is attained",
    place=BEYOND,
    voice="ours",
    says="With q = eta beta - 1 the radius R is the half-width of the 2-cycle on beta w^2/2.",
    statement=_sharp,
    given=(eta * beta < 2, eta * beta >= 1, beta > 0, rho > 0),
    steps=(Equal("the cycle", _sharp, "1 + q = eta beta, 1 - q = 2 - eta beta"),),
    argument="For eta (alpha + beta) >= 2 the contraction is by eta beta - 1. Then R = eta beta rho/(2 - eta beta). "
    "The quadratic beta w^2/2 stays on a 2-cycle at this distance.",
    twins=(
        Twin("for small steps as well", equal(value(_limit, _q, 1 - eta * beta), eta * rho * beta / (2 - eta * beta))),
    ),
)
_STEP = OPTIMISERS["sam_normalised"].update(quadratic(beta))[0]
_edge = equal(_STEP.subs(eta, 2 / beta), -w - 2 * rho)
EDGE = Claim(
    id="dai-sam-bounded-edge",
    title="At eta = 2/beta it moves 2 rho further with every step",
    place=BEYOND,
    voice="ours",
    says="On beta w^2/2 with eta = 2/beta a step of normalised SAM leads from w > 0 to -(w + 2 rho).",
    statement=_edge,
    given=(beta > 0, rho > 0, w > 0),
    steps=(Equal("step", _edge, "w - 2 (w + rho)"),),
    argument="The ascent leads to w + rho and the step subtracts twice that. So |w| grows by 2 rho each time. "
    "Gradient descent would keep |w|.",
    twins=(Twin("as gradient descent", equal(_STEP.subs(eta, 2 / beta), -w)),),
)
CLAIMS: tuple[Claim, ...] = (BOUNDED, CONTRACTS_SMALL, CONTRACTS_LARGE, DIVIDE, SHARP, EDGE)
