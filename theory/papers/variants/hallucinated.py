r"""Park, Jang, Ryu and Yang 2025: normalised SAM may settle where only the perturbed gradient vanishes.

One dimension: the gradient is $(u-p)(u-M)(u-q)$, minima at p < q, a maximum at M between them.

Key results
- q - rho is such a point exactly for $q - M < \rho < q - p$: beyond the maximum, not yet beyond the other minimum.
- It attracts, with the multiplier $1 - \eta\,l''(q)$ of the minimum itself.
- Convex losses have none, in any dimension; smooth ones have $|g| \le \beta\rho$ there.
"""

from __future__ import annotations

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.formulas import at_least, between, differ, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants.classes import G, P, Q, beta, lipschitz
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, eta, real, rho, w

low, top, high = real("p"), real("M"), real("q")


def _gradient(at: Expr) -> Expr:
    return (at - low) * (at - top) * (at - high)


_uphill = _gradient(high - rho) > 0  # then the ascent leads right by rho, to the minimum
HALLUCINATED = Claim(
    id="hallucinated",
    title="A hallucinated minimum needs a radius larger than the distance from the minimum to the maximum",
    place=attributed("hallucinated minima"),
    says="Attributed to Park and others: normalised SAM can settle at points w with grad l(w + rho g/|g|) = 0 and g "
    "not 0, and that needs rho to exceed the distance from the minimum to a maximum. At w = q - rho the ascent leads "
    "to the minimum q only if rho > q - M.",
    reading="One dimension, two minima p < q and the maximum M between them. The ascent from q - rho leads to q if "
    "the gradient there is positive; the case q + rho with a negative gradient does not occur right of the last "
    "minimum.",
    statement=implies(_uphill, rho > high - top),
    given=(low < top, top < high, rho > 0),
    steps=(Entails("needs", STATEMENT, "between M and q the gradient is negative"),),
    twins=(Twin("half the distance", implies(rho < high - low, iff(_uphill, 2 * rho > high - top))),),
    voice="paper",
    provenance="second hand",
    argument="The ascent from q - rho leads right only if the loss rises there. Between the maximum M and the minimum "
    "q it falls. So q - rho lies left of M.",
    related=("hallucinated-exactly", "hallucinated-attracts", "hallucinated-convex"),
)
EXACTLY = Claim(
    id="hallucinated-exactly",
    title="Between two minima it exists exactly for q - M < rho < q - p",
    place=attributed("hallucinated minima, exactly"),
    says="q - rho is a hallucinated minimum if and only if rho lies between the distance from q to the maximum and "
    "the distance from q to the other minimum.",
    reading="For any loss in one dimension the condition is l'(m - rho) > 0, or l'(m + rho) < 0, at a minimum m. Here "
    "it is solved for a loss with two minima.",
    statement=iff(_uphill, between(rho, high - top, high - low)),
    given=HALLUCINATED.given,
    steps=(Entails("both ways", STATEMENT, "the sign of a product of three factors"),),
    finding="The radius must not be too large either: beyond the other minimum the loss falls again.",
    twins=(Twin("any larger radius", iff(_uphill, rho > high - top)),),
    voice="ours",
    argument="The gradient changes sign at p, M and q. It is positive between p and M and right of q. So the ascent "
    "from q - rho leads to q exactly if q - rho lies between p and M.",
)
ATTRACTS = Claim(
    id="hallucinated-attracts",
    title="A hallucinated minimum attracts exactly as the minimum attracts gradient descent",
    place=attributed("hallucinated minima attract"),
    says="Where the ascent leads right, a step of normalised SAM leaves q - rho at rest, and multiplies a small "
    "displacement by 1 - eta l''(q), as gradient descent does at q.",
    reading="l''(q) = (q - p)(q - M). The ascent has a constant direction around q - rho, so the step is w - eta l'(w "
    "+ rho) there.",
    statement=every(
        equal(Coefficient(w - eta * _gradient(w + rho), w, high - rho, 0), high - rho),
        equal(Coefficient(w - eta * _gradient(w + rho), w, high - rho, 1), 1 - eta * (high - low) * (high - top)),
        equal(Coefficient(_gradient(w), w, high, 1), (high - low) * (high - top)),
    ),
    given=HALLUCINATED.given,
    steps=(Equal("expansion", STATEMENT, "the ascent is a translation"),),
    twins=(
        Twin(
            "the curvature at the point itself",
            equal(
                Coefficient(w - eta * _gradient(w + rho), w, high - rho, 1),
                1 - eta * (high - rho - low) * (high - rho - top),
            ),
        ),
    ),
    voice="ours",
    argument="Around q - rho the sign of the gradient does not change, so the ascent adds the constant rho. The step "
    "is that of gradient descent at w + rho, translated back. Its multiplier is therefore that of the minimum, and it "
    "attracts for eta l''(q) < 2.",
)
CONVEX = Claim(
    id="hallucinated-convex",
    title="A convex loss has no hallucinated minimum",
    place=attributed("convex losses"),
    says="On a convex loss, in any dimension, the perturbed gradient of normalised SAM vanishes nowhere but where the "
    "gradient does.",
    reading="G is the gradient's norm and P its product with the perturbed gradient. Convexity makes the gradient "
    "monotone along the ascent: P >= G^2. A perturbed gradient that is 0 has P = 0.",
    statement=differ(P),
    given=(G > 0, at_least(rho * (P - G**2), 0), rho > 0),
    steps=(Entails("not zero", STATEMENT, "P is at least G^2"),),
    twins=(Twin("without monotonicity", differ(P), (G > 0, rho > 0)),),
    voice="ours",
    argument="Along the ascent the gradient of a convex loss turns by no more than a right angle: g.p >= |g|^2. That "
    "is positive where g is not 0. So p is not 0 either.",
)
SMOOTH = Claim(
    id="hallucinated-gradient",
    title="At a hallucinated minimum of a smooth loss the gradient is at most beta rho",
    place=attributed("size of the gradient"),
    says="On a beta-smooth loss, in any dimension, |g| <= beta rho wherever the perturbed gradient is 0.",
    reading="P and Q are the product of the gradient with the perturbed one and the latter's square.",
    statement=implies(every(equal(P, 0), equal(Q, 0)), beta * rho >= G),
    given=(G > 0, beta > 0, rho > 0, lipschitz(rho / G)),
    steps=(Entails("bound", STATEMENT, "the gradient changes by at most beta rho along the ascent"),),
    twins=(Twin("half of it", implies(every(equal(P, 0), equal(Q, 0)), beta * rho >= 2 * G)),),
    voice="ours",
    argument="The ascent has the length rho, along which a beta-smooth gradient changes by at most beta rho. If it is "
    "0 at the end, it is at most beta rho at the start. That is the constant which an attractor comes arbitrarily "
    "near to.",
)

PAPER = Paper(
    "hallucinated",
    "Sharpness-Aware Minimization Can Hallucinate Minimizers",
    ("Park", "Jang", "Ryu", "Yang"),
    2025,
    (HALLUCINATED, EXACTLY, ATTRACTS, CONVEX, SMOOTH),
    link="https://arxiv.org/abs/2509.21818",
    sections=SECTIONS,
)
