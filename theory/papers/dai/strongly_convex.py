r"""Normalised SAM on strongly convex, smooth losses: the rate and the floor, for the class by its inequalities.

Key results, for alpha-strongly convex, beta-smooth losses
- For $\eta \le 1/\beta$: $f - f^*$ is at most
  $(1-\alpha\eta(2-\eta\beta))^t(f_0-f^*) + \eta\beta^3\rho^2/(2\alpha(2-\eta\beta))$, attained at $\eta = 1/\beta$ and
  false for every larger step.
- For $1/\beta \le \eta < 2/\beta$ the loss still falls to a floor, a larger one.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, equal, every
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.symbols import eta, n, real, rho

_STRONG = Place("attributed", "strongly convex")
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
_KEPT, _LEVEL, _ALLOWED = real("q"), real("F"), sp.Function("U")  # for a display
STRONG = Claim(
    id="dai-strongly-convex",
    title="Normalised SAM on strongly convex losses, steps up to 1/beta",
    place=_STRONG,
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: on an alpha-strongly convex, beta-smooth loss, eta <= 1/beta, f - f* is at "
    "most (1 - alpha eta (2 - eta beta))^t (f_0 - f*) + eta beta^3 rho^2/(2 alpha (2 - eta beta)) after t steps.",
    statement=_theorem,
    display=Display(
        (
            _f1 <= _KEPT * _f0 + _ADDED,
            equal(_ALLOWED(n + 1), _KEPT * _ALLOWED(n) + _ADDED),
            at_least(_KEPT),
        ),
        {_ALLOWED(n): _KEPT**n * real("f_s") + _LEVEL, _KEPT: _RATE, _LEVEL: FLOOR},
    ),
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
    title="The 2-cycle stays below the strongly convex bound up to eta = 1/beta and no further",
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
    "not negative exactly for eta beta <= 1. For longer steps the loss of the cycle exceeds the bound.",
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

CLAIMS: tuple[Claim, ...] = (STRONG, TIGHT, STEP, UP_TO_ONE, BEYOND_ONE)
