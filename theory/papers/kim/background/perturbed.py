r"""Section 2: whether SAM lowers the perturbed loss $\ell(w^p)$, $w^p = w + \rho\nabla\ell(w)$, along its own path.

Key results
- Along the flow it changes at the rate $-\lambda^2(1+\rho\lambda)^3w^2$, which is positive below $-1/\rho$
  (perturbed-loss, perturbed-loss-flow); with several directions $I + \rho H$ decides (perturbed-loss-hessian).
- So it rises exactly where a direction of negative curvature is trapped (perturbed-loss-trap).
- Other losses: perturbed-loss-rate. One step instead of the flow: perturbed-loss-step.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import between, equal, exactly, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, LossLike, gradient, point
from saddlecheck.theory.papers.kim.notation import loss, raised_from, slope_raised
from saddlecheck.theory.papers.standard import SAM, k, line
from saddlecheck.theory.symbols import Expr, Formula, eta, lam, real, rho, w, x, y


def perturbed_loss(loss: LossLike) -> Expr:
    """The loss at w + rho grad l(w), as a function of w."""
    raised = point(loss) + rho * gradient(loss)
    return loss.expr.xreplace(dict(zip(loss.variables, raised, strict=True)))


def rate_along_flow(loss: LossLike) -> Expr:
    """The derivative in time of the perturbed loss along SAM's flow w' = -g(w^p)."""
    climb = gradient(BareLoss(loss.variables, perturbed_loss(loss)))
    return -climb.dot(SAM.direction(loss))


PERTURBED = Claim(
    id="perturbed-loss",
    title="Section 2: SAM lowers the perturbed loss",
    place=Place("2", "after (6)"),
    voice="paper",
    provenance="seen",
    says="Along SAM's path the loss at the perturbed weight keeps going down.",
    statement=rate_along_flow(line) <= 0,
    display=Display(
        sp.Le(real(r"\frac{d}{dt}\ell(w^{p})"), 0),
        {
            real(r"\frac{d}{dt}\ell(w^{p})"): -sp.Derivative(loss(raised_from(w)), w) * slope_raised,
            slope_raised: lam * raised_from(w),
            loss(x): lam * x**2 / 2,
            raised_from(w): w + rho * lam * w,
        },
    ),
    given=(rho > 0,),
    reading="The derivative along SAM's flow, for a quadratic loss of one variable.",
    finding="The derivative is -lam^2 (1 + rho lam)^3 w^2: positive where the curvature is below -1/rho. SAM descends "
    "along g(w^p), which is not the gradient of the perturbed loss: that one carries the factor I + rho H(w) as well.",
    argument=(
        "On l = lambda w^2/2 the perturbed weight is w^p = (1 + rho lambda) w, so the perturbed loss is lambda (1 + "
        "rho lambda)^2 w^2/2. SAM's flow is w' = -lambda (1 + rho lambda) w, and the chain rule gives the derivative "
        "-lambda^2 (1 + rho lambda)^3 w^2 of the perturbed loss. At lambda = -1, rho = 2 and w = 1 this is +1. The "
        "perturbed loss rises wherever w is not 0, lambda is not 0 and 1 + rho lambda < 0, which is where SAM traps."
    ),
    related=("perturbed-loss-flow", "perturbed-loss-hessian", "perturbed-loss-trap", "perturbed-loss-step"),
    twins=(Twin("the loss itself goes down", -sp.diff(line.expr, w) * SAM.direction(line)[0] <= 0),),
)
FLOW = Claim(
    id="perturbed-loss-flow",
    title="SAM's flow lowers the perturbed loss where the curvature is at least -1/rho",
    says="The perturbed loss never rises along SAM's flow if 1 + rho lam is not negative.",
    argument=(
        "On l = lambda w^2/2 the perturbed weight is (1 + rho lambda) w and moves 1 + rho lambda times as fast as w. "
        "With SAM's flow w' = -lambda (1 + rho lambda) w the perturbed loss therefore has the derivative -lambda^2 (1 "
        "+ rho lambda)^3 w^2. If 1 + rho lambda >= 0, so is its cube, and lambda^2 and w^2 are squares. The "
        "derivative is then at most 0."
    ),
    **under(PERTURBED, k >= 0),
    steps=(
        Equal(
            "rate",
            sp.Eq(rate_along_flow(line), -(lam**2) * k**3 * w**2),
            "chain rule: the perturbed weight moves (1 + rho lam) times as fast as w",
        ),
        Entails("not positive", STATEMENT, "a cube has the sign of its base", uses=("rate",)),
    ),
    twins=(Twin("1 + rho lam negative", STATEMENT, (rho > 0, k < 0)),),
)

# At one point of a loss of many variables only three things enter: g(w^p), I + rho H(w), and the velocity.
u, v, h11, h12, h22 = (real(name) for name in ("u", "v", "h11", "h12", "h22"))
_form = h11 * u**2 + 2 * h12 * u * v + h22 * v**2
HESSIAN = Claim(
    id="perturbed-loss-hessian",
    title="SAM's flow lowers the perturbed loss where I + rho H has no negative eigenvalue",
    place=Place("2", "after (6)"),
    voice="ours",
    says="The rate of the perturbed loss is minus the quadratic form of I + rho H(w) at g(w^p): it does not rise where "
    "that matrix is positive semidefinite.",
    statement=-_form <= 0,
    given=(h11 >= 0, h22 >= 0, h11 * h22 >= h12**2),
    steps=(Entails("semidefinite", STATEMENT, "a form with non-negative minors is not negative"),),
    reading="Two variables; h is I + rho H(w), (u, v) is g(w^p). That the rate is this form is `perturbed-loss-rate`.",
    argument=(
        "By perturbed-loss-rate the perturbed loss changes at minus the quadratic form of I + rho H(w) at the vector "
        "g(w^p). A symmetric matrix of size two with non-negative diagonal entries and a non-negative determinant is "
        "positive semidefinite. Its form is then at least 0 at every vector, and the rate is at most 0."
    ),
    rests=("perturbed-loss-rate",),
    related=("perturbed-loss",),
    twins=(
        Twin("only the diagonal", -_form <= 0, (h11 >= 0, h22 >= 0)),
        Twin("only the determinant", -_form <= 0, (h11 * h22 >= h12**2,)),
    ),
)
a, b, c, e = (real(name) for name in ("a1", "b1", "c1", "e1"))
_plane = BareLoss((x, y), a * x + (b * x**2 + 2 * c * x * y) / 2 + e * y**3)
_force = SAM.direction(_plane)
RATE = Claim(
    id="perturbed-loss-rate",
    title="The rate of the perturbed loss along SAM's flow",
    place=BEYOND,
    voice="ours",
    says="Along SAM's flow the perturbed loss changes at the rate -g(w^p)'(I + rho H(w)) g(w^p).",
    statement=sp.Eq(
        rate_along_flow(_plane), -(_force.T * (sp.eye(2) + rho * gradient(_plane).jacobian([x, y])) * _force)[0]
    ),
    steps=(Equal("chain rule", STATEMENT, "the perturbed weight moves with I + rho H(w) times the velocity"),),
    reading="The chain rule, computed on a family of losses of two variables whose Hessian varies from place to place.",
    related=("perturbed-loss",),
    twins=(Twin("the Hessian at the perturbed weight left out", sp.Eq(rate_along_flow(_plane), -_force.dot(_force))),),
)
TRAP = Claim(
    id="perturbed-loss-trap",
    title="A direction of negative curvature is trapped exactly where the perturbed loss rises",
    place=BEYOND,
    voice="ours",
    says="Along an unstable direction of a quadratic loss, SAM's flow is drawn to the critical point if and only if it "
    "raises the perturbed loss.",
    statement=exactly(rate_along_flow(line) > 0, SAM.drift() > 0),
    given=(rho > 0, lam < 0, sp.Ne(w, 0)),
    steps=(
        Equal("rate", sp.Eq(rate_along_flow(line), -(lam**2) * k**3 * w**2), "as for the flow"),
        Equal("drift", equal(SAM.drift(), lam * k), "SAM's drift rate, from its update"),
        Entails("same sign", STATEMENT, "both are positive exactly for 1 + rho lam < 0", uses=("rate", "drift")),
    ),
    finding="Lowering the perturbed loss is what SAM is for; it fails in the very place where SAM traps.",
    related=("perturbed-loss", "thm1"),
    twins=(Twin("for minima too", STATEMENT, (rho > 0, lam > 0, sp.Ne(w, 0))),),
)
_gain = perturbed_loss(line).subs(w, SAM.update(line)[0]) - perturbed_loss(line)
_factor = eta * lam**2 * k**2 * w**2


def _opposed(p: Expr, q: Expr, edge: int = 2) -> Formula:
    """The product p (q - edge) is negative, by cases."""
    return sp.Or(sp.And(p > 0, q < edge), sp.And(p < 0, q > edge))


p, q, f = (real(name) for name in ("p", "q", "f"))
_product = implies(f > 0, exactly(f * p * (q - 2) < 0, _opposed(p, q)))
STEP = Claim(
    id="perturbed-loss-step",
    title="When one step of SAM lowers the perturbed loss",
    place=BEYOND,
    voice="ours",
    says="On a quadratic loss of one variable a step lowers the perturbed loss if and only if 1 + rho lam is positive "
    "and the step is stable, or 1 + rho lam is negative and the step diverges.",
    statement=exactly(_gain < 0, _opposed(k, eta * lam * k)),
    given=(eta > 0, sp.Ne(lam, 0), sp.Ne(w, 0), sp.Ne(k, 0)),
    steps=(
        Equal("gain", equal(2 * _gain, _factor * k * (eta * lam * k - 2)), "put the step in and factor"),
        Entails("factor", _factor > 0, "eta > 0 times squares of lambda, 1 + rho lambda and w, none of which is 0"),
        Entails("product", _product, "the sign of a product"),
        Instance("here", _product.subs({f: _factor, p: k, q: eta * lam * k}, simultaneous=True),
                "at f = eta lam^2 (1 + rho lam)^2 w^2, p = 1 + rho lam, q = eta lam (1 + rho lam)", uses=("product",),
                of=_product, at={f: _factor, p: k, q: eta * lam * k}),
        Entails("exactly", STATEMENT, "the gain is half of that product", uses=("gain", "factor", "here")),
    ),
    finding="At a saddle that traps (1 + rho lam < 0, 0 < eta lam (1 + rho lam) < 2) every step raises it.",
    related=("perturbed-loss",),
    twins=(
        Twin("every stable step lowers it", sp.Equivalent(_gain < 0, between(eta * lam * k, 0, 2))),
        Twin("eta for eta/2 at the edge", sp.Equivalent(_gain < 0, _opposed(k, eta * lam * k, 1))),
    ),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (PERTURBED, FLOW, HESSIAN, RATE, TRAP, STEP)
