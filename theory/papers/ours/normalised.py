r"""SAM with a normalised radius, as a discrete map: it never settles on a critical point, it circles it.

Key results, with $e = \eta\lambda$ along an eigendirection
- A minimum in one dimension is circled by a 2-cycle $|w| = e\rho/(2-e)$.
- A maximum in one dimension captures all $|w| < \rho$ into the band $|w| \le \eta\mu\rho$, where the map expands,
  with Lyapunov exponent $\ln(1+\eta\mu)$ off 0.
- In n dimensions the cycle along a direction of curvature L has, across it, the multiplier
  $1 - \eta\lambda - (\lambda/L)^2(2-\eta L)$: it does not contain $\rho$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import at_least, between, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, quadratic
from saddlecheck.theory.papers.standard import SAM, SAM_NORMALISED, line
from saddlecheck.theory.symbols import Expr, eta, lam, mu, real, rho, w, x, y

L = real("L")  # the largest eigenvalue of the Hessian


def inside(multiplier: Expr) -> sp.And:
    """The multiplier lies strictly inside the unit circle."""
    return between(multiplier, -1, 1)


# One dimension. The map is odd, so w > 0 is enough.
_MAXIMUM = SAM_NORMALISED.update(quadratic(-mu))[0]
_FROM_RIGHT = (1 - eta * lam) * w - eta * lam * rho
_RADIUS = eta * lam * rho / (2 - eta * lam)

CYCLE = Claim(
    id="normalised-minimum-cycle",
    title="Normalised SAM circles a minimum",
    place=BEYOND,
    voice="ours",
    says="In one dimension a step leads from w > 0 to -w, and back, exactly for w = eta lam rho/(2 - eta lam).",
    given=(lam > 0, rho > 0, eta > 0, eta * lam < 2, w > 0),
    **conjunction(
        "together",
        Equal("from the right", equal(SAM_NORMALISED.update(line)[0], _FROM_RIGHT), "the ascent moves outward by rho"),
        Equal("odd", equal(SAM_NORMALISED.update(line)[0].subs(w, -w), -SAM_NORMALISED.update(line)[0]),
              "both gradients change sign with w"),
        Entails("fixed up to sign", iff(equal(_FROM_RIGHT, -w), equal(w, _RADIUS)),
                "a linear equation for w, whose coefficient 2 - eta lam is not 0"),
        because="the cycle closes because the map is odd",
    ),
    twins=(
        Twin("the radius eta lam rho / 2", iff(equal(_FROM_RIGHT, -w), equal(w, eta * lam * rho / 2))),
        Twin("a constant radius", equal(SAM.update(line)[0], _FROM_RIGHT)),
    ),
)  # fmt: skip

CYCLE_ATTRACTS = Claim(
    id="normalised-minimum-attracts",
    title="A step across 0 brings |w| nearer to normalised SAM's cycle, any other one shortens it",
    place=BEYOND,
    voice="ours",
    says="A step that crosses 0 multiplies the distance of |w| from the cycle's radius by |1 - eta lam| < 1; one "
    "that does not shortens w by at least eta lam rho.",
    statement=every(
        implies(_FROM_RIGHT <= 0, equal(-_FROM_RIGHT - _RADIUS, (eta * lam - 1) * (w - _RADIUS))),
        implies(_FROM_RIGHT > 0, w - _FROM_RIGHT >= eta * lam * rho),
    ),
    given=CYCLE.given,
    reading="w > 0, the other side by symmetry. Finitely many steps of the second kind lead to steps of the first, "
    "and from there on |w| nears the radius by the factor |1 - eta lam| a step.",
    steps=(Entails("both kinds", STATEMENT, "the map is linear on each side"),),
    twins=(Twin("a step beyond 2/lam", inside(1 - eta * lam), (lam > 0, rho > 0, eta > 0, eta * lam >= 2)),),
)

CAPTURE = Claim(
    id="normalised-maximum-capture",
    title="A maximum captures normalised SAM within rho",
    place=BEYOND,
    voice="ours",
    says="In one dimension, at a quadratic maximum and for eta mu up to 1, |w| < rho stays below rho and "
    "|w| > rho grows.",
    statement=every(
        implies(sp.Abs(w) < rho, sp.Abs(_MAXIMUM) < rho), implies(sp.Abs(w) > rho, sp.Abs(_MAXIMUM) > sp.Abs(w))
    ),
    given=(mu > 0, rho > 0, eta > 0, eta * mu <= 1, sp.Ne(w, 0)),
    reading="0 itself is excluded: the ascent has no direction there.",
    steps=(Entails("both sides", STATEMENT, "rho - |w| is multiplied by 1 + eta mu until w crosses 0"),),
    finding="Inside rho the ascent carries w^p over the top, so that the descent leads back up.",
    twins=(
        Twin(
            "a large step",
            implies(sp.Abs(w) < rho, sp.Abs(_MAXIMUM) < rho),
            (mu > 0, rho > 0, eta > 0, eta * mu > 1, sp.Ne(w, 0)),
        ),
    ),
)
BAND = Claim(
    id="normalised-maximum-band",
    title="At a maximum normalised SAM ends in a band of half-width eta mu rho",
    place=BEYOND,
    voice="ours",
    says="The band |w| <= eta mu rho maps into itself, everything within rho moves towards it and cannot jump "
    "across, and no smaller band will do: just right of 0 a step lands at -eta mu rho.",
    statement=every(
        implies(sp.Abs(w) <= eta * mu * rho, sp.Abs(_MAXIMUM) <= eta * mu * rho),
        implies(w > 0, equal(_MAXIMUM, (1 + eta * mu) * w - eta * mu * rho)),
        implies(between(w, eta * mu * rho, rho), every(at_least(_MAXIMUM, -eta * mu * rho), w - _MAXIMUM > 0)),
    ),
    given=CAPTURE.given,
    steps=(Entails("all three", STATEMENT, "a straight line on each side of 0"),),
    twins=(Twin("half the band", implies(2 * sp.Abs(w) <= eta * mu * rho, 2 * sp.Abs(_MAXIMUM) <= eta * mu * rho)),),
)
EXPONENT = Claim(
    id="normalised-maximum-exponent",
    title="At a maximum normalised SAM's map stretches every interval by 1 + eta mu",
    place=BEYOND,
    voice="ours",
    says="The map has the slope 1 + eta mu at every point but 0.",
    statement=equal(SAM_NORMALISED.map_jacobian(quadratic(-mu))[0], 1 + eta * mu),
    given=(mu > 0, rho > 0, eta > 0, w > 0),
    reading="On the left by symmetry. The logarithm of the slope, which is positive, is the Lyapunov exponent of every "
    "orbit that avoids 0.",
    steps=(Equal("slope", STATEMENT, "on one side of 0 the ascent is a constant"),),
    twins=(Twin("the sign of a minimum", equal(SAM_NORMALISED.map_jacobian(quadratic(-mu))[0], 1 - eta * mu)),),
)

# n dimensions: one direction of curvature L, on which the cycle lies, and one of curvature lam across it.
_PLANE = BareLoss((x, y), L * x**2 / 2 + lam * y**2 / 2)
_AFTER = [value(part, y, 0) for part in SAM_NORMALISED.update(_PLANE)]
MULTIPLIER = 1 - eta * lam - (lam / L) ** 2 * (2 - eta * L)  # checked below against _TANGENT, which is derived
STIFF = (L > 0, rho > 0, eta > 0, eta * L < 2)
NORMALISED_MULTIPLIER = Claim(
    id="normalised-cycle-multiplier",
    title="The multiplier across normalised SAM's cycle does not depend on rho",
    place=BEYOND,
    voice="ours",
    says="On the 2-cycle along a direction of curvature L a displacement along another eigendirection lambda is "
    "multiplied by 1 - eta lambda - (lambda/L)^2 (2 - eta L) each step.",
    given=(*STIFF, x > 0),
    reading="For a quadratic loss with one further direction; more of them do not interact to first order, since the "
    "norm of the gradient is stationary across the cycle.",
    **conjunction(
        "together",
        Equal("along", every(equal(_AFTER[0], (1 - eta * L) * x - eta * L * rho), equal(_AFTER[1], 0)),
              "the direction of L is invariant"),
        Entails("cycle", iff(equal((1 - eta * L) * x - eta * L * rho, -x), equal(x * (2 - eta * L), eta * L * rho)),
                "a linear equation for x, whose coefficient 2 - eta L is not 0"),
        Equal("jacobian",
              every(equal(Coefficient(SAM_NORMALISED.update(_PLANE)[1], y, sp.S.Zero, sp.S.One),
                          1 - eta * lam - eta * rho * lam**2 / (L * x)),
                    equal(Coefficient(SAM_NORMALISED.update(_PLANE)[0], y, sp.S.Zero, sp.S.One), 0),
                    equal(sp.Derivative(_AFTER[1], x), 0), equal(sp.Derivative(_AFTER[0], x), 1 - eta * L)),
              "the norm of the gradient is stationary across the cycle"),
        Equal("multiplier",
              equal(value(1 - eta * lam - eta * rho * lam**2 / (L * x), x, eta * L * rho / (2 - eta * L)), MULTIPLIER),
              "rho over the gradient's norm is there (2 - eta L)/(eta L^2)"),
    ),
    finding="The cycle sets its own scale: its size is proportional to rho, so rho over the gradient's norm is not "
    "large near a critical point but (2 - eta L)/(eta L^2), whatever rho.",
    twins=(
        Twin("a constant radius",
             equal(SAM_NORMALISED.map_jacobian(_PLANE, {y: sp.S.Zero})[1, 1], 1 - eta * lam - eta * rho * lam**2)),
        Twin("lambda/L not squared",
             equal(SAM_NORMALISED.map_jacobian(_PLANE, {y: sp.S.Zero})[1, 1].subs(x, eta * L * rho / (2 - eta * L)),
                   1 - eta * lam - lam / L * (2 - eta * L))),
    ),
)  # fmt: skip
STIFFEST = Claim(
    id="normalised-cycle-stiffest",
    title="Only the cycle along the largest eigenvalue's direction is stable",
    place=BEYOND,
    voice="ours",
    says="At a minimum the cycle along L attracts across every softer direction and repels across every stiffer one.",
    statement=every(implies(lam < L, inside(MULTIPLIER)), implies(lam > L, MULTIPLIER < -1)),
    rests=("normalised-cycle-multiplier",),
    given=(L > 0, lam > 0, eta > 0, eta * L < 2, eta * lam < 2),
    steps=(Entails("compare", STATEMENT, "(lambda/L)^2 (2 - eta L) against 2 - eta lambda"),),
    twins=(Twin("the softest is stable", implies(lam > L, inside(MULTIPLIER))),),
)
ACROSS_SADDLE = MULTIPLIER.subs(lam, -mu)
TRAPS = every(eta * L * (L + mu) < 2 * mu, 2 * (mu - L) < eta * mu * L)
SADDLE = Claim(
    id="normalised-saddle-traps",
    title="A saddle with a large positive eigenvalue traps normalised SAM only for small steps",
    place=BEYOND,
    voice="ours",
    says="At a saddle with eigenvalues L and -mu the cycle along L attracts if and only if eta L (L + mu) < 2 mu and "
    "2 (mu - L) < eta mu L, whatever rho.",
    statement=iff(inside(ACROSS_SADDLE), TRAPS),
    rests=("normalised-cycle-multiplier",),
    given=(L > 0, mu > 0, eta > 0, eta * L < 2),
    reading="About the cycle along L. Several negative eigenvalues: each has to satisfy both conditions. The second is "
    "void for mu <= L; where it fails the cycle is left sideways, which need not lead away: the orbit may then be held "
    "along -mu, in the band of claim normalised-maximum-band.",
    steps=(Entails("both ways", STATEMENT, "the multiplier against 1 and against -1"),),
    finding="With L much larger than mu the step has to be below about 2 mu/L^2, far below the edge 2/L of stability.",
    twins=(
        Twin("traps at every stable step", inside(ACROSS_SADDLE), (L > 0, mu > 0, eta > 0, eta * L < 2, mu <= L)),
        Twin("half the edge", iff(inside(ACROSS_SADDLE), every(eta * L * (L + mu) < mu, TRAPS.args[0], TRAPS.args[1]))),
    ),
)

CLAIMS: tuple[Claim, ...] = (CYCLE, CYCLE_ATTRACTS, CAPTURE, BAND, EXPONENT, NORMALISED_MULTIPLIER, STIFFEST, SADDLE)
