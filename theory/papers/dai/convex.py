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

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.formulas import above, at_least, below, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.symbols import eta, n, real, rho, w, x, y

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
_contracts = every(
    implies(eta * (alpha + beta) <= 2, _shrunk <= (1 - eta * alpha) ** 2 * _aa),
    implies(eta * (alpha + beta) >= 2, _shrunk <= (1 - eta * beta) ** 2 * _aa),
)
_COERCIVE = (
    alpha > 0,
    alpha <= beta,
    eta > 0,
    _aa >= 0,
    (alpha + beta) * _bb >= alpha * beta * _aa + _cc,
    alpha**2 * _aa <= _cc,
    _cc <= beta**2 * _aa,
)
_short = (
    _shrunk * (alpha + beta) <= _aa * (alpha + beta - 2 * eta * alpha * beta) + eta * (eta * (alpha + beta) - 2) * _cc
)
CONTRACTS = Claim(
    id="dai-sam-bounded-contraction",
    title="A gradient step contracts a strongly convex smooth loss",
    place=BEYOND,
    voice="ours",
    says="For an alpha-strongly convex, beta-smooth loss a gradient step from w^p brings the distance to w* to at "
    "most q times it, q = 1 - eta alpha for eta (alpha + beta) <= 2 and |1 - eta beta| otherwise.",
    statement=_contracts,
    given=_COERCIVE,
    reading="A = |w^p - w*|^2, b = g_p.(w^p - w*), c = |g_p|^2. The class enters by (alpha + beta) b >= alpha beta A "
    "+ c and alpha^2 A <= c <= beta^2 A, which hold for its gradients.",
    steps=(
        Entails("coercive", _short, "2 eta times the first inequality"),
        Entails(
            "small",
            implies(
                eta * (alpha + beta) <= 2,
                (eta * (eta * (alpha + beta) - 2)) * _cc <= (eta * (eta * (alpha + beta) - 2)) * (alpha**2 * _aa),
            ),
            "the factor is not positive",
        ),
        Entails(
            "large",
            implies(
                eta * (alpha + beta) >= 2,
                (eta * (eta * (alpha + beta) - 2)) * _cc <= (eta * (eta * (alpha + beta) - 2)) * (beta**2 * _aa),
            ),
            "the factor is not negative",
        ),
        Equal(
            "first square",
            equal(
                _aa * (alpha + beta - 2 * eta * alpha * beta) + (eta * (eta * (alpha + beta) - 2)) * (alpha**2 * _aa),
                (alpha + beta) * (1 - eta * alpha) ** 2 * _aa,
            ),
            "expand",
        ),
        Equal(
            "second square",
            equal(
                _aa * (alpha + beta - 2 * eta * alpha * beta) + (eta * (eta * (alpha + beta) - 2)) * (beta**2 * _aa),
                (alpha + beta) * (1 - eta * beta) ** 2 * _aa,
            ),
            "expand",
        ),
        Entails(
            "contracts",
            _contracts,
            "divide by alpha + beta",
            uses=("coercive", "small", "large", "first square", "second square"),
        ),
    ),
    argument="Expand |w^p - eta g_p - w*|^2 and bound the product by the strong cocoercivity. What is left is linear "
    "in |g_p|^2, whose bounds alpha^2 A and beta^2 A decide by the sign of its factor. Each gives a perfect square.",
    twins=(Twin("1 - eta alpha for every step", _shrunk <= (1 - eta * alpha) ** 2 * _aa),),
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
    rests=("dai-sam-bounded-contraction",),
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
# |w| - x away from 0: convex, 1-smooth (for |w| >= 1), its minima the ray y = 0, x > 0. u is the ascent's direction.
_r, _rp, _u1, _u2 = (real(name) for name in ("r", "r_p", "u_1", "u_2"))
_xp, _yp = x + rho * _u1, y + rho * _u2
_after = x - eta * (_xp / _rp - 1)
_moves = every(_yp**2 >= rho**2 / 2, _rp <= _r + rho, _after - x >= eta * rho**2 / (4 * (_r + rho) ** 2))
CONVEX = Claim(
    id="dai-sam-bounded-convex",
    title="On a convex loss with minima normalised SAM may leave every bounded set",
    place=BEYOND,
    voice="ours",
    says="On |w| - x, which is convex and has minima, a step of normalised SAM with y not 0 moves x by at least eta "
    "rho^2/(4 (r + rho)^2), r = |w|: without a bound, at every step size and radius.",
    statement=_moves,
    given=(
        rho > 0,
        eta > 0,
        x > 0,
        _r > 0,
        equal(_r**2, x**2 + y**2),
        equal(_u1**2 + _u2**2, 1),
        _u2**2 >= sp.Rational(1, 2),
        y * _u2 >= 0,
        _u1 <= 0,
        _rp > 0,
        equal(_rp**2, _xp**2 + _yp**2),
    ),
    reading="u is the unit vector along the gradient (x/r - 1, y/r): u_2 has the sign of y, u_1 <= 0, and u_2^2 = (1 "
    "+ x/r)/2 >= 1/2 by dai-sam-bounded-direction. r_p = |w^p|. The kink at 0 is rounded off within |w| < 1 (Huber), "
    "which a start with x >= 1 + rho never meets; then the loss is 1-smooth. Gradient descent stays bounded on it for "
    "eta < 2.",
    rests=("dai-sam-bounded-direction",),
    steps=(
        Entails("across", _yp**2 >= rho**2 / 2, "y and rho u_2 have one sign"),
        Entails("square", _rp**2 <= (_r + rho) ** 2, "x u_1 + y u_2 <= r"),
        Entails("length", _rp <= _r + rho, "both are positive", uses=("square",)),
        Entails("sides", _xp <= _rp, "a coordinate"),
        Equal("product", equal((_rp - _xp) * (_rp + _xp), _rp**2 - _xp**2), "expand"),
        Entails(
            "part", (_rp - _xp) * (2 * _rp) >= rho**2 / 2, "r_p + x_p <= 2 r_p", uses=("across", "sides", "product")
        ),
        Entails("share", (1 - _xp / _rp) * (2 * _rp**2) >= rho**2 / 2, "divide by r_p", uses=("part",)),
        Entails(
            "moves",
            _after - x >= eta * rho**2 / (4 * (_r + rho) ** 2),
            "r_p <= r + rho",
            uses=("share", "length", "square"),
        ),
        Entails("together", _moves, "all", uses=("across", "length", "moves")),
    ),
    argument="Along the ray of minima the loss has the curvature 1/r across it, which falls outwards, so the cycle "
    "drifts outwards. In numbers: at w^p the derivative by x is x_p/r_p - 1 <= -y_p^2/(2 r_p^2), and the ascent keeps "
    "|y_p| >= rho/sqrt 2. Each step therefore adds at least eta rho^2/(4 (r + rho)^2) to x, and if r stayed bounded x "
    "would not.",
    finding="Convexity and a minimum do not bound normalised SAM, at any step size; strong convexity does.",
    twins=(Twin("twice as fast without the ascent's share", _after - x >= eta * rho**2 / (_r + rho) ** 2),),
)
_n = real("n_1")
_NORMED = (
    _r > 0,
    equal(_r**2, x**2 + y**2),
    sp.Ne(y, 0),
    x > 0,
    _n > 0,
    equal(_n**2, (x / _r - 1) ** 2 + (y / _r) ** 2),
)
_direction = equal((y / _r / _n) ** 2, (1 + x / _r) / 2)
DIRECTION = Claim(
    id="dai-sam-bounded-direction",
    title="The direction of the gradient of |w| - x",
    place=BEYOND,
    voice="ours",
    says="The part of the unit vector along (x/r - 1, y/r) across the ray has the square (1 + x/r)/2.",
    statement=_direction,
    given=_NORMED,
    reading="n_1 is the gradient's length.",
    steps=(
        Entails("length", equal(_n**2, 2 * (1 - x / _r)), "(x/r)^2 + (y/r)^2 = 1"),
        Entails("part", equal((y / _r) ** 2, (1 - x / _r) * (1 + x / _r)), "(x/r)^2 + (y/r)^2 = 1"),
        Entails("both", equal((y / _r) ** 2, _n**2 * (1 + x / _r) / 2), "put in", uses=("length", "part")),
        Entails("direction", _direction, "divide by n^2", uses=("both",)),
    ),
    argument="With c = x/r the gradient's length squared is (1 - c)^2 + 1 - c^2 = 2(1 - c). Its part across is 1 - "
    "c^2. The quotient is (1 + c)/2.",
    twins=(Twin("(1 - x/r)/2", equal((y / _r / _n) ** 2, (1 - x / _r) / 2)),),
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
    CONTRACTS,
    SHARP,
    EDGE,
    CONVEX,
    DIRECTION,
)
