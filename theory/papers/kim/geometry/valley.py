r"""Beale's function along the floor of its valleys: two variables reduced to one.

The function is a parabola in x for each y. Off the line y = 1 its lowest point X(y) is unique, so with the floor
F(y) = f(X(y), y) the critical points of f are those of F, and of the same kind: a minimum of F is a minimum of f, a
maximum of F is a saddle of f. On the line y = 1 the function does not depend on x.

Key results: F and its slope are rational functions (beale-floor); F rises, falls and rises again, so there is one
minimum and there are two saddles (beale-one-minimum, beale-single-saddle); towards the ends of two valleys it falls to
limits that it does not attain (beale-valleys), and the claim of four basins has to be settled by a run (beale-basins).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, every, implies
from saddlecheck.theory.claims.nodes import Prop, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.critical.landscapes import BEALE
from saddlecheck.theory.papers.kim.notation import floor_slope
from saddlecheck.theory.symbols import Expr, Formula, real, x, y

_gx, _gy = BEALE.gradient
X = -_gx.subs(x, 0) / _gx.diff(x)  # X(y), because the derivative in x is linear in x
slope = _gy.subs(x, X)  # F'(y), because the derivative in x vanishes on the floor

# Their factors, found by SymPy and proved in `beale-floor`.
CUBIC = 3 * y**3 + 11 * y**2 + 10 * y + 5
R = 1 + (1 + y) ** 2 + (1 + y + y**2) ** 2
_above = 9 * (2 * y - 1) ** 2 * (13 * y**2 + 18 * y + 14)
F = _above / (64 * R)
rest = 9 * (7 * y**2 + 13 * y + 17) / (32 * R**2)  # the part of F' that has no real root

FLOOR = Claim(
    id="beale-floor",
    title="Beale's function is its floor plus a square",
    place=BEYOND,
    voice="ours",
    says="Off the line y = 1 the function is F(y) + A(y) (x - X(y))^2 with A > 0, and its derivative in y on the floor "
    "is F'(y); all three are rational functions of y.",
    given=(sp.Ne(y, 1),),
    **conjunction(
        "reduced",
        Equal("square", equal(BEALE.expr, F + (y - 1) ** 2 * R * (x - X) ** 2), "complete the square in x"),
        Equal(
            "slopes",
            every(equal(sp.Derivative(F, y), (2 * y - 1) * CUBIC * rest), equal(slope, (2 * y - 1) * CUBIC * rest)),
            "differentiate the floor, and put the floor into the derivative in y",
        ),
        Entails("curved", every(above(R), above((y - 1) ** 2 * R)), "1 plus squares, times (y - 1)^2 > 0"),
    ),
    related=("beale-critical-points",),
)

y1, y2 = real("y1"), real("y2")
SINGLE = Claim(
    id="beale-single-saddle",
    title="Section 4.1: Beale's function has a single saddle, (0, 1)",
    place=Place("4.1", "Beale's function"),
    voice="paper",
    provenance="seen",
    says="The only saddle of Beale's function is (0, 1), which makes the function a clean test.",
    statement=sp.Not(every(above(slope.subs(y, y1)), below(slope.subs(y, y2))), evaluate=False),
    display=Display(
        sp.Not(every(above(floor_slope(y1)), below(floor_slope(y2))), evaluate=False),
        {
            floor_slope(y): (2 * y - 1) * CUBIC * (9 * (7 * y**2 + 13 * y + 17)) / (32 * sp.Function("R")(y) ** 2),
            sp.Function("R")(y): 1 + (1 + y) ** 2 + (1 + y + y**2) ** 2,
        },
    ),
    given=(y1 < y2, (y1 - 1) * (y2 - 1) > 0),
    reading="Then the floor has no maximum off y = 1: on neither side of that line does it rise at some y1 and fall at "
    "a later y2, for in between it would have one, and f a critical point that is no minimum (`beale-floor`). That "
    "there is one is proved in `beale-critical-points` and `beale-second-saddle`.",
    finding="The floor rises at y = -3 and falls at y = 0. In between lies a second saddle, near (0.1005, -2.6445) and "
    "inside the plotted box.",
    argument=(
        "For each y other than 1 Beale's function is a parabola in x with a unique lowest point, and on this floor it "
        "takes the value F(y). The slope F' is the product of 2 y - 1, the cubic 3 y^3 + 11 y^2 + 10 y + 5 and a "
        "positive factor. At y = -3 the first two are -7 and -7, so F' > 0; at y = 0 they are -1 and 5, so F' < 0. "
        "Between the two F has a maximum, and there the function has a critical point that is a minimum in x and a "
        "maximum along the floor. It is a second saddle; beale-critical-points and beale-second-saddle locate it."
    ),
    rests=("beale-floor", "beale-critical-points", "beale-second-saddle"),
    twins=(Twin("nor below y = -2", STATEMENT, (y1 < y2, (y1 - 1) * (y2 - 1) > 0, y2 < -2)),),
)

BASINS = Claim(
    id="beale-basins",
    title="Section 4.1: Beale's function has four basins, two of them with a minimum",
    place=Place("4.1", "Beale's function"),
    voice="paper",
    provenance="seen",
    says="The plane falls into four basins, of which the top left and the bottom right one contain a minimum.",
    statement=Prop(
        "beale-basins",
        "On the plotted box the gradient flow of Beale's function has four basins, two of which hold a minimum.",
    ),
    settles="saddlecheck check beale-basins --numeric",
    reading="Where the flow goes from the points of a grid on the box.",
    finding="There is one finite minimum (`beale-one-minimum`); elsewhere the flow has only the ends of the two "
    "valleys to go to (`beale-valleys`).",
    argument=(
        "The claim is about where the flow goes from the points of a box, so a run decides it and no formula. What is "
        "proved says what the run can find. By beale-one-minimum the function has the single finite minimum (3, 1/2), "
        "so a second basin with a minimum would need a minimum that is not there. By beale-valleys the floors of the "
        "two valleys fall outwards to the limits 405/896 and 117/16, which they do not attain."
    ),
    related=("beale-one-minimum", "beale-valleys"),
    twins=(Twin("the floor rises up to the minimum", above(slope), (y < sp.Rational(1, 2),)),),
)


def up_down_up(of: Expr) -> Formula:
    """It is positive up to the cubic's root, negative from there to y = 1/2, and positive beyond."""
    return every(
        implies(below(CUBIC), above(of)),
        implies(every(above(CUBIC), y < sp.Rational(1, 2)), below(of)),
        implies(y > sp.Rational(1, 2), above(of)),
    )


