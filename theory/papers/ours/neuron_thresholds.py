r"""How far apart mean, mean-square and almost-sure stability of SAM at the toy neuron's line are, beyond the paper.

One sample a step, constant radius; u = eta w2 and s = rho w2. Key results: at s = 1/20 the three sit side by side,
E m = 1, E m^2 = 1 + v and |m1 m2| = 1 - v with v = (24 u/5)^2 (toy-side-by-side); mean-square stability implies the
others (toy-stability-order); the thresholds in s are 1/20 - 36 u/125, 1/20, 1/20 + 36 u/125 to first order in u
(toy-thresholds, toy-thresholds-apart).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import between, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.kim.neuron.neuron_model import MEAN, PRODUCT, SIZES, SQUARE, s, u
from saddlecheck.theory.symbols import real

SIDE_BY_SIDE = Claim(
    id="toy-side-by-side",
    title="At the toy neuron's mean threshold: mean 1, mean square 1 + v, product of the multipliers 1 - v",
    place=BEYOND,
    voice="ours",
    says=(
        "For rho w2 = 1/20 and one sample a step the multipliers are 1 - 24u/5 and 1 + 24u/5 with u = eta w2, and v"
        " = (24u/5)^2."
    ),
    statement=every(
        *(
            equal(value(moment, s, sp.Rational(1, 20)), result)
            for moment, result in (
                (MEAN, 1),
                (SQUARE, 1 + (sp.Rational(24, 5) * u) ** 2),
                (PRODUCT, 1 - (sp.Rational(24, 5) * u) ** 2),
            )
        )
    ),
    steps=(Equal("values", STATEMENT, "put rho w2 = 1/20 into the multipliers"),),
    finding=(
        "Three stabilities, three answers: neutral on average, unstable in mean square, stable almost surely (for v"
        " < 2)."
    ),
    twins=(Twin("the mean square is neutral as well", equal(SQUARE.subs(s, sp.Rational(1, 20)), 1)),),
)

m1, m2 = real("m1"), real("m2")
ORDER = Claim(
    id="toy-stability-order",
    title="At the toy neuron's line mean-square stability implies the other two",
    place=BEYOND,
    voice="ours",
    says=(
        "If the mean square of two equally likely multipliers is less than 1, so are the size of their mean and of "
        "their product."
    ),
    statement=implies(m1**2 + m2**2 < 2, every(between(m1 * m2, -1, 1), between((m1 + m2) / 2, -1, 1))),
    steps=(Entails("implied", STATEMENT, "arithmetic and geometric means"),),
    twins=(
        Twin(
            "almost-sure stability implies the mean's", implies(between(m1 * m2, -1, 1), between((m1 + m2) / 2, -1, 1))
        ),
        Twin(
            "the mean's implies almost-sure stability", implies(between((m1 + m2) / 2, -1, 1), between(m1 * m2, -1, 1))
        ),
    ),
)

SAM_WINDOW = Claim(
    id="toy-sam-window",
    title="The radii and steps for which almost every run of SAM ends on the line",
    place=BEYOND,
    voice="ours",
    says=(
        "With one sample a step the Lyapunov exponent is negative exactly between two curves in the plane of eta w2"
        " and rho w2."
    ),
    reading="u = eta w2, s = rho w2; the geometric mean of the two multipliers is less than 1 in size.",
    statement=iff(
        between(PRODUCT, -1, 1),
        every(
            1 - 20 * s < 8 * u * (1 - 4 * s - 32 * s**2), 2 * u * (20 * s - 1) + 16 * u**2 * (1 - 4 * s - 32 * s**2) < 1
        ),
    ),
    given=SIZES,
    steps=(
        Equal("product", equal(PRODUCT, 1 + 4 * u * (1 - 20 * s) - 32 * u**2 * (1 - 4 * s - 32 * s**2))),
        Entails("between", STATEMENT, "compare the product with 1 and with -1", uses=("product",)),
    ),
    twins=(Twin("the lower curve alone", iff(between(PRODUCT, -1, 1), 1 - 20 * s < 8 * u * (1 - 4 * s - 32 * s**2))),),
)

SURE = 2 * (1 - 8 * u) / (20 - 32 * u + sp.sqrt(400 - 2304 * u + 9216 * u**2))
QUADRATIC = 2 * (1 + 10 * u) / (20 + 112 * u + sp.sqrt(400 + 2304 * u - 9216 * u**2))
THRESHOLDS = Claim(
    id="toy-thresholds",
    title="The three thresholds of the toy neuron's line, exactly",
    place=BEYOND,
    voice="ours",
    says=(
        "In rho w2, almost-sure and mean-square stability begin at the smaller roots of two quadratics, mean stability "
        "at 1/20."
    ),
    reading="For single samples, steps eta w2 < 1/10 and radii rho w2 <= 1/2.",
    statement=every(
        iff(between(PRODUCT, -1, 1), s > SURE), iff(SQUARE < 1, s > QUADRATIC), iff(MEAN < 1, s > sp.Rational(1, 20))
    ),
    given=(u > 0, u < sp.Rational(1, 10), s >= 0, s <= sp.Rational(1, 2)),
    steps=(Entails("held", STATEMENT, "between its roots a quadratic is negative"),),
    twins=(
        Twin("one threshold for the mean and almost every run", iff(between(PRODUCT, -1, 1), MEAN < 1)),
        Twin("one threshold for the mean and the mean square", iff(SQUARE < 1, MEAN < 1)),
    ),
    related=("toy-thresholds-apart",),
)
APART = Claim(
    id="toy-thresholds-apart",
    title="How far apart the three thresholds of the toy neuron's line are",
    place=BEYOND,
    voice="ours",
    says="To first order in eta w2, the outer two lie (36/125) eta w2 below and above the mean's 1/20 in rho w2.",
    statement=every(
        *(
            equal(Coefficient(root, u, sp.S.Zero, sp.Integer(k)), known)
            for root, slope in ((SURE, sp.Rational(-36, 125)), (QUADRATIC, sp.Rational(36, 125)))
            for k, known in enumerate((sp.Rational(1, 20), slope))
        )
    ),
    given=(u > 0, u < sp.Rational(1, 10)),
    steps=(Equal("expansion", STATEMENT, "expand the roots at u = 0"),),
    finding=(
        "At eta w2 = 0.003 they differ by under 4 per cent: in the figure's regime one threshold speaks for all three."
    ),
    twins=(Twin("no difference at first order", equal(SURE, sp.Rational(1, 20))),),
    related=("toy-thresholds",),
)

CLAIMS: tuple[Claim, ...] = (SIDE_BY_SIDE, ORDER, SAM_WINDOW, THRESHOLDS, APART)
