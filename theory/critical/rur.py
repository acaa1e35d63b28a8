"""All zeros of an ideal with finitely many, exactly: the rational univariate representation, with two real counts.

For a form u that takes different values at different zeros, let f be the squarefree part of the characteristic
polynomial of multiplication by u.  The zeros are x_i = g_i(t)/g_1(t) at the roots t of f, where for v in A

    g_v(T) = sum_(i+j+k = d-1) trace(v u^i) a_j T^k,      f = sum_j a_j T^(d-j),  a_0 = 1.

(F. Rouillier, AAECC 9, 1999.)  Hermite's form (p, q) -> trace(pq) has rank the number of distinct complex zeros and
signature the number of distinct REAL zeros: it checks that u separates, and it counts without isolating anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Any

import flint
import sympy as sp

from saddlecheck.theory.critical.algebraic import AlgebraicNumber, Residue, factor_list, identify, real_roots
from saddlecheck.theory.critical.ideal import Ideal
from saddlecheck.theory.errors import GaveUp

MAX_EXACT_DIMENSION = 60
_BITS = 256
_MAX_BITS = 1 << 16


@dataclass(frozen=True)
class Zero:
    """One real zero: t = root `which` (from the left) of `minimal`, x_i = numerators[i](t)/denominator(t).

    `coordinate_factors[i]` holds the irreducible polynomials one of which x_i is a root of.  The multiplicity is
    that of the zero in the ideal, None where that says nothing about the gradient.
    """

    minimal: Any
    which: int
    numerators: tuple[Any, ...]
    denominator: Any
    multiplicity: int | None
    coordinate_factors: tuple[tuple[Any, ...], ...]

    def balls(self, bits: int = _BITS) -> tuple[Any, ...]:
        """Arb balls around the coordinates with at least half of `bits` correct bits."""
        precision = bits
        while precision <= _MAX_BITS:
            with flint.ctx.workprec(precision):
                root = real_roots(self.minimal)[self.which]
                below = _horner(self.denominator, root)
                balls = tuple(_horner(p, root) / below for p in self.numerators)
                if all(b.is_finite() and _narrow(b, bits // 2) for b in balls):
                    return balls
            precision *= 2
        raise GaveUp("coordinates need more than 65,000 bits")

    def coordinates(self) -> tuple[AlgebraicNumber, ...]:
        """Coordinates as roots of their own minimal polynomials."""
        return tuple(
            identify(factors, lambda bits, i=i: self.balls(bits)[i])  # type: ignore[misc]  # mypy infers no lambda default
            for i, factors in enumerate(self.coordinate_factors)
        )

    def residues(self) -> tuple["Residue", ...]:
        """Coordinates as exact elements of Q[t]/(minimal)."""
        modulus = flint.fmpq_poly(self.minimal)
        below = Residue(self.denominator, modulus)
        return tuple(Residue(p, modulus) / below for p in self.numerators)


@dataclass(frozen=True)
class Zeros:
    """All real zeros, how many distinct complex ones there are, and Hermite's count of the real ones."""

    real: tuple[Zero, ...]
    minimal: tuple[Any, ...]
    hermite_real: int


def solve(ideal: Ideal) -> Zeros:
    """Every real zero of an ideal with finitely many complex zeros; raises GaveUp when the algebra is too large."""
    size = len(ideal.monomials)
    if size > MAX_EXACT_DIMENSION:
        raise GaveUp(f"{size} complex solutions are too many for exact elimination")
    if size == 0:
        return Zeros((), (), 0)
    by_variable = [_matrix(size, columns) for columns in ideal.multiplication]
    products = _products(ideal, by_variable)
    trace = flint.fmpq_mat([[sum(m[k, k] for k in range(size)) for m in products]])
    hermite = flint.fmpq_mat([(trace * m).entries() for m in products])
    rank, signature = _rank_and_signature(hermite)
    for coefficients in _forms(len(by_variable)):
        u = sum((c * m for c, m in zip(coefficients, by_variable, strict=True)), flint.fmpq_mat(size, size))
        characteristic = u.charpoly()
        _, factors = characteristic.numer().factor()
        if sum(p.degree() for p, _ in factors) == rank:
            break
    squarefree = flint.fmpq_poly([1])
    for p, _ in factors:
        squarefree *= flint.fmpq_poly(p)
    numerators, denominator = _representation(squarefree / squarefree.leading_coefficient(), u, by_variable, trace)
    coordinates = tuple(tuple(factor_list(m.charpoly())) for m in by_variable)
    zeros = [
        Zero(p, k, numerators, denominator, int(multiplicity), coordinates)
        for p, multiplicity in factors
        for k in range(len(real_roots(p)))
    ]
    return Zeros(tuple(zeros), tuple(p for p, _ in factors), signature)


