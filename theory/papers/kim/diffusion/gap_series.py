r"""Corollary 1, (13): how large the gap between SGD and SAM is for small times.

Key results: (13) is neither exact nor the leading term in t, only in t and rho (cor1-eq13-coefficients); SAM's own
drift gives half of it, exactly (cor1-eq13-exact-ascent); noise in the ascent gives a term of first order in t
(cor1-eq13-same-batch, cor1-eq13-independent). How the gap changes with rho is in `gap_by_rho`.
"""

from __future__ import annotations

from itertools import pairwise

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.mutation import mistake
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import STATEMENT, Equal, series
from saddlecheck.theory.papers.kim.diffusion import gap_by_rho
from saddlecheck.theory.papers.kim.diffusion.variance_laws import DIFFUSION, VARIANCE_LAWS, Law
from saddlecheck.theory.papers.kim.notation import d_sam, d_sam_at, d_sgd, d_sgd_at, lines
from saddlecheck.theory.papers.standard import k
from saddlecheck.theory.symbols import B, Expr, eta, lam, rho, t

_NEAR = (sp.Ne(lam, 0), sp.Ne(k, 0), rho > 0, eta > 0, B > 0)

# ---- (13)

_PRINTED = 2 * eta * t**2 * sp.Abs(lam) ** 3 * rho / B


def difference(law: Law) -> Expr:
    """The gap in eta, B, lambda, rho, t."""
    return VARIANCE_LAWS["sgd"] - VARIANCE_LAWS[law]


EQ13 = Claim(
    id="cor1-eq13",
    title="(13): the gap between SGD and SAM equals 2 eta t^2 |lambda|^3 rho / B",
    place=Place("4.3", "(13)"),
    voice="paper",
    provenance="seen",
    says="The difference of the two mean squared displacements is given by a single term.",
    reading="With the law of Theorem 2, as an equation.",
    statement=equal(difference("printed"), _PRINTED),
    display=Display(
        equal(d_sgd - d_sam, 2 * eta * t**2 * sp.Abs(lam) ** 3 / B * rho),
        {
            d_sgd: eta * sp.Abs(lam) / (2 * B * lam) * (1 - sp.exp(-2 * lam * t)),
            d_sam: eta
            * sp.Abs(lam)
            / (2 * B * lam * (1 + rho * lam) ** 2)
            * (1 - sp.exp(-2 * lam * (1 + rho * lam) ** 2 * t)),
        },
    ),
    given=(*_NEAR, t > 0),
    finding="It is the term of lowest order in t and rho together: the coefficient of t^2 is eta |lambda|^3 rho "
    "(2 + rho lambda)/B, which even changes sign at rho mu = 2. For SAM's own drift the constant is half of it.",
    argument=(
        "With the law of Theorem 2 the left side of (13) is a difference of two bounded functions of t where lambda > "
        "0, while the right side grows like t^2. At eta = B = lambda = rho = t = 1 the left side is (1 - e^(-2))/2 - "
        "(1 - e^(-8))/8, which is below 1/2, and the right side is 2. Equation (13) is not an equation but the "
        "leading term of an expansion in t and rho together (cor1-eq13-coefficients)."
    ),
    twins=(Twin("eta for eta/2", equal(difference("printed"), _PRINTED / 2)),),
)


def _expansion(
    name: str, law: Law, first: Expr, second: Expr, title: str, says: str, argument: str, *, amends: bool
) -> Claim:
    step = series("expansion", difference(law), t, (sp.S.Zero, first, second), "expand both exponentials")
    twice = series("", difference(law), t, (sp.S.Zero, first, 2 * second)).formula
    return Claim(
        id="cor1-eq13-" + name, title=title, place=Place("4.3", "(13)"), voice="ours", says=says,
        argument=argument, statement=step.formula, given=_NEAR,
        reading="The Taylor coefficients in t of orders 0, 1 and 2.", steps=(step,),
        amends="cor1-eq13" if amends else None, related=() if amends else ("cor1-eq13",),
        twins=(Twin("twice the coefficient of t^2", twice), Twin("B^2 for B", mistake("B^2 for B", step.formula))),
    )  # fmt: skip


