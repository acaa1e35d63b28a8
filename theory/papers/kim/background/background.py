"""Section 2: the generalisation gap, the radius of SAM's perturbation, and the problem that a constant rho solves.

Key results: (3) has the wrong sign (gap-sign, gap-sign-reversed, gap-sign-absolute); the perturbation of (5) has the
length rho times the gradient's, which exceeds rho where the gradient exceeds 1 (radius, radius-small-gradient); only
the normalised one has the length rho (radius-normalised). A constant rho solves a penalised problem instead
(radius-inner-problem).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import at_least, below, equal, every, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.papers.kim.notation import moved, slope_squared
from saddlecheck.theory.symbols import real, rho

E1, E2 = real("E_1"), real("E_2")

# Two solutions that fit the training set equally well: their common training loss and their true losses.
train, true1, true2 = real("L_S"), real("L_D1"), real("L_D2")
_losses = (train >= 0, true1 >= 0, true2 >= 0)
_gap1, _gap2 = (train - true for true in (true1, true2))  # eq. (3)
# With the difference taken the other way: lower gap, lower loss; and the gap and the training loss add up.

GAP_SIGN = Claim(
    id="gap-sign",
    title="(3): a lower generalisation gap means a lower true loss",
    place=Place("2", "(3)"),
    voice="paper",
    provenance="seen",
    says="The gap is defined as training loss minus true loss; the lower it is, the better a model generalises.",
    statement=sp.Implies(_gap1 < _gap2, true1 < true2),
    display=Display(implies(below(E1, E2), true1 < true2), {E1: train - true1, E2: train - true2}),
    given=_losses,
    reading="Two weights with the same training loss, so that only the gap can tell them apart.",
    finding="The difference is the wrong way round: overfitting makes the true loss the larger one, the gap as defined "
    "is then negative, and the worse the overfitting the lower it is.",
    argument=(
        "Take two weights with the same training loss 0 and the true losses 1 and 0. By (3) their gaps are -1 and 0, "
        "so the first has the lower gap. Its true loss is the higher one. In general the common training loss cancels "
        "from the comparison of two gaps, and the inequality that is left between the true losses is reversed by the "
        "minus sign before L(w; D)."
    ),
    related=("gap-sign-reversed", "gap-sign-absolute"),
    twins=(
        Twin("for models that overfit at least", sp.Implies(_gap1 < _gap2, true1 < true2), (*_losses, true2 >= train)),
        Twin("low read as small in size", sp.Implies(sp.Abs(_gap1) < sp.Abs(_gap2), true1 < true2)),
    ),
)
GAP_REVERSED = Claim(
    id="gap-sign-reversed",
    title="With the sign of (3) reversed, a lower gap means a lower true loss",
    place=Place("2", "(3)"),
    voice="ours",
    says="With the difference taken the other way, a lower gap means a lower true loss, and the gap and the training "
    "loss add up to the true loss.",
    statement=every(implies(-_gap1 < -_gap2, true1 < true2), equal(sp.Add(train, -_gap1, evaluate=False), true1)),
    given=_losses,
    amends="gap-sign",
    steps=(
        Entails("lower gap, lower loss", STATEMENT, "the common training loss cancels"),
    ),
    finding="Minimising both terms is then minimising their sum, the true loss. With the printed sign the sum is twice "
    "the training loss minus the true one, which falls as the model generalises worse.",
    argument=(
        "Write the gap as the true loss minus the training loss. Two weights with the same training loss then compare "
        "by their gaps as by their true losses, because the same number is subtracted from both. Adding the training "
        "loss to the gap gives the true loss back. Minimising the training loss and the gap together is therefore "
        "minimising the true loss."
    ),
)  # fmt: skip
GAP_ABSOLUTE = Claim(
    id="gap-sign-absolute",
    title="Among models that overfit, a gap (3) of smaller size means a lower true loss",
    place=Place("2", "(3)"),
    voice="ours",
    says="For models that overfit, a gap of smaller size means a lower true loss.",
    statement=sp.Implies(sp.Abs(_gap1) < sp.Abs(_gap2), true1 < true2),
    given=(*_losses, true1 >= train, true2 >= train),
    amends="gap-sign",
    steps=(Entails("sizes", STATEMENT, "both differences have the same sign"),),
    reading="The other way of reading the printed definition: low means close to zero.",
    argument=(
        "If both true losses are at least the training loss, then both differences of (3) are at most 0, and their "
        "sizes are the true loss minus the training loss. The common training loss cancels from the comparison of the "
        "two sizes. What is left is the comparison of the true losses, in the direction that was claimed."
    ),
    twins=(Twin("without the condition", sp.Implies(sp.Abs(_gap1) < sp.Abs(_gap2), true1 < true2), _losses),),
)

# A gradient and a perturbation of it in three coordinates; nothing depends on the number.
_g = sp.Matrix(sp.symbols("g1:4", real=True))
_e = sp.Matrix(sp.symbols("e1:4", real=True))
_step = rho * _g  # eq. (5): w^p - w

RADIUS = Claim(
    id="radius",
    title="(5): the perturbed weight stays within the radius rho",
    place=Place("2", "(5)"),
    voice="paper",
    provenance="seen",
    says="Moving from w by rho times the gradient reaches a point of the neighbourhood of w whose radius is rho.",
    statement=_step.dot(_step) <= rho**2,
    display=Display(sp.Le(moved, rho**2), {moved: rho**2 * slope_squared, slope_squared: _g.dot(_g)}),
    given=(rho > 0,),
    reading="Squares of both lengths, in three coordinates.",
    finding="The distance is rho times the gradient's length. It exceeds rho wherever that length exceeds 1, and at a "
    "critical point it is 0: rho is a radius per unit of gradient.",
    argument=(
        "By (5) the perturbed weight differs from w by rho times the gradient, so its squared distance from w is "
        "rho^2 |g|^2. At rho = 1 and a gradient of length 2 this is 4, which exceeds rho^2 = 1. The distance is at "
        "most rho exactly where the gradient has length at most 1. At a critical point it is 0, whatever rho is."
    ),
    related=("radius-small-gradient", "radius-normalised", "radius-inner-problem"),
    twins=(Twin("half the distance", _step.dot(_step) <= 4 * rho**2),),
)
RADIUS_SMALL = Claim(
    id="radius-small-gradient",
    title="The perturbed weight stays within rho where the gradient is at most 1",
    says="The perturbation is no longer than rho as long as the gradient is no longer than 1.",
    argument=(
        "The squared distance between w^p and w is rho^2 |g|^2, since rho is a common factor of the three "
        "coordinates. The condition |g|^2 <= 1, multiplied by rho^2 >= 0, says that this is at most rho^2. The "
        "condition is also necessary for every rho > 0."
    ),
    **under(RADIUS, _g.dot(_g) <= 1),
    steps=(
        Equal("length", sp.Eq(_step.dot(_step), rho**2 * _g.dot(_g)), "rho is a common factor"),
        Entails("inside", STATEMENT, "multiply the condition by rho^2", uses=("length",)),
    ),
    twins=(Twin("gradients of length up to 2", STATEMENT, (rho > 0, _g.dot(_g) <= 4)),),
)
_unit = rho * _g / sp.sqrt(_g.dot(_g))
RADIUS_NORMALISED = Claim(
    id="radius-normalised",
    title="The normalised perturbation has length rho exactly",
    place=Place("2", "after (6)"),
    voice="ours",
    says="Dividing rho by the gradient's length puts the perturbed weight on the sphere of radius rho around w.",
    statement=sp.Eq(_unit.dot(_unit), rho**2),
    given=(_g.dot(_g) > 0, rho > 0),
    amends="radius",
    steps=(
        Equal("on the sphere", STATEMENT, "|g|^2 in the numerator cancels the square of |g| in the denominator"),
    ),
    finding="This is the algorithm for which rho is a radius. Close to a critical point it moves as far as anywhere "
    "else, and at the point itself it is not defined.",
    argument=(
        "The displacement is rho g/|g|, which is defined because |g|^2 > 0. Its squared length is rho^2 (g.g)/|g|^2, "
        "and g.g = |g|^2 cancels. So w^p lies on the sphere of radius rho around w, never inside it."
    ),
    twins=(
        Twin("the length instead of its square", sp.Eq(_unit.dot(_unit), rho)),
        Twin("constant for normalised rho", sp.Eq(_step.dot(_step), rho**2)),
    ),
)  # fmt: skip
# The penalised objective times 2 rho > 0, which moves no maximiser and leaves no denominator.
_penalised = sp.expand(2 * rho * (_g.dot(_e) - _e.dot(_e) / (2 * rho)))
_displaced = dict(zip(_e, _step, strict=True))
_distance2 = sum(((e - s) ** 2 for e, s in _displaced.items()), sp.S.Zero)

RADIUS_INNER = Claim(
    id="radius-inner-problem",
    title="rho times the gradient maximises the linearised loss minus |e|^2/(2 rho)",
    place=Place("2", "(5)"),
    voice="ours",
    says="A constant rho solves a penalised inner problem instead of one on a ball: among all displacements e, rho "
    "times the gradient, and no other, makes the linearised loss less e's squared length over 2 rho largest.",
    statement=every(
        _penalised <= _penalised.subs(_displaced),
        sp.Implies(sp.Or(*(sp.Ne(e, s) for e, s in _displaced.items())), _penalised < _penalised.subs(_displaced)),
    ),
    given=(rho > 0,),
    steps=(
        Equal("square", sp.Eq(_penalised.subs(_displaced) - _penalised, _distance2),
              "complete the square: what e loses is its squared distance from rho g"),
        Entails("distance",
                every(at_least(_distance2),
                      implies(sp.Or(*(sp.Ne(e, s) for e, s in _displaced.items())), _distance2 > 0)),
                "a sum of squares vanishes only where every term does"),
        Entails("largest", STATEMENT, "so e = rho g alone loses nothing", uses=("square", "distance")),
    ),
    reading="The objective is multiplied by 2 rho, in three coordinates.",
    finding="The ball on which the same step maximises the linearised loss has the radius rho |g|: it grows with the "
    "gradient and shrinks to a point at a critical point.",
    argument=(
        "Multiply the penalised objective g.e - |e|^2/(2 rho) by 2 rho > 0, which moves no maximiser: it becomes 2 "
        "rho g.e - |e|^2. Completing the square, its value at e = rho g exceeds its value at any e by |e - rho g|^2. "
        "This is a sum of squares, so it is at least 0, and it is 0 only where every coordinate of e - rho g is. "
        "Hence e = rho g, and no other displacement, is the maximiser."
    ),
    related=("radius",),
    twins=(
        Twin("a penalty half as strong", _penalised + _e.dot(_e) / 2 <= (_penalised + _e.dot(_e) / 2).subs(_displaced)),
        Twin("a step twice as long", _penalised <= _penalised.subs({e: 2 * s for e, s in _displaced.items()})),
    ),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (
    GAP_SIGN,
    GAP_REVERSED,
    GAP_ABSOLUTE,
    RADIUS,
    RADIUS_SMALL,
    RADIUS_NORMALISED,
    RADIUS_INNER,
)
