"""The leading form at degenerate critical points, against hand calculations and against SymPy's real roots."""

import itertools
import random

import pytest
import sympy as sp

from saddlecheck.theory.critical.degenerate import leading_term, shape_of
from saddlecheck.theory.critical.loss import Loss

x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("text", "kernel_shape", "order"),
    [
        ("x**4", "minimum", 4),
        ("-x**4", "maximum", 4),
        ("x**3", "inflection", 3),
        ("(y - x**2)**2 - x**4", "maximum", 4),
        ("(y - x**2)*(y - 3*x**2)", "maximum", 4),  # Peano's example: a minimum along every straight line
        ("(y - x**2)**2 + x**5", "inflection", 5),
    ],
)
def test_next_order_at_degenerate_points(text, kernel_shape, order):
    loss = Loss(text)
    point = next(p for p in loss.critical_points() if p.kind == "degenerate" and p.location[0] == 0)
    term = leading_term(loss, point)
    assert (term.shape, term.order) == (kernel_shape, order)


@pytest.mark.parametrize(
    ("text", "shape", "form"),
    [
        ("x**3 - 3*x*y**2", "saddle", "x**3 - 3*x*y**2"),
        ("x**4 + y**4", "minimum", "x**4 + y**4"),
        ("-x**4 - y**4 - z**4", "maximum", "-x**4 - y**4 - z**4"),
        # The regular direction must be followed: z goes to 2 x y, or 3 x y, and lowers the form.
        ("(z - x*y)*(z - 3*x*y) + x**4 + y**4", "minimum", "x**4 - x**2*y**2 + y**4"),
        ("(z - x*y)*(z - 5*x*y) + x**4 + y**4", "saddle", "x**4 - 4*x**2*y**2 + y**4"),
        # Two sides of (x^2 - y^2)^2, and that form itself, on which nothing can be said.
        ("x**4 + y**4 - 199*x**2*y**2/100", "minimum", "x**4 + y**4 - 199*x**2*y**2/100"),
        ("x**4 + y**4 - 201*x**2*y**2/100", "saddle", "x**4 + y**4 - 201*x**2*y**2/100"),
        ("(x**2 - y**2)**2 + x**6", "semidefinite", "(x**2 - y**2)**2"),
        ("x**4 + y**6", "semidefinite", "x**4"),
        ("x**2*y**2 + z**2 + x**6 + y**6", "semidefinite", "x**2*y**2"),
        ("((x - 1) + (y - 2))**2 + (x - 1)**4 + (z - 3)**4", "minimum", "y**4 + z**4"),
    ],
)
def test_leading_form_on_a_kernel_of_several_dimensions(text, shape, form):
    loss = Loss(text)
    point = next(p for p in loss.critical_points() if p.kind == "degenerate" and p.nullity >= 2)
    term = leading_term(loss, point)
    assert term.shape == shape
    assert sp.expand(term.form - sp.sympify(form, locals={v.name: v for v in loss.variables})) == 0
    assert term.kernel.shape == (len(loss.variables), point.nullity)


def test_next_order_is_silent_beyond_its_reach():
    (point,) = Loss("x**12 + y**12").critical_points()
    assert (point.kind, point.nullity, point.index) == ("degenerate", 2, 0)
    assert leading_term(Loss("x**12 + y**12"), point) is None
    (regular,) = Loss("x**2 - y**2").critical_points()
    assert leading_term(Loss("x**2 - y**2"), regular) is None


def shape_by_roots(form):
    """The shape of a form in x, y of even degree from its zeros on the projective line, which SymPy isolates."""
    t = sp.Symbol("t", real=True)
    slice_, at_infinity = sp.Poly(form.subs({x: 1, y: t}), t), form.subs({x: 0, y: 1})
    roots = sp.real_roots(slice_) if slice_.degree() > 0 else []
    signs = {sp.sign(at_infinity)} | {sp.sign(slice_.eval(q)) for q in _between(roots)}
    if signs >= {1, -1}:
        return "saddle"
    if roots or at_infinity == 0:
        return "semidefinite"
    return "minimum" if signs == {1} else "maximum"


def _between(roots):
    """A rational in each interval that the roots leave."""
    isolated = sorted({sp.Rational(str(sp.N(r, 30))) for r in roots})
    if not isolated:
        return [sp.Integer(0)]
    middles = [(a + b) / 2 for a, b in itertools.pairwise(isolated)]
    return [isolated[0] - 1, *middles, isolated[-1] + 1]


@pytest.mark.parametrize("degree", [4, 6])
def test_shapes_of_random_forms_are_those_of_their_real_roots(degree):
    rng = random.Random(20_261_124)
    seen = set()
    for _ in range(40):
        middle = [rng.randint(-3, 3) for _ in range(degree - 1)]
        ends = [rng.choice([-2, -1, 1, 2, 3]) for _ in range(2)]
        powers = zip([ends[0], *middle, ends[1]], range(degree + 1), strict=True)
        form = sp.Add(*(c * x**k * y ** (degree - k) for c, k in powers))
        shape = shape_of(form, (x, y), degree)
        assert shape == shape_by_roots(form)
        seen.add(shape)
    assert seen >= {"minimum", "saddle", "maximum"}  # the draw has all that it is about


def test_a_square_is_not_taken_for_a_minimum():
    # The twin: positive but on two lines; a sampling of signs alone would call it a minimum.
    assert shape_of(sp.expand((x**2 - 2 * y**2) ** 2), (x, y), 4) == "semidefinite"
    assert shape_by_roots(sp.expand((x**2 - 2 * y**2) ** 2)) == "semidefinite"
