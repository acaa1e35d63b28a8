"""Critical points are points of the formula as it was written: where it has a value and is smooth."""

import numpy as np
import pytest
import sympy as sp

from saddlecheck.theory.critical import conditions, smooth_pieces
from saddlecheck.theory.critical.loss import Loss
from saddlecheck.theory.errors import BadLoss

x, y = sp.symbols("x y", real=True)


def located(text, **options):
    found = Loss(text).critical_points(**options)
    return found, sorted(p.location for p in found)


@pytest.mark.parametrize(
    ("text", "places", "limit"),
    [
        ("exp(2*log(x)) + 2*x", [], "x > 0"),
        ("exp(2*log(x)) - 2*x", [(1.0,)], "x > 0"),  # the same on the other side: x = 1 is one
        ("x**3/x", [], "x != 0"),
        ("x**3/x - 2*x", [(1.0,)], "x != 0"),
        ("x**2*y/x - y**2", [], "x != 0"),
        ("x/(1/x)", [], "x != 0"),
        ("(x**2 - 1)/(x - 1)", [], "x - 1 != 0"),
        ("(x**2 - 1)**2/(x - 1)", [(-1.0,), (1 / 3,)], "x - 1 != 0"),
        ("(x**4 - y**4)/(x**2 + y**2)", [], "x**2 + y**2 != 0"),
        ("(x**4 - y**4)/(x**2 + y**2) + 2*x", [(-1.0, 0.0)], "x**2 + y**2 != 0"),
        ("0*log(x) + x**2", [], "x > 0"),
        ("0*log(3 - x) + x**2", [(0.0,)], "3 - x > 0"),
        ("(x - 3)**2 + 0*x**-0.5", [(3.0,)], "x > 0"),
        ("(x + 3)**2 + 0*x**-1.5", [], "x > 0"),
        ("x**2 + 0*tan(x)", [(0.0,)], "cos(x) != 0"),
        ("(2*x)**2*(1/x)**0", [], "x != 0"),
        ("x**2 + y**2 + 0*log(1 - x**2 - y**2)", [(0.0, 0.0)], "1 - x**2 - y**2 > 0"),
        ("(x - 2)**2 + y**2 + 0*log(1 - x**2 - y**2)", [], "1 - x**2 - y**2 > 0"),
    ],
)
def test_no_point_lies_where_the_formula_has_no_value(text, places, limit):
    found, at = located(text)
    assert found.complete
    assert np.array(at) == pytest.approx(np.array(places))
    assert f"The formula has a real value only where {limit}." in found.notes


def test_numbers_at_the_ends_of_a_functions_range_are_read():
    # sigmoid(1e60) differs from 1 by exp(-1e60), tan(0) is 0: the root of x + 1, which has no critical point
    found = Loss("(sigmoid(1*1e60) + tan(00) + x)**(1/2)").critical_points()
    assert len(found) == 0
    assert any("a real value only where" in note for note in found.notes)


def test_a_forgotten_condition_is_noticed_by_that_test(monkeypatch):
    # false twin: SymPy's own reading, without the conditions of the text
    monkeypatch.setattr(conditions, "pruned", lambda _: ())
    assert located("exp(2*log(x)) + 2*x")[1] == [(-1.0,)]
    assert located("x**3/x")[1] == [(0.0,)]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("(x**2 + y**2)**0.75", "x**2 + y**2 = 0, at (0, 0)"),
        ("(x**2 + y**2)**0.75*exp(-(x - 3)**2)", "x**2 + y**2 = 0, at (0, 0)"),
        ("((x - 1)**2 + (y + 2)**2)**0.75", "(x - 1)**2 + (y + 2)**2 = 0, at (1, -2)"),
        ("(x**2)**0.75", "x**2 = 0, at (0)"),
        ("sqrt(x**2) + y**2", "x**2 = 0"),
        ("(x**2)**1.5 + y**2", "x**2 = 0"),
        ("abs(x) + y**2", "x = 0"),
        ("relu(x - 1)**2", "x - 1 = 0, at (1)"),
        ("max(x, y**2)", "x - y**2 = 0"),
        ("min(x**2, 1 + 0*x)", "x**2 - (1 + 0*x) = 0, at (-1), (1)"),
        ("x**(4/3)", "x = 0, at (0)"),
        ("x**2.5", "x = 0, at (0)"),
    ],
)
def test_places_without_smoothness_are_named_and_not_counted_as_settled(text, where):
    found = Loss(text).critical_points(timeout=20)
    assert not found.complete
    assert f"The loss has a value but is not smooth where {where}: no verdict there." in found.notes
    assert not any("sign" in note or "Abs" in note for note in found.notes)
    assert all(p.certified for p in found)


@pytest.mark.parametrize("text", ["abs(1 + x**2)", "sqrt(1 + x**2 + y**2)", "relu(2 + x**4)", "max(x**2 + 1, x)"])
def test_what_never_happens_is_not_mentioned(text):
    found = Loss(text).critical_points()
    assert found.complete
    assert not any("smooth" in note or "value" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("abs(x**2 - 1)", [(0.0,)]),
        ("abs(x - 2) + x**2", [(0.5,)]),
        ("relu(x)*(x - 2)", [(-1.0,), (1.0,)]),
        ("min(x**2, (x - 2)**2) + y**2", [(0.0, 0.0), (2.0, 0.0)]),
        ("max(x**2, y)", [(0.0, -1.0)]),
        ("abs(abs(x) - 1)**2 + x", [(-1.5,), (0.5,)]),
        ("abs(sin(x)) + x**2/10", [(-1.977383029328841,), (1.977383029328841,)]),
    ],
)
def test_each_smooth_piece_has_its_own_points(text, places):
    found = Loss(text).critical_points(box=None if "sin" not in text else [(-3, 3)])
    at = sorted(p.location for p in (*found.points, *(s for c in found.components for s in c.samples[:1])))
    # The digits of the last places are those of SciPy's brentq on cos x + x/5, good to 1e-12.
    assert np.array(at) == pytest.approx(np.array(places), abs=1e-10)
    values = [float(Loss(text).expr.subs(dict(zip(Loss(text).variables, p, strict=True)))) for p in at]
    gradient = sp.lambdify([Loss(text).variables], list(Loss(text).gradient))
    assert np.isfinite(values).all()
    assert all(np.abs(gradient(p)).max() < 1e-9 for p in at)


