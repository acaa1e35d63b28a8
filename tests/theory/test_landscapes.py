"""The landscapes with known answers give them."""

import subprocess
import sys

import pytest
import sympy as sp

from saddlecheck.theory.critical.landscapes import (
    BEALE,
    DOUBLE_WELL,
    FOUR_WELLS,
    HIMMELBLAU,
    HYPERBOLIC,
    LANDSCAPES,
    MONKEY_SADDLE,
    ROSENBROCK,
    SIX_HUMP_CAMEL,
    TOY_NEURON,
)

# kinds known from the literature or by hand: (minima, saddles, maxima, degenerate)
COUNTS = [
    (HYPERBOLIC, (0, 1, 0, 0)),
    (DOUBLE_WELL, (2, 0, 1, 0)),
    (FOUR_WELLS, (4, 4, 1, 0)),
    (HIMMELBLAU, (4, 4, 1, 0)),
    (ROSENBROCK, (1, 0, 0, 0)),
    (SIX_HUMP_CAMEL, (6, 7, 2, 0)),
    (MONKEY_SADDLE, (0, 0, 0, 1)),
    (BEALE, (1, 2, 0, 0)),
]


@pytest.mark.parametrize(("loss", "expected"), COUNTS, ids=lambda v: str(v) if not isinstance(v, tuple) else "")
def test_kinds(loss, expected):
    found = loss.critical_points()
    kinds = [p.kind for p in found]
    assert found.complete
    assert found.is_finite
    assert tuple(map(kinds.count, ("minimum", "saddle", "maximum", "degenerate"))) == expected


def test_beale_has_exactly_three_critical_points():
    minimum, second, first = BEALE.critical_points().points  # by value
    assert minimum.exact == (3, sp.Rational(1, 2))
    assert first.exact == (0, 1)
    assert first.exact_eigenvalues == (sp.Rational(-111, 4), sp.Rational(111, 4))
    # -1/(negative eigenvalue): 4/111 and, at the second saddle, 1.2803651844, known beforehand to ten digits
    assert -1 / first.exact_eigenvalues[0] == sp.Rational(4, 111)
    assert -1 / second.spectrum[0] == pytest.approx(1.2803651844, abs=1e-10)
    assert second.location == pytest.approx((0.1005, -2.6445), abs=5e-5)
    # its y solves the cubic factor of the resultant that eliminates x
    t = sp.Symbol("t")
    assert second.exact[1] == sp.CRootOf(3 * t**3 + 11 * t**2 + 10 * t + 5, 0)


def test_beale_by_resultants():
    # Another elimination: every critical point's y is a root of res_x(f_x, f_y), and for each root the x is found.
    x, y = BEALE.variables
    fx, fy = BEALE.gradient
    roots = sp.Poly(sp.resultant(fx, fy, x), y).real_roots(multiple=False)
    ys = [root for root, _ in roots]
    assert sorted(float(r) for r in ys) == pytest.approx(sorted({p.location[1] for p in BEALE.critical_points()}))


def test_toy_neuron_components():
    found = TOY_NEURON.critical_points()
    w1, w2 = TOY_NEURON.variables
    assert found.complete
    assert not found.points
    curve, line = sorted(found.components, key=lambda c: c.value.middle)
    assert sp.expand(curve.equations[0] - (2 * w1**2 * w2 - 1)) == 0
    assert curve.value.lower == curve.value.upper == sp.Rational(9, 4)
    assert [(p.kind, p.where) for p in curve.pieces] == [("minimum", sp.Ne(w1, 0))]
    assert line.equations == (w1,)
    assert line.value.lower == line.value.upper == sp.Rational(5, 2)
    assert line.transverse_eigenvalues == (-2 * w2,)
    # The Hessian on the line is diag(-2 w2, 0): for w2 > 0 its points are maxima across the line, not saddles.
    assert {p.kind: p.where.as_set() for p in line.pieces} == {
        "minimum": sp.Interval.open(-sp.oo, 0),
        "maximum": sp.Interval.open(0, sp.oo),
        "undecided": sp.FiniteSet(0),
    }


def test_names_are_the_keys():
    assert all(loss.name == name for name, loss in LANDSCAPES.items())


def test_import_stays_cheap():
    heavy = {"torch", "numba", "matplotlib", "z3", "cvc5", "flint", "scipy"}
    code = "import sys, saddlecheck.theory.critical.landscapes; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)
