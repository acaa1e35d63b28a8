r"""Section 4.3: the displayed reduction of the Fokker-Planck equation, line by line.

Key results: one slip, w for w^2 in the second line (fp-algebra); with the square each line is right
(fp-algebra-squared).
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Place, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.steps import STATEMENT, Equal
from saddlecheck.theory.papers.kim.diffusion.fokker_planck import NORMAL, var
from saddlecheck.theory.papers.kim.notation import density, shape, variance
from saddlecheck.theory.symbols import D, Expr, a, w

# ---- the displayed reduction

_SHAPE = (w**2 / var**2 - 1 / var) * NORMAL


def _lines(drift_term: Expr) -> sp.And:
    """The appendix's lines; drift_term: what the drift leaves when the density is differentiated."""
    first = sp.Derivative(a * w * NORMAL, w) + D * sp.Derivative(NORMAL, w, 2)
    second = a * NORMAL - drift_term + D * _SHAPE
    third = (1 - w**2 / var) * a * NORMAL + D * _SHAPE
    last = (D - a * var) * _SHAPE
    return every(
        equal(first, second), equal(second, third), equal(third, last), equal(sp.Derivative(NORMAL, var), _SHAPE / 2)
    )


def _shown(drift_rate: Expr) -> Display:
    """The lines as the appendix has them; drift_rate: what the drift leaves, over the density."""
    p = density(w, variance)
    first = sp.Derivative(a * w * p, w) + D * sp.Derivative(p, (w, 2))
    second, third = a * p - drift_rate * p + D * shape * p, (1 - w**2 / variance) * a * p + D * shape * p
    last = (D - variance * a) * shape * p
    return Display(
        (equal(first, second), equal(second, third), equal(third, last),
         equal(sp.Derivative(p, variance), shape * p / 2)),
        {
            shape: w**2 / variance**2 - 1 / variance,
            p: sp.exp(-(w**2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance),
            variance: var,
        },
    )  # fmt: skip


ALGEBRA = Claim(
    id="fp-algebra",
    title="Proof of Theorem 2: the Gaussian in the Fokker-Planck equation, line by line",
    place=Place("appendix", "proof of Theorem 2"),
    voice="paper",
    provenance="seen",
    says="Each displayed line equals the next, from the two divergences to the factorised form.",
    reading="a stands for the rate of whatever drift is used, V for sigma^2; the last part is the left side, with "
    "d/dt = V' d/dV. In the second line the drift leaves w/V times the density, as printed.",
    statement=_lines(a * w / var * NORMAL),
    display=_shown(a * w / variance),
    given=(var > 0,),
    finding="A misprint in the second line: w/sigma^2 should be w^2/sigma^2. The lines after it are right.",
    argument=(
        "Differentiating the drift term gives (a w P)' = a P + a w P', and P' = -(w/sigma^2) P for the normal "
        "density. The second line should therefore contain a (w^2/sigma^2) P, and it is printed with w in place of "
        "w^2. At w = -1, sigma^2 = 1, a = 1 and D = 0 the first line is 0 and the printed second one is 2P. The lines "
        "after it are those that follow from w^2, so this is a misprint."
    ),
    twins=(Twin("the factor w^2 without the variance", _lines(a * w**2 * NORMAL)),),
)
ALGEBRA_FIXED = Claim(
    id="fp-algebra-squared",
    title="The displayed lines of the proof of Theorem 2 with w^2/sigma^2",
    place=Place("appendix", "proof of Theorem 2"),
    voice="ours",
    says="With the square in the second line each line equals the next.",
    argument=(
        "For the normal density P' = -(w/sigma^2) P and P'' = (w^2/sigma^4 - 1/sigma^2) P. So (a w P)' = a P - a "
        "(w^2/sigma^2) P, which is the second line with the square. The first two terms are (1 - w^2/sigma^2) a P = "
        "-sigma^2 a (w^2/sigma^4 - 1/sigma^2) P, so all of it is (D - sigma^2 a)(w^2/sigma^4 - 1/sigma^2) P. The "
        "derivative of P in sigma^2 is half of P''."
    ),
    statement=_lines(a * w**2 / var * NORMAL),
    display=_shown(a * w**2 / variance),
    given=(var > 0,),
    amends="fp-algebra",
    steps=(Equal("lines", STATEMENT, "P' = -(w/V) P and P'' = (w^2/V^2 - 1/V) P for the Gaussian"),),
)

CLAIMS: tuple[Claim, ...] = (ALGEBRA, ALGEBRA_FIXED)
