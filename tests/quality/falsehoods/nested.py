"""Values that do not exist, deep within: under a slope, in a branch, in an exponent, behind a bound symbol."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import Build, a, entailed, eq, ge, gt, identical, m, n, ne, plus, power, times, x, y, z

from saddlecheck.theory.claims.nodes import Coefficient

_Z, _ONE, _HALF = sp.S.Zero, sp.S.One, sp.Rational(1, 2)

# Terms that somewhere have no value, each under conditions that leave such a point in.
_PARTS = {
    "1/(x - y)": (power(x - y, -1), (gt(x),)),
    "log(x y)": (sp.log(x * y), (ne(x, 0), ne(y, 0))),
    "sqrt(x^2 - x^4)": (power(x**2 - x**4, _HALF), (ge(x),)),
    "(-1/3)^x": (power(-sp.Rational(1, 3), x), ()),
    "x^(m - n)": (power(x, m - n), (ge(x),)),
    "(x + y)^(y/2)": (power(x + y, y / 2), (gt(y),)),
    "0^m": (power(0, m), ()),
    "(log x)^0 by n": (power(sp.log(x), n), ()),
}
# Where they stand. Whatever number the part is, what is then said of the whole is true.
_PLACES = {
    "the slope of": lambda v: sp.Derivative(times(z, v), z),
    "the second slope of": lambda v: sp.Derivative(times(z**2, v), (z, 2)),
    "a branch that is taken once of": lambda v: sp.Piecewise((z, ne(z, 7)), (v, True)),
    "a test on": lambda v: sp.Piecewise((_ONE, gt(v)), (_Z, True)),
    "an exponent": lambda v: power(2, v),
    "an exponent's exponent": lambda v: power(2, power(3, v)),
    "the logarithm of one and the square of": lambda v: sp.log(plus(1, power(v, 2))),
    "the root of the square of": lambda v: power(power(v, 2), _HALF),
    "the larger of 1 and": lambda v: sp.Max(1, v),
    "the sign of": lambda v: sp.sign(v, evaluate=False),
    "nothing times": lambda v: times(0, v),
    "the power 0 of": lambda v: power(v, 0),
    "its difference from itself": lambda v: plus(v, times(-1, v)),
    "the quotient by one and the size of": lambda v: power(plus(1, sp.Abs(v)), -1),
    "a coefficient in z of": lambda v: Coefficient(times(z, v), z, _Z, _ONE),
    "the value at z = 0 of": lambda v: Coefficient(plus(z, v), z, _Z, _Z),
    "a coefficient at the point": lambda v: Coefficient(z**2, z, v, _ONE),
    "a sine of a sine of": lambda v: sp.sin(sp.sin(v)),
    "a tower of exponentials of": lambda v: sp.exp(times(-1, sp.exp(v, evaluate=False)), evaluate=False),
}


def _of(place, term, given) -> Build:
    """The square of what stands there is not negative: so it is of every number."""
    return lambda: entailed(ge(power(_PLACES[place](term), 2)), *given)()


def _same(place, term, given) -> Build:
    """What stands there is once itself."""

    def build():
        whole = _PLACES[place](term)
        return identical(eq(plus(whole, whole), times(2, whole)), *given)()

    return build


_T = sp.Symbol("t", real=True)
# Values that are taken from another side than the one from which they exist.
_ONE_SIDED = {
    "a slope where a root of it begins": eq(
        sp.Derivative(power(x, sp.Rational(3, 2)), x), sp.Rational(3, 2) * sp.sqrt(x)
    ),
    "a slope of a root of a square at its kink": eq(power(sp.Derivative(power(x**2, _HALF), x), 2), 1),
    "the slope of |x| |x|^-1": eq(sp.Derivative(times(sp.Abs(x), power(sp.Abs(x), -1)), x), 0),
    "the slope of x^n / x^n": eq(sp.Derivative(times(x**n, power(x**n, -1)), x), 0),
    "the slope of log(x y) in x": eq(sp.Derivative(sp.log(x * y), x), power(x, -1)),
    "the slope of a power in its exponent": eq(sp.Derivative(x**y, y), times(x**y, sp.log(x))),
    "the slope of Max(x^2, y) in y": eq(power(sp.Derivative(sp.Max(x**2, y), y), 2), sp.Derivative(sp.Max(x**2, y), y)),
    "the slope of sign(x)^2": eq(sp.Derivative(sp.sign(x) ** 2, x), 0),
    "the slope of Min(x, -x)": eq(power(sp.Derivative(sp.Min(x, -x), x), 2), 1),
    "a mixed slope of |x + y|": eq(sp.Derivative(sp.Abs(x + y), x, y), sp.Derivative(sp.Abs(x + y), y, x)),
    "a coefficient of a slope of |x|": eq(Coefficient(sp.Derivative(sp.Abs(_T), _T), _T, x, _Z), sp.sign(x)),
    "a slope of a coefficient at a pole": eq(
        sp.Derivative(Coefficient(power(_T - x, -1), _T, _Z, _Z), x), power(x, -2)
    ),
    "a coefficient of a coefficient at a pole": eq(
        Coefficient(Coefficient(power(_T + x, -1), _T, _Z, _Z), x, _Z, _Z), Coefficient(power(x, -1), x, _Z, _Z)
    ),
    "a coefficient of tan past its pole": eq(Coefficient(sp.tan(_T), _T, x, _ONE), 1 + sp.tan(x) ** 2),
    "a coefficient of asin at an end": eq(times(Coefficient(sp.asin(_T), _T, x, _ONE), sp.sqrt(1 - x**2)), 1),
    "a coefficient of a root at its branch": eq(times(2, sp.sqrt(x), Coefficient(sp.sqrt(_T), _T, x, _ONE)), 1),
    "a coefficient of x^x": eq(Coefficient(_T**_T, _T, x, _Z), x**x),
    "a value of 1/(1/t)": eq(Coefficient(power(power(_T, -1), -1), _T, x, _Z), x),
    "a value of log(e^t - 1)": eq(sp.exp(Coefficient(sp.log(sp.exp(_T) - 1), _T, x, _Z)), sp.exp(x) - 1),
}

FALSEHOODS: dict[str, Build] = {
    **{
        f"{place} {part}": (_of if k % 2 else _same)(place, term, given)
        for k, (place, (part, (term, given))) in enumerate(
            (place, part) for place in _PLACES for part in _PARTS.items()
        )
    },
    **{f"{name}, everywhere": identical(equation) for name, equation in _ONE_SIDED.items()},
    **{f"{name}, from 0 on": identical(equation, ge(x), gt(y)) for name, equation in list(_ONE_SIDED.items())[:6]},
    "a Taylor coefficient whose denominator is 0 for one letter": identical(
        eq(Coefficient(sp.sin(a * _T) / (a * _T), _T, _Z, _Z), 1)
    ),
    "a Taylor coefficient whose denominator is 0 for two equal letters": identical(
        eq(times(x - y, Coefficient((sp.exp(x * _T) - sp.exp(y * _T)) / ((x - y) * _T), _T, _Z, _Z)), x - y)
    ),
}
