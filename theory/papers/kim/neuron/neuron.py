"""Section 4.3, the toy neuron: its landscape, and what its line w1 = 0 is.

Key results: minima and critical points as printed; with the squared error itself, not half of it (toy-scale). The
points w1 = 0, w2 > 0 have one negative eigenvalue, yet they are weak local maxima; only the origin has higher and
lower points next to it (toy-line). What SAM and its theorems make of the line is in `neuron_theorems`.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import either, equal, every, iff, implies
from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.kim.neuron.neuron_model import LOSS, f
from saddlecheck.theory.papers.kim.notation import entries, h11, h12, h22, hessian, loss, near
from saddlecheck.theory.symbols import real, w1, w2

_LOW, _HIGH = sp.Rational(9, 4), sp.Rational(5, 2)
_CURVE = equal(2 * w2 * w1**2, 1)
c = real("c")


def _slopes() -> tuple[sp.Derivative, sp.Derivative]:
    return sp.Derivative(LOSS, w1), sp.Derivative(LOSS, w2)


MINIMA = Claim(
    id="toy-minima",
    title="Section 4.3: the toy neuron's loss is least, 2.25, on a curve, and 2.50 on the line w1 = 0",
    place=Place("4.3", "toy neuron"),
    voice="paper",
    provenance="seen",
    says=("The least loss is 2.25, taken on the curve w1^2 = 1/(2 w2); on the line w1 = 0, w2 >= 0 the loss is 2.50."),
    reading="The printed curve is read as w1^2 = 1/(2 w2). That nothing else is critical is our addition.",
    statement=every(
        sp.Ge(LOSS, _LOW),
        iff(equal(LOSS, _LOW), _CURVE),
        implies(equal(w1, 0), equal(LOSS, _HIGH)),
        iff(every(*(equal(slope, sp.S.Zero) for slope in _slopes())), sp.Or(equal(w1, 0), _CURVE)),
    ),
    display=Display(
        (
            sp.Ge(loss(w1, w2), sp.Rational(9, 4)),
            iff(equal(loss(w1, w2), sp.Rational(9, 4)), equal(2 * w2 * w1**2, 1)),
            implies(equal(w1, 0), equal(loss(w1, w2), sp.Rational(5, 2))),
            iff(
                every(equal(sp.Derivative(loss(w1, w2), w1), 0), equal(sp.Derivative(loss(w1, w2), w2), 0)),
                sp.Or(equal(w1, 0), equal(2 * w2 * w1**2, 1)),
            ),
        ),
        {loss(w1, w2): ((w2 * w1**2 + 1) ** 2 + (w2 * w1**2 - 2) ** 2) / 2},
    ),
    steps=(
        Equal("square", equal(LOSS - _LOW, (f - sp.Rational(1, 2)) ** 2), "complete the square in f = w2 w1^2"),
        Equal(
            "gradient",
            every(
                *(equal(s, g) for s, g in zip(_slopes(), (2 * w1 * w2 * (2 * f - 1), w1**2 * (2 * f - 1)), strict=True))
            ),
        ),
        Entails("landscape", STATEMENT, "a square is least where it is 0, and a product is 0 where a factor is",
                uses=("square", "gradient")),
    ),
    finding="As printed. Both sets are curves, not points: no critical point of this loss is isolated.",
    argument=(
        "Write f = w2 w1^2. The loss is the mean of (f + 1)^2 and (f - 2)^2, which is (f - 1/2)^2 + 9/4. It is least, "
        "9/4, exactly where f = 1/2, that is 2 w2 w1^2 = 1, and on w1 = 0 it is 1/4 + 9/4 = 5/2. The gradient is (2 "
        "w1 w2 (2f - 1), w1^2 (2f - 1)). Its second entry vanishes only for w1 = 0 or f = 1/2, and there the first "
        "one vanishes as well."
    ),
    twins=(
        Twin("the curve read as w1^2 = w2/2", implies(equal(2 * w1**2, w2), equal(LOSS, _LOW))),
        Twin("half the squared error", implies(_CURVE, equal(LOSS / 2, _LOW))),
        Twin("the line forgotten", implies(equal(w1**2 * (2 * f - 1), 0), _CURVE)),
    ),
)  # fmt: skip

SCALE = Claim(
    id="toy-scale",
    title="The printed values fix the toy neuron's loss: the squared error, not half of it",
    place=Place("4.3", "toy neuron"),
    voice="ours",
    says="A multiple of the squared error has its least value at 2.25 only if the multiple is 1.",
    statement=implies(_CURVE, iff(equal(c * LOSS, _LOW), equal(c, 1))),
    steps=(Entails("scale", STATEMENT, "the least squared error is 2.25 already"),),
    finding=(
        "Rates and thresholds below are for that scale; half of it would halve every curvature and double every radius."
    ),
    argument=(
        "The least value of the squared error's mean is 9/4, taken on the curve 2 w2 w1^2 = 1. A multiple c of it "
        "takes 9 c/4 there. This is 9/4 only for c = 1, so the printed value 2.25 excludes half of the squared error."
    ),
    twins=(Twin("one half allowed", implies(_CURVE, equal(sp.Rational(1, 2) * LOSS, _LOW))),),
)

# The Hessian at (0, w2), from Taylor coefficients in w1.
_H11 = 2 * Coefficient(LOSS, w1, sp.S.Zero, sp.Integer(2))
_H12 = Coefficient(sp.diff(LOSS, w2), w1, sp.S.Zero, sp.Integer(1))
_H22 = Coefficient(sp.diff(LOSS, w2, 2), w1, sp.S.Zero, sp.Integer(0))
_NEGATIVE = either(sp.Lt(_H11 + _H22, 0), sp.Lt(_H11 * _H22 - _H12**2, 0))

INDEX = Claim(
    id="toy-saddles-index",
    title="Off the origin the toy neuron's Hessian on the line has exactly one negative eigenvalue",
    place=Place("4.3", "toy neuron"),
    voice="reading",
    provenance="seen",
    says="In the sense of Section 4.1 the points of the line with w2 > 0 are index-one saddles: the Hessian has the "
    "eigenvalues -2 w2 and 0.",
    reading="The Hessian is diagonal with these entries; a negative trace is what Section 4.1 asks of a saddle.",
    argument=(
        "At (0, w2) the second derivatives of the loss are 12 w2^2 w1^2 - 2 w2 = -2 w2, 8 w2 w1^3 - 2 w1 = 0 and 2 "
        "w1^4 = 0. The Hessian is diag(-2 w2, 0). For w2 > 0 exactly one eigenvalue is negative, which is what the "
        "definition before (8) asks of an index-one saddle. The definition says nothing of the zero eigenvalue, along "
        "which the points of the line have equal height."
    ),
    display=Display(
        (equal(hessian, entries([-2 * w2, 0], [0, 0])), either(h11 + h22 < 0, h11 * h22 - h12**2 < 0)),
        {
            hessian: entries([h11, h12], [h12, h22]),
            h11: value(12 * w2**2 * w1**2 - 2 * w2, w1, 0),
            h12: value(8 * w2 * w1**3 - 2 * w1, w1, 0),
            h22: value(2 * w1**4, w1, 0),
        },
    ),
    given=(w2 > 0,),
    **conjunction(
        "both",
        Equal(
            "hessian", every(equal(_H11, -2 * w2), equal(_H12, 0), equal(_H22, 0)), "expand the loss around the line"
        ),
        Entails("negative", _NEGATIVE, "its trace is -2 w2", uses=("hessian",)),
        of=("hessian", "negative"),
    ),
    twins=(Twin("below the origin as well", _NEGATIVE, (w2 < 0,)),),
)

r = real("r")  # half the width of a box around (0, c)


def _excess(at_w1: sp.Expr, at_w2: sp.Expr) -> sp.Expr:
    """The loss above the line's."""
    return (LOSS - _HIGH).subs({w1: at_w1, w2: at_w2}, simultaneous=True)


