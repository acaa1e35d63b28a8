"""Ball arithmetic against SymPy's own numbers, and its refusals."""

import pytest
import sympy as sp
from flint import ctx

from saddlecheck.theory.claims.nodes import Coefficient, value
from saddlecheck.theory.engines import ball
from saddlecheck.theory.engines.arithmetic import ball as ball_of
from saddlecheck.theory.engines.arithmetic import rational
from saddlecheck.theory.engines.ball import truth
from saddlecheck.theory.errors import Unsupported
from saddlecheck.theory.symbols import a, lam, n, t, x, y

HALF = sp.Rational(1, 2)


@pytest.mark.parametrize(
    "expr",
    [
        sp.exp(x) - sp.log(x + 2),
        sp.sqrt(x + 1) ** 3 / (x**2 + 1),
        x ** sp.Rational(2, 3) + (x + 1) ** sp.pi,
        sp.sin(x) * sp.cos(x) + sp.tan(x) + sp.atan(x),
        sp.sinh(x) + sp.cosh(x) - sp.tanh(x),
        sp.erf(x) + sp.erfi(x),
        sp.Max(x, 1, x**2) - sp.Min(x, 0),
        sp.Abs(x - 1) + sp.sign(x - 1) + sp.pi + sp.E,
        sp.hyper((1, 1), (sp.Rational(3, 2), 2), x),
        sp.Piecewise((x, x > 1), (x**2, True)),
        sp.Derivative(sp.exp(x**2), (x, 3)),
        x**-3 / (x + 1) ** -2,
    ],
)
def test_encloses_what_sympy_computes(expr):
    digits = sp.Rational(str(sp.N(expr.doit().subs(x, HALF), 40)))
    # SymPy's 40 digits carry an error below 1e-38 (the values are below 100), and so does the 200-bit ball.
    with ctx.workprec(200):
        gap = ball.enclose(expr, {x: HALF}) - ball_of(digits)
        assert gap.abs_upper() < 2e-38


def test_exact_arithmetic_is_exact():
    assert str(ball.exact((x + 1) / (3 * x) + sp.Max(x, 2) + sp.Abs(-x) + sp.sign(-x), {x: HALF})) == "5/2"


@pytest.mark.parametrize("expr", [sp.exp(x), sp.sqrt(x), sp.pi + x, x ** sp.Symbol("x", real=True)])
def test_exact_arithmetic_refuses_to_leave_the_rationals(expr):
    with pytest.raises(Unsupported):
        ball.exact(expr, {x: HALF})


@pytest.mark.parametrize(
    ("expr", "why"),
    [(y, "no value for y"), (1 / (x - HALF), "denominator"), (sp.zeta(x), "no ball arithmetic for zeta")],
)
def test_refusals_say_which_part(expr, why):
    with pytest.raises(Unsupported, match=why):
        ball.exact(expr, {x: HALF}) if expr.is_rational_function(x) else ball.enclose(expr, {x: HALF})


class TestJet:
    def test_removable_singularity(self):
        # (1 - e^(-2at))/(2a) = t - a t^2 + 2/3 a^2 t^3 - ...
        coefficients = ball.jet((1 - sp.exp(-2 * a * t)) / (2 * a), a, sp.S.Zero, 2, {t: 2})
        with ctx.workprec(200):
            for found, expected in zip(coefficients, (2, -4, sp.Rational(16, 3)), strict=True):
                assert (found - ball_of(expected)).contains(0)
                assert found.rad() < 1e-50

    def test_a_pole_is_no_removable_singularity(self):
        with pytest.raises(Unsupported, match="pole"):
            ball.jet(1 / a, a, sp.S.Zero, 1, {})

    def test_a_constant_has_a_constant_jet(self):
        assert [float(c) for c in ball.jet(t + 1, a, sp.S.Zero, 2, {t: 2})] == [3.0, 0.0, 0.0]

    def test_kink(self):
        with pytest.raises(Unsupported, match="not differentiable"):
            ball.jet(sp.Abs(a), a, sp.S.Zero, 1, {})

    def test_coefficient_node_agrees_with_sympy(self):
        node = Coefficient(sp.exp(lam * t) / (1 + lam), t, sp.S.One, 3)
        expected = float(node.doit().subs(lam, HALF))
        assert abs(float(ball.enclose(node, {lam: HALF})) - expected) < 1e-14  # float conversion: 1 ulp of 0.02

    def test_mixed_derivative_is_refused(self):
        with pytest.raises(Unsupported, match="mixed"):
            ball.enclose(sp.Derivative(x * y**2, x, y), {x: 1, y: 1})


