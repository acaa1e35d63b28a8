r"""Three meanings of "the line holds it" for a random multiplier m: on average, in mean square, almost surely.

Mean: |E m| < 1. Mean square: E m^2 < 1. Almost surely: the Lyapunov exponent E log|m| is negative, that is, the
geometric mean of |m| is less than 1 (toy-lyapunov), a polynomial condition for each batch size. Key results: in mean
square the same radius as on average, if the step is small enough (toy-mean-square); SGD itself is held almost surely
in a window of learning rates although its mean and mean square grow there (toy-sgd-window, toy-sgd-growth). How far
apart the three are for SAM is in `neuron_thresholds`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.formulas import between, equal, every, iff, implies
from saddlecheck.theory.claims.mutation import mistake
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Entails, Equal
from saddlecheck.theory.papers.kim.neuron.neuron_model import (
    MEAN,
    MOMENTS,
    PRODUCT,
    SIZES,
    SQUARE,
    expect,
    multiplier,
    multiplier_in_sizes,
    s,
    u,
)
from saddlecheck.theory.papers.ours.bounds import EXP_SIGN
from saddlecheck.theory.symbols import B, eta, real, rho, w2, x

b = real("b")  # 1/B

MEAN_SQUARE = sp.expand(expect(sp.expand(multiplier() ** 2)).subs(B, 1 / b))
_SPREAD = (1 + 9 * b) - 4 * rho * w2 * (1 + 27 * b) + 4 * (rho * w2) ** 2 * (1 + 54 * b + 81 * b**2 * (3 - 2 * b))
_square = equal(MEAN_SQUARE, 1 + 4 * eta * w2 * (eta * w2 * _SPREAD - (2 * rho * w2 * (1 + 9 * b) - 1)))
MEAN_SQUARE_RATE = Claim(
    id="toy-mean-square",
    title="In mean square the line holds SAM if the step is small against rho's excess over its threshold",
    place=BEYOND,
    voice="ours",
    says=(
        "The mean square of w1 shrinks exactly if eta w2 times a quadratic in rho w2 is less than 2 rho w2 (1 + "
        "9/B) - 1."
    ),
    reading=(
        "b is 1/B; b = 0 is the whole training set. For B = 1: eta w2 (10 - 112 s + 544 s^2) < 20 s - 1 with s = "
        "rho w2."
    ),
    statement=iff(MEAN_SQUARE < 1, eta * w2 * _SPREAD < 2 * rho * w2 * (1 + 9 * b) - 1),
    given=(w2 > 0, eta > 0, rho >= 0, b >= 0, b <= 1),
    steps=(
        Equal("mean square", _square, "average the square over the labels"),
        Entails("calm", STATEMENT, "subtract 1 from the mean square and divide by the positive factor",
                uses=("mean square",)),
    ),
    finding="The same threshold as for the mean as eta w2 -> 0, a higher one for every positive step.",
    twins=(
        Twin("eta/2 for eta", mistake("eta/2 for eta", _square)),
        Twin("the mean's condition alone", iff(MEAN_SQUARE < 1, 2 * rho * w2 * (1 + 9 * b) - 1 > 0)),
        Twin("a Gaussian mean label", equal(MOMENTS[4], sp.Rational(1, 16) + 27 / (8 * B) + 3 * (9 / (4 * B)) ** 2),
             (B >= 1,)),
    ),
    related=("toy-mean-rate",),
)  # fmt: skip

p, q = real("p"), real("q")
LYAPUNOV = Claim(
    id="toy-lyapunov",
    title="The Lyapunov exponent is negative exactly if the product of the multipliers is less than 1",
    place=BEYOND,
    voice="ours",
    says="For two equally likely multipliers the mean of log|m| is negative if and only if |m1 m2| < 1.",
    reading="p = log|m1| and q = log|m2|, so that |m1 m2| = e^(p+q). A multiplier of 0 reaches the line in one step.",
    statement=iff(p + q < 0, sp.exp(p + q) < 1),
    steps=(cite("exponent", EXP_SIGN, {x: p + q}, STATEMENT, "e^(p+q) - 1 has the sign of p + q"),),
    twins=(Twin("each multiplier less than 1", iff(p + q < 0, every(p < 0, q < 0))),),
)  # fmt: skip
ALMOST_SURE = Claim(
    id="toy-almost-sure",
    title="Almost every run near the line follows the Lyapunov exponent",
    place=BEYOND,
    voice="ours",
    says=(
        "With independent batches, log|w1|/n tends to E log|m| almost surely in the linearised dynamics, whatever "
        "the mean does."
    ),
    reading=(
        "The linearised dynamics only: that a run of the network itself stays near the line is what simulation shows."
    ),
    statement=Prop(
        "strong-law",
        "For independent, identically distributed multipliers with finite E|log|m||, (1/n) log|m_1 ... m_n| tends to "
        "E log|m| almost surely.",
    ),
    steps=(
        Accept("strong law", STATEMENT, "the logarithm of the product is a sum of independent terms",
               source="Kolmogorov's strong law of large numbers (Billingsley, Probability and Measure, Theorem 22.1)"),
    ),
    twins=(Twin("a growing mean makes the runs grow", implies(MEAN > 1, PRODUCT > 1), SIZES),),
)  # fmt: skip

SGD_WINDOW = Claim(
    id="toy-sgd-window",
    title="SGD itself is held at the line for 1/8 < eta w2 < (1 + sqrt(17))/16",
    place=BEYOND,
    voice="ours",
    says=(
        "With one sample a step and no radius, the Lyapunov exponent of the step linearised at the line is negative "
        "exactly in that window of learning rates: there w1 tends to 0 almost surely (toy-almost-sure)."
    ),
    reading="u = eta w2; the geometric mean of the two multipliers 1 - 4u and 1 + 8u is less than 1 in size.",
    statement=iff(between(PRODUCT.subs(s, 0), -1, 1), between(u, sp.Rational(1, 8), (1 + sp.sqrt(17)) / 16)),
    given=(u > 0,),
    steps=(
        Equal(
            "product",
            equal(PRODUCT.subs(s, 0), 1 + 4 * u - 32 * u**2),
            "the product of the two labels' multipliers at s = 0",
        ),
        Entails("window", STATEMENT, "the product is 1 at the lower edge and -1 at the upper", uses=("product",)),
    ),
    finding=(
        "Both edges belong to almost-sure stability. It is a property of large steps, which a comparison of SAM "
        "with SGD has to avoid."
    ),
    twins=(
        Twin("an edge at 1/4", implies(between(u, 0, sp.Rational(1, 4)), PRODUCT.subs(s, 0) > 1)),
        Twin("no upper edge", iff(between(PRODUCT.subs(s, 0), -1, 1), u > sp.Rational(1, 8))),
    ),
)
SGD_GROWTH = Claim(
    id="toy-sgd-growth",
    title="In the window where SGD is held at the line its mean and mean square grow",
    place=BEYOND,
    voice="ours",
    says="Without a radius, mean and mean square of w1 grow next to the line for every learning rate.",
    statement=every(value(MEAN, s, 0) > 1, value(SQUARE, s, 0) > 1),
    given=(u > 0,),
    steps=(
        Equal("values", every(
            equal(value(MEAN, s, 0), 1 + 2 * u), equal(value(SQUARE, s, 0), 1 + 4 * u + 40 * u**2)
        ), "average over the two labels"),
        Entails("growth", STATEMENT, "1 + 2u and 1 + 4u + 40u^2 exceed 1 for u > 0", uses=("values",)),
    ),
    finding=(
        "A few runs escape so fast that they carry the averages, while almost every run ends on the line: averages "
        "do not tell where runs end."
    ),
    twins=(Twin("the mean decides", implies(between(PRODUCT.subs(s, 0), -1, 1), MEAN.subs(s, 0) < 1)),),
)  # fmt: skip

_TWO = (PRODUCT * multiplier_in_sizes("1/2") ** 2).subs(s, 0)
SGD_TWO = Claim(
    id="toy-sgd-window-two",
    title="Two samples a step hold SGD in a narrower window at larger steps, the whole training set in none",
    place=BEYOND,
    voice="ours",
    says="With two samples a step SGD can be held only for 1/5 < eta w2 < 2/7; with the whole training set never.",
    reading=(
        "The mean label of two samples is -1, 1/2, 1/2 or 2; the product of the four multipliers is less than 1 in "
        "size."
    ),
    statement=every(
        implies(between(_TWO, -1, 1), between(u, sp.Rational(1, 5), sp.Rational(2, 7))),
        multiplier_in_sizes("1/2").subs(s, 0) > 1,
    ),
    given=(u > 0,),
    steps=(Entails("narrow", STATEMENT, "a polynomial in u alone"),),
    finding="Here too the smaller batch holds more firmly.",
    twins=(Twin("the window of one sample", iff(between(_TWO, -1, 1), between(PRODUCT.subs(s, 0), -1, 1))),),
)

CLAIMS: tuple[Claim, ...] = (MEAN_SQUARE_RATE, LYAPUNOV, ALMOST_SURE, SGD_WINDOW, SGD_GROWTH, SGD_TWO)
