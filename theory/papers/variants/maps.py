"""One step of a variant: descent from an ascended point. Each file writes its ascent, and derives the rest from it."""

from __future__ import annotations

from saddlecheck.theory.claims.claim import Place
from saddlecheck.theory.claims.formulas import equal, iff, implies
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Entails, Step
from saddlecheck.theory.optimiser import LossLike, Matrix, gradient, point, quadratic
from saddlecheck.theory.symbols import Expr, eta, lam, real, w

k = real("k")


def attributed(row: str) -> Place:
    """The place of a statement that was not seen in its paper: what it is about."""
    return Place("attributed", row)


def step(loss: LossLike, ascent: Matrix) -> Matrix:
    r"""$w - \eta\nabla\ell(w + a)$, shape (n, 1), for an ascent a that may depend on w."""
    return point(loss) - eta * gradient(loss, point(loss) + ascent)


def rate(ascent: Expr, curvature: Expr = lam) -> Coefficient:
    """The rate of the flow on the scalar quadratic: the coefficient of w in the gradient at w + ascent."""
    loss = quadratic(curvature)
    return Coefficient(gradient(loss, point(loss).applyfunc(lambda v: v + ascent))[0], w, 0, 1)


def half_width(after: Expr, above: Expr, below: Expr) -> tuple[Step, ...]:
    """The steps from a linear map to "it leads from w to -w exactly for w = above/below"; the last is named "cycle".

    Args:
        after: the map, linear in w.
        above: the numerator.
        below: the denominator, positive by the conditions.
    """
    linear = iff(equal(after, -w), equal(below * w, above))
    divided = implies(k > 0, iff(equal(k * w, real("v")), equal(w, real("v") / k)))
    there = divided.xreplace({k: below, real("v"): above})
    return (
        Entails("linear", linear, "move w to one side"),
        Entails("divided", divided, "divide by a positive number"),
        Instance("at these", there, uses=("divided",), of=divided, at={k: below, real("v"): above}),
        Entails("cycle", iff(equal(after, -w), equal(w, above / below)), "both", uses=("linear", "at these")),
    )
