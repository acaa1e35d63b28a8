r"""Beale's function along the floor of its valleys: two variables reduced to one.

The function is a parabola in x for each y. Off the line y = 1 its lowest point X(y) is unique, so with the floor
F(y) = f(X(y), y) the critical points of f are those of F, and of the same kind: a minimum of F is a minimum of f, a
maximum of F is a saddle of f. On the line y = 1 the function does not depend on x.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import BEYOND, Claim, Place, Twin
from theory.landscapes import BEALE
from theory.nodes import Coefficient, Prop
from theory.steps import Entails, Equal
from theory.symbols import Expr, real, x, y

_gx, _gy = BEALE.gradient
BOTTOM = -_gx.subs(x, 0) / _gx.diff(x)  # X(y), because the derivative in x is linear in x
FLOOR = BEALE.expr.subs(x, BOTTOM)
SLOPE = _gy.subs(x, BOTTOM)  # F'(y), because the derivative in x vanishes on the floor

# Their factors, found by SymPy and proved in `beale-floor`.
CUBIC = 3 * y**3 + 11 * y**2 + 10 * y + 5
_R = 1 + (1 + y) ** 2 + (1 + y + y**2) ** 2
_above, _below = 9 * (2 * y - 1) ** 2 * (13 * y**2 + 18 * y + 14), 64 * _R
_floor = _above / _below
_rest = 9 * (7 * y**2 + 13 * y + 17) / (32 * _R**2)  # the part of F' that has no real root
_slope = (2 * y - 1) * CUBIC * _rest
_half = sp.Rational(1, 2)

_square = sp.Eq(BEALE.expr, _floor + (y - 1) ** 2 * _R * (x - BOTTOM) ** 2)
_slopes = sp.And(sp.Eq(sp.Derivative(_floor, y), _slope), sp.Eq(SLOPE, _slope), evaluate=False)
_curved = sp.And(_R > 0, (y - 1) ** 2 * _R > 0, evaluate=False)
_reduced = sp.And(_square, _slopes, _curved, evaluate=False)
_off = (sp.Ne(y, 1),)
BEALE_FLOOR = Claim(
    id="beale-floor",
    title="Beale's function is its floor plus a square",
    place=BEYOND,
    says="Off the line y = 1 the function is F(y) + A(y) (x - X(y))^2 with A > 0, and its derivative in y on the floor "
    "is F'(y); all three are rational functions of y.",
    statement=_reduced,
    given=_off,
    steps=(
        Equal("square", _square, "complete the square in x"),
        Equal("slopes", _slopes, "differentiate the floor, and put the floor into the derivative in y"),
        Entails("curved", _curved, "sums of squares"),
        Entails("reduced", _reduced, "the three parts", uses=("square", "slopes", "curved")),
    ),
    related=("beale-critical-points",),
)

_y1, _y2 = real("y1"), real("y2")
_no_summit = sp.Or(SLOPE.subs(y, _y1) <= 0, SLOPE.subs(y, _y2) >= 0)
_one_side = (_y1 < _y2, (_y1 - 1) * (_y2 - 1) > 0)
SINGLE = Claim(
    id="beale-single-saddle",
    title="Beale's function has a single saddle, (0, 1)",
    place=Place("4.1", "Beale's function"),
    says="The only saddle of Beale's function is (0, 1), which makes the function a clean test.",
    statement=_no_summit,
    given=_one_side,
    reading="Then the floor has no maximum off y = 1: on neither side of that line does it rise at some y1 and fall at "
    "a later y2, for in between it would have one, and f a critical point that is no minimum (`beale-floor`).",
    finding="The floor rises at y = -3 and falls at y = 0. In between lies a second saddle, near (0.1005, -2.6445) and "
    "inside the plotted box.",
    related=("beale-critical-points", "beale-floor"),
    twins=(Twin("nor below y = -2", _no_summit, (*_one_side, _y2 < -2)),),
)

_BASINS = Prop(
    "beale-basins",
    "On the plotted box the gradient flow of Beale's function has four basins, two of which hold a minimum.",
)
BASINS = Claim(
    id="beale-basins",
    title="Four basins, two of them with a minimum",
    place=Place("4.1", "Beale's function"),
    says="The plane falls into four basins, of which the top left and the bottom right one contain a minimum.",
    statement=_BASINS,
    settles="saddlecheck check beale-basins --numeric",
    reading="Where the flow goes from the points of a grid on the box.",
    finding="There is one finite minimum (`beale-one-minimum`); elsewhere the flow has only the ends of the two "
    "valleys to go to (`beale-valleys`).",
    related=("beale-one-minimum", "beale-valleys"),
    twins=(Twin("the floor rises up to the minimum", SLOPE > 0, (y < _half,)),),
)


def _implies(condition: Expr, conclusion: Expr) -> Expr:
    return sp.Implies(condition, conclusion, evaluate=False)


_rise = sp.Derivative(_floor, y)
_signs = (2 * y - 1) * CUBIC
_shape, _shape_signs = (
    sp.And(
        _implies(CUBIC < 0, sign > 0),
        _implies(sp.And(CUBIC > 0, y < _half), sign < 0),
        _implies(y > _half, sign > 0),
        evaluate=False,
    )
    for sign in (_rise, _signs)
)
_on_line = _gy.subs(y, 1)
_line_det = BEALE.hessian.det().subs(y, 1)
_line = sp.And(
    sp.Eq(_on_line, sp.Rational(111, 4) * x), sp.Eq(_line_det, -sp.Rational(12321, 16), evaluate=False), evaluate=False
)
_one = sp.And(_shape, sp.Implies(sp.Eq(_on_line, 0), sp.And(sp.Eq(x, 0), _line_det < 0)), evaluate=False)
ONE_MINIMUM = Claim(
    id="beale-one-minimum",
    title="Beale's function has one finite minimum",
    place=Place("4.1", "Beale's function"),
    says="Up to the root of a cubic the floor rises, then it falls as far as y = 1/2, and then it rises for good; the "
    "one critical point on y = 1 has a negative Hessian determinant. So (3, 1/2) is the only minimum.",
    statement=_one,
    amends="beale-basins",
    steps=(
        Equal("rise", sp.Eq(_rise, _signs * _rest), "the floor's derivative, factored"),
        Entails("rest", _rest > 0, "no real roots"),
        Entails("signs", _shape_signs, "a root of the cubic is negative"),
        Entails("shape", _shape, "the positive factor has no say", uses=("rise", "rest", "signs")),
        Equal("line", _line, "on y = 1 the Hessian is 111/4 off the diagonal and 0 in the first place"),
        Entails("one", _one, "both parts", uses=("shape", "line")),
    ),
    reading="F as in `beale-floor`; that the cubic has one real root is part of `beale-critical-points`.",
    twins=(Twin("the floor falls for good after y = 1", SLOPE < 0, (y > 1,)),),
)

# The ends of the valleys: y -> 1 (where x runs off to infinity) and y -> -infinity, the latter with y = 1/u.
_u = real("u")
_far_floor = sp.expand(_u**4 * _above.subs(y, 1 / _u)) / sp.expand(_u**4 * _below.subs(y, 1 / _u))
_value_at_1, _value_far = sp.Rational(405, 896), sp.Rational(117, 16)
_sides = (y > 1, CUBIC < 0)
_outwards = [_implies(side, _rise > 0) for side in _sides]
_over = [_implies(y > 1, _floor - _value_at_1 > 0), _implies(CUBIC < 0, _floor - _value_far > 0)]
_limits = [
    sp.Eq(Coefficient(end, v, at, sp.S.Zero), value, evaluate=False)
    for end, v, at, value in (
        (_floor, y, sp.S.One, _value_at_1),
        ((y - 1) * BOTTOM, y, sp.S.One, -sp.Rational(111, 112)),
        (_far_floor, _u, sp.S.Zero, _value_far),
    )
]
_ends = sp.And(*_outwards, *_over, *_limits, evaluate=False)
_gaps = (683 * y**3 + 873 * y**2 + 651 * y - 61, 84 * y**3 + 211 * y**2 + 246 * y + 142)
_gap_signs = sp.And(_R > 0, _implies(y > 1, _gaps[0] > 0), _implies(CUBIC < 0, _gaps[1] < 0), evaluate=False)
_excess = sp.And(
    sp.Eq(_floor - _value_at_1, 9 * (y - 1) * _gaps[0] / (896 * _R)),
    sp.Eq(_floor - _value_far, -9 * _gaps[1] / (64 * _R)),
    evaluate=False,
)
VALLEYS = Claim(
    id="beale-valleys",
    title="Two valleys fall for ever, towards the values 405/896 and 117/16",
    place=BEYOND,
    says="On y > 1 and beyond the second saddle the floor falls outwards and stays above 405/896 and 117/16, which are "
    "its limits at the ends of the two valleys. In the first one x runs off like -111/(112 (y - 1)).",
    statement=_ends,
    steps=(
        Equal("limits", sp.And(*_limits, evaluate=False), "expand at y = 1 and, with y = 1/u, at u = 0"),
        Equal("rise", sp.Eq(_rise, _signs * _rest), "the floor's derivative, factored"),
        Entails("rest", _rest > 0, "no real roots"),
        Entails("signs", sp.And(*(_implies(side, _signs > 0) for side in _sides), evaluate=False), "a cubic"),
        Entails("outwards", sp.And(*_outwards, evaluate=False), "positive factors", uses=("rise", "rest", "signs")),
        Equal("excess", _excess, "over one denominator"),
        Entails("gaps", _gap_signs, "cubics"),
        Entails("over", sp.And(*_over, evaluate=False), "the numerators' signs", uses=("excess", "gaps")),
        Entails("ends", _ends, "the three parts", uses=("outwards", "over", "limits")),
    ),
    reading="F as in `beale-floor`. Which points of the plane the flow carries where is left to `beale-basins`.",
    finding="So f has no minimum on y > 1, nor below the second saddle.",
    related=("beale-basins",),
    twins=(
        Twin("the near end as low as the minimum", _floor - sp.Rational(1, 4) < 0, (y > 1,)),
        Twin("the two limits exchanged", _implies(y > 1, _floor - _value_far > 0)),
    ),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (SINGLE, BASINS, ONE_MINIMUM, BEALE_FLOOR, VALLEYS)