def test_the_pieces_of_a_component_say_where_they_hold():
    (component,) = Loss("relu(x)**2 + y**2").critical_points().components
    assert [(p.kind, p.where) for p in component.pieces] == [("minimum", x < 0)]
    lines = Loss("x**2*y**2/(x**2 + y**2) + z**2").critical_points().components
    assert [[(p.kind, p.where) for p in c.pieces] for c in lines] == [
        [("minimum", sp.Ne(x, 0))],
        [("minimum", sp.Ne(y, 0))],
    ]


@pytest.mark.parametrize("text", ["0*log(x) + y**2", "0*log(1/x) + y**2", "0*sqrt(x**3)/x + y**2"])
def test_a_component_ends_where_the_formula_does(text):
    (component,) = Loss(text).critical_points().components
    assert [(p.kind, p.where.as_set()) for p in component.pieces] == [("minimum", sp.Interval.open(0, sp.oo))]


def test_too_many_pieces_are_refused():
    many = "+".join(f"abs(x - {k})" for k in range(70))
    assert len(smooth_pieces.parts(Loss("+".join(f"abs(x + {k}*y)" for k in range(4))))) <= 16
    with pytest.raises(BadLoss, match="more than 64 smooth pieces"):
        Loss(many.replace("x -", "x*y -")).critical_points()


# Beside the hole floating point rounds a gradient of 1e-6 to 0. Budget: the search stops below 1e-9 (1 + |x|).
BESIDE_A_HOLE = {
    "(exp(x) - 1)/x - x/2": (-3, 3),
    "(1 - cos(x))/x**2": (-2, 2),
    "(exp(x**2) - 1)/x**2 - x**2/2": (-1, 1),
    "(x - sin(x))/x**3 + x**2": (-1, 1),
}


@pytest.mark.parametrize("text", BESIDE_A_HOLE)
def test_rounding_beside_a_removable_quotient_makes_no_critical_point(text):
    found = Loss(text).critical_points([BESIDE_A_HOLE[text]], timeout=6)
    assert (found.points, found.complete) == ((), False)


def test_false_twin_a_degenerate_zero_that_no_proof_holds_is_listed():
    found = Loss("x**4 + exp(-x**2) + x**2").critical_points([(-1, 1)], timeout=20)
    (point,) = found.points
    assert (point.kind, point.certified) == ("degenerate", False)


@pytest.mark.parametrize("text", ["sin(x)/x", "(exp(x) - 1)/x + x", "(1 - cos(x))/x**2"])
def test_a_hole_holds_no_point(text):
    found = Loss(text).critical_points(box=[(-5, 5)])
    assert all(abs(p.location[0]) > 0.1 for p in found)
    assert all(p.certified for p in found)
    assert not found.complete


@pytest.mark.parametrize(
    ("text", "places"),
    [
        # Slopes that tend to minus infinity or to nothing at the border of the domain; the zeros are elementary.
        ("x*log(x)", [np.exp(-1)]),
        ("x**2*log(x**2)", [-np.exp(-0.5), np.exp(-0.5)]),
        ("x*log(x) + (1 - x)*log(1 - x)", [0.5]),
        ("sqrt(x)*log(x)", [np.exp(-2)]),
        ("exp(-1/x)/x", [1.0]),
        ("log(x)/x", [np.e]),
        ("tan(x) - 2*x", [-np.pi / 4, np.pi / 4, 3 * np.pi / 4]),
        ("log(x - 2) - x", [3.0]),
    ],
)
def test_the_border_of_the_domain_is_settled(text, places):
    found, at = located(text, box=[(-1.5, 3.5)])
    assert found.complete
    assert np.array(at).ravel() == pytest.approx(places, abs=1e-12)


def test_a_zero_close_to_the_border_is_not_lost():
    # log(x) + 40 = 0 at 4e-18, far below the size of the smallest box: it must not be excluded with the border
    found, at = located("x*log(x) + 39*x", box=[(0, 3)])
    assert not found.complete or at == [pytest.approx((np.exp(-40),), rel=1e-12)]


def test_sympy_expressions_keep_the_domain_that_they_show():
    unevaluated = sp.Mul(sp.Symbol("x") ** 3, 1 / sp.Symbol("x"), evaluate=False)
    assert [c.value for c in Loss(unevaluated).domain] == ["x != 0"]
    assert len(Loss(unevaluated).critical_points()) == 0
    positive = sp.Symbol("p", positive=True)  # its assumption is dropped, so what rests on it is too
    assert [c.value for c in Loss(sp.log(positive)).domain] == ["p > 0"]
    with pytest.raises(BadLoss, match="Piecewise"):
        Loss(sp.Piecewise((x, x > 0), (1, True)))


def test_decay_keeps_the_domain():
    loss = Loss("x**3/x")
    assert len(Loss(loss.expr + x**2, loss.variables, domain=loss.domain).critical_points()) == 0
