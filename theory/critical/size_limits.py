"""Expressions with bounds on their size, so that a formula is refused before it is expanded.

Each carries an upper bound of its degree and of its terms when multiplied out, and its float where it is constant:
SymPy is never asked to simplify a number of unreasonable size.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from saddlecheck.theory.errors import BadLoss

MAX_DEGREE = 40
MAX_TERMS = 20_000
MAX_CONSTANT = 1e60


@dataclass(frozen=True, slots=True)
class Sized:
    """An expression with what bounds its size: degree, terms when expanded, and its float when constant."""

    expr: sp.Expr
    degree: int
    terms: int
    constant: float | None


def whole(n: int) -> Sized:
    """An integer."""
    return Sized(sp.Integer(n), 0, 1, float(n))


def constant_value(function: Callable[..., float], *arguments: float) -> float:
    """A function of constants as a float; raises BadLoss unless it is real and of reasonable size."""
    try:
        value: Any = function(*arguments)
    except (ValueError, OverflowError, ZeroDivisionError):
        value = math.nan
    if isinstance(value, complex) or not abs(value) <= MAX_CONSTANT:
        raise BadLoss(
            "a constant in the formula is not a real number of reasonable size "
            f"(division by zero, root of a negative number, or beyond {MAX_CONSTANT:g}); correct it."
        )
    return float(value)


def total(terms: list[Sized]) -> Sized:
    """Sum of all terms."""
    constants = [t.constant for t in terms]
    constant = None if None in constants else math.fsum(c for c in constants if c is not None)
    degree = max(t.degree for t in terms)
    return checked(Sized(sp.Add(*(t.expr for t in terms)), degree, sum(t.terms for t in terms), constant))


def times(left: Sized, right: Sized) -> Sized:
    """Product of two."""
    both = None if left.constant is None or right.constant is None else left.constant * right.constant
    return checked(Sized(left.expr * right.expr, left.degree + right.degree, left.terms * right.terms, both))


def product(terms: list[Sized]) -> Sized:
    """Product of all terms."""
    result = terms[0]
    for term in terms[1:]:
        result = times(result, term)
    return result


def power(base: Sized, exponent: Sized) -> Sized:
    """Base to a rational power; raises BadLoss for any other exponent and where the base is identically zero."""
    exact = exponent.expr
    if not exact.is_Rational or abs(exact.p) > MAX_DEGREE or exact.q > MAX_DEGREE:
        raise BadLoss(
            f"an exponent must be a fraction with numbers up to {MAX_DEGREE}, as in x**2 or x**0.5; "
            "write exp(y*log(x)) for others."
        )
    if exact < 0 and (base.expr == 0 or (base.terms > 1 and base.expr.expand() == 0)):
        raise BadLoss("the formula divides by zero; correct the denominator.")
    n = max(1, abs(int(exact)))
    terms = math.comb(base.terms + n - 1, n)
    constant = None if base.constant is None else constant_value(operator.pow, base.constant, float(exact))
    _limit(base.degree * n, terms)
    return checked(Sized(base.expr**exact, base.degree * n, terms, constant))


def _limit(degree: int, terms: int) -> None:
    if degree > MAX_DEGREE or terms > MAX_TERMS:
        raise BadLoss(
            f"the formula expands to degree {degree} with up to {terms:.3g} terms; at most degree {MAX_DEGREE} and "
            f"{MAX_TERMS} terms are read."
        )


def checked(term: Sized) -> Sized:
    """The same term, if it is finite, real and small enough; raises BadLoss otherwise."""
    _limit(term.degree, term.terms)
    if term.constant is not None:
        constant_value(abs, term.constant)
    if term.expr.has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I) or any(_imaginary(p) for p in term.expr.atoms(sp.Pow)):
        raise BadLoss("the formula divides by zero or leaves the real numbers; correct it.")
    return term


def _imaginary(power: sp.Pow) -> bool:
    """Whether it is a fractional power of a negative number, such as (-1)**(1/3): no real number for any reader."""
    return bool(power.base.is_number and power.base.is_negative and not power.exp.is_integer)
