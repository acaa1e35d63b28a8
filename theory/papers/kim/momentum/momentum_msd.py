r"""Section 4.4: equation (14) against the exact mean squared displacement of SAM with momentum.

Key results: it is not, from either start (eq14-msd); it adds the variance of a thermal velocity, without curvature, to
an overdamped law (eq14-anatomy). For strong friction towards a minimum it is close (eq14-msd-regime), along a flat
direction it is too large by an exact amount (eq14-msd-flat), at a saddle it grows too fast (eq14-msd-saddle). Without
momentum it does not give Theorem 2 (eq14-gamma0).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, either, equal, every
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, Step
from saddlecheck.theory.papers.kim.diffusion.variance_laws import VARIANCE_LAWS
from saddlecheck.theory.papers.kim.momentum.momentum import (
    C1,
    C3,
    C4,
    EQ14,
    IN_PHYSICAL_UNITS,
    PRINTED_MSD,
    SETTING,
    THERMAL,
)
from saddlecheck.theory.papers.kim.notation import (
    bound,
    c1,
    c2,
    c3,
    c4,
    d_sam,
    d_sam_at,
    from_rest,
    from_stationary,
    kept,
    msd_14,
    response,
    variance,
)
from saddlecheck.theory.papers.ours.bounds import EXP_SIGN
from saddlecheck.theory.papers.ours.langevin import MSD_REST, MSD_STATIONARY, PARAMETERS, RESPONSE, p, q, thermal
from saddlecheck.theory.papers.ours.langevin_limits import LIMIT, OVERDAMPED, SETTLED, STIFF, decays, within
from saddlecheck.theory.symbols import B, D, M, eta, gamma, h, phi, t, x

_PRINTED = IN_PHYSICAL_UNITS.subs(PARAMETERS["distinct"])
_MEANINGS = {
    d_sam: D / (M**2 * phi**3) * (1 - sp.exp(-phi * t)) ** 2 + D / (M * phi * h) * (1 - sp.exp(-2 * h * t / (M * phi))),
    from_rest: D / (M * phi * h) * (1 - kept(t) ** 2) - D / (M**2 * phi) * response(t) ** 2,
    from_stationary: D / (M * phi * h) * (1 - kept(t) ** 2),
    kept(t): (q * sp.exp(-p * t) - p * sp.exp(-q * t)) / (q - p),
    response(t): (sp.exp(-p * t) - sp.exp(-q * t)) / (q - p),
    h: M * p * q,
    phi: p + q,
}

MSD = Claim(
    id="eq14-msd",
    title="Theorem 3: (14) is the mean squared displacement",
    place=EQ14,
    voice="paper",
    provenance="seen",
    says="Equation (14) is the mean squared displacement of SAM with momentum.",
    reading="With the corrected constants, against the exact second moment of the equation of motion with the same h, "
    "M, phi and D, from rest or from a stationary velocity; real distinct rates, either sign of h.",
    statement=either(equal(_PRINTED, MSD_REST["distinct"]), equal(_PRINTED, MSD_STATIONARY["distinct"])),
    display=Display(
        either(equal(d_sam, from_rest), equal(d_sam, from_stationary)),
        _MEANINGS,
    ),
    given=(M > 0, D > 0, p + q > 0, p < q, sp.Ne(p, 0), sp.Ne(q, 0), t > 0),
    finding="It is the sum of two things that do not add: the displacement of a thermal velocity that the curvature "
    "does not pull back, and the overdamped law, which holds once the velocity is forgotten. For h < 0 it "
    "also grows too fast.",
    argument=(
        "Compare (14), with its constants corrected, with the exact second moment of M dv = -M phi v dt - h w dt + "
        "sqrt(2D) dW, dw = v dt, from w = 0. At D = M = p = t = 1 and q = 2, that is phi = 3 and h = 2, it equals "
        "neither the displacement from rest nor that from a stationary velocity. The first term of (14) is the "
        "displacement of a stationary velocity along a flat direction, and the second is the variance of the "
        "first-order equation, which has no inertia. Each describes the motion in a limit of its own, "
        "and their sum describes it in none (eq14-anatomy)."
    ),
    twins=(
        Twin("from rest", equal(_PRINTED, MSD_REST["distinct"])),
        Twin("from a stationary velocity", equal(_PRINTED, MSD_STATIONARY["distinct"])),
    ),
    related=("eq14-anatomy", "langevin-rest", "langevin-stationary"),
)


def _regime_steps() -> tuple[Step, ...]:
    """The overdamped law is close; the thermal term is at most epsilon of the stationary variance."""
    decay = sp.exp(-(p + q) * t)
    spread = (1 - decay) ** 2 * (p * q / (p + q) ** 2)
    share = p * q / (q - p) ** 2
    settled = SETTLED.subs(PARAMETERS["distinct"])
    return (
        *(
            cite(start, LIMIT, formula=within(exact["distinct"], OVERDAMPED.subs(PARAMETERS["distinct"]), share))
            for start, exact, share in (("rest", MSD_REST, 3), ("stationary", MSD_STATIONARY, 2))
        ),
        Entails("friction", p + q > 0, "both rates are positive"),
        decays("velocity", p + q, decay),
        Entails("share", every(spread >= 0, share - spread >= 0), "the square of a number between 0 and 1",
                uses=("velocity",)),
        Equal("thermal", equal(share * settled - THERMAL.subs(PARAMETERS["distinct"]), settled * (share - spread)),
              "put the rates in"),
        Entails("thermal bound", every(settled * (share - spread) >= 0, THERMAL.subs(PARAMETERS["distinct"]) >= 0),
                "the scales are positive", uses=("share", "friction")),
        Entails("both", STATEMENT, "the sum of both errors", uses=("rest", "stationary", "thermal", "thermal bound")),
    )  # fmt: skip


REGIME = Claim(
    id="eq14-msd-regime",
    title="Towards a minimum and with strong friction (14) is close at all times",
    place=EQ14,
    voice="ours",
    says="For h > 0 (14) is within 4 epsilon/(1 - 4 epsilon) of the stationary variance from the exact displacement "
    "from rest (3 from a stationary velocity), epsilon = h/(M phi^2).",
    reading="0 < p < q, epsilon/(1 - 4 epsilon) = p q/(q - p)^2; for tau = 0, epsilon = eta h/(1 - gamma)^2.",
    statement=every(within(_PRINTED, MSD_REST["distinct"], 4), within(_PRINTED, MSD_STATIONARY["distinct"], 3)),
    display=Display(
        (
            sp.Le(-4 * bound, d_sam - from_rest),
            sp.Le(d_sam - from_rest, 4 * bound),
            sp.Le(-3 * bound, d_sam - from_stationary),
            sp.Le(d_sam - from_stationary, 3 * bound),
        ),
        {bound: p * q / (q - p) ** 2 * D / (M * phi * h), **_MEANINGS},
    ),
    given=STIFF,
    steps=_regime_steps(),
    amends="eq14-msd",
    finding="An error relative to the stationary value. At times below 1/phi, eta/(1 - gamma), the relative error is "
    "not small (eq14-msd-flat), and at a saddle it grows without bound (eq14-msd-saddle).",
    argument=(
        "Let p < q be the two decay rates, and e^(-pt) and e^(-qt) what is left at time t. The exact displacement and "
        "the variance of the first-order equation differ by terms that are bounded by 3 p q/(q - p)^2 times the "
        "stationary variance from rest, and by 2 p q/(q - p)^2 times it from a stationary velocity "
        "(langevin-overdamped). The first term of (14) is (1 - e^(-phi t))^2 p q/(p + q)^2 times the stationary "
        "variance, which is at most p q/(q - p)^2 times it. The two bounds add up to 4 and 3. With epsilon = h/(M "
        "phi^2) the number p q/(q - p)^2 is epsilon/(1 - 4 epsilon)."
    ),
    twins=(
        Twin(
            "epsilon^2 for epsilon",
            sp.Le(
                _PRINTED - MSD_REST["distinct"], 4 * (p * q / (q - p) ** 2) ** 2 * SETTLED.subs(PARAMETERS["distinct"])
            ),
        ),
    ),
)

# ---- what it is made of, and where it fails

_FLAT = THERMAL + 2 * D * t / (M * phi) ** 2
ANATOMY = Claim(
    id="eq14-anatomy",
    title="The two terms of (14): a thermal variance and an overdamped one",
    place=EQ14,
    voice="ours",
    says="The first term of (14) is the variance that a stationary velocity makes along a flat direction, its "
    "second the variance of the first-order equation M phi dw = -h w dt + sqrt(2D) dW, which for h = 0 is "
    "2Dt/(M phi)^2.",
    statement=every(
        equal(value(thermal() * RESPONSE["distinct"].subs(q, phi - p) ** 2, p, 0), THERMAL),
        equal(sp.Derivative(OVERDAMPED, t), -2 * h / (M * phi) * OVERDAMPED + 2 * D / (M * phi) ** 2),
        equal(value(IN_PHYSICAL_UNITS, h, 0), _FLAT),
    ),
    given=(M > 0, phi > 0, sp.Ne(h, 0)),
    steps=(Equal("terms", STATEMENT, "a slow rate of 0; put the second into its equation; let h go to 0"),),
    twins=(
        Twin(
            "noise that friction does not damp",
            equal(sp.Derivative(OVERDAMPED, t), -2 * h / (M * phi) * OVERDAMPED + 2 * D / (M * phi) ** 2 + D),
        ),
    ),
)

_SCALE = D / (M**2 * phi**3)
_EXCESS_REST = 2 * (1 - sp.exp(-phi * t)) * (2 - sp.exp(-phi * t))
FLAT = Claim(
    id="eq14-msd-flat",
    title="Along a flat direction (14) is too large at every time",
    place=EQ14,
    voice="ours",
    says="As h goes to 0, (14) exceeds the exact displacement by D/(M^2 phi^3) times 2 (1 - E)(2 - E) from rest, and "
    "times (1 - E)(3 - E) from a stationary velocity, E = e^(-phi t).",
    given=(M > 0, D > 0, phi > 0, t > 0),
    **conjunction(
        "too large",
        Equal("differences",
              every(equal(_FLAT - MSD_REST["free"], _SCALE * _EXCESS_REST),
                    equal(_FLAT - MSD_STATIONARY["free"], _SCALE * ((1 - sp.exp(-phi * t)) * (3 - sp.exp(-phi * t))))),
              "subtract the exact displacements at h = 0 from the limit of (14)"),
        cite("decay", EXP_SIGN, {x: -phi * t}, 1 - sp.exp(-phi * t) > 0),
        Entails("rest", _EXCESS_REST > 0, "both factors are positive", uses=("decay",)),
        Entails("stationary", (1 - sp.exp(-phi * t)) * (3 - sp.exp(-phi * t)) > 0, "both factors are positive",
                uses=("decay",)),
        Entails("scaled",
                every(_SCALE * _EXCESS_REST > 0, _SCALE * ((1 - sp.exp(-phi * t)) * (3 - sp.exp(-phi * t))) > 0),
                "so is the scale", uses=("rest", "stationary")),
        of=("differences", "scaled"),
    ),
    finding="At late times the excess is 4 or 3 against 2 phi t: (14) is usable for phi t much above 1 only, and would "
    "be better without its first term.",
    argument=(
        "As h tends to 0 the second term of (14) tends to 2Dt/(M phi)^2, and the exact displacement to that of a "
        "particle without a restoring force. With E = e^(-phi t) the differences are D/(M^2 phi^3) times 2 (1 - E)(2 "
        "- E) from rest and (1 - E)(3 - E) from a stationary velocity. For t > 0 and phi > 0 it is 0 < E < 1, so all "
        "factors are positive. So (14) is too large at every time."
    ),
    twins=(Twin("too small", MSD_STATIONARY["free"] - _FLAT > 0),),
    related=("eq14-msd",),
)  # fmt: skip

SADDLE = Claim(
    id="eq14-msd-saddle",
    title="At a saddle the exponent of (14) is too large",
    place=EQ14,
    voice="ours",
    says="For h < 0 the exponent of (14), 2|h|/(M phi), exceeds that of the exact displacement.",
    reading="p < 0 < q with p + q = phi and pq = h/M: the exact displacement grows like exp(-2pt).",
    statement=above((-2 * h / (M * phi)).subs(PARAMETERS["distinct"]), -2 * p),
    given=(M > 0, p < 0, p + q > 0),
    steps=(Entails("exponents", STATEMENT, "q exceeds phi = p + q"),),
    finding="Inertia delays the escape, and the overdamped law leaves it out.",
    argument=(
        "With the rates p < 0 < q of the response, p + q = phi and p q = h/M, the exact displacement grows like "
        "e^(-2pt). The exponent of (14) is -2h/(M phi) = -2 p q/(p + q). Because p + q is less than q and -p is "
        "positive, this exceeds -2p. So (14) grows by too large a rate, and its error relative to the exact "
        "displacement grows without bound."
    ),
    rests=("langevin-rest", "langevin-stationary"),
    related=("eq14-msd",),
)

# ---- without momentum

_AT_ZERO = value(PRINTED_MSD["corrected"], gamma, 0)
GAMMA0 = Claim(
    id="eq14-gamma0",
    title="Without momentum (14) is the variance (12) of Theorem 2",
    place=EQ14,
    voice="paper",
    provenance="seen",
    says="Theorem 3 extends Theorem 2 by momentum: at gamma = 0 equation (14) is the variance (12).",
    statement=equal(_AT_ZERO, VARIANCE_LAWS["printed"]),
    display=Display(
        equal(value(d_sam_at(gamma), gamma, 0), variance),
        {d_sam_at(gamma): msd_14, variance: c3 / B * (1 - sp.exp(-c4)), c1: C1, c2: t / eta, c3: C3, c4: C4},
    ),
    given=tuple(c for c in SETTING if gamma not in c.free_symbols),
    reading="With C2 = t/eta; with C2 as printed it fails too (a twin).",
    finding="The thermal term stays: at gamma = 0 the buffer is the last gradient, whose variance it counts again.",
    argument=(
        "At gamma = 0 the second term of (14) is C3 (1 - e^(-C4))/B, and this is (12). The first term is left over. "
        "With C2 = t/eta it is eta^2 |lambda| (1 - e^(-t/eta))^2/(2B), which is positive for t > 0; at eta = B = "
        "lambda = t = 1 and rho = 0 it is (1 - 1/e)^2/2. So (14) does not reduce to Theorem 2, although it is "
        "introduced as its extension."
    ),
    twins=(Twin("with C2 as printed", equal(PRINTED_MSD["printed"].subs(gamma, 0), VARIANCE_LAWS["printed"])),),
)
GAMMA0_EXTRA = Claim(
    id="eq14-gamma0-extra",
    title="Without momentum (14) exceeds the variance (12) by the thermal term",
    place=EQ14,
    voice="ours",
    says="At gamma = 0 equation (14) is (12) plus eta^2 |lambda| (1 - e^(-t/eta))^2 / (2B).",
    given=GAMMA0.given,
    **conjunction(
        "both",
        Equal("difference", equal(_AT_ZERO, VARIANCE_LAWS["printed"] + C1 * (1 - sp.exp(-t / eta)) ** 2 / B),
              "put gamma = 0 in"),
        cite("decay", EXP_SIGN, {x: -t / eta}, 1 - sp.exp(-t / eta) > 0),
        Entails("positive", C1 * (1 - sp.exp(-t / eta)) ** 2 / B > 0, "a square times positive numbers",
                uses=("decay",)),
        of=("difference", "positive"),
    ),
    amends="eq14-gamma0",
    finding="Of second order in eta, against the first order of (12): small once t is much longer than a step.",
    argument=(
        "Put gamma = 0 and C2 = t/eta into (14). The second term becomes (12), and the first one C1 (1 - "
        "e^(-t/eta))^2/B with C1 = eta^2 |lambda|/2. As t and eta are positive, 0 < e^(-t/eta) < 1, and lambda is not "
        "0. The extra term is a positive number times a square that is not 0, hence positive."
    ),
    twins=(Twin("it falls short", below(_AT_ZERO, VARIANCE_LAWS["printed"])),),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (MSD, REGIME, FLAT, ANATOMY, SADDLE, GAMMA0, GAMMA0_EXTRA)
