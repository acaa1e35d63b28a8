r"""Section 4.4: whether momentum shortens the escape from a saddle.

With $a = -\mu(1 - \rho\mu)$, SAM's drift rate along the saddle's own direction, and $\alpha = \eta(1-\tau)$.

Key results: it does below rho = 1/mu, where it raises the growth per step (thm3-escape-below) and the exact
displacement after any number of steps (heavy-ball-momentum) and at any time (langevin-friction). At and beyond 1/mu
nothing grows whatever gamma is (thm3-escape), and there the discrete algorithm's spread can even fall with gamma
(momentum-spread). At equal effective learning rate momentum escapes more slowly than none (momentum-equal-rate).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import below, equal, every, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS
from saddlecheck.theory.papers.kim.diffusion.variance_laws import v
from saddlecheck.theory.papers.kim.notation import chi, lam1
from saddlecheck.theory.papers.ours.heavy_ball import ALPHA, STATIONARY_MSD, TRACE
from saddlecheck.theory.papers.ours.jury import z
from saddlecheck.theory.symbols import Expr, a, eta, gamma, h, mu, real, rho, tau

more = real("gamma_2")  # a larger momentum

# ---- growth per step

_CHARACTERISTIC = OPTIMISERS["heavy_ball_sam"].characteristic(z, -mu)
_GIVEN = (mu > 0, rho >= 0, eta > 0, tau >= 0, tau < 1, gamma >= 0, more > gamma, more < 1)

ESCAPE = Claim(
    id="thm3-escape",
    title="After Theorem 3: momentum shortens the escape from a saddle",
    place=Place("4.4", "after Theorem 3"),
    voice="paper",
    provenance="seen",
    says="Increasing the momentum reduces the time that SAM takes to leave a saddle.",
    reading="Along the eigenvalue -mu the step's characteristic polynomial is negative at 1, so that a multiplier "
    "exceeds 1 and the weight escapes; and it is negative for the larger gamma at every multiplier z > 1 that it has "
    "for the smaller, so that the larger gamma grows faster per step. (A quadratic in z that opens upwards.)",
    statement=every(
        _CHARACTERISTIC.subs(z, 1) < 0,
        implies(every(z > 1, equal(_CHARACTERISTIC, 0)), _CHARACTERISTIC.subs(gamma, more) < 0),
    ),
    display=Display(
        (below(chi(1, gamma)), implies(every(z > 1, equal(chi(z, gamma), 0)), below(chi(z, more)))),
        {chi(z, gamma): z**2 - (1 + gamma - eta * (1 - tau) * a) * z + gamma, a: lam1 * (1 + rho * lam1), lam1: -mu},
    ),
    given=_GIVEN,
    finding="At rho = 1/mu and beyond there is no growth for any gamma below 1: momentum does not move the threshold. "
    "It raises the stationary variance there (in continuous time), not the escape of the linear dynamics.",
    argument=(
        "Along the eigenvalue -mu a step of SAM with momentum has the characteristic polynomial z^2 - (1 + gamma - "
        "alpha a) z + gamma, with a = -mu (1 - rho mu) and alpha = eta (1 - tau). At z = 1 it is alpha a. For rho mu "
        "= 1 this is 0 for every gamma, so no multiplier exceeds 1 and nothing grows. For rho mu > 1 it is positive; "
        "both roots would have to exceed 1 for one of them to do so, and their product gamma is below 1. So there is "
        "no growth that a larger momentum could make faster."
    ),
    twins=(Twin("for rho above 1/mu", STATEMENT, (*_GIVEN, rho * mu > 1)),),
    related=(
        "momentum-threshold",
        "heavy-ball-momentum",
        "langevin-friction",
        "momentum-spread",
        "momentum-equal-rate",
    ),
)
BELOW = Claim(
    id="thm3-escape-below",
    title="Momentum shortens the escape from a saddle below rho = 1/mu",
    says="For rho below 1/mu the weight escapes for every momentum, and grows the faster per step the larger it is.",
    steps=(Entails("growth", STATEMENT, "the polynomial changes by (gamma_2 - gamma)(1 - z)"),),
    **under(ESCAPE, rho * mu < 1),
    finding="At a fixed eta, that is: see momentum-equal-rate.",
    argument=(
        "For rho mu < 1 it is a = -mu (1 - rho mu) < 0, so the characteristic polynomial z^2 - (1 + gamma - alpha a) "
        "z + gamma is negative at z = 1 and has a root above 1: the weight escapes. A change of the momentum from "
        "gamma to gamma_2 > gamma adds (gamma_2 - gamma)(1 - z) to the polynomial. At a root z > 1 for gamma this is "
        "negative. The polynomial opens upwards, so its largest root for gamma_2 lies beyond z, and the growth per "
        "step is larger."
    ),
    twins=(Twin("a larger momentum grows more slowly", _CHARACTERISTIC.subs(gamma, more) > 0,
                (*_GIVEN, rho * mu < 1, z > 1)),),
)  # fmt: skip

EQUAL_RATE = Claim(
    id="momentum-equal-rate",
    title="At equal effective learning rate momentum escapes more slowly",
    place=BEYOND,
    voice="ours",
    says="SAM with momentum gamma > 0 and step eta grows less per step than SAM without and step eta/(1 - gamma).",
    reading="Multipliers per step along -mu, rho < 1/mu, dampening tau in both effective steps.",
    statement=implies(every(z > 1, equal(_CHARACTERISTIC, 0)), z < 1 + ALPHA * (mu * (1 - rho * mu)) / (1 - gamma)),
    given=(mu > 0, rho >= 0, rho * mu < 1, eta > 0, tau >= 0, tau < 1, gamma > 0, gamma < 1),
    steps=(Entails("slower", STATEMENT, "at that multiplier the polynomial is still positive"),),
    finding="What shortens the escape is the larger effective step, not the inertia.",
)

# ---- the exact displacement at a saddle, for every number of steps

now, rise = real("G"), real("d")  # G_n and G_{n+1} - G_n
spread = real("X")  # E w_n^2
slopes: Mapping[Any, Any] = {u: real(f"{u.name}'") for u in (now, rise, spread)}  # derivatives with respect to gamma
_STEP: Mapping[Any, Expr] = {
    now: now + rise,
    rise: gamma * rise - ALPHA * h * (now + rise),
    spread: spread + ALPHA**2 * v * (now + rise) ** 2,
}
# The response's recursion, written for G and its increase, is the one of the characteristic polynomial.


def _by_gamma(expr: Expr) -> Expr:
    """Total derivative with respect to gamma: of what is written, and through the variables."""
    return sp.diff(expr, gamma) + sum(sp.diff(expr, u) * slope for u, slope in slopes.items())


_CONE = (now >= 0, rise >= 0, *(slope >= 0 for slope in slopes.values()))
_KEPT = every(*(_STEP[u] >= 0 for u in (now, rise)), *(_by_gamma(_STEP[u]) >= 0 for u in _STEP))
MOMENTUM = Claim(
    id="heavy-ball-momentum",
    title="At a saddle a step keeps the displacement's derivative by gamma from being negative",
    place=BEYOND,
    voice="ours",
    says="Along a direction that does not attract, h <= 0, if the response, its increase, and the derivatives by "
    "gamma >= 0 of both and of E w_n^2 are not negative before a step, they are not after it.",
    reading="They start at 0 or 1 (n = 0, from an empty buffer), so E w_n^2 does not fall with gamma after any "
    "number of steps.",
    given=(h <= 0, eta > 0, tau >= 0, tau < 1, gamma >= 0, v > 0, *_CONE),
    **conjunction(
        "both",
        Equal(
            "recursion",
            equal(now + rise + _STEP[rise], TRACE * (now + rise) - gamma * now),
            "G_{n+2} = c G_{n+1} - gamma G_n",
        ),
        Entails("kept", _KEPT, "sums of products of what is not negative"),
    ),
    twins=(Twin("towards a minimum as well", _KEPT, (h >= 0, eta > 0, tau >= 0, tau < 1, gamma >= 0, v > 0, *_CONE)),),
    related=("heavy-ball-msd", "langevin-friction"),
)

# ---- where SAM is trapped

_STABLE = (h > 0, eta > 0, tau >= 0, tau < 1, v > 0, gamma >= 0, gamma < 1, ALPHA * h < 2 * (1 + gamma))
SPREAD = Claim(
    id="momentum-spread",
    title="Where SAM is trapped, momentum raises the stationary variance",
    place=BEYOND,
    voice="ours",
    says="Around an attracting point the stationary variance of the algorithm rises with gamma.",
    reading="The derivative with respect to gamma of the discrete algorithm's stationary E w^2, wherever it is stable.",
    statement=sp.diff(STATIONARY_MSD, gamma) > 0,
    given=_STABLE,
    finding="True in continuous time, where it is D/(M phi h); the discrete algorithm has a larger variance without "
    "momentum once the step is long, alpha h > (1 + gamma)^2, because momentum widens the stable range.",
    argument=(
        "The stationary variance of the discrete algorithm is alpha v (1 + gamma)/(h (1 - gamma)(2 (1 + gamma) - "
        "alpha h)), with alpha = eta (1 - tau). Its derivative in gamma has the sign of (1 + gamma)^2 - alpha h. The "
        "algorithm is stable for alpha h < 2 (1 + gamma), which is more than (1 + gamma)^2 when gamma < 1. For a step "
        "in between, the variance falls with gamma: near the edge of stability momentum widens the stable range."
    ),
    twins=(Twin("for steps beyond (1 + gamma)^2", STATEMENT, (*_STABLE, ALPHA * h > (1 + gamma) ** 2)),),
)
_SLOPE = 2 * ALPHA * v * ((1 + gamma) ** 2 - ALPHA * h) / (h * (1 - gamma) ** 2 * (2 * (1 + gamma) - ALPHA * h) ** 2)
SPREAD_SHORT = Claim(
    id="momentum-spread-short",
    title="Momentum raises the stationary variance for steps up to (1 + gamma)^2",
    says="For alpha h < (1 + gamma)^2 the stationary variance rises with gamma.",
    argument=(
        "The derivative of the stationary variance in gamma is 2 alpha v ((1 + gamma)^2 - alpha h) over h (1 - "
        "gamma)^2 (2 (1 + gamma) - alpha h)^2. By the condition alpha h < (1 + gamma)^2 the numerator is positive. "
        "Stability and gamma < 1 make the denominator positive. So the variance rises with gamma."
    ),
    steps=(
        Equal("slope", equal(sp.diff(STATIONARY_MSD, gamma), _SLOPE), "differentiate the stationary variance by gamma"),
        Entails(
            "factors",
            every((1 + gamma) ** 2 - ALPHA * h > 0, 2 * (1 + gamma) - ALPHA * h > 0, 1 - gamma > 0, 1 - tau > 0),
            "the conditions alpha h < (1 + gamma)^2, alpha h < 2 (1 + gamma), gamma < 1 and tau < 1",
        ),
        Entails("positive", _SLOPE > 0, "every factor is positive", uses=("factors",)),
        Entails("rises", STATEMENT, "so the variance rises", uses=("slope", "positive")),
    ),
    **under(SPREAD, ALPHA * h < (1 + gamma) ** 2),
)

CLAIMS: tuple[Claim, ...] = (ESCAPE, BELOW, EQUAL_RATE, MOMENTUM, SPREAD, SPREAD_SHORT)
