r"""Section 4.2: the paper's examples, $x^2-y^2$ (Figure 5) and Beale's function (Figure 6).

Key results
- On $x^2-y^2$ the threshold is $\rho = 1/2$: GD leaves every ball, SAM at $\rho = 1$ contracts for $0 < \eta < 1/3$.
- At Beale's saddle (0, 1) the eigenvalues are $\pm 111/4$, so the threshold of Figure 6 is $\rho = 4/111$.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.cite import cite
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, at_least, equal, every, iff, implies
from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Bounded, Entails, Equal
from saddlecheck.theory.critical.landscapes import BEALE, HYPERBOLIC
from saddlecheck.theory.papers.kim.notation import height, lam1, lam2
from saddlecheck.theory.papers.kim.saddle import hyperbolic
from saddlecheck.theory.papers.ours.normalised import ACROSS_SADDLE, SADDLE, L, inside
from saddlecheck.theory.papers.standard import GD, SAM, SAM_COMPOSED, SAM_NORMALISED
from saddlecheck.theory.symbols import Expr, Formula, eta, mu, n, real, rho, x, y

z, R = real("z"), real("R")

_RATES = [SAM.rate(value) for value in (sp.Integer(2), sp.Integer(-2))]
SPECTRUM = Claim(
    id="fig5-spectrum",
    title="Figure 5: x^2 - y^2 at rho = 1 has the eigenvalues 2 and -2 and the rates 6 and 2",
    place=Place("4.2", "Figure 5"),
    voice="paper",
    provenance="seen",
    says="The Hessian of x^2 - y^2 has the eigenvalues 2 and -2, and SAM with rho = 1 the rates 6 and 2.",
    statement=every(
        equal((z * sp.eye(2) - HYPERBOLIC.hessian).det(), (z - 2) * (z + 2)),
        *(
            equal(Coefficient(part, v, sp.S.Zero, sp.S.One), rate)
            for part, rates in zip(
                [value(part, rho, 1) for part in SAM.direction(HYPERBOLIC)], ((6, 0), (0, 2)), strict=True
            )
            for v, rate in zip((x, y), rates, strict=True)
        ),
    ),
    reading="The characteristic polynomial is (z - 2)(z + 2); the other equations are the coefficients of x and y in "
    "SAM's drift.",
    argument=(
        "The Hessian of x^2 - y^2 is diag(2, -2), so its characteristic polynomial is (z - 2)(z + 2). SAM's drift is "
        "H (I + rho H) w, which is diagonal as well. At rho = 1 its entries are 2 (1 + 2) = 6 and -2 (1 - 2) = 2."
    ),
    steps=(Equal("spectrum", STATEMENT, "the Hessian is diagonal, and so is SAM's drift"),),
    twins=(Twin("the rates of the composed loss", equal(SAM_COMPOSED.rate(2).subs(rho, 1), 6)),),
)

_path = sp.Rational(-1, 100) * (1 + 2 * eta) ** n
FIG5_GD = Claim(
    id="fig5-gd",
    title="Figure 5: gradient descent leaves the saddle of x^2 - y^2",
    place=Place("4.2", "Figure 5"),
    voice="paper",
    provenance="seen",
    says="From (-3, -0.01) gradient descent leaves every ball around the saddle.",
    display=Display(
        (equal(height(n + 1), height(n) + 2 * eta * height(n)), implies(n * eta > 50 * R, -height(n) > R)),
        {height(n): -((1 + 2 * eta) ** n) / 100},
    ),
    given=(eta > 0, R > 0),
    reading="y_n = -(1 + 2 eta)^n/100 for every step size; -y_n exceeds R after 50 R/eta steps at the latest. The flow "
    "leaves in the same way, as exp(2t).",
    argument=(
        "Along y gradient descent on x^2 - y^2 is y -> (1 + 2 eta) y, so from y = -1/100 it is at -(1 + 2 eta)^n/100 "
        "after n steps. Bernoulli's inequality gives (1 + 2 eta)^n >= 1 + 2 eta n. If eta n > 50 R, then (1 + 2 "
        "eta)^n/100 > R. The weight has then left the ball of radius R, whatever R is."
    ),
    **conjunction(
        "together",
        Equal("recursion", equal(_path.subs(n, n + 1), GD.update(HYPERBOLIC)[1].subs(y, _path)), "the map is linear"),
        Induction("growth", at_least((1 + 2 * eta) ** n, 1 + 2 * eta * n), "Bernoulli's inequality, by induction on n",
                over=n),
        Entails("leaves", implies(n * eta > 50 * R, -_path > R), "linear growth is enough", uses=("growth",)),
        of=("recursion", "leaves"),
    ),
    twins=(Twin("it stays within 1", -_path < 1),),
)  # fmt: skip
FIG5_SAM = Claim(
    id="fig5-sam",
    title="Figure 5: SAM with rho = 1 is attracted by the saddle of x^2 - y^2",
    place=Place("4.2", "Figure 5"),
    voice="paper",
    provenance="seen",
    says="From the same start SAM with rho = 1 converges to the saddle.",
    given=(eta > 0, 3 * eta < 1),
    reading="For constant rho. Each step multiplies x by 1 - 6 eta and y by 1 - 2 eta, both inside the unit circle for "
    "eta < 1/3, so every start converges. The paper does not name its step.",
    argument=(
        "SAM's step at rho = 1 is x -> (1 - 6 eta) x and y -> (1 - 2 eta) y. For 0 < eta < 1/3 it is 0 < 6 eta < 2 "
        "and 0 < 2 eta < 2, so both factors lie strictly between -1 and 1. Both coordinates therefore tend to 0 from "
        "every start, and so from (-3, -0.01)."
    ),
    **conjunction(
        "together",
        Equal("map",
              every(equal(SAM.update(HYPERBOLIC).subs(rho, 1)[0], (1 - 6 * eta) * x),
                    equal(SAM.update(HYPERBOLIC).subs(rho, 1)[1], (1 - 2 * eta) * y)), "the map is linear"),
        Entails("contracts", every(inside(1 - 6 * eta), inside(1 - 2 * eta)), "0 < 6 eta < 2"),
    ),
    twins=(
        Twin("for every step", every(inside(1 - 6 * eta), inside(1 - 2 * eta)), (eta > 0,)),
        Twin("rho = 1/2", inside(1 - eta * value(_RATES[1], rho, sp.Rational(1, 2)))),
    ),
    related=("fig5-threshold", "fig5-normalised"),
)  # fmt: skip
FIG5_THRESHOLD = Claim(
    id="fig5-threshold",
    title="The saddle of x^2 - y^2 attracts SAM's flow exactly beyond rho = 1/2",
    place=BEYOND,
    voice="ours",
    says="The saddle of x^2 - y^2 attracts SAM's flow if and only if rho > 1/2.",
    statement=iff(every(*(rate > 0 for rate in _RATES)), rho > sp.Rational(1, 2)),
    steps=(Entails("both ways", STATEMENT, "the rates are 2 + 4 rho and -2 + 4 rho"),),
    finding="Immediate from the two rates; the loss is quadratic, so that they are all there is to the flow.",
    argument=(
        "SAM's rates on x^2 - y^2 are 2 + 4 rho and -2 + 4 rho. Both are positive exactly if rho > 1/2, for then the "
        "first one is positive as well. The loss is quadratic, so the flow is linear and the rates decide."
    ),
    twins=(Twin("1/2 included", iff(every(*(rate > 0 for rate in _RATES)), rho >= sp.Rational(1, 2))),),
)
# The published code adds the second gradient to the first, which it does not zero.
FIG5_NORMALISED = Claim(
    id="fig5-normalised",
    title="Normalised SAM circles the saddle of x^2 - y^2, for eta < 1/2",
    place=BEYOND,
    voice="ours",
    says="On x^2 - y^2 normalised SAM has a 2-cycle |x| = eta rho/(1 - eta) on the x-axis, which attracts exactly for "
    "eta < 1/2, whatever rho.",
    given=(rho > 0, eta > 0, eta < 1, x > 0),
    **conjunction(
        "together",
        Entails("cycle",
                iff(equal(SAM_NORMALISED.update(HYPERBOLIC).subs(y, 0)[0], -x), equal(x * (1 - eta), eta * rho)),
                "one direction at a time"),
        cite("across", SADDLE, {L: 2, mu: 2}, iff(inside(ACROSS_SADDLE.subs({L: 2, mu: 2})), eta < sp.Rational(1, 2)),
             "claim normalised-saddle-traps with L = mu = 2"),
    ),
    finding="With the step 0.01 that is usual here, y decays and x ends in the cycle, 0.0101 for rho = 1.",
    twins=(
        Twin("the gradient not zeroed between the passes",
             iff(equal(SAM_NORMALISED.update(HYPERBOLIC).subs(y, 0)[0] - 2 * eta * x, -x),
                 equal(x * (1 - eta), eta * rho))),
    ),
)  # fmt: skip


def _both_positive(hessian: sp.Matrix, radius: Expr) -> tuple[Formula, Formula]:
    """That the sum and the product of lambda + rho lambda^2 over the two eigenvalues are positive."""
    (p, q), (_, r) = hessian.tolist()
    trace, det = p + r, p * r - q**2
    total, product = trace + radius * (trace**2 - 2 * det), det * (1 + radius * trace + radius**2 * det)
    return above(total), above(product)


_AT_SADDLE = BEALE.hessian.xreplace({x: sp.Integer(0), y: sp.Integer(1)})
_FIG6_READING = "Two numbers are positive exactly when their sum and their product are."
FIG6 = Claim(
    id="fig6",
    title="Figure 6: at Beale's saddle both lambda + rho lambda^2 are positive",
    place=Place("4.2", "Figure 6"),
    voice="paper",
    provenance="seen",
    says="At the saddle (0, 1) of Beale's function lambda + rho lambda^2 is positive for both eigenvalues.",
    statement=every(*_both_positive(_AT_SADDLE, rho)),
    display=Display(
        every(lam1 + rho * lam1**2 > 0, lam2 + rho * lam2**2 > 0),
        {lam1: -sp.Rational(111, 4), lam2: sp.Rational(111, 4)},
    ),
    given=(rho > 0,),
    reading=_FIG6_READING + " The figure names no radius, so any positive one is meant.",
    finding="The eigenvalues are 111/4 and -111/4, so the figure shows a radius beyond 4/111 = 0.036. Off the critical "
    "point lambda + rho lambda^2 is not a rate: the Jacobian there has H at w^p on its left.",
    argument=(
        "At (0, 1) the Hessian of Beale's function has the eigenvalues 111/4 and -111/4. For the negative one lambda "
        "+ rho lambda^2 is (111/4)((111/4) rho - 1), which is positive only for rho > 4/111. At rho = 1/100 it is "
        "negative. The figure must have been drawn for a larger radius, which the paper does not name."
    ),
    twins=(Twin("for rho >= 1/28", STATEMENT, (28 * rho >= 1,)),),
)
FIG6_THRESHOLD = Claim(
    id="fig6-threshold",
    title="At Beale's saddle both lambda + rho lambda^2 are positive beyond rho = 4/111",
    says="At the saddle (0, 1) of Beale's function lambda + rho lambda^2 is positive for both eigenvalues if rho > "
    "4/111.",
    reading=_FIG6_READING,
    argument=(
        "The characteristic polynomial of the Hessian at (0, 1) is (z - 111/4)(z + 111/4). For the positive "
        "eigenvalue lambda + rho lambda^2 is positive because rho > 0. For the negative one it is (111/4)((111/4) rho "
        "- 1), which is positive because rho > 4/111. Hence the sum and the product of the two values are positive, "
        "and conversely."
    ),
    **under(FIG6, rho > sp.Rational(4, 111)),
    steps=(
        Equal(
            "spectrum",
            equal((z * sp.eye(2) - _AT_SADDLE).det(), (z - sp.Rational(111, 4)) * (z + sp.Rational(111, 4))),
            "the Hessian at (0, 1) has trace 0 and determinant -(111/4)^2",
        ),
        Entails("both positive", STATEMENT, "rho (111/4)^2 > 111/4"),
    ),
    twins=(Twin("a hundredth below", STATEMENT, (100 * rho > sp.Rational(99 * 4, 111),)),),
)
FIG6_NEAR = Claim(
    id="fig6-near",
    title="Around Beale's saddle both values are positive at rho = 1/2",
    place=Place("4.2", "Figure 6"),
    voice="ours",
    says="For rho = 1/2 both values are positive on the whole square |x| <= 1/20, |y - 1| <= 1/20.",
    reading="rho = 1/2 is the radius that later published code uses for this function. " + _FIG6_READING,
    **conjunction(
        "together",
        *(
            Bounded(
                name,
                inequality,
                box={x: (-sp.Rational(1, 20), sp.Rational(1, 20)), y: (1 - sp.Rational(1, 20), 1 + sp.Rational(1, 20))},
            )
            for name, inequality in zip(
                ("sum", "product"), _both_positive(BEALE.hessian, sp.Rational(1, 2)), strict=True
            )
        ),
        of=("sum", "product"),
    ),
    twins=(
        Twin(
            "rho = 1/28",
            _both_positive(BEALE.hessian, sp.Rational(1, 28))[1],
            (400 * x**2 <= 1, 400 * (y - 1) ** 2 <= 1),
        ),
    ),
)

CLAIMS: tuple[Claim, ...] = (
    SPECTRUM, FIG5_GD, FIG5_SAM, FIG5_THRESHOLD, FIG5_NORMALISED, FIG6, FIG6_THRESHOLD, FIG6_NEAR,
    *hyperbolic.CLAIMS,
)  # fmt: skip
