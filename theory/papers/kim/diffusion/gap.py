r"""Corollary 1: is SAM's mean squared displacement smaller than SGD's? For all times, and for each law.

Every law with SAM's own rate has $\frac{d}{dt}(\Delta_{SGD} - \Delta_{SAM}) = 2D e^{-2\lambda k t}(e^{2\rho\lambda^2
t} - g)$ with k = 1 + rho lambda and g what multiplies the noise (gap-slope): the gap falls until t = ln g/(2 rho
lambda^2) and rises after. From that all of this follows.

Key results: the printed law has a positive gap exactly for rho mu < 2 at a saddle (cor1-below-two); an exact ascent
always has (cor1-exact-ascent); one mini-batch for both gradients has at a saddle with rho mu <= 2, and the opposite
everywhere at a minimum (cor1-same-batch, cor1-same-batch-minimum). Where g > 1 the gap starts negative: see
`crossing`. The Taylor coefficients are in `gap_series`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, between, equal, every
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal, Step
from saddlecheck.theory.papers.kim.diffusion.variance_laws import GAINS, RATES, Law, in_units_of_d
from saddlecheck.theory.papers.kim.notation import d_sam, d_sgd
from saddlecheck.theory.papers.ours.bounds import growth_steps
from saddlecheck.theory.papers.standard import k
from saddlecheck.theory.symbols import D, Expr, Formula, lam, rho, t

SADDLE_OR_MINIMUM = (sp.Ne(lam, 0), sp.Ne(k, 0), rho > 0, D > 0, t > 0)
_READING = "D > 0 is the diffusion of one mini-batch gradient; t is any positive time, not a small one."


@cache
def gap(law: Law) -> Expr:
    """SGD's mean squared displacement minus that of the law, at time t, in D, lambda, rho, t."""
    return in_units_of_d("sgd") - in_units_of_d(law)


@cache
def slope(law: Law) -> Expr:
    """The gap's derivative in t, with the decay of the law taken out."""
    return 2 * D * sp.exp(-2 * RATES[law] * t) * (sp.exp(2 * sp.expand(RATES[law] - lam) * t) - GAINS[law])


SLOPES = every(*(equal(sp.Derivative(gap(law), t), slope(law)) for law in RATES if law != "sgd"))
SLOPE = Claim(
    id="gap-slope",
    title="How the gap between SGD and SAM changes with time",
    place=BEYOND,
    voice="ours",
    says="The gap's derivative is 2D exp(-2at) (exp(2(a - lambda)t) - g) for a law with rate a and noise multiplied "
    "by g.",
    reading="For the printed law and the three ways to compute the ascent; with SAM's own rate a - lambda is "
    "rho lambda^2, whatever the sign of lambda.",
    statement=SLOPES,
    given=SADDLE_OR_MINIMUM,
    steps=(Equal("derivatives", STATEMENT, "each variance has the derivative 2 D g exp(-2at)"),),
)


def ahead(law: Law) -> tuple[Step, ...]:
    """The derivation that the gap is positive for all t > 0, where the noise is not multiplied (g = 1)."""
    rate = 2 * sp.expand(RATES[law] - lam)
    one_way, _ = growth_steps(rate)
    rising = slope(law) > 0
    return (
        Entails("faster", rate > 0, "SAM's rate exceeds SGD's"),
        one_way,
        Entails("rising", rising, "the growing exponential exceeds 1", uses=("faster", "one way")),
        Monotone("ahead", gap(law) > 0, "it starts at 0 and rises", uses=("rising",),
                 of=gap(law), along=t, slope=slope(law), sign=rising),
    )  # fmt: skip


