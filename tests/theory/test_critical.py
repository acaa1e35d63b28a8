"""All critical points: against numerical search, against topology, and with checkers that are seen to fail."""

import random
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import sympy as sp
from polynomials import random_polynomial
from scipy.optimize import root

from saddlecheck.theory.critical import algebraic_set, rur
from saddlecheck.theory.critical.critical import critical_points
from saddlecheck.theory.critical.landscapes import (
    BEALE,
    DOUBLE_WELL,
    FOUR_WELLS,
    HIMMELBLAU,
    ROSENBROCK,
    SIX_HUMP_CAMEL,
)
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.critical.smooth_pieces import parts
from saddlecheck.theory.errors import BadLoss, GaveUp

COUPLED = Loss(
    "+".join(f"(x{i}**2 - 1)**2/4" for i in range(6)) + "+" + "+".join(f"x{i}*x{i + 1}/10" for i in range(5)),
    name="coupled quartic",
)
# Losses that tend to infinity in every direction: there sum (-1)^index = 1 (Morse; the Euler number of a ball).
COERCIVE = [DOUBLE_WELL, FOUR_WELLS, HIMMELBLAU, SIX_HUMP_CAMEL, ROSENBROCK]


def rational(loss):
    (part,) = parts(loss)
    return algebraic_set.RationalLoss.of(part, loss.variables)


def euler_number(points):
    return sum((-1) ** p.index for p in points)


def numerical_search(loss, starts, scale=2.0, seed=5):
    """Zeros of the gradient by SciPy's hybrid method from random starts: shares no code with the engines."""
    gradient, hessian = sp.lambdify([loss.variables], list(loss.gradient)), sp.lambdify([loss.variables], loss.hessian)
    rng, found = np.random.default_rng(seed), []
    for start in rng.normal(scale=scale, size=(starts, len(loss.variables))):
        with np.errstate(all="ignore"):
            result = root(gradient, start, jac=hessian, tol=1e-13)
        if result.success and np.abs(result.fun).max() < 1e-10:
            found.append(result.x)
    return found


def is_listed(x, critical_set, loss):
    # SciPy stops at |gradient| < 1e-10; at a degenerate point that allows an error of about 1e-10^(1/3) = 5e-4.
    slack = 1e-3 * (1 + np.abs(x).max())
    place = dict(zip(loss.variables, x, strict=True))
    on_component = (all(abs(e.subs(place)) < slack for e in c.equations) for c in critical_set.components)
    return any(np.abs(x - np.array(p.location)).max() < slack for p in critical_set) or any(on_component)


@pytest.mark.parametrize("loss", [*COERCIVE, BEALE], ids=str)
def test_numerical_search_finds_nothing_else_and_everything(loss):
    found = loss.critical_points()
    seen = numerical_search(loss, 150)
    assert found.complete
    assert all(p.certified for p in found)
    assert all(is_listed(x, found, loss) for x in seen)
    assert all(any(np.abs(x - np.array(p.location)).max() < 1e-6 for x in seen) for p in found)


@pytest.mark.parametrize("loss", COERCIVE, ids=str)
def test_the_euler_number_of_a_coercive_loss_is_one_and_notices_a_missing_point(loss):
    points = loss.critical_points().points
    assert euler_number(points) == 1
    assert euler_number(points[1:]) != 1


def test_six_variables():
    found = COUPLED.critical_points(timeout=60)
    assert found.complete
    assert found.engines == ("complex count", "Krawczyk")
    assert len(found) == 3**6  # for a weak coupling each of the 3^6 points of the uncoupled loss persists
    assert euler_number(found.points) == 1
    assert all(is_listed(x, found, COUPLED) for x in numerical_search(COUPLED, 40, scale=1.0))


def test_enclosures_hold_the_exact_numbers():
    for p in HIMMELBLAU.critical_points():
        for interval, number in zip(p.at, p.exact, strict=True):
            # SymPy's 60 digits of numbers below 4 are good to 1e-58.
            digits, slack = sp.Rational(str(number.evalf(60))), sp.Rational(1, 10**58)
            assert sp.Rational(interval.lower) - slack <= digits <= sp.Rational(interval.upper) + slack
        numeric = np.linalg.eigvalsh(
            np.array(HIMMELBLAU.hessian.subs(dict(zip(HIMMELBLAU.variables, p.location, strict=True))), dtype=float)
        )
        assert p.spectrum == pytest.approx(numeric, abs=1e-10)  # floats lose 1e-14 of entries up to 200


@pytest.mark.parametrize("seed", [*range(30), 122, 194, 478])  # the last three: a line and points beside it
def test_random_polynomials(seed):
    loss = random_polynomial(seed, "x y" if seed % 2 else "x y z")
    found = loss.critical_points()
    assert found.complete
    assert all(is_listed(x, found, loss) for x in numerical_search(loss, 25))


@pytest.mark.parametrize(
    ("text", "locations"),
    [
        ("x + y + y**3", []),
        ("x**3 + x", []),
        ("x**3 - 3*x", [(1.0,), (-1.0,)]),  # unbounded below
        ("-x**4 - y**4", [(0.0, 0.0)]),
        ("x/(1 + x**2)", [(-1.0,), (1.0,)]),
        ("1/x", []),
        ("(x**2 + 1)/x", [(-1.0,), (1.0,)]),
        ("1/x**2 + x**2*y**2 - x**2", []),
        ("x**4 + y**4 + z**4 + w**4", [(0.0,) * 4]),  # 81 complex zeros in one point
    ],
)
def test_known_sets(text, locations):
    found = Loss(text).critical_points()
    assert found.complete
    assert found.is_finite
    assert sorted(p.location for p in found) == sorted(locations)


