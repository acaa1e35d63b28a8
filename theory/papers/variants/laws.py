"""Mini-batches of two kinds: enough for an identity between moments, whose sides are both linear in the law."""

from __future__ import annotations

from saddlecheck.theory.symbols import Expr, real

p = real("p")  # the probability of the first kind
first, second = real("h_1"), real("h_2")  # its curvature, and the other one's
PROPER = (p >= 0, p <= 1)


def mean(expr: Expr, of: Expr) -> Expr:
    """The expectation of an expression in the curvature `of` of one mini-batch."""
    return p * expr.subs(of, first) + (1 - p) * expr.subs(of, second)


def moment(order: int) -> Expr:
    """The raw moment of the curvature."""
    return p * first**order + (1 - p) * second**order
