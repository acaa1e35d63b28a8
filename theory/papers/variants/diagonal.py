r"""Andriushchenko and Flammarion 2022: which solution SAM selects in a diagonal linear network $w = w_+^2 - w_-^2$.

Per coordinate, with g the loss' derivative in w and p the one at the ascended weights.

Key results
- Exactly: $\frac{d}{dt}(w_+w_-) = -8\rho\,g\,p\,w_+w_-$, so that $\alpha^2$ becomes
  $\alpha^2\exp(-8\rho\int g\,p\,dt)$, with no remainder in $\rho$.
- $\frac{d}{dt}\ln(w_+/w_-) = -4p$: the solution is $2\alpha'^2\sinh(-4\int p\,dt)$, so it is the one of least
  hyperbolic entropy with that $\alpha'$.
- A step of gradient descent alone multiplies $w_+w_-$ by $1 - 4\eta^2g^2$: as much as SAM's at $\eta = 2\rho$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, implies
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, Matrix, gradient, point
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, eta, real, rho

plus, minus = real("w_+"), real("w_-")
g, p = real("g"), real("p")
_NETWORK = plus**2 - minus**2


def _slope(derivative: Expr) -> BareLoss:
    """A loss whose derivative in the network's output is the number given: all that a gradient sees of it."""
    return BareLoss((plus, minus), derivative * _NETWORK)


def _force(radius: Expr) -> Matrix:
    """SAM's direction: the ascent sees g, the descent p."""
    return gradient(_slope(p), point(_slope(g)) + radius * gradient(_slope(g)))


def _speed(of: Expr, force: Matrix) -> Expr:
    """How fast an expression in the weights changes along the flow."""
    return -sum(sp.diff(of, v) * f for v, f in zip((plus, minus), force, strict=True))


_UP, _DOWN = sp.Function(r"\dot{w}_{+}"), sp.Function(r"\dot{w}_{-}")  # for a display: of the weights, at a radius
DIAGONAL = Claim(
    id="andriushchenko-diagonal",
    title="SAM's flow in a diagonal network replaces alpha^2 by alpha^2 exp(-8 rho integral of g p), exactly",
    place=attributed("selection in diagonal linear networks"),
    says="Attributed to Andriushchenko and Flammarion: from w_+ = w_- = alpha SAM selects the solution that gradient "
    "flow selects from alpha exp(-rho Delta + O(rho^2)). In each coordinate the product w_+ w_- obeys d/dt (w_+ w_-) "
    "= -8 rho g p w_+ w_-, and the logarithm of w_+/w_- has the speed -4 p; gradient flow keeps the product.",
    reading="g and p are the derivatives of the loss in the coordinate w = w_+^2 - w_-^2, at the weights and at the "
    "ascended weights; constant radius, and for the normalised one rho is divided by the gradient's norm. So w = 2 "
    "alpha'^2 sinh(-4 times the integral of p), alpha'^2 = alpha^2 exp(-8 rho times the integral of g p): Delta is 4 "
    "times that integral, and there is no remainder. For a linear model the integral of p lies in the span of the "
    "data, which makes this the solution of least hyperbolic entropy with alpha'.",
    statement=every(
        equal(_speed(plus * minus, _force(rho)), -8 * rho * g * p * (plus * minus)),
        equal(_speed(plus, _force(rho)) / plus - _speed(minus, _force(rho)) / minus, -4 * p),
        equal(value(_speed(plus * minus, _force(rho)), rho, 0), 0),
    ),
    display=Display(
        (
            equal(_UP(rho) * minus + plus * _DOWN(rho), -8 * rho * g * p * (plus * minus)),
            equal(_UP(rho) / plus - _DOWN(rho) / minus, -4 * p),
            equal(value(_UP(rho) * minus + plus * _DOWN(rho), rho, 0), 0),
        ),
        {_UP(rho): -2 * p * plus * (1 + 2 * rho * g), _DOWN(rho): 2 * p * minus * (1 - 2 * rho * g)},
    ),
    given=(sp.Ne(plus, 0), sp.Ne(minus, 0)),
    steps=(Equal("speeds", STATEMENT, "each factor is ascended by 1 + 2 rho g or 1 - 2 rho g"),),
    finding="O(rho^2) hides nothing but g p against g^2: with the perturbed gradient in Delta the statement is exact "
    "for every radius.",
    twins=(Twin("the product is kept", equal(_speed(plus * minus, _force(rho)), 0)),),
    voice="paper",
    provenance="from memory",
    argument="The ascent multiplies w_+ by 1 + 2 rho g and w_- by 1 - 2 rho g. The descent moves their logarithms by "
    "-2 (1 + 2 rho g) p and 2 (1 - 2 rho g) p. The sum of the two is -8 rho g p, the difference -4 p. The first is "
    "the law of the product, the second that of the ratio, and together they give w.",
    related=("andriushchenko-diagonal-sign", "andriushchenko-diagonal-map"),
)
_UP = _NETWORK.subs({plus: plus * (1 + 2 * rho * g), minus: minus * (1 - 2 * rho * g)}, simultaneous=True)
SIGN = Claim(
    id="andriushchenko-diagonal-sign",
    title="For convex losses g p is positive: SAM makes the effective alpha smaller",
    place=attributed("sign of Delta"),
    says="As long as rho |g| <= 1 the ascent moves the network's output in the direction of g. A convex loss of that "
    "output then has g p >= g^2, so that alpha only shrinks.",
    reading="One coordinate of the output; convexity makes p - g have the sign of the output's change.",
    statement=implies(sp.Abs(rho * g) <= 1, g * (_UP - _NETWORK) >= 0),
    given=(rho > 0,),
    steps=(Entails("rises", STATEMENT, "the change is 4 rho g (w_+^2 + w_-^2 + rho g (w_+^2 - w_-^2))"),),
    twins=(Twin("for every radius", g * (_UP - _NETWORK) >= 0),),
    voice="ours",
    argument="The output changes by 4 rho g times w_+^2 + w_-^2 + rho g (w_+^2 - w_-^2). For rho |g| <= 1 the second "
    "factor is a sum of squares with weights 1 + rho g and 1 - rho g that are not negative. So the output moves "
    "uphill, and the derivative of a convex loss grows in its own direction.",
)


