r"""Theorem 2: the variance of SAM around a saddle, and the laws that hold for the algorithms.

Key results: the printed law solves the equation of its own drift, which is not SAM's (thm2, thm2-as-derived); three
laws for the three ways to compute the ascent (thm2-exact-ascent, thm2-same-batch, thm2-independent); Theorems 1 and 2
contradict each other beyond rho = 1/mu (theorems-contradict). The formulas are in `variance_laws`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, iff
from saddlecheck.theory.claims.mutation import mistake
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.kim.diffusion.noise import noisy_step, xi
from saddlecheck.theory.papers.kim.diffusion.variance_laws import (
    DIFFUSION,
    DISCRETE_VARIANCE,
    GAINS,
    NEUTRAL_VARIANCE,
    RATES,
    VARIANCE,
    VARIANCE_LAWS,
    Law,
    in_units_of_d,
)
from saddlecheck.theory.papers.kim.notation import gain, lam1, printed_variance, sigma2, variance, variance_rate
from saddlecheck.theory.papers.ours.bounds import growth_steps
from saddlecheck.theory.papers.standard import SAM_COMPOSED
from saddlecheck.theory.symbols import B, D, Expr, Formula, a, eta, lam, mu, real, rho, t, w

_THEOREM = Place("4.3", "Theorem 2, (12)")
var, rate = real("V"), real("r")  # sigma^2 and its rate of change, as numbers

# ---- from the Fokker-Planck equation to one for the variance

_SHAPE = w**2 / var**2 - 1 / var

ODE = Claim(
    id="variance-ode",
    title="Proof of Theorem 2: the Gaussian solves (20) when its variance obeys 2D - 2 sigma^2 a",
    place=Place("appendix", "proof of Theorem 2"),
    voice="paper",
    provenance="seen",
    says="Comparing the two sides, the variance must change at the rate 2D - 2 sigma^2 a, a being the drift's rate.",
    reading="V for sigma^2, r for its rate of change. The density is cancelled; the comparison is made where w^2 "
    "differs from V (else both sides are 0).",
    argument=(
        "The left side of (20) is half of (w^2/sigma^4 - 1/sigma^2) P times the derivative of sigma^2 in time, the "
        "right side is (D - sigma^2 a) times the same factor. Where w^2 differs from sigma^2 this factor is not 0 and "
        "cancels. What is left is that the derivative of sigma^2 is 2D - 2 sigma^2 a. Conversely, with that "
        "derivative both sides agree at every w."
    ),
    statement=iff(equal(_SHAPE * rate / 2, (D - a * var) * _SHAPE), equal(rate, 2 * D - 2 * var * a)),
    display=Display(
        iff(
            equal(
                (w**2 / variance**2 - 1 / variance) * variance_rate / 2,
                (D - variance * a) * (w**2 / variance**2 - 1 / variance),
            ),
            equal(variance_rate, 2 * D - 2 * variance * a),
        ),
        {variance: var, variance_rate: rate},
    ),
    given=(var > 0, sp.Ne(w**2, var)),
    steps=(Entails("compare", STATEMENT, "both sides carry the same factor, which is not 0"),),
    twins=(Twin("D for 2D", iff(equal(_SHAPE * rate / 2, (D - a * var) * _SHAPE), equal(rate, D - 2 * var * a))),),
)


def moves(variance: Expr, drift: Expr, diffusion: Expr) -> Formula:
    """The variance is 0 at first and changes at the rate 2 diffusion - 2 drift variance."""
    law = equal(sp.Derivative(variance, t), 2 * diffusion - 2 * drift * variance)
    return every(law, equal(Coefficient(variance, t, sp.S.Zero, sp.S.Zero), 0))


LINEAR = Claim(
    id="linear-variance",
    title="The variance of a linear stochastic differential equation from rest",
    place=BEYOND,
    voice="ours",
    says="For dw = -a w dt + sqrt(2D) dW from w = 0 it is (D/a)(1 - exp(-2at)), and 2Dt in the limit a = 0.",
    statement=every(
        *moves(VARIANCE, a, D).args, equal(Coefficient(VARIANCE, a, sp.S.Zero, sp.S.Zero), NEUTRAL_VARIANCE)
    ),
    given=(sp.Ne(a, 0),),
    steps=(Equal("solution", STATEMENT, "put it in, at the start as well; expand at a = 0"),),
    twins=(Twin("a decay at the rate a", moves((D / a) * (1 - sp.exp(-a * t)), a, D)),),
)

# ---- Theorem 2

_PRINTED = eta * sp.Abs(lam) / (2 * B * lam * (1 + rho * lam) ** 2) * (1 - sp.exp(-2 * lam * (1 + rho * lam) ** 2 * t))

THM2 = Claim(
    id="thm2",
    title="Theorem 2, (12): the variance along an eigendirection has (1 + rho lambda)^2 in its rate",
    place=_THEOREM,
    voice="paper",
    provenance="seen",
    says="From the saddle, SAM's weight has the variance (12) along each eigendirection.",
    reading="The variance under (11), whose drift is the gradient at the perturbed weight and whose diffusion is (24), "
    "along one eigendirection. That the law is normal, and in several dimensions the product of these, is not in "
    "question (eq22-gaussian, eq22-product).",
    statement=moves(_PRINTED, RATES["exact_ascent"], GAINS["exact_ascent"] * DIFFUSION),
    display=Display(
        (equal(sp.Derivative(sigma2(t), t), 2 * D - 2 * a * sigma2(t)), equal(value(sigma2(t), t, 0), 0)),
        {sigma2(t): _PRINTED, a: lam * (1 + rho * lam), D: DIFFUSION},
    ),
    given=(sp.Ne(lam, 0), sp.Ne(1 + rho * lam, 0), rho > 0, eta > 0, B > 0, t >= 0),
    finding="The law solves the equation of the drift that the appendix derives, which is the composed loss's and not "
    "SAM's (drift). With SAM's own drift the rate is lambda (1 + rho lambda), and what multiplies it depends on how "
    "the ascent is computed: 1, (1 + rho lambda)^2, or 1 + rho^2 lambda^2.",
    argument=(
        "Under (11) with a quadratic loss the drift along an eigendirection is a w with a = lambda (1 + rho lambda), "
        "so by (20) the variance has to obey 2D - 2 a sigma^2 with D = eta |lambda|/(2B). The printed variance has "
        "lambda (1 + rho lambda)^2 in place of a. At eta = B = lambda = rho = t = 1 it is (1 - e^(-8))/8 and its "
        "derivative is e^(-8), while 2D - 2 a sigma^2 is (1 + e^(-8))/2. So it starts at 0 but does not solve the "
        "equation. It solves that of the drift which the appendix derives, and this is not SAM's (thm2-as-derived, "
        "drift)."
    ),
    twins=(Twin("lambda for |lambda|", moves(_PRINTED.replace(sp.Abs, lambda x: x), RATES["printed"], DIFFUSION)),),
    related=("thm2-as-derived", "theorems-contradict", "eq22-product"),
)


def _law(law: Law, how: str, says: str, argument: str) -> Claim:
    formula = moves(VARIANCE_LAWS[law], RATES[law], GAINS[law] * DIFFUSION)
    wrong = moves(VARIANCE_LAWS[law].subs(eta, 2 * eta), RATES[law], GAINS[law] * DIFFUSION)
    k = 1 + rho * lam
    shown = Display(
        (equal(sp.Derivative(sigma2(t), t), 2 * gain * D - 2 * a * sigma2(t)), equal(value(sigma2(t), t, 0), 0)),
        {
            # As (12) is printed, so that a reader sees what differs.
            sigma2(t): gain * eta * sp.Abs(lam) / (2 * B * lam * k) * (1 - sp.exp(-2 * lam * k * t)),
            gain: GAINS[law],
            a: RATES[law],
            D: DIFFUSION,
        },
    )
    return Claim(
        id="thm2-" + law.replace("_", "-"), title=f"The variance of SAM with {how}", place=_THEOREM,
        voice="ours", says=says, argument=argument, statement=formula, given=THM2.given, amends="thm2", display=shown,
        steps=(Equal("solution", STATEMENT, "put it into the equation of its drift and noise, and at t = 0"),),
        twins=(Twin("eta for eta/2", wrong), Twin("a decay too fast", mistake("a factor two too many", formula))),
    )  # fmt: skip


EXACT = _law(
    "exact_ascent",
    "an exact ascent",
    "With an ascent free of noise: rate lambda (1 + rho lambda), the noise of one gradient.",
    "Along an eigendirection SAM's drift is a w with a = lambda (1 + rho lambda), and an ascent without noise "
    "leaves the noise of one gradient, D = eta |lambda|/(2B). The variance (D/a)(1 - e^(-2at)) is 0 at t = 0. Its "
    "derivative is 2D e^(-2at), which equals 2D - 2a times the variance. A linear equation with an initial value "
    "has one solution, so this is the variance.",
)
SAME = _law(
    "same_batch",
    "one mini-batch for both gradients",
    "With one mini-batch for both gradients the noise is multiplied by (1 + rho lambda)^2.",
    "With one mini-batch for both gradients the error of the gradient is multiplied by 1 + rho lambda "
    "(eq11-same-batch), so the diffusion is g D with g = (1 + rho lambda)^2. The rate is a = lambda (1 + rho "
    "lambda) as before. The function (g D/a)(1 - e^(-2at)) starts at 0, and its derivative 2 g D e^(-2at) equals "
    "2 g D - 2a times it. It is the variance, by uniqueness.",
)
INDEPENDENT = _law(
    "independent",
    "a mini-batch for each gradient",
    "With a mini-batch for each gradient it is multiplied by 1 + rho^2 lambda^2.",
    "With a mini-batch for each gradient the variance of the error is multiplied by g = 1 + rho^2 lambda^2 "
    "(eq11-independent), and the rate is a = lambda (1 + rho lambda). The function (g D/a)(1 - e^(-2at)) is 0 at "
    "t = 0. Its derivative 2 g D e^(-2at) equals 2 g D - 2a times it. It is the variance, by uniqueness.",
)
DERIVED = Claim(
    id="thm2-as-derived",
    title="The printed variance (12) is right for the drift of the composed loss",
    place=_THEOREM,
    voice="ours",
    says="The printed variance is that of descent on the composed loss with the noise of one mini-batch gradient.",
    statement=every(
        equal(SAM_COMPOSED.drift() * _PRINTED, DIFFUSION * (1 - sp.exp(-2 * SAM_COMPOSED.drift() * t))),
        *moves(_PRINTED, RATES["printed"], DIFFUSION).args,
    ),
    display=Display(
        (
            equal(a * sigma2(t), D * (1 - sp.exp(-2 * a * t))),
            equal(sp.Derivative(sigma2(t), t), 2 * D - 2 * a * sigma2(t)),
            equal(value(sigma2(t), t, 0), 0),
        ),
        {sigma2(t): _PRINTED, a: lam * (1 + rho * lam) ** 2, D: DIFFUSION},
    ),
    given=THM2.given,
    reading="In the first equation the rate a, as the composed loss gives it, stands before the variance: "
    "a V = D (1 - exp(-2at)). The others are its equation and its start.",
    argument=(
        "With the rate a = lambda (1 + rho lambda)^2 of the composed loss the printed variance is (D/a)(1 - "
        "e^(-2at)). Its derivative is 2D e^(-2at) = 2D - 2a sigma^2, and it is 0 at t = 0. So (12) is the right "
        "solution of the equation that the appendix sets up."
    ),
    steps=(Equal("solution", STATEMENT, "put it into the equation with the rate lambda (1 + rho lambda)^2"),),
    twins=(Twin("half the diffusion", moves(_PRINTED / 2, RATES["printed"], DIFFUSION)),),
    related=("thm2", "drift-composed"),
)

# ---- at and beyond the threshold of Theorem 1

k = real("k")  # 1 + rho lambda, 0 at the threshold
THRESHOLD = Claim(
    id="variance-at-threshold",
    title="The three variances of SAM at rho = 1/mu",
    place=BEYOND,
    voice="ours",
    says="At the threshold SAM diffuses freely: 2Dt with an exact ascent, 4Dt with independent mini-batches, and not "
    "at all with one mini-batch.",
    statement=every(
        *(
            equal(Coefficient(in_units_of_d(law).subs(rho, (k - 1) / lam), k, sp.S.Zero, sp.S.Zero), limit)
            for law, limit in (("exact_ascent", 2 * D * t), ("same_batch", sp.S.Zero), ("independent", 4 * D * t))
        )
    ),
    given=(lam < 0,),
    steps=(Equal("limits", STATEMENT, "expand in 1 + rho lambda at 0"),),
)
FREEZES = Claim(
    id="same-batch-freezes",
    title="SAM on one mini-batch does not move along a direction with rho mu = 1",
    place=BEYOND,
    voice="ours",
    says="At rho = 1/mu the second gradient vanishes for every weight and every mini-batch error.",
    argument=(
        "With one mini-batch the direction of the step is (1 + rho lambda)(lambda w + xi). At lambda = -mu and rho = "
        "1/mu the first factor is 0. So the step is 0 for every weight and every error: the ascent moves w to the "
        "point at which the mini-batch's gradient vanishes."
    ),
    statement=equal(noisy_step(xi, xi).subs(rho, 1 / mu).subs(lam, -mu), 0),
    given=(mu > 0,),
    steps=(Equal("no step", STATEMENT, "the ascent carries w to where the mini-batch gradient is 0"),),
    twins=(Twin("rho = 2/mu", equal(noisy_step(xi, xi).subs(rho, 2 / mu).subs(lam, -mu), 0)),),
)

CONTRADICT = Claim(
    id="theorems-contradict",
    title="Theorems 1 and 2 contradict each other beyond rho = 1/mu",
    place=_THEOREM,
    voice="ours",
    says="Where the first says attracted, so that the variance stays bounded, the second lets it grow without bound.",
    reading="Along a negative eigenvalue -mu: SAM's rate is positive and its variance below D/a for all t; the printed "
    "variance exceeds that of free diffusion, 2Dt, for all t (it grows like exp(2 mu (1 - rho mu)^2 t)).",
    display=Display(
        (a > 0, sigma2(t) < D / a, printed_variance(t) > 2 * D * t),
        {
            sigma2(t): D / a * (1 - sp.exp(-2 * a * t)),
            printed_variance(t): D
            / (lam1 * (1 + rho * lam1) ** 2)
            * (1 - sp.exp(-2 * lam1 * (1 + rho * lam1) ** 2 * t)),
            a: lam1 * (1 + rho * lam1),
            lam1: -mu,
        },
    ),
    given=(mu > 0, rho > 1 / mu, D > 0, t > 0),
    **conjunction(
        "both",
        Entails("attracted", RATES["exact_ascent"].subs(lam, -mu) > 0,
                "a = mu (rho mu - 1) and rho mu > 1, Theorem 1 with a strict inequality"),
        *growth_steps(2 * mu * (1 - rho * mu) ** 2),
        Entails("bounded", in_units_of_d("exact_ascent").subs(lam, -mu) < D / RATES["exact_ascent"].subs(lam, -mu),
                "an exponential is positive", uses=("attracted",)),
        Entails("explodes", in_units_of_d("printed").subs(lam, -mu) > 2 * D * t,
                "the tangent of the growing exponential", uses=("tangent",)),
        of=("attracted", "bounded", "explodes"),
        because="",
    ),
    finding="Theorem 1 is about the algorithm's drift, Theorem 2 about another one, under which no saddle attracts.",
    argument=(
        "Along the eigenvalue -mu with rho mu > 1 SAM's rate a = mu (rho mu - 1) is positive, as in Theorem 1. Its "
        "variance (D/a)(1 - e^(-2at)) is below D/a for all t, because an exponential is positive. The variance of "
        "Theorem 2 has the rate -mu (1 - rho mu)^2 < 0 and is (D/c)(e^(2ct) - 1) with c = mu (1 - rho mu)^2. The "
        "exponential lies above its tangent, so this exceeds 2Dt and grows without bound. A law that is bounded and "
        "one that is not cannot both describe the same weight."
    ),
    twins=(Twin("attracted below the threshold too", STATEMENT, (mu > 0, rho > 0, sp.Ne(rho * mu, 1), D > 0, t > 0)),),
    related=("drift", "composed-escapes"),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (
    ODE, LINEAR, THM2, EXACT, SAME, INDEPENDENT, DERIVED, CONTRADICT, THRESHOLD, FREEZES,
)  # fmt: skip

__all__ = ["CLAIMS", "DIFFUSION", "DISCRETE_VARIANCE", "RATES", "VARIANCE_LAWS"]