COEFFICIENTS = _expansion(
    "coefficients", "printed", sp.S.Zero, eta * sp.Abs(lam)**3 * rho / B * (2 + rho * lam),
    "The coefficient of t^2 in the gap, with the printed law",
    "To second order in t the gap is eta |lambda|^3 rho (2 + rho lambda) t^2 / B.",
    "Expand each exponential to second order in t: (D/a)(1 - e^(-2at)) = 2Dt - 2Dat^2 + ... for a rate a. The "
    "terms of first order are equal and cancel from the gap. The coefficient of t^2 is 2D (a - lambda) with the "
    "printed rate a = lambda (1 + rho lambda)^2, that is 2D rho lambda^2 (2 + rho lambda). With D = eta "
    "|lambda|/(2B) it is eta |lambda|^3 rho (2 + rho lambda)/B.",
    amends=True,
)  # fmt: skip
EXACT = _expansion(
    "exact-ascent", "exact_ascent", sp.S.Zero, eta * sp.Abs(lam)**3 * rho / B,
    "The coefficient of t^2 in the gap, with SAM's own drift",
    "With an exact ascent the coefficient is eta |lambda|^3 rho / B, half of what is printed, with no "
    "remainder in rho.",
    "The variance with the rate a is 2Dt - 2Dat^2 to second order in t. With an exact ascent both laws have the "
    "same D, so the first order cancels and the coefficient of t^2 in the gap is 2D (a - lambda). SAM's own rate "
    "a = lambda (1 + rho lambda) gives 2D rho lambda^2 = eta |lambda|^3 rho/B. This is half of what (13) has.",
    amends=True,
)  # fmt: skip
SAME = _expansion(
    "same-batch", "same_batch", -2 * DIFFUSION * rho * lam * (2 + rho * lam), 2 * DIFFUSION * lam * (k**3 - 1),
    "With one mini-batch the gap to SGD is of first order in t",
    "For SAM as it is run the gap starts as -(eta |lambda|/B) rho lambda (2 + rho lambda) t.",
    "To second order in t the variance with the rate a and the noise g D is 2 g D t - 2 g D a t^2. With one "
    "mini-batch g = (1 + rho lambda)^2 and a = lambda (1 + rho lambda), and SGD has g = 1 and a = lambda. The "
    "terms of first order leave 2D (1 - g) t = -2D rho lambda (2 + rho lambda) t, which does not cancel. So the "
    "gap is of first order in t, and (13) with its t^2 has the wrong order.",
    amends=False,
)  # fmt: skip
INDEPENDENT = _expansion(
    "independent", "independent", -2 * DIFFUSION * rho**2 * lam**2,
    2 * DIFFUSION * lam * ((1 + rho**2 * lam**2) * k - 1),
    "With independent mini-batches the gap to SGD is negative at first",
    "The gap starts as -(eta |lambda|/B) rho^2 lambda^2 t: SAM moves further, whatever the sign of lambda.",
    "To second order in t the variance with the rate a and the noise g D is 2 g D t - 2 g D a t^2. With "
    "independent mini-batches g = 1 + rho^2 lambda^2, and SGD has g = 1. The terms of first order leave 2D (1 - "
    "g) t = -2D rho^2 lambda^2 t, which is negative for t > 0. So SAM moves further at first, at saddles and "
    "minima alike.",
    amends=False,
)  # fmt: skip

# ---- its printed derivation


def _to_second_order(z: Expr) -> Expr:
    return z - z**2 / 2  # of 1 - exp(-z)


