r"""The 2-cycle on which normalised SAM ends: existence, reach, multiple top eigenvalue, momentum, capture.

Key results, with $c = \eta\rho L/(2(1+\gamma) - \eta L)$
- The cycles are the eigenvectors of H; only that of the top eigenvalue attracts, for every $\eta L < 2$; from 2/L on
  the weight grows by at least $2\rho$ a step.
- A multiple top eigenvalue leaves the direction within its eigenspace as it was.
- With heavy ball the cycle exists and attracts for $\eta L < 2(1+\gamma)$, and captures across $-\mu$ exactly for
  $\eta L^2 < \mu(2(1+\gamma) - \eta L) < 2(1+\gamma)L$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, quadratic
from saddlecheck.theory.papers.bartlett.descent import L, V, growth, r
from saddlecheck.theory.papers.kim.notation import slope_at
from saddlecheck.theory.symbols import Expr, Formula, eta, gamma, lam, mu, real, rho, tau, w, x, y

_SETTINGS = (eta > 0, rho > 0)
_c1, _c2 = real("c_1"), real("c_2")  # the eigenvalues of C, as in sam-is-descent-bounded
_IS_C = (equal(eta * rho * L**2 * _c1, 2 - eta * L), equal(eta * rho * lam**2 * _c2, 2 - eta * lam))
_TWO = (r > 0, equal(r**2, V[0] ** 2 + V[1] ** 2), _c2 > _c1)
_critical = iff(
    every(equal(_c1 * V[0], V[0] / r), equal(_c2 * V[1], V[1] / r)),
    sp.Or(every(equal(V[1], 0), equal(_c1 * r, 1)), every(equal(V[0], 0), equal(_c2 * r, 1)), evaluate=False),
)
_first, _second = (
    iff(equal(c * v, v / r), sp.Or(equal(v, 0), equal(c * r, 1), evaluate=False))
    for c, v in zip((_c1, _c2), V, strict=True)
)
CRITICAL = Claim(
    id="two-cycle-critical",
    title="The critical points of J are eigenvectors",
    place=BEYOND,
    voice="ours",
    says="If C has two different eigenvalues then C v = v/|v| exactly for an eigenvector with |v| = 1/C_i.",
    statement=_critical,
    given=_TWO,
    steps=(
        Entails("first coordinate", _first, "v_1 (c_1 r - 1) = 0"),
        Entails("second coordinate", _second, "v_2 (c_2 r - 1) = 0"),
        Entails("apart", implies(equal(_c1 * r, 1), above(_c2 * r, 1)), "c_2 > c_1"),
        Entails("somewhere", sp.Or(sp.Ne(V[0], 0), sp.Ne(V[1], 0), evaluate=False), "r > 0"),
        Entails(
            "critical points",
            _critical,
            "c_1 r and c_2 r are not both 1",
            uses=("first coordinate", "second coordinate", "apart", "somewhere"),
        ),
    ),
    argument="The two equations say that each coordinate of v is 0 or has C_i |v| = 1. As the eigenvalues differ, "
    "|v| can satisfy at most one of these. Both coordinates cannot be 0, so exactly one is.",
    hints=({V[0]: 3, V[1]: 4, r: 5, _c1: sp.Rational(1, 5), _c2: sp.Rational(1, 5)},),
    twins=(Twin("with a twofold eigenvalue", _critical, (*_TWO[:2], _c2 >= _c1)),),
)
_width = implies(equal(_c1 * r, 1), equal(r / L, eta * rho * L / (2 - eta * L)))
_soft_cycle = above(growth(L).subs(r, 1 / _c2), 1)
_across = growth(lam).subs(r, 1 / _c1)
_cycle = every(_critical, _width, _soft_cycle, every(below(_across, 1), above(_across, -1)))
_order = (
    Entails("soft weight", _c2 * lam**2 > _c1 * L**2, "2 - eta lambda > 2 - eta L"),
    Entails("positive", every(_c1 > 0, _c2 > 0), "2 - eta L and 2 - eta lambda are"),
    Entails("weights", _c1 * L**2 > _c1 * lam**2, "L > lambda", uses=("positive",)),
    Entails("order", _c2 > _c1, "divide by lambda^2", uses=("soft weight", "weights")),
)
CYCLE = Claim(
    id="two-cycle",
    title="Normalised SAM on a quadratic ends on the 2-cycle along the top eigenvector",
    place=Place("attributed", "the two-cycle"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Bartlett, Long and Bousquet: from almost every start normalised SAM on a positive definite "
    "quadratic ends on the 2-cycle +-c e_1, c = eta rho L/(2 - eta L). Here for every eta L < 2.",
    statement=_cycle,
    given=(lam < L, lam > 0, *_SETTINGS, eta * L < 2, *_IS_C, r > 0, equal(r**2, V[0] ** 2 + V[1] ** 2)),
    reading="In v = (-1)^t H w the cycles are the critical points of J. The formula says that these are the "
    "eigenvectors, |v| = 1/C_i on each; that the top one is the cycle of half-width c; that at any softer one the top "
    "coordinate is multiplied by more than 1, and at the top one every softer coordinate by less than 1 in size. J "
    "falls with every step and is bounded below, so that every orbit accumulates at critical points only; the top "
    "coordinate of v, which each step multiplies, rules out all but the top one unless it is 0. It is 0 only for "
    "starts on the preimages of one hyperplane, a set of measure zero. Two eigendirections here; each further one is "
    "compared with the top in the same way, whatever the dimension.",
    rests=("sam-is-descent", "sam-is-descent-decrease", "sam-is-descent-bounded"),
    steps=(
        *_order,
        cite("critical points", CRITICAL, uses=("order",)),
        Entails("half-width", _width, "r = eta rho L^2/(2 - eta L)"),
        Entails(
            "the soft cycle",
            _soft_cycle,
            "eta rho L^2 c_2 > eta rho L^2 c_1 = 2 - eta L",
            uses=("order",),
        ),
        Entails("from above", below(_across, 1), "eta rho lambda^2 c_1 < 2 - eta lambda", uses=("order",)),
        Entails("from below", above(_across, -1), "both terms are positive", uses=("positive",)),
        Entails(
            "together",
            _cycle,
            "all",
            uses=("critical points", "half-width", "the soft cycle", "from above", "from below"),
        ),
    ),
    argument="In v = (-1)^t H w a step is a gradient descent on J, which falls strictly unless grad J = 0 and is "
    "bounded below for eta L < 2; so an orbit can only accumulate where C v = v/|v|, which is on eigenvectors. A step "
    "multiplies the top coordinate of v by m = eta L - 1 + eta rho L^2/|v|. At the critical point of a softer "
    "eigenvalue |v| is so small that m > 1, so an orbit whose top coordinate is not 0 cannot stay near it. At the top "
    "one the softer coordinates are multiplied by numbers between -1 and 1. The top coordinate vanishes only if it "
    "did at the start, or after a step from the sphere on which m = 0.",
    finding="No step below 2/L is excluded, and the half-width is exact at each.",
    twins=(
        Twin("half-width eta rho L/2", implies(equal(_c1 * r, 1), equal(r / L, eta * rho * L / 2))),
        Twin("the soft cycle attracts", below(growth(L).subs(r, 1 / _c2), 1)),
    ),
    related=("two-cycle-edge", "two-cycle-multiple", "two-cycle-momentum"),
)

_grows = sp.Abs(OPTIMISERS["sam_normalised"].update(quadratic(L))[0]) >= sp.Abs(w) + 2 * rho
EDGE = Claim(
    id="two-cycle-edge",
    title="From 2/L on every step adds at least 2 rho",
    place=BEYOND,
    voice="ours",
    says="For eta L >= 2 a step of normalised SAM on L w^2/2 leads from w to at least |w| + 2 rho on the other side.",
    statement=_grows,
    given=(L > 0, *_SETTINGS, eta * L >= 2, sp.Ne(w, 0)),
    reading="So eta L < 2 is the weakest condition for a 2-cycle. At eta L = 2 the weight grows by exactly 2 rho a "
    "step.",
    steps=(Entails("grows", _grows, "(eta L - 1)|w| + eta L rho"),),
    argument="From w > 0 the ascent goes to w + rho, and the descent to (1 - eta L) w - eta L rho. For eta L >= 2 "
    "this is at most -(w + 2 rho). The map is odd, so the other side is alike.",
    twins=(Twin("a step of 3/(2L)", _grows, (L > 0, *_SETTINGS, eta * L >= sp.Rational(3, 2), sp.Ne(w, 0))),),
)

_TWOFOLD = OPTIMISERS["sam_normalised"].update(BareLoss((x, y), L * (x**2 + y**2) / 2))
_ratio = equal(_TWOFOLD[0] * y, _TWOFOLD[1] * x)
MULTIPLE = Claim(
    id="two-cycle-multiple",
    title="A multiple top eigenvalue keeps the direction of the start",
    place=BEYOND,
    voice="ours",
    says="With a twofold eigenvalue L a step keeps the ratio of the two coordinates of its eigenspace.",
    statement=_ratio,
    given=(L > 0, x**2 + y**2 > 0),
    reading="The cycle is then +-c u, with u the direction of the start's projection on the eigenspace: a circle of "
    "cycles, neutral along itself. Other eigendirections enter the step by |g| alone, which multiplies both alike.",
    steps=(
        Entails("a gradient", L**2 * x**2 + L**2 * y**2 > 0, "L^2 |w|^2"),
        Equal("ratio", _ratio, "both are multiplied by 1 - eta L (1 + rho L/|g|)", uses=("a gradient",)),
    ),
    argument="Within one eigenspace the gradient is L times the projection of w, and the ascent is along it. So a "
    "step multiplies the whole projection by one number. The projection keeps its line, on which the motion is that "
    "of one dimension.",
    twins=(
        Twin(
            "with two eigenvalues",
            equal(
                OPTIMISERS["sam_normalised"].update(BareLoss((x, y), L * x**2 / 2 + lam * y**2 / 2))[0] * y,
                _TWOFOLD[1] * x,
            ),
        ),
    ),
)

# Heavy ball: m' = gamma m + g(w^p), w' = w - eta m', the state (w, m).
_HEAVY = OPTIMISERS["heavy_ball_sam_normalised"]
_m = real("m_w")
_AFTER = [part.subs(tau, 0) for part in _HEAVY.update(quadratic(L))]
_SLACK = 2 * (1 + gamma) - eta * L
HALF_WIDTH = eta * rho * L / _SLACK
_M_AFTER, _v = real("m_{w}'"), real("v")  # for a display
_opposite = iff(
    every(equal(_AFTER[0], -w), equal(_AFTER[1], -_m)), every(equal(w * _SLACK, eta * rho * L), equal(eta * _m, -2 * w))
)
_buffer = gamma * _m + L * (w + rho)
_MOMENTUM = (L > 0, *_SETTINGS, gamma >= 0, gamma < 1, eta * L < 2 * (1 + gamma), w > 0)
MOMENTUM = Claim(
    id="two-cycle-momentum",
    title="With momentum the half-width is eta rho L/(2 (1 + gamma) - eta L)",
    place=BEYOND,
    voice="ours",
    says="With heavy ball a step leads from (w, m), w > 0, to (-w, -m) exactly for w (2(1 + gamma) - eta L) = eta "
    "rho L and m = -2w/eta.",
    statement=_opposite,
    display=Display(
        iff(
            every(equal(w - eta * _M_AFTER, -w), equal(_M_AFTER, -_m)),
            every(equal(w * (2 * (1 + gamma) - eta * L), eta * rho * L), equal(eta * _m, -2 * w)),
        ),
        {_M_AFTER: gamma * _m + slope_at(w + rho * slope_at(w) / sp.Abs(slope_at(w))), slope_at(_v): L * _v},
    ),
    given=_MOMENTUM,
    steps=(
        Equal(
            "from the right",
            every(equal(_AFTER[0], w - eta * _buffer), equal(_AFTER[1], _buffer)),
            "the ascent goes outward by rho",
        ),
        Entails(
            "the two equations",
            iff(
                every(equal(w - eta * _buffer, -w), equal(_buffer, -_m)),
                every(equal(w * _SLACK, eta * rho * L), equal(eta * _m, -2 * w)),
            ),
            "eta m' = 2w, and eta times m' = gamma m + L (w + rho) = -m",
        ),
        Entails("opposite", _opposite, "the same", uses=("from the right", "the two equations")),
    ),
    argument="On the cycle w' = -w and m' = -m. The descent w' = w - eta m' gives m' = 2w/eta, hence m = -2w/eta. "
    "The buffer's equation m' = gamma m + L(w + rho) becomes 2(1 + gamma) w/eta = L(w + rho). Its solution is "
    "positive exactly for eta L < 2(1 + gamma).",
    finding="Momentum widens the range of steps and narrows the cycle.",
    twins=(
        Twin("1 - gamma for 1 + gamma", _opposite.subs(w * _SLACK, w * (2 * (1 - gamma) - eta * L))),
        Twin("the cycle without momentum", _opposite.subs(w * _SLACK, w * (2 - eta * L))),
    ),
)

# Across the cycle: p(z) = z^2 - (1 + gamma - eta A) z + gamma, A the slope of the gradient met, at a saddle and x = c.
_SADDLE = BareLoss((x, y), L * x**2 / 2 - mu * y**2 / 2)
_SLOPE = -mu + rho * mu**2 / (L * x)
_slope = equal(Coefficient(OPTIMISERS["sam_normalised"].direction(_SADDLE)[1], y, sp.S.Zero, sp.S.One), _SLOPE)
_AT_CYCLE = -mu + mu**2 * _SLACK / (eta * L**2)
_at_cycle = equal(value(_SLOPE, x, HALF_WIDTH), _AT_CYCLE)


def stable(slope: Expr) -> Formula:
    """Both roots of z^2 - (1 + gamma - eta slope) z + gamma lie within the unit circle, for 0 <= gamma < 1."""
    return every(above(slope), above(2 * (1 + gamma) / eta - slope))


_window = iff(stable(_AT_CYCLE), every(above(mu * _SLACK - eta * L**2), above(2 * (1 + gamma) * L - mu * _SLACK)))
_p, _q, _u, _v = (real(name) for name in ("p", "q", "u", "v"))
SIGN = Claim(
    id="two-cycle-sign",
    title="Positive factors keep a sign",
    place=BEYOND,
    voice="ours",
    says="If p u = q v with p and q positive then u is positive exactly if v is.",
    statement=iff(above(_u), above(_v)),
    given=(_p > 0, _q > 0, equal(_p * _u, _q * _v)),
    steps=(Entails("both ways", iff(above(_u), above(_v)), "divide by p or by q"),),
    argument="Both sides have the sign of their second factor. They are equal. So the second factors have the same "
    "sign.",
    twins=(Twin("with a factor of any sign", iff(above(_u), above(_v)), (_p > 0, equal(_p * _u, _q * _v))),),
)
_LOWER = {_p: eta * L**2, _u: _AT_CYCLE, _q: mu, _v: mu * _SLACK - eta * L**2}
_UPPER = {
    _p: eta * L**2,
    _u: 2 * (1 + gamma) / eta - _AT_CYCLE,
    _q: mu + L,
    _v: 2 * (1 + gamma) * L - mu * _SLACK,
}
_product_below, _product_above = (equal((_p * _u).subs(at), (_q * _v).subs(at)) for at in (_LOWER, _UPPER))
_capture = every(_slope, _at_cycle, _window)
CAPTURE = Claim(
    id="two-cycle-capture",
    title="The window of negative curvatures across which the cycle attracts, with momentum",
    place=BEYOND,
    voice="ours",
    says="At a saddle with eigenvalues L and -mu the 2-cycle along L attracts across -mu exactly for eta L^2 < mu "
    "(2(1 + gamma) - eta L) < 2 (1 + gamma) L, whatever rho.",
    statement=_capture,
    given=(x > 0, mu > 0, *_MOMENTUM[:-1]),
    reading="At (c, 0) and at (-c, 0) alike the force across is A y, and heavy ball on A y contracts exactly for 0 < "
    "eta A < 2(1 + gamma): Jury's criterion for z^2 - (1 + gamma - eta A) z + gamma with 0 <= gamma < 1.",
    steps=(
        Equal("slope", _slope, "the ascent's part is rho mu^2 y/|g|, |g| = L x"),
        Equal("on the cycle", _at_cycle, "rho/(L c) = (2(1 + gamma) - eta L)/(eta L^2)"),
        Equal("against 0", _product_below, "over eta L^2"),
        Equal("against the other end", _product_above, "mu = -L is a root"),
        cite("lower end", SIGN, _LOWER, uses=("against 0",)),
        cite("upper end", SIGN, _UPPER, uses=("against the other end",)),
        Entails("window", _window, "both ends", uses=("lower end", "upper end")),
        Entails("together", _capture, "all three", uses=("slope", "on the cycle", "window")),
    ),
    argument="On the cycle the gradient's norm is Lc at both points, so that across it SAM acts like SAM with the "
    "constant radius rho/(Lc), in which rho cancels. The force there is A y with A = -mu + mu^2 (2(1 + gamma) - eta "
    "L)/(eta L^2). Heavy ball contracts on A y exactly for 0 < eta A < 2(1 + gamma). The first inequality is linear "
    "in mu after division by mu, the second one factorises with the root mu = -L.",
    twins=(
        Twin("no upper end", iff(stable(_AT_CYCLE), above(mu * _SLACK - eta * L**2))),
        Twin(
            "without momentum's share",
            iff(
                stable(_AT_CYCLE), every(*(above(part.subs(_SLACK, 2 - eta * L)) for part in (_LOWER[_v], _UPPER[_v])))
            ),
        ),
    ),
)
CLAIMS: tuple[Claim, ...] = (CYCLE, CRITICAL, EDGE, MULTIPLE, MOMENTUM, CAPTURE, SIGN)
