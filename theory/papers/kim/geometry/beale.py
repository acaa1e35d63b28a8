"""Section 4.1: all real critical points of Beale's function, and at which rho they trap SAM with a constant rho.

Key results
- There are three: the minimum (3, 1/2), the saddle (0, 1), and a saddle near (0.1005, -2.6445) that the paper does not
  know of (beale-critical-points, beale-second-saddle).
- A constant rho traps at (0, 1) beyond 4/111, at the second saddle beyond a number between 5/4 and 4/3
  (beale-threshold, beale-second-threshold).
- From the start of Figure 1 such a rho leaves the box in one step (beale-constant-rho): Figures 1, 3, 4 are normalised.

Its valleys, beale-single-saddle among them, are in `valley`, what its figures show in `beale_runs`; both are listed
here in the paper's order.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, between, equal, every, exactly, implies
from saddlecheck.theory.claims.nodes import value
from saddlecheck.theory.claims.real_zeros import RealZeros, all_zeros
from saddlecheck.theory.claims.steps import STATEMENT, Bounded, Entails, Equal
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.theory.papers.kim.geometry import beale_runs, valley
from saddlecheck.theory.papers.kim.geometry.beale_runs import curvature
from saddlecheck.theory.papers.standard import SAM
from saddlecheck.theory.symbols import Expr, Formula, eta, rho, x, y

_gradient = (BEALE.gradient[0], BEALE.gradient[1])
# The second saddle: y is the cubic's root, and x follows by Euclid's algorithm on the gradient modulo the cubic.
second_x = (19581 + 5412 * y - 630 * y**2) / sp.Integer(8584)
_zeros = ((y - 1, sp.S.Zero), (2 * y - 1, sp.Integer(3)), (valley.CUBIC, second_x))


def _at(expr: Expr, at: tuple[Expr, Expr]) -> Expr:
    return expr.subs(dict(zip((x, y), at, strict=True)))


CRITICAL_POINTS = Claim(
    id="beale-critical-points",
    title="Beale's function has three real critical points",
    place=Place("4.1", "Beale's function"),
    voice="ours",
    says="The gradient vanishes at (3, 1/2), at (0, 1), and at a third point, whose y is the one real root of "
    "3 y^3 + 11 y^2 + 10 y + 5 and whose x is a polynomial in that y; nowhere else.",
    statement=all_zeros(_gradient, (x, y), _zeros),
    steps=(RealZeros("all", STATEMENT, "a resultant; and a Groebner basis with Krawczyk's test", plane=(x, y)),),
    finding="The third one is a saddle as well, see `beale-second-saddle`.",
    argument=(
        "Off y = 1 the derivative in x is linear in x, so x is a rational function of y at a critical point. Put into "
        "the derivative in y, it leaves a polynomial in y whose real roots are 1/2 and the one real root of the cubic "
        "3 y^3 + 11 y^2 + 10 y + 5. On y = 1 the gradient is (0, (111/4) x), which vanishes at x = 0 alone. One "
        "engine finds the zeros by resultants and Sturm sequences, the other by a Groebner basis and Krawczyk's test, "
        "and they agree on the same three points."
    ),
    related=("beale-second-saddle", "beale-floor"),
    twins=(
        Twin("the minimum left out", all_zeros(_gradient, (x, y), _zeros[::2])),
        Twin("the saddle at (1, 1)", all_zeros(_gradient, (x, y), ((y - 1, sp.S.One), *_zeros[1:]))),
    ),
)

# A box around the third point, of width 1e-5: what holds in the box (with x following y) holds at the point.
_low, _high = sp.Rational(-264452, 100000), sp.Rational(-264451, 100000)


def _second(expr: Expr) -> Expr:
    """An expression near the second saddle, in terms of y."""
    return _at(expr, (second_x, y))


def _near(conclusion: Formula) -> Formula:
    return implies(every(y >= _low, y <= _high), conclusion)


SECOND_SADDLE = Claim(
    id="beale-second-saddle",
    title="Beale's function has two saddles: (0, 1), and one near (0.1005, -2.6445)",
    place=Place("4.1", "Beale's function"),
    voice="ours",
    says="The cubic has one real root, between -2.64452 and -2.64451; there x lies between 0.1005 and 0.1006, and the "
    "Hessian's determinant is negative. It is negative at (0, 1) too; (3, 1/2) is a minimum.",
    **conjunction(
        "two",
        Entails("one root",
                every(implies(y < _low, below(valley.CUBIC)), implies(y > _high, above(valley.CUBIC)),
                      _near(above(sp.diff(valley.CUBIC, y)))),
                "negative below, positive above, and increasing in between"),
        Entails("located",
                _near(between(second_x, sp.Rational(1005, 10000), sp.Rational(1006, 10000))),
                "x is a quadratic polynomial of y, monotone on the interval"),
        Bounded("determinant", below(_second(BEALE.hessian.det())), "a polynomial in y on an interval",
                box={y: (_low, _high)}),
        Entails("kinds",
                every(below(_at(BEALE.hessian.det(), (sp.S.Zero, sp.S.One))),
                      above(_at(BEALE.hessian.det(), (sp.Integer(3), sp.Rational(1, 2)))),
                      above(_at(BEALE.hessian.trace(), (sp.Integer(3), sp.Rational(1, 2))))),
                "exact values at the two rational points"),
    ),
    finding="Both saddles lie in the plotted box [-4.5, 4.5]^2.",
    related=("beale-critical-points", "beale-second-threshold"),
    twins=(Twin("the two saddles exchanged", _near(below(second_x))),),
)  # fmt: skip

THRESHOLD = Claim(
    id="beale-threshold",
    title="With a constant rho both rates at Beale's saddle (0, 1) are positive beyond 4/111",
    place=BEYOND,
    voice="ours",
    says="The Hessian at (0, 1) has the eigenvalues 111/4 and -111/4, and both rates of SAM's flow there are positive "
    "exactly for rho > 4/111.",
    given=(rho > 0,),
    **conjunction(
        "both",
        Equal("spectrum",
              every(equal(value(value(BEALE.hessian.det(), x, 0), y, 1), -(curvature**2)),
                    equal(value(value(BEALE.hessian.trace(), x, 0), y, 1), sp.S.Zero)),
              "determinant and trace of the Hessian at (0, 1)"),
        Entails("rates", exactly(sp.And(SAM.rate(-curvature) > 0, SAM.rate(curvature) > 0), rho > 1 / curvature),
                "lam + rho lam^2 for both eigenvalues"),
    ),
    finding="This is Theorem 1 for Figure 1, which it explains only if the figure was made with a constant rho.",
    related=("thm1", "fig6", "beale-stuck", "beale-constant-rho"),
    twins=(
        Twin("the threshold inverted", sp.Equivalent(SAM.rate(-curvature) > 0, rho > curvature)),
        Twin("equality let in", sp.Equivalent(SAM.rate(-curvature) > 0, rho >= 1 / curvature)),
    ),
)  # fmt: skip


# For c < 0 and a negative determinant, c^2 - trace c + det is positive exactly below the negative eigenvalue.
def _characteristic(c: Expr) -> Expr:
    """The Hessian's characteristic polynomial at c, near the second saddle, in terms of y."""
    return _second(c**2 - BEALE.hessian.trace() * c + BEALE.hessian.det())


