"""Integers taken for real numbers and real numbers for integers."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    both,
    claim,
    either,
    entailed,
    eq,
    ge,
    gt,
    implies,
    m,
    n,
    ne,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.steps import Bounded, Entails

_HALF = sp.Rational(1, 2)
# (general step about whole numbers, what it would say at a value, the value)
_READ = {
    "at 1/2": ({n: _HALF}, ge(_HALF**2, _HALF)),
    "at 1/3": ({n: sp.Rational(1, 3)}, ge(sp.Rational(1, 9), sp.Rational(1, 3))),
    "at -1/2": ({n: -_HALF}, ge(-_HALF, 0)),
    "at a real x": ({n: x}, ge(x**2, x)),
    "at n/2": ({n: n / 2}, ge(n**2 / 4, n / 2)),
    "at x^2": ({n: x**2}, ge(x**4, x**2)),
    "at x n": ({n: x * n}, ge(x**2 * n**2, x * n)),
    "at sqrt 2 - 1": ({n: sp.sqrt(2) - 1}, gt(0, 1)),
    "at |x|": ({n: sp.Abs(x)}, ge(x**2, sp.Abs(x))),
    "at pi/4": ({n: sp.pi / 4}, ge(sp.pi**2 / 16, sp.pi / 4)),
    "at e^n": ({n: sp.exp(-n)}, ge(sp.exp(-2 * n), sp.exp(-n))),
}


def _read(at, said) -> Build:
    """n^2 >= n holds of every natural number; read where no natural number is."""

    def build():
        whole = Entails("whole", either(eq(n, 0), ge(n, 1)))
        general = Entails("squares", ge(n**2, n), uses=("whole",))
        return claim(whole, general, Instance("read", said, uses=("squares",), of=general.formula, at=at))

    return build


def _negative(at, said) -> Build:
    """Of a natural number n >= 0 holds by its kind alone; read at what may be negative."""

    def build():
        general = Entails("sign", gt(n, -1))
        return claim(general, Instance("read", said, uses=("sign",), of=general.formula, at=at))

    return build


# Conditions that no whole number satisfies, some real one does.
_EMPTY = {
    "2m = 1": (eq(2 * m, 1),),
    "3m = 2": (eq(3 * m, 2),),
    "4m = 2": (eq(4 * m, 2),),
    "m^2 = 2": (eq(m**2, 2),),
    "m^2 = 3": (eq(m**2, 3),),
    "m^3 = 2": (eq(m**3, 2),),
    "0 < m < 1": (gt(m, 0), gt(1, m)),
    "2 < 3m < 3": (gt(3 * m, 2), gt(3, 3 * m)),
    "n = -1": (eq(n, -1),),
    "n < 0": (gt(0, n),),
    "n + 1 = 0": (eq(n + 1, 0),),
    "2m = 2n + 1": (eq(2 * m, 2 * n + 1),),
    "6m + 3n = 1": (eq(6 * m + 3 * n, 1),),
    "m(m + 1) = 1": (eq(m * (m + 1), 1),),
    "2m - 1 = 0 and x > 0": (eq(2 * m - 1, 0), gt(x)),
    "m = 1/2 or m = 3/2": (either(eq(m, _HALF), eq(m, 3 * _HALF)),),
}
_NONSENSE = {"x > x + 1": gt(x, x + 1), "1 = 2 for m": eq(m, m + 1)}


FALSEHOODS: dict[str, Build] = {
    **{f"n^2 >= n read {where}": _read(at, said) for where, (at, said) in _READ.items()},
    **{
        f"n > -1 read {where}": _negative(at, said)
        for where, at, said in [
            ("at -2", {n: sp.S(-2)}, gt(-2, -1)),
            ("at an integer", {n: m}, gt(m, -1)),
            ("at n - 2", {n: n - 2}, gt(n - 2, -1)),
            ("at m n", {n: m * n}, gt(m * n, -1)),
            ("at -n", {n: -n}, gt(-n, -1)),
            ("at -m^2", {n: -(m**2)}, gt(-(m**2), -1)),
            ("at a real x", {n: x}, gt(x, -1)),
        ]
    },
    **{
        f"{what}, given {empty}": entailed(statement, *given)
        for empty, given in _EMPTY.items()
        for what, statement in _NONSENSE.items()
    },
    "an integer is a half": entailed(eq(2 * m, 1), gt(2 * m, 0), gt(2, 2 * m)),
    "between two integers there is one": entailed(implies(gt(m, n), gt(m, n + 1))),
    "every integer is natural": entailed(ge(m, 0)),
    "natural numbers are positive": entailed(gt(n, 0)),
    "n^2 > n": entailed(gt(n**2, n)),
    "integers square to more than they are": entailed(gt(m**2, m)),
    "consecutive integers are equal": entailed(eq(m, m + 1)),
    "no natural number is one": entailed(implies(ge(n, 0), either(eq(n, 0), ge(n, 2)))),
    "reals have gaps": entailed(either(ge(0, x), ge(x, 1))),
    "reals have gaps beside integers": entailed(implies(both(gt(x, n), gt(n + 1, x)), ge(x, n + 1))),
    "induction over a real": lambda: claim(Induction("step", ge(x**2, x), over=x)),
    "induction over an integer": lambda: claim(Induction("step", ge(m, 0), over=m)),
    "induction over an expression": lambda: claim(Induction("step", ge(2 * n, 1), over=2 * n)),
    "induction where a condition says n > 3": lambda: claim(
        Induction("step", gt(n, 3), over=n), given=(gt(n, 3), gt(x))
    ),
    "a bound for natural numbers taken for all": lambda: claim(
        Induction("all", ge(2**n, 1), over=n), Instance("at m", ge(2**m, 1), uses=("all",), of=ge(2**n, 1), at={n: m})
    ),
    "a power of a real exponent from one of natural ones": lambda: claim(
        Induction("all", ge((1 + x**2) ** n, 1), over=n),
        Instance("at y", ge((1 + x**2) ** y, 1), uses=("all",), of=ge((1 + x**2) ** n, 1), at={n: y}),
    ),
    "an even power by a real exponent": lambda: claim(
        Induction("all", ge(x ** (2 * n), 0), over=n),
        Instance("at 1/2", ge(x, 0), uses=("all",), of=ge(x ** (2 * n), 0), at={n: _HALF}),
    ),
    "a box of reals for an integer": lambda: claim(
        Bounded("box", gt(n + 1, 0), box={n: (0, 2)}),
        Instance("at -2", gt(-1, 0), uses=("box",), of=Bounded("box", gt(n + 1, 0), box={n: (0, 2)}).stated,
                 at={n: sp.S(-2)}),
    ),
    "m is never twice an integer": entailed(ne(2 * m, 2 * n + 2)),
}  # fmt: skip
