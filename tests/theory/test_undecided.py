"""What the ball and interval engines have no arithmetic for is undecided at once, never an exception or a proof."""

import time

import pytest
import sympy as sp

from saddlecheck.theory.engines import ball, identity, subdivide
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.errors import Unsupported

x, y, n = sp.Symbol("x", real=True), sp.Symbol("y", real=True), sp.Symbol("n", integer=True)
THIRD = sp.Rational(1, 3)

LACKING = {
    "piecewise": sp.Piecewise((x, x > 0), (1 - x, True)),
    "piecewise without a last case": sp.Piecewise((x, x > 5)),
    "floor": sp.floor(x) + 9,
    "gamma": sp.gamma(x),
    "beta of the second kind": sp.besselj(0, x) + 9,
    "zeta": sp.zeta(x),
    "arccosine": sp.acos(x),
    "error function of i x": sp.erf(sp.I * x),
    "complementary error function": sp.erfc(x),
    "complex infinity": sp.zoo + 0 * x,
    "nan": sp.nan,
    "i": sp.I * x,
    "integral": sp.Integral(sp.exp(-x * y**2), (y, 0, 1)),
    "sum": sp.Sum(x**n, (n, 0, 5)),
    "unknown function": sp.Function("F")(x),
    "derivative of an unknown function": sp.Derivative(sp.Function("F")(x), x),
    "root of a polynomial": sp.CRootOf(x**5 - x - 1, 0) + x + 9,
    "real part": sp.re(sp.Symbol("c") + x),
    "Heaviside": sp.Heaviside(x) + 1,
    "Kronecker": sp.KroneckerDelta(n, 1) + x + 9,
    "entry of a matrix": sp.MatrixSymbol("A", 2, 2)[0, 0] + x,
    "remainder": sp.Mod(x, 2) + 9,
    "Lambert": sp.LambertW(x) + 9,
    "polar": sp.exp_polar(x),
    "limit": sp.Limit(sp.sin(x) / x, x, 0) + 9,
    "negative base": (-x - 2) ** THIRD,
    "negative number": sp.Pow(-2, x, evaluate=False),
}
POINTS = [{x: sp.Rational(1, 2), y: THIRD}, {x: -sp.Rational(1, 2), y: THIRD}, {x: sp.Integer(0), y: sp.Integer(0)}]
BOXES = [{x: (1, 2), y: (1, 2), n: (1, 2)}, {x: (-1, 2), y: (-1, 1), n: (0, 3)}]


@pytest.mark.parametrize("expr", LACKING.values(), ids=LACKING.keys())
@pytest.mark.parametrize("engine", subdivide.ENGINES)
def test_boxes_are_undecided_at_once(expr, engine, monkeypatch):
    looked, truth_ = [], subdivide.truth
    monkeypatch.setattr(subdivide, "truth", lambda *given: looked.append(given) or truth_(*given))
    for box in BOXES:
        assert subdivide.prove(sp.Gt(expr, 0, evaluate=False), box, engine)[0] == "undecided"
    assert len(looked) <= 2 * len(BOXES)  # at once: a midpoint without a value ends the search


@pytest.mark.parametrize("expr", LACKING.values(), ids=LACKING.keys())
def test_points_have_a_value_or_the_one_refusal(expr):
    for point in POINTS:
        for evaluate in (ball.exact, ball.enclose, lambda e, p: truth(sp.Gt(e, 0, evaluate=False), p)):
            try:
                evaluate(expr, point)
            except Unsupported:
                continue
    try:
        ball.jet(expr, x, sp.Rational(1, 2), 2, {y: THIRD})
    except Unsupported:
        return