_corners = (_excess(r, c - r), _excess(r, c + r))
_nearby = r / ((1 + r) * (1 + c + r))  # in the box, and so small that 0 < f < 1 there
_lowest, _highest = (c - r) * r**2, (c + r) * r**2  # f at the two corners

CORNERS = Claim(
    id="toy-corners",
    title="In a box around a point of the line the toy neuron's loss is highest at a corner or on the line",
    place=Place("4.3", "toy neuron"),
    voice="ours",
    says="No point of a box |w1| <= r, |w2 - c| <= r lies higher than its two right corners and the line.",
    statement=sp.Or(*(sp.Le(LOSS - _HIGH, bound) for bound in (*_corners, sp.S.Zero))),
    given=(r > 0, sp.Ge(w1, -r), sp.Le(w1, r), sp.Ge(w2, c - r), sp.Le(w2, c + r)),
    steps=(
        Entails("square", sp.Le(w1**2, r**2)),
        Entails("top", implies(f > 0, sp.Le(f, _highest)), "f is largest at a corner, or 0", uses=("square",)),
        Entails("bottom", implies(f < 0, sp.Ge(f, _lowest)), "and smallest at the other, or 0", uses=("square",)),
        Equal("chords", every(
            equal(LOSS - _HIGH, f * (f - 1)),
            equal(_corners[0] - (LOSS - _HIGH), (_lowest - f) * (_lowest + f - 1)),
            equal(_corners[1] - (LOSS - _HIGH), (_highest - f) * (_highest + f - 1)),
        ), "the loss is a quadratic function of f alone"),
        Entails("right", implies(f > 1, sp.Ge((_highest - f) * (_highest + f - 1), 0)), "which increases beyond 1",
                uses=("top",)),
        Entails("left", implies(f < 0, sp.Ge((_lowest - f) * (_lowest + f - 1), 0)),
                "f (f - 1) decreases for f < 0, and f is at least its value at the corner", uses=("bottom",)),
        Entails("middle", implies(every(f >= 0, f <= 1), sp.Le(f * (f - 1), 0)), "and is negative between"),
        Entails("highest", STATEMENT, "f > 1, f < 0, or 0 <= f <= 1", uses=("chords", "right", "left", "middle")),
    ),
    finding="It lets a formula without quantifiers say that there are higher points in every neighbourhood.",
    twins=(Twin("the corners alone", sp.Or(*(sp.Le(LOSS - _HIGH, bound) for bound in _corners))),),
)  # fmt: skip
SADDLES = Claim(
    id="toy-saddles",
    title="Section 4.3: every point of the toy neuron's line w1 = 0, w2 >= 0 is a saddle",
    place=Place("4.3", "toy neuron"),
    voice="paper",
    provenance="seen",
    says="All points of the half-line w1 = 0, w2 >= 0 are saddle points.",
    reading=(
        "Saddles in the ordinary sense, neither local maxima nor local minima: in each box of half-width r around "
        "(0, c), a corner is higher (by toy-corners no other point is, if none is) and some point is lower."
    ),
    statement=every(sp.Or(*(sp.Gt(corner, 0) for corner in _corners)), sp.Lt(_excess(_nearby, c + r / 2), 0)),
    display=Display(
        (
            sp.Or(loss(r, c - r) > sp.Rational(5, 2), loss(r, c + r) > sp.Rational(5, 2)),
            loss(near, c + r / 2) < sp.Rational(5, 2),
        ),
        {near: r / ((1 + r) * (1 + c + r)), loss(w1, w2): ((w2 * w1**2 + 1) ** 2 + (w2 * w1**2 - 2) ** 2) / 2},
    ),
    given=(c >= 0, r > 0),
    rests=("toy-corners",),
    finding=(
        "For c > 0 no higher point is near: such a point is a weak local maximum, with equal height only along the "
        "line (toy-line). The origin alone is a saddle (toy-saddles-origin). The definition of Section 4.1, a negative "
        "eigenvalue, is met off the origin only because it lets maxima in (toy-saddles-index)."
    ),
    argument=(
        "The loss is 5/2 + f (f - 1) with f = w2 w1^2, so it exceeds the line's value 5/2 only for f < 0 or f > 1. "
        "Take the point (0, 1) and the box of half-width 1/2 around it. Its corners have f = 3/8 and f = 1/8, and "
        "both lie lower than the line. By toy-corners no point of the box is higher than the corners and the line. So "
        "(0, 1) is a weak local maximum and no saddle in the ordinary sense."
    ),
    twins=(Twin("local minima", sp.Ge(_excess(_nearby, c + r / 2), 0)),),
    related=("toy-saddles-index", "toy-saddles-origin", "toy-line"),
)
ORIGIN = Claim(
    id="toy-saddles-origin",
    title="The origin is the only point of the line with higher and lower neighbours",
    place=Place("4.3", "toy neuron"),
    voice="ours",
    says="At the origin there are higher and lower points in every neighbourhood.",
    argument=(
        "In the box of half-width r around the origin take the corner (r, -r). There f = -r^3 < 0, so the loss 5/2 + "
        "f (f - 1) exceeds 5/2. At the point with w2 = r/2 and w1 = r/((1 + r)(1 + r)), which lies in the box, 0 < f "
        "< 1 and the loss is below 5/2. So every neighbourhood of the origin has higher and lower points."
    ),
    statement=SADDLES.statement,
    display=SADDLES.display,
    given=(c >= 0, c <= 0, r > 0),
    rests=("toy-corners",),
    steps=(Entails("around", STATEMENT, "f takes both signs next to the origin"),),
)

