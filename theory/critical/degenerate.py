"""The next order at a degenerate critical point: the loss's leading form along the kernel of its Hessian.

Lyapunov-Schmidt reduction: with s along the kernel and y across it, grad_y f(s, y(s)) = 0 has a unique solution
y(s) = O(|s|^2) because the Hessian is regular across; then phi(s) = f(s, y(s)) - f(0, 0) = Q(s) + O(|s|^(k+1)) with Q
homogeneous of degree k decides what the quadratic part cannot: a minimum where Q is positive but at 0, no minimum
where Q is negative somewhere, which it is for every odd k.  A form that is 0 on a line and nowhere negative decides
nothing.  (M. Golubitsky, D. Schaeffer, Singularities and Groups in Bifurcation Theory I, 1985, ch. VII.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.critical.objective import Objective
from saddlecheck.theory.critical.points import CriticalPoint

MAX_ORDER = 10
Shape = Literal["minimum", "maximum", "inflection", "saddle", "semidefinite"]


@dataclass(frozen=True)
class LeadingTerm:
    """phi = form + ... of degree `order`, along the kernel spanned by the columns of `kernel` (rational entries).

    The form is in the loss's own variables, each measured from the point, those that are coordinates on the kernel.
    """

    order: int
    form: sp.Expr
    kernel: sp.ImmutableMatrix
    shape: Shape


def leading_term(loss: Objective, point: CriticalPoint) -> LeadingTerm | None:
    """First term along the kernel that is not zero.

    None where there is no kernel, the coordinates are not rational, or no term up to MAX_ORDER exists.

    Returns:
        Order, form along the kernel, a basis of the kernel, and what the form has at 0; or None.
    """
    if not point.nullity or point.exact is None or not all(x.is_Rational for x in point.exact):
        return None
    place = dict(zip(loss.variables, point.exact, strict=True))
    hessian = sp.Matrix(loss.hessian.subs(place))
    # The pivot columns span the range; a symmetric matrix is regular in these coordinates, the others span the kernel.
    across = list(hessian.rref()[1])
    kernel = sp.ImmutableMatrix.hstack(*hessian.nullspace())
    along = [v for i, v in enumerate(loss.variables) if i not in across]
    t, *y = [sp.Dummy(real=True) for _ in range(1 + len(across))]
    moved = list(sp.Matrix(point.exact) + t * kernel * sp.Matrix(along))
    for i, symbol in zip(across, y, strict=True):
        moved[i] += symbol
    f = loss.expr.subs(dict(zip(loss.variables, moved, strict=True)), simultaneous=True)
    phi = _series(f.subs(_branch(f, t, y), simultaneous=True), t, MAX_ORDER)
    for k in range(3, MAX_ORDER + 1):
        if (form := sp.expand(phi.coeff_monomial(t**k))) != 0:
            return LeadingTerm(k, form, kernel, shape_of(form, along, k))
    return None


def shape_of(form: sp.Expr, variables: Sequence[Any], degree: int) -> Shape:
    """What a form (a homogeneous polynomial that is not 0) of this degree has at 0.

    "inflection" and "saddle" take both signs, in one variable and in several; "semidefinite" is what is not proved to
    be one of the others. Signs are proved on the faces of a cube, by subdivision in two interval arithmetics.

    Returns:
        "minimum", "maximum", "inflection", "saddle" or "semidefinite".
    """
    if degree % 2:
        return "inflection" if len(variables) == 1 else "saddle"
    if _positive(form, variables):
        return "minimum"
    if _positive(-form, variables):
        return "maximum"
    return "saddle" if _negative(form) and _negative(-form) else "semidefinite"


def _faces(form: sp.Expr, variables: Sequence[Any]) -> list[tuple[sp.Expr, dict[Any, tuple[int, int]]]]:
    """The form on half of the cube's faces (its degree is even, so the others say the same), and the face's box."""
    return [(form.subs(v, 1), {u: (-1, 1) for u in variables if u != v}) for v in variables]


def _positive(form: sp.Expr, variables: Sequence[Any]) -> bool:
    from saddlecheck.theory.engines import subdivide

    for face, box in _faces(form, variables):
        if face.is_number:
            if not face > 0:
                return False
        elif not all(
            subdivide.prove(sp.Gt(face, 0, evaluate=False), box, engine)[0] == "proved" for engine in subdivide.ENGINES
        ):
            return False
    return True


def _negative(form: sp.Expr) -> bool:
    """Whether a rational point with a negative value is found, and checked exactly."""
    from saddlecheck.theory.engines import counterexample

    return counterexample.counterexample(sp.Ge(form, 0, evaluate=False), ()) is not None


def _branch(f: sp.Expr, t: sp.Symbol, y: list[sp.Symbol]) -> dict[sp.Symbol, sp.Expr]:
    """y(t) up to t^m, one power after the other, for m = MAX_ORDER / 2; coefficients are forms along the kernel.

    The error O(t^(m+1)) of y enters phi squared, so half of the order is enough.

    Returns:
        Each variable across the kernel as a polynomial in t.
    """
    if not y:
        return {}
    gradient = [f.diff(v) for v in y]
    start = dict.fromkeys([t, *y], sp.Integer(0))
    across = sp.Matrix([[g.diff(v).subs(start) for v in y] for g in gradient])
    branch = dict.fromkeys(y, sp.Integer(0))
    for m in range(2, MAX_ORDER // 2 + 1):
        rest = [_series(g.subs(branch, simultaneous=True), t, m).coeff_monomial(t**m) for g in gradient]
        step = across.LUsolve(-sp.Matrix(rest))
        branch = {v: branch[v] + d * t**m for v, d in zip(y, step, strict=True)}
    return branch


def _series(expression: sp.Expr, t: sp.Symbol, order: int) -> sp.Poly:
    expanded = sp.expand(expression)
    if not expanded.is_polynomial(t):
        expanded = sp.series(expanded, t, 0, order + 1).removeO()
    return sp.Poly(expanded, t)
