r"""A step that lists all real zeros of two polynomials in the plane, and proves that there are no others.

A zero is listed as (m, q): y is a real root of the irreducible polynomial m, and x = q(y). So the formula has no
quantifier and no radical, every engine can read it, and an algebraic point is as exact as a rational one.

Two engines count the real zeros by routes that share no code. SymPy: a resultant eliminates x; over each of its real
roots y, the common zeros in x are the zeros of a greatest common divisor over the field Q(y); Sturm's theorem counts.
FLINT and Arb: a Groebner basis, the rational univariate representation, Hermite's signature, isolation of the roots
in balls, and Krawczyk's test on the two polynomials themselves in a box around each zero. Each engine then checks
that what is listed are zeros, all different, and as many as it has counted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import flint
import sympy as sp

from saddlecheck.theory.claims.formulas import equal, every
from saddlecheck.theory.claims.kinds import kind
from saddlecheck.theory.claims.nodes import conjuncts
from saddlecheck.theory.claims.outcome import Finding, Probe
from saddlecheck.theory.claims.steps import Premises, Step
from saddlecheck.theory.engines import counterexample, smt
from saddlecheck.theory.errors import CannotCount as CannotCount
from saddlecheck.theory.symbols import Expr, Formula

Listed = tuple[Expr, Expr]  # (m, q): m(y) = 0 and x = q(y)
Plane = tuple[Any, Any]  # (x, y)


# Whether g vanishes at a listed zero, how many real roots m has, how many real zeros the system has.
Engine = tuple[
    Callable[[Expr, Listed, Plane], bool], Callable[[Expr, Any], int], Callable[[tuple[Expr, Expr], Plane], int]
]


@dataclass(frozen=True)
class RealZeros(Step):
    """The real zeros of two polynomials in (x, y) are those listed, and no others.

    formula: as `all_zeros` makes it.  plane: (x, y).  Engines: SymPy, and FLINT with Arb, once Z3 and cvc5 have shown
    that every value in the formula exists: x + 1/y = 1/y has no zero at y = 0.
    Raises MalformedStep when checked if the formula has another shape.
    """

    plane: Plane = field(kw_only=True)

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        if len(set(self.plane)) != 2 or not all(isinstance(v, sp.Symbol) and kind(v) == "real" for v in self.plane):
            raise self._malformed(f"the plane needs two real symbols, got {self.plane}")
        if (sides := _sides(self.formula, self.plane)) is None:
            raise self._malformed(f"RealZeros takes a formula that `all_zeros` made, got {self.formula}")
        system, zeros = sides
        by_sympy = _vanishes_sympy, _roots_sympy, _count_sympy
        by_flint = _vanishes_flint, _roots_flint, _count_flint
        yield "sympy", lambda: self._by(premises, system, zeros, by_sympy, "z3")
        yield "arb", lambda: self._by(premises, system, zeros, by_flint, "cvc5")

    def _by(
        self,
        premises: Premises,
        system: tuple[Expr, Expr],
        zeros: Sequence[Listed],
        engine: Engine,
        solver: smt.Engine,
    ) -> Finding:
        vanishes, roots, count = engine
        if (gap := smt.undefined([self.formula], premises, solver)) is not None:
            return "undecided", gap, None
        minimal = [sp.Poly(m, self.plane[1]) for m, _ in zeros]
        if not all(m.is_irreducible for m in minimal) or len({m.monic() for m in minimal}) < len(minimal):
            return "undecided", "the polynomials for y have to be irreducible and different", None
        for m, q in zeros:
            if not all(vanishes(g, (m, q), self.plane) for g in system):
                return self._refuted(premises, f"{m} = 0, {self.plane[0]} = {q} is no zero of both")
        listed = sum(roots(m, self.plane[1]) for m, _ in zeros)
        try:
            found = count(system, self.plane)
        except CannotCount as error:
            return "undecided", str(error), None
        if found != listed:
            return self._refuted(premises, f"{listed} real zeros are listed, there are {found}")
        return "proved", f"{found} real zeros", None

    def _refuted(self, premises: Premises, why: str) -> Finding:
        """Refuted; with a point where the formula fails, if a rational one can be found."""
        return "refuted", why, counterexample.counterexample(self.formula, premises)


def all_zeros(system: tuple[Expr, Expr], plane: Plane, zeros: Sequence[Listed]) -> Formula:
    """The formula: both polynomials vanish exactly where one of the listed zeros is. At least one has to be listed."""
    parts = [every(equal(m, sp.S.Zero), equal(plane[0], q)) for m, q in zeros]
    where = sp.Or(*parts, evaluate=False) if len(parts) > 1 else parts[0]
    return sp.Equivalent(every(*(equal(g, sp.S.Zero) for g in system)), where, evaluate=False)


def _sides(formula: Formula, plane: Plane) -> tuple[tuple[Expr, Expr], list[Listed]] | None:
    """The system and the list that a formula relates, if it does; the list is the side whose parts say what x is."""
    for where, conditions in itertools.permutations(getattr(formula, "args", ()), 2):
        parts = where.args if isinstance(where, sp.Or) else (where,)
        listed = [_listed(part, plane) for part in parts]
        gradient = _residuals(conditions)
        if isinstance(formula, sp.Equivalent) and len(gradient) == 2 and all(listed):
            return (gradient[0], gradient[1]), [zero for zero in listed if zero is not None]
    return None


def _residuals(formula: Formula) -> list[Expr]:
    """Left minus right side of each equation joined by And; none if there are other parts."""
    equations = conjuncts(formula)
    return [e.lhs - e.rhs for e in equations] if all(isinstance(e, sp.Eq) for e in equations) else []


def _listed(part: Formula, plane: Plane) -> Listed | None:
    x, y = plane
    equations = part.args if isinstance(part, sp.And) and len(_residuals(part)) == 2 else ()
    solved = [e.rhs for e in equations if e.lhs == x and e.rhs.free_symbols <= {y}]
    minimal = [e.lhs - e.rhs for e in equations if e.free_symbols == {y}]
    return (minimal[0], solved[0]) if len(solved) == len(minimal) == 1 else None


def _vanishes_sympy(g: Expr, zero: Listed, plane: Plane) -> bool:
    m, q = zero
    return bool(sp.rem(sp.expand(g.subs(plane[0], q)), m, plane[1], domain=sp.QQ) == 0)


def _roots_sympy(m: Expr, y: Any) -> int:
    return int(sp.Poly(m, y).count_roots())


def _count_sympy(system: tuple[Expr, Expr], plane: Plane) -> int:
    x, y = plane
    first, second = (sp.Poly(g, x, y, domain=sp.QQ) for g in system)
    eliminant = sp.Poly(first.resultant(second).as_expr(), y, domain=sp.QQ)
    if eliminant.is_zero:
        raise CannotCount("the two polynomials have a common curve of zeros")
    total = 0
    for m, _ in eliminant.factor_list()[1]:
        over_each = m.count_roots()
        if over_each and (degree := _common_degree(first, second, m)) > 1:
            raise CannotCount(f"over a root of {m.as_expr()} there are up to {degree} zeros")
        total += over_each * degree if over_each else 0
    return int(total)


def _common_degree(first: sp.Poly, second: sp.Poly, m: sp.Poly) -> int:
    """The degree in x of the greatest common divisor over Q[y]/(m), m irreducible, by Euclid's algorithm."""
    a, b = (_over_field(p, m) for p in (first, second))
    while b:
        scale = sp.invert(b[0], m)
        while len(a) >= len(b):
            factor = (a[0] * scale).rem(m)
            a = _trimmed([(u - factor * v).rem(m) for u, v in zip(a, b, strict=False)] + a[len(b) :])
        a, b = b, a
    if not a:
        raise CannotCount(f"both polynomials vanish on the whole line {m.as_expr()} = 0")
    return len(a) - 1


