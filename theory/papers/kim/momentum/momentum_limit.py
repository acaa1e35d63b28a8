r"""Section 4.4, equation (15): the displacement is proportional to 1/((1-gamma)B) as (1-gamma)B goes to 0.

Key results: for lambda > 0 equation (14) has that limit, with an explicit error (eq15-minimum); for lambda < 0 it
exceeds every multiple of 1/((1-gamma)B) (eq15-diverges); the algorithm itself, from an empty buffer, is bounded at any
fixed time whatever gamma is (eq15-from-rest), and its stationary variance is in exact proportion (eq15-stationary).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import close, equal, every, implies
from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, Step
from saddlecheck.theory.papers.kim.diffusion.variance_laws import DIFFUSION
from saddlecheck.theory.papers.kim.momentum.momentum import C1, C3, C4, FRICTION, MASS
from saddlecheck.theory.papers.kim.momentum.momentum_effect import DECAY, GIVEN, LEFT, MSD, E, F, c2
from saddlecheck.theory.papers.kim.notation import bound, c1, c3, c4, d_sam, msd_14
from saddlecheck.theory.papers.ours.bounds import EXP_BOUND, EXP_PARABOLA, EXP_SIGN
from saddlecheck.theory.papers.ours.langevin import MSD_REST, p, q
from saddlecheck.theory.papers.ours.langevin_limits import INTEGRAL, SETTLED
from saddlecheck.theory.symbols import B, D, M, eta, gamma, h, lam, phi, real, t, tau, x

_ERROR = LEFT * (C1 * c2**3 + C3 / C4)

EQ15 = Claim(
    id="eq15",
    title="(15): (14) becomes proportional to 1/((1 - gamma) B)",
    place=Place("4.4", "Theorem 3, (15)"),
    voice="paper",
    provenance="seen",
    says="As (1 - gamma) B goes to 0 the displacement is proportional to 1/((1 - gamma) B).",
    reading="(14) times (1 - gamma) B is the constant C1 C2^2 + C3 up to (1 - gamma)(C1 C2^3 + C3/C4), the error it "
    "has for lambda > 0. A limit has no counterexample; that no other constant and no other error would do for "
    "lambda < 0 is eq15-diverges, on which this reading rests.",
    statement=close(LEFT * B * MSD, C1 * c2**2 + C3, within=_ERROR),
    display=Display(
        (
            sp.Le(-bound, (1 - gamma) * B * d_sam - (c1 * c2**2 + c3)),
            sp.Le((1 - gamma) * B * d_sam - (c1 * c2**2 + c3), bound),
        ),
        {bound: (1 - gamma) * (c1 * c2**3 + c3 / c4), d_sam: msd_14, c1: C1, c3: C3, c4: C4},
    ),
    given=GIVEN,
    finding="False at a saddle's own direction: C4 < 0 there, and exp(-C4/(1 - gamma)) explodes as gamma goes to 1. "
    "The proof expands that exponential for a small argument, which goes to infinity, and then leaves out the factor "
    "C4/(1 - gamma) that it gets.",
    argument=(
        "If (14) were proportional to 1/((1 - gamma) B) in the limit, then (1 - gamma) B times it would stay close to "
        "a constant. For lambda < 0 the constant C4 is negative, and the second term of the product is -C3 (e^(-C4/(1 "
        "- gamma)) - 1), which grows without bound as gamma tends to 1. At lambda = -1, rho = gamma = 0 and eta = B = "
        "t = C2 = 1 the product is (1 - 1/e)^2/2 + (e^2 - 1)/2, which differs from C1 C2^2 + C3 = 0 by more than the "
        "error 3/4. No other constant serves either: eq15-diverges shows that every one is exceeded."
    ),
    twins=(Twin("for lambda < 0 alone", STATEMENT, (*GIVEN, lam < 0)),),
    rests=("eq15-diverges",),
    related=("eq15-from-rest", "eq15-stationary"),
)

_BELOW, _ABOVE = (
    (c2 * LEFT) ** 2 - (1 - E) ** 2,
    (1 - E) ** 2 - (c2 * LEFT) ** 2 + (c2 * LEFT) ** 3,
)  # both of them at least 0
_TAIL = 1 - C4 / LEFT * F  # 1 - y e^-y


def _square_steps() -> tuple[Step, ...]:
    """x^2 - x^3 <= (1 - e^-x)^2 <= x^2 for x = C2 (1 - gamma), along C2."""
    return (
        DECAY,
        cite("tangent", EXP_BOUND, {x: -(c2 * LEFT)}, E - 1 + c2 * LEFT > 0),
        cite("parabola", EXP_PARABOLA, {x: -(c2 * LEFT)}, 1 - E - c2 * LEFT + (c2 * LEFT)**2 / 2 > 0),
        Entails("square", every(_BELOW >= 0, _ABOVE >= 0), "square x - x^2/2 < 1 - e^(-x) < x, and 1 - e^(-x) > 0",
                uses=("decay", "tangent", "parabola")),
    )  # fmt: skip


def _tail_steps() -> tuple[Step, ...]:
    """C3 e^-y <= C3/y for y = C4/(1 - gamma), along t; lambda > 0."""
    rate = C4 / t / LEFT
    delayed = 1 - F - rate * t * F
    return (
        increasing("delayed", delayed, along=t, because="y e^-y is below 1 - e^-y"),
        Entails("tail", _TAIL > 0, "an exponential is positive", uses=("delayed",)),
    )  # fmt: skip


MINIMUM = Claim(
    id="eq15-minimum",
    title="(15) holds for lambda > 0, with an explicit error",
    says="For a positive eigenvalue (14) times (1 - gamma) B tends to C1 C2^2 + C3, with an error of order 1 - gamma.",
    steps=(
        *_square_steps(),
        *_tail_steps(),
        Entails("signs", every(LEFT > 0, C1 > 0, C3 > 0, C4 > 0), "gamma < 1 and lambda > 0 in C1, C3 and C4"),
        Equal("less",
              equal(_ERROR - (LEFT * B * MSD - (C1 * c2**2 + C3)),
                    C1 / LEFT**2 * _BELOW + C3 * F + LEFT * C1 * c2**3 + LEFT * C3 / C4),
              "the error minus the difference, multiplied out and regrouped"),
        Equal("more",
              equal(_ERROR + (LEFT * B * MSD - (C1 * c2**2 + C3)), C1 / LEFT**2 * _ABOVE + C3 / C4 * LEFT * _TAIL),
              "the error plus the difference, multiplied out and regrouped"),
        Entails("thermal", every(C1 / LEFT**2 * _BELOW >= 0, C1 / LEFT**2 * _ABOVE >= 0, LEFT * C1 * c2**3 > 0),
                "C1, 1 - gamma and C2 are positive, the two differences at least 0", uses=("square", "signs")),
        Entails("overdamped", every(C3 * F > 0, C3 / C4 * LEFT * _TAIL > 0, LEFT * C3 / C4 > 0),
                "C3, C4, 1 - gamma, the exponential and the tail are positive",
                uses=("tail", "signs")),
        Entails("close", STATEMENT, "sums of what is not negative", uses=("less", "more", "thermal", "overdamped")),
    ),
    **under(EQ15, lam > 0),
    finding="A limit of (14), which is not the displacement from rest at a fixed time: see eq15-from-rest.",
    argument=(
        "Let x = C2 (1 - gamma) > 0. From x - x^2/2 < 1 - e^(-x) < x it follows that (1 - e^(-x))^2 lies between x^2 "
        "- x^3 and x^2, so the first term of (1 - gamma) B times (14) is within (1 - gamma) C1 C2^3 of C1 C2^2. For "
        "lambda > 0 let y = C4/(1 - gamma) > 0. From y e^(-y) < 1 it follows that C3 e^(-y) < (1 - gamma) C3/C4, so "
        "the second term is that close to C3. The two errors add up."
    ),
    twins=(Twin("without the error of the thermal term", LEFT * C3 / C4 + (LEFT * B * MSD - (C1 * c2**2 + C3)) >= 0),),
)  # fmt: skip

PROOF = Claim(
    id="eq15-proof",
    title="Proof of Theorem 3: the printed expansion of the second term",
    place=Place("appendix", "proof of Theorem 3"),
    voice="paper",
    provenance="seen",
    says="With e^(-y) taken as 1 - y, y = C4/(1 - gamma), the second term is C3/((1 - gamma) B).",
    statement=equal(C3 / (LEFT * B) * (1 - (1 - C4 / LEFT)), C3 / (LEFT * B)),
    display=Display(
        equal(c3 / ((1 - gamma) * B) * sp.Add(1, -(1 - c4 / (1 - gamma)), evaluate=False), c3 / ((1 - gamma) * B)),
        {c3: C3, c4: C4},
    ),
    given=GIVEN,
    finding="It would be C3 C4/((1 - gamma)^2 B). And y goes to infinity in the limit meant, where e^(-y) is no 1 - y.",
    argument=(
        "Replacing e^(-y) by 1 - y in 1 - e^(-y) gives y = C4/(1 - gamma). The second term then is C3 C4/((1 - "
        "gamma)^2 B), not C3/((1 - gamma) B): the factor y has been left out. At lambda = eta = B = t = 1 and rho = "
        "gamma = 0 the two are 1 and 1/2. Besides, y tends to infinity as gamma tends to 1, where e^(-y) is not close "
        "to 1 - y."
    ),
    twins=(Twin("for lambda > 0", STATEMENT, (*GIVEN, lam > 0)),),
)

# ---- at a saddle

constant = real("K")


def _growth_steps() -> tuple[Step, ...]:
    """C3 (1 - F) > C3 C4/(1 - gamma) for lambda < 0: an exponential lies above its tangent, along t."""
    rate = -C4 / t / LEFT  # positive
    above = F - 1 - rate * t
    return (
        cite("tangent", EXP_BOUND, {x: rate * t}, above > 0),
        Entails("excess", -C3 * above > 0, "-C3 > 0 times a positive number, since lambda < 0", uses=("tangent",)),
        Equal("parts", equal(LEFT * B * MSD, C1 * (1 - E) ** 2 / LEFT**2 - C3 * above + C3 * C4 / LEFT),
              "multiply (14) by (1 - gamma) B and regroup"),
        Entails("thermal", C1 * (1 - E) ** 2 / LEFT**2 >= 0, "C1 > 0 times a square, over a square"),
        Entails("constant", implies(LEFT * constant < C3 * C4, sp.Gt(C3 * C4 / LEFT, constant)),
                "gamma is close enough to 1"),
    )  # fmt: skip


DIVERGES = Claim(
    id="eq15-diverges",
    title="At a saddle (14) exceeds every multiple of 1/((1 - gamma) B)",
    place=Place("4.4", "Theorem 3, (15)"),
    voice="ours",
    says="For a negative eigenvalue, whatever the constant K, (14) is above K/((1 - gamma) B) once (1 - gamma) K is "
    "below C3 C4.",
    argument=(
        "For lambda < 0 both C3 and C4 are negative. The exponential lies above its tangent, so e^(-C4/(1 - gamma)) - "
        "1 > -C4/(1 - gamma), and multiplied by -C3 > 0 the second term of (1 - gamma) B times (14) exceeds C3 C4/(1 "
        "- gamma). The first term is not negative. If (1 - gamma) K < C3 C4, the sum exceeds K. Any constant K is "
        "exceeded in this way once gamma is close enough to 1."
    ),
    statement=implies(LEFT * constant < C3 * C4, sp.Gt(LEFT * B * MSD, constant)),
    given=(*GIVEN, lam < 0),
    steps=(
        *_growth_steps(),
        Entails("grows", STATEMENT, "the sum exceeds C3 C4/(1 - gamma), and this exceeds K",
                uses=("parts", "excess", "thermal", "constant")),
    ),
    twins=(Twin("for lambda > 0 as well", STATEMENT, (*GIVEN, lam > 0)),),
)  # fmt: skip

# ---- the algorithm itself

_CAP = t**3 * sp.exp(-2 * p * t) / 3
_G2 = (sp.exp(-p * t) - sp.exp(-q * t)) ** 2 / (q - p) ** 2
_CAP_SLOPE = t**2 * sp.exp(-2 * p * t) * (1 - 2 * p * t / 3)


def _cap_steps() -> tuple[Step, ...]:
    """The response is at most t e^(-pt); integrate its square."""
    decay = sp.exp(-(q - p) * t)
    return (
        cite("split", EXP_SIGN, {x: -(q - p) * t}, 1 - decay >= 0),
        cite("spread", EXP_BOUND, {x: -(q - p) * t}, decay - 1 + (q - p) * t >= 0),
        Entails("share", every((1 - decay) / (q - p) <= t, (1 - decay) / (q - p) >= 0),
                "divide 0 <= 1 - e^(-(q-p)t) <= (q - p) t by q - p > 0",
                uses=("split", "spread")),
        Entails("squares", ((1 - decay) / (q - p)) ** 2 <= t**2,
                "square an inequality between numbers that are not negative", uses=("share",)),
        Equal("response", equal(_CAP_SLOPE - _G2, sp.exp(-2 * p * t) * (t**2 - ((1 - decay) / (q - p)) ** 2)
                                - 2 * p * t**3 * sp.exp(-2 * p * t) / 3), "take the growing part out"),
        Entails("slower", sp.exp(-2 * p * t) * (t**2 - ((1 - decay) / (q - p)) ** 2) >= 0,
                "a positive exponential times a difference that is at least 0",
                uses=("squares",)),
        Entails("growing", -2 * p * t**3 * sp.exp(-2 * p * t) / 3 >= 0, "p < 0 and t >= 0, so -2 p t^3 >= 0"),
        Entails("slope", _CAP_SLOPE - _G2 >= 0, "the slope is the sum of two terms that are at least 0",
                uses=("response", "slower", "growing")),
        Monotone("integral", _CAP - INTEGRAL >= 0, "from 0 at t = 0", uses=("slope",),
                 of=_CAP - INTEGRAL, along=t, slope=_CAP_SLOPE - _G2, sign=_CAP_SLOPE - _G2 >= 0),
        Equal("scaled", equal(2 * D / M**2 * _CAP - MSD_REST["distinct"], 2 * D / M**2 * (_CAP - INTEGRAL)),
              "the displacement is an integral of the response squared"),
        Entails("weighted", 2 * D / M**2 * (_CAP - INTEGRAL) >= 0, "D and M are positive", uses=("integral",)),
        Entails("rates", p**2 <= -p * q, "-p is below q"),
        Entails("capped", STATEMENT, "the conjunction of 'scaled', 'weighted' and 'rates'",
                uses=("scaled", "weighted", "rates")),
    )  # fmt: skip


FROM_REST = Claim(
    id="eq15-from-rest",
    title="From an empty buffer SAM's displacement stays bounded as gamma goes to 1",
    place=Place("4.4", "Theorem 3, (15)"),
    voice="ours",
    says="At a saddle and at a fixed time the exact displacement from rest is at most 2 D t^3 e^(2 s t)/(3 M^2), with "
    "s^2 = |h|/M, whatever the momentum: times 1 - gamma it goes to 0.",
    reading="-p is the growth rate, below s because p^2 <= -pq = |h|/M; D, M and h do not depend on gamma.",
    statement=every(MSD_REST["distinct"] <= 2 * D / M**2 * _CAP, p**2 <= -p * q),
    given=(M > 0, D > 0, p < 0, p + q > 0, t >= 0),
    steps=_cap_steps(),
    finding="So (15) is not a statement about SAM at a time: the stationary velocity that (14) starts from is what "
    "grows like 1/(1 - gamma), and a run reaches it only after a time of order eta/(1 - gamma).",
    twins=(Twin("without the growth", MSD_REST["distinct"] <= 2 * D / M**2 * t**3 / 3),),
)

_STATIONARY = value(SETTLED.subs({phi: FRICTION, M: MASS, D: DIFFUSION}, simultaneous=True), tau, 0)
STATIONARY = Claim(
    id="eq15-stationary",
    title="The stationary variance is in proportion to 1/((1 - gamma) B), exactly and for every gamma",
    place=Place("4.4", "Theorem 3, (15)"),
    voice="ours",
    says="The stationary variance at a direction that attracts, h > 0, is eta |lambda|/(2h) over (1 - gamma) B.",
    reading="h is the drift's rate of the algorithm meant, lambda (1 + rho lambda) for SAM; tau = 0.",
    argument=(
        "The stationary variance of the Langevin equation is D/(M phi h). Put phi = (1 - gamma)/eta, M = eta at tau = "
        "0, and D = eta |lambda|/(2B) in: it is eta |lambda|/(2 h (1 - gamma) B). Times (1 - gamma) B it does not "
        "depend on gamma or B."
    ),
    statement=equal(LEFT * B * _STATIONARY, eta * sp.Abs(lam) / (2 * h)),
    given=(h > 0, B > 0, eta > 0, gamma >= 0, gamma < 1),
    steps=(Equal("proportion", STATEMENT, "put phi, M and D in"),),
    twins=(Twin("1/(1 - gamma)^2", equal(LEFT**2 * B * _STATIONARY, eta * sp.Abs(lam) / (2 * h))),),
)

CLAIMS: tuple[Claim, ...] = (EQ15, MINIMUM, PROOF, DIVERGES, FROM_REST, STATIONARY)
