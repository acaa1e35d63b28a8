"""Corners and branches: where a function has a kink, a jump, no limit or another branch than one is used to."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    a,
    both,
    either,
    entailed,
    eq,
    ge,
    gt,
    identical,
    implies,
    m,
    n,
    ne,
    no,
    plus,
    power,
    t,
    times,
    x,
    y,
    z,
)  # fmt: skip

from saddlecheck.theory.claims.nodes import Coefficient

_D, _Z, _ONE, _HALF = sp.Derivative, sp.S.Zero, sp.S.One, sp.Rational(1, 2)
_THIRD = sp.Rational(1, 3)


def _steps_up(at, below, above):
    return sp.Piecewise((below, x < at), (above, True))


FALSEHOODS: dict[str, Build] = {
    # kinks
    "Max(x, -x) has slope sign x": identical(eq(_D(sp.Max(x, -x), x), sp.sign(x))),
    "Max(x, y) = (x + y + x - y)/2": identical(eq(sp.Max(x, y), x)),
    "Max(x, y, z) by pairs": identical(eq(sp.Max(x, y, z), sp.Max(x, y) + sp.Max(y, z) - y)),
    "Min(Max(x, y), z) in another order": identical(eq(sp.Min(sp.Max(x, y), z), sp.Max(sp.Min(x, z), y))),
    "Max(x, y)^2 = Max(x^2, y^2)": identical(eq(sp.Max(x, y) ** 2, sp.Max(x**2, y**2))),
    "1/Max(x, y) = Min(1/x, 1/y)": identical(eq(1 / sp.Max(x, y), sp.Min(1 / x, 1 / y)), ne(x, 0), ne(y, 0)),
    "|x + y| = |x| + |y|": identical(eq(sp.Abs(x + y), sp.Abs(x) + sp.Abs(y)), x * y >= -_HALF),
    "||x| - 1| = |x - 1|": identical(eq(sp.Abs(sp.Abs(x) - 1), sp.Abs(x - 1)), x > -sp.Rational(1, 512)),
    "|x|'s second slope is 0 off its kink": identical(eq(_D(sp.Abs(x - _THIRD), (x, 2)), 0)),
    "the slope of | |x| - 1 |": identical(eq(_D(sp.Abs(sp.Abs(x) - 1), x), 1), x >= 1),
    "the slope of Max(x, 1/3)": identical(eq(_D(sp.Max(x, _THIRD), x), 1), x >= _THIRD),
    "the slope of Max(x^3, 0)": identical(eq(_D(sp.Max(x**3, 0), x), 3 * sp.Max(x, 0) ** 2)),
    "the slope of x Max(x, 0)": identical(eq(_D(x * sp.Max(x, 0), x), 2 * sp.Max(x, 0))),
    "the slope of x|x|": identical(eq(_D(x * sp.Abs(x), x), 2 * sp.Abs(x))),
    "sign(x y) = sign x sign y, squared": identical(eq(sp.sign(x * y) ** 2, sp.sign(x) ** 2)),
    "sign(sign x + 1) = 1": identical(eq(sp.sign(sp.sign(x) + 1), 1), ge(x, -sp.Rational(1, 1000))),
    "sign is one of two": entailed(either(eq(sp.sign(x), 1), eq(sp.sign(x), -1))),
    # branches
    "a step is what it is above": identical(eq(_steps_up(_THIRD, 0, 1), 1), x > _THIRD - sp.Rational(1, 10**6)),
    "a step's slope": identical(eq(_D(_steps_up(0, 0, 1), x), 0), ne(x, 0)),
    "a step's coefficient": identical(eq(Coefficient(_steps_up(0, 0, 1), x, _ONE, _Z), 1)),
    "two branches joined off by a point": identical(
        eq(sp.Piecewise((0, x < 0), (1, x > 0), (2, True)), (1 + sp.sign(x)) / 2)
    ),
    "branches in another order": identical(
        eq(sp.Piecewise((1, x > 0), (2, x > -1), (3, True)), sp.Piecewise((2, x > -1), (1, x > 0), (3, True)))
    ),
    "branches of y put for x": entailed(
        implies(eq(x, y), eq(sp.Piecewise((x, x > 0), (0, True)), y))
    ),
    "a root behind a branch that is not taken": identical(
        eq(times(sp.Piecewise((0, x < 0), (sp.sqrt(x - 1), True)), 0), 0)
    ),
    "a branch whose test has no value": identical(eq(sp.Piecewise((1, sp.log(x) > 0), (x, y > x), (1, True)), 1)),
    "sign by branches": identical(eq(sp.Piecewise((1, x >= 0), (-1, True)), sp.sign(x))),
    # limits and expansions where there are none
    "sin(1/x)'s value at 0": identical(eq(Coefficient(times(x, sp.sin(1 / x)), x, _Z, _Z), 0)),
    "e^(-1/x^2)'s value at 0": identical(eq(Coefficient(sp.exp(-1 / x**2), x, _Z, _Z), 0)),
    "e^(-1/x^2)'s slope at 0": identical(eq(Coefficient(sp.exp(-1 / x**2), x, _Z, _ONE), 0)),
    "e^(1/x) from below": identical(eq(Coefficient(1 / (1 + sp.exp(1 / x)), x, _Z, _Z), 1)),
    "atan(1/x)'s value at 0": identical(eq(Coefficient(sp.atan(1 / x), x, _Z, _Z), sp.pi / 2)),
    "tanh(1/x)'s value at 0": identical(eq(Coefficient(sp.tanh(1 / x), x, _Z, _Z), 1)),
    "|x|/x's value at 0": identical(eq(Coefficient(times(sp.Abs(x), power(x, -1)), x, _Z, _Z), 1)),
    "sqrt(x^2 + x^4)/x at 0": identical(eq(Coefficient(sp.sqrt(x**2 + x**4) / x, x, _Z, _Z), 1)),
    "sqrt(x^2)'s slope at 0": identical(eq(Coefficient(power(x**2, _HALF), x, _Z, _ONE), 1)),
    "cube root's slope at 0": identical(eq(Coefficient(x ** sp.Rational(4, 3), x, _Z, _ONE), 0)),
    "x^(5/2)'s third coefficient": identical(eq(Coefficient(x ** sp.Rational(5, 2), x, _Z, sp.S(2)), 0)),
    "x^x's value at 0": identical(eq(Coefficient(x**x, x, _Z, _Z), 1)),
    "x^y's value at 0": identical(eq(Coefficient(x**y, x, _Z, _Z), 0), y > 0),
    "x^n's slope at 0": identical(eq(Coefficient(x**n, x, _Z, _ONE), 0)),
    "x^n's value at 0": identical(eq(Coefficient(x**n, x, _Z, _Z), 0)),
    "x^m's value at 0": identical(eq(Coefficient(x**m, x, _Z, _Z), 0), ge(m, 0)),
    "log(1 + x)'s second coefficient": identical(eq(Coefficient(sp.log(1 + x), x, -_ONE, _Z), 0)),
    "asin's slope at 1": identical(eq(Coefficient(sp.asin(x), x, _ONE, _ONE), 0)),
    "Max(x, y) at x = 0": identical(eq(Coefficient(sp.Max(x, y), x, _Z, _ONE), 0), y >= 0),
    "|x - y| at x = y": identical(eq(Coefficient(sp.Abs(x - y), x, y, _Z), 0)),
    "y/(x + y) at 0": identical(eq(Coefficient(y / (x + y), x, _Z, _Z), 1)),
    "x y/(x^2 + y^2) at 0": identical(eq(Coefficient(x * y / (x**2 + y**2), x, _Z, _Z), 0)),
    "(e^(x y) - 1)/(x y) at 0": identical(eq(Coefficient((sp.exp(x * y) - 1) / (x * y), x, _Z, _Z), 1)),
    "sin(x)/x expanded by y": identical(eq(Coefficient(sp.sin(x) / x, y, _Z, _Z), sp.sin(x) / x)),
    "a coefficient at a letter that may be 0": identical(eq(Coefficient(1 / x, x, t, _ONE), -1 / t**2)),
    "a coefficient of a coefficient at a kink": identical(
        eq(Coefficient(Coefficient(sp.Abs(x + y), y, _Z, _Z), x, _Z, _ONE), 1)
    ),
    "a slope of a coefficient at a kink": identical(eq(_D(Coefficient(sp.Abs(x + y), y, _Z, _Z), x), sp.sign(x))),
    "a slope of a value, its own variable": identical(eq(_D(Coefficient(x * y, x, x, _Z), x), 0)),
    "a coefficient of negative order": identical(eq(Coefficient(1 / x, x, _Z, -_ONE), 1)),
    "a coefficient of half order": identical(eq(Coefficient(sp.sqrt(x), x, _Z, _HALF), 1)),
    "a coefficient of order n": identical(eq(Coefficient(sp.exp(x), x, _Z, n), 1)),
    "a limit from one side": identical(eq(sp.Limit(sp.sign(x), x, 0, "+"), 1)),
    "a limit that is not there": identical(eq(times(0, sp.Limit(sp.sin(1 / x), x, 0, "+")), 0)),
    "a value at infinity": identical(eq(Coefficient(1 / x, x, sp.oo, _Z), 0)),
    "a coefficient at i": identical(eq(Coefficient(x**2, x, sp.I, _Z), -1)),
    "a mixed slope at a kink": identical(eq(_D(sp.Abs(x * y), x, y), 1), ge(x), ge(y)),
    "the slope of |x| |y| in y at x = 0": identical(eq(_D(sp.Abs(x * y), y), sp.Abs(x)), ge(y)),
    "Schwarz's theorem at a kink": identical(eq(_D(x * sp.Abs(y), x, y), _D(x * sp.Abs(y), y, x) + 0 * a)),
    # roots and other branches
    "sqrt(x^4) = x^2, squared root": identical(eq(power(sp.sqrt(x), 4), x**2)),
    "sqrt(x) sqrt(x) = x": identical(eq(times(sp.sqrt(x), sp.sqrt(x)), x)),
    "sqrt(-x) sqrt(-x) = -x": identical(eq(power(sp.sqrt(-x), 2), -x), x <= sp.Rational(1, 300)),
    "sqrt(x) = i sqrt(-x)": identical(eq(sp.sqrt(x), sp.I * sp.sqrt(-x))),
    "(-8)^(1/3) = -2": identical(eq(power(-8, _THIRD), -2)),
    "(-8)^(2/3) = 4": identical(eq(power(-8, sp.Rational(2, 3)), 4)),
    "(x^3)^(1/3) = x": identical(eq(power(x**3, _THIRD), x), x > -sp.Rational(1, 10**9)),
    "(x^(1/3))^3 = x": identical(eq(power(sp.cbrt(x), 3), x)),
    "x^(1/3) is odd": identical(eq(power(-x, _THIRD), times(-1, power(x, _THIRD)))),
    "(x^6)^(1/2) = x^3": identical(eq(power(x**6, _HALF), x**3), x > -sp.Rational(1, 300)),
    "sqrt((x - y)^2) = x - y": identical(eq(power((x - y) ** 2, _HALF), x - y), x >= y - sp.Rational(1, 300)),
    "sqrt(x/y) = sqrt(x)/sqrt(y)": identical(eq(power(x / y, _HALF), sp.sqrt(x) / sp.sqrt(y)), x / y > 0),
    "sqrt(x^2 y) = x sqrt(y)": identical(eq(power(x**2 * y, _HALF), x * sp.sqrt(y)), y > 0),
    "a root is real": entailed(ge(sp.sqrt(x) * sp.sqrt(y)), x * y >= 0),
    "log(x^2) = 2 log|x|": identical(eq(sp.log(x**2), 2 * sp.log(sp.Abs(x)))),
    "log(x^n) = n log x": identical(eq(sp.log(x**n), n * sp.log(x)), x**n > 0),
    "log(x/y) = log x - log y": identical(eq(sp.log(x / y), sp.log(x) - sp.log(y)), x / y > 0),
    "e^(y log x) = x^y": identical(eq(sp.exp(y * sp.log(x), evaluate=False), x**y), ge(x)),
    "(x^y)^2 = (x^2)^y": identical(eq(power(x**y, 2), power(x**2, y))),
    "(x^2)^y = x^(2y)": identical(eq(power(x**2, y), power(x, 2 * y)), ne(x, 0)),
    "x^y x^-y = 1": identical(eq(times(power(x, y), power(x, -y)), 1), ne(x, 0)),
    "(x y)^t = x^t y^t": identical(eq(power(x * y, t), times(x**t, y**t)), x * y > 0),
    "0^x = 0": identical(eq(power(0, x), 0), x > 0),
    "0^0 = 0": identical(eq(power(0, n), 0)),
    "0^n = 0, n > -1": identical(eq(power(0, n), 0), n > -1),
    "x^0 = 0 at 0": entailed(implies(eq(x, 0), eq(power(x, n), 0))),
    "0^m exists": identical(eq(power(0, m), power(0, m + 0 * n))),
    "1^x is no power": entailed(gt(power(2, x), 1), ge(x)),
    "(-1)^m = 1": identical(eq(power(-1, m), 1)),
    "(-1)^(m^2) = 1": identical(eq(power(-1, m**2), 1)),
    "(-1)^(m (m + 1)/2) = 1": identical(eq(power(-1, m * (m + 1) / 2), 1)),
    "(-1)^x at whole numbers": identical(eq(power(-1, x) ** 2, 1)),
    "(-2)^n > 0": entailed(gt(power(-2, 2 * n + 1) ** 3)),
    "x^n y^n = (x y)^m": identical(eq(x**n * y**n, (x * y) ** m), eq(m**2, n**2)),
    "x^(n + m) = x^n x^m": identical(eq(power(x, n + m), times(x**n, x**m)), ne(x + y, 0)),
    "(x^n)^(1/n) = x": identical(eq(power(x**n, 1 / n), x), x > 0),
    "(x^m)^(1/2) = x^(m/2)": identical(eq(power(x**m, _HALF), power(x, m / 2)), ne(x, 0)),
    "x^n is increasing": entailed(gt(x**n, y**n), x > y, y > 0),
    "x^n <= x": entailed(ge(x, x**n), x > 0, gt(1, x)),
    "atan2": identical(eq(sp.atan2(y, x), sp.atan(y / x)), ne(x, 0)),
    "atan2's tangent": identical(eq(sp.tan(sp.atan2(y, x)), y / x), x > 0),
    "arg": identical(eq(sp.arg(x), 0), x > 0),
    "re of a power": identical(eq(sp.re(sp.sqrt(x)), sp.sqrt(x)), ge(x, -1)),
    "acosh(cosh x) = x": identical(eq(sp.acosh(sp.cosh(x)), x), x > -sp.Rational(1, 300)),
    "asin x + acos x = pi/2": identical(eq(sp.asin(x) + sp.acos(x), sp.pi / 2), x <= 1),
    "sin(asin x) = x": identical(eq(sp.sin(sp.asin(x), evaluate=False), x)),
    "cosh^2 - sinh^2 = 1, doubled": identical(eq(sp.cosh(x) ** 2 - sp.sinh(x) ** 2, 2)),
    "sin^2 < 1": entailed(gt(1, sp.sin(x) ** 2)),
    "tan(x) tan(pi/2 - x) = 1": identical(eq(sp.tan(x) * sp.tan(sp.pi / 2 - x), 1)),
    "1/(1/x) = x": identical(eq(power(power(x, -1), -1), x)),
    "x - 1/(1/x) = 0": identical(eq(plus(x, times(-1, power(power(x, -1), -1))), 0)),
    "x/|x| = sign x": identical(eq(x / sp.Abs(x), sp.sign(x))),
    "|x|^n = x^n": identical(eq(sp.Abs(x) ** n, x**n), x > -sp.Rational(1, 300)),
    "|x|^m |y|^m": identical(eq(sp.Abs(x) ** m * sp.Abs(y) ** m, sp.Abs(x * y) ** m)),
    "an odd order of and, or": entailed(
        no(both(gt(x), either(gt(y), gt(0, x)))), gt(x)
    ),
}  # fmt: skip
