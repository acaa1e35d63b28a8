"""One critical point: where it is, what the loss and its Hessian are there, and how far that is proved."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import flint
import sympy as sp

from saddlecheck.theory.critical.algebraic import AlgebraicNumber, rank, real_roots
from saddlecheck.theory.engines.enclose import SquareSystem, certify_real, real, symmetric_spectrum, to_intervals
from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.engines.tape import Tape
from saddlecheck.theory.errors import GaveUp

if TYPE_CHECKING:
    from saddlecheck.theory.critical.rur import Zero

Kind = Literal["minimum", "maximum", "saddle", "degenerate"]
_BITS = 256
_DIGITS = (15, 40, 80, 160)
_ZERO = Interval.exact(0)
UNPROVED = Fraction(1, 100)  # of 1 + |x|: how far from a point that is not proved the numerical search may stop
_ROUNDING = Fraction(1, 1000)  # of the largest eigenvalue: what no eigenvalue of such a point is known better than


@dataclass(frozen=True)
class CriticalPoint:
    """A real zero of the gradient.

    Attributes:
        at: enclosures of the coordinates.
        value: of the loss.
        eigenvalues: of the Hessian's spectrum, ascending; a zero eigenvalue that is proved is the interval [0, 0].
        kind: "minimum", "maximum", "saddle", or "degenerate" where an eigenvalue is zero or cannot be told from zero.
        index: the number of eigenvalues that are certainly negative.
        nullity: the number that are exactly zero, None where the enclosures cannot tell.
        certified: existence and uniqueness are proved, not only seen.
        algebraic, exact_spectrum: the coordinates, and for a rational point the eigenvalues, as algebraic numbers.
        piece: the smooth formula that the loss is around it, where the loss as a whole has kinks.
    """

    at: tuple[Interval, ...]
    value: Interval
    eigenvalues: tuple[Interval, ...]
    kind: Kind
    index: int
    nullity: int | None
    certified: bool
    algebraic: tuple[AlgebraicNumber, ...] | None = None
    exact_spectrum: tuple[AlgebraicNumber, ...] | None = None
    piece: sp.Expr | None = None

    @property
    def location(self) -> tuple[float, ...]:
        """Coordinates as floats."""
        return tuple(x.middle for x in self.at)

    @property
    def spectrum(self) -> tuple[float, ...]:
        """Hessian eigenvalues as floats, ascending."""
        return tuple(x.middle for x in self.eigenvalues)

    @property
    def exact(self) -> tuple[sp.Expr, ...] | None:
        """Coordinates as exact SymPy numbers, None when only enclosures are known."""
        return None if self.algebraic is None else tuple(a.expr for a in self.algebraic)

    @property
    def exact_eigenvalues(self) -> tuple[sp.Expr, ...] | None:
        """Hessian eigenvalues as exact SymPy numbers, ascending; known where the coordinates are rational."""
        return None if self.exact_spectrum is None else tuple(a.expr for a in self.exact_spectrum)

    def __str__(self) -> str:
        place = ", ".join(f"{x:.10g}" for x in self.location)
        return f"{self.kind} at ({place}), eigenvalues {', '.join(f'{x:.10g}' for x in self.spectrum)}"


class Classifier:
    """What it takes to classify the critical points of one loss: compiled gradient, Hessian and value."""

    def __init__(self, expr: sp.Expr, variables: Sequence[sp.Symbol]) -> None:
        self.n = len(variables)
        gradient = [sp.diff(expr, v) for v in variables]
        self.hessian = sp.Matrix([[sp.diff(g, v) for v in variables] for g in gradient])
        self.system = SquareSystem(gradient, variables)
        self._value = Tape([expr], variables)
        self._hessian = Tape(list(self.hessian), variables)

    def from_zero(self, zero: "Zero") -> CriticalPoint:
        """Point given exactly.  The gradient's own Krawczyk test has to confirm a simple one independently."""
        numbers = zero.coordinates()
        nullity = 0 if zero.multiplicity == 1 else self.n - rank(self._exact_hessian(zero))
        rational = _rational_point(numbers)
        exact_spectrum = None if rational is None else self._exact_spectrum(rational)
        with flint.ctx.workprec(_BITS):
            balls = list(zero.balls(_BITS))
            if nullity == 0 and certify_real(self.system, balls) is None:
                raise GaveUp("Krawczyk's test does not confirm a point found by elimination")
            at, value = to_intervals(balls), Interval.from_arb(self._value(balls, real)[0])
        at = tuple(x if a.rational is None else Interval.exact(a.rational) for x, a in zip(at, numbers, strict=True))
        if rational is not None:
            q = self._value(rational, _fmpq)[0]
            value = Interval.exact(Fraction(int(q.p), int(q.q)))
        eigenvalues = self._resolved_spectrum(zero, nullity)
        return _point(at, value, eigenvalues, nullity, certified=True, algebraic=numbers, exact=exact_spectrum)

    def from_balls(self, balls: Sequence[Any], *, certified: bool) -> CriticalPoint:
        """Return a point known by an enclosure only: an eigenvalue whose enclosure contains zero stays undecided.

        Where Krawczyk's test does not prove the point, the search may have stopped anywhere within `UNPROVED` of it,
        and an eigenvalue has a sign only if it keeps it on the way there.
        """
        value = Interval.from_arb(self._value(balls, real)[0])
        eigenvalues = symmetric_spectrum(self._matrix(balls))
        if not certified:
            slack = self._change(balls, max(abs(Fraction(e.middle)) for e in eigenvalues))
            eigenvalues = tuple(Interval(e.lower - slack, e.upper + slack) for e in eigenvalues)
        nullity = None if any(e.sign == 0 for e in eigenvalues) else 0
        return _point(to_intervals(balls), value, eigenvalues, nullity, certified=certified)

    def _change(self, balls: Sequence[Any], largest: Fraction) -> Fraction:
        """Return a bound on how far the Hessian's eigenvalues are from the true point's, given the largest one's size.

        By Weyl's inequality eigenvalues move by at most the matrix's norm, here Frobenius's, summed over a step along
        each axis; where the Hessian has no value there, by more than all of them.
        """
        middle = [flint.arb(b.mid()) for b in balls]
        reach = flint.arb(float(UNPROVED)) * (1 + max(abs(float(m)) for m in middle))
        here, total = self._hessian(middle, real), flint.arb(0)
        for i in range(self.n):
            moved = []
            for sign in (1, -1):
                there = self._hessian([m + sign * reach if k == i else m for k, m in enumerate(middle)], real)
                moved.append(sum(((a - b) ** 2 for a, b in zip(there, here, strict=True)), flint.arb(0)).sqrt())
            if not all(m.is_finite() for m in moved):
                return 2 * largest + 1
            total += max(m.abs_upper() for m in moved)
        return max(Interval.from_arb(total).upper, largest * _ROUNDING)

    def _matrix(self, balls: Sequence[Any]) -> Any:
        return flint.arb_mat(self.n, self.n, self._hessian(balls, real))

    def _exact_hessian(self, zero: "Zero") -> list[list[Any]]:
        residues = zero.residues()
        entries = self._hessian(residues, residues[0].constant)
        return [entries[i : i + self.n] for i in range(0, self.n**2, self.n)]

    def _exact_spectrum(self, point: Sequence[Any]) -> tuple[AlgebraicNumber, ...]:
        entries = self._hessian(point, _fmpq)
        characteristic = flint.fmpq_mat(self.n, self.n, entries).charpoly()
        roots: list[tuple[Fraction, AlgebraicNumber]] = []
        for p, multiplicity in characteristic.numer().factor()[1]:
            for k, ball in enumerate(real_roots(p)):
                number = AlgebraicNumber(tuple(int(c) for c in reversed(p.coeffs())), k)
                roots += [(Interval.from_arb(ball).lower, number)] * multiplicity
        return tuple(number for _, number in sorted(roots, key=lambda pair: pair[0]))

    def _resolved_spectrum(self, zero: "Zero", nullity: int) -> tuple[Interval, ...]:
        """Enclosures sharp enough that exactly the known number of them contains zero."""
        for digits in _DIGITS:
            bits = max(_BITS, 8 * digits)
            with flint.ctx.workprec(bits):
                found = symmetric_spectrum(self._matrix(zero.balls(bits)), digits=digits)
            if sum(e.sign == 0 for e in found) == nullity:
                return tuple(_ZERO if e.sign == 0 else e for e in found)
        raise GaveUp("the Hessian's eigenvalues cannot be told from zero with 160 digits")


def _fmpq(value: Fraction) -> Any:
    return flint.fmpq(value.numerator, value.denominator)


def _rational_point(numbers: Sequence[AlgebraicNumber]) -> list[Any] | None:
    point = [a.rational for a in numbers]
    return None if None in point else [_fmpq(q) for q in point if q is not None]


def _point(
    at: tuple[Interval, ...],
    value: Interval,
    eigenvalues: tuple[Interval, ...],
    nullity: int | None,
    *,
    certified: bool,
    algebraic: tuple[AlgebraicNumber, ...] | None = None,
    exact: tuple[AlgebraicNumber, ...] | None = None,
) -> CriticalPoint:
    index = sum(e.sign < 0 for e in eigenvalues)
    ends: dict[int, Kind] = {0: "minimum", len(at): "maximum"}
    kind = ends.get(index, "saddle") if nullity == 0 else "degenerate"
    return CriticalPoint(at, value, eigenvalues, kind, index, nullity, certified, algebraic, exact)
