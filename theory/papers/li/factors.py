r"""Two factors x and y in the plane, their balance $B = (|x|^2 - |y|^2)/2$, and what a gradient sees of a loss of them.

Of a loss $f(xy^T)$ a gradient sees the matrix $\nabla f$ there, of $f(x\cdot y)$ the number $f'$. So the ascent is
taken on a bilinear form with one matrix (or number) and the descent on another, both arbitrary: that covers every f.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.claims.claim import Place
from saddlecheck.theory.optimiser import BareLoss, Matrix, gradient, point
from saddlecheck.theory.papers.kim.notation import matrix
from saddlecheck.theory.symbols import Expr, real

X = sp.Matrix([real("x_1"), real("x_2")])
Y = sp.Matrix([real("y_1"), real("y_2")])
WEIGHTS = (*X, *Y)
BALANCE = (X.dot(X) - Y.dot(Y)) / 2
LENGTH = X.dot(X) + Y.dot(Y)
weight = real(
    "u"
)  # of the gradient in the ascent: rho for a constant radius, rho over the gradient's norm if normalised
slope, raised = real("s"), real("t")  # f' at the weights and at the ascended weights


# The same by names, for displays.
G_X, G_Y, P_X, P_Y = (matrix(name, 2, 1) for name in ("g_{x}", "g_{y}", "p_{x}", "p_{y}"))
FACTOR_X, FACTOR_Y, FORM, RAISED_FORM = matrix("x", 2, 1), matrix("y", 2, 1), matrix("G"), matrix("K")
FACTORS = {FACTOR_X: sp.ImmutableMatrix(X), FACTOR_Y: sp.ImmutableMatrix(Y)}


def squares(x: Expr, y: Expr) -> Expr:
    """|x|^2 - |y|^2 of two columns, a matrix of one entry."""
    return x.T * x - y.T * y


def seen(row: str) -> Place:
    """The place of a statement of the paper: what it is about."""
    return Place("stated", row)


def bilinear(form: Matrix) -> BareLoss:
    """A loss of the matrix x y^T whose gradient is the matrix given."""
    return BareLoss(WEIGHTS, (X.T * form * Y)[0])


def of_product(derivative: Expr) -> BareLoss:
    """A loss of x.y whose derivative is the number given."""
    return BareLoss(WEIGHTS, derivative * X.dot(Y))


def ascended(loss: BareLoss) -> Matrix:
    """The weights after the ascent."""
    return point(loss) + weight * gradient(loss)


def balance_rate(force: Matrix) -> Expr:
    """How fast the balance changes along the flow of minus a force."""
    return -sum(sp.diff(BALANCE, v) * f for v, f in zip(WEIGHTS, force, strict=True))


def balance_after(force: Matrix, step: Expr) -> Expr:
    """The balance after one step."""
    return BALANCE.subs({v: v - step * f for v, f in zip(WEIGHTS, force, strict=True)}, simultaneous=True)