_LINES = (
    Coefficient(difference("printed"), t, sp.S.Zero, sp.Integer(2)) * t**2,
    eta
    * sp.Abs(lam)
    / (2 * B * lam * k**2)
    * (k**2 * _to_second_order(2 * lam * t) - _to_second_order(2 * lam * k**2 * t)),
    eta * lam * sp.Abs(lam) / B * ((t + rho * lam * t) ** 2 - t**2),
    eta * lam * sp.Abs(lam) / B * (2 * rho * lam * t**2 + (rho * lam * t) ** 2),
)
_TO_THIRD = every(*(equal(left, right) for left, right in pairwise(_LINES)))
PROOF = Claim(
    id="cor1-proof",
    title="Proof of Corollary 1: the three displayed lines",
    place=Place("appendix", "proof of Corollary 1"),
    voice="paper",
    provenance="seen",
    says="For |lambda| t << 1 the gap is the first line, that the second, and that about the single term of (13).",
    reading="To second order in t; the last passage must hold for small t at fixed rho, as the smallness of |lambda| t "
    "is what is assumed.",
    statement=every(*_TO_THIRD.args, equal(_LINES[-1], _PRINTED)),
    display=Display(
        (
            equal(lines[0], lines[1]),
            equal(lines[1], lines[2]),
            equal(lines[2], lines[3]),
            equal(lines[3], 2 * eta * t**2 * sp.Abs(lam) ** 3 * rho / B),
        ),
        {
            lines[0]: Coefficient(d_sgd_at(t) - d_sam_at(t), t, sp.S.Zero, sp.Integer(2)) * t**2,
            d_sgd_at(t): eta * sp.Abs(lam) / (2 * B * lam) * (1 - sp.exp(-2 * lam * t)),
            d_sam_at(t): eta * sp.Abs(lam) / (2 * B * lam * k**2) * (1 - sp.exp(-2 * lam * k**2 * t)),
            **dict(zip(lines[1:], _LINES[1:], strict=True)),
        },
    ),
    given=_NEAR,
    finding="The lines are right up to the last, which drops (rho lambda t)^2 beside 2 rho lambda t^2: small for "
    "rho mu << 1, whatever t; at Theorem 1's threshold it is half of the rest.",
    argument=(
        "The first line is the expansion of both exponentials to second order in t, and the second and third lines "
        "are algebra. The last passage replaces 2 rho lambda t^2 + (rho lambda t)^2 by its first term. Their ratio is "
        "1 + rho lambda/2 at every t, so the smallness of |lambda| t, which is what is assumed, does not help. At eta "
        "= B = lambda = rho = t = 1 the third line is 3 and the last one 2."
    ),
    twins=(Twin("the dropped term alone", equal(_LINES[-1], eta * lam * sp.Abs(lam) / B * (rho * lam * t) ** 2)),),
)
LINES = Claim(
    id="cor1-proof-lines",
    title="The displayed lines of the proof of Corollary 1, with what the last one drops",
    place=Place("appendix", "proof of Corollary 1"),
    voice="ours",
    says="The first lines equal one another; the last is (13) times 1 + rho lambda/2.",
    argument=(
        "To second order in t the two variances are 2Dt - 2D lambda t^2 and 2Dt - 2D lambda (1 + rho lambda)^2 t^2. "
        "Their difference, over the common denominator of the first line, is eta lambda |lambda|/B times (t + rho "
        "lambda t)^2 - t^2. Multiplied out this is eta lambda |lambda|/B times 2 rho lambda t^2 + (rho lambda t)^2. "
        "It is (13) times 1 + rho lambda/2."
    ),
    statement=every(*_TO_THIRD.args, equal(_LINES[-1], _PRINTED * (1 + rho * lam / 2))),
    display=Display(
        (
            equal(lines[0], lines[1]),
            equal(lines[1], lines[2]),
            equal(lines[2], lines[3]),
            equal(lines[3], 2 * eta * t**2 * sp.Abs(lam) ** 3 * rho / B * (1 + rho * lam / 2)),
        ),
        {
            lines[0]: Coefficient(d_sgd_at(t) - d_sam_at(t), t, sp.S.Zero, sp.Integer(2)) * t**2,
            d_sgd_at(t): eta * sp.Abs(lam) / (2 * B * lam) * (1 - sp.exp(-2 * lam * t)),
            d_sam_at(t): eta * sp.Abs(lam) / (2 * B * lam * k**2) * (1 - sp.exp(-2 * lam * k**2 * t)),
            **dict(zip(lines[1:], _LINES[1:], strict=True)),
        },
    ),
    given=_NEAR,
    amends="cor1-proof",
    steps=(Equal("lines", STATEMENT, "expand both exponentials to second order and multiply out"),),
    twins=(Twin("1 + rho lambda", equal(_LINES[-1], _PRINTED * k)),),
)

CLAIMS: tuple[Claim, ...] = (
    EQ13, COEFFICIENTS, EXACT, SAME, INDEPENDENT, PROOF, LINES, *gap_by_rho.CLAIMS,
)  # fmt: skip
