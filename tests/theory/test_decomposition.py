"""Zero sets of positive dimension: the pieces are the set, no more and no less, and what can be split is split."""

import pytest
import sympy as sp

from saddlecheck.theory.critical.decomposition import separate, split
from saddlecheck.theory.critical.ideal import Ideal

x, y, z = V = sp.symbols("x y z", real=True)
HALF = sp.Rational(1, 2)
CASES = {  # equations, and points of each component
    "a plane and a line": ([x * y, x * z], [[(0, 2, 3), (0, -1, HALF)], [(4, 0, 0), (-1, 0, 0)]]),
    "two parabolas": ([x**2 - z, y**2 - z], [[(2, 2, 4), (-3, -3, 9)], [(2, -2, 4), (-HALF, HALF, HALF**2)]]),
    "a cubic and an axis": ([x * z - y**2, x**3 - y * z], [[(1, 1, 1), (8, 16, 32)], [(0, 0, 5), (0, 0, -2)]]),
    "an axis and a point": ([x * y - x, x * z - x, x**2 - x - y + y**2], [[(0, 0, 3), (0, 1, 7)], [(1, 1, 1)]]),
    "one curve": ([y - x**2, z - x**3], [[(2, 4, 8), (-1, 1, -1)]]),
}


def holds(piece, point):
    """Whether a point is on a piece, whatever its further variable is."""
    at = dict(zip(V, point, strict=True))
    values = [e.subs(at) for e in piece.expressions()]
    further = sorted(set().union(*(sp.sympify(v).free_symbols for v in values)), key=str)
    return all(v == 0 for v in values) if not further else bool(sp.solve(values, further))


def pieces(equations):
    found = []
    for leaf in split(Ideal.of(V, equations)):
        finer = separate(leaf) if leaf.dimension > 0 else None
        found += [leaf] if finer is None else finer
    return [p for p in found if not p.is_everything]


@pytest.mark.parametrize("name", CASES)
def test_the_pieces_are_the_set(name):
    equations, components = CASES[name]
    found = pieces(equations)
    for piece in found:  # no more: each equation holds on each piece
        wide = Ideal.of(piece.variables, [*piece.expressions(), *equations])
        assert all(piece.reduces_to_zero(p) for p in wide.basis)
    for point in (p for points in components for p in points):  # no less: each point lies on a piece
        assert all(e.subs(dict(zip(V, point, strict=True))) == 0 for e in equations), "the case is right"
        assert any(holds(piece, point) for piece in found), point
    # a point that is on none of them is on no piece
    assert not any(holds(piece, (7, 5, 3)) for piece in found)


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"two parabolas"}))
def test_components_come_apart(name):
    """No piece holds two components. Conjugate ones over the independent variable, x = y and x = -y over z, may stay
    together: with one generator for each variable the set is described all the same."""
    equations, components = CASES[name]
    for piece in pieces(equations):
        touched = [points for points in components if all(holds(piece, p) for p in points)]
        assert len(touched) <= 1
