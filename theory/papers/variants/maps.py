"""One step of a variant: descent from an ascended point. Each file writes its ascent, and derives the rest from it."""

from __future__ import annotations

from saddlecheck.theory.claims.claim import Place
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.optimiser import LossLike, Matrix, gradient, point, quadratic
from saddlecheck.theory.symbols import Expr, eta, lam, w

ATTRIBUTED = "attributed"  # the section of a statement that was not seen in its paper


def attributed(row: str) -> Place:
    """The place of a statement that was not seen in its paper: what it is about."""
    return Place(ATTRIBUTED, row)


def step(loss: LossLike, ascent: Matrix) -> Matrix:
    r"""$w - \eta\nabla\ell(w + a)$, shape (n, 1), for an ascent a that may depend on w."""
    return point(loss) - eta * gradient(loss, point(loss) + ascent)


def rate(ascent: Expr, curvature: Expr = lam) -> Coefficient:
    """The rate of the flow on the scalar quadratic: the coefficient of w in the gradient at w + ascent."""
    loss = quadratic(curvature)
    return Coefficient(gradient(loss, point(loss).applyfunc(lambda v: v + ascent))[0], w, 0, 1)
