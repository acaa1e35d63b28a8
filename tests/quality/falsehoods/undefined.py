"""Statements about values that do not exist somewhere under the conditions, each true wherever they do exist."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    b,
    entailed,
    eq,
    ge,
    gt,
    identical,
    implies,
    m,
    n,
    ne,
    plus,
    power,
    times,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.nodes import Coefficient

_Z, _ONE = sp.S.Zero, sp.S.One
_F = sp.Function("F")

# A term, and conditions under which it has no real value at some point (none: somewhere on the real line).
TERMS = {
    "1/x": (1 / x, ()),
    "1/x^2": (x**-2, ()),
    "1/x, nonnegative x": (1 / x, (x >= 0,)),
    "1/(x^2 - 1)": (1 / (x**2 - 1), (x > 0,)),
    "1/(x^2 - 2)": (1 / (x**2 - 2), (x > 1,)),
    "1/(x - y)": (1 / (x - y), (x > 0, y > 0)),
    "1/(e^x - 1)": (1 / (sp.exp(x) - 1), (x > -1,)),
    "1/sin x": (1 / sp.sin(x), (x > 0,)),
    "1/|x|": (1 / sp.Abs(x), ()),
    "1/Max(x, 0)": (1 / sp.Max(x, 0), ()),
    "1/(1 + 1/x)": (1 / (1 + 1 / x), (x > -2,)),
    "x/y^3": (x / y**3, (x > 0,)),
    "log x": (sp.log(x), ()),
    "log x, nonnegative x": (sp.log(x), (x >= 0,)),
    "log(x + 1), x >= -1": (sp.log(x + 1), (x >= -1,)),
    "log(1 - x^2)": (sp.log(1 - x**2), (x > 0,)),
    "log log x": (sp.log(sp.log(x)), (x > 0,)),
    "log |x|": (sp.log(sp.Abs(x)), ()),
    "log(x^2)": (sp.log(x**2), ()),
    "log(e^x - 1)": (sp.log(sp.exp(x) - 1), (x >= 0,)),
    "root": (sp.sqrt(x), ()),
    "root, x > -1/100": (sp.sqrt(x), (x > -sp.Rational(1, 100),)),
    "root of 1 - x^2": (sp.sqrt(1 - x**2), (x >= 0,)),
    "root of log": (sp.sqrt(sp.log(x)), (x > 0,)),
    "1/root at 0": (1 / sp.sqrt(x), (x >= 0,)),
    "cube root": (sp.cbrt(x), ()),
    "x^(3/4)": (x ** sp.Rational(3, 4), ()),
    "x^(-3/2) at 0": (x ** sp.Rational(-3, 2), (x >= 0,)),
    "x^pi": (x**sp.pi, ()),
    "x^sqrt 2": (x ** sp.sqrt(2), ()),
    "x^x": (x**x, ()),
    "x^y": (x**y, (y > 0,)),
    "x^y at 0": (x**y, (x >= 0,)),
    "x^(-n)": (x**-n, ()),
    "x^(n - 1)": (x ** (n - 1), ()),
    "x^sign y": (x ** sp.sign(y), (gt(y),)),
    "x^(sign y + 1)": (x ** (sp.sign(y) + 1), ()),
    "(-1)^sign x": (power(-1, sp.sign(x)), ()),
    "x^Max(m, 1)": (x ** sp.Max(m, 1), ()),
    "x^|m|": (x ** sp.Abs(m), ()),
    "x^(2 if y > 0, else 3)": (x ** sp.Piecewise((2, y > 0), (3, True)), ()),
    "x^(y - y + 2)": (power(x, power(y, 1) + 2 - y + sp.Max(y, -y) - sp.Abs(y)), ()),
    "x^sqrt 4": (power(x, power(4, sp.Rational(1, 2))), ()),
    "tan": (sp.tan(x), ()),
    "tan, positive x": (sp.tan(x), (x > 0,)),
    "asin": (sp.asin(x), ()),
    "asin, x < 2": (sp.asin(x), (x > 0, x < 2)),
    "acos": (sp.acos(x), (x > -1,)),
    "atanh at 1": (sp.atanh(x), (x >= 0, x <= 1)),
    "acosh": (sp.acosh(x), (x > 0,)),
    "exp of 1/x": (sp.exp(1 / x), ()),
    "exp of a root": (sp.exp(sp.sqrt(x)), ()),
    "exp of log": (sp.exp(x * sp.log(x)), ()),
    "sin of 1/x": (sp.sin(1 / x), ()),
    "cos of log": (sp.cos(sp.log(x)), ()),
    "atan of 1/x": (sp.atan(1 / x), ()),
    "sign of 1/x": (sp.sign(1 / x), ()),
    "erf of log": (sp.erf(sp.log(x)), ()),
    "tanh of 1/x": (sp.tanh(1 / x), ()),
    "Max with a root": (sp.Max(sp.sqrt(x), 1), ()),
    "Min with 1/x": (sp.Min(1 / x, 1), ()),
    "branch without a value": (sp.Piecewise((1 / x, x > -1), (x, True)), ()),
    "branch with a root": (sp.Piecewise((x, x > 1), (sp.sqrt(x), True)), ()),
    "test without a value": (sp.Piecewise((x, 1 / x > 1), (1 + x, True)), ()),
    "no last branch": (sp.Piecewise((x, x > 5)), ()),
    "complex exponent": (sp.exp(sp.I * sp.pi * x), ()),
    "i x": (sp.I * x, ()),
    "x + i": (x + sp.I, ()),
    "oo": (times(x, sp.oo), ()),
    "x - oo": (plus(x, -sp.oo), ()),
    "zoo": (plus(x, sp.zoo), ()),
    "diverging integral": (sp.Integral(1 / y, (y, 0, 1)), ()),
    "integral of x": (sp.Integral(x / y**2, (y, -1, 1)), ()),
    "diverging sum": (x * sp.Sum(1 / n, (n, 1, sp.oo)), ()),
    "no limit": (x * sp.Limit(sp.sin(1 / y), y, 0), ()),
    "gamma": (sp.gamma(x), ()),
    "factorial": (sp.factorial(x), ()),
    "zeta": (sp.zeta(x), ()),
    "digamma": (sp.digamma(x), ()),
    "an unknown function": (_F(x), ()),
    "unknown function's derivative": (sp.Derivative(_F(x), x), ()),
    "LambertW": (sp.LambertW(x), ()),
    "slope of |x|": (sp.Derivative(sp.Abs(x), x), ()),
    "slope of a root": (sp.Derivative(sp.sqrt(x), x), (x >= 0,)),
    "slope of Max": (sp.Derivative(sp.Max(x, 1), x), ()),
    "slope of sign": (sp.Derivative(sp.sign(x), x), ()),
    "slope of |x - y|": (sp.Derivative(sp.Abs(x - y), x), (x > 0,)),
    "slope of log": (sp.Derivative(sp.log(x), x), (x > -1,)),
    "slope of x^(5/2)": (sp.Derivative(x ** sp.Rational(5, 2), x), (x >= 0,)),
    "slope of asin at 1": (sp.Derivative(sp.asin(x), x), (x >= 0, x <= 1)),
    "slope of floor": (sp.Derivative(sp.floor(x), x), ()),
    "slope in an integer": (sp.Derivative(b**n, n), (b > 0,)),
    "second slope of x|x|": (sp.Derivative(x * sp.Abs(x), (x, 2)), ()),
    "coefficient at a pole": (x + Coefficient(1 / y, y, _Z, _Z), ()),
    "value at a pole": (Coefficient(1 / (y - x), y, sp.S(2), _Z), ()),
    "coefficient of |y|": (x * Coefficient(sp.Abs(y), y, _Z, _ONE), ()),
    "coefficient of log": (x + Coefficient(sp.log(y), y, _Z, _Z), ()),
    "coefficient of a root": (x * Coefficient(sp.sqrt(y), y, _Z, _ONE), ()),
    "coefficient of log(y + x)": (Coefficient(sp.log(y + x), y, _Z, _ONE), ()),
    "coefficient of 1/(x y)": (Coefficient(sp.sin(y) / (x * y), y, _Z, _Z), ()),
    "coefficient of 1/(y + x)": (Coefficient(1 / (y + x), y, _Z, _ONE), (x > -1,)),
    "coefficient of tan": (x + Coefficient(sp.tan(y), y, sp.pi / 2, _Z), ()),
    "sign at its jump": (x + Coefficient(sp.sign(y), y, _Z, _Z), ()),
}  # fmt: skip

# What holds of every real number; of what is none, nothing does.
SHAPES = {
    "has a square that is not negative": lambda v: ge(power_of(v)),
    "is less than its square and one": lambda v: gt(plus(power_of(v), 1), v),
    "is one thing": lambda v: eq(plus(v, v), times(2, v)),
}


def power_of(v):
    return sp.Pow(v, 2, evaluate=False)


def _of(shape, term, given) -> Build:
    def build():
        formula = SHAPES[shape](term)
        return (identical if isinstance(formula, sp.Eq) else entailed)(formula, *given)()

    return build


FALSEHOODS: dict[str, Build] = {
    f"{name} {shape}": _of(shape, term, given) for name, (term, given) in TERMS.items() for shape in SHAPES
} | {
    "1/x is not 1/x + 1": entailed(ne(1 / x, 1 / x + 1)),
    "(-1)^x is not -1": entailed(ne(1 + sp.exp(sp.I * sp.pi * x), 0)),
    "exp(root) is not -1": entailed(ne(sp.exp(sp.sqrt(x)), -1)),
    "exp(1/x) is positive at 0 too": entailed(gt(sp.exp(1 / x))),
    "oo oo is not negative": entailed(ge(times(sp.oo, sp.oo))),
    "a diverging integral less itself": entailed(
        gt(1, plus(sp.Integral(1 / x, (x, 0, 1)), times(-1, sp.Integral(1 / x, (x, 0, 1)))))
    ),
    "behind an implication": entailed(implies(x > -1, ge(power_of(sp.log(x))))),
    "behind its own guard": entailed(implies(ge(power_of(1 / x)), ge(power_of(1 / x - 1)))),
    "the guard comes second": entailed(implies(gt(power_of(1 / x), -1), ne(x, 0))),
}  # fmt: skip