INEQUALITY = Claim(
    id="cor1-inequality",
    title="Corollary 1: SAM's mean squared displacement is smaller than SGD's",
    place=Place("4.3", "Corollary 1"),
    voice="paper",
    provenance="seen",
    says="Near a saddle SAM has moved less far than SGD at each time.",
    reading=f"With the law of Theorem 2. {_READING}",
    statement=gap("printed") > 0,
    display=Display(
        above(d_sgd - d_sam),
        {
            d_sgd: D / lam * (1 - sp.exp(-2 * lam * t)),
            d_sam: D / (lam * (1 + rho * lam) ** 2) * (1 - sp.exp(-2 * lam * (1 + rho * lam) ** 2 * t)),
        },
    ),
    given=SADDLE_OR_MINIMUM,
    finding="True for the printed law at a minimum, and at a saddle exactly for rho mu < 2; beyond, it escapes faster "
    "than SGD. With SAM's own drift and an exact ascent it is true everywhere; with mini-batch noise in the ascent it "
    "depends on the sign of lambda and on time.",
    argument=(
        "With the printed law SAM's variance is that of a linear flow with the rate lambda (1 + rho lambda)^2. For "
        "lambda < 0 and rho lambda < -2 this rate is below lambda, so the variance grows faster than SGD's. At lambda "
        "= -1, rho = 3 and D = t = 1 the two are (e^8 - 1)/4 and e^2 - 1, and the first is the larger one. The "
        "inequality of the corollary is then reversed."
    ),
    twins=(Twin("from the threshold of Theorem 1 on", gap("printed") > 0, (*SADDLE_OR_MINIMUM, rho * lam < -1)),),
    related=("gap-slope",),
)
BELOW_TWO = Claim(
    id="cor1-below-two",
    title="With the law (12) SAM's displacement is smaller than SGD's as long as rho lambda > -2",
    says="Near a saddle SAM has moved less far than SGD at each time, provided that rho mu < 2 along a negative "
    "eigenvalue -mu.",
    argument=(
        "The rate of the printed law exceeds SGD's by lambda (1 + rho lambda)^2 - lambda = rho lambda^2 (2 + rho "
        "lambda), which is positive for rho lambda > -2. The gap is 0 at t = 0, and its derivative in t is 2D "
        "e^(-2at) (e^(2(a - lambda)t) - 1) with a the printed rate. For t > 0 the exponential exceeds 1, so the "
        "derivative is positive. Hence the gap is positive for all t > 0."
    ),
    **under(INEQUALITY, rho * lam > -2),
    steps=ahead("printed"),
    twins=(Twin("rho mu < 3", gap("printed") > 0, (*SADDLE_OR_MINIMUM, rho * lam > -3)),),
)
EXACT = Claim(
    id="cor1-exact-ascent",
    title="With an exact ascent SAM always moves less far than SGD",
    place=Place("4.3", "Corollary 1"),
    voice="ours",
    says="With SAM's own drift and no noise in the ascent the gap is positive for every radius, time and curvature.",
    reading=_READING,
    argument=(
        "With an exact ascent the noise is that of SGD and the rate a = lambda (1 + rho lambda) exceeds SGD's by rho "
        "lambda^2 > 0. The gap is 0 at t = 0 and has the derivative 2D e^(-2at) (e^(2 rho lambda^2 t) - 1). This is "
        "positive for t > 0, for either sign of lambda. So the gap is positive at all times."
    ),
    statement=gap("exact_ascent") > 0,
    display=Display(
        above(d_sgd - d_sam),
        {
            d_sgd: D / lam * (1 - sp.exp(-2 * lam * t)),
            d_sam: D / (lam * (1 + rho * lam)) * (1 - sp.exp(-2 * lam * (1 + rho * lam) * t)),
        },
    ),
    given=SADDLE_OR_MINIMUM,
    amends="cor1-inequality",
    steps=ahead("exact_ascent"),
    twins=(Twin("with the noise of the same batch", gap("same_batch") > 0),),
)

# ---- one mini-batch for both gradients: g = k^2

