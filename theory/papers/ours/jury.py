"""When both roots of a real quadratic lie inside the unit circle: the Schur-Cohn (Jury) conditions, proved.

Key results
- Degree two: |c| < 1 and |b| < 1 + c (jury-degree-two).
- Degree three: 1 + c2 + c1 + c0 > 0, 1 - c2 + c1 - c0 > 0, c0^2 < 1 and 1 - c0^2 > c1 - c0 c2 (jury-degree-three).

A pair of roots is either two real numbers r, s or a conjugate pair u + iv, u - iv; in both cases the coefficients of
z^2 + b z + c are polynomials in them, so that solvers of real arithmetic can settle the criterion.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Claim, Twin
from saddlecheck.theory.claims.conjunction import conjunction
from saddlecheck.theory.claims.formulas import above, below, equal, every, iff, implies
from saddlecheck.theory.claims.steps import STATEMENT, Entails, Equal
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.symbols import Expr, lam, real

z = real("z")
r, s, u, v = (real(name) for name in "rsuv")


def jury(b: Expr, c: Expr) -> sp.And:
    """The conditions |c| < 1 and |b| < 1 + c on z^2 + b z + c."""
    return every(below(c, 1), above(c, -1), below(b, 1 + c), below(-b, 1 + c))


def jury_three(c2: Expr, c1: Expr, c0: Expr) -> sp.And:
    """The conditions on z^3 + c2 z^2 + c1 z + c0."""
    return every(
        above(1 + c2 + c1 + c0, 0), above(1 - c2 + c1 - c0, 0), below(c0**2, 1), above(1 - c1 + c0 * c2, c0**2)
    )


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

b, c = real("b"), real("c")
_c2, _c1, _c0 = b - r, c - r * b, -r * c  # (z - r)(z^2 + b z + c)
_conditions = jury_three(_c2, _c1, _c0)
_inner = every(*_within(r).args, *jury(b, c).args)
_q = 1 + r * b + r**2 * c  # (1 - r z1)(1 - r z2)
_factors = every(
    equal(1 + _c2 + _c1 + _c0, (1 - r) * (1 + b + c)),
    equal(1 - _c2 + _c1 - _c0, (1 + r) * (1 - b + c)),
    equal(1 - _c1 + _c0 * _c2 - _c0**2, (1 - c) * _q),
)
_right = equal(_q - (1 - r) * (1 - r * c), r * (1 + b + c))
_left = equal(_q - (1 + r) * (1 + r * c), -r * (1 - b + c))
_alike = every(above((1 - r) * (1 + b + c)), above((1 + r) * (1 - b + c)), below((r * c) ** 2, 1), above((1 - c) * _q))
JURY_THREE = Claim(
    id="jury-degree-three",
    title="When all roots of z^3 + c2 z^2 + c1 z + c0 are inside the unit circle",
    place=BEYOND,
    voice="ours",
    says="The Schur-Cohn criterion in degree three: 1 + c2 + c1 + c0 > 0, 1 - c2 + c1 - c0 > 0, c0^2 < 1 and 1 - c0^2 "
    "> c1 - c0 c2.",
    statement=iff(_inner, _conditions),
    reading="A real cubic has a real root r; of the other two, the roots of z^2 + b z + c, claim jury-degree-two says "
    "when they are inside.",
    steps=(
        Equal("factors", every(_factors, _right, _left), "multiply out"),
        Entails("inside", implies(_inner, _q > 0), "for r >= 0 it is (1 - r)(1 - r c) and more, for r < 0 alike",
                uses=("factors",)),
        Entails("root", implies(_alike, every(*_within(r).args)), "beyond 1 the last condition fails",
                uses=("factors",)),
        Entails("others", implies(every(_alike, *_within(r).args), every(*jury(b, c).args)), "divide by 1 - r, 1 + r",
                uses=("factors",)),
        Entails("factored", iff(_inner, _alike), "both ways", uses=("inside", "root", "others")),
        Entails("together", STATEMENT, "the conditions are these products", uses=("factors", "factored")),
    ),
    twins=(
        Twin("without the last condition", iff(_inner, every(*_conditions.args[:3]))),
    ),
    argument="At z = 1 the cubic is (1 - r)(1 + b + c), at z = -1 it is -(1 + r)(1 - b + c). The last condition is (1 "
    "- c)(1 + r b + r^2 c) > 0, whose second factor is (1 - r z1)(1 - r z2). With |r c| < 1 these signs leave only "
    "roots inside.",
    rests=("jury-degree-two",),
)  # fmt: skip

CLAIMS: tuple[Claim, ...] = (JURY, JURY_THREE)
