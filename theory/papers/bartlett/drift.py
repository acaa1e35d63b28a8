r"""Along a valley of minima the 2-cycle drifts towards smaller top eigenvalues.

Key results, in the valley y = 0 of $\ell = l(x)\,y^2/2$ with $l(0) = L$ and slope $l'(0) = b$
- On the cycle the step along the valley is $-2\eta\rho^2 b/(2-\eta L)^2$ to leading order in rho, at any step size; the
  printed $-\eta\rho^2 b/2$ is its limit for $\eta \to 0$.
- With heavy ball it is $-\frac{\eta}{2(1-\gamma)}\bigl(\frac{2(1+\gamma)\rho}{2(1+\gamma)-\eta L}\bigr)^2 b$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss
from saddlecheck.theory.papers.bartlett.descent import L
from saddlecheck.theory.symbols import Expr, Formula, eta, gamma, real, rho, x, y

_PLACE = Place("attributed", "the drift along a valley")
_b, _e, _q, _m = real("b"), real("e"), real("q"), real("m_x")
_VALLEY = BareLoss((x, y), (L + _b * x + _e * x**2) * y**2 / 2)
_MAP = OPTIMISERS["sam_normalised"]

# The force at (0, q rho), q the cycle's half-width over rho: the gradient there is q rho (b q rho/2, L), which is
# divided by its length q rho N.
_N = sp.sqrt(L**2 + _b**2 * _q**2 * rho**2 / 4)
_XP, _YP = _b * _q * rho**2 / (2 * _N), _q * rho + rho * L / _N
_FORCE = ((_b + 2 * _e * _XP) * _YP**2 / 2, (L + _b * _XP + _e * _XP**2) * _YP)


def _at(side: int) -> list[Expr]:
    """The force of normalised SAM at the cycle's point (0, +-q rho), as the optimiser has it."""
    return [part.subs({x: 0, y: side * _q * rho}, simultaneous=True) for part in _MAP.direction(_VALLEY)]


def _order(part: Expr, k: int) -> Coefficient:
    return Coefficient(part, rho, sp.S.Zero, sp.Integer(k))


# The same by names, for displays.
_F_1, _F_2, _X_P, _Y_P, _LENGTH = (sp.Function(name) for name in ("F_1", "F_2", "x^{p}", "y^{p}", "N"))
_MEANINGS = {
    _F_1(rho): (_b + 2 * _e * _X_P(rho)) * _Y_P(rho) ** 2 / 2,
    _F_2(rho): (L + _b * _X_P(rho) + _e * _X_P(rho) ** 2) * _Y_P(rho),
    _X_P(rho): _b * _q * rho**2 / (2 * _LENGTH(rho)),
    _Y_P(rho): _q * rho + rho * L / _LENGTH(rho),
    _LENGTH(rho): _N,
}

_force = every(
    equal(_at(1)[0], _FORCE[0]),
    equal(_at(1)[1], _FORCE[1]),
    equal(_at(-1)[0], _FORCE[0]),
    equal(_at(-1)[1], -_FORCE[1]),
)
_ALONG, _ACROSS = _b * (_q + 1) ** 2 / 2, L * (_q + 1)
_orders = every(
    equal(_order(_FORCE[0], 0), 0),
    equal(_order(_FORCE[0], 1), 0),
    equal(_order(_FORCE[0], 2), _ALONG),
    equal(_order(_FORCE[1], 0), 0),
    equal(_order(_FORCE[1], 1), _ACROSS),
)
_expansion = every(_force, _orders)
EXPANSION = Claim(
    id="two-cycle-drift-expansion",
    title="The force at a point of the cycle, to second order along the valley",
    place=BEYOND,
    voice="ours",
    says="At (0, +-q rho) the force of normalised SAM is b (q + 1)^2 rho^2/2 along the valley, the same at both "
    "points, and +-L (q + 1) rho across it, to leading order in rho.",
    statement=_expansion,
    given=(L > 0, rho > 0, _q > 0),
    reading="The loss is (L + b x + e x^2) y^2/2; higher powers of x enter later, for x^p is of order rho^2. N is "
    "the gradient's length over q rho; the force is written with it so that it can be expanded at rho = 0.",
    steps=(
        Entails("N", L**2 + _b**2 * _q**2 * rho**2 / 4 > 0, "L^2 is positive"),
        Entails("gradient", _b**2 * _q**4 * rho**4 / 4 + L**2 * _q**2 * rho**2 > 0, "its second part is"),
        Equal("force", _force, "divide the gradient by q rho", uses=("N", "gradient")),
        Equal("orders", _orders, "N is L up to rho^2", uses=("N",)),
        Entails("together", _expansion, "both", uses=("force", "orders")),
    ),
    argument="At (0, q rho) the gradient is (b q^2 rho^2/2, L q rho), so its direction is across the valley up to "
    "order rho. The ascent leads to y^p = (q + 1) rho and to x^p of order rho^2. The gradient there is b (y^p)^2/2 "
    "along the valley and L y^p across it. At (0, -q rho) the first is the same and the second has the other sign.",
    twins=(
        Twin("the force before the ascent", equal(_order(_FORCE[0], 2), _b * _q**2 / 2)),
        Twin("the ascent alone", equal(_order(_FORCE[0], 2), _b / 2)),
    ),
)

