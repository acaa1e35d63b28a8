r"""A loss of a product, l(xy): normalised SAM drifts along its minima to flatter ones, USAM stops.

Key results, at the minimum (0, y) of curvature $y^2$, with $u = \eta y^2$ and $l''(0) = 1$
- Normalised SAM lowers y by $4\eta\rho^2 y/(2-u)^2$ a step, to leading order in rho, and does not stop.
- From $u_0$ to u it takes $(4\ln(u_0/u) - 4(u_0-u) + (u_0^2-u^2)/2)/(8\eta\rho^2)$ steps.
- USAM is attracted to (0, y) exactly for $(1+\rho y^2)y^2 < 2/\eta$, and then rests there.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss
from saddlecheck.theory.symbols import Expr, eta, real, rho, x, y

_PLACE = Place("attributed", "a loss of a product")
_c, _e, _q = real("c"), real("e"), real("q")


def _outer(product: Expr) -> Expr:
    """The loss l with l'' = 1 at its minimum 0, and any third and fourth derivative."""
    return product**2 / 2 + _c * product**3 + _e * product**4


def _inner(product: Expr) -> Expr:
    """Its derivative."""
    return product + 3 * _c * product**2 + 4 * _e * product**3


# The force of normalised SAM at x = q rho, q > 0: the gradient (y l', x l') has l' > 0 for small rho and the direction
# (y, q rho)/N.
_N = sp.sqrt(y**2 + _q**2 * rho**2)
_XP, _YP = _q * rho + rho * y / _N, y + _q * rho**2 / _N
_FORCE = (_YP * _inner(_XP * _YP), _XP * _inner(_XP * _YP))
_GRADIENT = (y * _inner(x * y), x * _inner(x * y))


def _order(part: Expr, k: int) -> Coefficient:
    return Coefficient(part, rho, sp.S.Zero, sp.Integer(k))


# The same by names, for displays.
_p, _LOSS, _SLOPE = real("p"), sp.Function("\\ell"), sp.Function("\\ell'")
_F_1, _F_2, _X_P, _Y_P, _LENGTH = (sp.Function(name) for name in ("F_1", "F_2", "x^{p}", "y^{p}", "N"))
_MEANINGS = {
    _F_1(rho): _Y_P(rho) * _SLOPE(_X_P(rho) * _Y_P(rho)),
    _F_2(rho): _X_P(rho) * _SLOPE(_X_P(rho) * _Y_P(rho)),
    _SLOPE(_p): _inner(_p),
    _X_P(rho): _q * rho + rho * y / _LENGTH(rho),
    _Y_P(rho): y + _q * rho**2 / _LENGTH(rho),
    _LENGTH(rho): _N,
}

_is_gradient = every(*(equal(sp.Derivative(_outer(x * y), v), g) for v, g in zip((x, y), _GRADIENT, strict=True)))
_same_direction = equal(x * sp.Derivative(_outer(x * y), x), y * sp.Derivative(_outer(x * y), y))
_orders = every(
    equal(_order(_FORCE[0], 1), (_q + 1) * y**2),
    equal(_order(_FORCE[1], 0), 0),
    equal(_order(_FORCE[1], 1), 0),
    equal(_order(_FORCE[1], 2), (_q + 1) ** 2 * y),
)
_drift = equal(eta * _order(_FORCE[1], 2) * (2 - eta * y**2) ** 2, 4 * eta * y)
_circles = equal(_q - eta * _order(_FORCE[0], 1), -_q)
_flattens = above(eta * _order(_FORCE[1], 2))
_moves = every(_circles, _drift, _flattens)
DRIFT = Claim(
    id="dai-product",
    title="On l(xy) normalised SAM keeps drifting to flatter minima",
    place=_PLACE,
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: on l(xy) SAM keeps drifting along the minima x = 0 to smaller y. Here with "
    "its law: y falls by 4 eta rho^2 y/(2 - eta y^2)^2 a step to leading order in rho.",
    statement=_moves,
    display=Display(
        (
            equal(_q - eta * _order(_F_1(rho), 1), -_q),
            equal(eta * _order(_F_2(rho), 2) * (2 - eta * y**2) ** 2, 4 * eta * y),
            above(eta * _order(_F_2(rho), 2)),
        ),
        _MEANINGS,
    ),
    given=(y > 0, eta > 0, _q > 0, eta * y**2 < 2, equal(_q * (2 - eta * y**2), eta * y**2)),
    reading="On the cycle x = +-q rho, q = eta y^2/(2 - eta y^2), by the force expanded in claim dai-product-force. "
    "The curvature across the minimum at (0, y) is y^2. The drift is positive at every y > 0, so that it never stops.",
    rests=("dai-product-force",),
    steps=(
        Equal("force", _orders, "N is y up to rho^2"),
        Entails("reach", equal((_q + 1) * (2 - eta * y**2), 2), "q (2 - u) + 2 - u, u = eta y^2"),
        Entails("circles", _circles, "q (2 - u) = u", uses=("force",)),
        Entails("square", equal((_q + 1) ** 2 * (2 - eta * y**2) ** 2, 4), "of the reach", uses=("reach",)),
        Entails("drift", _drift, "put in", uses=("force", "square")),
        Entails("positive", above(eta * ((_q + 1) ** 2 * y)), "a product of positive numbers"),
        Entails("flattens", _flattens, "the same", uses=("force", "positive")),
        Entails("together", _moves, "all", uses=("circles", "drift", "flattens")),
    ),
    argument="Across the minimum the loss is y^2 x^2/2 to leading order, and SAM circles at q rho. At the ascended "
    "weight, (q + 1) rho away, the derivative by y is (q + 1)^2 rho^2 y. As q + 1 = 2/(2 - eta y^2), each step lowers "
    "y by 4 eta rho^2 y/(2 - eta y^2)^2. It is the drift along a valley with l_1 = y^2.",
    twins=(
        Twin("the law for small steps", equal(eta * _order(_FORCE[1], 2), eta * y)),
        Twin("no square", equal(eta * _order(_FORCE[1], 2) * (2 - eta * y**2), 4 * eta * y)),
    ),
    related=("dai-product-usam", "dai-product-time"),
)
_expanded = every(_is_gradient, _same_direction, _orders)
FORCE = Claim(
    id="dai-product-force",
    title="The force of normalised SAM beside the minima of l(xy)",
    place=BEYOND,
    voice="ours",
    says="At (q rho, y) the gradient of l(xy) points along (y, q rho), and the force of normalised SAM is ((q + 1) "
    "y^2 rho, (q + 1)^2 y rho^2) to leading order.",
    statement=_expanded,
    display=Display(
        (
            equal(sp.Derivative(_LOSS(x * y), x), y * _SLOPE(x * y)),
            equal(sp.Derivative(_LOSS(x * y), y), x * _SLOPE(x * y)),
            equal(x * sp.Derivative(_LOSS(x * y), x), y * sp.Derivative(_LOSS(x * y), y)),
            equal(_order(_F_1(rho), 1), (_q + 1) * y**2),
            *(equal(_order(_F_2(rho), k), part) for k, part in enumerate((0, 0, (_q + 1) ** 2 * y))),
        ),
        {_LOSS(_p): _outer(_p), **_MEANINGS},
    ),
    given=(y > 0, _q > 0, rho > 0),
    reading="l(p) = p^2/2 + c p^3 + e p^4: higher terms enter later. N is the length of (y, q rho). For x = -q rho "
    "the leading orders are the same, but for the sign of the first.",
    steps=(
        Equal("gradient", _is_gradient, "the chain rule"),
        Equal("direction", _same_direction, "both are l' times"),
        Equal("orders", _orders, "N is y up to rho^2"),
        Entails("together", _expanded, "all", uses=("gradient", "direction", "orders")),
    ),
    argument="The gradient of l(xy) is l'(xy) (y, x), so beside the minimum its direction is nearly along x. The "
    "ascent adds rho to x and something of order rho^2 to y. At that weight l' is (q + 1) rho y to leading order.",
    twins=(Twin("without the ascent", equal(_order(_FORCE[1], 2), _q**2 * y)),),
)
_USAM = OPTIMISERS["sam"].update(BareLoss((x, y), _outer(x * y)))
_factor = equal(Coefficient(_USAM[0], x, sp.S.Zero, sp.S.One), 1 - eta * y**2 * (1 + rho * y**2))
_rests = every(equal(value(_USAM[0], x, 0), 0), equal(value(_USAM[1], x, 0), y))
_FACTOR = 1 - eta * y**2 * (1 + rho * y**2)
_attracts = iff(every(below(_FACTOR, 1), above(_FACTOR, -1)), below(eta * ((1 + rho * y**2) * y**2), 2))
_stops = every(_factor, _rests, _attracts)
USAM = Claim(
    id="dai-product-usam",
    title="USAM stops at the first minimum with (1 + rho y^2) y^2 < 2/eta",
    place=_PLACE,
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: on l(xy) USAM stops once (1 + rho y^2) y^2 < 2/eta. Every (0, y) is a "
    "fixed point, and attracts across the minima exactly then.",
    statement=_stops,
    given=(y > 0, eta > 0, rho > 0),
    reading="The multiplier of x at (0, y); y itself stays where it is, as all its neighbours on x = 0 do.",
    steps=(
        Equal("factor", _factor, "the part linear in x"),
        Equal("rests", _rests, "the gradient is 0"),
        Entails("positive", above(eta * y**2 * (1 + rho * y**2)), "a product of positive numbers"),
        Entails("attracts", _attracts, "against -1, divided by eta", uses=("positive",)),
        Entails("together", _stops, "all", uses=("factor", "rests", "attracts")),
    ),
    argument="On x = 0 the gradient is 0 and with it USAM's ascent, so every (0, y) is a fixed point. Beside it x is "
    "multiplied by 1 - eta y^2 (1 + rho y^2). This is below 1 always and above -1 exactly for (1 + rho y^2) y^2 < "
    "2/eta. Then x goes to 0 geometrically, and y moves no further.",
    twins=(
        Twin("gradient descent's condition", iff(every(below(_FACTOR, 1), above(_FACTOR, -1)), below(eta * y**2, 2))),
    ),
)
_u, _u0 = real("u"), real("u_0")
TIME = (4 * sp.log(_u0 / _u) - 4 * (_u0 - _u) + (_u0**2 - _u**2) / 2) / (8 * eta * rho**2)
_FALL = 8 * eta * rho**2 * _u / (2 - _u) ** 2  # of u = eta y^2 a step
_chain = equal(2 * eta * y * (4 * eta * rho**2 * y / (2 - eta * y**2) ** 2), value(_FALL, _u, eta * y**2))
_takes = equal(-sp.Derivative(TIME, _u) * _FALL, 1)
_starts = equal(value(TIME, _u, _u0), 0)
_time = every(_chain, _takes, _starts)
STEPS = Claim(
    id="dai-product-time",
    title="The time between two sharpnesses",
    place=BEYOND,
    voice="ours",
    says="While u = eta y^2 falls from u_0 to u normalised SAM takes (4 ln(u_0/u) - 4(u_0 - u) + (u_0^2 - u^2)/2)/(8 "
    "eta rho^2) steps, to leading order in rho.",
    statement=_time,
    given=(eta > 0, rho > 0, _u > 0, _u < 2, _u0 > 0, y > 0, eta * y**2 < 2),
    reading="u falls by 8 eta rho^2 u/(2 - u)^2 a step; the function is 0 at u_0 and gains one step as u falls by "
    "that. The sum over steps is replaced by the integral, which is right to leading order in rho.",
    rests=("dai-product",),
    steps=(
        Entails("quotient", above(_u0 / _u), "of positive numbers"),
        Equal("chain rule", _chain, "du = 2 eta y dy"),
        Equal("one step", _takes, "differentiate", uses=("quotient",)),
        Equal("start", _starts, "all differences vanish"),
        Entails("together", _time, "all", uses=("chain rule", "one step", "start")),
    ),
    argument="By the drift of y the number u = eta y^2 falls by 8 eta rho^2 u/(2 - u)^2 a step. The time is the "
    "integral of the inverse, (2 - u)^2/(8 eta rho^2 u). That is 4/u - 4 + u over 8 eta rho^2.",
    finding="For flat minima u falls like exp(-2 eta rho^2 t): the drift does not end, but it slows down with y.",
    twins=(Twin("the drift of small steps", equal(-sp.Derivative(TIME, _u) * (2 * eta * rho**2 * _u), 1)),),
)
CLAIMS: tuple[Claim, ...] = (DRIFT, FORCE, USAM, STEPS)
