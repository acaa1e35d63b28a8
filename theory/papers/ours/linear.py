r"""Which critical points attract: one eigendirection, drift rate a, step size eta, no momentum.

Key results, with $a = \lambda(1+\rho\lambda)$ for SAM
- The flow attracts if and only if $a > 0$; gradient descent and SAM if and only if $0 < \eta a < 2$.
- Some radius traps a saddle with eigenvalues L and $-\mu \ge -L$ exactly if $\eta L(L+\mu) < 2\mu$, which is the
  edge that normalised SAM has.
- Weight decay in the descent lowers the threshold to $(\mu-\kappa)/\mu^2$, inside the loss it raises it to
  $1/(\mu-\kappa)$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, between, equal, every, iff
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, Optimiser, quadratic
from saddlecheck.theory.papers.ours.bounds import EXP_BOUND
from saddlecheck.theory.papers.ours.normalised import L, inside
from saddlecheck.theory.papers.standard import GD, SAM
from saddlecheck.theory.symbols import Expr, a, eta, kappa, mu, real, rho, t, w, x


def _multiplier(optimiser: Optimiser, curvature: Expr) -> Expr:
    """What one step multiplies a displacement by."""
    return optimiser.map_jacobian(quadratic(curvature), {w: sp.S.Zero})[0]


# The flow
w0 = real("w_0")
_positive = every(above(sp.exp(a * t)), above(sp.exp(-a * t)))
FLOW = Claim(
    id="linear-flow",
    title="The flow attracts where the rate is positive and repels where it is negative",
    place=BEYOND,
    voice="ours",
    says="With rate a > 0 a displacement falls below its 1/(1 + a t)-th part, with rate -a it exceeds its (1 + a "
    "t)-fold.",
    given=(a > 0, t > 0),
    reading="w_0 exp(-a t) and w_0 exp(a t) are the paths; with rate 0 nothing moves. So attraction is a > 0.",
    **conjunction(
        "together",
        Equal(
            "paths",
            every(
                *(
                    equal(
                        sp.Derivative(w0 * sp.exp(-rate * t), t),
                        -GD.direction(quadratic(rate))[0].subs(w, w0 * sp.exp(-rate * t)),
                    )
                    for rate in (a, -a)
                )
            ),
            "put them into the equation",
        ),
        Entails("positive", _positive, "an exponential is positive"),
        Monotone("decay", (1 + a * t) * sp.exp(-a * t) - 1 < 0, "its derivative is -a^2 t exp(-a t)",
                uses=("positive",), of=(1 + a * t) * sp.exp(-a * t) - 1, along=t, slope=-(a**2) * t * sp.exp(-a * t),
                sign=_positive),
        cite("growth", EXP_BOUND, {x: a * t}, sp.exp(a * t) - 1 - a * t > 0, "the exponential lies above its tangent"),
        of=("decay", "growth"),
        because="both signs of the rate",
    ),
    twins=(Twin("decay to the 1/(1 + 2 a t)-th part", (1 + 2 * a * t) * sp.exp(-a * t) < 1),),
)  # fmt: skip

DISCRETE = Claim(
    id="linear-discrete",
    title="The discrete map attracts if and only if 0 < eta a < 2",
    place=BEYOND,
    voice="ours",
    says="A step of size eta multiplies a displacement by 1 - eta a, which is inside the unit circle exactly for 0 < "
    "eta a < 2.",
    statement=iff(inside(_multiplier(GD, a)), between(eta * a, 0, 2)),
    steps=(Entails("both ways", STATEMENT, "1 - eta a between -1 and 1"),),
    twins=(Twin("the edge 1/eta", iff(inside(_multiplier(GD, a)), between(eta * a, 0, 1))),),
)

_HELD = every(inside(_multiplier(SAM, L)), inside(_multiplier(SAM, -mu)))
SADDLE = Claim(
    id="linear-sam-saddle",
    title="SAM's map holds a saddle under three conditions",
    place=BEYOND,
    voice="ours",
    says="At a saddle with eigenvalues L and -mu the map of SAM attracts if and only if rho > 1/mu, eta L (1 + rho "
    "L) < 2 and eta mu (rho mu - 1) < 2.",
    statement=iff(_HELD, every(rho * mu > 1, eta * L * (1 + rho * L) < 2, eta * mu * (rho * mu - 1) < 2)),
    given=(L > 0, mu > 0, eta > 0, rho > 0),
    steps=(Entails("both ways", STATEMENT, "0 < eta a < 2 for both"),),
    finding="Theorem 1 names the first condition only. A radius that traps the flow may throw the algorithm off "
    "along L.",
    twins=(Twin("rho > 1/mu is enough", _HELD, (L > 0, mu > 0, eta > 0, rho * mu > 1)),),
    related=("thm1",),
)
WINDOW = Claim(
    id="linear-sam-window",
    title="A radius that traps exists only for small steps",
    place=BEYOND,
    voice="ours",
    says="For mu <= L the radii that trap are those between 1/mu and (2 - eta L)/(eta L^2); there are any exactly if "
    "eta L (L + mu) < 2 mu.",
    given=(L > 0, mu > 0, eta > 0, mu <= L, rho > 0),
    **conjunction(
        "together",
        Entails("window", iff(_HELD, every(rho * mu > 1, rho * eta * L**2 < 2 - eta * L)),
                "the third condition follows from the second for mu <= L"),
        Entails("not empty", iff((2 - eta * L) / (eta * L**2) > 1 / mu, eta * L * (L + mu) < 2 * mu),
                "1/mu < (2 - eta L)/(eta L^2), multiplied by eta mu L^2 > 0"),
    ),
    finding="The same edge as for the normalised radius: the best that tuning rho can do is what normalisation does.",
    twins=(Twin("never empty", (2 - eta * L) / (eta * L**2) > 1 / mu),),
    related=("normalised-saddle-traps",),
)  # fmt: skip

DECAY = Claim(
    id="weight-decay-descent",
    title="Weight decay in the descent lowers the threshold",
    place=BEYOND,
    voice="ours",
    says="With weight decay kappa applied in the descent only, a direction of curvature -mu attracts SAM's flow if "
    "and only if rho > (mu - kappa)/mu^2.",
    statement=iff(OPTIMISERS["sam_decayed"].rate(-mu) > 0, rho > (mu - kappa) / mu**2),
    given=(mu > 0, kappa > 0),
    reading="At a critical point at the origin, so that the decay does not move it. Negative values: every radius "
    "traps.",
    steps=(Entails("both ways", STATEMENT, "the rate is -mu + rho mu^2 + kappa"),),
    twins=(Twin("the threshold 1/mu", iff(OPTIMISERS["sam_decayed"].rate(-mu) > 0, rho > 1 / mu)),),
)
PENALTY = Claim(
    id="weight-decay-loss",
    title="Weight decay inside the loss raises the threshold",
    place=BEYOND,
    voice="ours",
    says="With kappa |w|^2/2 in the loss, kappa < mu, a direction of curvature -mu attracts if and only if rho > "
    "1/(mu - kappa).",
    statement=iff(OPTIMISERS["sam_regularised"].rate(-mu) > 0, rho > 1 / (mu - kappa)),
    given=(mu > 0, kappa > 0, kappa < mu),
    reading="At a critical point at the origin. For kappa > mu it is no longer a direction of negative curvature.",
    steps=(Entails("both ways", STATEMENT, "the curvature is kappa - mu in both gradients"),),
    finding="Two implementations of the same setting move the threshold in opposite directions.",
    twins=(
        Twin(
            "the threshold of the other kind",
            iff(OPTIMISERS["sam_regularised"].rate(-mu) > 0, rho > (mu - kappa) / mu**2),
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (FLOW, DISCRETE, SADDLE, WINDOW, DECAY, PENALTY)
