r"""Other ascents: several steps, and ASAM's, which is measured in the weights' own scale.

Key results
- With N ascent steps the rate is $\lambda(1+\rho\lambda)^N$: even N never trap, odd N trap beyond $1/\mu$ like one.
- ASAM with $T = \mathrm{diag}|w|$ traps exactly if $H^{-1} + \rho T^2$ is positive definite.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, at_least, equal, every, iff
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, d, sam_nstep
from saddlecheck.theory.papers.standard import k, line
from saddlecheck.theory.symbols import lam, mu, n, real, rho, w, x, y

u = real("u")  # a bound variable: the argument of the loss
_met = Coefficient(line.expr.subs(w, u), u, k**n * w, sp.S.One)  # the gradient there
STEPS = Claim(
    id="ascent-steps",
    title="N ascent steps have the rate lam (1 + rho lam)^N",
    place=BEYOND,
    voice="ours",
    says="After n ascent steps a displacement w is at (1 + rho lam)^n w, so the descent's rate is lam (1 + rho lam)^n.",
    statement=every(
        equal(k**n * w + rho * _met, (k**n * w).subs(n, n + 1)),
        equal(_met, lam * k**n * w),
        every(*(equal(sam_nstep(steps).drift(), lam * k**steps) for steps in range(1, 4))),
    ),
    reading="The first equation is the step from n to n + 1 of the ascent, which begins at w; the others give the "
    "gradient met there, and the rates of one, two and three steps as derived from the maps themselves.",
    steps=(Equal("ascent", STATEMENT, "each ascent step multiplies the displacement by 1 + rho lambda"),),
    twins=(Twin("the radius divided among the steps", equal(sam_nstep(2).rate(), lam * (1 + rho * lam / 2) ** 2)),),
)
EVEN = Claim(
    id="ascent-even",
    title="An even number of ascent steps never traps",
    place=BEYOND,
    voice="ours",
    says="With 2n ascent steps no direction of negative curvature attracts SAM's flow, whatever the radius.",
    statement=-mu * (1 - rho * mu) ** (2 * n) <= 0,
    given=(mu > 0,),
    reading="The rate of claim ascent-steps at lam = -mu.",
    steps=(
        Induction("a square", at_least((1 - rho * mu) ** (2 * n)), "two steps multiply by a square", over=n),
        Entails("negative", STATEMENT, "minus mu times it", uses=("a square",)),
    ),
    finding="Beyond 1/mu the first ascent step carries w across the critical point, and the second one back.",
    twins=(Twin("nor does an odd one", -mu * (1 - rho * mu) ** (2 * n + 1) <= 0),),
)
ODD = Claim(
    id="ascent-odd",
    title="An odd number of ascent steps traps beyond 1/mu",
    place=BEYOND,
    voice="ours",
    says="With 2n + 1 ascent steps a direction of curvature -mu attracts if and only if rho > 1/mu.",
    statement=iff(-mu * (1 - rho * mu) ** (2 * n) * (1 - rho * mu) > 0, rho > 1 / mu),
    given=(mu > 0, sp.Ne(rho * mu, 1)),
    reading="At rho = 1/mu the rate is 0.",
    steps=(
        Induction("positive", above((1 - rho * mu) ** (2 * n)), "the square of a number that is not 0", over=n),
        Entails("both ways", STATEMENT, "the odd step decides the sign", uses=("positive",)),
    ),
    twins=(Twin("below 1/mu", iff(-mu * (1 - rho * mu) ** (2 * n) * (1 - rho * mu) > 0, rho < 1 / mu)),),
)

# ASAM at the critical point (d1, d2) of a quadratic loss with any invertible Hessian
p, q, r, d1, d2 = (real(name) for name in ("p", "q", "r", "d_1", "d_2"))
m = [real(name) for name in ("m_11", "m_12", "m_22")]
_H = sp.Matrix([[p, q], [q, r]])
_RATES = -OPTIMISERS["asam"].flow_jacobian(
    BareLoss((x, y), (p * (x - d1) ** 2 + 2 * q * (x - d1) * (y - d2) + r * (y - d2) ** 2) / 2), {x: d1, y: d2}
)


def _definite(matrix: sp.Matrix) -> sp.And:
    """Sylvester's criterion for a symmetric matrix of size two."""
    return every(matrix[0, 0] > 0, sp.expand(matrix.det()) > 0)


ASAM = Claim(
    id="asam-traps",
    title="ASAM traps if and only if H^-1 + rho T^2 is positive definite",
    place=BEYOND,
    voice="ours",
    says="With T = diag|w| at the critical point, minus the Jacobian of ASAM's flow is H (H^-1 + rho T^2) H, and "
    "that is positive definite if and only if H^-1 + rho T^2 is.",
    given=(sp.Ne(p * r - q**2, 0),),
    reading="Two weights and any invertible symmetric H. The second part is shown for every symmetric M between two "
    "H's, of which H^-1 + rho T^2 is one.",
    **conjunction(
        "together",
        Equal(
            "jacobian",
            every(
                *(
                    equal(
                        _RATES[i, j], (_H * (_H.adjugate() / (p * r - q**2) + rho * sp.diag(d1**2, d2**2)) * _H)[i, j]
                    )
                    for i in range(2)
                    for j in range(2)
                )
            ),
            "the ascent's own derivative vanishes with the gradient",
        ),
        Entails("congruence",
                iff(_definite((_H * sp.Matrix([[m[0], m[1]], [m[1], m[2]]]) * _H).applyfunc(sp.expand)),
                    _definite(sp.Matrix([[m[0], m[1]], [m[1], m[2]]]))), "an invertible congruence keeps the signs"),
    ),
    finding="A weight that is 0 at the critical point contributes nothing: ASAM cannot trap a direction that lies in "
    "such weights.",
    twins=(
        Twin("T for T^2",
             equal(_RATES[0, 0], (_H * (_H.adjugate() / (p * r - q**2) + rho * sp.diag(d1, d2)) * _H)[0, 0])),
    ),
)  # fmt: skip
ASAM_SCALAR = Claim(
    id="asam-threshold",
    title="For one weight ASAM's threshold is 1/(mu d^2)",
    place=BEYOND,
    voice="ours",
    says="For a single weight with curvature -mu at the critical point d, ASAM's flow attracts if and only if rho > "
    "1/(mu d^2).",
    statement=iff(OPTIMISERS["asam"].rate(-mu, d) > 0, rho > 1 / (mu * d**2)),
    given=(mu > 0, sp.Ne(d, 0)),
    steps=(Entails("both ways", STATEMENT, "the radius is rho d^2"),),
    twins=(Twin("SAM's threshold", iff(OPTIMISERS["asam"].rate(-mu, d) > 0, rho > 1 / mu)),),
)

CLAIMS: tuple[Claim, ...] = (STEPS, EVEN, ODD, ASAM, ASAM_SCALAR)
