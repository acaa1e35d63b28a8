"""Bound letters: a condition on the free letter used under a slope or an expansion, and binders within binders."""

from __future__ import annotations

from typing import Any

import sympy as sp
from quality.falsehoods.builders import Build, claim, eq, ge, gt, identical, implies, ne, real, t, x, y

from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Entails, Equal

u = real("u")


def _at(f: Any, letter: Any, point: Any, order: int = 0) -> Coefficient:
    """The Taylor coefficient of an order, of order 0 if none is given."""
    return Coefficient(f, letter, sp.S(point), sp.S(order))


_UNDER: dict[str, Build] = {
    "x=1, slope of x^2 is 0": identical(eq(sp.Derivative(x**2, x), 0), eq(x, 1)),
    "x=y, slope of x y is 2x": identical(eq(sp.Derivative(x * y, x), 2 * x), eq(x, y)),
    "y=x^2, slope of y is 2x": identical(eq(sp.Derivative(y, x), 2 * x), eq(y, x**2)),
    "y=x^2, slope of x y is 3x^2": identical(eq(sp.Derivative(x * y, x), 3 * x**2), eq(y, x**2)),
    "x=0, slope of |x|": identical(eq(sp.Derivative(sp.Abs(x), x), 0), eq(x, 0)),
    "x=y, coefficient in x of y": identical(eq(_at(x * y, x, 0, 1), 0), eq(x, y), ne(y, 0)),
    "x=2, coefficient at 0": identical(eq(_at(x**2, x, 0, 0), 4), eq(x, 2)),
    "x=2, value at y": identical(eq(_at(x, x, y, 0), 2), eq(x, 2)),
    "x>0, |x| at -1 to order 1": identical(eq(_at(sp.Abs(x), x, -1, 1), 1), gt(x)),
    "x>0, sqrt(x^2) slope at y": identical(eq(_at(sp.sqrt(x**2), x, y, 1), 1), gt(x)),
    "Max(x,y)=x, slope of Max is 1": identical(eq(sp.Derivative(sp.Max(x, y), x), 1), ge(x, y)),
    "entailed slope": lambda: claim(
        Entails("a", eq(sp.Derivative(x**2, x), sp.Derivative(y**2, x))), given=(eq(x, y),)
    ),
}
_WITHIN: dict[str, Build] = {
    "inner at the outer letter": identical(eq(_at(_at(t + u, t, u), u, t), t + u)),
    "inner and outer of one letter": identical(eq(_at(_at(t * x, t, 1), t, 2), 2 * x)),
    "at its own letter, order 1": identical(eq(_at(t**2, t, t, 1), 2)),
    "at its own letter, order 0": identical(eq(_at(t**2, t, t + 1, 0), t**2 + 1)),
    "slope by the bound letter": identical(eq(sp.Derivative(_at(t * x, t, 2), t), x)),
    "slope by the point": identical(eq(sp.Derivative(_at(t**2 * x, t, x), x), x**2)),
    "slope by the point, order 1": identical(eq(sp.Derivative(_at(t**2 * x, t, x, 1), x), 2 * x)),
    "exchange": identical(eq(_at(_at(t - u, t, x), u, y), y - x)),
    "coefficient of a product of coefficients": identical(eq(_at(t * _at(t, t, 3), t, 0, 1), 0)),
    "value at a coefficient": identical(eq(_at(t**2, t, _at(t + 1, t, t)), t**2 + 1)),
    "instance captures": lambda: claim(
        Equal("a", eq(_at(t * x, t, 1, 1), x)),
        Instance("b", eq(_at(t * t, t, 1, 1), t), uses=("a",), of=eq(_at(t * x, t, 1, 1), x), at={x: t}),
    ),
    "instance at bound": lambda: claim(
        Equal("a", eq(_at(t * x, t, 0, 1), x)),
        Instance("b", eq(_at(2 * x, t, 0, 1), x), uses=("a",), of=eq(_at(t * x, t, 0, 1), x), at={t: 2 * sp.S.One}),
    ),
    "instance into a slope": lambda: claim(
        Equal("a", eq(sp.Derivative(x * y, x), y)),
        Instance("b", eq(sp.Derivative(x * x, x), x), uses=("a",), of=eq(sp.Derivative(x * y, x), y), at={y: x}),
    ),
    "monotone along a bound letter": lambda: claim(
        Entails("s", gt(x**2 + 1)),
        Monotone(
            "m",
            implies(gt(x), gt(_at(x * t, x, 0, 1), t)),
            uses=("s",),
            of=_at(x * t, x, 0, 1) + 0 * x,
            along=x,
            base=sp.S.Zero,
            value=t,
            slope=sp.S.Zero,
            sign=gt(x**2 + 1),
        ),
    ),
}
FALSEHOODS: dict[str, Build] = {
    **{f"under a binder: {name}": build for name, build in _UNDER.items()},
    **{f"a binder within: {name}": build for name, build in _WITHIN.items()},
}