class TestTruth:
    @pytest.mark.parametrize(
        ("formula", "expected"),
        [
            (sp.exp(x) > 1 + x, True),
            (sp.Implies(x > 1, x > 7, evaluate=False), True),
            (sp.Not(sp.Eq(x, HALF), evaluate=False), False),
            (sp.Or(x > 1, sp.Eq(2 * x, 1), evaluate=False), True),
            (sp.And(x > 0, sp.exp(x) < 1, evaluate=False), False),
            (sp.Equivalent(x > 0, x < 1, evaluate=False), True),
            (sp.Ne(x, HALF), False),
            (sp.Ge(x, HALF), True),
            (sp.true, True),
        ],
    )
    def test_at_one_half(self, formula, expected):
        assert truth(formula, {x: HALF}) is expected

    def test_equality_of_irrational_numbers_is_undecided_not_guessed(self):
        assert truth(sp.Eq(sp.exp(x) * sp.exp(-x, evaluate=False), 1, evaluate=False), {x: HALF}) is not False
        assert truth(sp.Eq(sp.sqrt(x) ** 2 + sp.exp(x) - sp.exp(x, evaluate=False), x), {x: 2}) is not False

    def test_undecided_stays_undecided_through_connectives(self):
        unknown = sp.Eq(sp.sin(x) ** 2 + sp.cos(x) ** 2, 1, evaluate=False)
        assert truth(unknown, {x: 1}) is None
        assert truth(sp.And(unknown, x > 2, evaluate=False), {x: 1}) is False
        assert truth(sp.Or(unknown, x > 2, evaluate=False), {x: 1}) is None
        assert truth(sp.Not(unknown, evaluate=False), {x: 1}) is None
        assert truth(sp.Equivalent(unknown, x > 2, evaluate=False), {x: 1}) is None

    def test_a_proposition_has_no_truth_value_here(self):
        with pytest.raises(Unsupported, match="no truth value"):
            truth(sp.Symbol("p"), {})

    def test_an_infinite_value_is_refused(self):
        with pytest.raises(Unsupported):
            truth(sp.log(x - 1) > 0, {x: 1})


def test_even_powers_of_a_box_around_zero_are_not_negative():
    # A naive square of [-1, 1] reaches down to -1; Arb's radii carry 30 bits, so zero may appear as -2^-28.
    assert ball.enclose(x**2, {x: (-1, 1)}).lower() >= -(2.0**-28)


def test_precision_is_restored_after_a_refusal():
    from flint import ctx

    before = ctx.prec
    with pytest.raises(Unsupported):
        ball.enclose(y, {}, prec=999)
    assert ctx.prec == before


def test_derivatives_and_coefficients_of_rational_functions_are_exact():
    # d/dt 1/(t + 2) = -1/(t + 2)^2 at t = 1/3: -9/49; as balls 1/3 is not exact, so only fmpq can say "equal".
    slope = sp.Derivative(1 / (t + 2), t)
    assert ball.exact(slope, {t: sp.Rational(1, 3)}) == rational(sp.Rational(-9, 49))
    assert ball.exact(Coefficient(1 / (t + 2), t, sp.S.One, sp.S(2)), {}) == rational(sp.Rational(1, 27))
    removable = Coefficient((t**2 - 1) / (t - 1), t, sp.S.One, sp.S.Zero)
    assert ball.exact(removable, {}) == rational(2)
    with pytest.raises(Unsupported):
        ball.exact(sp.Derivative(sp.exp(t), t), {t: sp.S.One})


@pytest.mark.parametrize(
    ("node", "result"),  # at x = -2
    [
        (value((1 - x**n) / 3, n, 0), 0),  # no logarithm of a negative x
        (value(value(x**2 + 2 * x * y, x, 3), y, 2), 21),
        (value(x * t**2, t, x + 1), -2),
        (Coefficient(value(x**2 * t + t**2, x, 2), t, sp.S.One, sp.S.One), 6),
        (sp.Derivative(value(x * y**2, y, 2), x), 4),
    ],
)
def test_values_are_put_in_one_after_another(node, result):
    point = {x: sp.Integer(-2)}
    assert ball.exact(node, point) == rational(result)
    assert node.doit().subs(point) == result


def test_an_expansion_inside_an_expansion_is_refused_not_mixed_up():
    inner = Coefficient(x * y**2, y, sp.S.One, sp.S.One)  # 2 x
    node = Coefficient(inner, x, sp.S.Zero, sp.S.One)
    with pytest.raises(Unsupported, match="an expansion inside an expansion"):
        ball.exact(node, {})
    assert node.doit() == 2