SAME = Claim(
    id="cor1-same-batch",
    title="With one mini-batch SAM moves less far than SGD at a saddle up to rho mu = 2",
    place=Place("4.3", "Corollary 1"),
    voice="ours",
    says="For SAM as it is run the gap is positive at all times along -mu < 0, as long as rho mu <= 2.",
    reading=f"At rho mu = 1 the displacement is 0, the limit of the formula. {_READING}",
    argument=(
        "With one mini-batch the gap is 0 at t = 0 and has the derivative 2D e^(-2at) (e^(2 rho lambda^2 t) - k^2), "
        "where k = 1 + rho lambda. At a saddle with -2 <= rho lambda < 0 it is -1 <= k < 1, so k^2 <= 1. The "
        "exponential exceeds 1 for t > 0, so the derivative is positive. Hence the gap is positive for all t > 0."
    ),
    statement=gap("same_batch") > 0,
    display=Display(
        above(d_sgd - d_sam),
        {
            d_sgd: D / lam * (1 - sp.exp(-2 * lam * t)),
            d_sam: D * (1 + rho * lam) / lam * (1 - sp.exp(-2 * lam * (1 + rho * lam) * t)),
        },
    ),
    given=(lam < 0, sp.Ne(k, 0), rho > 0, D > 0, t > 0, rho * lam >= -2),
    amends="cor1-inequality",
    steps=(
        growth_steps(2 * rho * lam**2)[0],
        Entails("less noise", k**2 <= 1, "-1 <= 1 + rho lambda < 1"),
        Entails("rising", slope("same_batch") > 0, "the exponential exceeds 1, and k^2 does not",
                uses=("one way", "less noise")),
        Monotone("ahead", STATEMENT, "it starts at 0 and rises", uses=("rising",),
                 of=gap("same_batch"), along=t, slope=slope("same_batch"), sign=slope("same_batch") > 0),
    ),
    twins=(
        Twin("rho mu <= 3", gap("same_batch") > 0, (lam < 0, sp.Ne(k, 0), rho > 0, D > 0, t > 0, rho * lam >= -3)),
        Twin("at a minimum", gap("same_batch") > 0, (lam > 0, rho > 0, D > 0, t > 0)),
    ),
    related=("cor1-same-batch-minimum", "cor1-same-batch-beyond"),
)  # fmt: skip


def faster_steps() -> tuple[Step, ...]:
    """The derivation of exp(-2 lam k t) < exp(-2 lam t) < 1 for lam > 0; the last step states both."""
    forgets, _ = growth_steps(-2 * lam, "SGD ")
    both = between(sp.exp(-2 * lam * t), sp.exp(-2 * lam * k * t), 1)
    return (
        growth_steps(2 * rho * lam**2)[0],
        Equal(
            "split",
            equal(sp.exp(-2 * lam * t), sp.exp(-2 * lam * k * t) * sp.exp(2 * rho * lam**2 * t)),
            "SAM's rate is larger by rho lambda^2",
        ),
        forgets,
        Entails("faster", both, uses=("one way", "split", "SGD one way")),
    )


def behind(law: Law, given: tuple[Formula, ...], **words: Any) -> Claim:
    """The claim that SAM moves further than SGD at all times, for a law with g >= k > 1."""
    return Claim(
        place=Place("4.3", "Corollary 1"), voice="ours", reading=_READING, statement=gap(law) < 0, given=given,
        steps=(
            *faster_steps(),
            Entails("noise", GAINS[law] >= k, "what multiplies the noise is at least what multiplies the rate"),
            Entails("behind", STATEMENT, "a larger stationary variance, reached faster", uses=("faster", "noise")),
        ),
        **words,
    )  # fmt: skip


MINIMUM = behind(
    "same_batch", (lam > 0, rho > 0, D > 0, t > 0),
    id="cor1-same-batch-minimum",
    title="With one mini-batch SAM moves further than SGD at a minimum",
    says="Along a positive eigenvalue, SAM as it is run has the larger displacement at every time and radius.",
    finding="Its noise is amplified by k^2, its rate by k only.",
    twins=(Twin("at a saddle too", gap("same_batch") < 0, (lam < 0, sp.Ne(k, 0), rho > 0, D > 0, t > 0)),),
)  # fmt: skip
INDEPENDENT_MINIMUM = behind(
    "independent", (rho * lam >= 1, rho > 0, D > 0, t > 0),
    id="cor1-independent-minimum",
    title="With independent mini-batches SAM moves further at a minimum with rho lambda >= 1",
    says="Along a positive eigenvalue of at least 1/rho the displacement is larger than SGD's at all times.",
    finding="For a smaller eigenvalue it is larger at first and smaller in the end (cor1-independent).",
    twins=(Twin("for smaller eigenvalues", gap("independent") < 0, (lam > 0, rho > 0, D > 0, t > 0)),),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (INEQUALITY, BELOW_TWO, EXACT, SAME, MINIMUM, INDEPENDENT_MINIMUM, SLOPE)