def test_a_constant_is_flat_everywhere():
    (component,) = Loss("0*x + 0*y + 5").critical_points().components
    assert component.dimension == 2
    assert [(p.kind, p.where) for p in component.pieces] == [("flat", sp.true)]
    assert float(component.value) == 5


@pytest.mark.parametrize(
    ("text", "dimension", "kinds"),
    [
        ("(x**2 + y**2 - 1)**2", 1, ["minimum"]),
        ("-(x*y - 1)**2/(1 + z**2)", 2, ["maximum"]),
        ("x**2 - y**2 + 0*z", 1, ["saddle"]),
        ("(x - y)**2", 1, ["minimum"]),
        ("(x - y)**4", 1, ["undecided"]),
        ("x**2/y", 1, ["maximum", "minimum"]),  # for y < 0 and y > 0; not defined at y = 0
    ],
)
def test_components_are_classified(text, dimension, kinds):
    found = Loss(text).critical_points()
    assert found.complete
    (component,) = found.components
    assert component.dimension == dimension
    assert [p.kind for p in component.pieces] == kinds
    for sample in component.samples:
        assert sample.certified
        assert sample.nullity >= dimension


def test_complex_components_are_no_real_ones():
    found = Loss("(x**2 + y**2)**2").critical_points()  # the lines x = +-iy meet the plane in one point
    assert found.complete
    assert found.is_finite
    assert [p.location for p in found] == [(0.0, 0.0)]


# Losses that are no polynomials: the list is complete for the box.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sin(x) + y**2", [(np.pi * (k + 0.5), 0.0) for k in range(-3, 3)]),
        ("exp(-x**2 - y**2)", [(0.0, 0.0)]),
        ("softplus(x) - x/3 + y**2", [(-np.log(2), 0.0)]),
        ("tanh(x*y)**2 + (x - 1)**2", [(1.0, 0.0)]),
        ("sqrt(x)*(x - 1)", [(1 / 3,)]),
        ("pi*x**2 + sqrt(2)*y**2 - x", [(1 / (2 * np.pi), 0.0)]),
        ("exp(x)", []),
    ],
)
def test_subdivision(text, expected):
    found = Loss(text).critical_points()
    assert found.complete
    assert found.box is not None
    assert found.engines == ("subdivision", "Krawczyk")
    assert np.array(sorted(p.location for p in found)) == pytest.approx(np.array(sorted(expected)), abs=1e-12)


def test_subdivision_agrees_with_elimination_on_polynomials():
    loss = SIX_HUMP_CAMEL
    scaled = Loss(sp.pi * loss.expr, loss.variables).critical_points(box=[(-3, 3), (-2, 2)])
    exact = loss.critical_points()
    assert scaled.complete
    assert np.array([p.location for p in scaled]) == pytest.approx(np.array([p.location for p in exact]), abs=1e-12)
    assert [p.kind for p in scaled] == [p.kind for p in exact]


def test_a_box_that_cannot_be_settled_says_so():
    found = Loss("pi*x**2 + y**4 + exp(0*x)*sqrt(2)*y**6").critical_points()
    assert not found.complete
    assert any("Not proved to be all" in note for note in found.notes)
    (point,) = found
    assert (point.kind, point.certified) == ("degenerate", False)


def test_running_out_of_time_says_so():
    rng = random.Random(1)
    symbols = sp.symbols("x0:5", real=True)
    dense = sum(
        rng.randint(1, 5) * sp.prod(v**k for v, k in zip(symbols, m, strict=True))
        for m in product(range(5), repeat=5)
        if 0 < sum(m) <= 4
    )
    found = Loss(dense).critical_points(timeout=1.0)
    assert not found.complete
    # Which stage the limit cuts short depends on the machine.
    assert any("no answer within" in note or "Time ran out" in note for note in found.notes)


# Checkers that are seen to fail.


def test_a_disagreement_of_the_counts_is_not_accepted(monkeypatch):
    monkeypatch.setattr(rur, "sympy_real_count", lambda zeros: len(zeros.real) + 1)
    with pytest.raises(GaveUp, match="count"):
        algebraic_set.solve(rational(BEALE))


def test_a_wrong_point_is_not_confirmed(monkeypatch):
    original = rur.solve

    def shifted(ideal):
        zeros = original(ideal)
        moved = tuple(replace(z, numerators=tuple(p + z.denominator / 100 for p in z.numerators)) for z in zeros.real)
        return replace(zeros, real=moved)

    monkeypatch.setattr(rur, "solve", shifted)
    with pytest.raises(GaveUp):
        algebraic_set.solve(rational(HIMMELBLAU))


@pytest.mark.parametrize(
    ("box", "timeout", "why"),
    [
        ([(0, 1)], None, "1 ranges, the loss 2 variables"),
        ([(0, 1), (2, 1)], None, "empty or not finite"),
        ([(0, 1), (0, float("nan"))], None, "empty or not finite"),
        ([(0, 1), (0, float("inf"))], None, "empty or not finite"),
        (None, 0.0, "has to be positive"),
    ],
)
def test_bad_boxes_and_times_are_refused(box, timeout, why):
    with pytest.raises(BadLoss, match=why):
        critical_points(BEALE, box=box, timeout=timeout)
