r"""Oikonomou and Loizou 2025: one family, $w^p = w + \rho(1 - t + t/|g|)\,g$ with $0 \le t \le 1$.

Key results, with $a_\lambda = \lambda(1+\rho(1-t)\lambda)$
- Losses with the Polyak-Lojasiewicz inequality: t = 0 converges linearly, on the whole class; t > 0 does not converge.
- One dimension: a 2-cycle of half-width $\eta\lambda\rho t/(2-\eta a_\lambda)$ at a minimum; a maximum captures
  $|w| < \rho t/(1-\rho(1-t)\mu)$, and everything once $\rho(1-t)\mu \ge 1$.
- Across the cycle along L the multiplier is normalised SAM's for every t > 0: rho and t drop out.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, iff, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, LossLike, Matrix, gradient, norm, quadratic
from saddlecheck.theory.papers.kim.notation import slope_at
from saddlecheck.theory.papers.ours.normalised import L
from saddlecheck.theory.papers.sections import SECTIONS
from saddlecheck.theory.papers.standard import line
from saddlecheck.theory.papers.variants.classes import (
    CAUCHY_SCHWARZ,
    GAIN,
    GENTLE,
    SMOOTH,
    G,
    after,
    before,
    gain_steps,
    lipschitz,
)  # fmt: skip
from saddlecheck.theory.papers.variants.maps import attributed, half_width, step
from saddlecheck.theory.symbols import Expr, eta, lam, mu, real, rho, w, x, y

k = real("k")

share = real("t")  # of the normalised ascent
alpha = real("alpha")  # the constant of the Polyak-Lojasiewicz inequality


def _ascent(loss: LossLike) -> Matrix:
    g = gradient(loss)
    return rho * (1 - share + share / norm(g)) * g


def _slope(curvature: Expr) -> Expr:
    """The rate without the normalised part."""
    return curvature * (1 + rho * (1 - share) * curvature)


_RATE, _v = real("a"), real("v")  # for a display
_FROM_RIGHT = (1 - eta * _slope(lam)) * w - eta * lam * rho * share
_POLYAK = every(2 * alpha * before <= G**2, alpha > 0)
_contracts = implies(_POLYAK, after <= (1 - 2 * alpha * GAIN) * before)
_any = implies(every(k > 0, before - after >= k * G**2, _POLYAK), after <= (1 - 2 * alpha * k) * before)
PL = Claim(
    id="unified",
    title="t = 0 converges linearly on every smooth loss with the Polyak-Lojasiewicz inequality",
    place=attributed("deterministic, Polyak-Lojasiewicz"),
    says="Attributed to Oikonomou and Loizou: without noise, under the Polyak-Lojasiewicz inequality, t = 0 converges "
    "to the minimum. For rho beta < 1 and eta beta (1 + rho beta) < 2 a step contracts the loss of every beta-smooth "
    "loss by a fixed factor.",
    reading="t = 0 is SAM with constant radius. f and f' are the loss above its minimum before and after the step, G, "
    "P, Q describe the gradient and the perturbed one; the conditions are those of the class along the step, in every "
    "dimension. The inequality is |g|^2 >= 2 alpha f.",
    statement=_contracts,
    given=(*SMOOTH, rho > 0, G > 0, CAUCHY_SCHWARZ, lipschitz(rho), GENTLE, before >= 0),
    steps=(
        *gain_steps(),
        Entails("any gain", _any, "the inequality bounds |g|^2 from below"),
        Instance("contracts", _contracts, "of this gain", uses=("gain", "any gain"), of=_any, at={k: GAIN}),
    ),
    twins=(Twin("twice the rate", implies(_POLYAK, after <= (1 - 4 * alpha * GAIN) * before)),),
    voice="paper",
    provenance="second hand",
    argument="With t = 0 the ascent shrinks with the gradient, and a step lowers the loss by at least a multiple of "
    "|g|^2. The Polyak-Lojasiewicz inequality turns this into a fixed share of the loss. Convexity is not needed, but "
    "rho beta < 1 is.",
    related=("unified-cycle", "unified-capture", "unified-stability"),
)
CYCLE = Claim(
    id="unified-cycle",
    title="Every t > 0 circles a minimum at the half-width eta lambda rho t/(2 - eta a)",
    place=attributed("exact convergence for t = 0 only"),
    says="Attributed to Oikonomou and Loizou: exact convergence is for t = 0 only. In one dimension a step leads from "
    "w > 0 to -w exactly for w = eta lambda rho t/(2 - eta a), a = lambda (1 + rho (1 - t) lambda).",
    reading="On a quadratic, w > 0; the map is odd, so the step back closes a 2-cycle. For t = 0 its half-width is 0.",
    given=(lam > 0, rho > 0, eta > 0, share >= 0, share <= 1, eta * _slope(lam) < 2, w > 0),
    display=Display(
        (
            equal(
                w - eta * slope_at(w + rho * (1 - share + share / sp.Abs(slope_at(w))) * slope_at(w)),
                (1 - eta * _RATE) * w - eta * lam * rho * share,
            ),
            iff(
                equal((1 - eta * _RATE) * w - eta * lam * rho * share, -w),
                equal(w, eta * lam * rho * share / (2 - eta * _RATE)),
            ),
        ),
        {_RATE: _slope(lam), slope_at(_v): lam * _v},
    ),
    **conjunction(
        "together",
        Equal(
            "from the right",
            equal(step(line, _ascent(line))[0], _FROM_RIGHT),
            "the normalised part moves outward by rho t",
        ),
        *half_width(_FROM_RIGHT, eta * lam * rho * share, 2 - eta * _slope(lam)),
        of=("from the right", "cycle"),
        because="both",
    ),
    hints=({lam: 1, rho: 1, eta: sp.Rational(1, 2), share: sp.Rational(1, 2), w: sp.Rational(1, 5)},),
    twins=(
        Twin(
            "without the constant part",
            iff(equal(_FROM_RIGHT, -w), equal(w, eta * lam * rho * share / (2 - eta * lam))),
        ),
    ),
    voice="paper",
    provenance="second hand",
    argument="The constant part of the ascent changes the slope of the map to 1 - eta a. The normalised part shifts "
    "it by -eta lambda rho t, however near the minimum. So a step from w to -w exists at the half-width given, which "
    "is 0 exactly for t = 0.",
)
_AT_TOP = (1 + eta * mu * (1 - rho * (1 - share) * mu)) * w - eta * mu * rho * share
CAPTURE = Claim(
    id="unified-capture",
    title="A maximum captures |w| < rho t/(1 - rho (1 - t) mu), and everything once rho (1 - t) mu >= 1",
    place=attributed("capture in one dimension"),
    says="At a maximum in one dimension a step moves outward if and only if (1 - rho (1 - t) mu) |w| > rho t.",
    reading="w > 0, the other side by symmetry. For rho (1 - t) mu >= 1 no w satisfies it, so that everything moves "
    "inward.",
    given=(mu > 0, rho > 0, eta > 0, share >= 0, share <= 1, w > 0),
    **conjunction(
        "together",
        Equal("from the right", equal(step(quadratic(-mu), _ascent(quadratic(-mu)))[0], _AT_TOP),
              "the normalised part moves inward by rho t"),
        Entails("outward", iff(w < _AT_TOP, (1 - rho * (1 - share) * mu) * w > rho * share),
                "the difference of the step and w"),
        because="both",
    ),
    hints=({mu: 1, rho: 1, eta: sp.Rational(1, 2), share: sp.Rational(1, 2), w: 1},),
    twins=(Twin("SAM's region", iff(w < _AT_TOP, w > rho)),),
    voice="ours",
    argument="The step adds eta mu ((1 - rho (1 - t) mu) w - rho t) to w. Below the fraction given this is negative. "
    "The case t = 1 gives the |w| < rho of normalised SAM, t = 0 the threshold rho mu = 1 of constant radius, beyond "
    "which all of the line is captured.",
)  # fmt: skip
_PLANE = BareLoss((x, y), L * x**2 / 2 + lam * y**2 / 2)
_ANYWHERE = 1 - eta * _slope(lam) - eta * rho * share * lam**2 / (L * x)
MULTIPLIER = 1 - eta * lam - (lam / L) ** 2 * (2 - eta * L)  # checked below against _ACROSS, which is derived
STABILITY = Claim(
    id="unified-stability",
    title="Across the 2-cycle the multiplier is normalised SAM's for every t > 0 and every radius",
    place=attributed("stability across the cycle"),
    says="On the 2-cycle along a direction of curvature L a displacement along lambda is multiplied by 1 - eta lambda "
    "- (lambda/L)^2 (2 - eta L), whatever t > 0 and rho. At a saddle it is below 1 if and only if eta L (L + mu) < 2 "
    "mu.",
    reading="For a quadratic with one further direction; t > 0, so that there is a cycle.",
    given=(L > 0, mu > 0, rho > 0, eta > 0, share > 0, share <= 1, eta * _slope(L) < 2, x > 0),
    **conjunction(
        "together",
        Equal("across", equal(Coefficient(step(_PLANE, _ascent(_PLANE))[1], y, 0, 1), _ANYWHERE),
              "the norm of the gradient is stationary across the cycle"),
        Equal("on the cycle", equal(value(_ANYWHERE, x, eta * L * rho * share / (2 - eta * _slope(L))), MULTIPLIER),
              "put the half-width in"),
        Entails("saddle", iff(MULTIPLIER.subs(lam, -mu) < 1, eta * L * (L + mu) < 2 * mu), "compare with 1"),
        because="all of it",
    ),
    finding="The constant part of the ascent changes the size of the cycle, and with it the normalised part's weight, "
    "so that both changes cancel. A stiff saddle traps every member of the family with t > 0 for the same steps; how "
    "large the region of attraction is does depend on t.",
    twins=(
        Twin("the constant part alone",
             equal(value(_ANYWHERE, x, eta * L * rho * share / (2 - eta * _slope(L))), 1 - eta * _slope(lam))),
    ),
    voice="ours",
    argument="Across the cycle the norm of the gradient is stationary, so the multiplier is 1 - eta a_lambda - eta "
    "rho t lambda^2/(L x), a = lambda (1 + rho (1 - t) lambda). On the cycle rho t/x is (2 - eta a_L)/(eta L). The "
    "terms with rho (1 - t) are -eta rho (1 - t) lambda^2 and the opposite of it, and cancel.",
)  # fmt: skip

PAPER = Paper(
    "unified",
    "Sharpness-Aware Minimization: General Analysis and Improved Rates",
    ("Oikonomou", "Loizou"),
    2025,
    (PL, CYCLE, CAPTURE, STABILITY),
    link="https://arxiv.org/abs/2503.02225",
    sections=SECTIONS,
)
