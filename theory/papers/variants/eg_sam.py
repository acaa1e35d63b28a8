r"""Yu, Zhang and Kwok 2024: the ascent starts from a lookahead descent, $w^p = w - \eta g + \rho g$.

Key results
- Constant radius: everything is that of SAM with radius $\rho - \eta$; the threshold is $1/\mu + \eta$.
- Normalised: a maximum captures $|w| < \rho/(1+\eta\mu)$ instead of $|w| < \rho$.
- Normalised, at a saddle with a stiffer direction: it traps under the very condition of SAM.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import below, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, LossLike, Matrix, gradient, norm, quadratic
from saddlecheck.theory.papers.ours.normalised import L, inside
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants.maps import attributed, rate, step
from saddlecheck.theory.symbols import Expr, eta, mu, rho, w, x, y


def _lookahead(loss: LossLike, radius: Expr) -> Matrix:
    return (radius - eta) * gradient(loss)


def _normalised(loss: LossLike) -> Matrix:
    return _lookahead(loss, rho / norm(gradient(loss)))


_CONSTANT = step(quadratic(-mu), _lookahead(quadratic(-mu), rho))[0]
_RATE = rate(_lookahead(quadratic(-mu), rho)[0], -mu)
EG_SAM = Claim(
    id="eg-sam",
    title="With a lookahead and constant radius the threshold is 1/mu + eta",
    place=attributed("region of attraction, constant radius"),
    says="Attributed to Yu, Zhang and Kwok: a saddle attracts SAM with a lookahead from a smaller region than SAM. "
    "With constant radius the rate along -mu is SAM's with radius rho - eta, which is positive if and only if rho > "
    "1/mu + eta.",
    reading="w^p = w - eta g + rho g. The whole range of radii that trap is moved up by eta, at both ends.",
    given=(mu > 0, rho > 0, eta > 0),
    **conjunction(
        "together",
        Equal("rate", equal(_RATE, mu * ((rho - eta) * mu - 1)), "the two parts of the ascent add up"),
        Entails("threshold", iff(_RATE > 0, rho > 1 / mu + eta), "the sign of (rho - eta) mu - 1", uses=("rate",)),
        because="both",
    ),
    twins=(Twin("SAM's threshold", iff(_RATE > 0, rho > 1 / mu)),),
    voice="paper",
    provenance="second hand",
    argument="The lookahead subtracts eta g from the ascent rho g, which leaves (rho - eta) g. So every statement "
    "about SAM with constant radius holds with rho - eta for rho. The threshold 1/mu becomes 1/mu + eta, and so does "
    "the other end of the range.",
    related=("eg-sam-map", "eg-sam-normalised", "eg-sam-saddle"),
)
MAP = Claim(
    id="eg-sam-map",
    title="The map too attracts from 1/mu + eta on",
    place=attributed("region of attraction, constant radius, map"),
    says="With constant radius a step along -mu contracts if and only if rho > 1/mu + eta and eta mu ((rho - eta) mu "
    "- 1) < 2.",
    statement=iff(sp.Abs(_CONSTANT) < sp.Abs(w), every(rho > 1 / mu + eta, eta * mu * ((rho - eta) * mu - 1) < 2)),
    given=(*EG_SAM.given, sp.Ne(w, 0)),
    steps=(Entails("both ways", STATEMENT, "the multiplier is 1 - eta mu ((rho - eta) mu - 1)"),),
    twins=(
        Twin(
            "without the lookahead",
            iff(sp.Abs(_CONSTANT) < sp.Abs(w), every(rho > 1 / mu, eta * mu * (rho * mu - 1) < 2)),
        ),
    ),
    voice="ours",
    argument="A step multiplies w by 1 - eta mu ((rho - eta) mu - 1). That is below 1 exactly beyond 1/mu + eta. The "
    "second condition keeps it above -1.",
)
_AT_TOP = step(quadratic(-mu), _normalised(quadratic(-mu)))[0]
NORMALISED = Claim(
    id="eg-sam-normalised",
    title="Normalised, a maximum captures |w| < rho/(1 + eta mu) instead of |w| < rho",
    place=attributed("region of attraction, normalised radius"),
    says="Attributed to Yu, Zhang and Kwok: the region of attraction is smaller with normalised radius as well. At a "
    "maximum in one dimension |w| < rho/(1 + eta mu) stays below that value, and a larger |w| grows.",
    reading="For steps with eta mu (1 + eta mu) <= 1, so that nothing is thrown across; SAM's own region is |w| < "
    "rho. 0 is left out, where the ascent has no direction.",
    statement=every(
        implies((1 + eta * mu) * sp.Abs(w) < rho, (1 + eta * mu) * sp.Abs(_AT_TOP) < rho),
        implies((1 + eta * mu) * sp.Abs(w) > rho, sp.Abs(_AT_TOP) > sp.Abs(w)),
    ),
    given=(*EG_SAM.given, sp.Ne(w, 0), eta * mu * (1 + eta * mu) <= 1),
    steps=(Entails("both sides", STATEMENT, "the ascent has the length rho less the lookahead eta mu |w|"),),
    twins=(Twin("SAM's region", implies(sp.Abs(w) < rho, sp.Abs(_AT_TOP) < rho)),),
    voice="paper",
    provenance="second hand",
    argument="At a maximum the lookahead moves w outward by eta mu |w|, the ascent inward by rho. The perturbed point "
    "lies beyond the maximum exactly if rho exceeds (1 + eta mu) |w|, and then the step leads back. So the region "
    "shrinks by the factor 1/(1 + eta mu), which is near 1 for small steps.",
)

# A saddle with the curvatures L and -mu: the 2-cycle along L, and what a step does across it
_SADDLE = BareLoss((x, y), L * x**2 / 2 - mu * y**2 / 2)
_X, _Y = step(_SADDLE, _normalised(_SADDLE))
_ON_X = (1 - eta * L + (eta * L) ** 2) * x - eta * L * rho
_ANYWHERE = 1 + eta * mu * (1 + eta * mu) - eta * rho * mu**2 / (L * x)
_ACROSS = 1 + eta * mu * (1 + eta * mu) - (mu / L) ** 2 * (2 - eta * L + (eta * L) ** 2)
CYCLE = Claim(
    id="eg-sam-cycle",
    title="The 2-cycle of normalised SAM with a lookahead, and its multiplier across",
    place=attributed("2-cycle"),
    says="Along L the 2-cycle has the half-width eta L rho/(2 - eta L + eta^2 L^2); across it, along -mu, a step "
    "multiplies by 1 + eta mu (1 + eta mu) - (mu/L)^2 (2 - eta L + eta^2 L^2).",
    given=(L > 0, *EG_SAM.given, x > 0),
    **conjunction(
        "together",
        Equal("axis", equal(value(_X, y, 0), _ON_X), "the axis is invariant"),
        Entails("cycle", iff(equal(_ON_X, -x), equal(x, eta * L * rho / (2 - eta * L + (eta * L) ** 2))),
                "a linear equation, and 2 - e + e^2 is positive"),
        Equal("across", equal(Coefficient(_Y, y, 0, 1), _ANYWHERE),
              "the norm of the gradient is stationary across the cycle"),
        Equal("on the cycle", equal(value(_ANYWHERE, x, eta * L * rho / (2 - eta * L + (eta * L) ** 2)), _ACROSS),
              "put the half-width in"),
        because="all four",
    ),
    twins=(Twin("SAM's half-width", iff(equal(_ON_X, -x), equal(x, eta * L * rho / (2 - eta * L)))),),
    voice="ours",
    argument="On the axis of L the ascended point is (1 - eta L) x + rho, so a step leads to (1 - eta L + eta^2 L^2) "
    "x - eta L rho. This is -x at the half-width given. Across the cycle the norm of the gradient is stationary, so "
    "the multiplier follows from rho/|g| = rho/(L x).",
    related=("eg-sam-saddle",),
)  # fmt: skip
SADDLE = Claim(
    id="eg-sam-saddle",
    title="Normalised, a stiff saddle traps the lookahead exactly where it traps SAM",
    place=attributed("saddle, normalised radius"),
    says="The multiplier across the 2-cycle along L is below 1 if and only if eta L (L + mu) < 2 mu: the same "
    "condition as for SAM without the lookahead.",
    statement=iff(below(_ACROSS, 1), eta * L * (L + mu) < 2 * mu),
    given=(L > 0, mu > 0, eta > 0),
    steps=(Entails("both ways", STATEMENT, "the terms with eta^2 cancel"),),
    rests=("eg-sam-cycle",),
    finding="The lookahead shrinks the region around a maximum, but not the set of steps for which a stiff saddle "
    "traps: the smaller ascent makes a smaller cycle, and on it rho over the gradient's norm is larger.",
    twins=(Twin("a smaller set", iff(below(_ACROSS, 1), eta * L * (L + mu) < mu)),),
    voice="ours",
    argument="The condition is eta mu (1 + eta mu) L^2 < mu^2 (2 - eta L + eta^2 L^2). Both sides contain eta^2 L^2 "
    "mu^2, which cancels. What is left is eta L (L + mu) < 2 mu, and that is the condition for SAM.",
)
ALONG = Claim(
    id="eg-sam-cycle-stable",
    title="With the lookahead the 2-cycle of a minimum is stable only for eta L < 1",
    place=attributed("2-cycle, stability"),
    says="Along L the cycle's multiplier is -(1 - eta L + eta^2 L^2), which is inside the unit circle if and only if "
    "eta L < 1; for SAM it is up to eta L < 2.",
    given=(L > 0, rho > 0, eta > 0, x > 0),
    **conjunction(
        "together",
        Equal("slope", equal(sp.Derivative(value(_X, y, 0), x), 1 - eta * L + (eta * L) ** 2), "differentiate"),
        Entails(
            "inside",
            iff(inside(-(1 - eta * L + (eta * L) ** 2)), eta * L < 1),
            "e (1 - e) is positive exactly for e < 1",
        ),
        because="both",
    ),
    twins=(Twin("up to 2", iff(inside(-(1 - eta * L + (eta * L) ** 2)), eta * L < 2)),),
    voice="ours",
    argument="The map is linear on each side of 0 with the slope 1 - e + e^2, e = eta L. This slope is positive, and "
    "below 1 exactly for e < 1. So the lookahead halves the range of steps for which a minimum is circled at a "
    "bounded distance.",
)

PAPER = Paper(
    "eg-sam",
    "Improving Sharpness-Aware Minimization by Lookahead",
    ("Yu", "Zhang", "Kwok"),
    2024,
    (EG_SAM, MAP, NORMALISED, CYCLE, SADDLE, ALONG),
    link="https://openreview.net/forum?id=J9YKDvqr65",
    sections=SECTIONS,
)
