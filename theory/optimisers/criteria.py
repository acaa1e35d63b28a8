r"""When a rule that is linear beside a critical point holds a minimum, and when it traps a saddle: closed forms.

With the rate p(lambda, rho) of a rule one step multiplies a displacement along an eigenvector by 1 - eta p. So small
steps attract along it exactly if p > 0, and steps up to 2/p do. Where p/lambda depends on x = rho lambda alone, as of
every rule whose only scale is rho, the sign of p is that of a polynomial in x, and its roots give the radii.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import flint
import numpy as np
import sympy as sp

from saddlecheck.theory.optimisers.force import Force
from saddlecheck.theory.optimisers.response import Response
from saddlecheck.theory.symbols import Expr, eta, lam, mu, real, rho

_X = real("x")
Range = tuple[float, float]  # of radii, open


@dataclass(frozen=True)
class Criteria:
    """What linearisation says of a rule for every quadratic loss.

    Attributes:
        multiplier: of a displacement along an eigenvector, in eta, lambda and rho.
        minimum: when every small step is drawn to a minimum's direction of eigenvalue lambda > 0.
        trapped: when every small step is drawn back along a direction of eigenvalue -mu < 0.
    """

    multiplier: Expr
    minimum: Any
    trapped: Any


def criteria(force: Force) -> Criteria | None:
    """The closed forms, None for a rule that is not a polynomial in the Hessian beside a critical point."""
    response = force.response
    if response is None or response.q != 0 or response.alpha != 0:
        return None
    return Criteria(1 - eta * response.p, _sign(response, lam, 1), _sign(response, mu, -1))


def _sign(response: Response, size: Any, sign: int) -> Any:
    """The condition for p > 0 at the eigenvalue sign size, size > 0 and rho >= 0."""
    rate = response.p.xreplace({lam: sign * size})
    numerator, denominator = sp.fraction(sp.cancel(rate.xreplace({rho: _X / size}) / size))
    poly = sp.Poly(sp.expand(numerator * denominator), _X) if not (numerator * denominator).has(size) else None
    if poly is None or poly.free_symbols - {_X}:
        return sp.factor(rate) > 0
    if poly.is_ground:
        return sp.true if poly.as_expr() > 0 else sp.false
    roots = sorted({r for r in sp.real_roots(poly) if r > 0})
    ends = [sp.S.Zero, *roots, sp.oo]
    positive = []
    for low, high in itertools.pairwise(ends):
        inside = low + 1 if high == sp.oo else (low + high) / 2
        if sp.N(poly.eval(inside)) > 0:
            positive.append((low, high))
    scaled = rho * size
    parts = [
        sp.And(*([scaled > low] if low != 0 else []), *([scaled < high] if high != sp.oo else []))
        for low, high in positive
    ]
    return sp.Or(*parts) if parts else sp.false


def radii(response: Response, eigenvalues: Sequence[float]) -> list[Range] | None:
    """The radii at which small steps attract along all of these eigenvalues: open ranges, ascending.

    Args:
        response: of a rule that is linear beside the point.
        eigenvalues: none of them zero.

    Returns:
        Ranges of rho >= 0; None where the rate is no rational function of rho.
    """
    numerator, denominator = sp.fraction(sp.cancel(response.p))
    product = numerator * denominator
    if not product.is_polynomial(lam, rho) or product.free_symbols - {lam, rho}:
        return None
    in_rho = [sp.Poly(c, lam) for c in reversed(sp.Poly(product, rho).all_coeffs())]
    rows = [[c.eval(sp.Rational(repr(float(e)))) for c in in_rho] for e in eigenvalues]
    ends = sorted({0.0, *(r for row in rows for r in _positive_roots(row))})
    floats = [[float(c) for c in row] for row in rows]
    kept: list[Range] = []
    for low, high in zip(ends, [*ends[1:], np.inf], strict=True):
        inside = low + 1 if high == np.inf else (low + high) / 2
        if all(np.polynomial.polynomial.polyval(inside, row) > 0 for row in floats):
            kept.append((low, float(high)))
    return kept


def _positive_roots(coefficients: Sequence[sp.Rational]) -> list[float]:
    """Real roots > 0, once each, of a polynomial with its lowest coefficient first: of its exact factors, by Arb."""
    polynomial = flint.fmpq_poly([flint.fmpq(int(c.p), int(c.q)) for c in coefficients]).numer()
    found: list[float] = []
    for factor, _ in polynomial.factor()[1] if polynomial.degree() > 0 else ():
        roots: Any = factor.complex_roots()
        found += [float(r.real.mid()) for r, _ in roots if r.imag.is_zero() and r.real > 0]
    return found
