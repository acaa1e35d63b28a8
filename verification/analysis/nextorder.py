r"""Where linearisation does not decide: the next order, along the Hessian's kernel or of a map in one variable.

Zero eigenvalues, the others attracting: on the centre manifold every rule with a constant radius moves by
s' = s - c grad Q(s) + O(|s|^k), Q the loss's leading form along the kernel, of degree k >= 3, and c > 0; for the ascent
is of the order of the gradient, rho |s|^(k-1), and the Hessian that multiplies it of order |s|.
Q positive but at 0: Q itself falls, by c |grad Q|^2 >= c (k Q / |s|)^2, so the point attracts.
Q negative somewhere: R = Q/|s|^k falls, by c |s|^(k-2) |grad R|^2 to leading order, gradient on the sphere. For almost
every r < 0 that R reaches, R = r has no critical point (Sard), so {R < r} is not left near the point, and in it |s|
grows, as -s.grad Q = -k Q >= k |r| |s|^k: the point repels.
A multiplier of exactly 1 or -1 at a non-zero eigenvalue of a loss in one variable: with the map f (or f o f, whose
multiplier is 1), f(s) = s + c s^k + ...; k odd and c < 0 attracts, else it repels, at least on one side.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from saddlecheck.theory.critical.degenerate import leading_term
from saddlecheck.theory.critical.points import CriticalPoint
from saddlecheck.theory.optimiser import Optimiser
from saddlecheck.theory.symbols import eta, rho
from saddlecheck.verification.analysis.result import FlowWord

if TYPE_CHECKING:
    from saddlecheck.theory.critical.loss import Loss

_ORDER = 9


def along_kernel(loss: Loss, point: CriticalPoint) -> tuple[FlowWord, str] | None:
    """(attracts or repels, why) from the loss's leading form along the Hessian's kernel; None if it does not decide."""
    term = leading_term(loss, point)
    if term is None or term.shape == "semidefinite":
        return None
    size = term.kernel.shape[1]
    zero = "a zero eigenvalue" if size == 1 else f"a kernel of dimension {size}"
    form = str(term.form).replace("**", "^").replace("*", " ")
    article = "an" if term.shape == "inflection" else "a"
    return "attracts" if term.shape == "minimum" else "repels", (
        f"the Hessian has {zero}; along it, measured from the point, the loss is {form} to leading order, "
        f"{article} {term.shape}, and that decides."
    )


def of_scalar_map(optimiser: Optimiser, loss: Loss, at: Fraction, radius: Fraction, lr: Fraction) -> FlowWord | None:
    """Return "attracts", "repels" or "neutral" at a fixed point whose multiplier is exactly 1 or -1; None if not known.

    For a polynomial loss in one variable and an optimiser without buffer.
    """
    (w,) = loss.variables
    place = sp.Rational(at.numerator, at.denominator)
    update = optimiser.update(loss)[0].xreplace({rho: _exact(radius), eta: _exact(lr)})
    moved = sp.expand(update.xreplace({w: w + place}) - place)
    if not moved.is_polynomial(w):
        return None
    series = _coefficients(sp.Poly(moved, w))
    if series[1] == -1:
        series = _composed(series, series)
    if series[1] != 1:
        return None
    for k in range(2, _ORDER + 1):
        if series[k] != 0:
            return "attracts" if k % 2 and series[k] < 0 else "repels"
    return "neutral" if moved.is_polynomial(w) and sp.degree(moved, w) <= 1 else None


def _exact(value: Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)


def _coefficients(p: Any) -> list[Fraction]:
    found = [p.coeff_monomial((k,)) for k in range(_ORDER + 1)]
    return [Fraction(int(c.p), int(c.q)) for c in found]


def _composed(outer: Sequence[Fraction], inner: Sequence[Fraction]) -> list[Fraction]:
    """Outer(inner(s)) up to the order kept, by Horner's scheme."""
    total = [Fraction(0)] * (_ORDER + 1)
    for c in reversed(outer):
        total = _times(total, inner)
        total[0] += c
    return total


def _times(a: Sequence[Fraction], b: Sequence[Fraction]) -> list[Fraction]:
    return [sum((a[i] * b[k - i] for i in range(k + 1)), Fraction(0)) for k in range(_ORDER + 1)]