ONE_MINIMUM = Claim(
    id="beale-one-minimum",
    title="Beale's function has one finite minimum",
    place=Place("4.1", "Beale's function"),
    voice="ours",
    says="Up to the root of a cubic the floor rises, then it falls as far as y = 1/2, and then it rises from "
    "there on; the one critical point on y = 1 has a negative Hessian determinant. So (3, 1/2) is the only "
    "minimum.",
    statement=every(
        up_down_up(sp.Derivative(F, y)),
        implies(
            equal(value(_gy, y, 1), sp.S.Zero), every(equal(x, sp.S.Zero), below(value(BEALE.hessian.det(), y, 1)))
        ),
    ),
    rests=("beale-floor", "beale-critical-points"),
    steps=(
        Equal("rise", equal(sp.Derivative(F, y), (2 * y - 1) * CUBIC * rest), "the floor's derivative, factored"),
        Entails("rest", above(rest), "7 y^2 + 13 y + 17 has no real root, and the denominator is a square"),
        Entails("signs", up_down_up((2 * y - 1) * CUBIC), "a root of the cubic is negative"),
        Entails("shape", up_down_up(sp.Derivative(F, y)), "the positive factor does not change the sign",
                uses=("rise", "rest", "signs")),
        Equal("line",
              every(equal(value(_gy, y, 1), sp.Rational(111, 4) * x),
                    equal(value(BEALE.hessian.det(), y, 1), -sp.Rational(12321, 16))),
              "on y = 1 the Hessian is 111/4 off the diagonal and 0 in the first place"),
        Entails("one", STATEMENT, "the conjunction of 'shape' and 'line'", uses=("shape", "line")),
    ),
    reading="F as in `beale-floor`; that the cubic has one real root is part of `beale-critical-points`.",
    twins=(Twin("the floor falls beyond y = 1", below(slope), (y > 1,)),),
)  # fmt: skip

