r"""The edge of stability of SAM with constant radius: $\eta\lambda(1+\rho\lambda) = 2$.

Key results
- Along a positive eigenvalue the step contracts exactly below $\lambda^* = (\sqrt{1+8\rho/\eta}-1)/(2\rho)$.
- It lies below $2/\eta$, the edge of gradient descent, and below $\sqrt{2/(\eta\rho)}$, for every radius.
- Negative eigenvalues have an edge of their own: they contract for $1 < \rho\mu$ and $\eta\mu(\rho\mu-1) < 2$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.formulas import at_least, every, iff
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.optimiser import OPTIMISERS, quadratic
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, eta, lam, mu, rho, w

_ROOT = sp.sqrt(1 + 8 * rho / eta)
EDGE = (_ROOT - 1) / (2 * rho)


def _after(curvature: Expr) -> Expr:
    return OPTIMISERS["sam"].update(quadratic(curvature))[0]


_contracts = iff(sp.Abs(_after(lam)) < sp.Abs(w), eta * lam * (1 + rho * lam) < 2)
_solved = iff(eta * lam * (1 + rho * lam) < 2, lam < EDGE)
_square = every(at_least(_ROOT), sp.Eq(_ROOT**2, 1 + 8 * rho / eta, evaluate=False))
SAM_EDGE = Claim(
    id="agarwala-edge",
    title="With constant radius SAM's edge of stability is eta lambda (1 + rho lambda) = 2",
    place=attributed("edge of stability"),
    says="Attributed to Agarwala and Dauphin: SAM with constant radius contracts along a positive eigenvalue if and "
    "only if eta lambda (1 + rho lambda) < 2, that is, lambda < (sqrt(1 + 8 rho/eta) - 1)/(2 rho).",
    statement=every(_contracts, _solved),
    given=(lam > 0, rho > 0, eta > 0, sp.Ne(w, 0)),
    steps=(
        Entails("multiplier", _contracts, "w is multiplied by 1 - eta lambda (1 + rho lambda)"),
        Entails("solved", _solved, "the positive root of a quadratic equation"),
        Entails("together", every(_contracts, _solved), "both", uses=("multiplier", "solved")),
    ),
    twins=(
        Twin("the edge of gradient descent", iff(sp.Abs(_after(lam)) < sp.Abs(w), eta * lam < 2)),
        Twin(
            "4 rho for 8 rho", iff(eta * lam * (1 + rho * lam) < 2, lam < (sp.sqrt(1 + 4 * rho / eta) - 1) / (2 * rho))
        ),
    ),
    voice="paper",
    provenance="from memory",
    argument="On one eigendirection a step multiplies w by 1 - eta lambda (1 + rho lambda). For a positive eigenvalue "
    "this is below 1, and above -1 exactly under the condition. The left side increases with lambda, so the condition "
    "is an upper bound, the positive root of eta rho lambda^2 + eta lambda = 2.",
    related=("agarwala-edge-below", "agarwala-edge-negative"),
)
_below = every(2 / eta > EDGE, sp.sqrt(2 / (eta * rho)) > EDGE, EDGE > 0)
BELOW = Claim(
    id="agarwala-edge-below",
    title="SAM's edge is always below that of gradient descent",
    place=attributed("edge of stability: always lambda < 2/eta?"),
    says="For every radius and step the edge lies below 2/eta and below sqrt(2/(eta rho)).",
    statement=_below,
    given=(rho > 0, eta > 0),
    steps=(Entails("below", _below, "at either bound eta lambda (1 + rho lambda) exceeds 2"),),
    finding="The first bound is attained as rho tends to 0, the second as rho tends to infinity: for rho much larger "
    "than eta the edge falls like 1/sqrt(rho), not like 1/rho.",
    twins=(Twin("below 1/eta", 1 / eta > EDGE),),
    voice="ours",
    argument="At lambda = 2/eta the left side of the equation is 2 + 4 rho/eta, which exceeds 2, so the root is "
    "smaller. At lambda = sqrt(2/(eta rho)) the quadratic term alone is 2. The two bounds are the limits for small "
    "and for large radius.",
)
_negative = iff(sp.Abs(_after(-mu)) < sp.Abs(w), every(rho * mu > 1, eta * mu * (rho * mu - 1) < 2))
NEGATIVE = Claim(
    id="agarwala-edge-negative",
    title="A negative eigenvalue is inside the edge beyond rho mu = 1",
    place=attributed("edge of stability: negative eigenvalues"),
    says="Along an eigenvalue -mu < 0 SAM contracts if and only if rho mu > 1 and eta mu (rho mu - 1) < 2.",
    statement=_negative,
    given=(mu > 0, rho > 0, eta > 0, sp.Ne(w, 0)),
    steps=(Entails("both ways", _negative, "the same multiplier at a negative eigenvalue"),),
    finding="So 'stable below the edge' is a statement about positive eigenvalues only.",
    twins=(Twin("no negative eigenvalue ever", sp.Abs(_after(-mu)) > sp.Abs(w)),),
    voice="ours",
    argument="At lambda = -mu the multiplier is 1 - eta mu (rho mu - 1). It lies between -1 and 1 exactly under the "
    "two conditions. The first is the threshold beyond which the flow is attracted.",
)

CLAIMS: tuple[Claim, ...] = (SAM_EDGE, BELOW, NEGATIVE)