_GIVEN = (L > 0, eta > 0, eta * L < 2, equal(_q * (2 - eta * L), eta * L))
_A_STEP = eta * _order(_FORCE[0], 2)  # minus the displacement, over rho^2


def _settled(at: Expr) -> Formula:
    """The displacement's coefficient of rho^2 is that number."""
    return equal(_A_STEP, at)


_printed = _settled(eta * _b / 2)
FINITE = Claim(
    id="two-cycle-drift-finite",
    title="The drift is exactly (eta rho^2/2) grad l_1 to leading order in rho, at every step size",
    place=_PLACE,
    voice="reading",
    provenance="seen",
    says="The printed coefficient, read at a finite step: the displacement's coefficient of rho^2 is -(eta/2) grad "
    "l_1.",
    statement=_printed,
    display=Display(
        equal(eta * _order(_F_1(rho), 2), eta * _b / 2), {n: m for n, m in _MEANINGS.items() if n != _F_2(rho)}
    ),
    given=_GIVEN,
    hints=({L: 1, eta: 1, _q: 1, _b: 1, _e: 0},),
    argument="On the cycle the ascended weight is at (q + 1) rho = 2 rho/(2 - eta L) from the valley and not at rho. "
    "At eta L = 1 that is twice as far and the force, which goes with its square, four times as large. Only for eta L "
    "-> 0 is the cycle so narrow that the ascent alone counts.",
    finding="Too small by the factor (1 - eta L/2)^2, a fourth at eta L = 1.",
    twins=(Twin("twice as large", _settled(eta * _b)),),
)
_both = every(equal(_A_STEP * (2 - eta * L) ** 2, 2 * eta * _b), equal(_q - eta * _order(_FORCE[1], 1), -_q))
_drift_steps = (
    Entails("reach", equal((_q + 1) * (2 - eta * L), 2), "q (2 - eta L) + 2 - eta L"),
    Equal(
        "coefficients",
        every(equal(_order(_FORCE[0], 2), _ALONG), equal(_order(_FORCE[1], 1), _ACROSS)),
        "as in the expansion",
    ),
)
EXACT = Claim(
    id="two-cycle-drift-exact",
    title="The drift is 2 eta rho^2/(2 - eta L)^2 grad l_1 a step",
    place=BEYOND,
    voice="ours",
    says="On the cycle q = eta L/(2 - eta L) the displacement along the valley is -2 eta rho^2 b/(2 - eta L)^2 a "
    "step to leading order in rho, for every eta L < 2, and the step across leads to the opposite point.",
    statement=_both,
    display=Display(
        (
            equal(eta * _order(_F_1(rho), 2) * (2 - eta * L) ** 2, 2 * eta * _b),
            equal(_q - eta * _order(_F_2(rho), 1), -_q),
        ),
        _MEANINGS,
    ),
    given=_GIVEN,
    amends="two-cycle-drift-finite",
    rests=("two-cycle-drift-expansion",),
    steps=(
        *_drift_steps,
        Entails("along", equal(_ALONG * (2 - eta * L) ** 2, 2 * _b), "the square of the reach", uses=("reach",)),
        Entails("across", equal(_q - eta * _ACROSS, -_q), "q (2 - eta L) = eta L"),
        Entails("together", _both, "put in", uses=("coefficients", "along", "across")),
    ),
    argument="The cycle's half-width is q rho with q = eta L/(2 - eta L), so the ascended weight is (q + 1) rho = 2 "
    "rho/(2 - eta L) from the valley. There the gradient along the valley is b/2 times the square of this distance. "
    "It is the same at both points of the cycle, so each step moves by eta times it.",
    twins=(
        Twin("no square", equal(_A_STEP * (2 - eta * L), 2 * eta * _b)),
        Twin("the drift for small steps", _printed),
    ),
)
_small = equal(Coefficient(2 * eta * _b / (2 - eta * L) ** 2, eta, sp.S.Zero, sp.S.One), _b / 2)
DRIFT = Claim(
    id="two-cycle-drift",
    title="Near a valley the cycle drifts by -(eta rho^2/2) grad l_1 a step",
    place=_PLACE,
    voice="paper",
    provenance="seen",
    says="Wen, Ma and Li report of Bartlett, Long and Bousquet: near a valley of minima SAM's cycle moves along the "
    "valley by -(eta rho^2/2) grad l_1 a step. Here as the leading order in eta of the leading order in rho.",
    statement=_small,
    given=(),
    reading="The exact leading order in rho is claim two-cycle-drift-exact; its first order in eta is taken.",
    rests=("two-cycle-drift-exact",),
    steps=(Equal("small steps", _small, "2/(2 - eta L)^2 is 1/2 at eta = 0"),),
    argument="The drift a step is 2 eta rho^2/(2 - eta L)^2 times grad l_1 to leading order in rho. Its expansion in "
    "eta begins with eta rho^2/2. So the printed coefficient is right for small steps, and only for these.",
    twins=(Twin("eta rho^2", equal(Coefficient(2 * eta * _b / (2 - eta * L) ** 2, eta, sp.S.Zero, sp.S.One), _b)),),
    related=("two-cycle-drift-finite", "two-cycle-drift-exact"),
)