def sympy_real_count(zeros: Zeros) -> int:
    """Return the number of real zeros, each counted once, by SymPy's continued fractions, which share no code with Arb.

    (Its `count_roots` builds Sturm chains over the rationals: two hundred times slower at degree 30.)
    """
    t = sp.Symbol("t")
    return sum(len(sp.Poly([int(c) for c in reversed(p.coeffs())], t).intervals(sqf=True)) for p in zeros.minimal)


def _matrix(size: int, columns: tuple[dict[int, Any], ...]) -> Any:
    matrix = flint.fmpq_mat(size, size)
    for j, column in enumerate(columns):
        for i, c in column.items():
            matrix[i, j] = c
    return matrix


def _products(ideal: Ideal, by_variable: list[Any]) -> list[Any]:
    """Multiplication matrix of every basis monomial, each from a smaller one."""
    size = len(ideal.monomials)
    identity = flint.fmpq_mat(size, size, [int(i == j) for i in range(size) for j in range(size)])
    found: dict[Any, Any] = {}
    for m in ideal.monomials:
        i = next((i for i, k in enumerate(m) if k), None)
        found[m] = identity if i is None else by_variable[i] * found[(*m[:i], m[i] - 1, *m[i + 1 :])]
    return list(found.values())


def _rank_and_signature(symmetric: Any) -> tuple[int, int]:
    # All roots of the characteristic polynomial are real, so Descartes' rule counts the positive ones exactly.
    coefficients = symmetric.charpoly().coeffs()
    rank = symmetric.rank()
    positive = _sign_changes(coefficients)
    return rank, 2 * positive - rank


def _sign_changes(coefficients: list[Any]) -> int:
    signs = [c > 0 for c in coefficients if c != 0]
    return sum(a != b for a, b in pairwise(signs))


def _forms(n: int) -> Iterator[tuple[int, ...]]:
    """x_1, x_2, ... first, as their polynomials are small, then x_1 + k x_2 + k^2 x_3 + ..., one of which separates."""
    yield from (tuple(int(i == j) for j in range(n)) for i in range(n))
    yield from (tuple(k**j for j in range(n)) for k in count(1))


def _representation(f: Any, u: Any, by_variable: list[Any], trace: Any) -> tuple[tuple[Any, ...], Any]:
    d, size = f.degree(), u.nrows()
    a = list(reversed(f.coeffs()))
    one = flint.fmpq_mat(size, 1, [1] + [0] * (size - 1))
    rows = [trace]
    for _ in range(d - 1):
        rows.append(rows[-1] * u)

    def polynomial(v: Any) -> Any:
        traces = [(row * v)[0, 0] for row in rows]
        coefficients = [flint.fmpq(0)] * d
        for i, s in enumerate(traces):
            for j in range(d - i):
                coefficients[d - 1 - i - j] += s * a[j]
        return flint.fmpq_poly(coefficients)

    return tuple(polynomial(m * one) for m in by_variable), polynomial(one)


def _horner(polynomial: Any, at: Any) -> Any:
    value = flint.arb(0)
    for c in reversed(polynomial.coeffs()):
        value = value * at + flint.arb(c)
    return value


def _narrow(b: Any, bits: int) -> bool:
    return bool(b.rad() < (abs(b.mid()) + 1) * 2 ** (-bits))
