"""Certified enclosures with Arb: existence and uniqueness of a zero (Krawczyk), and spectra of symmetric matrices.

Krawczyk's operator of g on a box X with midpoint m and Y close to J(m)^-1 is

    K(X) = m - Y g(m) + (I - Y J(X)) (X - m).

If K(X) lies in the interior of X, then g has exactly one zero in X, it lies in K(X), and J is regular on X; if K(X)
and X are disjoint, there is none.  (R. Krawczyk, Computing 4, 1969; R. E. Moore, SIAM J. Numer. Anal. 14, 1977.)
On complex boxes the same holds for analytic g, with J taken over the box, because the box is convex.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from saddlecheck.theory.engines.interval import Interval
from saddlecheck.theory.engines.tape import Tape

PRECISION = 128
_ROUNDS = 6


def real(value: Fraction) -> Any:
    """Arb ball around a rational number."""
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def complex_ball(value: Fraction) -> Any:
    """Complex Arb ball around a rational number."""
    return flint.acb(real(value))


def ball(lower: Fraction, upper: Fraction) -> Any:
    """Arb ball that contains the interval [lower, upper]."""
    return real(lower).union(real(upper))


class SquareSystem:
    """A square system g = 0 with its Jacobian, compiled once for real and complex balls."""

    def __init__(self, equations: Sequence[sp.Expr], variables: Sequence[sp.Symbol]) -> None:
        self.n = len(variables)
        jacobian = [sp.diff(e, v) for e in equations for v in variables]
        self.program = Tape(equations, variables)
        self._jacobian = Tape(jacobian, variables)

    def value(self, x: Sequence[Any], *, constant: Callable[[Fraction], Any] = real) -> list[Any]:
        """Values of g on the balls x."""
        return self.program(x, constant)

    def jacobian(self, x: Sequence[Any], *, constant: Callable[[Fraction], Any] = real) -> Any:
        """Jacobian matrix (arb_mat or acb_mat) on the balls x."""
        entries = self._jacobian(x, constant)
        matrix = flint.arb_mat if constant is real else flint.acb_mat
        return matrix(self.n, self.n, entries)

    def at_arrays(self, z: NDArray[np.complex128]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Floating-point values, shape (m, n), and Jacobians, shape (m, n, n), at m points; polynomials only."""
        columns = list(z.T)
        value = [np.broadcast_to(v, len(z)) for v in self.program(columns, float)]
        jacobian = [np.broadcast_to(v, len(z)) for v in self._jacobian(columns, float)]
        return np.array(value).T, np.array(jacobian).T.reshape(len(z), self.n, self.n)

    def krawczyk(self, x: Sequence[Any], *, constant: Callable[[Fraction], Any] = real) -> list[Any] | None:
        """Krawczyk's operator on the box x, or None where the Jacobian at the midpoint cannot be inverted."""
        matrix = flint.arb_mat if constant is real else flint.acb_mat
        middle = [b.mid() for b in x]
        try:
            inverse = self.jacobian(middle, constant=constant).mid().inv().mid()
        except ZeroDivisionError:
            return None
        g = matrix(self.n, 1, self.value(middle, constant=constant))
        identity = matrix(self.n, self.n, [int(i == j) for i in range(self.n) for j in range(self.n)])
        spread = matrix(self.n, 1, [b - m for b, m in zip(x, middle, strict=True)])
        step = (identity - inverse * self.jacobian(x, constant=constant)) * spread - inverse * g
        return [m + s for m, s in zip(middle, step.entries(), strict=True)]


def certify_real(system: SquareSystem, guess: Sequence[Any], radius: float | None = None) -> list[Any] | None:
    """Tight box with exactly one zero of the system, near the guess (Arb balls); None where the proof fails.

    The proof runs on a box of the given radius around the guess, by default on several relative to the guess's size;
    uniqueness holds on that box, and the box returned is its image after a few further applications.

    Returns:
        One Arb ball a variable, or None.
    """
    size = max(1.0, *(abs(float(b.mid())) for b in guess))
    for r in [radius] if radius else [size * 10.0**-k for k in (8, 11, 14, 5, 20, 30, 40, 60)]:
        box = [b + flint.arb(0, r) for b in guess]
        image = system.krawczyk(box)
        if image is not None and all(_inside(k, b) for k, b in zip(image, box, strict=True)):
            return tightened(system, image)
    return None


def tightened(system: SquareSystem, box: list[Any]) -> list[Any]:
    """Smaller box with the same zero, by applying Krawczyk's operator while it still shrinks."""
    for _ in range(_ROUNDS):
        image = system.krawczyk(box)
        if image is None or not all(b.contains(k) for k, b in zip(image, box, strict=True)):
            break
        box = image
    return box


def _inside(image: Any, box: Any) -> bool:
    return bool(image.is_finite()) and bool(box.contains_interior(image))


def to_intervals(balls: Sequence[Any]) -> tuple[Interval, ...]:
    """Exact rational ends of finite Arb balls."""
    return tuple(Interval.from_arb(b) for b in balls)


def symmetric_spectrum(matrix: Any, *, digits: int = 15) -> tuple[Interval, ...]:
    """Enclosures of the eigenvalues of a symmetric Arb matrix, ascending; equal ones share an interval.

    With Q close to the eigenvectors, Q^-1 H Q is nearly diagonal and similar to H.  Each connected group of k
    Gershgorin discs holds k eigenvalues, and all of them are real because H is symmetric.

    Returns:
        n intervals with rational ends, shape (n,), for a matrix of shape (n, n).

    Raises:
        ValueError: an entry has no finite enclosure.
    """
    n = matrix.nrows()
    vectors = _eigenvectors(matrix, digits)
    similar = vectors.solve(matrix * vectors)
    rows = []
    for i in range(n):
        radius = sum((abs(similar[i, j]) for j in range(n) if j != i), flint.arb(0))
        if not (similar[i, i].is_finite() and radius.is_finite()):
            raise ValueError("the Hessian has no finite enclosure at this point, so its spectrum has none either.")
        disc = Interval.from_arb(similar[i, i]), Interval.from_arb(radius)
        rows.append((disc[0].lower - disc[1].upper, disc[0].upper + disc[1].upper))
    rows.sort()
    groups: list[list[Any]] = []
    for lower, upper in rows:
        if groups and lower <= groups[-1][1]:
            groups[-1][1], groups[-1][2] = max(groups[-1][1], upper), groups[-1][2] + 1
        else:
            groups.append([lower, upper, 1])
    return tuple(Interval(low, high) for low, high, count in groups for _ in range(count))


def _eigenvectors(matrix: Any, digits: int) -> Any:
    # They need not be exact: they only have to be invertible and good enough to make the discs small.
    import mpmath

    n = matrix.nrows()
    if digits <= 15:
        middle = np.array([[float(matrix[i, j].mid()) for j in range(n)] for i in range(n)])
        return flint.arb_mat(np.linalg.eigh((middle + middle.T) / 2)[1].tolist())
    with mpmath.workdps(digits):
        high = mpmath.matrix(
            [[mpmath.mpf(matrix[i, j].mid().str(digits, radius=False)) for j in range(n)] for i in range(n)]
        )
        _, vectors = mpmath.eigsy((high + high.T) / 2)
        return flint.arb_mat([[flint.arb(str(vectors[i, j])) for j in range(n)] for i in range(n)])