def _over_field(p: sp.Poly, m: sp.Poly) -> list[sp.Poly]:
    """Coefficients in x of a polynomial in (x, y), leading first, as polynomials in y modulo m."""
    x, y = p.gens
    coefficients = sp.Poly(p.as_expr(), x).all_coeffs()
    return _trimmed([sp.Poly(c, y, domain=sp.QQ).rem(m) for c in coefficients])


def _trimmed(coefficients: list[sp.Poly]) -> list[sp.Poly]:
    lead = next((i for i, c in enumerate(coefficients) if not c.is_zero), len(coefficients))
    return coefficients[lead:]


def _vanishes_flint(g: Expr, zero: Listed, plane: Plane) -> bool:
    m, q = (_univariate(p, plane[1]) for p in zero)
    total = flint.fmpq_poly([0])
    for (i, j), c in sp.Poly(g, *plane).terms():
        total += flint.fmpq_poly([0] * j + [flint.fmpq(int(c.p), int(c.q))]) * q**i
    return bool((total % m).is_zero())


def _roots_flint(m: Expr, y: Any) -> int:
    from saddlecheck.theory.critical.algebraic import real_roots

    return len(real_roots(_univariate(m, y).numer()))


def _univariate(p: Expr, y: Any) -> Any:
    coefficients = reversed(sp.Poly(p, y, domain=sp.QQ).all_coeffs())
    return flint.fmpq_poly([flint.fmpq(int(c.p), int(c.q)) for c in coefficients])


def _count_flint(system: tuple[Expr, Expr], plane: Plane) -> int:
    from saddlecheck.theory.critical.ideal import Ideal
    from saddlecheck.theory.critical.rur import solve
    from saddlecheck.theory.engines.enclose import SquareSystem, certify_real
    from saddlecheck.theory.errors import GaveUp

    ideal = Ideal.of(plane, system)
    if not ideal.is_finite:
        raise CannotCount("the two polynomials have infinitely many common complex zeros")
    try:
        zeros = solve(ideal)
    except GaveUp as error:
        raise CannotCount(str(error)) from error
    if zeros.hermite_real != len(zeros.real):
        raise CannotCount("Hermite's signature and the isolation of the roots disagree")
    equations = SquareSystem(system, plane)
    with flint.ctx.workprec(256):
        for zero in zeros.real:
            if zero.multiplicity == 1 and certify_real(equations, list(zero.balls())) is None:
                raise CannotCount("Krawczyk's test does not confirm a zero that elimination found")
    return len(zeros.real)


__all__ = ["CannotCount", "Listed", "RealZeros", "all_zeros"]
