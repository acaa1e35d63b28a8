"""Terms kept from being summed up: sums within sums, and what has no value times 0, to the power 0 or less itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    a,
    claim,
    entailed,
    eq,
    ge,
    gt,
    identical,
    implies,
    m,
    n,
    plus,
    power,
    times,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Bounded, Entails

_Z, _ONE, _HALF = sp.S.Zero, sp.S.One, sp.Rational(1, 2)
_ONCE = plus(1, n)  # n + 1, kept from being summed up

# Exponents in n, and what somebody who reads them by their form alone may take them for.
_EXPONENTS: dict[str, tuple[Any, Any]] = {
    "1 + (1 + n) is n + 1": (plus(1, _ONCE), n + 1),
    "1 + (1 + (1 + n)) is n + 2": (plus(1, plus(1, _ONCE)), n + 2),
    "2 + (3 + 2n) is 2n + 2": (plus(2, plus(3, 2 * n)), 2 * n + 2),
    "(1 + n) + 1 is n": (plus(_ONCE, 1), n),
    "1 + n + n is n + 1": (plus(1, n, n), n + 1),
    "n + n is n": (plus(n, n), n),
    "2 (1 + n) is 2n + 1": (times(2, _ONCE), 2 * n + 1),
    "2 (2 n) is 2n": (times(2, times(2, n)), 2 * n),
    "n 2 is n": (times(n, 2), n),
    "0 n is n": (times(0, n), n),
    "1 + 0 n is n + 1": (plus(1, times(0, n)), n + 1),
    "1 + 1 is 1": (plus(1, 1), _ONE),
    "n to the power 1 + 1 is n": (power(n, plus(1, 1)), n),
    "1 + n^2 is n + 1": (plus(1, power(n, 2)), n + 1),
    "1 + (n - 1) is n + 1": (plus(1, plus(-1, n)), n + 1),
    "-1 + (2 + n) is n": (plus(-1, plus(2, n)), n),
}


def _induct(formula: Any, *given: Any) -> Build:
    return lambda: claim(Induction("induct", formula, over=n), given=given)


def _said_of(exponent: Any, taken: Any) -> dict[str, Build]:
    """That two powers agree at a base of 2, at any base, and that the one that is greater is not."""
    return {
        "by induction": _induct(eq(power(2, exponent), times(1, power(2, taken)))),
        "by induction at any base": _induct(eq(power(a, exponent), times(1, power(a, taken))), gt(a, 3)),
        "as an identity": identical(eq(power(a, exponent), times(1, power(a, taken)))),
        "as a consequence": entailed(eq(power(2, exponent), times(1, power(2, taken)))),
    }


# What has no value somewhere, with conditions under which that place remains.
_NOWHERE: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "1/x": (1 / x, ()),
    "1/(x - y)": (1 / (x - y), (gt(x),)),
    "log x": (sp.log(x), (ge(x),)),
    "sqrt x": (sp.sqrt(x), (gt(x, -_HALF),)),
    "x^(-n)": (x**-n, ()),
    "x^y": (x**y, ()),
    "tan x": (sp.tan(x), ()),
    "asin x": (sp.asin(x), (ge(x),)),
    "e^(1/x)": (sp.exp(1 / x), ()),
    "|x|'": (sp.Derivative(sp.Abs(x), x), ()),
    "Max(x, y)'": (sp.Derivative(sp.Max(x, y), x), (gt(y),)),
    "the value of sign at its jump": (Coefficient(sp.sign(y - x), y, x, _Z), ()),
    "the value of 1/y at x": (Coefficient(1 / y, y, x, _Z), ()),
    "1/x behind a test": (sp.Piecewise((1 / x, y > 0), (_ONE, True)), ()),
}
# By which it is brought to nothing, wherever it has a value.
_BROUGHT: dict[str, Callable[[Any], Any]] = {
    "times 0": lambda v: eq(times(0, v), 0),
    "to the power 0": lambda v: eq(power(v, 0), 1),
    "less itself": lambda v: eq(plus(v, times(-1, v)), 0),
    "by a power within a power": lambda v: eq(power(power(v, 2), 0), 1),
    "in an exponent": lambda v: eq(sp.exp(times(0, v), evaluate=False), 1),
    "beside what is larger": lambda v: eq(sp.Max(times(0, v), -1, evaluate=False), 0),
}
_STRICT: dict[str, Callable[[Any], Any]] = {
    "times 0 is not negative": lambda v: ge(times(0, v), 0),
    "to the power 0 is positive": lambda v: gt(power(v, 0), 0),
    "to the power 0, as a condition": lambda v: implies(gt(power(v, 0), 0), ge(x**2 + 1, 2 * x)),
}

_SQUARE, _SIGN = ge(x**2), ge(n + 1, 1)


def _read(general: Any, first: Any, at: Any, said: Any) -> Build:
    """A step that holds everywhere, read at values that are kept from being summed up."""
    return lambda: claim(first, Instance("read", said, uses=(first.name,), of=general, at=at))


_VALUES: dict[str, Build] = {
    "a square read at a sum with a pole": _read(
        _SQUARE, Entails("known", _SQUARE), {x: plus(1 / y, times(-1, 1 / y))}, ge(y**2 + 2, 1)
    ),
    "a square read at 0 log y": _read(_SQUARE, Entails("known", _SQUARE), {x: times(0, sp.log(y))}, ge(y**2, 0)),
    "a natural number read at half of 2m": _read(
        _SIGN, Entails("known", _SIGN), {n: times(_HALF, times(2, m))}, ge(m + 1, 1)
    ),
    "a natural number read at m^2 less 1": _read(
        _SIGN, Entails("known", _SIGN), {n: plus(-1, power(m, 2))}, ge(m**2, 1)
    ),
    "a natural number read at (1 + m) - 1": _read(
        _SIGN, Entails("known", _SIGN), {n: plus(-1, plus(1, m))}, ge(m + 1, 1)
    ),
    "a box with a pole times 0": lambda: claim(Bounded("box", gt(1, times(0, power(x, -1))), box={x: (-1, 1)})),
    "a box with a logarithm to the power 0": lambda: claim(
        Bounded("box", gt(2, power(sp.log(x), 0)), box={x: (-1, 1)})
    ),
    "a box with a root less itself": lambda: claim(
        Bounded("box", gt(1, plus(sp.sqrt(x), times(-1, sp.sqrt(x)))), box={x: (-1, 1)})
    ),
    "the slope of 0 log x": identical(eq(sp.Derivative(times(0, sp.log(x)), x), 0)),
    "the slope of (1/x)^0": identical(eq(sp.Derivative(power(1 / x, 0), x), 0)),
    "the slope of |x| less itself": identical(eq(sp.Derivative(plus(sp.Abs(x), times(-1, sp.Abs(x))), x), 0)),
    "the slope of |x|^(1 + 1)": identical(eq(sp.Derivative(power(sp.Abs(x), plus(1, 1)), x), 2 * x)),
    "the value of 0/t with a letter": identical(eq(Coefficient(times(0, power(y * x, -1)), x, _Z, _Z), 0)),
    "the slope of 0 |t| at 0": identical(eq(Coefficient(times(0, sp.Abs(x)), x, _Z, _ONE), 0)),
    "the value of sign(t)^(1 + 1) at 0": identical(eq(Coefficient(power(sp.sign(x), plus(1, 1)), x, _Z, _Z), 1)),
    "x^(1/2 + 1/2) is x": identical(eq(power(x, plus(_HALF, _HALF)), x)),
    "x^(2 1/2) is x": identical(eq(power(x, times(2, _HALF)), x)),
    "x^(1 - 2) is 1/x": identical(eq(power(x, plus(1, -2)), power(x, -1))),
    "x^(1 - 1) is 0": identical(eq(power(x, plus(1, -1)), 0)),
    "(x^2)^(1/4 + 1/4) is x": identical(eq(power(power(x, 2), plus(_HALF / 2, _HALF / 2)), x), gt(x, -_HALF)),
}

FALSEHOODS: dict[str, Build] = {
    **{
        f"{name}, {how}": build
        for name, (exponent, taken) in _EXPONENTS.items()
        for how, build in _said_of(exponent, taken).items()
    },
    **{
        f"{name} {how}": identical(says(term), *given)
        for name, (term, given) in _NOWHERE.items()
        for how, says in _BROUGHT.items()
    },
    **{
        f"{name} {how}": entailed(says(term), *given)
        for name, (term, given) in _NOWHERE.items()
        for how, says in _STRICT.items()
    },
    **_VALUES,
}  # fmt: skip
