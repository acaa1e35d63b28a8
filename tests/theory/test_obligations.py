"""What a formula needs for its values to exist: each part, where it stands, and nothing that it does not need."""

import pytest
import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient, leading, value
from saddlecheck.theory.claims.obligations import continuous, exists, exists_at, obligations
from saddlecheck.theory.errors import NoRule, Pole
from saddlecheck.theory.symbols import a, lam, n, rho, t, x, y

HALF = sp.Rational(1, 2)


def needed(term) -> set[str]:
    return {str(o.needs) for o in exists(term)}


@pytest.mark.parametrize(
    ("term", "needs"),
    [
        (x**2 + sp.exp(x) * sp.sin(y), set()),
        (1 / x, {"Ne(x, 0)"}),
        (x**-3 / (y - 1), {"Ne(x, 0)", "Ne(y - 1, 0)"}),
        (sp.sqrt(x), {"x >= 0"}),
        (x ** sp.Rational(-3, 4), {"x > 0"}),
        (x**y, {"x > 0"}),
        (2**y, set()),
        (lam**n, {"(n >= 0) | Ne(lambda, 0)"}),
        (lam ** (n - 2), {"Ne(lambda, 0) | (n - 2 >= 0)"}),
        (sp.exp(1 / sp.log(x)), {"x > 0", "Ne(log(x), 0)"}),
        (sp.asin(x) + sp.acosh(y), {"x >= -1", "1 >= x", "y >= 1"}),
        (sp.Max(1 / x, sp.Abs(sp.sqrt(y))), {"Ne(x, 0)", "y >= 0"}),
        (sp.Derivative(sp.exp(x) * x**3, (x, 2)), set()),
        (sp.Derivative(sp.Abs(x - y), x), {"Ne(x - y, 0)"}),
        (sp.Derivative(y * sp.sqrt(x) + sp.sqrt(y), x), {"x >= 0", "x > 0", "y >= 0"}),
        (sp.Derivative(sp.Max(x, y), x), {"Ne(x, y)"}),
        (Coefficient((1 - sp.exp(-2 * a * t)) / a, a, sp.S.Zero, sp.S(2)), set()),  # the limit at a = 0 exists
        (Coefficient(sp.sin(y) / (x * y), y, sp.S.Zero, sp.S.Zero), {"Ne(x, 0)"}),
        (Coefficient(sp.log(x + y), y, sp.S.One, sp.S.One), {"x + 1 > 0"}),
        (value(lam**n / (1 - lam), n, 0), {"Ne(1 - lambda, 0)", "(0 >= 0) | Ne(lambda, 0)"}),
        (Coefficient(Coefficient(1 / (x + y), x, sp.S.One, sp.S.One), y, sp.S(2), sp.S.One), set()),
        (Coefficient(Coefficient(1 / (x + y + t), x, sp.S.One, sp.S.One), y, sp.S(2), sp.S.One), {"Ne(t + 3, 0)"}),
    ],
)
def test_of_a_term(term, needs):
    assert needed(term) == needs


def test_a_pole_of_a_nested_expansion_is_seen():
    inner = Coefficient(1 / (x + y + t), x, -t, sp.S.One)  # -1/y^2
    with pytest.raises(NoRule, match="does not exist"):
        exists(Coefficient(inner, y, sp.S.Zero, sp.S.One))


def guarded(formula) -> set[tuple[str, ...]]:
    return {(str(o.needs), *map(str, o.where)) for o in obligations(formula)}


def test_a_conclusion_stands_under_its_condition_and_not_the_other_way():
    implies = sp.Implies(sp.sqrt(x) > 1, 1 / x < 1, evaluate=False)
    assert guarded(implies) == {("x >= 0",), ("Ne(x, 0)", "sqrt(x) > 1")}


def test_parts_joined_by_and_or_not_stand_in_no_order():
    for joined in (sp.And(x > 0, 1 / x > 1, evaluate=False), sp.Or(sp.Not(1 / x > 1, evaluate=False), x > 0)):
        assert guarded(joined) == {("Ne(x, 0)",)}


