r"""What the exact second moment of the Langevin equation says: its overdamped limit, and what friction does to it.

Rates p, q of the response: $p + q = \phi$ and $pq = h/M$. Strong friction is $\epsilon = h/(M\phi^2) \to 0$, and
$\epsilon/(1-4\epsilon) = pq/(q-p)^2$, so that bounds in $pq/(q-p)^2$ are bounds in epsilon.

Key results: towards a minimum the overdamped law is within 3 of these units from rest and 2 from a stationary velocity
(langevin-overdamped); the displacement is an integral of the response (langevin-integral), and at a saddle it falls
with friction, so momentum raises it (langevin-friction).
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from saddlecheck.theory.claims.cite import Cite, cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, close, equal, every
from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, Step
from saddlecheck.theory.papers.ours.bounds import EXP_BOUND, EXP_SIGN
from saddlecheck.theory.papers.ours.langevin import MSD_REST, MSD_STATIONARY, PARAMETERS, RESPONSE, p, q
from saddlecheck.theory.symbols import D, Expr, Formula, M, h, phi, t, x

REST, STATIONARY = MSD_REST["distinct"], MSD_STATIONARY["distinct"]
RATES = PARAMETERS["distinct"]
# The first-order equation M phi dw = -h w dt + sqrt(2D) dW: what is left without inertia.
OVERDAMPED = D / (M * phi * h) * (1 - sp.exp(-2 * h * t / (M * phi)))
SETTLED = D / (M * phi * h)  # its stationary variance, which is also the exact one

_P, _Q = sp.exp(-p * t), sp.exp(-q * t)  # the slow and the fast rate's decay; at a saddle p < 0 < q
_SLOW = 2 * p * q / (p + q)  # the overdamped decay rate of the variance, 2h/(M phi)
_W = sp.exp(-_SLOW * t)
_LAG = 2 * p**2 / (p + q)  # by how much 2p exceeds it
_BOUND = p * q / (q - p) ** 2  # epsilon / (1 - 4 epsilon)
_SETTLED = SETTLED.subs(RATES)

STIFF: tuple[Formula, ...] = (M > 0, D > 0, p > 0, q > p, t >= 0)


def within(value: Expr, target: Expr, share: int) -> Formula:
    """|value - target| is at most share * epsilon/(1-4 epsilon) of the stationary variance."""
    return close(value, target, within=share * _BOUND * _SETTLED)


def _remainder(fast: Expr, slow: Expr) -> Expr:
    """What the fast rate leaves: p (P-Q) (fast P - slow Q) / (q-p)^2."""
    return p * (_P - _Q) * (fast * _P - slow * _Q) / (q - p) ** 2


_LEFT: Mapping[str, tuple[Expr, Expr, int]] = {
    "rest": (REST, _remainder(3 * q - p, q + p), 3),
    "stationary": (STATIONARY, _remainder(2 * q - p, p), 2),
}


def decays(name: str, rate: Expr, decay: Expr) -> Cite:
    """The step that 1 - e^(-rate t) is not negative, for a rate and a time that are not."""
    return cite(name, EXP_SIGN, {x: -rate * t}, sp.Ge(1 - decay, 0))


def _overdamped_steps() -> tuple[Step, ...]:
    """Bounds of |MSD - overdamped| for both starts; the last two steps are named "rest" and "stationary"."""
    gap = sp.And(sp.Ge(_W - _P**2, 0), sp.Le(_W - _P**2, p / q))
    delayed = 1 - _W - _SLOW * t * _W  # 1 - e^-x - x e^-x
    return (
        decays("slow decay", p, _P),
        decays("fast decay", q - p, sp.exp(-(q - p) * t)),
        Equal("split", equal(_Q, _P * sp.exp(-(q - p) * t)), "e^(-qt) = e^(-pt) e^(-(q-p)t), since the rates add up"),
        Entails("order", every(above(_Q), _Q <= _P, _P <= 1), "decays, the faster one below the slower",
                uses=("slow decay", "fast decay", "split")),
        decays("lag decay", _LAG, sp.exp(-_LAG * t)),
        cite("lag bound", EXP_BOUND, {x: -_LAG * t}, sp.Ge(sp.exp(-_LAG * t) - 1 + _LAG * t, 0)),
        increasing("overdamped bound", delayed, along=t, strict=False, because="x e^-x is at most 1 - e^-x"),
        Equal("lag", equal(_P**2, _W * sp.exp(-_LAG * t)), "2p exceeds the overdamped rate by the lag"),
        Entails("slow gap", gap, "by the bounds on both decays",
                uses=("lag", "lag decay", "lag bound", "overdamped bound")),
        Entails("friction", p + q > 0, "both rates are positive"),
        Entails("one bound for all", sp.Le(p / q, _BOUND), "q - p is less than q"),
        *_start_steps("rest"),
        *_start_steps("stationary"),
    )  # fmt: skip


def _start_steps(start: str) -> tuple[Step, ...]:
    """The difference from the overdamped law in P, Q and W, and the bounds on its parts and on the whole."""
    msd, remainder, share = _LEFT[start]
    gap, parts, bound = msd - OVERDAMPED.subs(RATES), _W - _P**2 - remainder, share * _BOUND
    below, above = bound - parts, bound + parts
    exact = every(
        equal(bound * _SETTLED - gap, _SETTLED * below), equal(bound * _SETTLED + gap, _SETTLED * above)
    )  # fmt: skip
    return (
        Equal(f"{start} difference", exact, "put the rates in"),
        Entails(f"{start} remainder", every(remainder >= 0, remainder <= bound), "0 < Q <= P <= 1", uses=("order",)),
        Entails(f"{start} parts", every(below >= 0, above >= 0), "p/q is within the bound as well",
                uses=(f"{start} remainder", "slow gap", "one bound for all")),
        Entails(f"{start} scaled", every(_SETTLED * below >= 0, _SETTLED * above >= 0),
                "the stationary variance is positive", uses=(f"{start} parts", "friction")),
        Entails(start, within(msd, OVERDAMPED.subs(RATES), share), "so the difference is within the bound",
                uses=(f"{start} difference", f"{start} scaled")),
    )  # fmt: skip


LIMIT = Claim(
    id="langevin-overdamped",
    title="The overdamped law of the Langevin equation, with its error",
    place=BEYOND,
    voice="ours",
    says=(
        "Towards a minimum with strong friction the displacement follows the first-order equation, at all times, to "
        "within 3 epsilon/(1 - 4 epsilon) of its stationary value from rest and 2 epsilon/(1 - 4 epsilon) from a "
        "stationary velocity, epsilon = h/(M phi^2)."
    ),
    given=STIFF,
    **conjunction("both", *_overdamped_steps(), of=("rest", "stationary")),
    reading="h > 0 and real rates 0 < p < q; epsilon/(1 - 4 epsilon) = p q/(q - p)^2.",
    finding="The error is relative to the stationary value: at times below 1/phi the relative error is not small.",
    twins=(
        Twin(
            "an error of second order in epsilon",
            sp.Le(sp.Abs(REST - OVERDAMPED.subs(RATES)), 3 * _BOUND**2 * _SETTLED),
        ),
    ),
)

# Friction at fixed h and M: p + q = phi and pq = const give dp/dphi = -p/(q-p), dq/dphi = q/(q-p).


def by_friction(f: Expr) -> Expr:
    """Derivative with respect to phi of a function of the two rates, h and M held."""
    return (q * sp.diff(f, q) - p * sp.diff(f, p)) / (q - p)


_G = RESPONSE["distinct"]
_EXCESS = _P * (((p + q) / (q - p)) - p * t) - _Q * (((p + q) / (q - p)) + q * t)  # -(q-p)^2 dG/dphi
_EXCESS_SLOPE = 2 * p * q / (q - p) * (_Q - _P) + p**2 * t * _P + q**2 * t * _Q
# Integral of G^2 from 0 to t: the displacement from rest is 2D/M^2 times it.
INTEGRAL = ((1 - _P**2) / (2 * p) - 2 * (1 - _P * _Q) / (p + q) + (1 - _Q**2) / (2 * q)) / (q - p) ** 2
_LESS = 2 * D / M**2 * by_friction(INTEGRAL)


def friction_steps() -> tuple[Step, ...]:
    """That friction lowers the displacement at a saddle, because it lowers the response at every time."""
    climb = -p * _P + q * _Q
    return (
        Entails("climb", climb > 0, "the growing part grows, the other decays"),
        Monotone("growth wins", _P - _Q > 0, "from 0 at t = 0", uses=("climb",),
                 of=_P - _Q, along=t, slope=climb, sign=climb > 0),
        Entails("excess slope", _EXCESS_SLOPE > 0,
                "p q < 0 times a negative difference, and squares times positive exponentials", uses=("growth wins",)),
        Monotone("excess", _EXCESS > 0, "from 0 at t = 0", uses=("excess slope",),
                 of=_EXCESS, along=t, slope=_EXCESS_SLOPE, sign=_EXCESS_SLOPE > 0),
        Equal("response", equal(by_friction(_G), -_EXCESS / (q - p) ** 2),
              "differentiate the response by phi at fixed h and M"),
        Entails("response falls", _G * by_friction(_G) < 0, "a positive response falls with friction",
                uses=("growth wins", "excess", "response")),
        Monotone("integral falls", by_friction(INTEGRAL) < 0, "it is the integral of G^2", uses=("response falls",),
                 of=by_friction(INTEGRAL), along=t, slope=2 * _G * by_friction(_G), sign=_G * by_friction(_G) < 0),
        Entails("displacement", _LESS < 0, "D and M are positive", uses=("integral falls",)),
    )  # fmt: skip


AS_INTEGRAL = Claim(
    id="langevin-integral",
    title="The Langevin displacement from rest is the integral of the response squared",
    place=BEYOND,
    voice="ours",
    says="From rest the mean squared displacement is 2D/M^2 times the integral of G^2 from 0 to t.",
    statement=every(equal(REST, 2 * D / M**2 * INTEGRAL), equal(sp.Derivative(INTEGRAL, t), _G**2)),
    given=(M > 0, sp.Ne(p, q), sp.Ne(p, 0), sp.Ne(q, 0), p + q > 0),
    steps=(
        Equal("integral", STATEMENT, "multiply the square of the response out and integrate each exponential"),
    ),
    twins=(Twin("D for 2D", equal(REST, D / M**2 * INTEGRAL)),),
)  # fmt: skip
FRICTION = Claim(
    id="langevin-friction",
    title="At a saddle friction slows the exact displacement, so momentum raises it",
    place=BEYOND,
    voice="ours",
    says=(
        "Along a direction of negative curvature the exact mean squared displacement falls with the friction phi at "
        "every time, from rest: it rises with the momentum gamma."
    ),
    statement=_LESS < 0,
    given=(M > 0, D > 0, p < 0, p + q > 0, t > 0),
    steps=friction_steps(),
    reading="The derivative of 2D/M^2 times the integral (langevin-integral) at fixed M, D and h, in the rates "
    "p < 0 < q; phi = (1 - gamma)/eta falls with gamma.",
    finding="In continuous time the paper's conclusion holds for the exact law at a saddle that SAM does not trap.",
    twins=(Twin("the displacement rises with friction", _LESS > 0),),
)

CLAIMS: tuple[Claim, ...] = (LIMIT, AS_INTEGRAL, FRICTION)
