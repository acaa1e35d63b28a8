r"""Section 4.2, after (10): whether the condition is mild, and what SAM attracts besides minima.

Key results
- Normalised SAM's flow reaches every critical point whose negative eigenvalues it starts close enough to, for any
  $\rho > 0$: "mild" is right for the flow.
- Its discrete map circles a saddle along the top eigenvector and leaves it if $\eta L(L+\mu) \ge 2\mu$, for any
  $\rho$: "mild" is wrong for the algorithm.
- Constant-radius SAM keeps what gradient descent keeps, adds critical points, and, on the double well for
  $\rho > 4$, an attractor that is no critical point at all.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, iff, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, epsilon, gradient
from saddlecheck.theory.papers.kim.notation import lam1, lam2
from saddlecheck.theory.papers.ours.normalised import ACROSS_SADDLE, STIFF, TRAPS, L, inside
from saddlecheck.theory.papers.standard import GD, SAM, SAM_NORMALISED
from saddlecheck.theory.symbols import Expr, eta, lam, mu, real, rho, x, y

MILD = Claim(
    id="mild",
    title="After (10): with a normalised radius condition (10) is mild",
    place=Place("4.2", "after (10)"),
    voice="paper",
    provenance="seen",
    says="Normalised SAM meets condition (10) almost always, as rho over the norm of the gradient is very large "
    "near d.",
    statement=every(ACROSS_SADDLE <= 1, ACROSS_SADDLE >= -1),
    display=Display(
        every(sp.Le(-1, real("m_{2}")), sp.Le(real("m_{2}"), 1)),
        {real("m_{2}"): 1 - eta * lam2 - (lam2 / lam1) ** 2 * (2 - eta * lam1), lam1: L, lam2: -mu},
    ),
    given=(mu > 0, *STIFF),
    reading="For the algorithm: at a saddle with eigenvalues L and -mu, the 2-cycle along L that the discrete map "
    "settles on (claim normalised-cycle-multiplier) does not repel across it, whatever rho and whatever the stable "
    "step.",
    finding="The map does not come near d: it circles it at a distance where rho over the norm is (2 - eta L)/(eta "
    "L^2), so a large positive eigenvalue makes the negative direction repel. Right for the flow, and for small steps.",
    argument=(
        "The discrete map of normalised SAM does not come to rest at the saddle but enters a 2-cycle along the "
        "direction of the largest eigenvalue L, with an amplitude proportional to rho. A displacement across the "
        "cycle along -mu is multiplied in each step by 1 + eta mu - (mu/L)^2 (2 - eta L), in which rho does not "
        "occur. At L = eta = 1 and mu = 1/2 this is 5/4 > 1. The displacement grows, and the saddle lets the weight "
        "go, whatever rho is. On the cycle rho over the norm of the gradient is (2 - eta L)/(eta L^2), which is not "
        "large."
    ),
    twins=(
        Twin("always for eta L (L + mu) < 4 mu", STATEMENT, (mu > 0, *STIFF, mu <= L, eta * L * (L + mu) < 4 * mu)),
    ),
    rests=("normalised-cycle-multiplier",),
    related=("normalised-saddle-traps", "softened-trap", "mild-flow"),
)
MILD_DISCRETE = Claim(
    id="mild-small-steps",
    title="A saddle holds normalised SAM's cycle for small enough steps",
    place=Place("4.2", "after (10)"),
    voice="ours",
    says="The 2-cycle of normalised SAM does not repel if also eta L (L + mu) < 2 mu and 2 (mu - L) < eta mu L.",
    argument=(
        "The displacement across the 2-cycle is multiplied by m = 1 + eta mu - (mu/L)^2 (2 - eta L). Multiplied by "
        "L^2/mu, the inequality m < 1 is eta L (L + mu) < 2 mu, the first condition. Multiplied out in the same way, "
        "m > -1 factors into (L + mu) and 2 (L - mu) + eta mu L, so it is the second condition. Under both -1 < m < "
        "1, and the cycle attracts across."
    ),
    statement=MILD.statement,
    display=MILD.display,
    given=(*MILD.given, *TRAPS.args),
    amends="mild",
    rests=("normalised-cycle-multiplier",),
    steps=(Entails("held", STATEMENT, "the multiplier against 1 and against -1"),),
    twins=(Twin("the second condition dropped", STATEMENT, (*MILD.given, eta * L * (L + mu) < 2 * mu)),),
)

# The flow: u = Hw, the gradient; its norm r decreases while r < rho mu.
_SADDLE = BareLoss((x, y), L * x**2 / 2 - mu * y**2 / 2)
_NORM_SQUARED = gradient(_SADDLE).dot(gradient(_SADDLE))
_CHANGE = (sp.Matrix([_NORM_SQUARED / 2]).jacobian(_SADDLE.variables) * -SAM_NORMALISED.direction(_SADDLE))[0]
_NEAR = (L > 0, mu > 0, rho > 0, _NORM_SQUARED > 0, sp.sqrt(_NORM_SQUARED) < rho * mu)
MILD_FLOW = Claim(
    id="mild-flow",
    title="Near d normalised SAM's flow lowers the norm of the gradient",
    place=Place("4.2", "after (10)"),
    voice="ours",
    says="Along normalised SAM's flow near a saddle with eigenvalues L and -mu the norm of the gradient decreases "
    "wherever it is below rho mu.",
    statement=_CHANGE < 0,
    given=_NEAR,
    reading="On a quadratic loss the gradient is Hw, so its norm is a Lyapunov function there. Further positive "
    "eigenvalues help, a further negative one asks for its own rho mu.",
    steps=(Entails("decreases", STATEMENT, "term by term: mu r^2 against rho mu^2 r"),),
    finding="So for the flow the condition is mild: any rho > 0 will do, and for a maximum as well; only the size of "
    "the region depends on rho.",
    argument=(
        "On a quadratic loss the gradient is u = H w, and normalised SAM's flow moves it by u' = -H (I + (rho/|u|) H) "
        "u. With the eigenvalues L and -mu the derivative of |u|^2/2 is -L (1 + rho L/|u|) u_1^2 + mu (1 - rho "
        "mu/|u|) u_2^2. The first term is at most 0. The second is negative unless u_2 = 0, since |u| < rho mu, and "
        "then the first one is negative. So the norm of the gradient decreases."
    ),
    related=("mild",),
    twins=(Twin("beyond rho mu too", _CHANGE < 0, _NEAR[:-1]),),
)

_SOFT = (OPTIMISERS["sam_softened"].rate(-mu), OPTIMISERS["sam_softened"].rate(L))
_settles = every(*(inside(1 - eta * rate) for rate in _SOFT))
SOFTENED = Claim(
    id="softened-trap",
    title="The epsilon in the normalisation decides at the point itself",
    place=BEYOND,
    voice="ours",
    says="With rho/(|grad| + epsilon) the flow is attracted by a saddle if and only if rho > epsilon/mu; the map "
    "settles on it only if moreover rho eta L^2 < epsilon (2 - eta L).",
    given=(mu > 0, *STIFF, epsilon > 0),
    **conjunction(
        "together",
        Entails("flow", iff(_SOFT[0] > 0, rho * mu > epsilon),
                "near d the algorithm is constant-radius SAM with radius rho/epsilon"),
        Entails("edges", implies(_settles, every(_SOFT[0] > 0, eta * _SOFT[1] < 2)),
                "0 < eta a < 2 in both directions"),
        Entails("stiff", implies(eta * _SOFT[1] < 2, rho * eta * L**2 < epsilon * (2 - eta * L)),
                "the positive direction has its own edge 2/(L (1 + rho L/epsilon))"),
        Entails("map", implies(_settles, every(rho * mu > epsilon, rho * eta * L**2 < epsilon * (2 - eta * L))),
                "put the two together", uses=("flow", "edges", "stiff")),
        of=("flow", "map"),
    ),
    finding="With an epsilon of 1e-12 the second condition fails for every practical step: the map circles d and never "
    "settles, while the flow is attracted.",
    twins=(Twin("the map settles where the flow does", implies(rho * mu > epsilon, _settles)),),
)  # fmt: skip

MORE = Claim(
    id="more-attractors",
    title="After (10): SAM has more attractors than gradient descent",
    place=Place("4.2", "after (10)"),
    voice="paper",
    provenance="seen",
    says="Since rho lambda^2 is positive, more points can become attractors under SAM than under gradient descent.",
    display=Display(
        (
            implies(real("a_GD") > 0, real("a_SAM") > 0),
            real("a_SAM") > real("a_GD"),
            implies(rho * lam < -1, every(real("a_SAM") > 0, real("a_GD") < 0)),
        ),
        {real("a_SAM"): lam + rho * lam**2, real("a_GD"): lam},
    ),
    given=(rho > 0, sp.Ne(lam, 0)),
    reading="For the flow, at critical points, along one eigendirection: SAM raises every rate, so that what attracts "
    "gradient flow attracts SAM. The second part names those that are gained.",
    **conjunction(
        "together",
        Entails("none is lost", every(implies(GD.rate() > 0, SAM.rate() > 0), SAM.rate() - GD.rate() > 0),
                "the difference of the rates is rho lambda^2"),
        Entails("some are gained", implies(rho * lam < -1, every(SAM.rate() > 0, GD.rate() < 0)),
                "beyond the threshold the signs differ"),
    ),
    finding="Right for the flow at critical points. Two things are missing: with a step size SAM loses minima "
    "(more-attractors-lost), and it has attractors that are no critical points (more-attractors-spurious).",
    argument=(
        "Gradient flow has the rate lambda along an eigendirection and SAM's flow the rate lambda + rho lambda^2. "
        "Their difference rho lambda^2 is positive, since rho > 0 and lambda is not 0. A positive rate of gradient "
        "flow thus stays positive under SAM. For rho lambda < -1 the eigenvalue is negative, and lambda (1 + rho "
        "lambda) is a product of two negative numbers: SAM attracts along a direction that gradient flow leaves."
    ),
    twins=(
        Twin("a negative radius", every(implies(GD.rate() > 0, SAM.rate() > 0), SAM.rate() - GD.rate() > 0),
             (rho < 0, sp.Ne(lam, 0))),
    ),
    related=("more-attractors-lost", "more-attractors-spurious", "more-attractors-fence"),
)  # fmt: skip


def _step_holds(rate: Expr) -> sp.And:
    return inside(1 - eta * rate)


LOST = Claim(
    id="more-attractors-lost",
    title="With a step size SAM also loses minima",
    place=BEYOND,
    voice="ours",
    says="A minimum with 2/(lam (1 + rho lam)) <= eta < 2/lam holds gradient descent and repels SAM.",
    statement=every(_step_holds(GD.rate()), sp.Not(_step_holds(SAM.rate()), evaluate=False)),
    given=(lam > 0, rho > 0, eta * lam < 2, eta > 0, eta * lam * (1 + rho * lam) >= 2),
    steps=(Entails("both", STATEMENT, "SAM's curvature is lam (1 + rho lam)"),),
    finding="Sharp minima are lost: this is the side of SAM that its users want.",
    twins=(Twin("whatever the step below 2/lam", STATEMENT, (lam > 0, rho > 0, eta > 0, eta * lam < 2)),),
)

_FIELD = -SAM.direction(BareLoss((x,), (x**2 - 1) ** 2 / 4))[0]
_GRADIENT = gradient(BareLoss((x,), (x**2 - 1) ** 2 / 4))[0]
_BRANCH = -1 / (x * (x + 1))  # the rho at which x is sent to the minimum 1
SPURIOUS = Claim(
    id="more-attractors-spurious",
    title="SAM attracts to points that are not critical",
    place=BEYOND,
    voice="ours",
    says="On the double well (x^2 - 1)^2/4 every x in (-1, -1/2) is a stable equilibrium of SAM's flow for one rho > "
    "4.",
    statement=every(
        equal(_FIELD.subs(rho, _BRANCH), 0), sp.diff(_FIELD, x).subs(rho, _BRANCH) < 0, sp.Ne(_GRADIENT, 0), _BRANCH > 4
    ),
    given=(x > -1, 2 * x < -1),
    reading="The radius is rho = -1/(x (x + 1)), for which w^p is the other minimum, 1, where the gradient vanishes. "
    "By symmetry so for -x. As rho grows from 4 to infinity x goes from -1/2 to -1.",
    steps=(Entails("stable", STATEMENT, "(1 - x)(1 + 2x)/(x (x + 1)) > 0"),),
    finding="The loss has slope there and SAM rests: the ascent lands exactly on the other minimum.",
    argument=(
        "On (x^2 - 1)^2/4 the gradient is x^3 - x, and the ascent from x leads to the minimum 1 exactly if rho (x^3 - "
        "x) = 1 - x, that is rho = -1/(x (x + 1)). SAM's field vanishes there, since the gradient at 1 is 0. Its "
        "slope is minus the curvature 2 at 1 times 1 + rho (3 x^2 - 1), which is negative for -1 < x < -1/2. There x "
        "(x + 1) lies between -1/4 and 0, so rho exceeds 4, and the gradient at x itself is not 0."
    ),
    twins=(Twin("on the other half of the branch too", STATEMENT, (x > -1, x < 0)),),
)
_FENCE = 1 / (1 - x**2)  # the rho at which x is sent to the saddle 0
FENCE = Claim(
    id="more-attractors-fence",
    title="Just above the threshold SAM's basin around a trapping saddle is small",
    place=BEYOND,
    voice="ours",
    says="On the double well for rho > 1 the points x^2 = 1 - 1/rho are unstable equilibria of SAM that bound the "
    "basin of 0.",
    statement=every(
        equal(_FIELD.subs(rho, _FENCE), 0), sp.diff(_FIELD, x).subs(rho, _FENCE) > 0, sp.Ne(_GRADIENT, 0), _FENCE > 1
    ),
    given=(sp.Ne(x, 0), x**2 < 1),
    reading="Written with x as the parameter, rho = 1/(1 - x^2). There w^p is 0 itself.",
    steps=(Entails("unstable", STATEMENT, "the slope is 2 (rho - 1)"),),
    finding="The threshold of Theorem 1 is local: as rho comes down to 1/mu the basin shrinks to the point.",
    twins=(Twin("stable", sp.diff(_FIELD, x).subs(rho, _FENCE) < 0),),
)

CLAIMS: tuple[Claim, ...] = (MILD, MILD_DISCRETE, MILD_FLOW, SOFTENED, MORE, LOST, SPURIOUS, FENCE)
