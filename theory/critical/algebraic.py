"""Real algebraic numbers: as roots of their minimal polynomials, and as elements of a field Q[t]/(p)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, cmp_to_key, lru_cache
from typing import Any

import flint
import sympy as sp


@dataclass(frozen=True)
class AlgebraicNumber:
    """Real root number `which` (from the left, from 0) of an irreducible polynomial, leading coefficient first."""

    coefficients: tuple[int, ...]
    which: int

    @property
    def rational(self) -> Fraction | None:
        """The number itself where it is rational."""
        return Fraction(-self.coefficients[1], self.coefficients[0]) if len(self.coefficients) == 2 else None

    @cached_property
    def expr(self) -> sp.Expr:
        """As SymPy writes it: a Rational, a surd for degree 2, else CRootOf."""
        t = sp.Symbol("t")
        if len(self.coefficients) == 3:
            a, b, c = (sp.Integer(k) for k in self.coefficients)
            root = sp.sqrt(b**2 - 4 * a * c) / (2 * a)
            return -b / (2 * a) + (root if (self.which == 1) == (a > 0) else -root)
        return sp.CRootOf(sp.Poly(self.coefficients, t), self.which)


def factor_list(polynomial: Any) -> list[Any]:
    """Irreducible integer factors of a rational FLINT polynomial."""
    return [p for p, _ in polynomial.numer().factor()[1]]


def real_roots(polynomial: Any) -> tuple[Any, ...]:
    """Real roots of a squarefree FLINT polynomial as disjoint Arb balls, ascending: a certified isolation."""
    return _real_roots(tuple(polynomial.coeffs()), flint.ctx.prec)


@lru_cache(maxsize=256)
def _real_roots(coefficients: tuple[Any, ...], precision: int) -> tuple[Any, ...]:
    with flint.ctx.workprec(precision):
        roots: Any = flint.fmpz_poly(list(coefficients)).complex_roots()
    # Arb returns real roots with an imaginary part that is exactly zero; isolated ones compare as balls.
    balls: list[Any] = [root.real for root, _ in roots if root.imag.is_zero()]
    return tuple(sorted(balls, key=cmp_to_key(_before)))


def _before(a: Any, b: Any) -> int:
    return -1 if a < b else 1


def identify(factors: Sequence[Any], ball_at: Callable[[int], Any]) -> AlgebraicNumber:
    """The one real root of the irreducible polynomials that lies in a ball which can be had to any number of bits."""
    bits = 128
    while True:
        with flint.ctx.workprec(bits):
            ball = ball_at(bits)
            found = [(p, k) for p in factors for k, root in enumerate(real_roots(p)) if root.overlaps(ball)]
        if len(found) == 1:
            polynomial, which = found[0]
            return AlgebraicNumber(tuple(int(c) for c in reversed(polynomial.coeffs())), which)
        bits *= 2


class Residue:
    """An exact number of the field Q[t]/(p), p irreducible; just enough arithmetic for a tape."""

    def __init__(self, polynomial: Any, modulus: Any) -> None:
        self.polynomial = polynomial % modulus
        self.modulus = modulus

    def __add__(self, other: "Residue") -> "Residue":
        return Residue(self.polynomial + other.polynomial, self.modulus)

    def __sub__(self, other: "Residue") -> "Residue":
        return Residue(self.polynomial - other.polynomial, self.modulus)

    def __mul__(self, other: "Residue") -> "Residue":
        return Residue(self.polynomial * other.polynomial, self.modulus)

    def __truediv__(self, other: "Residue") -> "Residue":
        gcd, inverse, _ = other.polynomial.xgcd(self.modulus)
        if gcd.degree() != 0:
            raise ZeroDivisionError("division by zero in Q[t]/(p)")
        return Residue(self.polynomial * inverse / gcd.leading_coefficient(), self.modulus)

    @property
    def is_zero(self) -> bool:
        """Whether it is exactly zero."""
        return bool(self.polynomial.is_zero())

    def constant(self, value: Fraction) -> "Residue":
        """A rational number in the same field."""
        return Residue(flint.fmpq_poly([flint.fmpq(value.numerator, value.denominator)]), self.modulus)


def rank(rows: Sequence[Sequence[Residue]]) -> int:
    """Rank of a matrix over the field, by elimination."""
    rest = [list(row) for row in rows]
    found = 0
    for column in range(len(rest[0]) if rest else 0):
        pivot = next((r for r in range(found, len(rest)) if not rest[r][column].is_zero), None)
        if pivot is None:
            continue
        rest[found], rest[pivot] = rest[pivot], rest[found]
        for r in range(found + 1, len(rest)):
            factor = rest[r][column] / rest[found][column]
            rest[r] = [a - factor * b for a, b in zip(rest[r], rest[found], strict=True)]
        found += 1
    return found
