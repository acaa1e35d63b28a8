r"""USAM, the constant radius: it diverges on a quadratic beyond the step below which it lowers every convex loss.

Key results, for beta-smooth losses
- On $\beta w^2/2$ the weight grows exactly for $\eta\beta(1+\rho\beta) > 2$.
- For smaller steps every convex loss falls at every point that is not critical: the quadratic is the worst one.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff
from saddlecheck.theory.claims.steps import Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.papers.dai.strongly_convex import beta, ee, gg, z
from saddlecheck.theory.symbols import eta, real, rho, w

_EDGE = eta * beta * (1 + rho * beta)
_factor = equal(OPTIMISERS["sam"].update(quadratic(beta))[0], (1 - _EDGE) * w)
_diverges = iff(above(((1 - _EDGE) * w) ** 2, w**2), above(_EDGE, 2))
_usam = every(_factor, _diverges)
DIVERGES = Claim(
    id="dai-usam-diverges",
    title="USAM diverges on a quadratic for eta > 2/(beta (1 + rho beta))",
    place=Place("attributed", "USAM"),
    voice="paper",
    provenance="from memory",
    says="Attributed to Dai, Ahn and Sra: USAM diverges on some beta-smooth quadratic for eta > 2/(beta (1 + rho "
    "beta)). On beta w^2/2 exactly then.",
    statement=_usam,
    given=(beta > 0, rho > 0, eta > 0, sp.Ne(w, 0)),
    steps=(
        Equal("factor", _factor, "a linear map"),
        Entails("positive", above(_EDGE), "a product of positive numbers"),
        Equal("squares", equal(((1 - _EDGE) * w) ** 2 - w**2, _EDGE * (_EDGE - 2) * w**2), "a difference of squares"),
        Entails(
            "sign",
            iff(above(_EDGE * (_EDGE - 2) * w**2), above(_EDGE, 2)),
            "the other factors are positive",
            uses=("positive",),
        ),
        Entails("grows", _diverges, "move w^2", uses=("squares", "sign")),
        Entails("together", _usam, "both", uses=("factor", "grows")),
    ),
    argument="On beta w^2/2 a step of USAM multiplies w by 1 - eta beta (1 + rho beta). The square of the weight "
    "grows exactly if this is below -1. That is eta beta (1 + rho beta) > 2.",
    twins=(
        Twin(
            "already beyond gradient descent's 2/beta only",
            iff(above(((1 - _EDGE) * w) ** 2, w**2), above(eta * beta, 2)),
        ),
    ),
    related=("dai-usam-diverges-converse",),
)
_u = real("u")  # f(w') - f(w)
_k = rho * beta
_CONVEX = (
    beta > 0,
    rho > 0,
    eta > 0,
    gg > 0,
    ee >= 0,
    ee <= _k * z,
    z**2 <= gg * ee,
    _u <= -eta * (gg + z) + beta * eta**2 / 2 * (gg + 2 * z + ee),
)
_lowers = below(_u)
_ENDS = (1 - eta * beta / 2, (1 + _k) - eta * beta / 2 * (1 + _k) ** 2)
_DECREASE = gg + z - beta * eta / 2 * (gg + 2 * z + _k * z)
CONVERSE = Claim(
    id="dai-usam-diverges-converse",
    title="Below that step USAM lowers every convex smooth loss",
    place=BEYOND,
    voice="ours",
    says="For eta < 2/(beta (1 + rho beta)) a step of USAM lowers every convex beta-smooth loss at every point whose "
    "gradient is not 0.",
    statement=_lowers,
    given=(*_CONVEX, eta * beta * (1 + _k) < 2),
    reading="u = f(w') - f(w). The class enters by smoothness as in dai-strongly-convex and by the cocoercivity of a "
    "convex smooth gradient, |g_p - g|^2 <= beta (g_p - g).(w^p - w) with w^p - w = rho g; (g.(g_p - g))^2 <= |g|^2 "
    "|g_p - g|^2 is Cauchy and Schwarz.",
    steps=(
        Entails("not negative", z >= 0, "rho beta z >= W"),
        Entails("at most", z <= _k * gg, "z^2 <= gg ee <= rho beta gg z", uses=("not negative",)),
        Entails("first end", above(_ENDS[0]), "eta beta < 2"),
        Equal(
            "second end factor", equal(_ENDS[1], (1 + _k) * (1 - eta * beta * (1 + _k) / 2)), "take out 1 + rho beta"
        ),
        Entails("second end", above(_ENDS[1]), "both factors are positive", uses=("second end factor",)),
        Equal("between", equal(_k * _DECREASE, (_k * gg - z) * _ENDS[0] + z * _ENDS[1]), "linear in z"),
        Entails(
            "weights",
            above((_k * gg - z) * _ENDS[0] + z * _ENDS[1]),
            "one weight is positive",
            uses=("not negative", "at most", "first end", "second end"),
        ),
        Entails("decrease", above(_DECREASE), "rho beta is positive", uses=("between", "weights")),
        Entails("scaled", above(eta * _DECREASE), "eta is positive", uses=("decrease",)),
        Entails("error", beta * eta**2 / 2 * ee <= beta * eta**2 / 2 * (_k * z), "cocoercivity"),
        Entails("lowers", _lowers, "u is at most minus that", uses=("scaled", "error")),
    ),
    argument="Smoothness bounds the change of f by -eta g.g_p + (beta eta^2/2)|g_p|^2. With g_p = g + e cocoercivity "
    "gives |e|^2 <= rho beta g.e, so that the bound is linear in g.e, which lies between 0 and rho beta |g|^2. At 0 "
    "the bound is that of gradient descent. At the other end it is that of the quadratic. Both are negative below the "
    "step.",
    finding="The quadratic is the worst loss of the class: convexity adds nothing to the condition.",
    twins=(Twin("up to 2/beta", _lowers, (*_CONVEX, eta * beta < 2)),),
)

CLAIMS: tuple[Claim, ...] = (DIVERGES, CONVERSE)
