"""Section 4.1, Cases I to III: when the two gradients agree, and when the perturbed weight lands in the other basin.

The model is a quadratic saddle: on either side of its stable manifold y = 0 the flow goes its own way.

Key results
- With a constant rho no distance makes the two gradients agree, but a curvature below 1/rho in size does (case-1-2,
  case-1-2-flat); they differ by at most rho L in proportion (case-1-2-difference). With a normalised rho it is the
  distance that counts (case-1-2-normalised).
- With a constant rho the perturbed weight crosses exactly for rho mu > 1, wherever the weight is (case-3-crossing,
  case-3-crossing-strong, case-3-crossing-exact); with a normalised one inside an ellipse (case-3-crossing-normalised).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.amended import under
from saddlecheck.theory.claims.claim import BEYOND, Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import above, below, equal, exactly
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import BareLoss, LossLike, gradient, norm, point
from saddlecheck.theory.papers.kim.notation import loss, raised, slope, slope_raised
from saddlecheck.theory.papers.standard import SAM, SAM_NORMALISED, line
from saddlecheck.theory.symbols import lam, mu, real, rho, w, x, y


def agreement(direction: sp.Matrix, loss: LossLike) -> sp.Expr:
    """The inner product of the gradients at the perturbed weight and at the weight."""
    return direction.dot(gradient(loss))


away = real("R")

CASE12 = Claim(
    id="case-1-2",
    title="Cases I and II: away from the saddle the gradients at w and at w^p agree",
    place=Place("4.1", "Cases I and II"),
    voice="paper",
    provenance="seen",
    says="If w is far enough from the saddle, the gradient at the perturbed weight points the way of the one at w.",
    statement=agreement(SAM.direction(line), line) > 0,
    display=Display(above(slope_raised * slope), {slope_raised: lam * raised, raised: w + rho * slope, slope: lam * w}),
    given=(rho > 0, away > 0, sp.Abs(w) >= away, sp.Ne(lam, 0)),
    reading="One direction of a quadratic loss, and any distance R for far enough; agreeing means the same sign.",
    finding="For a constant rho distance does not enter: the ratio of the gradients is 1 + rho lam everywhere. What is "
    "needed is rho |lam| < 1, a condition on curvature. On general losses this is a heuristic.",
    argument=(
        "Along an eigendirection the gradient at w is lambda w and the gradient at w^p is lambda (1 + rho lambda) w, "
        "so their product is (1 + rho lambda) (lambda w)^2. At lambda = -1 and rho = 1 it is 0 at every w, and for "
        "rho > 1 it is negative at every w other than 0. The distance from the saddle does not enter, so no distance "
        "is far enough. What decides is the product rho lambda."
    ),
    related=("case-1-2-flat", "case-1-2-normalised", "case-1-2-difference"),
    twins=(
        Twin(
            "beyond rho, as if rho were normalised",
            STATEMENT,
            (rho > 0, away > 0, sp.Abs(w) >= away, sp.Ne(lam, 0), sp.Abs(w) > rho),
        ),
    ),
)
FLAT = Claim(
    id="case-1-2-flat",
    title="The gradients at w and at w^p agree where rho times the curvature is below 1",
    says="The two gradients have the same sign if rho |lam| < 1, at any distance.",
    argument=(
        "The product of the two gradients is (1 + rho lambda) (lambda w)^2. From rho |lambda| < 1 it follows that 1 + "
        "rho lambda >= 1 - rho |lambda| > 0. Neither lambda nor w is 0, so the square is positive and so is the "
        "product. The distance R of the paper's case is not needed."
    ),
    **under(CASE12, rho * sp.Abs(lam) < 1),
    steps=(
        Equal(
            "ratio",
            equal(agreement(SAM.direction(line), line), (1 + rho * lam) * (lam * w) ** 2),
            "the gradient at w^p is 1 + rho lam times the one at w",
        ),
        Entails("positive", STATEMENT, "1 + rho lam is at least 1 - rho |lam|", uses=("ratio",)),
    ),
    twins=(Twin("below 2", STATEMENT, (*CASE12.given, rho * sp.Abs(lam) < 2)),),
)
NORMALISED_AWAY = Claim(
    id="case-1-2-normalised",
    title="With a normalised rho the two gradients agree at distances beyond rho",
    place=Place("4.1", "Cases I and II"),
    voice="ours",
    says="Along a direction of negative curvature the two gradients have the same sign if and only if the weight is "
    "farther than rho from the critical point.",
    statement=exactly(agreement(SAM_NORMALISED.direction(line), line) > 0, sp.Abs(w) > rho),
    display=Display(
        exactly(above(slope_raised * slope), sp.Abs(w) > rho),
        {slope_raised: lam * raised, raised: w + rho * slope / sp.Abs(slope), slope: lam * w},
    ),
    given=(rho > 0, lam < 0, sp.Ne(w, 0)),
    steps=(
        Equal("product", sp.Eq(agreement(SAM_NORMALISED.direction(line), line), lam**2 * (w**2 - rho * sp.Abs(w))),
              "the perturbation is rho against w"),
        Entails("cases", STATEMENT, "lam^2 |w| (|w| - rho)", uses=("product",)),
    ),
    finding="Here distance is what counts, as the case says, and curvature is not.",
    argument=(
        "Along a direction of negative curvature the normalised ascent moves w by rho towards 0. The product of the "
        "gradients at w^p and at w is lambda^2 (w^2 - rho |w|) = lambda^2 |w| (|w| - rho). As lambda and w are not 0, "
        "it is positive exactly if |w| > rho."
    ),
    twins=(
        Twin("normalised for constant rho", sp.Equivalent(agreement(SAM.direction(line), line) > 0, sp.Abs(w) > rho)),
    ),
)  # fmt: skip
l1, l2, bound = real("lambda1"), real("lambda2"), real("L")
_bowl = BareLoss((x, y), (l1 * x**2 + l2 * y**2) / 2)
_gap = SAM.direction(_bowl) - gradient(_bowl)
DIFFERENCE = Claim(
    id="case-1-2-difference",
    title="The gradients at w and at w^p differ by at most rho L in proportion",
    place=BEYOND,
    voice="ours",
    says="On a quadratic loss whose curvatures are at most L in size, the gradients at w^p and at w differ by at most "
    "rho L times the length of the latter.",
    statement=_gap.dot(_gap) <= (rho * bound) ** 2 * gradient(_bowl).dot(gradient(_bowl)),
    given=(rho >= 0, sp.Abs(l1) <= bound, sp.Abs(l2) <= bound),
    steps=(
        Equal("squares", sp.Eq(_gap.dot(_gap), rho**2 * (l1**4 * x**2 + l2**4 * y**2)),
              "the gradients at w^p and at w differ by rho H g"),
        Entails("first", l1**4 * x**2 <= bound**2 * l1**2 * x**2, "lam1^2 <= L^2, multiplied by lam1^2 x^2 >= 0"),
        Entails("second", l2**4 * y**2 <= bound**2 * l2**2 * y**2, "lam2^2 <= L^2, multiplied by lam2^2 y^2 >= 0"),
        Entails("close", STATEMENT, "add the two inequalities and multiply by rho^2 >= 0",
                uses=("squares", "first", "second")),
    ),
    reading="Two variables along the eigenvectors of H; squares of both lengths.",
    related=("case-1-2",),
    twins=(Twin("half of that", _gap.dot(_gap) <= (rho * bound / 2) ** 2 * gradient(_bowl).dot(gradient(_bowl))),),
)  # fmt: skip

_saddle = BareLoss((x, y), (lam * x**2 - mu * y**2) / 2)
_climbed = point(_saddle) + rho * gradient(_saddle)
_model = (lam > 0, mu > 0, rho > 0, sp.Ne(y, 0))

CROSSING = Claim(
    id="case-3-crossing",
    title="Case III: the perturbed weight crosses when the stable manifold meets the ball of radius rho",
    place=Place("4.1", "Case III"),
    voice="paper",
    provenance="seen",
    says="If the stable manifold of the saddle passes within rho of w, the perturbed weight lies in the other basin.",
    statement=y * _climbed[1] < 0,
    display=Display(
        below(y * real("y^{p}")),
        {real("y^{p}"): y + rho * sp.Derivative(loss(x, y), y), loss(x, y): (lam * x**2 - mu * y**2) / 2},
    ),
    given=(*_model, sp.Abs(y) <= rho),
    reading="A quadratic saddle whose stable manifold is y = 0, and a constant rho.",
    finding="The perturbed weight has y (1 - rho mu): it crosses from everywhere if rho mu > 1 and from nowhere "
    "otherwise. The ball does not matter.",
    argument=(
        "On the saddle (lambda x^2 - mu y^2)/2 the stable manifold is y = 0, and by (5) the perturbed weight has the "
        "coordinate y (1 - rho mu). Its product with y is y^2 (1 - rho mu). At rho = mu = y = 1 the weight lies "
        "within rho of the stable manifold, yet the product is 0: the perturbed weight lies on the manifold, not "
        "beyond it. For rho mu < 1 it stays on the same side however close w is, and for rho mu > 1 it crosses from "
        "any distance."
    ),
    related=("case-3-crossing-strong", "case-3-crossing-exact", "case-3-crossing-normalised"),
    twins=(Twin("only inside half the ball", STATEMENT, (*_model, 2 * sp.Abs(y) <= rho)),),
)
STRONG = Claim(
    id="case-3-crossing-strong",
    title="The perturbed weight crosses the stable manifold if rho exceeds 1/mu",
    says="The perturbed weight lies in the other basin if rho is larger than the inverse of the negative curvature.",
    argument=(
        "By (5) the perturbed weight has the coordinate y (1 - rho mu) across the stable manifold y = 0. Its product "
        "with y is y^2 (1 - rho mu). Here y is not 0 and rho mu > 1, so the product is negative, and w^p lies on the "
        "other side. The distance from the stable manifold is not used."
    ),
    **under(CROSSING, rho * mu > 1),
    steps=(
        Equal(
            "perturbed", sp.Eq(y * _climbed[1], y**2 * (1 - rho * mu)), "by (5) the perturbed weight has y - rho mu y"
        ),
        Entails("negative", STATEMENT, "the square is positive, the factor negative", uses=("perturbed",)),
    ),
    twins=(Twin("equality let in", STATEMENT, (*_model, sp.Abs(y) <= rho, rho * mu >= 1)),),
)
EXACT = Claim(
    id="case-3-crossing-exact",
    title="With a constant rho the perturbed weight crosses if and only if rho mu > 1",
    place=BEYOND,
    voice="ours",
    says="For a quadratic saddle and a constant rho, crossing is a matter of rho and the negative curvature alone.",
    statement=exactly(CROSSING.statement, rho * mu > 1),
    given=_model,
    steps=(
        Equal(
            "perturbed", sp.Eq(y * _climbed[1], y**2 * (1 - rho * mu)), "by (5) the perturbed weight has y - rho mu y"
        ),
        Entails("exactly", STATEMENT, "the square is positive", uses=("perturbed",)),
    ),
    finding="This is the condition of Theorem 1: the saddle attracts exactly where every perturbation crosses.",
    argument=(
        "On the saddle (lambda x^2 - mu y^2)/2 the perturbed weight has the coordinate y (1 - rho mu) across the "
        "stable manifold y = 0. It lies on the other side exactly if y^2 (1 - rho mu) < 0. As y is not 0 this is rho "
        "mu > 1, the strict condition of Theorem 1."
    ),
    related=("case-3-crossing", "thm1"),
    twins=(Twin("mu for 1/mu", sp.Equivalent(CROSSING.statement, rho > mu)),),
)
_length = norm(gradient(_saddle))
_unit = point(_saddle) + rho * gradient(_saddle) / _length
_ellipse = (lam * x) ** 2 + (mu * y) ** 2 < (rho * mu) ** 2
NORMALISED = Claim(
    id="case-3-crossing-normalised",
    title="With a normalised rho the perturbed weight crosses inside an ellipse",
    place=Place("4.1", "Case III"),
    voice="ours",
    says="The perturbed weight crosses if and only if (lam x)^2 + (mu y)^2 < (rho mu)^2, an ellipse around the saddle "
    "with half-axes rho mu/lam and rho.",
    statement=exactly(y * _unit[1] < 0, _ellipse),
    given=_model,
    steps=(
        Equal("perturbed", sp.Eq(y * _unit[1], y**2 * (_length - rho * mu) / _length),
              "the normalised ascent adds -rho mu y/|g| to y"),
        Entails("length", _length > 0, "y is not 0"),
        Entails("sign", exactly(y * _unit[1] < 0, _length < rho * mu),
                "y^2 > 0 and |g| > 0, so the sign is that of |g| - rho mu",
                uses=("perturbed", "length")),
        Entails("squares", exactly(_length < rho * mu, _ellipse), "both sides are positive",
                uses=("length",)),
        Entails("exactly", STATEMENT, "|g| < rho mu is both the crossing and the ellipse", uses=("sign", "squares")),
    ),
    finding="Meeting the ball is necessary (|y| < rho on the ellipse) and on the unstable manifold x = 0 it is enough. "
    "Off it, a large gradient along the stable direction uses the radius up.",
    argument=(
        "The normalised ascent changes y by -rho mu y/|g|, where |g|^2 = (lambda x)^2 + (mu y)^2. So the product of y "
        "and the new coordinate is y^2 (|g| - rho mu)/|g|. As y is not 0, both y^2 and |g| are positive, and the "
        "product is negative exactly if |g| < rho mu. Both sides are positive, so this is the inequality of the "
        "squares, an ellipse with the half-axes rho mu/lambda and rho."
    ),
    twins=(
        Twin("the ball instead of the ellipse", sp.Equivalent(y * _unit[1] < 0, sp.Abs(y) < rho)),
        Twin("normalised for constant rho", sp.Equivalent(CROSSING.statement, _ellipse)),
    ),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (CASE12, FLAT, NORMALISED_AWAY, DIFFERENCE, CROSSING, STRONG, NORMALISED, EXACT)
