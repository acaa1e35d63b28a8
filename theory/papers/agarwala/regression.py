r"""The quadratic regression model: residuals $z(\theta)$ quadratic in the weights, loss $|z|^2/2$.

Key results
- SAM's flow moves the residuals by $-JJ^T(1+\rho JJ^T)z$ to first order in z, whatever the model's curvature.
- For a linear model that is exact.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Claim, Twin
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Equal
from saddlecheck.theory.optimiser import OPTIMISERS, BareLoss, Matrix
from saddlecheck.theory.papers.kim.notation import entries, matrix
from saddlecheck.theory.papers.variants.maps import attributed
from saddlecheck.theory.symbols import Expr, real, rho, x, y

scale = real("s")  # multiplies the residuals: the order in z
_Z = sp.Matrix([real("z_1"), real("z_2")])
_J = sp.Matrix(2, 2, [real(f"J_{i}{j}") for i in "12" for j in "12"])
_BENDS = [sp.Matrix(2, 2, [real(f"q_{k}11"), real(f"q_{k}12"), real(f"q_{k}12"), real(f"q_{k}22")]) for k in "12"]
_DELTA = sp.Matrix([x, y])


def _residuals(bends: list[Matrix]) -> Matrix:
    """Around the weights of which is spoken, x = y = 0."""
    return scale * _Z + _J * _DELTA + sp.Matrix([(_DELTA.T * q * _DELTA)[0] / 2 for q in bends])


def _motion(bends: list[Matrix]) -> Matrix:
    """The speed of the residuals at x = y = 0 along SAM's flow."""
    z = _residuals(bends)
    loss = BareLoss((x, y), (z.T * z)[0] / 2)
    return (-_J * OPTIMISERS["sam"].direction(loss)).applyfunc(lambda v: v.subs({x: 0, y: 0}))


_TANGENT = _J * _J.T
_FIRST = -_TANGENT * (sp.eye(2) + rho * _TANGENT) * _Z
_law = every(
    *(equal(Coefficient(part, scale, 0, 1), right) for part, right in zip(_motion(_BENDS), _FIRST, strict=True))
)
# For displays: the Jacobian, the residuals at the weights, and by their parts the speeds of the residuals s z: the
# ascent d, the residuals r and the gradient G at the ascended weights.
_JACOBIAN, _RESIDUALS = matrix("J"), matrix("z", 2, 1)
_KERNEL = _JACOBIAN * _JACOBIAN.T
_SPEEDS = tuple(sp.Function(rf"\dot{{z}}_{{{i}}}") for i in "12")
_UP, _RAISED, _GRADIENT = (sp.Matrix([sp.Function(f"{name}_{i}")(scale) for i in "12"]) for name in ("d", "r", "G"))


def _speeds(bends: list[Matrix]) -> dict[Expr, Expr]:
    """What the names of a display stand for."""
    slopes = _J + sp.Matrix([(bend * _UP).T for bend in bends])
    residuals = scale * _Z + _J * _UP + sp.Matrix([(_UP.T * bend * _UP)[0] / 2 for bend in bends])
    return {
        **{speed(scale): part for speed, part in zip(_SPEEDS, -_J * _GRADIENT, strict=True)},
        **dict(zip(_GRADIENT, slopes.T * _RAISED, strict=True)),
        **dict(zip(_RAISED, residuals, strict=True)),
        **dict(zip(_UP, rho * _J.T * (scale * _Z), strict=True)),
        _JACOBIAN: sp.ImmutableMatrix(_J),
        _RESIDUALS: sp.ImmutableMatrix(_Z),
    }


REGRESSION = Claim(
    id="agarwala-regression",
    title="In the quadratic regression model SAM's flow is z' = -JJ'(1 + rho JJ') z to first order in z",
    place=attributed("quadratic regression model"),
    says="Attributed to Agarwala and Dauphin: in the quadratic regression model the flow of SAM with constant radius "
    "moves the residuals by z' = -J J' (1 + rho J J') z to first order in z.",
    reading="Two residuals and two weights, each residual any quadratic function of the weights; s multiplies the "
    "residuals, so that its first power is the first order in z. J is the Jacobian at the weights of which is spoken.",
    statement=_law,
    display=Display(
        equal(
            entries(*([Coefficient(speed(scale), scale, 0, 1)] for speed in _SPEEDS)),
            -_KERNEL * (sp.Identity(2) + rho * _KERNEL) * _RESIDUALS,
        ),
        _speeds(_BENDS),
    ),
    steps=(Equal("first order", _law, "the model's curvature enters with a second factor z"),),
    twins=(
        Twin(
            "gradient descent's kernel",
            every(
                *(
                    equal(Coefficient(part, scale, 0, 1), right)
                    for part, right in zip(_motion(_BENDS), -_TANGENT * _Z, strict=True)
                )
            ),
        ),
    ),
    voice="paper",
    provenance="from memory",
    argument="The gradient of the loss is J'z. The ascent moves the weights by rho J'z, which changes the residuals "
    "by rho JJ'z and the Jacobian by a term of first order in z. Multiplied with the residual that change of the "
    "Jacobian is of second order. So the descent is -J'(1 + rho JJ')z, and the residuals move by J times it.",
    related=("agarwala-regression-linear",),
)
_FLAT = [sp.zeros(2, 2), sp.zeros(2, 2)]
_exact = every(*(equal(part, scale * right) for part, right in zip(_motion(_FLAT), _FIRST, strict=True)))
LINEAR = Claim(
    id="agarwala-regression-linear",
    title="For a linear model the law of the residuals is exact",
    place=attributed("quadratic regression model without curvature"),
    says="If the residuals are linear in the weights, z' = -J J' (1 + rho J J') z holds for residuals of every size.",
    statement=_exact,
    display=Display(
        equal(
            entries(*([speed(scale)] for speed in _SPEEDS)),
            -_KERNEL * (sp.Identity(2) + rho * _KERNEL) * (scale * _RESIDUALS),
        ),
        _speeds(_FLAT),
    ),
    steps=(Equal("exact", _exact, "the Jacobian does not change"),),
    twins=(
        Twin(
            "for curved models too",
            every(*(equal(part, scale * right) for part, right in zip(_motion(_BENDS), _FIRST, strict=True))),
        ),
    ),
    voice="ours",
    argument="Without curvature the Jacobian is the same at the ascended weights. Then the perturbed residuals are "
    "exactly (1 + rho JJ')z. Along an eigenvalue l of JJ' the rate is l (1 + rho l), as for a quadratic loss.",
)

CLAIMS: tuple[Claim, ...] = (REGRESSION, LINEAR)
