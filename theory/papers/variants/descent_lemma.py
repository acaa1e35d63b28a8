r"""For which steps SAM lowers every loss of a class: a descent lemma with the sharp constants.

Key results
- Constant radius, convex and $\beta$-smooth: every step lowers the loss exactly if $\eta\beta(1+\rho\beta) < 2$.
- Not convex: exactly if $\rho\beta < 1$ as well.
- Normalised radius, convex: exactly down to $|g| = \eta\beta^2\rho/(2-\eta\beta)$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, at_least, equal, every, iff
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.papers.variants.classes import (
    CAUCHY_SCHWARZ,
    FALLS,
    GAIN,
    GENTLE,
    SMOOTH,
    G,
    P,
    Q,
    after,
    before,
    beta,
    convex,
    gain_steps,
    lipschitz,
)  # fmt: skip
from saddlecheck.theory.symbols import Expr, Formula, eta, rho, w

_RANGE = eta * beta * (1 + rho * beta) < 2
_STEP = (*SMOOTH, rho > 0, G > 0, CAUCHY_SCHWARZ)
READING = (
    "f and f' are the loss before and after the step, G the norm of its gradient g, P the product of g with the "
    "perturbed gradient and Q the latter's square. The conditions are what a loss of the class has along the ascent "
    "and along the step, so the conclusion holds for every loss of the class in every dimension."
)
_CONVEX_STEPS = (
    Entails("perturbed", at_least((2 + rho * beta) * P - (1 + rho * beta) * G**2, Q), "co-coercivity, solved for Q"),
    Entails(
        "between",
        at_least((P - G**2) * ((1 + rho * beta) * G**2 - P)),
        "with the inequality of Cauchy and Schwarz",
        uses=("perturbed",),
    ),
    Entails(
        "product",
        every(P >= G**2, (1 + rho * beta) * G**2 >= P),
        "a product of two factors, one of which is larger",
        uses=("between",),
    ),
)


def _update(key: str) -> Expr:
    """A step on the quadratic of the largest curvature of the class."""
    return OPTIMISERS[key].update(quadratic(beta))[0]


def _lowers(key: str, curvature: Expr = beta) -> Formula:
    """The step lowers the quadratic loss of that curvature."""
    return curvature * OPTIMISERS[key].update(quadratic(curvature))[0] ** 2 < curvature * w**2


DESCENT = Claim(
    id="descent-lemma",
    title="SAM with constant radius lowers every convex beta-smooth loss if eta beta (1 + rho beta) < 2",
    place=BEYOND,
    says="If eta beta (1 + rho beta) < 2, a step of SAM with constant radius lowers every convex beta-smooth loss at "
    "every point that is not critical.",
    reading=READING,
    statement=after < before,
    given=(*_STEP, convex(rho), _RANGE),
    steps=(
        *_CONVEX_STEPS,
        Entails(
            "lower", STATEMENT, "the bound is linear in P and negative at both ends", uses=("perturbed", "product")
        ),
    ),
    twins=(
        Twin("a quarter more", after < before, (*_STEP, convex(rho), 4 * eta * beta * (1 + rho * beta) < 10)),
        Twin("gradient descent's range", after < before, (*_STEP, convex(rho), eta * beta < 2)),
    ),
    voice="ours",
    argument="Co-coercivity along the ascent puts the perturbed gradient p into the ball whose diameter joins g and "
    "(1 + rho beta) g. The descent lemma bounds the change of the loss by eta (-g.p + eta beta |p|^2/2), a convex "
    "function of p that is largest at an end of that diameter. At p = g it is negative for eta beta < 2, at p = (1 + "
    "rho beta) g for eta beta (1 + rho beta) < 2, and the second condition contains the first.",
    related=("descent-lemma-sharp", "descent-lemma-nonconvex", "descent-lemma-normalised"),
)
SHARP = Claim(
    id="descent-lemma-sharp",
    title="The range of the descent lemma is attained by the quadratic of the largest curvature",
    place=BEYOND,
    says="On beta w^2/2 a step of SAM with constant radius lowers the loss if and only if eta beta (1 + rho beta) < 2.",
    statement=iff(_lowers("sam"), _RANGE),
    given=(beta > 0, eta > 0, rho > 0, sp.Ne(w, 0)),
    steps=(Entails("both ways", STATEMENT, "w is multiplied by 1 - eta beta (1 + rho beta)"),),
    twins=(Twin("the range of gradient descent", iff(_lowers("sam"), eta * beta < 2)),),
    voice="ours",
    argument="A step multiplies w by 1 - eta beta (1 + rho beta). The loss falls if and only if this lies strictly "
    "between -1 and 1, and for positive eta, beta and rho only the lower bound matters. So no larger step size is "
    "right for the whole class.",
)
NONCONVEX = Claim(
    id="descent-lemma-nonconvex",
    title="Without convexity SAM lowers every beta-smooth loss if rho beta < 1 as well",
    place=BEYOND,
    says="If rho beta < 1 and eta beta (1 + rho beta) < 2, a step of SAM with constant radius lowers every "
    "beta-smooth loss, convex or not, by at least a fixed positive multiple of the squared gradient norm.",
    reading=READING,
    statement=every(FALLS, above(GAIN)),
    given=(*_STEP, lipschitz(rho), GENTLE),
    steps=gain_steps(),
    twins=(Twin("any radius", before > after, (*_STEP, lipschitz(rho), _RANGE)),),
    voice="ours",
    argument="A beta-smooth loss keeps the perturbed gradient p in the ball of radius rho beta |g| around g. The "
    "bound -g.p + eta beta |p|^2/2 on the change is convex in p, so it is largest at p = (1 - rho beta) g or at p = "
    "(1 + rho beta) g. Both values are negative exactly under the two conditions, and their larger one gives the "
    "gain.",
    related=("descent-lemma-nonconvex-sharp",),
)
NONCONVEX_SHARP = Claim(
    id="descent-lemma-nonconvex-sharp",
    title="Beyond rho = 1/beta a maximum makes SAM climb",
    place=BEYOND,
    says="On -beta w^2/2, with eta beta (1 + rho beta) < 2, a step of SAM lowers the loss if and only if rho beta < 1.",
    statement=iff(_lowers("sam", -beta), rho * beta < 1),
    given=(beta > 0, eta > 0, rho > 0, sp.Ne(w, 0), _RANGE),
    steps=(Entails("both ways", STATEMENT, "w is multiplied by 1 + eta beta (1 - rho beta)"),),
    finding="The condition without which the descent lemma fails is the one below which no saddle attracts.",
    twins=(Twin("twice the radius", iff(_lowers("sam", -beta), rho * beta < 2)),),
    voice="ours",
    argument="A step multiplies w by 1 + eta beta (1 - rho beta). On a maximum the loss falls if and only if |w| "
    "grows. For rho beta < 1 the factor exceeds 1; for rho beta >= 1 it is at most 1 and, by the condition on the "
    "step size, above -1.",
)
NORMALISED = Claim(
    id="descent-lemma-normalised",
    title="Normalised SAM lowers every convex beta-smooth loss while |g| > eta beta^2 rho/(2 - eta beta)",
    place=BEYOND,
    says="If eta beta < 2, a step of normalised SAM lowers every convex beta-smooth loss wherever the gradient's norm "
    "exceeds eta beta^2 rho/(2 - eta beta).",
    reading=READING,
    statement=after < before,
    given=(*_STEP, convex(rho / G), eta * beta < 2, (2 - eta * beta) * G > eta * beta**2 * rho),
    steps=(
        Entails("perturbed", at_least((2 * G + rho * beta) * P - (G + rho * beta) * G**2, G * Q),
                "co-coercivity, solved for Q"),
        Entails("product", every(P >= G**2, (G + rho * beta) * G >= P), "with the inequality of Cauchy and Schwarz",
                uses=("perturbed",)),
        Entails("bound", eta * beta * ((2 * G + rho * beta) * P - (G + rho * beta) * G**2) < 2 * G * P,
                "linear in P and true at both ends", uses=("product",)),
        Entails("lower", STATEMENT, "the descent lemma, with Q and then P bounded", uses=("perturbed", "bound")),
    ),
    twins=(
        Twin("half the floor", after < before,
             (*_STEP, convex(rho / G), eta * beta < 2, 2 * (2 - eta * beta) * G > eta * beta**2 * rho)),
    ),
    voice="ours",
    argument="At one point normalised SAM is SAM with the constant radius rho/|g|. The descent lemma asks for eta "
    "beta (1 + beta rho/|g|) < 2, which is the condition on |g|. Below that norm the class contains a loss that "
    "rises, see the next claim.",
    related=("descent-lemma-normalised-sharp",),
)  # fmt: skip
NORMALISED_SHARP = Claim(
    id="descent-lemma-normalised-sharp",
    title="The floor of the gradient is attained: it is the 2-cycle of the quadratic of the largest curvature",
    place=BEYOND,
    says="On beta w^2/2 with eta beta < 2 a step of normalised SAM lowers the loss if and only if |w| > eta beta "
    "rho/(2 - eta beta), where the gradient is beta w.",
    given=(beta > 0, eta > 0, rho > 0, sp.Ne(w, 0), eta * beta < 2),
    **conjunction(
        "together",
        Equal("gradient", equal(sp.Derivative(quadratic(beta).expr, w), beta * w), "differentiate"),
        Entails(
            "both ways",
            iff(_lowers("sam_normalised"), (2 - eta * beta) * sp.Abs(w) > eta * beta * rho),
            "the map is linear on each side of 0",
        ),
        because="both",
    ),
    twins=(Twin("half of it", iff(_lowers("sam_normalised"), 2 * (2 - eta * beta) * sp.Abs(w) > eta * beta * rho)),),
    voice="ours",
    argument="For w > 0 a step leads to (1 - eta beta) w - eta beta rho. This is below w always and above -w exactly "
    "if (2 - eta beta) w > eta beta rho. At equality the step leads from w to -w: the floor is the half-width of the "
    "2-cycle.",
)

CLAIMS: tuple[Claim, ...] = (DESCENT, SHARP, NONCONVEX, NONCONVEX_SHARP, NORMALISED, NORMALISED_SHARP)
