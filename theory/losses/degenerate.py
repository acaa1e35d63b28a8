"""The next order at a degenerate critical point whose Hessian has a kernel of one dimension.

Lyapunov-Schmidt reduction: with s along the kernel and y across it, grad_y f(s, y(s)) = 0 has a unique solution
y(s) = O(s^2) because the Hessian is regular across; then phi(s) = f(s, y(s)) - f(0, 0) = c s^k + ... decides what the
quadratic part cannot.  k even, c > 0: a minimum along the kernel; k even, c < 0: a maximum; k odd: neither.
(M. Golubitsky, D. Schaeffer, Singularities and Groups in Bifurcation Theory I, 1985, ch. VII.)
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from theory.losses.points import CriticalPoint

if TYPE_CHECKING:
    from theory.losses.loss import Loss

MAX_ORDER = 10


@dataclass(frozen=True)
class LeadingTerm:
    """phi(s) = coefficient * s^order + ... along the kernel's direction `kernel` (rational entries)."""

    order: int
    coefficient: sp.Rational
    kernel: tuple[sp.Rational, ...]

    @property
    def shape(self) -> str:
        """Along the kernel: "minimum", "maximum" or "inflection"."""
        if self.order % 2:
            return "inflection"
        return "minimum" if self.coefficient > 0 else "maximum"


def leading_term(loss: "Loss", point: CriticalPoint) -> LeadingTerm | None:
    """First term that decides along the kernel.

    None where the kernel has not dimension one, the coordinates are not rational, or no term up to MAX_ORDER decides.
    """
    if point.nullity != 1 or point.exact is None or not all(x.is_Rational for x in point.exact):
        return None
    place = dict(zip(loss.variables, point.exact, strict=True))
    kernel = loss.hessian.subs(place).nullspace()[0]
    pivot = next(i for i, k in enumerate(kernel) if k != 0)
    across = [i for i in range(len(loss.variables)) if i != pivot]
    s, *y = sp.symbols(f"s y0:{len(across)}", real=True, seq=True)
    moved = [place[v] + s * k for v, k in zip(loss.variables, kernel, strict=True)]
    for i, symbol in zip(across, y, strict=True):
        moved[i] += symbol
    f = loss.expr.subs(dict(zip(loss.variables, moved, strict=True)), simultaneous=True)
    branch = _branch(f, s, y)
    phi = _series(f.subs(branch, simultaneous=True), s, MAX_ORDER)
    term = next(((k, phi.coeff_monomial(s**k)) for k in range(3, MAX_ORDER + 1) if phi.coeff_monomial(s**k) != 0), None)
    return None if term is None else LeadingTerm(term[0], term[1], tuple(kernel))


def _branch(f: sp.Expr, s: sp.Symbol, y: list[sp.Symbol]) -> dict[sp.Symbol, sp.Expr]:
    """y(s) up to s^m, one power after the other, for m = MAX_ORDER / 2.

    The error O(s^(m+1)) of y enters phi squared, so half of the order is enough.
    """
    if not y:
        return {}
    gradient = [f.diff(v) for v in y]
    start = dict.fromkeys([s, *y], sp.Integer(0))
    across = sp.Matrix([[g.diff(v).subs(start) for v in y] for g in gradient])
    branch = dict.fromkeys(y, sp.Integer(0))
    for m in range(2, MAX_ORDER // 2 + 1):
        rest = [_series(g.subs(branch, simultaneous=True), s, m).coeff_monomial(s**m) for g in gradient]
        step = across.LUsolve(-sp.Matrix(rest))
        branch = {v: branch[v] + d * s**m for v, d in zip(y, step, strict=True)}
    return branch


def _series(expression: sp.Expr, s: sp.Symbol, order: int) -> sp.Poly:
    expanded = sp.expand(expression)
    if not expanded.is_polynomial(s):
        expanded = sp.series(expanded, s, 0, order + 1).removeO()
    return sp.Poly(expanded, s)
