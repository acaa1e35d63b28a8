"""When both roots of a real quadratic lie inside the unit circle: the Schur-Cohn (Jury) conditions, proved.

A pair of roots is either two real numbers r, s or a conjugate pair u + iv, u - iv; in both cases the coefficients of
z^2 + b z + c are polynomials in them, so that solvers of real arithmetic can settle the criterion.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, every, iff
from saddlecheck.theory.claims.steps import Entails
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.symbols import Expr, lam, real

z = real("z")
r, s, u, v = (real(name) for name in "rsuv")


def jury(b: Expr, c: Expr) -> sp.And:
    """The conditions |c| < 1 and |b| < 1 + c on z^2 + b z + c."""
    return every(below(c, 1), above(c, -1), below(b, 1 + c), below(-b, 1 + c))


def stable(optimiser: Optimiser, curvature: Expr = lam) -> sp.And:
    """Jury's conditions on one step of an optimiser with a buffer, on a scalar quadratic.

    Returns:
        |c| < 1 and |b| < 1 + c for the step's characteristic polynomial z^2 + b z + c.

    Raises:
        ValueError: an optimiser without one, whose polynomial is not of degree two.
    """
    if optimiser.momentum is None:
        raise ValueError(f"{optimiser.title} has no momentum, so its polynomial has degree 1; use |multiplier| < 1.")
    _, b, c = sp.Poly(optimiser.characteristic(z, curvature), z).all_coeffs()  # a determinant of z I - J is monic
    return jury(b, c)


def _within(*roots: Any) -> sp.And:
    return every(*(side for root in roots for side in (root < 1, root > -1)))


JURY = Claim(
    id="jury-degree-two",
    title="Both roots of z^2 + b z + c are inside the unit circle if and only if |c| < 1 and |b| < 1 + c",
    place=BEYOND,
    voice="ours",
    says="The Schur-Cohn criterion for a real polynomial of degree two.",
    reading="First for real roots r and s (b = -(r + s), c = r s), then for a conjugate pair u + iv, u - iv (b = -2u, "
    "c = u^2 + v^2). Every edge of a step size with momentum in this ledger is read through it.",
    **conjunction(
        "together",
        Entails(
            "real roots",
            iff(_within(r, s), jury(-(r + s), r * s)),
            "(1 - r)(1 - s) and (1 + r)(1 + s) are 1 + b + c and 1 - b + c",
        ),
        Entails("conjugate roots", iff(u**2 + v**2 < 1, jury(-2 * u, u**2 + v**2)), "c is the square of their modulus"),
    ),
    twins=(
        Twin("|c| < 1 alone", iff(_within(r, s), _within(r * s))),
        Twin("|b| < 2 for |b| < 1 + c", iff(_within(r, s), every(_within(r * s), (r + s) ** 2 < 4))),
    ),
)

CLAIMS: tuple[Claim, ...] = (JURY,)
