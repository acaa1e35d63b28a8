r"""Section 4.2: the printed proof of Theorem 1, and its generalisation (10) to every negative eigenvalue.

Key results
- (17) to (19) display the Jacobian of SAM's field, $-\nabla^2\ell(w^p)(I + \rho\nabla^2\ell(w))$. The second derivative
  in time is this matrix times $\dot w$, a vector that vanishes at d.
- (10) needs the strict sign; the flattest negative direction decides; no radius makes a zero eigenvalue attract.
- The same condition traps maxima.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import either, equal, every, iff
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, gradient, point
from saddlecheck.theory.papers.kim.notation import curvature, curvature_raised, velocity
from saddlecheck.theory.papers.kim.saddle.saddle import LINEARISATION, LYAPUNOV
from saddlecheck.theory.papers.standard import SAM, line
from saddlecheck.theory.symbols import Expr, lam, real, rho, t, w, x, y


def _hessian(loss: BareLoss, at: sp.Matrix | None = None) -> sp.Matrix:
    """Second derivatives, at a point (a column) if one is given."""
    second = sp.hessian(loss.expr, loss.variables)
    return second if at is None else second.xreplace(dict(zip(loss.variables, at, strict=True)))


def _printed(loss: BareLoss) -> sp.Matrix:
    """The right side of (17)."""
    raised = point(loss) + rho * gradient(loss)
    return -_hessian(loss, raised) * (sp.eye(len(loss.variables)) + rho * _hessian(loss))


_VELOCITY = -SAM.direction(line)[0]
_ACCELERATION = sp.diff(_VELOCITY, w) * _VELOCITY  # d/dt of the field along the flow

PROOF = Claim(
    id="thm1-proof",
    title="(17): the second derivative in time is -H(w^p)(I + rho H)",
    place=Place("appendix", "proof of Theorem 1, (16) to (19)"),
    voice="paper",
    provenance="seen",
    says="Differentiating SAM's flow once more in time gives minus the Hessian at w^p times I + rho times the "
    "Hessian at w.",
    statement=equal(_ACCELERATION, _printed(line)[0]),
    display=Display(
        equal(real(r"\ddot{w}"), -curvature_raised * (1 + rho * curvature)),
        {
            real(r"\ddot{w}"): sp.Derivative(velocity(w), w) * velocity(w),
            velocity(w): -lam * (w + rho * lam * w),
            curvature_raised: lam,
            curvature: lam,
        },
    ),
    given=(sp.Ne(lam, 0),),
    reading="On one eigendirection of a quadratic loss, at any displacement w from d.",
    finding="A vector cannot equal a matrix. The displayed matrix is the Jacobian of the field; the second "
    "derivative in time is the Jacobian times the velocity, which is 0 at d. The conclusion drawn from it is "
    "the one that a Jacobian allows.",
    argument=(
        "Along one eigendirection SAM's flow is w' = -lambda (1 + rho lambda) w. Differentiating it in time gives w'' "
        "= lambda^2 (1 + rho lambda)^2 w. This depends on w and is 0 at w = 0, while the right side of (17) is the "
        "constant -lambda (1 + rho lambda); at lambda = 1, rho = 0 and w = 0 they are 0 and -1. The matrix of (17) is "
        "the derivative of the field in w, not in time, and a vector cannot equal it."
    ),
    twins=(Twin("the sign of the Jacobian forgotten", equal(_ACCELERATION, SAM.rate())),),
)

# A loss with every second and third derivative free, so that H differs between w and w^p.
p, q, r = (real(k) for k in ("p", "q", "r"))
c = [real(f"c{k}") for k in range(4)]
_CUBIC = BareLoss((x, y), (p * x**2 + 2 * q * x * y + r * y**2) / 2 + sum(c[k] * x ** (3 - k) * y**k for k in range(4)))
path = sp.Symbol("w_0", real=True) * sp.exp(-SAM.rate() * t)

JACOBIAN = Claim(
    id="thm1-proof-jacobian",
    title="The matrix of (17) is the Jacobian of SAM's field",
    place=PROOF.place,
    voice="ours",
    says="The matrix of (17) is the derivative of SAM's field in w; the second derivative in time is this matrix "
    "times the velocity.",
    reading="The first four equations for two weights and a loss with free second and third derivatives; the last two "
    "on a quadratic loss, along the exact path and with the second derivative as (17) has it (thm1-proof).",
    argument=(
        "SAM's field is -g(w + rho g(w)) with g the gradient of the loss. By the chain rule its derivative in w is "
        "-H(w^p) (I + rho H(w)), which is the matrix of (17). It is compared entry by entry for a loss of two weights "
        "whose second and third derivatives are free, so that H differs between w and w^p. Along a solution the "
        "second derivative in time is this matrix times the velocity, as the exact exponential solution on a "
        "quadratic loss shows. At d the velocity is 0, and only the statement about the Jacobian is left, from which "
        "the conclusion follows."
    ),
    amends="thm1-proof",
    **conjunction(
        "both",
        Equal(
            "jacobian",
            every(
                *(equal(SAM.flow_jacobian(_CUBIC)[i, j], _printed(_CUBIC)[i, j]) for i in range(2) for j in range(2))
            ),
            "the chain rule for g(w + rho g(w))",
        ),
        Equal("second derivative",
              equal(sp.Derivative(path, (t, 2)), SAM.flow_jacobian(line)[0] * sp.Derivative(path, t)),
              "along the exact solution"),
        Equal("as printed", equal(_ACCELERATION, sp.Mul(_printed(line)[0], _VELOCITY, evaluate=False)),
              "the second derivative of (17) is its matrix times the velocity"),
    ),
    twins=(
        Twin("the Hessian taken twice at w",
             equal(SAM.flow_jacobian(_CUBIC)[0, 0], (-_hessian(_CUBIC) * (sp.eye(2) + rho * _hessian(_CUBIC)))[0, 0])),
    ),
)  # fmt: skip

lam1, lam2 = real("lambda_1"), real("lambda_2")


def _rate(value: Expr) -> Expr:
    return SAM.rate().subs(lam, value)


_POSITIVE = every(_rate(lam1) > 0, _rate(lam2) > 0, _rate(lam) > 0)
EQ10 = Claim(
    id="eq10",
    title="(10): lambda + rho lambda^2 >= 0 for every negative eigenvalue makes an attractor",
    place=Place("4.2", "(10)"),
    voice="paper",
    provenance="seen",
    says="A saddle of any index attracts SAM's flow if lambda + rho lambda^2 is not negative for each negative "
    "eigenvalue.",
    statement=every(*_POSITIVE.args, LYAPUNOV),
    display=Display((*(value + rho * value**2 > 0 for value in (lam1, lam2, lam)), LYAPUNOV)),
    given=(lam1 < 0, lam2 < 0, lam > 0, rho > 0, _rate(lam1) >= 0, _rate(lam2) >= 0),
    reading="Two negative eigenvalues stand for any number, one positive one for the rest. Attractor as in thm1.",
    rests=("thm1-equality-repels",),
    finding="Equality leaves a neutral direction, as in Theorem 1.",
    argument=(
        "Condition (10) is lambda + rho lambda^2 >= 0 for every negative eigenvalue. At lambda = -1 and rho = 1 it "
        "holds with equality and the rate is 0. This direction is neutral in the linearisation, as in Theorem 1 at "
        "equality, and a loss with higher terms may repel along it (thm1-equality-repels). With the strict sign the "
        "statement is true (eq10-strict)."
    ),
    twins=(
        Twin(
            "one of the negative eigenvalues is enough",
            _POSITIVE,
            (lam1 < 0, lam2 < 0, lam > 0, rho > 0, _rate(lam1) > 0),
        ),
    ),
    related=("thm1",),
)
EQ10_STRICT = Claim(
    id="eq10-strict",
    title="(10) with a strict inequality: rho > -1/lambda for every negative eigenvalue makes an attractor",
    place=EQ10.place,
    voice="ours",
    says="A saddle of any index attracts SAM's flow if rho exceeds -1/lambda for each negative eigenvalue lambda.",
    display=EQ10.display,
    given=(*EQ10.given, rho > -1 / lam1, rho > -1 / lam2),
    amends="eq10",
    reading="The condition is the strict form of (10), divided by the eigenvalue: to assume (10) itself would be to "
    "assume a part of what is concluded.",
    argument=(
        "For a negative eigenvalue lambda, multiply rho > -1/lambda by lambda < 0: rho lambda < -1, so 1 + rho lambda "
        "< 0. The rate lambda (1 + rho lambda) is then a product of two negative numbers. For a positive eigenvalue "
        "both factors are positive, as rho > 0. All eigenvalues of the Jacobian of SAM's flow are therefore negative, "
        "and by Lyapunov's indirect method the point is asymptotically stable."
    ),
    **conjunction(
        "attracts",
        Entails("all positive", _POSITIVE, "a product of two negative factors; the positive one keeps its sign"),
        cite("lyapunov", LINEARISATION),
    ),
    twins=(Twin("a negative radius", _POSITIVE, (lam1 < 0, lam2 < 0, lam > 0, rho < 0)),),
)
mu1, mu2 = real("mu_1"), real("mu_2")
EQ10_FLATTEST = Claim(
    id="eq10-flattest",
    title="The flattest negative direction sets the threshold",
    place=BEYOND,
    voice="ours",
    says="With negative eigenvalues -mu1 and -mu2 the condition holds if and only if rho exceeds 1/min(mu1, mu2).",
    statement=iff(every(_rate(-mu1) > 0, _rate(-mu2) > 0), rho > 1 / sp.Min(mu1, mu2)),
    given=(mu1 > 0, mu2 > 0),
    steps=(Entails("both ways", STATEMENT, "each direction asks for its own 1/mu"),),
    finding="A saddle with an almost flat way down is almost never trapped by a constant radius.",
    argument=(
        "The direction with the eigenvalue -mu_i attracts exactly if rho > 1/mu_i. Both do exactly if rho exceeds the "
        "larger of 1/mu_1 and 1/mu_2, which is 1/min(mu_1, mu_2). The flattest direction therefore sets the "
        "threshold."
    ),
    twins=(Twin("the steepest decides", iff(every(_rate(-mu1) > 0, _rate(-mu2) > 0), rho > 1 / sp.Max(mu1, mu2))),),
)
EQ10_ZERO = Claim(
    id="eq10-zero",
    title="A zero eigenvalue stays neutral under SAM for every radius",
    place=BEYOND,
    voice="ours",
    says="SAM's rate is positive for lambda > 0 and for lambda < -1/rho, and 0 at lambda = 0 whatever the radius.",
    statement=every(
        iff(SAM.rate() > 0, either(lam > 0, rho * lam < -1)),
        iff(equal(SAM.rate(), 0), either(equal(lam, 0), equal(rho * lam, -1))),
    ),
    given=(rho > 0,),
    steps=(Entails("signs", STATEMENT, "lambda (1 + rho lambda) as a parabola in lambda"),),
    finding="Condition (10) speaks of negative eigenvalues only: a degenerate critical point may satisfy it and is not "
    "shown to attract by it.",
    twins=(
        Twin("zero counted among the attracted", iff(SAM.rate() > 0, either(lam >= 0, rho * lam < -1))),
        Twin("a negative radius", STATEMENT, (rho < 0,)),
    ),
)
EQ10_MAXIMA = Claim(
    id="eq10-maxima",
    title="Condition (10) traps maxima as well as saddles",
    place=BEYOND,
    voice="ours",
    says="A maximum with eigenvalues -mu1 and -mu2 attracts SAM's flow once rho exceeds the larger of 1/mu1 and 1/mu2.",
    given=(mu1 > 0, mu2 > 0, rho > 1 / mu1, rho > 1 / mu2),
    **conjunction(
        "attracts",
        Entails("all positive", every(_rate(-mu1) > 0, _rate(-mu2) > 0), "no positive eigenvalue was needed"),
        cite("lyapunov", LINEARISATION),
    ),
    finding="Nothing in the mechanism is particular to saddles: beyond the threshold SAM's flow converges to a "
    "maximum.",
    argument=(
        "At a maximum with the eigenvalues -mu_1 and -mu_2 the rates are mu_i (rho mu_i - 1), positive for rho > "
        "1/mu_i. No positive eigenvalue of the Hessian is used. By Lyapunov's indirect method the maximum is "
        "asymptotically stable."
    ),
    twins=(Twin("half the radius", STATEMENT, (mu1 > 0, mu2 > 0, 2 * rho > 1 / mu1, 2 * rho > 1 / mu2)),),
)

CLAIMS: tuple[Claim, ...] = (PROOF, JACOBIAN, EQ10, EQ10_STRICT, EQ10_FLATTEST, EQ10_ZERO, EQ10_MAXIMA)