SECOND_THRESHOLD = Claim(
    id="beale-second-threshold",
    title="The threshold 1/mu of Beale's second saddle lies between 5/4 and 4/3",
    place=BEYOND,
    voice="ours",
    says="The negative eigenvalue at the second saddle lies between -4/5 and -3/4, so its threshold lies between "
    "5/4 and 4/3, far above the 4/111 of (0, 1).",
    **conjunction(
        "bracket",
        Bounded("below", above(_characteristic(sp.Rational(-4, 5))), "a polynomial in y on an interval",
                box={y: (_low, _high)}),
        Bounded("above", below(_characteristic(sp.Rational(-3, 4))),
                "the polynomial in y at -3/4 is negative on the interval", box={y: (_low, _high)}),
        because="the characteristic polynomial is positive at -4/5 and negative at -3/4",
    ),
    reading="The characteristic polynomial of the Hessian changes its sign between the two values.",
    related=("beale-second-saddle", "beale-threshold"),
    twins=(Twin("the bracket moved up", _near(above(_characteristic(sp.Rational(-3, 4))))),),
)  # fmt: skip
CONSTANT_RHO = Claim(
    id="beale-constant-rho",
    title="From (1, 2) on Beale's function a constant rho of 1/100 or more leaves the plotted box in one step",
    place=BEYOND,
    voice="ours",
    says="With the learning rate 1e-4 and a constant rho of at least 1/100, the first step of SAM from (1, 2) lands "
    "beyond the lower left corner of the box [-4.5, 4.5]^2.",
    statement=every(
        *(
            below(e, -sp.Rational(9, 2))
            for e in SAM.update(BEALE).subs({**dict(zip((x, y), (1, 2), strict=True)), eta: sp.Rational(1, 10000)})
        )
    ),
    given=(rho >= sp.Rational(1, 100),),
    steps=(Entails("leaves", STATEMENT, "both coordinates are polynomials in rho"),),
    finding="So a constant rho above the threshold 4/111 does not stay in the box from that start. Figure 1 needs a "
    "normalised rho, and Theorem 1 is not about that.",
    related=("beale-stuck", "beale-threshold"),
    twins=(Twin("from a rho of 1/1000", STATEMENT, (rho >= sp.Rational(1, 1000),)),),
)

# The paper's order, amendments after what they amend; then what is beyond the paper.
CLAIMS: tuple[Claim, ...] = (
    *(valley.SINGLE, CRITICAL_POINTS, SECOND_SADDLE),
    *(valley.BASINS, valley.ONE_MINIMUM),
    *beale_runs.RUNS,
    *(THRESHOLD, SECOND_THRESHOLD, CONSTANT_RHO, valley.FLOOR, valley.VALLEYS),
)
