"""Nonnegative multipliers with which polynomials add to zero: a linear program in floats, made exact.

Floats only choose which polynomials to take: the program's solution is a vertex, so that the multipliers of those
follow from the linear equations alone, in rationals.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from saddlecheck.theory.checker.facts import Polynomial

_TINY = 1e-9  # a multiplier below it is taken for zero
_SECONDS = 20.0


def multipliers(polys: Sequence[Polynomial], strict: Sequence[bool], costs: Sequence[float]) -> list[Any] | None:
    """Rationals c with sum c_k p_k = 0, or None if none are found.

    Args:
        polys: first those whose multipliers may not be negative, then those with any multiplier.
        strict: for each of the first, whether it is one of those of which some multiplier is to be positive.
        costs: for each of the first, what it costs to use it.

    Returns:
        One exact rational for each polynomial, or None.
    """
    floats = _solve(polys, strict, costs)
    if floats is None:
        return None
    taken = [j for j, c in enumerate(floats) if abs(c) > _TINY]
    exact = _exact([polys[j] for j in taken], [floats[j] / _size(polys[j]) for j in taken])
    if exact is None:
        return None
    found = [fmpq(0)] * len(polys)
    for j, c in zip(taken, exact, strict=True):
        found[j] = c
    signed = found[: len(strict)]
    return found if min(signed) >= 0 and any(c > 0 for c, s in zip(signed, strict, strict=True) if s) else None


def _solve(polys: Sequence[Polynomial], strict: Sequence[bool], costs: Sequence[float]) -> list[float] | None:
    """The cheapest multipliers in floats, of the polynomials divided by their sizes; the strict ones add to 1."""
    from scipy.optimize import linprog
    from scipy.sparse import csc_array

    rows = _rows(polys)
    entries = [(rows[m], j, _float(c) / _size(p)) for j, p in enumerate(polys) for m, c in p.terms()]
    entries += [(len(rows), j, 1.0) for j, s in enumerate(strict) if s]
    i, j, values = zip(*entries, strict=True)
    matrix = csc_array((values, (i, j)), shape=(len(rows) + 1, len(polys)))
    right = np.zeros(len(rows) + 1)
    right[-1] = 1
    free = len(polys) - len(strict)
    lower = np.array([0.0] * len(strict) + [-np.inf] * free)
    bounds = np.stack([lower, np.full(len(polys), np.inf)], 1)
    limit = {"time_limit": _SECONDS}
    found: Any = linprog(
        [*costs, *[0.0] * free], A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds", options=limit
    )  # type: ignore[call-overload]  # the stubs know no sparse matrix
    return list(found.x) if found.status == 0 else None


def _exact(polys: Sequence[Polynomial], near: Sequence[float]) -> list[Any] | None:
    """A rational solution of sum c_k p_k = 0 near a float one, or None if there is only zero."""
    rows = _rows(polys)
    matrix = fmpq_mat(len(rows), len(polys))
    for j, p in enumerate(polys):
        for m, c in p.terms():
            matrix[rows[m], j] = c
    reduced, rank = matrix.rref()
    pivots = [next(j for j in range(len(polys)) if reduced[i, j] != 0) for i in range(rank)]
    free = [j for j in range(len(polys)) if j not in pivots]
    values = [fmpq(0)] * len(polys)
    for j in free:  # one, at a vertex: its size does not matter
        values[j] = fmpq(*near[j].as_integer_ratio()) if len(free) > 1 else fmpq(1 if near[j] > 0 else -1)
    for i, pivot in enumerate(pivots):
        values[pivot] = -sum((reduced[i, j] * values[j] for j in free), fmpq(0))
    return values if free else None


def _rows(polys: Sequence[Polynomial]) -> dict[Any, int]:
    """The monomials of some polynomials, numbered."""
    return {m: i for i, m in enumerate(dict.fromkeys(m for p in polys for m in p.monoms()))}


def _size(poly: Polynomial) -> float:
    return max((abs(_float(c)) for c in poly.coeffs()), default=1.0)


def _float(c: Any) -> float:
    return int(c.p) / int(c.q)
