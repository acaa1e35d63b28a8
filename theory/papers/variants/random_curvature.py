r"""Mini-batches that differ in curvature: SAM with constant radius on a scalar quadratic.

With h the curvature of one mini-batch a step multiplies w by $1 - \eta h(1+\rho h)$ (the same mini-batch twice),
$1 - \eta h'(1+\rho h)$ (independent ones) or $1 - \eta h(1+\rho m_1)$ (ascent on the full loss); $m_j = E h^j$.

Key results
- Mean: with the same mini-batch a saddle traps from $\mu/m_2 \le 1/\mu$ on, otherwise from $1/\mu$ on.
- Mean square: three formulas. Contraction in mean square implies that of the mean; for small steps both have the sign
  of the mean rate.
- Almost surely: paths may tend to a saddle whose mean leaves.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.ours.normalised import inside
from saddlecheck.theory.papers.variants.laws import PROPER, mean, moment, p
from saddlecheck.theory.symbols import Expr, eta, h, mu, real, rho

k1, k2 = real("k_1"), real("k_2")

m1, m2, m3, m4 = (real(f"m_{j}") for j in range(1, 5))


def _same(curvature: Expr = h) -> Expr:
    return 1 - eta * curvature * (1 + rho * curvature)


def _both(expr: Expr) -> Expr:
    """The expectation over two independent mini-batches."""
    return mean(mean(expr, h), real("h_a"))


_WITH_MOMENTS = {m1: moment(1), m2: moment(2), m3: moment(3), m4: moment(4)}
MEANS = {
    "same": 1 - eta * (m1 + rho * m2),
    "independent": 1 - eta * m1 * (1 + rho * m1),
    "full_ascent": 1 - eta * m1 * (1 + rho * m1),
}
MEAN_SQUARES = {
    "same": 1 - 2 * eta * (m1 + rho * m2) + eta**2 * (m2 + 2 * rho * m3 + rho**2 * m4),
    "independent": 1 - 2 * eta * m1 * (1 + rho * m1) + eta**2 * m2 * (1 + 2 * rho * m1 + rho**2 * m2),
    "full_ascent": 1 - 2 * eta * m1 * (1 + rho * m1) + eta**2 * m2 * (1 + rho * m1) ** 2,
}
_LAW = "Shown for every law with two values. The expansion is the same for every law: only its moments enter."
_KEPT, _a = sp.Function("q"), real("h_a")  # for a display: what a step keeps of w
_SHOWN = Display(
    (
        equal(mean(_KEPT(h, h) ** 2, h), MEAN_SQUARES["same"]),
        equal(_both(_KEPT(h, _a) ** 2), MEAN_SQUARES["independent"]),
        equal(mean(_KEPT(h, m1) ** 2, h), MEAN_SQUARES["full_ascent"]),
    ),
    {_KEPT(h, _a): 1 - eta * h * (1 + rho * _a), **_WITH_MOMENTS},
)
MEAN = Claim(
    id="random-curvature",
    title="With the same mini-batch in both gradients a saddle traps on average from mu/m_2 on",
    place=BEYOND,
    says="If mini-batches differ in curvature, with moments m_1 = -mu and m_2, the mean step of SAM with constant "
    "radius contracts from rho = mu/m_2 on if both gradients use the same mini-batch, and from 1/mu on if they use "
    "independent ones or the ascent uses the full loss. m_2 is at least mu^2, so the first threshold is never larger.",
    reading=_LAW + " 'Contracts' is a multiplier below 1; above -1 asks for a small step.",
    given=(mu > 0, rho > 0, eta > 0, *PROPER),
    **conjunction(
        "together",
        Equal("means",
              every(equal(mean(_same(), h), MEANS["same"].subs(_WITH_MOMENTS)),
                    equal(_both(1 - eta * h * (1 + rho * real("h_a"))), MEANS["independent"].subs(_WITH_MOMENTS)),
                    equal(mean(1 - eta * h * (1 + rho * moment(1)), h), MEANS["full_ascent"].subs(_WITH_MOMENTS))),
              "expand the expectations"),
        Entails("spread", moment(2) >= moment(1) ** 2, "a variance is not negative"),
        Entails("thresholds",
                every(iff(MEANS["same"].subs(m1, -mu) < 1, rho * m2 > mu),
                      iff(MEANS["independent"].subs(m1, -mu) < 1, rho * mu > 1)), "the sign of the mean rate"),
        because="all",
    ),
    finding="Small mini-batches have a large m_2: the more they differ, the smaller the radius that traps. Along a "
    "direction in which the mean curvature is nearly 0 any radius does.",
    twins=(
        Twin("1/mu for the same mini-batch", iff(MEANS["same"].subs(m1, -mu) < 1, rho * mu > 1),
             (mu > 0, rho > 0, eta > 0, m2 >= mu**2)),
    ),
    voice="ours",
    argument="With the same mini-batch the rate is h (1 + rho h), whose mean is m_1 + rho m_2. With independent ones, "
    "or a full ascent, the means multiply to m_1 (1 + rho m_1). At m_1 = -mu the first is positive from rho = mu/m_2 "
    "on, the others from 1/mu on, and m_2 >= mu^2.",
    related=("random-curvature-mean-square", "random-curvature-signs", "random-curvature-almost-sure"),
)  # fmt: skip
SQUARE = Claim(
    id="random-curvature-mean-square",
    title="What one step does to E w^2 under random curvature, for three ways to draw mini-batches",
    place=BEYOND,
    says="E w^2 is multiplied by 1 - 2 eta (m_1 + rho m_2) + eta^2 (m_2 + 2 rho m_3 + rho^2 m_4) with the same "
    "mini-batch, by 1 - 2 eta m_1 (1 + rho m_1) + eta^2 m_2 (1 + 2 rho m_1 + rho^2 m_2) with independent ones, and by "
    "1 - 2 eta m_1 (1 + rho m_1) + eta^2 m_2 (1 + rho m_1)^2 with a full ascent.",
    reading=_LAW,
    statement=every(
        equal(mean(_same() ** 2, h), MEAN_SQUARES["same"].subs(_WITH_MOMENTS)),
        equal(_both((1 - eta * h * (1 + rho * real("h_a"))) ** 2), MEAN_SQUARES["independent"].subs(_WITH_MOMENTS)),
        equal(mean((1 - eta * h * (1 + rho * moment(1))) ** 2, h), MEAN_SQUARES["full_ascent"].subs(_WITH_MOMENTS)),
    ),
    display=_SHOWN,
    given=PROPER,
    steps=(Equal("squares", STATEMENT, "expand the expectations"),),
    twins=(Twin("the square of the mean", equal(mean(_same() ** 2, h), mean(_same(), h) ** 2)),),
    voice="ours",
    argument="A new mini-batch is independent of w, so the mean square of the multiplier is what multiplies E w^2. It "
    "is expanded in powers of h. Independent mini-batches make m_2 times m_2 of what is m_4 for the same one.",
)
_any_mean, _any_square = p * k1 + (1 - p) * k2, p * k1**2 + (1 - p) * k2**2
SIGNS = Claim(
    id="random-curvature-signs",
    title="Contraction in mean square implies that of the mean, and for small steps the two agree",
    place=BEYOND,
    says="For multipliers with two values, contraction of E w^2 implies contraction of E w. To first order in eta the "
    "rate of E w^2 is twice that of E w, for each way to draw mini-batches, so both have the sign of the mean rate as "
    "eta tends to 0.",
    reading="k_1 and k_2 are the multiplier's values, which covers the same mini-batch and the full ascent.",
    given=PROPER,
    **conjunction(
        "together",
        Entails("variance", at_least(_any_square, _any_mean**2), "the difference is p (1 - p)(k_1 - k_2)^2"),
        Entails(
            "convexity",
            implies(_any_square < 1, inside(_any_mean)),
            "a mean square is at least the square of the mean",
            uses=("variance",),
        ),
        Equal(
            "first order",
            every(
                *(
                    equal(Coefficient(MEAN_SQUARES[way], eta, 0, 1), 2 * Coefficient(MEANS[way], eta, 0, 1))
                    for way in MEANS
                )
            ),
            "the terms with eta^2 drop out",
        ),
        of=("convexity", "first order"),
        because="both",
    ),
    finding="At a finite step they disagree: the mean may contract while E w^2 grows.",
    twins=(Twin("the mean implies mean square", implies(inside(_any_mean), _any_square < 1)),),
    voice="ours",
    argument="The mean square of a number is the square of its mean plus its variance. If the first is below 1, so is "
    "the second. The variance of the multiplier is of second order in eta, so to first order both statements are "
    "about the mean rate.",
)
ALMOST_SURE = Claim(
    id="random-curvature-almost-sure",
    title="Almost surely is the weakest: contraction in mean square implies it",
    place=BEYOND,
    says="For two equally likely mini-batches w tends to 0 almost surely if |k_1 k_2| < 1, k_1 and k_2 the "
    "multipliers, and contraction in mean square implies this.",
    reading="By the law of large numbers log|w| has the slope of the mean of log|k|. A product below 1 does not bound "
    "the mean: k_1 = 2, k_2 = 1/4 contracts almost every path while the mean grows by 9/8 a step.",
    statement=implies((k1**2 + k2**2) / 2 < 1, sp.Abs(k1 * k2) < 1),
    steps=(Entails("weaker", STATEMENT, "the geometric mean is at most the root of the mean square"),),
    twins=(
        Twin(
            "it implies contraction of the mean",
            implies(sp.Abs(k1 * k2) < 1, inside((k1 + k2) / 2)),
        ),
    ),
    voice="ours",
    argument="|k_1 k_2| is at most (k_1^2 + k_2^2)/2. So if the mean square is below 1, the product is, and the mean "
    "of the logarithms is negative. The reverse fails, and so does the step from almost surely to the mean.",
)

CLAIMS: tuple[Claim, ...] = (MEAN, SQUARE, SIGNS, ALMOST_SURE)
