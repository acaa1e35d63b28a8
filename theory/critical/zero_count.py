"""All zeros of a large system, by counting: as many certified complex zeros as the quotient algebra has dimensions.

The dimension D of Q[x]/I is exact and bounds the number of distinct complex zeros.  Numerical eigenvectors of a
multiplication matrix propose the zeros (Stickelberger's theorem); Krawczyk's test on the equations themselves proves
each.  D pairwise disjoint certified boxes are therefore all of them, every zero is simple, and the real ones are all
the real ones.  Nothing about the proposal has to be trusted.
"""

from typing import Any

import flint
import numpy as np
from numpy.typing import NDArray

from saddlecheck.theory.critical.ideal import Ideal
from saddlecheck.theory.engines.enclose import PRECISION, SquareSystem, certify_real, complex_ball
from saddlecheck.theory.errors import GaveUp

_NEWTON_STEPS = 12
_RADIUS = 1e-8  # of the complex boxes, relative to the size of the zero


def real_zeros(ideal: Ideal, system: SquareSystem) -> list[list[Any]]:
    """Return Arb enclosures, one a variable, of every real zero of the system, whose equations generate the ideal.

    Raises:
        GaveUp: where the count is not reached: a multiple zero, or a zero that Krawczyk's test cannot confirm.
    """
    expected = len(ideal.monomials)
    guesses = _polished(_proposals(ideal), system)
    with flint.ctx.workprec(PRECISION):
        size = np.maximum(1.0, np.abs(guesses).max(axis=1))
        proved = [_certified(system, z, s) for z, s in zip(guesses, size, strict=True)]
        distance = np.abs(guesses[:, None, :] - guesses[None, :, :]).max(axis=2)
        np.fill_diagonal(distance, np.inf)
        if not all(proved) or bool((distance <= 4 * _RADIUS * (size[:, None] + size[None, :])).any()):
            raise GaveUp(f"not all {expected} complex solutions are simple and separate")
        return [box for z, s in zip(guesses, size, strict=True) if (box := _real_box(system, z, s)) is not None]


def _proposals(ideal: Ideal) -> NDArray[np.complex128]:
    """Approximate zeros, shape (D, n): the transposed matrices' eigenvectors are the monomials' values at them."""
    size, n = len(ideal.monomials), len(ideal.variables)
    weights = np.random.default_rng(20240229).uniform(0.5, 1.5, n)
    matrix = np.zeros((size, size))
    for weight, columns in zip(weights, ideal.multiplication, strict=True):
        for j, column in enumerate(columns):
            for i, c in column.items():
                matrix[i, j] += weight * (int(c.p) / int(c.q))
    values = np.linalg.eig(matrix.T)[1]
    values /= values[0]
    coordinates = [
        sum((int(c.p) / int(c.q)) * values[k] for k, c in columns[0].items()) + 0 * values[0]
        for columns in ideal.multiplication
    ]
    return np.array(coordinates, dtype=np.complex128).T


def _polished(guesses: NDArray[np.complex128], system: SquareSystem) -> NDArray[np.complex128]:
    z = guesses.copy()
    with np.errstate(all="ignore"):
        for _ in range(_NEWTON_STEPS):
            residual, jacobian = system.at_arrays(z)
            try:
                z = z - np.linalg.solve(jacobian, residual[..., None])[..., 0]
            except np.linalg.LinAlgError:
                break
    if not np.isfinite(z).all():
        raise GaveUp("Newton's method diverges from the eigenvalue estimates")
    return z


def _certified(system: SquareSystem, z: NDArray[np.complex128], size: float) -> bool:
    radius = flint.arb(0, _RADIUS * size)
    box = [flint.acb(flint.arb(c.real) + radius, flint.arb(c.imag) + radius) for c in z.tolist()]
    image = system.krawczyk(box, constant=complex_ball)
    return image is not None and all(
        b.real.contains_interior(k.real) and b.imag.contains_interior(k.imag) for k, b in zip(image, box, strict=True)
    )


def _real_box(system: SquareSystem, z: NDArray[np.complex128], size: float) -> list[Any] | None:
    # The certified complex box holds one zero.  It is real if the real box around Re z holds one, for that is the
    # same; it is not real if the box stays clear of the real space.
    if np.abs(z.imag).max() > _RADIUS * size:
        return None
    box = certify_real(system, [flint.arb(x) for x in z.real.tolist()], radius=_RADIUS * size)
    if box is None:
        raise GaveUp("a solution is too close to the real space to tell whether it is real")
    return box
