r"""Section 4.4: the diffusion of SAM with momentum, equation (14), against the exact second moment.

Key results: the printed equation of motion has the wrong friction (thm3-sde); one of the four constants is inverted
and two have the wrong sign (eq14-constants). Whether (14) is the mean squared displacement is settled in
`momentum_msd`, what it is claimed to imply in `momentum_effect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import heavy_ball
from saddlecheck.theory.papers.kim.diffusion.variance_laws import DIFFUSION, RATES
from saddlecheck.theory.papers.kim.notation import after, c1, c2, c3, c4, m_after, v_after, v_now
from saddlecheck.theory.papers.ours.langevin import thermal
from saddlecheck.theory.papers.ours.langevin_limits import OVERDAMPED
from saddlecheck.theory.symbols import B, D, Expr, Formula, M, eta, gamma, h, lam, phi, real, rho, t, tau, w

Constants = Literal["printed", "corrected"]

FRICTION, MASS = (1 - gamma) / eta, eta / (1 - tau)  # phi and M of the appendix
C1 = eta**2 * sp.Abs(lam) / 2
C2: Mapping[Constants, Expr] = {"printed": eta / t, "corrected": t / eta}
C3 = eta * sp.Abs(lam) / (2 * lam * (1 + rho * lam) ** 2)
C4 = 2 * lam * (1 + rho * lam) ** 2 * t


def equation_14(c2: Expr) -> Expr:
    """Equation (14) with its constant C2."""
    left = 1 - gamma
    return C1 * (1 - sp.exp(-c2 * left)) ** 2 / (left**3 * B) + C3 * (1 - sp.exp(-C4 / left)) / (left * B)


PRINTED_MSD: Mapping[Constants, Expr] = {which: equation_14(c2) for which, c2 in C2.items()}
# The same before phi, M and D are put in: the variance of a thermal velocity that nothing pulls back, and the
# overdamped law.
THERMAL = thermal() * ((1 - sp.exp(-phi * t)) / phi) ** 2
IN_PHYSICAL_UNITS = THERMAL + OVERDAMPED

SETTING: tuple[Formula, ...] = (
    eta > 0, B > 0, t > 0, rho >= 0, sp.Ne(lam, 0), sp.Ne(1 + rho * lam, 0), gamma >= 0, gamma < 1,
)  # fmt: skip
EQ14 = Place("4.4", "Theorem 3, (14)")

# ---- the equation of motion

m, g = real("m"), real("g")  # momentum buffer before the step; the gradient that it takes in


def _motion(friction: Expr) -> Formula:
    """That the update is a step of M dv = -friction v dt - g dt, dw = v dt, over dt = eta, with v = -m."""
    after, buffer = heavy_ball(sp.Matrix([w]), sp.Matrix([m]), sp.Matrix([g]))
    velocity, following = -m, -buffer[0]
    return every(
        equal(after[0], w + eta * following), equal(MASS * (following - velocity) / eta, -friction * velocity - g)
    )


SDE = Claim(
    id="thm3-sde",
    title="Proof of Theorem 3: the equation of motion has friction phi",
    place=Place("appendix", "proof of Theorem 3"),
    voice="paper",
    provenance="seen",
    says="The momentum update is M dv = -phi dw - gradient dt + noise, phi = (1 - gamma)/eta and M = eta/(1 - tau).",
    reading="One update is one step of length eta of that equation, with the velocity v = -m.",
    statement=_motion(FRICTION),
    display=Display(
        (equal(after, w + eta * v_after), equal(M * (v_after - v_now) / eta, -phi * v_now - g)),
        {
            after: w - eta * m_after,
            v_after: -m_after,
            v_now: -m,
            m_after: gamma * m + (1 - tau) * g,
            M: eta / (1 - tau),
            phi: (1 - gamma) / eta,
        },
    ),
    given=(eta > 0, tau >= 0, tau < 1, gamma >= 0, gamma < 1),
    finding="The friction term is M phi dw: that is what the update gives, and what the appendix's own Fokker-Planck "
    "equation has. Its force is the plain gradient, where SAM's is taken at the perturbed weight.",
    argument=(
        "The buffer is m' = gamma m + (1 - tau) g, and w' = w - eta m'. With the velocity v = -m this gives w' = w + "
        "eta v' and (v' - v)/eta = -((1 - gamma)/eta) v - ((1 - tau)/eta) g. Multiplied by M = eta/(1 - tau) it is M "
        "times the acceleration = -M phi v - g. The printed friction phi lacks the factor M: at eta = 2, gamma = tau "
        "= g = 0 and m = 1 the left side is 1 and -phi v is 1/2."
    ),
    twins=(Twin("dampening left out", _motion(eta * FRICTION)),),
)
SDE_FRICTION = Claim(
    id="thm3-sde-friction",
    title="The equation of motion of momentum has friction M phi",
    place=Place("appendix", "proof of Theorem 3"),
    voice="ours",
    says="The momentum update is M dv = -M phi dw - gradient dt + noise.",
    argument=(
        "Put v = -m into the update m' = gamma m + (1 - tau) g, w' = w - eta m'. Then w' = w + eta v', and v' - v = "
        "-(1 - gamma) v - (1 - tau) g. Multiplied by M/eta = 1/(1 - tau) this is M (v' - v)/eta = -M phi v - g with "
        "phi = (1 - gamma)/eta."
    ),
    statement=_motion(MASS * FRICTION),
    display=Display(
        (equal(after, w + eta * v_after), equal(M * (v_after - v_now) / eta, -M * phi * v_now - g)),
        {
            after: w - eta * m_after,
            v_after: -m_after,
            v_now: -m,
            m_after: gamma * m + (1 - tau) * g,
            M: eta / (1 - tau),
            phi: (1 - gamma) / eta,
        },
    ),
    given=SDE.given,
    steps=(Equal("one step", STATEMENT, "put v = -m into the update"),),
    amends="thm3-sde",
    twins=(Twin("the friction of the old buffer's dampening", _motion(MASS * FRICTION * (1 - tau))),),
)

# ---- the constants

_REDUCED = equal(
    value(
        IN_PHYSICAL_UNITS.subs({h: RATES["printed"], phi: FRICTION, M: MASS, D: DIFFUSION}, simultaneous=True), tau, 0
    ),
    PRINTED_MSD["corrected"],
)


# How much of the buffer a step without a gradient takes off it, per unit of t: phi, from the update.


def _constants(which: Constants, *signs: Formula) -> Formula:
    kept = heavy_ball(sp.Matrix([w]), sp.Matrix([m]), sp.Matrix([0]))[1][0]
    exponent = equal(C2[which] * (1 - gamma), (Coefficient(m - kept, m, sp.S.Zero, sp.S.One) / eta) * t)
    return every(exponent, *signs) if signs else exponent


CONSTANTS = Claim(
    id="eq14-constants",
    title="(14): C2 = eta/t, and the four constants are positive",
    place=EQ14,
    voice="paper",
    provenance="seen",
    says="In (14) C2 is eta/t, and C1 to C4 are positive constants.",
    reading="C2 (1 - gamma) is to be the exponent phi t of the derivation, phi as the update gives it: the share of "
    "the buffer that a step takes off it, over eta.",
    statement=_constants("printed", C1 > 0, C2["printed"] > 0, C3 > 0, C4 > 0),
    display=Display(
        (equal(c2 * (1 - gamma), phi * t), c1 > 0, c2 > 0, c3 > 0, c4 > 0),
        {
            c1: eta**2 * sp.Abs(lam) / 2,
            c2: eta / t,
            c3: eta * sp.Abs(lam) / (2 * lam * (1 + rho * lam) ** 2),
            c4: 2 * lam * (1 + rho * lam) ** 2 * t,
            phi: (1 - gamma) / eta,
        },
    ),
    given=SETTING,
    finding="C2 is inverted: the exponent phi t = (1 - gamma) t/eta needs t/eta. C3 and C4 have the sign of lambda, so "
    "they are negative at the saddle's own direction, the one that the theorem is about.",
    argument=(
        "In the appendix the exponent of the first term is phi t with phi = (1 - gamma)/eta, so C2 (1 - gamma) = phi "
        "t needs C2 = t/eta. The printed C2 = eta/t is its inverse. C3 and C4 have the factor lambda, so they are "
        "negative at a negative eigenvalue; at eta = B = t = 1, rho = gamma = 0 and lambda = -1 they are -1/2 and -2. "
        "The theorem calls all four constants positive and is about a saddle, where one eigenvalue is negative."
    ),
    twins=(Twin("the inversion alone", _constants("printed")), Twin("the signs alone", every(C3 > 0, C4 > 0))),
)
CORRECTED = Claim(
    id="eq14-constants-corrected",
    title="(14) corrected: C2 = t/eta; C3 and C4 have the sign of lambda",
    place=EQ14,
    voice="ours",
    says="With C2 = t/eta the equation is the appendix's formula in phi and M; C3 and C4 have lambda's sign.",
    argument=(
        "The friction phi = (1 - gamma)/eta is the share of the buffer that a step without a gradient takes off it, "
        "over eta. So phi t = (1 - gamma) t/eta, and C2 = t/eta. With tau = 0, M = eta and D = eta |lambda|/(2B) the "
        "appendix's formula in phi and M becomes (14) with this constant. C1 and C2 are products of positive numbers. "
        "In lambda C3 and lambda C4 the eigenvalue occurs as |lambda| and lambda^2 beside positive factors, so both "
        "are positive."
    ),
    statement=every(
        *_constants("corrected", *(C1 > 0, C2["corrected"] > 0, lam * C3 > 0, lam * C4 > 0)).args, _REDUCED
    ),
    given=SETTING,
    steps=(
        Equal("exponent", _constants("corrected"), "phi t = (1 - gamma) t/eta"),
        Equal("formula", _REDUCED, "put phi, M at tau = 0 and D in"),
        Entails("third sign", lam * C3 > 0, "lambda cancels, and every factor left is positive"),
        Entails("all", STATEMENT, "with the squares positive", uses=("exponent", "formula", "third sign")),
    ),
    amends="eq14-constants",
    twins=(Twin("C3 against the sign of lambda", lam * C3 < 0),),
)

CLAIMS: tuple[Claim, ...] = (SDE, SDE_FRICTION, CONSTANTS, CORRECTED)
