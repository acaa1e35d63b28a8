r"""Li and others 2024: an ascent along $g_b - c\,g$, the mini-batch's gradient less a share of the full one.

Key results
- Additive noise: the threshold is $1/((1-c)\mu)$, and none for c >= 1.
- Random curvature with second moment $m_2$: $\mu/(m_2 - c\mu^2)$; with c = 1 that is $\mu$ over the variance.
- c > 1: a minimum loses its stability at $\rho(c-1)\lambda = 1$.
"""

from __future__ import annotations

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import equal, iff
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import gradient, quadratic
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.variants.laws import PROPER, mean, moment
from saddlecheck.theory.papers.variants.maps import attributed, rate
from saddlecheck.theory.symbols import Expr, h, lam, mu, real, rho

c, m2 = real("c"), real("m_2")


def _mean_ascent(curvature: Expr) -> Expr:
    """What additive noise leaves of the ascent on average."""
    return rho * (1 - c) * gradient(quadratic(curvature))[0]


FRIENDLY = Claim(
    id="friendly",
    title="Friendly SAM with additive noise has the threshold 1/((1 - c) mu), none for c >= 1",
    place=attributed("threshold as a function of c"),
    says="Attributed to Li and others: an ascent along g_b - c g takes the full gradient out of the perturbation. "
    "With additive noise and constant radius a direction of curvature -mu attracts on average if and only if rho (1 - "
    "c) mu > 1; for c >= 1 none does.",
    reading="The expected rate: additive noise of mean 0 in the ascent and in the descent drops out of it, on a "
    "quadratic.",
    given=(mu > 0, rho > 0),
    **conjunction(
        "together",
        Equal("rate", equal(rate(_mean_ascent(-mu), -mu), mu * (rho * (1 - c) * mu - 1)),
              "the ascent is rho (1 - c) g on average"),
        Entails("threshold", iff(rate(_mean_ascent(-mu), -mu) > 0, rho * (1 - c) * mu > 1),
                "the sign of rho (1 - c) mu - 1", uses=("rate",)),
        because="both",
    ),
    twins=(Twin("SAM's threshold", iff(rate(_mean_ascent(-mu), -mu) > 0, rho * mu > 1)),),
    voice="paper",
    provenance="from memory",
    argument="The noise has mean 0, so the mean of the ascent is rho (1 - c) g. SAM's rate with that radius is mu "
    "(rho (1 - c) mu - 1). For c >= 1 the radius is not positive, and no direction of negative curvature attracts.",
    related=("friendly-curvature", "friendly-minimum"),
)  # fmt: skip
CURVATURE = Claim(
    id="friendly-curvature",
    title="Where mini-batches differ in curvature Friendly SAM traps even with c = 1",
    place=attributed("random curvature"),
    says="If a mini-batch has the curvature h with moments m_1 = -mu and m_2, the mean rate is m_1 + rho (m_2 - c "
    "m_1^2), which is positive if and only if rho (m_2 - c mu^2) > mu.",
    reading="The same mini-batch in the ascent and in the descent. The identity is shown for every law with two "
    "values; both sides are linear in the moments. With c = 1 the threshold is mu over the variance of h.",
    given=(mu > 0, m2 > mu**2, *PROPER),
    **conjunction(
        "together",
        Equal(
            "rate",
            equal(mean(h * (1 + rho * (h - c * moment(1))), h), moment(1) + rho * (moment(2) - c * moment(1) ** 2)),
            "expand the expectation",
        ),
        Entails("threshold", iff(-mu + rho * (m2 - c * mu**2) > 0, rho * (m2 - c * mu**2) > mu), "a linear inequality"),
        because="both",
    ),
    finding="Removing the full gradient removes the trap of additive noise, not the one that comes from the spread of "
    "the curvature.",
    twins=(
        Twin(
            "the spread does nothing",
            equal(mean(h * (1 + rho * (h - c * moment(1))), h), moment(1) * (1 + rho * (1 - c) * moment(1))),
        ),
    ),
    voice="ours",
    argument="On one mini-batch the descent meets h (1 + rho (h - c m_1)) w. The mean is m_1 + rho (m_2 - c m_1^2). "
    "For c = 1 the bracket is the variance of h, which is positive as soon as mini-batches differ.",
)
MINIMUM = Claim(
    id="friendly-minimum",
    title="With c > 1 Friendly SAM loses minima with rho (c - 1) lambda >= 1",
    place=attributed("c > 1"),
    says="Along a positive eigenvalue lambda the mean rate is positive if and only if rho (c - 1) lambda < 1.",
    reading="Additive noise, constant radius, the flow of the mean.",
    given=(lam > 0, rho > 0),
    **conjunction(
        "together",
        Equal("rate", equal(rate(_mean_ascent(lam), lam), lam * (1 - rho * (c - 1) * lam)),
              "the ascent is -rho (c - 1) g on average"),
        Entails("threshold", iff(rate(_mean_ascent(lam), lam) > 0, rho * (c - 1) * lam < 1), "the sign of the bracket",
                uses=("rate",)),
        because="both",
    ),
    twins=(Twin("minima are always safe", rate(_mean_ascent(lam), lam) > 0),),
    voice="ours",
    argument="For c > 1 the mean ascent is a descent of length rho (c - 1) |g|. If it passes the minimum, the "
    "gradient met there points the other way. That is so for rho (c - 1) lambda > 1.",
)  # fmt: skip

PAPER = Paper(
    "friendly",
    "Friendly Sharpness-Aware Minimization",
    ("Li", "Zhou", "He", "Cheng", "Huang"),
    2024,
    (FRIENDLY, CURVATURE, MINIMUM),
    link="https://arxiv.org/abs/2403.12350",
    sections=SECTIONS,
)