@pytest.mark.parametrize("expr", [*LACKING.values(), sp.Max(x, y), sp.Min(x, 1, y)], ids=str)
@pytest.mark.parametrize("check", [identity.by_algebra, identity.by_balls])
def test_false_identities_are_never_proved(expr, check):
    # (1 + 1e-9) e - e is 0 only where e is; the sides differ by a factor, so no engine may prove them equal.
    equation = sp.Eq(expr, sp.Mul(sp.Rational(10**9 + 1, 10**9), expr + 1, evaluate=False), evaluate=False)
    if equation.has(sp.nan, sp.zoo):
        return  # nan = nan is decided by SymPy before any engine is asked
    assert check([equation], [])[0] != "proved"


@pytest.mark.parametrize(
    ("expr", "box"),
    [
        (sp.Min(1, x), {x: (-1, 2)}),  # mpmath's Min of two intervals is not their minimum
        (1 / x, {x: (0, 1)}),  # no value at 0
        (1 / x**2, {x: (-1, 1)}),
        (x ** -sp.Rational(1, 3), {x: (0, 1)}),
        (sp.exp(1 / x), {x: (0, 1)}),
        (2 - x / x, {x: (-1, 1)}),  # SymPy cancels it while the test is written: 1 > 0 is true
    ],
    ids=str,
)
def test_nothing_is_proved_across_a_point_without_a_value(expr, box, monkeypatch):
    monkeypatch.setattr(subdivide, "BOXES", 300)
    expected = {"proved"} if expr.is_number else {"undecided", "refuted"}
    assert {subdivide.prove(sp.Gt(expr, 0, evaluate=False), box, e)[0] for e in subdivide.ENGINES} <= expected


@pytest.mark.parametrize(
    ("expr", "box"),
    [
        (sp.sqrt(x) - sp.Rational(1, 2), {x: (1, 4)}),
        (x ** sp.Rational(2, 3) + x**-2, {x: (1, 2)}),
        (sp.log(x) - sp.Rational(2, 3), {x: (2, 3)}),
        (sp.exp(x) * sp.cos(x) + sp.pi - sp.sin(x), {x: (-1, 1)}),
    ],
    ids=str,
)
@pytest.mark.parametrize("engine", subdivide.ENGINES)
def test_what_they_have_is_still_proved(expr, box, engine):
    assert subdivide.prove(expr > 0, box, engine)[0] == "proved"


@pytest.mark.parametrize("engine", subdivide.ENGINES)
def test_false_twin_what_has_values_everywhere_is_searched_to_the_end(engine, monkeypatch):
    # x^2 > 0 fails at 0 alone, which no midpoint of a bisection of [-1, 2] meets: only the number of boxes ends it.
    monkeypatch.setattr(subdivide, "BOXES", 50)
    assert subdivide.prove(x**2 > 0, {x: (-1, 2)}, engine)[:2] == ("undecided", "not settled by 50 boxes")


@pytest.mark.parametrize("engine", subdivide.ENGINES)
def test_a_domain_that_ends_inside_the_box_is_found_in_a_few_bisections(engine, monkeypatch):
    # [-1, 2] is halved towards 0, where log ends: midpoints 1/2, -1/4, …; a few levels leave its positive part.
    monkeypatch.setattr(subdivide, "BOXES", 16)
    word, why, _ = subdivide.prove(sp.log(x) + 99 > 0, {x: (-1, 2)}, engine)
    assert word == "undecided"
    assert "no finite value" in why


def test_a_root_has_a_value_at_the_end_of_its_domain():
    assert subdivide.prove(sp.sqrt(x) + 1 > 0, {x: (0, 1)}, "mpmath")[0] == "proved"


def test_numbers_of_absurd_size_stop_at_once():
    start = time.process_time()
    tower = sp.exp(sp.exp(sp.exp(sp.exp(10 * x))))
    assert subdivide.prove(sp.Gt(tower, 0, evaluate=False), {x: (2, 3)}, "mpmath")[0] != "refuted"
    with pytest.raises(Unsupported, match="too long a fraction"):
        ball.exact(x ** (10**30), {x: sp.Rational(1, 2)})
    assert time.process_time() - start < 10
