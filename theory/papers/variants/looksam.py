r"""Liu and others 2022: SAM on every k-th step only, gradient descent on the others; and on a random fraction of them.

With $e = \eta\mu$ a step of gradient descent along $-\mu$ multiplies by $1 + e$, one of SAM by $1 - e(\rho\mu-1)$.

Key results
- A random fraction $\theta$: the mean attracts exactly for $\rho\theta\mu > 1$, flow and map.
- Every k-th step: the map attracts already from $1 + (k-1)/(1+e)$ on, below the k of the flow.
- Almost surely a random half is as good as every second step: it attracts before the mean does, in mean square later.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import at_least, between, equal, every, iff, implies
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.papers.ours.normalised import inside
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, eta, mu, n, real, rho, w

q = real("q")

theta = real("theta")  # the fraction of steps with an ascent


def _multiplier(key: str) -> Expr:
    return sp.Derivative(OPTIMISERS[key].update(quadratic(-mu))[0], w)


_SAM = 1 - eta * mu * (rho * mu - 1)
_POSITIVE = (mu > 0, rho > 0, eta > 0)
_MEAN = theta * _SAM + (1 - theta) * (1 + eta * mu)
LOOKSAM = Claim(
    id="looksam",
    title="SAM on a fraction theta of the steps has the mean threshold 1/(theta mu)",
    place=attributed("random fraction of the steps"),
    says="Attributed to Liu and others, in the simplest form: SAM on some steps, gradient descent on the others. If a "
    "fraction theta of the steps are SAM's, the mean rate of the flow along -mu is positive, and the mean multiplier "
    "of the map is below 1, if and only if rho theta mu > 1.",
    reading="Constant radius, one eigendirection. The steps without an ascent are plain: what LookSAM reuses in them "
    "is the part of the perturbed gradient across the gradient, which is 0 along an eigendirection.",
    given=(*_POSITIVE, theta >= 0, theta <= 1),
    **conjunction(
        "together",
        Equal("steps", every(equal(_multiplier("sam"), _SAM), equal(_multiplier("gd"), 1 + eta * mu)),
              "differentiate the two updates"),
        Entails("flow", iff(theta * mu * (rho * mu - 1) - (1 - theta) * mu > 0, rho * theta * mu > 1),
                "mu (rho theta mu - 1)"),
        Entails("map", iff(_MEAN < 1, rho * theta * mu > 1), "1 - eta mu (rho theta mu - 1)"),
        because="all",
    ),
    twins=(Twin("SAM's threshold", iff(_MEAN < 1, rho * mu > 1)),),
    voice="paper",
    provenance="from memory",
    argument="A step of SAM has the rate mu (rho mu - 1), a step of gradient descent -mu. Their mean is mu (rho theta "
    "mu - 1), and its sign is that of rho theta mu - 1. The map's mean multiplier is 1 less eta times this rate, so "
    "that the step size does not matter.",
    related=("looksam-every", "looksam-almost-sure", "looksam-mean-square"),
)  # fmt: skip
_bernoulli = at_least(q**n, 1 - n * (1 - q))
BERNOULLI = Claim(
    id="looksam-bernoulli",
    title="Bernoulli's inequality below 1",
    place=BEYOND,
    says="q^n is at least 1 - n (1 - q), for every q > 0.",
    statement=_bernoulli,
    given=(q > 0,),
    steps=(Induction("powers", _bernoulli, "multiply by q", over=n),),
    twins=(Twin("the reverse", q**n <= 1 - n * (1 - q)),),
    voice="ours",
    argument="It holds for n = 0. Multiplied by q > 0 the inequality for n gives q^(n+1) >= q - n q (1 - q). That "
    "exceeds 1 - (n + 1)(1 - q) by n (1 - q)^2.",
)
_POWER = (1 / (1 + eta * mu)) ** n
EVERY = Claim(
    id="looksam-every",
    title="SAM on every k-th step attracts from 1 + (k - 1)/(1 + eta mu) on, below the flow's k",
    place=attributed("every k-th step"),
    says="Attributed to Liu and others, in the simplest form: n plain steps and one of SAM attract along -mu if and "
    "only if 1 - q^n < eta mu (rho mu - 1) < 1 + q^n, q = 1/(1 + eta mu). The lower bound is met as soon as rho mu > "
    "1 + n/(1 + eta mu).",
    reading="k = n + 1. The round multiplies by (1 - eta mu (rho mu - 1))/q^n; it is inside the unit circle if the "
    "step of SAM lies between -q^n and q^n. In the flow the fraction 1/k has the threshold rho mu = n + 1.",
    given=_POSITIVE,
    **conjunction(
        "together",
        Entails("round",
                iff(between(_SAM, -_POWER, _POWER),
                    between(eta * mu * (rho * mu - 1), 1 - _POWER, 1 + _POWER)),
                "a linear rearrangement"),
        cite("bernoulli", BERNOULLI, {q: 1 / (1 + eta * mu)}),
        Entails("before", implies((rho * mu - 1) * (1 + eta * mu) > n, _SAM < _POWER),
                "1 - q^n is at most n eta mu/(1 + eta mu)", uses=("bernoulli",)),
        of=("round", "before"),
        because="both",
    ),
    twins=(Twin("one step of SAM is enough", implies(rho * mu > 1, _SAM < _POWER)),),
    voice="paper",
    provenance="from memory",
    argument="The n plain steps multiply by 1/q^n, so the step of SAM has to shrink by more than q^n. By Bernoulli's "
    "inequality q^n is at least 1 - n eta mu/(1 + eta mu). So the threshold is at most 1 + n/(1 + eta mu), which is "
    "below the flow's n + 1: within a round the plain steps compound, but the step of SAM then acts on the enlarged "
    "displacement.",
)  # fmt: skip
_HALF_MEAN = (_SAM + (1 + eta * mu)) / 2
ALMOST_SURE = Claim(
    id="looksam-almost-sure",
    title="For a random half: in mean square later than in the mean, almost surely earlier",
    place=attributed("random fraction, almost surely and in mean square"),
    says="If each step is SAM's with probability 1/2, contraction in mean square implies contraction of the mean, and "
    "contraction of the mean implies that w tends to 0 almost surely, as long as a step of SAM does not cross 0.",
    reading="Almost surely: by the law of large numbers log|w| falls like the mean of the logarithms, so the "
    "condition is |s| (1 + eta mu) < 1 with s the multiplier of SAM. That is the condition for every second step.",
    statement=every(
        implies((_SAM**2 + (1 + eta * mu) ** 2) / 2 < 1, inside(_HALF_MEAN)),
        implies(every(_HALF_MEAN < 1, _SAM >= 0), sp.Abs(_SAM) * (1 + eta * mu) < 1),
    ),
    given=_POSITIVE,
    steps=(Entails("order", STATEMENT, "geometric mean, mean, root of the mean square"),),
    finding="For theta = 1/k the almost sure threshold is that of every k-th step, 1 + (k - 1)/(1 + eta mu) at most, "
    "while the mean's is k: in between the mean grows without bound and almost every path tends to the saddle.",
    twins=(
        Twin("almost surely implies the mean", implies(sp.Abs(_SAM) * (1 + eta * mu) < 1, _HALF_MEAN < 1)),
        Twin("the mean implies mean square", implies(inside(_HALF_MEAN), (_SAM**2 + (1 + eta * mu) ** 2) / 2 < 1)),
    ),
    voice="ours",
    argument="The geometric mean of two numbers is at most their mean, and that at most the root of their mean "
    "square. Almost sure contraction asks for a geometric mean below 1, the mean for a mean below 1, mean square for "
    "the last. So the three thresholds come in this order.",
)
_SQUARE = theta * _SAM**2 + (1 - theta) * (1 + eta * mu) ** 2
MEAN_SQUARE = Claim(
    id="looksam-mean-square",
    title="A random fraction adds theta (1 - theta) eta^2 rho^2 mu^4 to the mean-square multiplier",
    place=attributed("random fraction, mean square"),
    says="E w^2 is multiplied by (1 - eta mu (rho theta mu - 1))^2 + theta (1 - theta) eta^2 rho^2 mu^4 a step.",
    statement=equal(_SQUARE, _MEAN**2 + theta * (1 - theta) * (eta * rho * mu**2) ** 2),
    given=(*_POSITIVE, theta >= 0, theta <= 1),
    steps=(Equal("excess", STATEMENT, "the variance of a coin times the difference of the multipliers"),),
    twins=(Twin("no excess", equal(_SQUARE, _MEAN**2)),),
    voice="ours",
    argument="The multiplier takes two values that differ by eta rho mu^2. Its mean square is the square of its mean "
    "plus its variance. The variance is theta (1 - theta) times the squared difference.",
)

PAPER = Paper(
    "looksam",
    "Towards Efficient and Scalable Sharpness-Aware Minimization",
    ("Liu", "Mai", "Chen", "Hsieh", "You"),
    2022,
    (LOOKSAM, EVERY, BERNOULLI, ALMOST_SURE, MEAN_SQUARE),
    link="https://arxiv.org/abs/2203.02714",
    sections=SECTIONS,
)
