"""Falsehoods that come in by the side door: a condition used as a law, a step read where it does not hold, a lemma."""

from __future__ import annotations

import sympy as sp
from quality.falsehoods.builders import (
    Build,
    claim,
    eq,
    ge,
    gt,
    implies,
    n,
    ne,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.claim import BEYOND, Claim
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.steps import Accept, Entails, Equal, Premises, Step

_HALF = sp.Rational(1, 2)


class Trust(Step):
    """A rule that believes what it is told, twice."""

    def _probes(self, premises):
        yield "sympy", lambda: ("proved", "", None)
        yield "arb", lambda: ("proved", "", None)


class Generous(Claim):
    """A claim that hands its steps what it does not assume."""

    def premises(self, step):
        return Premises((gt(x), gt(0, x)))


class Fickle(tuple):
    """Conditions that are others whenever they are looked at."""

    def __iter__(self):
        return iter([gt(x), gt(0, x)])


class Minus(sp.Add):
    """A sum that is printed as one and computed as another."""

    def doit(self, **_hints):
        return sp.S.Zero


def _condition_as_law(condition, at, said) -> Build:
    """A condition on this x, read at another."""
    return lambda: claim(Instance("read", said, of=condition, at=at), given=(condition,))


def _restated(condition, at, said) -> Build:
    """The same, after a step that only repeats the condition."""

    def build():
        again = Entails("again", condition)
        return claim(again, Instance("read", said, uses=("again",), of=condition, at=at), given=(condition,))

    return build


_LAWS = {
    "x > 0 at -x": (gt(x), {x: -x}, gt(-x)),
    "x > 1 at x - 1": (gt(x, 1), {x: x - 1}, gt(x, 2)),
    "x < y exchanged": (gt(y, x), {x: y, y: x}, gt(x, y)),
    "x = 2 at 3": (eq(x, 2), {x: sp.S(3)}, eq(sp.S(3), sp.S(2))),
    "x y = 1 at 0": (eq(x * y, 1), {x: sp.S(0)}, eq(sp.S(0), sp.S(1))),
    "x^2 < 1 at 2x": (gt(1, x**2), {x: 2 * x}, gt(1, 4 * x**2)),
    "|x| > 1 at x/2": (gt(sp.Abs(x), 1), {x: x / 2}, gt(sp.Abs(x), 2)),
    "x != 0 at 0": (ne(x, 0), {x: sp.S(0)}, ne(sp.S(0), sp.S(0))),
    "x >= n at 0": (ge(x, n), {x: sp.S(0)}, ge(0, n)),
    "e^x > 3 at -x": (gt(sp.exp(x), 3), {x: -x}, gt(sp.exp(-x), 3)),
}


def _outside(general, given, at, said) -> Build:
    """A step proved under conditions, read where they do not hold."""

    def build():
        first = Entails("general", general)
        return claim(first, Instance("read", said, uses=("general",), of=general, at=at), given=given)

    return build


_OUTSIDE = {
    "x^2 + x > 0 read at -1/2": (gt(x**2 + x), (gt(x),), {x: -_HALF}, gt(-(_HALF**2), 0)),
    "x^3 > 0 read at -1": (gt(x**3), (gt(x),), {x: sp.S(-1)}, gt(-1, 0)),
    "x^2 > x read at 1/2": (gt(x**2, x), (gt(x, 1),), {x: _HALF}, gt(_HALF**2, _HALF)),
    "x y > 0 read at -x": (gt(x * y), (gt(x), gt(y)), {x: -x}, gt(-x * y)),
    "x + 1/x >= 2 read at -1": (ge(x + 1 / x, 2), (gt(x),), {x: sp.S(-1)}, ge(-2, 2)),
    "a value without a value": (ge(x**2), (), {x: 1 / y}, ge(1 / y**2)),
    "a value without a value, cancelled": (ge(x + 1, x), (), {x: sp.log(y)}, ge(sp.log(y) + 1, sp.log(y))),
    "a complex value": (ge(x**2), (), {x: sp.I}, ge(-1, 0)),
    "an infinite value": (gt(x**2 + 1, x), (), {x: sp.oo}, gt(0, 1)),
    "a value for an expression": (gt(x**2 + 1), (), {x**2: sp.S(-2)}, gt(-1, 0)),
    "a value for a number": (gt(x**2 + 2, 1), (), {sp.S(2): sp.S(-5)}, gt(x**2 - 5, 1)),
}


_LEMMA = Prop("lemma", "Every number is its own square.")
FALSEHOODS: dict[str, Build] = {
    **{f"a condition as a law: {name}": _condition_as_law(*law) for name, law in _LAWS.items()},
    **{f"a condition restated as a law: {name}": _restated(*law) for name, law in _LAWS.items()},
    **{f"outside the conditions: {name}": _outside(*case) for name, case in _OUTSIDE.items()},
    "a rule of one's own": lambda: claim(Trust("trust", eq(x, x**2))),
    "a rule of one's own under a known name": lambda: claim(
        type("Entails", (Trust,), {})("trust", eq(x, x**2))
    ),
    "a claim of one's own class": lambda: Generous(
        "own", "Own", BEYOND, "What is not so.", eq(x, x**2), (), (Entails("so", eq(x, x**2)),)
    ),
    "conditions of one's own class": lambda: claim(Entails("so", gt(x, x**2 + 1)), given=Fickle((gt(x, y),))),
    "a sum of one's own class": lambda: claim(Equal("so", eq(Minus(x, y, evaluate=False), 0))),
    "from a lemma": lambda: claim(
        Accept("lemma", eq(x, x**2), source="Nobody"), Entails("so", eq(x + y**2, x**2 + y**2), uses=("lemma",))
    ),
    "from a lemma in words": lambda: claim(
        Accept("lemma", _LEMMA, source="Nobody"),
        Accept("which says", implies(_LEMMA, eq(x, x**2)), source="Nobody"),
        Entails("so", eq(x, x**2), uses=("lemma", "which says")),
    ),
    "a lemma's instance": lambda: claim(
        Accept("lemma", gt(x), source="Nobody"), Instance("so", gt(-x), uses=("lemma",), of=gt(x), at={x: -x})
    ),
    "a lemma for a sign": lambda: claim(
        Accept("lemma", gt(2 * x), source="Nobody"),
        Monotone("so", gt(x**2, 25), uses=("lemma",), of=x**2, along=x, base=sp.S(-5), value=sp.S(25), slope=2 * x,
                 sign=gt(2 * x)),
    ),
    "a lemma without a source": lambda: claim(Accept("lemma", eq(x, x**2), source=" ")),
}  # fmt: skip