# The ends of the valleys: y -> 1 (where x runs off to infinity) and y -> -infinity, the latter with y = 1/u.
u = real("u")
cubics = (683 * y**3 + 873 * y**2 + 651 * y - 61, 84 * y**3 + 211 * y**2 + 246 * y + 142)


def beyond_the_ends(near: Formula, far: Formula) -> Formula:
    """What holds on y > 1, and what holds below the second saddle."""
    return every(implies(y > 1, near), implies(below(CUBIC), far))


VALLEYS = Claim(
    id="beale-valleys",
    title="The floors of two valleys of Beale's function fall outwards, to the limits 405/896 and 117/16",
    place=BEYOND,
    voice="ours",
    says="On y > 1 and beyond the second saddle the floor falls outwards and stays above 405/896 and 117/16, which are "
    "its limits at the ends of the two valleys. In the first one x diverges like -111/(112 (y - 1)).",
    rests=("beale-floor",),
    **conjunction(
        "ends",
        Equal("limits",
              every(equal(value(F, y, 1), sp.Rational(405, 896)),
                    equal(value((y - 1) * X, y, 1), -sp.Rational(111, 112)),
                    equal(value(sp.expand(u**4 * _above.subs(y, 1 / u)) / sp.expand(u**4 * (64 * R).subs(y, 1 / u)),
                                u, 0),
                          sp.Rational(117, 16))),
              "expand at y = 1 and, with y = 1/u, at u = 0"),
        Equal("rise", equal(sp.Derivative(F, y), (2 * y - 1) * CUBIC * rest), "the floor's derivative, factored"),
        Entails("rest", above(rest), "7 y^2 + 13 y + 17 has no real root, and the denominator is a square"),
        Entails("signs", beyond_the_ends(above((2 * y - 1) * CUBIC), above((2 * y - 1) * CUBIC)),
                "the cubic is positive for y > 1, and where it is negative so is 2 y - 1"),
        Entails("outwards", beyond_the_ends(above(sp.Derivative(F, y)), above(sp.Derivative(F, y))),
                "F' is the product of a positive factor and of one with that sign", uses=("rise", "rest", "signs")),
        Equal("excess",
              every(equal(F - sp.Rational(405, 896), 9 * (y - 1) * cubics[0] / (896 * R)),
                    equal(F - sp.Rational(117, 16), -9 * cubics[1] / (64 * R))),
              "subtract the limit and bring both terms over one denominator"),
        Entails("gaps", every(above(R), beyond_the_ends(above(cubics[0]), below(cubics[1]))),
                "the signs of two cubics on the two intervals"),
        Entails("over", beyond_the_ends(above(F - sp.Rational(405, 896)), above(F - sp.Rational(117, 16))),
                "the differences have the signs of their numerators", uses=("excess", "gaps")),
        of=("outwards", "over", "limits"),
    ),
    reading="F as in `beale-floor`. Which points of the plane the flow carries where is left to `beale-basins`.",
    finding="So f has no minimum on y > 1, nor below the second saddle.",
    related=("beale-basins",),
    twins=(
        Twin("the near end as low as the minimum", below(F - sp.Rational(1, 4)), (y > 1,)),
        Twin("the two limits exchanged", implies(y > 1, above(F - sp.Rational(117, 16)))),
    ),
)  # fmt: skip
