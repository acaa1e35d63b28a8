"""Section 4.1, Case III (i), (ii): what happens after the perturbed weight has crossed to the other basin.

The model is an unstable direction of a quadratic loss, lam < 0, with the critical point at 0. A step with a constant
rho multiplies w by q = 1 - eta a, a = lam (1 + rho lam), so everything follows from eta a; w crosses if a > 0.

Key results
- The gradient oscillates for eta a > 1 only (case-3-oscillation, case-3-every-step); below that each step stays on its
  side (case-3-one-sided), and (i) is followed by (i), not by (ii) (case-3-i-to-ii, case-3-no-change, case-3-regimes).
- The cosine of the two gradients stays negative once it is (case-3-cosine-settles).
- What the paper describes is SAM with a normalised rho (case-3-normalised).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, between, equal, every, exactly, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import gradient, point, quadratic
from saddlecheck.theory.papers.kim.notation import after, second_after, slope_after, slope_raised
from saddlecheck.theory.papers.standard import SAM, SAM_NORMALISED, line
from saddlecheck.theory.symbols import Expr, a, eta, lam, mu, real, rho, w

_perturbed = (point(line) + rho * gradient(line))[0]
_after = SAM.update(line)[0]


def _then(expr: Expr) -> Expr:
    """An expression in w, one step later."""
    return expr.subs(w, _after)


_first, _second = w * _after > 0, w * _after < 0  # the sub-cases (i) and (ii)
_descent = SAM.direction(line)[0]
_factor = Equal("factor", sp.Eq(_after, (1 - eta * SAM.rate()) * w), "the step is linear in w")

OSCILLATION = Claim(
    id="case-3-oscillation",
    title="Case III: once the perturbed weight crosses, the gradient oscillates",
    place=Place("4.1", "Case III (i), (ii)"),
    voice="paper",
    provenance="seen",
    says="When the perturbed weight lies in the other basin, the gradient that SAM follows changes direction from step "
    "to step.",
    statement=_descent * _then(_descent) < 0,
    display=Display(
        below(slope_raised * slope_after),
        {slope_raised: a * w, slope_after: a * after, after: w - eta * a * w, a: lam * (1 + rho * lam)},
    ),
    given=(lam < 0, rho > 0, eta > 0, w * _perturbed < 0),
    reading="Two successive gradients of SAM along the unstable direction have opposite signs.",
    finding="Only for eta a > 1. For small learning rates SAM slides to the saddle from one side, its gradient "
    "having the same sign at every step: trapped, and not oscillating.",
    argument=(
        "Along the unstable direction SAM's gradient is a w with a = lambda (1 + rho lambda), which is positive once "
        "the perturbed weight crosses. One step multiplies w by 1 - eta a, so two successive gradients have the "
        "product (1 - eta a) (a w)^2. At lambda = -1, rho = 2 and eta = 1 it is 0, and for any smaller eta it is "
        "positive. The gradient then never changes its direction: the weight slides to the saddle from one side. The "
        "product is negative exactly for eta a > 1."
    ),
    related=("case-3-every-step", "case-3-one-sided", "case-3-i-to-ii", "case-3-regimes", "case-3-normalised"),
    twins=(Twin("the weights alternate", _second),),
)
EVERY_STEP = Claim(
    id="case-3-every-step",
    title="SAM's gradient oscillates at every step if eta a > 1",
    says="With eta a > 1 the weight changes sides, and the gradient its direction, at every step.",
    **under(OSCILLATION, eta * SAM.rate() > 1),
    steps=(
        Equal(
            "product",
            sp.Eq(_descent * _then(_descent), (1 - eta * SAM.rate()) * (SAM.rate() * w) ** 2),
            "both gradients are a times the weight",
        ),
        Entails("turns", STATEMENT, "1 - eta a is negative", uses=("product",)),
    ),
    finding="This asks for a learning rate above half the edge of stability, 2/a.",
    argument=(
        "SAM's gradient is a w with a = lambda (1 + rho lambda), and one step multiplies w by 1 - eta a. Two "
        "successive gradients therefore have the product (1 - eta a) (a w)^2. By the condition eta a > 1 the first "
        "factor is negative. The perturbed weight crosses, so neither w nor a is 0 and the square is positive. The "
        "product is negative, at this step and, since the next weight is of the same kind, at every one."
    ),
    twins=(Twin("already above half of that", STATEMENT, (*OSCILLATION.given, 2 * eta * SAM.rate() > 1)),),
)
ONE_SIDED = Claim(
    id="case-3-one-sided",
    title="For eta a < 1 every step stays on its side: sub-case (i) of Case III never ends",
    place=Place("4.1", "Case III (i), (ii)"),
    voice="ours",
    says="With eta a < 1 every step stays on its side, comes closer to the saddle, and crosses again.",
    given=(*OSCILLATION.given, eta * SAM.rate() < 1),
    amends="case-3-oscillation",
    **conjunction(
        "slides",
        _factor,
        Equal(
            "perturbed", sp.Eq(w * _perturbed, (1 + rho * lam) * w**2), "by (5) the perturbed weight is (1 + rho lam) w"
        ),
        Entails("crosses", sp.And(1 + rho * lam < 0, sp.Ne(w, 0)), "a square is not negative", uses=("perturbed",)),
        Entails(
            "rate", sp.And(SAM.rate() > 0, eta * SAM.rate() > 0), "a product of two negative numbers", uses=("crosses",)
        ),
        Entails("same side", _first, "0 < 1 - eta a", uses=("factor", "crosses")),
        Entails("closer", sp.Abs(_after) < sp.Abs(w), "1 - eta a < 1", uses=("factor", "crosses", "rate")),
        Equal("next", sp.Eq(_then(w * _perturbed), (1 + rho * lam) * _after**2), "eq. (5) at the next weight"),
        Entails("again", _then(w * _perturbed) < 0, "the next weight is not 0", uses=("next", "crosses", "same side")),
        of=("same side", "closer", "again"),
    ),
    reading="One step from any w; as it leads to a point of the same kind, the statement holds for all steps.",
    finding="The passage from (i) to (ii) that the paper announces never happens: a linear map repeats itself.",
    argument=(
        "The perturbed weight is (1 + rho lambda) w, and since it crosses, 1 + rho lambda < 0 and w is not 0. So a = "
        "lambda (1 + rho lambda) is a product of two negative numbers, and with eta a < 1 the factor q = 1 - eta a "
        "lies between 0 and 1. The step leads to q w, which is on the same side and closer to the saddle. There the "
        "perturbed weight is (1 + rho lambda) q w, which crosses again. By induction all later steps are of this "
        "kind."
    ),
    twins=(Twin("up to the edge of stability", STATEMENT, (*OSCILLATION.given, eta * SAM.rate() < 2)),),
)
I_TO_II = Claim(
    id="case-3-i-to-ii",
    title="Case III: sub-case (i) leads to sub-case (ii)",
    place=Place("4.1", "Case III (i), (ii)"),
    voice="paper",
    provenance="seen",
    says="A step that stays in the first basin is followed by one that changes to the second.",
    statement=sp.Implies(_first, _then(_second)),
    display=Display(
        implies(above(w * after), below(after * second_after)),
        {second_after: after - eta * a * after, after: w - eta * a * w, a: lam * (1 + rho * lam)},
    ),
    given=OSCILLATION.given,
    finding="With a constant rho the factor 1 - eta a is the same at each step: (i) is followed by (i), (ii) by (ii).",
    argument=(
        "With a constant rho each step multiplies the weight by the same number q = 1 - eta a, where a = lambda (1 + "
        "rho lambda). At lambda = -1, rho = 2 and eta = 1/2 it is a = 1 and q = 1/2. From w = 1 the next two weights "
        "are 1/2 and 1/4: the first step stays in the basin, and so does the second. A step of sub-case (i) has q > "
        "0, so it can only be followed by another one."
    ),
    related=("case-3-one-sided", "case-3-normalised"),
    twins=(Twin("(ii) leads to (i)", sp.Implies(_second, _then(_first))),),
)
SAME = Claim(
    id="case-3-no-change",
    title="With a constant rho sub-case (i) is followed by sub-case (i)",
    place=Place("4.1", "Case III (i), (ii)"),
    voice="ours",
    says="A step that stays on its side is followed by another one that does.",
    argument=(
        "One step multiplies the weight by q = 1 - eta a, so w w' = q w^2. If this is positive, then q > 0 and w is "
        "not 0, hence w' = q w is not 0 either. The next step has the same factor, and w' w'' = q w'^2 > 0. So a step "
        "of sub-case (i) is followed by a step of sub-case (i)."
    ),
    statement=sp.Implies(_first, _then(_first)),
    display=Display(
        implies(above(w * after), above(after * second_after)),
        {second_after: after - eta * a * after, after: w - eta * a * w, a: lam * (1 + rho * lam)},
    ),
    given=OSCILLATION.given,
    amends="case-3-i-to-ii",
    steps=(
        _factor,
        Equal("next", sp.Eq(_then(w * _after), (1 - eta * SAM.rate()) * _after**2), "the same factor at the next step"),
        Entails("positive", sp.Implies(_first, sp.And(1 - eta * SAM.rate() > 0, sp.Ne(_after, 0))),
                "w w' = (1 - eta a) w^2 > 0 and w^2 >= 0", uses=("factor",)),
        Entails("again", STATEMENT, "a square is positive", uses=("next", "positive")),
    ),
)  # fmt: skip
drift = real("a")
REGIMES = Claim(
    id="case-3-regimes",
    title="The linear map: one-sided below 1, alternating above, a cycle at 2, divergent beyond",
    place=BEYOND,
    voice="ours",
    says="The weight changes sides if and only if eta a > 1, comes closer if and only if 0 < eta a < 2, goes away "
    "if and only if eta a is negative or above 2, and jumps to its mirror image if and only if eta a = 2.",
    given=(sp.Ne(w, 0),),
    **conjunction(
        "regimes",
        Entails("switches", exactly(w * ((1 - eta * drift) * w) < 0, eta * drift > 1),
                "the factor 1 - eta a is negative"),
        Entails("closer", exactly(((1 - eta * drift) * w) ** 2 < w**2, between(eta * drift, 0, 2)),
                "its square is below 1"),
        Entails("farther", exactly(((1 - eta * drift) * w) ** 2 > w**2, sp.Or(eta * drift < 0, eta * drift > 2)),
                "its square is above 1"),
        Entails("mirrors", exactly(sp.Eq((1 - eta * drift) * w, -w), sp.Eq(eta * drift, 2)),
                "the factor 1 - eta a is -1, as w is not 0"),
    ),
    reading="Squares of the distances.",
    related=("case-3-oscillation",),
    twins=(Twin("eta/2 for eta", sp.Equivalent(w * ((1 - eta * drift) * w) < 0, eta * drift > 2)),),
)  # fmt: skip

# On the plane, with the eigenvalues lam > 0 and -mu: u and v are the squares of the gradient's two components.
u, v = real("u"), real("v")
_stable, _unstable = 1 + rho * lam, 1 - rho * mu  # gradient at w^p over gradient at w, component by component
_q1, _q2 = (1 - eta * SAM.rate(curvature) for curvature in (lam, -mu))
_inner = _stable * u + _unstable * v  # the cosine's numerator
_inner_next = _stable * _q1**2 * u + _unstable * _q2**2 * v
_trap = (lam > 0, mu > 0, rho * mu > 1, eta > 0, u >= 0, v >= 0)
COSINE = Claim(
    id="case-3-cosine-settles",
    title="With a constant rho the cosine of the two gradients, once negative, stays negative",
    place=BEYOND,
    voice="ours",
    says="At a trapping saddle whose unstable direction is the slower one, a cosine between the gradients at w and at "
    "w^p that is negative stays so, and its distance from -1 shrinks with u/v.",
    given=(*_trap, eta * SAM.rate(lam) <= 1, SAM.rate(-mu) < SAM.rate(lam)),
    **conjunction(
        "settles",
        Entails("slower", sp.And(_q1 >= 0, _q1 < _q2), "the faster direction shrinks more"),
        Entails("squares", _q1**2 < _q2**2, "both are not negative", uses=("slower",)),
        Entails("signs", sp.And(_stable > 0, _unstable < 0), "the unstable component is turned round"),
        Equal("split", sp.Eq(_inner_next, _q1**2 * _inner + _unstable * v * (_q2**2 - _q1**2)),
              "add and subtract q1^2 times the second term"),
        Entails("against", sp.Implies(_inner < 0, _unstable * v < 0), "u is not negative", uses=("signs",)),
        Entails("stays", implies(_inner < 0, _inner_next < 0), "the second term is negative",
                uses=("split", "against", "squares")),
        Equal("defect",
              sp.Eq(((u + v) * (_stable**2 * u + _unstable**2 * v)) - _inner**2, u * v * (_stable - _unstable) ** 2),
              "Lagrange's identity for two vectors in the plane"),
        of=("stays", "defect"),
    ),
    reading="1 - cos^2 is the defect over the product of lengths, at most (u/v) times a constant; u/v falls by the "
    "factor (q1/q2)^2 < 1 a step.",
    finding="So a cosine that swings to the end is no sign of a constant rho; a normalised one is needed.",
    related=("case-3-oscillation", "beale-cosine"),
    twins=(
        Twin("up to the edge of stability", implies(_inner < 0, _inner_next < 0), (*_trap, eta * SAM.rate(lam) <= 2)),
    ),
)  # fmt: skip

_jump = SAM_NORMALISED.update(quadratic(-mu))[0]
NORMALISED = Claim(
    id="case-3-normalised",
    title="With a normalised rho sub-case (i) ends in (ii), and (ii) keeps the weight within eta mu rho",
    place=Place("4.1", "Case III (i), (ii)"),
    voice="ours",
    says="Within rho of a saddle's stable manifold, steps on one side multiply the distance left to rho by 1 + eta mu, "
    "so that only finitely many follow each other; the step that changes sides lands closer than eta mu rho.",
    statement=every(
        implies(_jump < 0, -_jump < eta * mu * rho),
        implies(_jump > 0, equal(rho - _jump, (1 + eta * mu) * (rho - w))),
        equal(_jump.subs(w, -w), -_jump),
    ),
    given=(mu > 0, rho > 0, eta > 0, w > 0, w < rho),
    steps=(
        Equal("jump", equal(_jump, (1 + eta * mu) * w - eta * mu * rho), "w^p = w - rho for w > 0"),
        Entails(
            "flips", implies(_jump < 0, -_jump < eta * mu * rho), "what is subtracted is eta mu rho", uses=("jump",)
        ),
        Equal("left", equal(rho - _jump, (1 + eta * mu) * (rho - w)), "what is left to rho"),
        Equal("odd", equal(_jump.subs(w, -w), -_jump), "the other side is the mirror image"),
        Entails("leads", STATEMENT, "the conjunction of 'flips', 'left' and 'odd'", uses=("flips", "left", "odd")),
    ),
    reading="On the unstable manifold of a quadratic saddle, on the side w > 0. For eta mu < 1 the new weight lies "
    "within rho again, so that this repeats at every step: the weight does not converge.",
    finding="The description in the paper is that of the normalised algorithm.",
    argument=(
        "On the side 0 < w < rho the normalised ascent leads to w - rho < 0, and the step is w' = (1 + eta mu) w - "
        "eta mu rho. If w' < 0, then -w' = eta mu rho - (1 + eta mu) w < eta mu rho, because w > 0. If w' > 0, then "
        "rho - w' = (1 + eta mu) (rho - w): what is left to rho grows by a fixed factor at each such step, while it "
        "cannot exceed rho, so that only finitely many of them follow each other. The map is odd, so the same holds "
        "on the other side."
    ),
    twins=(Twin("normalised for constant rho", sp.Implies(_first, _then(_second)), OSCILLATION.given),),
)

CLAIMS: tuple[Claim, ...] = (OSCILLATION, EVERY_STEP, ONE_SIDED, I_TO_II, SAME, NORMALISED, REGIMES, COSINE)
