"""Section 4.1: all real critical points of Beale's function, and at which rho they trap SAM with a constant rho.

Key results
- There are three: the minimum (3, 1/2), the saddle (0, 1), and a saddle near (0.1005, -2.6445) that the paper does not
  know of (beale-critical-points, beale-second-saddle).
- A constant rho traps at (0, 1) beyond 4/111, at the second saddle beyond a number between 5/4 and 4/3
  (beale-threshold, beale-second-threshold).
- From the start of Figure 1 such a rho leaves the box in one step (beale-constant-rho): Figures 1, 3, 4 are normalised.

Its valleys, beale-single-saddle among them, are in `valley` and listed here in the paper's order.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, between, equal, every, exactly, implies
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.real_zeros import RealZeros, all_zeros
from saddlecheck.theory.claims.steps import STATEMENT, Bounded, Entails, Equal
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.theory.papers.kim.geometry import valley
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

_curvature = sp.Rational(111, 4)
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
              every(equal(value(value(BEALE.hessian.det(), x, 0), y, 1), -(_curvature**2)),
                    equal(value(value(BEALE.hessian.trace(), x, 0), y, 1), sp.S.Zero)),
              "determinant and trace of the Hessian at (0, 1)"),
        Entails("rates", exactly(sp.And(SAM.rate(-_curvature) > 0, SAM.rate(_curvature) > 0), rho > 1 / _curvature),
                "lam + rho lam^2 for both eigenvalues"),
    ),
    finding="This is Theorem 1 for Figure 1, which it explains only if the figure was made with a constant rho.",
    related=("thm1", "fig6", "beale-stuck", "beale-constant-rho"),
    twins=(
        Twin("the threshold inverted", sp.Equivalent(SAM.rate(-_curvature) > 0, rho > _curvature)),
        Twin("equality let in", sp.Equivalent(SAM.rate(-_curvature) > 0, rho >= 1 / _curvature)),
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

_DESCENT = Prop(
    "gd-finds-the-minimum",
    "From (1, 2), with the learning rate 1e-4, gradient descent comes to the minimum (3, 1/2) of Beale's function.",
)
STUCK = Claim(
    id="beale-stuck",
    title="Figure 1: on Beale's function gradient descent finds the minimum and SAM stays at (0, 1)",
    place=Place("4.1", "Figure 1"),
    voice="paper",
    provenance="seen",
    says="From the same start, gradient descent reaches the minimum and SAM is held at the saddle.",
    statement=every(
        _DESCENT,
        Prop(
            "sam-is-stuck",
            "From there, with that rate, SAM as (5) and (6) define it, with a constant rho above 4/111, comes to the "
            "saddle (0, 1) and is still there when the run ends.",
        ),
    ),
    settles="saddlecheck check beale-stuck --numeric",
    reading="The paper prints neither the start nor rho. The start is that of published code; rho is constant, as in "
    "(5) and in Theorem 1, which is to explain the figure.",
    finding="With a constant rho above the threshold SAM does not come to the saddle from there: it leaves the box at "
    "once (`beale-constant-rho`). With a normalised one of 1/2 or 1 it does.",
    argument=(
        "The paper names neither its start nor its radius, so the claim is read with the start (1, 2) of published "
        "code and with the constant radius of (5). By beale-threshold both rates at (0, 1) are positive for a "
        "constant rho above 4/111, so the saddle attracts its neighbours. By beale-constant-rho the first step from "
        "(1, 2) with the learning rate 1e-4 and a constant rho of 1/100 or more leaves the plotted box. A run decides "
        "whether it comes back to the saddle."
    ),
    related=("beale-threshold", "beale-constant-rho"),
    twins=(Twin("any positive rho traps", SAM.rate(-_curvature) > 0, (rho > 0,)),),
)
STUCK_NORMALISED = Claim(
    id="beale-stuck-normalised",
    title="With a normalised rho of 1/2 SAM stays at Beale's saddle (0, 1)",
    place=Place("4.1", "Figure 1"),
    voice="ours",
    says="From the same start, gradient descent reaches the minimum and normalised SAM is held at the saddle.",
    statement=every(
        _DESCENT,
        Prop(
            "normalised-sam-is-stuck",
            "From there, with that rate, SAM with a normalised rho of 1/2 or 1 comes to the saddle (0, 1) and is still "
            "there when the run ends.",
        ),
    ),
    amends="beale-stuck",
    settles="saddlecheck check beale-stuck-normalised --numeric",
    finding="The weight does not converge there: it moves on the scale eta rho 111/8. With a normalised rho of 1/10 it "
    "reaches the minimum.",
    argument=(
        "With a normalised radius the perturbed weight is at the distance rho from w wherever w is, also close to the "
        "saddle. Along the unstable direction of a quadratic saddle, with the rate mu, steps from within rho stay "
        "within rho, and those that change sides land within eta mu rho (case-3-normalised). At (0, 1) the rate is "
        "111/4 and the learning rate is 1e-4, so this distance is small against rho. Whether the run from (1, 2) "
        "reaches that neighbourhood is decided by running it."
    ),
    related=("case-3-normalised", "beale-cosine"),
    # The model of one unstable direction: held within rho, as case-3-normalised has it, and not at every distance.
    twins=(Twin("the gradients oppose each other at any distance", y**2 < rho * sp.Abs(y), (rho > 0, sp.Ne(y, 0))),),
)
_SWINGS = Prop(
    "cosine-swings",
    "In the last tenth of a run of SAM on Beale's function with the learning rate 1e-4 the cosine between the "
    "gradients at w and at w^p comes within 1/10 of both -1 and 1, and w^p goes on changing basins.",
)
COSINE = Claim(
    id="beale-cosine",
    title="Figures 3 and 4: the cosine of the two gradients swings between -1 and 1 to the end",
    place=Place("4.1", "Figures 3 and 4"),
    voice="paper",
    provenance="seen",
    says="Once SAM is held at the saddle, the two gradients agree and oppose each other in turn until the end of the "
    "run, and the perturbed weight crosses the basin boundary again and again.",
    statement=implies(
        Prop("constant-rho", "rho is constant, as in (5), and above 4/111; the run starts near (0, 1)."), _SWINGS
    ),
    settles="saddlecheck check beale-cosine --numeric",
    reading="For a constant rho, as in (5), in Theorem 1, and in beale-stuck, from a start that is held: the start of "
    "Figure 1 leaves the box in the first step (`beale-constant-rho`).",
    finding="With a constant rho the cosine settles at -1 (`beale-cosine-constant`). It swings with a normalised "
    "one, so the figures show the normalised algorithm.",
    argument=(
        "With a constant rho above 4/111 SAM's map near (0, 1) is linear with the rates lambda + rho lambda^2 of the "
        "eigenvalues 111/4 and -111/4. The unstable direction is the slower one, so the weight ends up along it. "
        "There the gradients at w and at w^p have the ratio 1 - rho 111/4 < 0, and the cosine tends to -1 "
        "(case-3-cosine-settles). A run from a start that is held decides the claim for the function itself."
    ),
    related=("beale-cosine-normalised", "beale-cosine-constant"),
    # The model of one unstable direction, at a distance below rho: were the gradients to agree there, this would hold.
    twins=(Twin("the two gradients always agree", y**2 > rho * sp.Abs(y), (rho > 0, sp.Ne(y, 0))),),
)
COSINE_NORMALISED = Claim(
    id="beale-cosine-normalised",
    title="With a normalised rho the cosine swings between -1 and 1 to the end of Beale's run",
    place=COSINE.place,
    voice="ours",
    says="With a normalised rho of 1/2, from (1, 2), the cosine swings between -1 and 1 until the end of the run and "
    "the perturbed weight goes on changing basins.",
    argument=(
        "With a normalised rho the weight is held along the unstable direction within a distance of order eta mu rho, "
        "where the gradients at w and at w^p oppose each other. The steps from one side to the other change the angle "
        "between the gradient and the unstable direction all the time, and the map does not settle "
        "(normalised-maximum-band, normalised-maximum-exponent). The run from (1, 2) with rho = 1/2 records the "
        "cosine and the basin of w^p until the end."
    ),
    statement=implies(Prop("normalised-rho", "rho is normalised and 1/2; the run starts at (1, 2)."), _SWINGS),
    amends="beale-cosine",
    settles="saddlecheck check beale-cosine-normalised --numeric",
    related=("case-3-normalised",),
    twins=(
        Twin("the two gradients oppose each other at any distance", y**2 < rho * sp.Abs(y), (rho > 0, sp.Ne(y, 0))),
    ),
)
COSINE_CONSTANT = Claim(
    id="beale-cosine-constant",
    title="With a constant rho the cosine settles at -1 on Beale's function",
    place=Place("4.1", "Figures 3 and 4"),
    voice="ours",
    says="A constant rho that traps turns the gradient round and keeps it so: the cosine does not swing.",
    statement=Prop(
        "cosine-settles",
        "With a constant rho above 4/111 on Beale's function, from a start near (0, 1), the cosine between the "
        "gradients at w and at w^p comes to -1 and stays there.",
    ),
    settles="saddlecheck check beale-cosine-constant --numeric",
    reading="The linear part is proved in `case-3-cosine-settles`, whose conditions 111/4 and -111/4 meet.",
    related=("case-3-cosine-settles", "beale-threshold"),
    twins=(Twin("a slower stable direction", SAM.rate(_curvature) < SAM.rate(-_curvature), (rho > 1 / _curvature,)),),
)

# The paper's order, amendments after what they amend; then what is beyond the paper.
CLAIMS: tuple[Claim, ...] = (
    *(valley.SINGLE, CRITICAL_POINTS, SECOND_SADDLE),
    *(valley.BASINS, valley.ONE_MINIMUM),
    *(STUCK, STUCK_NORMALISED, COSINE, COSINE_NORMALISED, COSINE_CONSTANT),
    *(THRESHOLD, SECOND_THRESHOLD, CONSTANT_RHO, valley.FLOOR, valley.VALLEYS),
)
