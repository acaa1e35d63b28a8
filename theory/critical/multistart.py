"""Critical points by numerical search from many starts: the last resort where no proof is found.  Never complete."""

import time
import warnings
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import flint
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from saddlecheck.theory.critical.numpy_form import compiled
from saddlecheck.theory.critical.points import UNPROVED
from saddlecheck.theory.engines.enclose import PRECISION, SquareSystem, certify_real

_NEAR = float(UNPROVED)
_STARTS = 256
_PIECES = 256  # of a box that is held against the gradient, at most
_OVERLAP = 1 + 1e-9  # so that rounding leaves no gap between two pieces
_SAME = 1e-6
_ZERO = 1e-9


def search(
    gradient: Sequence[sp.Expr], variables: Sequence[sp.Symbol], box: Sequence[tuple[float, float]], deadline: float
) -> Iterator[tuple[list[Any], bool]]:
    """Zeros of the gradient found by Levenberg-Marquardt from scattered starts in the box.

    Each comes as Arb balls, with whether Krawczyk's test proves it, those that are proved as they are found; the starts
    are the same on every call. Near a degenerate zero the search stops anywhere: such stops are one point, the best.

    `deadline`: of the starts, on time.monotonic's clock.

    Yields:
        (enclosure of the zero, whether it is proved), each zero once.
    """
    system = SquareSystem(gradient, variables)
    proved: list[NDArray[np.float64]] = []
    open_: list[tuple[float, NDArray[np.float64]]] = []
    for residual, x in _stops(gradient, variables, box, deadline):
        known = any(_gap(x, y) < _SAME for y in proved)
        if known or any(r <= residual and _gap(x, y) < _NEAR for r, y in open_):
            continue
        with flint.ctx.workprec(PRECISION):
            if not _flat(system, x):
                continue
            enclosure = certify_real(system, _balls(x))
        if enclosure is None:
            open_.append((residual, x))
        else:
            proved.append(x)
            yield enclosure, True
    kept = proved
    for _, x in sorted(open_, key=lambda c: c[0]):
        if all(_gap(x, y) > _NEAR for y in kept):
            with flint.ctx.workprec(PRECISION):
                possible = _possible(system, _balls(x), _NEAR * (1.0 + float(np.abs(x).max())))
            if possible:
                kept.append(x)
                yield _balls(x), False


def _stops(
    gradient: Sequence[sp.Expr], variables: Sequence[sp.Symbol], box: Sequence[tuple[float, float]], deadline: float
) -> Iterator[tuple[float, NDArray[np.float64]]]:
    """Where the gradient is zero to rounding, with what is left of it."""
    from scipy.optimize import least_squares

    n = len(variables)
    slopes = compiled(list(gradient), variables)
    curvatures = compiled([g.diff(v) for g in gradient for v in variables], variables)

    def derivatives(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array(slopes(*x), dtype=float)

    def jacobian(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array(curvatures(*x), dtype=float).reshape(n, n)

    low, high = np.array(box, dtype=float).T
    for start in np.random.default_rng(7).uniform(low, high, (_STARTS, n)):
        if time.monotonic() > deadline:
            return
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an overflow on the way does not invalidate the end
            try:
                result = least_squares(derivatives, start, jacobian, xtol=1e-14, ftol=1e-14, gtol=1e-14)
            except (ValueError, np.linalg.LinAlgError, OverflowError):
                continue  # a start outside the loss's domain
            residual = float(np.abs(result.fun).max())
            near = residual < _ZERO * (1.0 + float(np.abs(result.x).max()))
        if near:
            yield residual, result.x


def _flat(system: SquareSystem, x: NDArray[np.float64]) -> bool:
    """Whether the gradient is as small in balls as in floating point, or has no value there.

    Beside a removable quotient, (exp(x) - 1)/x at 0, floating point may round a gradient of 1e-6 to 0.

    Returns:
        False only where it is proved to be larger.
    """
    least = [float(abs(g).lower()) for g in system.value(_balls(x)) if g.is_finite()]
    return max(least, default=0.0) < 2 * _ZERO * (1.0 + float(np.abs(x).max()))


def _gap(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    return float(np.abs(x - y).max()) / (1.0 + float(np.abs(x).max()))


def _balls(x: NDArray[np.float64]) -> list[Any]:
    return [flint.arb(float(c)) for c in x]


def _possible(system: SquareSystem, guess: list[Any], radius: float) -> bool:
    """Whether a zero may lie within the radius: on a tail the gradient is small, but proved to be none.

    The box is cut into pieces, for an exponential of a wide ball is enclosed by one that holds 0.

    Returns:
        False only where it is proved that there is none.
    """
    pieces = max(1, int(_PIECES ** (1 / len(guess))))
    middles = [radius * ((2 * k + 1) / pieces - 1) for k in range(pieces)]
    for shifts in product(middles, repeat=len(guess)):
        piece = [flint.arb(float(g.mid()) + s, radius / pieces * _OVERLAP) for g, s in zip(guess, shifts, strict=True)]
        if all(not component.is_finite() or component.contains(0) for component in system.value(piece)):
            return True
    return False