def _stepped(force: Matrix) -> Expr:
    """The product after a step, in units of the product before."""
    return (plus - eta * force[0]) * (minus - eta * force[1]) / (plus * minus)


MAP = Claim(
    id="andriushchenko-diagonal-map",
    title="A finite step of gradient descent alone shrinks alpha as SAM with rho = eta/2 does in the flow",
    place=attributed("the discrete step"),
    says="A step of gradient descent multiplies w_+ w_- by 1 - 4 eta^2 g^2, one of SAM by 1 - 8 eta rho g p - 4 eta^2 "
    "(1 - 4 rho^2 g^2) p^2.",
    statement=every(
        equal(_stepped(gradient(_slope(g))), 1 - 4 * eta**2 * g**2),
        equal(_stepped(_force(rho)), 1 - 8 * eta * rho * g * p - 4 * eta**2 * (1 - 4 * rho**2 * g**2) * p**2),
        equal(Coefficient(_stepped(_force(rho)), eta, 0, 1), -8 * rho * g * p),
    ),
    given=(sp.Ne(plus, 0), sp.Ne(minus, 0)),
    steps=(Equal("steps", STATEMENT, "multiply the two factors"),),
    finding="With p near g the two effects are as 2 rho to eta: at the customary rho = 0.05 and eta = 0.1 half of "
    "what is measured is the step's own.",
    twins=(Twin("gradient descent keeps it", equal(_stepped(gradient(_slope(g))), 1)),),
    voice="ours",
    argument="A step of gradient descent multiplies w_+ by 1 - 2 eta g and w_- by 1 + 2 eta g, hence the product by 1 "
    "- 4 eta^2 g^2. With the ascent the factors are 1 - 2 eta (1 + 2 rho g) p and 1 + 2 eta (1 - 2 rho g) p. The term "
    "of first order in eta is the flow's.",
)

PAPER = Paper(
    "andriushchenko",
    "Towards Understanding Sharpness-Aware Minimization",
    ("Andriushchenko", "Flammarion"),
    2022,
    (DIAGONAL, SIGN, MAP),
    link="https://arxiv.org/abs/2206.06232",
    sections=SECTIONS,
)
