r"""The second version of Kim and others: three changed statements, and one that stayed.

Key results
- Theorem 1 with a strict inequality holds.
- Corollary 1 with the remainder $O(\eta t^3\lambda^4/B)$ is still false: $\eta t^2\rho^2|\lambda|\lambda^3/B$ is
  missing, of second order in t; and for SAM's own drift the leading constant is half.
- Theorem 3's constant C2 is still inverted.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import differ, equal, every, iff
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, heavy_ball
from saddlecheck.theory.papers.kim.diffusion.variance_laws import DIFFUSION, RATES, VARIANCE_LAWS, Law
from saddlecheck.theory.papers.kim.momentum.momentum import C2
from saddlecheck.theory.papers.kim.notation import d_sam_at, d_sgd_at
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import B, Expr, eta, gamma, lam, mu, real, rho, t, w

_SAM = OPTIMISERS["sam"]
_attracts = every(_SAM.rate(-mu) > 0, _SAM.rate(lam) > 0)
_INDEX_ONE = (mu > 0, lam > 0)
STRICT = Claim(
    id="kim-v2",
    title="Second version, Theorem 1: beyond rho = 1/mu every direction of a saddle decays",
    place=attributed("Theorem 1"),
    says="Attributed to the second version: a saddle attracts SAM's flow if rho exceeds 1/mu, the inequality strict. "
    "Along every eigendirection of a quadratic saddle the rate is then positive.",
    reading="An index-one saddle with the eigenvalues lambda > 0 and -mu, constant radius. For losses that are not "
    "quadratic see kim-v2-smooth.",
    statement=_attracts,
    given=(*_INDEX_ONE, rho > 1 / mu),
    steps=(
        Equal(
            "rates",
            every(equal(_SAM.drift(-mu), mu * (rho * mu - 1)), equal(_SAM.drift(lam), lam * (1 + rho * lam))),
            "the coefficient of w in the perturbed gradient",
        ),
        Entails("positive", _attracts, "rho mu exceeds 1", uses=("rates",)),
    ),
    finding="The first version's inequality was not strict, and false at equality. This is repaired.",
    twins=(Twin("the first version", _attracts, (*_INDEX_ONE, rho >= 1 / mu)),),
    voice="paper",
    provenance="second hand",
    argument="The rate along an eigenvalue lambda is lambda (1 + rho lambda). At -mu that is mu (rho mu - 1), "
    "positive exactly for rho mu > 1. Along positive eigenvalues it is positive for every radius.",
    related=("kim-v2-smooth", "kim-v2-corollary", "kim-v2-theorem3"),
)


def _second(law: Law) -> Expr:
    """The coefficient of t^2 in the difference of the mean squared displacements of SGD and SAM."""
    return Coefficient(VARIANCE_LAWS["sgd"] - VARIANCE_LAWS[law], t, 0, 2)


def _shown(law: Law, right: Expr) -> Display:
    """The same with the two displacements by their names."""
    return Display(
        equal(Coefficient(d_sgd_at(t) - d_sam_at(t), t, 0, 2), right),
        {d_sgd_at(t): VARIANCE_LAWS["sgd"], d_sam_at(t): VARIANCE_LAWS[law]},
    )


_UNIT = eta * sp.Abs(lam) ** 3 * rho / B
_NEAR = (sp.Ne(lam, 0), sp.Ne(1 + rho * lam, 0), rho > 0, eta > 0, B > 0)
COROLLARY = Claim(
    id="kim-v2-corollary",
    title="Second version, Corollary 1: the gap is 2 eta t^2 |lambda|^3 rho/B up to third order in t",
    place=attributed("Corollary 1"),
    says="Attributed to the second version: the difference of the mean squared displacements is 2 eta t^2 |lambda|^3 "
    "rho/B + O(eta t^3 lambda^4/B).",
    reading="With the law of Theorem 2. A remainder of third order in t means that the coefficient of t^2 is the one "
    "given.",
    statement=equal(_second("printed"), 2 * _UNIT),
    display=_shown("printed", 2 * _UNIT),
    given=_NEAR,
    finding="The remainder is new and does not cover what is missing: a term of second order in t and in rho.",
    twins=(Twin("half of it", equal(_second("printed"), _UNIT)),),
    voice="paper",
    provenance="second hand",
    argument="The variance of the law in Theorem 2 starts as 2 D t - 2 D a t^2, a the rate. So the coefficient of t^2 "
    "in the difference is 2 D times the difference of the rates, 2 rho lambda^2 + rho^2 lambda^3. The formula has the "
    "first term only.",
    related=("kim-v2-corollary-drift",),
)
_full = equal(_second("printed"), 2 * _UNIT + eta * rho**2 * sp.Abs(lam) * lam**3 / B)
REMAINDER = Claim(
    id="kim-v2-corollary-remainder",
    title="Second version, Corollary 1: the missing term is eta t^2 rho^2 |lambda| lambda^3/B",
    place=attributed("Corollary 1, repaired"),
    says="The coefficient of t^2 is 2 eta |lambda|^3 rho/B + eta rho^2 |lambda| lambda^3/B. The remainder has to be "
    "O(eta t^2 rho^2 lambda^4/B) as well.",
    statement=_full,
    display=_shown("printed", 2 * _UNIT + eta * rho**2 * sp.Abs(lam) * lam**3 / B),
    given=_NEAR,
    amends="kim-v2-corollary",
    steps=(Equal("coefficient", _full, "expand both exponentials"),),
    twins=(Twin("the other sign", equal(_second("printed"), 2 * _UNIT - eta * rho**2 * sp.Abs(lam) * lam**3 / B)),),
    voice="ours",
    argument="The rate of Theorem 2 is lambda (1 + rho lambda)^2. Less lambda it is 2 rho lambda^2 + rho^2 lambda^3. "
    "Multiplied by 2 D = eta |lambda|/B these are the two terms. At a saddle they have opposite signs and cancel at "
    "rho mu = 2.",
)
_own = equal(_second("exact_ascent"), _UNIT)
DRIFT = Claim(
    id="kim-v2-corollary-drift",
    title="Second version, Corollary 1: with SAM's own drift the constant is half, without a further term in rho",
    place=attributed("Corollary 1, the algorithm's drift"),
    says="For the drift of the algorithm, lambda (1 + rho lambda), and no noise in the ascent the coefficient of t^2 "
    "is eta |lambda|^3 rho/B.",
    statement=_own,
    display=_shown("exact_ascent", _UNIT),
    given=_NEAR,
    steps=(Equal("coefficient", _own, "expand both exponentials"),),
    twins=(Twin("the printed constant", equal(_second("exact_ascent"), 2 * _UNIT)),),
    voice="ours",
    argument="The algorithm's rate exceeds gradient descent's by rho lambda^2, half of the leading difference in "
    "Theorem 2. That law differentiates the composed loss, which is not what the algorithm descends. The factor is "
    "therefore left as it was in the first version.",
)
_BUFFER = real("m")
_FRICTION = (
    Coefficient(_BUFFER - heavy_ball(sp.Matrix([w]), sp.Matrix([_BUFFER]), sp.Matrix([0]))[1][0], _BUFFER, 0, 1) / eta
)  # the share of the buffer that a step takes off it, over eta
_MOMENTUM = (eta > 0, t > 0, gamma >= 0, gamma < 1)
THEOREM3 = Claim(
    id="kim-v2-theorem3",
    title="Second version, Theorem 3: C2 = eta/t",
    place=attributed("Theorem 3"),
    says="Attributed to the second version: the constant C2 of Theorem 3 is eta/t, as in the first.",
    reading="C2 (1 - gamma) is to be the exponent phi t of the derivation, phi as the update gives it: the share of "
    "the buffer that a step takes off it, over eta.",
    statement=equal(C2["printed"] * (1 - gamma), _FRICTION * t),
    given=_MOMENTUM,
    finding="Unchanged and still inverted.",
    twins=(Twin("C2 = 1", equal(1 - gamma, _FRICTION * t)),),
    voice="paper",
    provenance="second hand",
    argument="The exponent of the thermal term is phi t = (1 - gamma) t/eta. With C2 = eta/t it would fall with time. "
    "The two agree only at t = eta.",
)
_agree = iff(equal(C2["printed"] * (1 - gamma), _FRICTION * t), equal(t, eta))
_corrected = equal(C2["corrected"] * (1 - gamma), _FRICTION * t)
INVERTED = Claim(
    id="kim-v2-theorem3-inverted",
    title="Second version, Theorem 3: C2 has to be t/eta; eta/t agrees with it only after one step",
    place=attributed("Theorem 3, repaired"),
    says="With C2 = t/eta the exponent is phi t. With C2 = eta/t it is so only at t = eta.",
    statement=every(_corrected, _agree),
    given=_MOMENTUM,
    amends="kim-v2-theorem3",
    steps=(
        Equal("corrected", _corrected, "put phi in"),
        Entails("agree", _agree, "eta/t = t/eta for positive numbers", uses=("corrected",)),
        Entails("together", every(_corrected, _agree), "both", uses=("corrected", "agree")),
    ),
    twins=(
        Twin(
            "after two steps as well",
            equal(C2["printed"] * (1 - gamma), _FRICTION * t),
            (*_MOMENTUM, equal(t, 2 * eta)),
        ),
    ),
    voice="ours",
    argument="The product phi t is (1 - gamma) t/eta, so that C2 is t/eta. The printed eta/t is the same number "
    "exactly if t^2 = eta^2. For "
    "positive t and eta that is one step.",
)
_rate = RATES["exact_ascent"]
MIGHT = Claim(
    id="kim-v2-important",
    title="Second version: momentum and batch size might be important for leaving a saddle",
    place=attributed("what is called important"),
    says="Attributed to the second version: what the first calls important 'might be important'.",
    reading="The least that the words can mean: neither is without effect. The rate of the variance with momentum, "
    "which is the rate without it over 1 - gamma, is another for every gamma, and the diffusion is another for half "
    "the batch.",
    given=(gamma > 0, gamma < 1, eta > 0, B > 0, differ(lam), differ(1 + rho * lam)),
    **conjunction(
        "effects",
        Entails("momentum", differ(_rate / (1 - gamma), _rate), "1 - gamma is not 1, and the rate is not 0"),
        Entails("batch", differ(DIFFUSION, DIFFUSION.subs(B, B / 2)), "half the batch doubles it"),
    ),
    finding="True, and without a direction. The first version's sentence had one: see thm3-gamma and thm3-batch.",
    twins=(
        Twin("momentum has no part in the rate", equal(_rate / (1 - gamma), _rate)),
        Twin("the batch has no part in the diffusion", equal(DIFFUSION, DIFFUSION.subs(B, B / 2))),
    ),
    voice="paper",
    provenance="second hand",
    argument="The equation of motion with momentum forgets its velocity and leaves the rate of the drift, lambda (1 + "
    "rho lambda), over 1 - gamma. For gamma between 0 and 1 this is another number wherever the rate is not 0. The "
    "diffusion eta |lambda|/(2B) doubles with half the batch. So both have an effect on how a saddle is left, which is "
    "all that a possibility asserts.",
    related=("kim-v2",),
)

CLAIMS: tuple[Claim, ...] = (STRICT, COROLLARY, REMAINDER, DRIFT, THEOREM3, INVERTED, MIGHT)