LINE = Claim(
    id="toy-line",
    title="The toy neuron's line: weak maxima above the origin, weak minima below",
    place=Place("4.3", "toy neuron"),
    voice="ours",
    says="Off the line the loss is lower than 2.50 where w2 > 0 and 0 < w2 w1^2 < 1, and higher wherever w2 < 0.",
    reading=(
        "Both regions are neighbourhoods of the half-lines that they border, so this classifies every point but the"
        " origin."
    ),
    statement=every(
        implies(every(w2 > 0, sp.Ne(w1, 0), f < 1), LOSS < _HIGH), implies(every(w2 < 0, sp.Ne(w1, 0)), LOSS > _HIGH)
    ),
    related=("toy-saddles",),
    steps=(
        Equal("excess", equal(LOSS - _HIGH, f * (f - 1)), "subtract the line's loss"),
        Entails("line", STATEMENT, "the sign of f (f - 1)", uses=("excess",)),
    ),
    finding=(
        "Below the origin the line is a set of weak local minima at 2.50: plain gradient descent is trapped there, "
        "without any radius."
    ),
    argument=(
        "The loss less its value on the line is f (f - 1) with f = w2 w1^2. For w2 > 0 and w1 other than 0 it is f > "
        "0, so this is negative as long as f < 1. For w2 < 0 and w1 other than 0 it is f < 0, so it is positive. Each "
        "half-line has a neighbourhood in which one of the two holds."
    ),
    twins=(Twin("minima above the origin", implies(every(w2 > 0, sp.Ne(w1, 0), f < 1), LOSS > _HIGH)),),
)

CLAIMS: tuple[Claim, ...] = (MINIMA, SCALE, SADDLES, INDEX, ORIGIN, LINE, CORNERS)
