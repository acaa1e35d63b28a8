"""Real points of a component at which it is singular: they may stand alone, like (0, 0) on y^2 = x^2 (x - 1).

A component of dimension d is smooth where the Jacobian of its equations has rank n - d.  Elsewhere the real points may
form pieces of lower dimension, which the equations of the whole do not show.
"""

from itertools import combinations
from math import comb
from typing import Any

import sympy as sp

from saddlecheck.theory.critical import rur
from saddlecheck.theory.critical.degenerate import leading_term
from saddlecheck.theory.critical.ideal import Ideal
from saddlecheck.theory.critical.points import Classifier
from saddlecheck.theory.errors import GaveUp

_MAX_MINORS = 300


def locus(component: Ideal, dimension: int) -> Ideal:
    """The points of a component where the rank is smaller; raises GaveUp for too many minors."""
    n = len(component.variables)
    size, rows = n - dimension, len(component.basis)
    if size == 0:
        return component.joined([component.ring.constant(1)])  # the whole space is smooth
    if comb(rows, size) * comb(n, size) > _MAX_MINORS:
        raise GaveUp("the component has too many equations")
    jacobian = [[p.derivative(j) for j in range(n)] for p in component.basis]
    minors = [
        _determinant([[jacobian[i][j] for j in columns] for i in chosen])
        for chosen in combinations(range(rows), size)
        for columns in combinations(range(n), size)
    ]
    return component.joined(minors)


def _determinant(matrix: list[list[Any]]) -> Any:
    if len(matrix) == 1:
        return matrix[0][0]
    minors = (_determinant([row[:j] + row[j + 1 :] for row in matrix[1:]]) for j in range(len(matrix)))
    terms = [a * m * (-1) ** j for j, (a, m) in enumerate(zip(matrix[0], minors, strict=True))]
    return sum(terms[1:], terms[0])


def stands_alone(zero: rur.Zero, component: Ideal) -> bool | None:
    """Return whether a singular point has a neighbourhood without other real points of the component, None: undecided.

    Where one equation q = 0 defines the component, an extremum of q that is strict stands alone, and where q takes both
    signs nearby it does not.
    """
    if len(component.basis) != 1:
        return _by_solver(zero, component)
    q, variables = component.expressions()[0], component.variables
    point = Classifier(q, variables).from_zero(zero)
    positive = sum(e.sign > 0 for e in point.eigenvalues)
    if point.index and positive:
        return False
    if point.nullity == 0:
        return True
    from saddlecheck.theory.critical.objective import Objective

    leading = leading_term(Objective(q, variables), point)
    if leading is None or leading.shape == "semidefinite":
        return _by_solver(zero, component)
    strict = {"minimum": 1, "maximum": -1}.get(leading.shape, 0)  # the sign that q takes along the kernel
    across = 1 if positive else -1 if point.index else strict
    return strict != 0 and strict == across


def _by_solver(zero: rur.Zero, component: Ideal) -> bool | None:
    """True where Z3 finds no other point in a ball around a rational point, else None."""
    from saddlecheck.theory.critical.domain import proved

    place = [number.rational for number in zero.coordinates()]
    if None in place:
        return None
    centre = [sp.Rational(c.numerator, c.denominator) for c in place if c is not None]
    distance = sum((v - c) ** 2 for v, c in zip(component.variables, centre, strict=True))
    premises = [*(sp.Eq(e, 0) for e in component.expressions()), sp.Gt(distance, 0)]
    alone = any(proved(premises, sp.Ge(distance, sp.Rational(1, k))) for k in (1, 100, 10_000))
    return True if alone else None