def test_a_branch_stands_under_its_test_and_after_the_others_failed():
    term = sp.Piecewise((sp.log(x), x > 1), (1 / (x - 2), x < 0), (sp.sqrt(x), True))
    assert {(str(o.needs), *map(str, o.where)) for o in exists(term)} == {
        ("x > 0", "x > 1"),
        ("Ne(x - 2, 0)", "~(x > 1)", "x < 0"),
        ("x >= 0", "~(x > 1)", "~(x < 0)"),
    }


@pytest.mark.parametrize(
    "part",
    [sp.oo, sp.zoo, sp.nan, sp.I, sp.Float("0.5"), sp.gamma(x), sp.floor(x), sp.Function("F")(x), sp.Sum(x, (n, 0, 3)),
     sp.Integral(x, (x, 0, 1)), sp.Limit(x, x, 0), sp.Pow(x, 10**9), sp.Piecewise((x, x > 0)), sp.Symbol("z"),
     sp.Subs(sp.Derivative(x**2, x), x, 1), sp.MatrixSymbol("A", 2, 2)[0, 0],
     sp.Derivative(sp.Piecewise((x, x > 0), (0, True)), x), Coefficient(1 / y, y, sp.S.Zero, sp.S.Zero),
     Coefficient(sp.Piecewise((y, y > 0), (0, True)), y, sp.S.Zero, sp.S.One), value(lam**n, n, HALF),
     value(lam**n, n, -1), sp.hyper((1,), (2,), x)],
    ids=str,
)  # fmt: skip
def test_what_has_no_rule_is_refused_by_name(part):
    with pytest.raises(NoRule, match=r"\w+"):
        obligations(sp.Eq(sp.Add(part, 1, evaluate=False), rho, evaluate=False))


@pytest.mark.parametrize("formula", [x + 1, x, sp.ITE(x > 0, y > 0, y < 0), sp.Xor(x > 0, y > 0, evaluate=False)])
def test_what_is_no_formula_is_refused(formula):
    with pytest.raises(NoRule, match="no formula"):
        obligations(formula)


def test_the_first_coefficient_that_is_not_identically_zero():
    assert leading(1 - sp.cos(a * x), x, sp.S.Zero) == a**2 / 2
    with pytest.raises(Pole, match="more than order"):
        leading(x**20, x, sp.S.Zero)


@pytest.mark.parametrize("f", [1 / x, sp.log(x) * x, sp.sqrt(x), (1 + x) / x**2])
def test_a_function_without_a_taylor_expansion_has_no_coefficient(f):
    with pytest.raises(Pole):
        Coefficient(f, x, sp.S.Zero, sp.S.One).doit()


def test_signs_jump_and_nothing_else_does():
    assert [str(o.needs) for o in continuous(sp.sign(x - y) + sp.Abs(x) + sp.sqrt(x) + sp.sign(y), x)] == [
        "Ne(x - y, 0)"
    ]
    with pytest.raises(NoRule, match="continuous"):
        list(continuous(sp.Piecewise((x, x > 0), (1, True)), x))


def test_a_bound_symbol_is_no_free_one():
    bound = Coefficient(sp.sign(n - x), n, sp.S.Zero, sp.S.Zero)  # the sign of -x, whatever the claim's n is
    assert [str(o.needs) for o in continuous(bound, x)] == ["Ne(-x, 0)"]
    moved = Coefficient(sp.sign(y), y, x - 1, sp.S.Zero)
    assert [str(o.needs) for o in continuous(moved, x)] == ["Ne(x - 1, 0)"]
    assert list(continuous(Coefficient(sp.sign(y), y, sp.S.One, sp.S.Zero), x)) == []


def test_what_exists_at_a_value_is_asked_before_it_is_put_in():
    assert [str(o.needs) for o in exists_at(y / x, {x: y})] == ["Ne(y, 0)"]
    assert [str(o.needs) for o in exists_at(sp.log(x) > y, {x: sp.exp(y)})] == ["exp(y) > 0"]
