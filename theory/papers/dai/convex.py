r"""SAM on convex losses: rates, divergence and boundedness, for each class by the inequalities that define it.

Key results, for beta-smooth losses
- alpha-strongly convex, $\eta \le 1/\beta$: $f - f^*$ is at most
  $(1-\alpha\eta(2-\eta\beta))^t(f_0-f^*) + \eta\beta^3\rho^2/(2\alpha(2-\eta\beta))$, attained at $\eta = 1/\beta$ and
  false for every larger step.
- USAM lowers every convex loss for $\eta < 2/(\beta(1+\rho\beta))$ and diverges on one beyond.
- Normalised SAM stays bounded on strongly convex losses for $\eta < 2/\beta$, by a sharp radius; on a convex loss with
  minima it may leave every bounded set.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.formulas import above, at_least, below, equal, every, iff
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.symbols import Expr, Formula, eta, n, real, rho, w

_STRONG, _USAM, _BOUNDED = (Place("attributed", p) for p in ("strongly convex", "USAM", "normalised SAM"))
alpha, beta = real("alpha"), real("beta")
# One step from w: g = grad f(w), e = grad f(w^p) - g; G = |g|^2, z = g.e, W = |e|^2; f_0 and f_1 are f - f* before
# and after it.
gg, z, ee, _f0, _f1 = (real(name) for name in ("G", "z", "W", "f_0", "f_1"))
_SMOOTH = _f1 <= _f0 - eta * (gg + z) + beta * eta**2 / 2 * (gg + 2 * z + ee)
_CLASS = (alpha > 0, alpha <= beta, rho > 0, eta > 0, _SMOOTH, gg >= 2 * alpha * _f0, z >= 0, ee <= beta**2 * rho**2)
_RATE = 1 - alpha * eta * (2 - eta * beta)
_ADDED = eta**2 * beta**3 * rho**2 / 2
FLOOR = eta * beta**3 * rho**2 / (2 * alpha * (2 - eta * beta))
_BOUND = _RATE**n * real("f_s") + FLOOR
_one = _f1 <= _RATE * _f0 + _ADDED
_carried = equal(_BOUND.subs(n, n + 1), _RATE * _BOUND + _ADDED)
_not_negative = at_least(_RATE)
_theorem = every(_one, _carried, _not_negative)
STRONG = Claim(
    id="dai-strongly-convex",
    title="Normalised SAM on strongly convex losses, steps up to 1/beta",
    place=_STRONG,
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: on an alpha-strongly convex, beta-smooth loss, eta <= 1/beta, f - f* is at "
    "most (1 - alpha eta (2 - eta beta))^t (f_0 - f*) + eta beta^3 rho^2/(2 alpha (2 - eta beta)) after t steps.",
    statement=_theorem,
    given=(*_CLASS, eta * beta <= 1),
    reading="The class enters by its inequalities at one step: smoothness as f(w') <= f - eta g.g_p + (beta "
    "eta^2/2)|g_p|^2 and |g_p - g| <= beta rho, convexity as (g_p - g).g >= 0, strong convexity as |g|^2 >= 2 alpha "
    "(f - f*). G = |g|^2, z = g.(g_p - g), W = |g_p - g|^2; f_0 and f_1 are f - f* before and after the step, f_s at "
    "the start. The formula bounds one step, and says that the bound of the theorem is carried from n to n + 1 by "
    "that.",
    steps=(
        Entails("cross term", eta * (1 - eta * beta) * z >= 0, "no factor is negative"),
        Entails("error", beta * eta**2 / 2 * ee <= _ADDED, "|g_p - g| <= beta rho"),
        Entails("margin", 2 - eta * beta >= 1, "eta beta <= 1"),
        Entails(
            "decrease",
            eta * (2 - eta * beta) / 2 * gg >= alpha * eta * (2 - eta * beta) * _f0,
            "a positive factor",
            uses=("margin",),
        ),
        Entails("one step", _one, "put in", uses=("cross term", "error", "decrease")),
        Entails("weight", alpha * (2 - eta * beta) > 0, "positive factors", uses=("margin",)),
        Equal("carried", _carried, "FLOOR times 1 minus the rate is what a step adds", uses=("weight",)),
        Entails(
            "small", alpha * eta * (2 - eta * beta) <= eta * beta * (2 - eta * beta), "alpha <= beta", uses=("margin",)
        ),
        Entails("rate", _not_negative, "t (2 - t) <= 1", uses=("small",)),
        Entails("together", _theorem, "all", uses=("one step", "carried", "rate")),
    ),
    argument="Smoothness bounds f after the step; write the descended gradient as g + e. The cross term -eta (1 - "
    "eta beta) g.e helps, as convexity makes g.e >= 0 along the ascent. The square of e is at most beta^2 rho^2. What "
    "is left of |g|^2 is bounded below by 2 alpha (f - f*). The recursion sums to the bound.",
    finding="True as attributed, for the whole class.",
    twins=(
        Twin("without eta <= 1/beta", _one, (*_CLASS, eta * beta < 2)),
        Twin("half of what is added", _f1 <= _RATE * _f0 + _ADDED / 2),
    ),
    related=("dai-strongly-convex-tight", "dai-strongly-convex-step"),
)
_CYCLE = eta * rho * beta / (2 - eta * beta)  # on beta w^2/2
_attained = beta * _CYCLE**2 / 2
_floor = FLOOR.subs(alpha, beta)
_tight = equal(value(_attained, eta, 1 / beta), value(_floor, eta, 1 / beta))
TIGHT = Claim(
    id="dai-strongly-convex-tight",
    title="At eta = 1/beta the floor is attained",
    place=BEYOND,
    voice="ours",
    says="On beta w^2/2 with eta = 1/beta normalised SAM circles at |w| = rho, where the loss is beta rho^2/2: "
    "exactly the bound's second term for alpha = beta.",
    statement=_tight,
    given=(beta > 0, rho > 0),
    reading="The 2-cycle of normalised SAM on a quadratic, |w| = eta rho beta/(2 - eta beta).",
    steps=(Equal("attained", _tight, "both are beta rho^2/2"),),
    argument="At eta = 1/beta one step from w leads to -rho sign w, and the cycle has the half-width rho. Its loss "
    "is beta rho^2/2. The bound's second term is eta beta^3 rho^2/(2 beta) = beta rho^2/2 there.",
    twins=(
        Twin(
            "at half that step",
            equal(value(_attained, eta, 1 / (2 * beta)), value(_floor, eta, 1 / (2 * beta))),
        ),
    ),
)
_below_floor = _attained <= _floor
_STABLE = (beta > 0, rho > 0, eta > 0, eta * beta < 2)
STEP = Claim(
    id="dai-strongly-convex-step",
    title="The step may go up to 2/beta in that bound",
    place=_STRONG,
    voice="reading",
    provenance="from memory",
    says="The bound, read for every eta < 2/beta: in particular the loss on the 2-cycle of beta w^2/2 is at most eta "
    "beta^3 rho^2/(2 alpha (2 - eta beta)) with alpha = beta.",
    statement=_below_floor,
    given=_STABLE,
    hints=({beta: 1, rho: 1, eta: sp.Rational(3, 2)},),
    argument="On beta w^2/2 the cycle's loss is (beta rho^2/2)(eta beta/(2 - eta beta))^2. The bound is (beta "
    "rho^2/2) eta beta/(2 - eta beta). The first exceeds the second exactly when eta beta > 1.",
    twins=(Twin("up to 3/2", _below_floor, (*_STABLE, eta * beta <= sp.Rational(3, 2))),),
)
UP_TO_ONE = Claim(
    id="dai-strongly-convex-step-one",
    title="It may go up to 1/beta and no further",
    place=BEYOND,
    voice="ours",
    says="The cycle's loss stays below the bound for eta <= 1/beta; dai-strongly-convex has the whole class.",
    statement=_below_floor,
    given=(*_STABLE, eta * beta <= 1),
    amends="dai-strongly-convex-step",
    steps=(
        Entails("margin", 2 - eta * beta > 0, "eta beta < 2"),
        Equal(
            "difference",
            equal((_floor - _attained) * (2 - eta * beta) ** 2, eta * beta**2 * rho**2 * (1 - eta * beta)),
            "over one denominator",
            uses=("margin",),
        ),
        Entails("right", eta * beta**2 * rho**2 * (1 - eta * beta) >= 0, "no factor is negative"),
        Entails("square", (2 - eta * beta) ** 2 > 0, "a square", uses=("margin",)),
        Entails("below", _below_floor, "divide by the square", uses=("difference", "right", "square")),
    ),
    argument="The difference of bound and loss, times (2 - eta beta)^2, is eta beta^2 rho^2 (1 - eta beta). That is "
    "not negative exactly for eta beta <= 1.",
    twins=(Twin("up to 3/2", _below_floor, (*_STABLE, eta * beta <= sp.Rational(3, 2))),),
)
_p, _t = real("p"), real("t_1")
_beyond = (2 - _t) * _f1 <= (2 - _t) * (1 - alpha * eta * (2 - _t) / 2) * _f0 + eta / 2 * beta**2 * rho**2 * (
    _t**2 - 2 * _t + 2
)
_LARGE = (
    alpha > 0,
    alpha <= beta,
    rho > 0,
    eta > 0,
    equal(_t, eta * beta),
    _t >= 1,
    _t < 2,
    _p >= 0,
    _SMOOTH.subs(gg, _p**2),
    _p**2 >= 2 * alpha * _f0,
    z <= beta * rho * _p,
    ee <= beta**2 * rho**2,
)
BEYOND_ONE = Claim(
    id="dai-strongly-convex-beyond",
    title="Between 1/beta and 2/beta the loss falls to a larger floor",
    place=BEYOND,
    voice="ours",
    says="For 1 <= t < 2, t = eta beta, a step multiplies f - f* by 1 - alpha eta (2 - t)/2 and adds at most (eta/2) "
    "beta^2 rho^2 (t^2 - 2t + 2)/(2 - t).",
    statement=_beyond,
    given=_LARGE,
    reading="The same inequalities; p = |g|, and g.(g_p - g) <= beta rho |g|. t_1 is eta beta. Both sides are "
    "multiplied by 2 - t.",
    steps=(
        Entails("cross term", eta * (_t - 1) * z <= eta * (_t - 1) * (beta * rho * _p), "eta (t - 1) is not negative"),
        Entails("error", eta * _t / 2 * ee <= eta * _t / 2 * (beta**2 * rho**2), "|g_p - g| <= beta rho"),
        Entails("in t", equal(beta * eta**2, _t * eta), "t = eta beta"),
        Entails(
            "smooth",
            _f1 <= _f0 - eta * (2 - _t) / 2 * _p**2 + eta * (_t - 1) * z + eta * _t / 2 * ee,
            "collect",
            uses=("in t",),
        ),
        Entails(
            "step",
            _f1
            <= _f0
            - eta * (2 - _t) / 2 * _p**2
            + eta * (_t - 1) * (beta * rho * _p)
            + eta * _t / 2 * (beta**2 * rho**2),
            "both bounds",
            uses=("smooth", "cross term", "error"),
        ),
        Entails("square", at_least(eta * ((2 - _t) * _p - 2 * (_t - 1) * beta * rho) ** 2), "a square"),
        Entails(
            "strong",
            eta * (2 - _t) ** 2 / 4 * _p**2 >= eta * (2 - _t) ** 2 / 4 * (2 * alpha * _f0),
            "a positive factor",
        ),
        Entails(
            "scaled",
            (2 - _t) * _f1
            <= (2 - _t)
            * (
                _f0
                - eta * (2 - _t) / 2 * _p**2
                + eta * (_t - 1) * (beta * rho * _p)
                + eta * _t / 2 * (beta**2 * rho**2)
            ),
            "2 - t is positive",
            uses=("step",),
        ),
        Entails("beyond", _beyond, "complete the square in p", uses=("scaled", "square", "strong")),
    ),
    argument="For eta beta > 1 the cross term hurts, by at most eta (t - 1) beta rho |g|. Half of the decrease, eta "
    "(2 - t)|g|^2/4, pays for it by completing the square. The other half is strong convexity's. So every step below "
    "2/beta leads to a floor, which grows without bound towards 2/beta.",
    twins=(Twin("with nothing added", (2 - _t) * _f1 <= (2 - _t) * (1 - alpha * eta * (2 - _t) / 2) * _f0),),
)

# USAM
_UPDATE = OPTIMISERS["sam"].update(quadratic(beta))[0]
_EDGE = eta * beta * (1 + rho * beta)
_factor = equal(_UPDATE, (1 - _EDGE) * w)
_diverges = iff(above(((1 - _EDGE) * w) ** 2, w**2), above(_EDGE, 2))
_usam = every(_factor, _diverges)
DIVERGES = Claim(
    id="dai-usam-diverges",
    title="USAM diverges on a quadratic for eta > 2/(beta (1 + rho beta))",
    place=_USAM,
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: USAM diverges on some beta-smooth quadratic for eta > 2/(beta (1 + rho "
    "beta)). On beta w^2/2 exactly then.",
    statement=_usam,
    given=(beta > 0, rho > 0, eta > 0, sp.Ne(w, 0)),
    steps=(
        Equal("factor", _factor, "a linear map"),
        Entails("positive", above(_EDGE), "a product of positive numbers"),
        Equal("squares", equal(((1 - _EDGE) * w) ** 2 - w**2, _EDGE * (_EDGE - 2) * w**2), "a difference of squares"),
        Entails(
            "sign",
            iff(above(_EDGE * (_EDGE - 2) * w**2), above(_EDGE, 2)),
            "the other factors are positive",
            uses=("positive",),
        ),
        Entails("grows", _diverges, "move w^2", uses=("squares", "sign")),
        Entails("together", _usam, "both", uses=("factor", "grows")),
    ),
    argument="On beta w^2/2 a step of USAM multiplies w by 1 - eta beta (1 + rho beta). The square of the weight "
    "grows exactly if this is below -1. That is eta beta (1 + rho beta) > 2.",
    twins=(
        Twin(
            "already beyond gradient descent's 2/beta only",
            iff(above(((1 - _EDGE) * w) ** 2, w**2), above(eta * beta, 2)),
        ),
    ),
    related=("dai-usam-converse",),
)
_u = real("u")  # f(w') - f(w)
_k = rho * beta
_CONVEX = (
    beta > 0,
    rho > 0,
    eta > 0,
    gg > 0,
    ee >= 0,
    ee <= _k * z,
    z**2 <= gg * ee,
    _u <= -eta * (gg + z) + beta * eta**2 / 2 * (gg + 2 * z + ee),
)
_lowers = below(_u)
_ENDS = (1 - eta * beta / 2, (1 + _k) - eta * beta / 2 * (1 + _k) ** 2)
_DECREASE = gg + z - beta * eta / 2 * (gg + 2 * z + _k * z)
CONVERSE = Claim(
    id="dai-usam-converse",
    title="Below that step USAM lowers every convex smooth loss",
    place=BEYOND,
    voice="ours",
    says="For eta < 2/(beta (1 + rho beta)) a step of USAM lowers every convex beta-smooth loss at every point whose "
    "gradient is not 0.",
    statement=_lowers,
    given=(*_CONVEX, eta * beta * (1 + _k) < 2),
    reading="u = f(w') - f(w). The class enters by smoothness as in dai-strongly-convex and by the cocoercivity of a "
    "convex smooth gradient, |g_p - g|^2 <= beta (g_p - g).(w^p - w) with w^p - w = rho g; (g.(g_p - g))^2 <= |g|^2 "
    "|g_p - g|^2 is Cauchy and Schwarz.",
    steps=(
        Entails("not negative", z >= 0, "rho beta z >= W"),
        Entails("at most", z <= _k * gg, "z^2 <= gg ee <= rho beta gg z", uses=("not negative",)),
        Entails("first end", above(_ENDS[0]), "eta beta < 2"),
        Equal(
            "second end factor", equal(_ENDS[1], (1 + _k) * (1 - eta * beta * (1 + _k) / 2)), "take out 1 + rho beta"
        ),
        Entails("second end", above(_ENDS[1]), "both factors are positive", uses=("second end factor",)),
        Equal("between", equal(_k * _DECREASE, (_k * gg - z) * _ENDS[0] + z * _ENDS[1]), "linear in z"),
        Entails(
            "weights",
            above((_k * gg - z) * _ENDS[0] + z * _ENDS[1]),
            "one weight is positive",
            uses=("not negative", "at most", "first end", "second end"),
        ),
        Entails("decrease", above(_DECREASE), "rho beta is positive", uses=("between", "weights")),
        Entails("scaled", above(eta * _DECREASE), "eta is positive", uses=("decrease",)),
        Entails("error", beta * eta**2 / 2 * ee <= beta * eta**2 / 2 * (_k * z), "cocoercivity"),
        Entails("lowers", _lowers, "u is at most minus that", uses=("scaled", "error")),
    ),
    argument="Smoothness bounds the change of f by -eta g.g_p + (beta eta^2/2)|g_p|^2. With g_p = g + e cocoercivity "
    "gives |e|^2 <= rho beta g.e, so that the bound is linear in g.e, which lies between 0 and rho beta |g|^2. At 0 "
    "the bound is that of gradient descent. At the other end it is that of the quadratic. Both are negative below the "
    "step.",
    finding="The quadratic is the worst loss of the class: convexity adds nothing to the condition.",
    twins=(Twin("up to 2/beta", _lowers, (*_CONVEX, eta * beta < 2)),),
)

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
    argument="Otherwise a_1 would exceed a_2, and a_1 k_1 would exceed a_2 k_1. That is excluded.",
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
    title="Normalised SAM stays bounded for eta < 2/beta, whatever the radius",
    place=_BOUNDED,
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: normalised SAM stays bounded for eta < 2/beta and any rho. Here for "
    "strongly convex losses: the distance to the minimum beyond R = (1 + q) rho/(1 - q) shrinks by q < 1 a step.",
    statement=_nearer,
    given=(rho > 0, _q >= 0, _q < 1, real("d_p") <= _d0 + rho, _d1 <= _q * real("d_p") + rho),
    reading="d_0 and d_1 are the distances to w* before and after the step, d_p that of w^p. The ascent has the "
    "length rho; the step is a gradient step from w^p, moved back by rho. q is that of dai-sam-bounded-contraction, "
    "below 1 for eta beta < 2. Without strong convexity it is false, see dai-sam-bounded-convex.",
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
    "The quadratic beta w^2/2 circles at this distance for ever.",
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
CLAIMS: tuple[Claim, ...] = (
    STRONG,
    TIGHT,
    STEP,
    UP_TO_ONE,
    BEYOND_ONE,
    DIVERGES,
    CONVERSE,
    BOUNDED,
    CONTRACTS_SMALL,
    CONTRACTS_LARGE,
    DIVIDE,
    SHARP,
    EDGE,
)
