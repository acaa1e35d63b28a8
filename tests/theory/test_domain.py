"""Critical points are points of the formula as it was written: where it has a value and is smooth."""

import time

import numpy as np
import pytest
import sympy as sp

from theory.losses import boxsearch, conditions, smooth
from theory.losses.constants import is_zero
from theory.losses.limited import TimedOut, until
from theory.losses.loss import Loss
from theory.losses.parse import BadLoss

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


def test_too_many_pieces_are_refused():
    many = "+".join(f"abs(x - {k})" for k in range(70))
    assert len(smooth.parts(Loss("+".join(f"abs(x + {k}*y)" for k in range(4))))) <= 16
    with pytest.raises(BadLoss, match="more than 64 smooth pieces"):
        Loss(many.replace("x -", "x*y -")).critical_points()


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


# Isolated real points of a component.


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("(y**2 - x**2*(x - 1))**2", [(0.0, 0.0)]),
        ("((x - 3)**2 + y**2 - (x - 3)**3)**2", [(3.0, 0.0)]),
        ("(y**2 + x**4 - x**6)**2", [(0.0, 0.0)]),
        ("(y**2 - x**2*(x + 1))**2", []),  # branches cross at 0
        ("(y**2 - x**3)**2", []),  # a cusp
        ("(y**2 - (x**2 - 2)**2*(x - 4))**2", [(-(2**0.5), 0.0), (2**0.5, 0.0)]),
        ("(y**2 - (x**2 - 2)**2*(x + 4))**2", []),
    ],
)
def test_isolated_points_of_a_curve(text, alone):
    found = Loss(text).critical_points()
    assert found.complete
    assert len(found.components) == 1
    zeros = sorted(p.location for p in found if p.value.lower == p.value.upper == 0 or abs(p.value.middle) < 1e-20)
    assert np.array(zeros) == pytest.approx(np.array(alone))
    assert all(p.certified and p.nullity == 2 for p in found if p.location in zeros)


def test_the_handle_of_whitneys_umbrella_is_a_component_of_its_own():
    found = Loss("(x**2 - y**2*z)**2").critical_points()
    assert found.complete
    assert [(c.dimension, set(map(str, c.equations))) for c in found.components] == [
        (2, {"-x**2 + y**2*z"}),
        (1, {"x", "y"}),
    ]


# Constants.


@pytest.mark.parametrize(
    ("constant", "zero"),
    [
        ("sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6))", True),
        ("sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)) + 1e-40", False),
        ("sqrt(9 + 4*sqrt(5)) - sqrt(5) - 2", True),
        ("(sqrt(5) + 2)**(1/3) - (1 + sqrt(5))/2", True),
        ("1/(sqrt(2) - 1) - sqrt(2) - 1", True),
        ("(1/2)**0.5 + (1/3)**0.5 - (5/6 + 2*(1/6)**0.5)**0.5", True),
        ("log(6) - log(2) - log(3)", None),
        ("exp(1) - 2.718281828", False),
    ],
)
def test_constants_are_told_from_zero(constant, zero):
    expr = Loss(f"({constant}) + 0*x").expr
    assert (expr == 0 if zero else is_zero(expr) is zero) or (zero is True and is_zero(expr))


def test_a_coefficient_that_is_zero_is_no_term():
    found = Loss("(sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)))*x**4 + x**2").critical_points()
    assert found.complete
    assert [p.kind for p in found] == ["minimum"]
    with pytest.raises(BadLoss, match="divides by a constant"):
        Loss("x/(sqrt(2) + sqrt(3) - sqrt(5 + 2*sqrt(6)))")
    open_question = Loss("(log(6) - log(2) - log(3))*x**2 + y**2").critical_points(timeout=2)
    assert not open_question.complete
    assert any("exactly 0 was not decided" in note for note in open_question.notes)


def test_two_roots_that_lie_close():
    found = Loss("(x - 3)**3/3 - 1e-28*x + 3e-28").critical_points()
    assert found.complete
    assert [str(p.exact[0] - 3) for p in found] == ["1/100000000000000", "-1/100000000000000"]
    assert [p.kind for p in found] == ["minimum", "maximum"]


# Time.


@pytest.mark.parametrize(
    ("text", "timeout"),
    [("cos(1000*x)", 1.5), ("sin(z**4)", 0.5), ("x**4*sin(1/x)", 1.0), ("tan(tan(x))", 0.5), ("(x + 1e-50)**30", 0.3)],
)
def test_the_limit_holds_and_what_was_found_is_kept(text, timeout):
    loss = Loss(text)
    start = time.process_time()
    found = loss.critical_points(timeout=timeout)
    # CPU seconds: the clock stops at the limit, and one call of FLINT may be under way.
    assert time.process_time() - start < timeout + 1
    assert not found.complete or text.startswith("(x")
    assert len(found) > 20 or "tan" in text or "1e-50" in text


def test_zeros_of_a_fast_oscillation_are_all_told_apart():
    found = Loss("cos(200*x)").critical_points(box=[(-1, 1)])
    assert found.complete
    assert len(found) == 2 * int(200 / np.pi) + 1  # k pi/200 in [-1, 1]


def test_an_interruption_comes_through_and_leaves_no_alarm():
    start = time.monotonic()
    with pytest.raises(TimedOut), until(start + 0.2):
        time.sleep(60)
    time.sleep(0.5)  # the alarm repeats every quarter of a second; none may come now
    assert time.monotonic() - start < 5


def test_distinct_zeros_are_compared_with_their_neighbours_only(monkeypatch):
    calls = []
    original = boxsearch._same
    monkeypatch.setattr(boxsearch, "_same", lambda *a: calls.append(1) or original(*a))
    assert len(Loss("cos(100*x)").critical_points(box=[(-1, 1)])) == 63
    assert len(calls) < 63