_HEAVY = 2 * (1 + gamma)
_heavy = equal(eta * _m * 2 * (1 - gamma) * (_HEAVY - eta * L) ** 2, eta * _b * _HEAVY**2)
MOMENTUM = Claim(
    id="two-cycle-drift-momentum",
    title="With heavy ball the drift sums over the buffer and the cycle is narrower",
    place=BEYOND,
    voice="ours",
    says="With heavy ball the displacement a step is -(eta/(2(1 - gamma))) (2(1 + gamma) rho/(2(1 + gamma) - eta "
    "L))^2 grad l_1 to leading order in rho.",
    statement=_heavy,
    given=(
        L > 0,
        eta > 0,
        gamma >= 0,
        gamma < 1,
        eta * L < _HEAVY,
        equal(_q * (_HEAVY - eta * L), eta * L),
        equal(_m, gamma * _m + _ALONG),
    ),
    reading="m_x rho^2 is the buffer's part along the valley once it has settled, m_x = gamma m_x + b (q + 1)^2/2 by "
    "claim two-cycle-drift-expansion, and eta m_x rho^2 the displacement; q is the half-width of claim "
    "two-cycle-momentum.",
    rests=("two-cycle-drift-expansion", "two-cycle-momentum"),
    steps=(
        Entails("reach", equal((_q + 1) * (_HEAVY - eta * L), _HEAVY), "add both terms"),
        Entails("settled", equal(2 * _m * (1 - gamma), _b * (_q + 1) ** 2), "the buffer's equation"),
        Entails(
            "square", equal((_q + 1) ** 2 * (_HEAVY - eta * L) ** 2, _HEAVY**2), "square the reach", uses=("reach",)
        ),
        Entails("drift", _heavy, "multiply", uses=("settled", "square")),
    ),
    argument="The force along the valley is the same at both points of the cycle, so the buffer settles at 1/(1 - "
    "gamma) times it. The cycle's half-width is eta L rho/(2(1 + gamma) - eta L), which brings the ascended weight to "
    "the distance 2(1 + gamma) rho/(2(1 + gamma) - eta L). Half the slope times its square is the force.",
    finding="For small steps momentum speeds the drift up by 1/(1 - gamma), as it does a gradient's; at a given eta "
    "L the narrower cycle takes part of this back.",
    twins=(
        Twin("the cycle without momentum", equal(eta * _m * 2 * (1 - gamma) * (2 - eta * L) ** 2, 4 * eta * _b)),
        Twin("no sum over the buffer", equal(eta * _m * 2 * (_HEAVY - eta * L) ** 2, eta * _b * _HEAVY**2)),
    ),
)
CLAIMS: tuple[Claim, ...] = (DRIFT, EXPANSION, FINITE, EXACT, MOMENTUM)
