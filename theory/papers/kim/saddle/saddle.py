r"""Section 4.2, Theorem 1: when a saddle attracts the flow of SAM.

Key results
- The field of SAM's flow has at d the Jacobian $-(H + \rho H^2)$: each eigenvalue decays at the rate
  $\lambda + \rho\lambda^2$, which is positive for $\lambda = -\mu$ exactly when $\rho > 1/\mu$ (the theorem says
  "at least").
- At $\rho = 1/\mu$ the linear part vanishes and the loss beyond second order decides: some losses repel, some attract,
  and with a cubic term d repels on one side.
- The matrix of (17) to (19) is this Jacobian, not the second derivative in time.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every, iff
from saddlecheck.theory.claims.steps import STATEMENT, Accept, Entails, Equal, Prop, series
from saddlecheck.theory.optimiser import BareLoss
from saddlecheck.theory.papers.kim.notation import lam1
from saddlecheck.theory.papers.standard import GD, SAM, SAM_COMPOSED
from saddlecheck.theory.symbols import lam, mu, real, rho, x, y

LYAPUNOV = Prop(
    "lyapunov-indirect",
    "An equilibrium of a continuously differentiable field at which every eigenvalue of the Jacobian has a negative "
    "real part is asymptotically stable.",
)
LINEARISATION = Claim(
    id="thm1-linearisation",
    title="Lyapunov's indirect method: negative eigenvalues of the Jacobian make an attractor",
    place=Place("4.2", "Theorem 1"),
    voice="ours",
    says="An equilibrium of a smooth flow attracts its surroundings if its Jacobian's eigenvalues have negative real "
    "parts.",
    statement=LYAPUNOV,
    reading="It carries the linear statement to losses that are not quadratic. At a zero eigenvalue it is silent.",
    argument=(
        "This is Lyapunov's indirect method: if all eigenvalues of the Jacobian at an equilibrium have negative real "
        "parts, a quadratic form decreases along the linear flow, and close to the equilibrium the remainder of a "
        "differentiable field is too small to change that. The equilibrium is then asymptotically stable. The theorem "
        "is accepted from its source. It says nothing if an eigenvalue is zero, and that is the case of equality in "
        "Theorem 1."
    ),
    steps=(
        Accept("lyapunov", STATEMENT, "Lyapunov's indirect method",
               source="H. K. Khalil, Nonlinear Systems, 3rd ed. (2002), Theorem 4.7"),
    ),
    twins=(Twin("a zero rate suffices", SAM.rate(-mu) > 0, (mu > 0, rho >= 1 / mu)),),
    related=("thm1",),
)  # fmt: skip

_POSITIVE = every(SAM.rate(-mu) > 0, SAM.rate(lam) > 0)

THM1 = Claim(
    id="thm1",
    title="Theorem 1: a saddle attracts SAM once rho reaches 1/mu",
    place=Place("4.2", "Theorem 1"),
    voice="paper",
    provenance="seen",
    says="SAM's flow is attracted by an index-one saddle with negative eigenvalue -mu as soon as rho is at least 1/mu.",
    statement=every(*_POSITIVE.args, LYAPUNOV),
    display=Display((lam1 + rho * lam1**2 > 0, lam + rho * lam**2 > 0, LYAPUNOV), {lam1: -mu}),
    given=(*(mu > 0, lam > 0), rho >= 1 / mu),
    reading="As the paper's proof has it: every eigenvalue of the Jacobian of SAM's flow at the saddle is negative, "
    "and such a point is an attractor. The Hessian is symmetric, so these are minus the rates lambda + rho lambda^2 of "
    "its eigenvalues. The first two parts say that the rates are positive; the last one, that this attracts for any "
    "smooth loss, is Lyapunov's theorem.",
    rests=("thm1-equality-repels",),
    finding="False at rho = 1/mu: the rate along the negative eigendirection is then exactly 0. On a quadratic loss "
    "nothing moves along it, and thm1-equality-repels has a loss whose saddle repels. True beyond.",
    argument=(
        "Along the eigenvalue lambda_1 = -mu SAM's flow has the rate lambda_1 + rho lambda_1^2 = mu (rho mu - 1). At "
        "rho = 1/mu, which the theorem includes, this is 0 and not positive; the point mu = rho = lambda = 1 is an "
        "example. On a quadratic loss every point of that direction then rests, so the saddle is no attractor. Beyond "
        "second order the loss decides, and for -mu x^2/2 + c x^4/4 with c > 0 the saddle repels "
        "(thm1-equality-repels). For rho > 1/mu the theorem is true (thm1-strict)."
    ),
    twins=(Twin("gradient descent instead of SAM", GD.rate(-mu) > 0),),
    related=("thm1-equality-repels", "thm1-equality-attracts", "thm1-equality-cubic", "thm1-linearisation"),
)

STRICT = Claim(
    id="thm1-strict",
    title="Theorem 1 with a strict inequality: a saddle attracts SAM once rho exceeds 1/mu",
    place=Place("4.2", "Theorem 1"),
    voice="ours",
    says="SAM's flow is attracted by an index-one saddle with negative eigenvalue -mu if rho is greater than 1/mu.",
    display=THM1.display,
    given=(*THM1.given, rho > 1 / mu),
    reading=THM1.reading,
    argument=(
        "SAM's field has the Jacobian -(H + rho H^2) at the saddle, since the ascent's own derivative is I + rho H "
        "there. Its eigenvalues are -(lambda + rho lambda^2) for the eigenvalues lambda of H. For lambda = -mu this "
        "is -mu (rho mu - 1) < 0 because rho mu > 1, and for lambda > 0 it is negative because both terms of lambda + "
        "rho lambda^2 are positive. By Lyapunov's indirect method the saddle is asymptotically stable."
    ),
    amends="thm1",
    **conjunction(
        "attracts",
        Equal(
            "rates",
            every(equal(SAM.drift(-mu), mu * (rho * mu - 1)), equal(SAM.drift(lam), lam * (1 + rho * lam))),
            "the coefficient of w in grad l(w + rho grad l(w)) on one eigendirection",
        ),
        Entails("positive", _POSITIVE, "rho mu > 1, and the positive eigenvalue only grows", uses=("rates",)),
        cite("lyapunov", LINEARISATION),
        of=("positive", "lyapunov"),
    ),
    twins=(
        Twin("rho mu^2 > 1 read for rho mu > 1", STATEMENT, (*(mu > 0, lam > 0), rho * mu**2 > 1)),
        Twin("the drift of the appendix, with a square too many", SAM_COMPOSED.rate(-mu) > 0),
    ),
)

THRESHOLD = Claim(
    id="thm1-threshold",
    title="1/mu is the exact threshold of SAM's rate along a negative eigendirection",
    place=BEYOND,
    voice="ours",
    says="Along an eigendirection with eigenvalue -mu the rate of SAM's flow is positive if and only if rho > 1/mu.",
    argument=(
        "Along the eigenvalue -mu the rate of SAM's flow is -mu + rho mu^2 = mu (rho mu - 1). As mu > 0, it is "
        "positive exactly if rho mu > 1, that is, rho > 1/mu. At rho = 1/mu it is 0, and below it is negative."
    ),
    statement=iff(SAM.rate(-mu) > 0, rho > 1 / mu),
    display=Display(iff(lam1 + rho * lam1**2 > 0, rho > -1 / lam1), {lam1: -mu}),
    given=(mu > 0,),
    steps=(Entails("both ways", STATEMENT, "mu (rho mu - 1) has the sign of rho - 1/mu"),),
    twins=(Twin("the threshold 1/(2 mu)", iff(SAM.rate(-mu) > 0, rho > 1 / (2 * mu))),),
)

# A quartic along the negative direction; x - y splits, so the x-axis is invariant.
c, b = real("c"), real("b")
_AT_EQUALITY = (-SAM.direction(BareLoss((x, y), -mu * x**2 / 2 + c * x**4 / 4 + lam * y**2 / 2))).subs(rho, 1 / mu)
_OUTWARD = sp.expand(x * _AT_EQUALITY[0])  # x times the speed of x
_quartic_step = Equal("outward speed", equal(x * _AT_EQUALITY[0], _OUTWARD), "the linear terms cancel at rho = 1/mu")

REPELS = Claim(
    id="thm1-equality-repels",
    title="At rho = 1/mu a saddle may repel",
    place=BEYOND,
    voice="ours",
    says="For l = -mu x^2/2 + c x^4/4 + lam y^2/2 with c > 0, SAM at rho = 1/mu moves away from the saddle.",
    statement=_OUTWARD > 0,
    given=(mu > 0, c > 0, sp.Ne(x, 0), c * x**2 < mu),
    reading="x times the speed of x is positive everywhere between the saddle and the two minima x^2 = mu/c, which are "
    "where it ends; y decays at its own rate. With mu = c = 1 the part in x is the double well.",
    steps=(_quartic_step, Entails("away", STATEMENT, "it is c x^4 (1 - (c x^2/mu)^3)")),
    finding="Theorem 1 at equality is not a matter of convention: the double well's own saddle repels SAM at rho = "
    "1/mu.",
    argument=(
        "For l = -mu x^2/2 + c x^4/4 + lambda y^2/2 the x-axis is invariant. At rho = 1/mu the perturbed weight is "
        "w^p = c x^3/mu, because the linear terms cancel. The speed of x is mu w^p - c (w^p)^3 = c x^3 (1 - (c "
        "x^2/mu)^3). For c > 0 and c x^2 < mu the bracket is positive, so x moves away from 0 on both sides, up to "
        "the two minima x^2 = mu/c."
    ),
    twins=(Twin("a maximum along x that bends down", _OUTWARD > 0, (mu > 0, c < 0, sp.Ne(x, 0))),),
)
ATTRACTS = Claim(
    id="thm1-equality-attracts",
    title="At rho = 1/mu a saddle may attract, but slowly",
    place=BEYOND,
    voice="ours",
    says="For the same loss with c < 0 the saddle attracts SAM at rho = 1/mu.",
    statement=_OUTWARD < 0,
    given=(mu > 0, c < 0, sp.Ne(x, 0)),
    reading="x times its speed is negative wherever x is not 0; the approach is algebraic, for the rate is 0.",
    argument=(
        "At rho = 1/mu the speed of x is c x^3 (1 - (c x^2/mu)^3) for the loss -mu x^2/2 + c x^4/4. With c < 0 the "
        "bracket exceeds 1 and c x^4 is negative, so x times its speed is negative: x moves towards 0. The approach "
        "is algebraic, since to leading order x' = c x^3."
    ),
    steps=(_quartic_step, Entails("inward", STATEMENT, "both terms are negative")),
    twins=(Twin("any sign of c", _OUTWARD < 0, (mu > 0, sp.Ne(x, 0))),),
)

_cubic = series(
    "expansion",
    (-SAM.direction(BareLoss((x,), -mu * x**2 / 2 + b * x**3 / 3 + c * x**4 / 4))[0]).subs(rho, 1 / mu),
    x,
    (sp.S.Zero, sp.S.Zero, b),
    "the first term that survives is quadratic",
)
CUBIC = Claim(
    id="thm1-equality-cubic",
    title="At rho = 1/mu a cubic term makes the saddle repel on one side",
    place=BEYOND,
    voice="ours",
    says="For l = -mu x^2/2 + b x^3/3 + c x^4/4 SAM at rho = 1/mu moves as b x^2 to leading order.",
    statement=_cubic.formula,
    given=(mu > 0,),
    reading="b x^2 has one sign on both sides of 0: with b not 0 the saddle attracts from one side and repels on the "
    "other, so it is no attractor. Without symmetry b is not 0, so this is the usual case.",
    argument=(
        "At rho = 1/mu the linear part of the ascent cancels that of w, so for -mu x^2/2 + b x^3/3 + c x^4/4 the "
        "perturbed weight is (b x^2 + c x^3)/mu. The speed of x is mu times this to leading order, b x^2. It has one "
        "sign on both sides of 0, so for b other than 0 the point attracts from one side and repels on the other."
    ),
    steps=(_cubic,),
    twins=(Twin("a linear part left over", sp.Eq(sp.diff(_cubic.formula.args[0].args[0].args[0], x).subs(x, 0), mu)),),
)

CLAIMS: tuple[Claim, ...] = (THM1, STRICT, THRESHOLD, REPELS, ATTRACTS, CUBIC, LINEARISATION)
