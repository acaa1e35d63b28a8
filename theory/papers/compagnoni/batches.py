r"""m-SAM, and what the batch size does to the radius at which a saddle holds.

Key results
- The penalty of micro-batches of m is $(\rho/2)(|\nabla f|^2 + \mathrm{tr} V/m)$ with replacement; without replacement
  from N samples the last term has the factor $(N-m)/(N-1)$.
- Additive noise leaves the threshold $1/\mu$ as it is. With random curvature of moments $m_1 < 0$, $m_2$ it is
  $-m_1/(m_1^2 + (m_2-m_1^2)/m)$, smaller for smaller m. With a normalised radius it is $s/(\sqrt m K_d\mu)$, larger.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.symbols import Expr, mu, real, rho, w

s, q1, q2 = real("s"), real("q_1"), real("q_2")

m, N = real("m"), real("N")
m1, m2, b1, b2, hb = (real(name) for name in ("m_1", "m_2", "b_1", "b_2", "c"))
# One sample's gradient is h w + b: E h = m_1, E h^2 = m_2, E b = b_1, E b^2 = b_2, E hb = c.
_GRADIENT = m1 * w + b1
_VARIANCE = (m2 - m1**2) * w**2 + 2 * (hb - m1 * b1) * w + b2 - b1**2  # of one sample's gradient


def _of_mean(second: Expr, first: Expr, other: Expr, spread: Expr) -> Expr:
    """Mean of a product of two means over m samples, each pair of different samples correlated as `spread` says."""
    return (second + (m - 1) * (first * other + spread)) / m


def _mean_step(pair_h: Expr, pair_hb: Expr) -> Expr:
    """E[h_m w + b_m + rho h_m (h_m w + b_m)] over micro-batches, h_m and b_m their means."""
    return _GRADIENT + rho * (_of_mean(m2, m1, m1, pair_h) * w + _of_mean(hb, m1, b1, pair_hb))


def _penalised(share: Expr) -> Expr:
    return m1 * w**2 / 2 + b1 * w + rho / 2 * (_GRADIENT**2 + share * _VARIANCE)


WITH = Claim(
    id="msam-drift",
    title="m-SAM drifts along the gradient of f + (rho/2)|grad f|^2 + (rho/(2m)) tr V",
    place=Place("attributed", "m-SAM"),
    voice="paper",
    provenance="second hand",
    says="Attributed to Compagnoni et al. and reviews: with micro-batches of m samples, drawn with replacement, "
    "m-SAM drifts along -grad(f + (rho/2)|grad f|^2 + (rho/(2m)) tr V), V the covariance of one sample's gradient. "
    "Here exactly, on random quadratics.",
    statement=equal(_mean_step(sp.S.Zero, sp.S.Zero), sp.Derivative(_penalised(1 / m), w)),
    given=(m > 0,),
    reading="One weight; a sample's gradient is h w + b with any joint moments. With replacement samples are "
    "independent, so that the mean of a product of two means is (E of the product + (m - 1) times the product of the "
    "means)/m.",
    steps=(Equal("mean step", STATEMENT, "the variance of a mean of m is 1/m of one sample's"),),
    argument="A micro-batch moves along the gradient of its own f_m + (rho/2)|grad f_m|^2. The mean of |grad f_m|^2 "
    "is |grad f|^2 plus the variance of a mean of m samples. That is tr V/m for independent ones.",
    twins=(
        Twin("m^2 for m", equal(_mean_step(sp.S.Zero, sp.S.Zero), sp.Derivative(_penalised(1 / m**2), w))),
        Twin("the full batch", equal(_mean_step(sp.S.Zero, sp.S.Zero), sp.Derivative(_penalised(sp.S.Zero), w))),
    ),
    related=("msam-drift-without", "msam-drift-threshold"),
)
WITHOUT = Claim(
    id="msam-drift-without",
    title="Without replacement tr V/m has the factor (N - m)/(N - 1)",
    place=BEYOND,
    voice="ours",
    says="With micro-batches drawn without replacement from N samples the last term is (rho/(2m)) (N - m)/(N - 1) tr "
    "V; it vanishes for m = N.",
    given=(m > 0, N > 1),
    reading="Two different samples have the covariance -V/(N - 1): the first equations say that then the sum over "
    "all N samples has no variance. V is the covariance over the N samples, with 1/N.",
    **conjunction(
        "together",
        Equal("no variance",
              every(equal(N * (m2 - m1**2) + N * (N - 1) * (-(m2 - m1**2) / (N - 1)), 0),
                    equal(N * (hb - m1 * b1) + N * (N - 1) * (-(hb - m1 * b1) / (N - 1)), 0)),
              "N v + N (N - 1) c = 0"),
        Equal("mean step",
              equal(_mean_step(-(m2 - m1**2) / (N - 1), -(hb - m1 * b1) / (N - 1)),
                    sp.Derivative(_penalised((N - m) / (m * (N - 1))), w)), "1 - (m - 1)/(N - 1) = (N - m)/(N - 1)"),
        because="both",
    ),
    argument="The sum over all samples is not random, so different samples are negatively correlated by -V/(N - 1). "
    "The variance of a mean of m is then V/m times 1 - (m - 1)/(N - 1). The rest is as with replacement.",
    twins=(
        Twin("(N - m)/N",
             equal(_mean_step(-(m2 - m1**2) / (N - 1), -(hb - m1 * b1) / (N - 1)),
                   sp.Derivative(_penalised((N - m) / (m * N)), w))),
    ),
)  # fmt: skip

_SQUARE = m1**2 + (m2 - m1**2) / m  # E h_m^2
THRESHOLD = Claim(
    id="msam-drift-threshold",
    title="With random curvature m-SAM holds a saddle from rho = -m_1/(m_1^2 + (m_2 - m_1^2)/m) on",
    place=BEYOND,
    voice="ours",
    says="For curvature of mean m_1 < 0 and mean square m_2 the mean of m-SAM is held exactly for rho (m m_1^2 + m_2 "
    "- m_1^2) > -m m_1.",
    given=(m1 < 0, m2 - m1**2 >= 0, m > 0, rho > 0),
    reading="Micro-batches with replacement, no additive noise (b = 0), whose mean enters neither side.",
    rests=("msam-drift",),
    **conjunction(
        "together",
        Equal("rate", equal(_mean_step(sp.S.Zero, sp.S.Zero).subs({b1: 0, hb: 0}), (m1 + rho * _SQUARE) * w),
              "collect w"),
        Equal("scaled", equal((m1 + rho * _SQUARE) * m, m * m1 + rho * (m * m1**2 + (m2 - m1**2))),
              "multiply by m"),
        Entails("both ways", iff(above(m1 + rho * _SQUARE), above(rho * (m * m1**2 + (m2 - m1**2)), -m * m1)),
                "m is positive", uses=("scaled",)),
        of=("rate", "both ways"),
        because="both",
    ),
    argument="The mean step multiplies w by 1 - eta (m_1 + rho E h_m^2), h_m the mean of m curvatures. Its mean "
    "square is m_1^2 plus a m-th of the variance. So the rate is positive exactly beyond the threshold, which is "
    "1/|m_1| without variance.",
    twins=(
        Twin("the threshold of the full batch", iff(above(m1 + rho * _SQUARE), above(rho * -m1, 1))),
        Twin("one sample's for every m", iff(above(m1 + rho * _SQUARE), above(rho * m2, -m1))),
    ),
)  # fmt: skip
ADDITIVE = Claim(
    id="msam-drift-additive",
    title="Additive noise leaves the threshold 1/mu for every m",
    place=BEYOND,
    voice="ours",
    says="If only the gradient's constant part is random the mean of m-SAM is held exactly for rho > 1/|m_1|, for "
    "every m.",
    given=(m1 < 0, m > 0, rho > 0),
    reading="m_2 = m_1^2, E b = 0 and E hb = 0, any E b^2.",
    rests=("msam-drift",),
    **conjunction(
        "together",
        Equal(
            "rate",
            equal(_mean_step(sp.S.Zero, sp.S.Zero).subs({m2: m1**2, hb: 0, b1: 0}), (m1 + rho * m1**2) * w),
            "no variance of curvature",
        ),
        Entails("both ways", iff(above(m1 + rho * m1**2), above(-m1 * rho, 1)), "m_1 (1 + rho m_1)"),
        because="both",
    ),
    argument="A variance of the gradient that does not depend on w has no gradient. So tr V drops out of the drift. "
    "The rate is that of the full batch.",
    twins=(Twin("the threshold m/mu", iff(above(m1 + rho * m1**2), above(-m1 * rho, m))),),
)

# The thresholds of two batch sizes, the smaller one first.
_B1, _B2, _K, v = real("B_1"), real("B_2"), real("K"), real("v")


_CURVATURE = [mu / (mu**2 + v / size) for size in (_B1, _B2)]  # constant radius, random curvature
_NORMALISED = [s / (sp.sqrt(size) * _K * mu) for size in (_B1, _B2)]  # normalised radius, additive noise
QUOTIENT = Claim(
    id="batch-contradiction-quotient",
    title="A larger denominator makes a smaller quotient",
    place=BEYOND,
    voice="ours",
    says="For positive numbers v/q_1 > v/q_2 if q_1 < q_2.",
    statement=above(v / q1, v / q2),
    given=(v > 0, q1 > 0, q1 < q2),
    steps=(
        Equal(
            "difference",
            equal((v / q1 - v / q2) * (q1 * q2), v * (q2 - q1)),
            "over one denominator",
        ),
        Entails("positive", every(above(v * (q2 - q1)), above(q1 * q2)), "products"),
        Entails("larger", STATEMENT, "q_1 q_2 is positive", uses=("difference", "positive")),
    ),
    argument="The difference of the quotients is v (q_2 - q_1)/(q_1 q_2). All four factors are positive by the "
    "conditions. So the first quotient is the larger one.",
    twins=(Twin("the other way round", below(v / q1, v / q2)),),
)
_DENOMINATORS = [mu**2 + v / size for size in (_B1, _B2)]
_ROOTS = [sp.sqrt(size) * _K * mu for size in (_B1, _B2)]
CONTRADICTION = Claim(
    id="batch-contradiction",
    title="Smaller batches help to leave a saddle only if the radius is normalised",
    place=BEYOND,
    voice="ours",
    says="The radius from which the mean is held does not depend on the batch size B for additive noise with a "
    "constant radius; it is smaller for smaller B with random curvature and a constant radius, mu/(mu^2 + v/B); and "
    "larger with additive noise and a normalised radius, s/(sqrt(B) K mu).",
    given=(mu > 0, v > 0, s > 0, _K > 0, _B1 > 0, _B1 < _B2),
    reading="Two batch sizes, B_1 < B_2; v is the variance of one sample's curvature, s the deviation of one "
    "sample's gradient coordinate. The first paper says that small batches help to leave saddles: by its thresholds "
    "this is so in the third regime alone. In the first they only spread the weights more, which helps below the "
    "threshold and not beyond; in the second they hold the saddle earlier.",
    rests=("msam-drift-additive", "msam-drift-threshold", "sam-drift-threshold"),
    **conjunction(
        "together",
        cite("spread", QUOTIENT, {q1: _B1, q2: _B2}),
        Entails("positive spread", above(v / _B2), "of positive numbers"),
        Entails("denominators", every(above(_DENOMINATORS[1]), below(_DENOMINATORS[1], _DENOMINATORS[0])),
                "v/B_1 > v/B_2", uses=("spread", "positive spread")),
        cite("thresholds", QUOTIENT, {v: mu, q1: _DENOMINATORS[1], q2: _DENOMINATORS[0]},
             uses=("denominators",)),
        Entails("smaller", below(_CURVATURE[0], _CURVATURE[1]), "the same", uses=("thresholds",)),
        Entails("roots", every(above(sp.sqrt(_B1)), below(sp.sqrt(_B1), sp.sqrt(_B2))), "the root rises"),
        Entails("scaled", every(above(_ROOTS[0]), below(_ROOTS[0], _ROOTS[1])), "K mu is positive", uses=("roots",)),
        cite("normalised", QUOTIENT, {v: s, q1: _ROOTS[0], q2: _ROOTS[1]}, uses=("scaled",)),
        Entails("larger", above(_NORMALISED[0], _NORMALISED[1]), "the same", uses=("normalised",)),
        of=("smaller", "larger"),
        because="both",
    ),
    argument="A mini-batch of B has a B-th of one sample's variance. Of additive noise the constant radius sees "
    "nothing in the mean. The variance of the curvature adds to E h^2 and so helps SAM to hold. The normalised ascent "
    "is divided by a gradient as large as the noise, so more noise makes it shorter.",
    finding="That small batches help is no law: it depends on what is random and on how the radius is measured.",
    twins=(
        Twin("larger with random curvature", above(_CURVATURE[0], _CURVATURE[1])),
        Twin("smaller with a normalised radius", below(_NORMALISED[0], _NORMALISED[1])),
    ),
)  # fmt: skip
CLAIMS: tuple[Claim, ...] = (WITH, WITHOUT, THRESHOLD, ADDITIVE, CONTRADICTION, QUOTIENT)
