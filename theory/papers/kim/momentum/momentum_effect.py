r"""Section 4.4: what equation (14) is claimed to imply about momentum and batch size.

Key results: (14) does rise with gamma for both signs of lambda (thm3-gamma), though the argument given holds for
lambda > 0 only (thm3-gamma-argument); its derivative is as displayed (h-derivative); it falls with B (thm3-batch).
The limit (15) holds for lambda > 0 (eq15-minimum) and fails at a saddle, where (14) explodes (eq15-diverges).

C2 is any positive constant here: what is said holds for eta/t as printed and for t/eta as derived.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every
from saddlecheck.theory.claims.increasing import increasing
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.kim.momentum.momentum import C1, C3, C4, SETTING, equation_14
from saddlecheck.theory.papers.kim.notation import c1, c3, c4, d_sam_at, helper, helper_slope, msd_14
from saddlecheck.theory.papers.ours.bounds import EXP_BOUND, EXP_SIGN
from saddlecheck.theory.symbols import B, eta, gamma, lam, real, rho, t, x

c2 = real("C_2")  # the constant C2, whichever it is
LEFT = 1 - gamma
MSD = equation_14(c2)
GIVEN = (*SETTING, c2 > 0)
E, F = sp.exp(-c2 * LEFT), sp.exp(-C4 / LEFT)
_TURN = lam * (1 - F)  # positive for both signs of lambda
# C3 (1 - F) without the signs that cancel: |lambda| lambda (1 - F) eta / (2 k^2 lambda^2).
WEIGHT = eta * sp.Abs(lam) / (2 * lam**2 * (1 + rho * lam) ** 2)


DECAY = cite("decay", EXP_SIGN, {x: -c2 * LEFT}, 1 - E > 0)
_turns = increasing("turn", _TURN, along=t, because="from 0 at t = 0, for both signs of lambda")


# ---- the two terms' derivatives

_INNER = _TURN + 2 * lam**2 * (1 + rho * lam) ** 2 * t / LEFT * F
_RISE_FIRST = C1 * (1 - E) * (3 * (1 - E) - 2 * c2 * LEFT * E) / (LEFT**4 * B)

GAMMA = Claim(
    id="thm3-gamma",
    title="Theorem 3 (1): (14) increases with the momentum",
    place=Place("4.4", "Theorem 3"),
    voice="paper",
    provenance="seen",
    says="The displacement (14) increases with gamma.",
    reading="Its derivative is positive for 0 <= gamma < 1 (at 1 it has no value), for both signs of lambda.",
    statement=sp.Derivative(MSD, gamma) > 0,
    display=Display(
        above(sp.Derivative(d_sam_at(gamma), gamma)),
        {d_sam_at(gamma): msd_14, c1: C1, c3: C3, c4: C4},
    ),
    given=GIVEN,
    steps=(
        DECAY,
        _turns,
        increasing("bracket", 3 * (1 - E) - 2 * c2 * LEFT * E, along=c2, because="from 0 at C2 = 0"),
        Entails("inner", _INNER > 0, "both parts are positive", uses=("turn",)),
        Equal("derivative", equal(sp.Derivative(MSD, gamma), _RISE_FIRST + WEIGHT * _INNER / (LEFT**2 * B)),
              "differentiate both terms by gamma and collect"),
        Entails("left", LEFT > 0, "gamma is below 1"),
        Entails("weights", every(C1 > 0, WEIGHT > 0), "lambda and 1 + rho lambda are not 0"),
        Entails("first", _RISE_FIRST > 0, "C1, 1 - e^(-x), the bracket, 1 - gamma and B are positive",
                uses=("decay", "bracket", "left", "weights")),
        Entails("second", WEIGHT * _INNER / (LEFT**2 * B) > 0,
                "the weight, the inner factor, 1 - gamma and B are positive", uses=("inner", "left", "weights")),
        Entails("rises", STATEMENT, "the derivative is the sum of two positive terms",
                uses=("derivative", "first", "second")),
    ),
    finding="The conclusion about (14) stands, with C2 as printed or corrected; that (14) is not the displacement is "
    "another matter (eq14-msd). For the exact law see langevin-friction and heavy-ball-momentum.",
    argument=(
        "In the first term let x = C2 (1 - gamma) > 0. Its derivative in gamma is C1 (1 - e^(-x))/((1 - gamma)^4 B) "
        "times 3 (1 - e^(-x)) - 2 x e^(-x). The last factor is positive, because it is 0 at x = 0 and increases with "
        "x. The second term has the factor lambda (1 - e^(-C4/(1 - gamma))), which is positive for both signs of "
        "lambda, over 1 - gamma; its derivative in gamma is, up to positive constants, that factor plus a positive "
        "term, over (1 - gamma)^2. So both terms increase."
    ),
    twins=(Twin("it falls with gamma", sp.diff(MSD, gamma) < 0),),
)  # fmt: skip

ARGUMENT = Claim(
    id="thm3-gamma-argument",
    title="Proof of Theorem 3: both factors of the second term increase",
    place=Place("appendix", "proof of Theorem 3"),
    voice="paper",
    provenance="seen",
    says="C3/(1 - gamma) and 1 - exp(-C4/(1 - gamma)) both increase with gamma, hence so does their product.",
    statement=every(sp.diff(C3 / LEFT, gamma) > 0, sp.diff(1 - F, gamma) > 0),
    display=Display(
        (above(sp.Derivative(c3 / (1 - gamma), gamma)), above(sp.Derivative(1 - sp.exp(-c4 / (1 - gamma)), gamma))),
        {c3: C3, c4: C4},
    ),
    given=SETTING,
    finding="At a saddle's own direction both factors are negative and decrease; their product increases all the same.",
    argument=(
        "The derivative of C3/(1 - gamma) in gamma is C3/(1 - gamma)^2, which has the sign of C3 and so of lambda. At "
        "lambda = -1, rho = gamma = 0 and eta = B = t = 1 it is -1/2. The other factor, 1 - e^(-C4/(1 - gamma)), is "
        "then negative and decreases as well. The product of two negative decreasing functions increases, so the "
        "conclusion holds while the argument for it does not."
    ),
    twins=(Twin("one of them alone", sp.diff(C3 / LEFT, gamma) > 0),),
)
ARGUMENT_MINIMUM = Claim(
    id="thm3-gamma-argument-minimum",
    title="For lambda > 0 both factors of the second term of (14) increase",
    says="For a positive eigenvalue both factors increase with gamma.",
    argument=(
        "For lambda > 0 the constants C3 and C4 are positive. The derivative of C3/(1 - gamma) in gamma is C3/(1 - "
        "gamma)^2 > 0. The derivative of 1 - e^(-C4/(1 - gamma)) is C4/(1 - gamma)^2 times an exponential, which is "
        "positive as well."
    ),
    steps=(Entails("signs", STATEMENT, "C3 and C4 are positive"),),
    **under(ARGUMENT, lam > 0),
    twins=(Twin("for lambda < 0", STATEMENT, (*SETTING, lam < 0)),),
)

# ---- the helper function h of the printed proof

_GROWTH = sp.exp(c2 * LEFT)
_H = (1 - E) ** 2 / LEFT**3
_H_BRACKET = 3 * (_GROWTH - 1) - 2 * c2 * LEFT
_H_SLOPE = sp.exp(-2 * c2 * LEFT) * (_GROWTH - 1) / LEFT**4 * _H_BRACKET


H_DERIVATIVE = Claim(
    id="h-derivative",
    title="Proof of Theorem 3: h(0), h'(gamma) and its sign",
    place=ARGUMENT.place,
    voice="paper",
    provenance="seen",
    says="h(0) = (1 - e^(-C2))^2 > 0, and h' is the displayed product, which is positive.",
    reading="For 0 <= gamma < 1; at gamma = 1, which the proof includes, h has no value.",
    argument=(
        "Let x = C2 (1 - gamma), which is positive for gamma < 1. Differentiating h and taking e^(-2x) (e^x - 1)/(1 - "
        "gamma)^4 out leaves 3 (e^x - 1) - 2x, as displayed. An exponential lies above its tangent, e^x - 1 > x, so 3 "
        "(e^x - 1) - 2x > x > 0. The factor that was taken out is positive too. At gamma = 0 the value is (1 - "
        "e^(-C2))^2, a square of a number that is not 0, because C2 > 0."
    ),
    display=Display(
        (
            equal(value(helper(gamma), gamma, 0), (1 - sp.exp(-c2)) ** 2),
            above((1 - sp.exp(-c2)) ** 2),
            equal(sp.Derivative(helper(gamma), gamma), helper_slope),
            above(helper_slope),
        ),
        {
            helper(gamma): (1 - sp.exp(-c2 * (1 - gamma))) ** 2 / (1 - gamma) ** 3,
            helper_slope: sp.exp(-2 * c2 * (1 - gamma))
            * (sp.exp(c2 * (1 - gamma)) - 1)
            / (1 - gamma) ** 4
            * (3 * (sp.exp(c2 * (1 - gamma)) - 1) - 2 * c2 * (1 - gamma)),
        },
    ),
    given=(c2 > 0, gamma >= 0, gamma < 1),
    **conjunction(
        "all",
        Equal("value and derivative",
              every(equal(value(_H, gamma, 0), (1 - sp.exp(-c2)) ** 2), equal(sp.Derivative(_H, gamma), _H_SLOPE)),
              "put 0 in; differentiate"),
        cite("start", EXP_SIGN, {x: -c2}, 1 - sp.exp(-c2) > 0),
        cite("growth", EXP_SIGN, {x: c2 * LEFT}, _GROWTH - 1 > 0),
        cite("tangent", EXP_BOUND, {x: c2 * LEFT}, _GROWTH - 1 - c2 * LEFT > 0),
        Entails("bracket", _H_BRACKET > 0, "three times the bound exceeds twice it", uses=("tangent",)),
        Entails("left", LEFT > 0, "gamma is below 1"),
        Entails("slope", _H_SLOPE > 0, "e^x - 1, the bracket and 1 - gamma are positive",
                uses=("growth", "bracket", "left")),
        Entails("square", (1 - sp.exp(-c2)) ** 2 > 0, "a square of what is not 0", uses=("start",)),
        of=("value and derivative", "square", "slope"),
    ),
    twins=(
        Twin("2 for 3", equal(sp.Derivative(_H, gamma), _H_SLOPE - (_GROWTH - 1) * _H_SLOPE / _H_BRACKET)),
        Twin("h' without the last factor", equal(sp.Derivative(_H, gamma), _H_SLOPE / _H_BRACKET)),
    ),
)  # fmt: skip

# ---- batch size

BATCH = Claim(
    id="thm3-batch",
    title="Theorem 3 (2): (14) decreases with the batch size",
    place=Place("4.4", "Theorem 3"),
    voice="paper",
    provenance="seen",
    says="The displacement (14) increases as the batch gets smaller.",
    statement=sp.Derivative(MSD, B) < 0,
    display=Display(
        below(sp.Derivative(d_sam_at(B), B)),
        {d_sam_at(B): msd_14, c1: C1, c3: C3, c4: C4},
    ),
    given=GIVEN,
    steps=(
        DECAY,
        _turns,
        Equal("derivative",
              equal(sp.Derivative(MSD, B), -(C1 * (1 - E) ** 2 / (LEFT**3 * B)) / B - WEIGHT * _TURN / (LEFT * B) / B),
              "in inverse proportion to B"),
        Entails("left", LEFT > 0, "gamma is below 1"),
        Entails("weights", every(C1 > 0, WEIGHT > 0), "lambda and 1 + rho lambda are not 0"),
        Entails("terms", every(C1 * (1 - E) ** 2 / (LEFT**3 * B) / B > 0, WEIGHT * _TURN / (LEFT * B) / B > 0),
                "C1, the square, the weight, 1 - gamma and B are positive",
                uses=("decay", "turn", "left", "weights")),
        Entails("falls", STATEMENT, "the derivative is minus the sum of two positive terms",
                uses=("derivative", "terms")),
    ),
    finding="At a fixed time, that is, a fixed number of steps: at equal epochs a smaller batch also takes more steps.",
    argument=(
        "Both terms of (14) are in inverse proportion to B, so the derivative in B is minus (14) over B. The first "
        "term is C1 > 0 times a square that is not 0, over positive numbers. In the second term lambda (1 - e^(-C4/(1 "
        "- gamma))) is positive for both signs of lambda, and what multiplies it is positive. So (14) is positive and "
        "its derivative negative."
    ),
    twins=(Twin("it rises with B", sp.diff(MSD, B) > 0),),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (GAMMA, ARGUMENT, ARGUMENT_MINIMUM, H_DERIVATIVE, BATCH)
