"""Names that mean two things: captured variables, symbols or propositions of one name, properties hidden in symbols."""

from __future__ import annotations

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
    ne,
    real,
    x,
    y,
)  # fmt: skip

from saddlecheck.theory.claims.induction import Induction
from saddlecheck.theory.claims.instance import Instance
from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.nodes import Coefficient, Prop
from saddlecheck.theory.claims.steps import Accept, Entails, Equal

_Z, _ONE = sp.S.Zero, sp.S.One


def _captured_by_monotone(name: str, power: int, strict: bool) -> Build:
    """With s for the intermediate point and for the user's own symbol, f'(s) < 0 follows from what is said of s."""

    def build():
        s = real(name)
        f, slope = (x - s) ** power, power * (x - s) ** (power - 1)
        sign = Entails("sign", implies(gt(s, x), sp.Lt(slope, 0)))
        goal = implies(gt(x), (gt if strict else ge)(f, (-s) ** power))
        step = Monotone("moved", goal, uses=("sign",), of=f, along=x, value=(-s) ** power, slope=slope,
                        sign=sign.formula)  # fmt: skip
        return claim(sign, step, given=(gt(s),))

    return build


# What only a hidden property makes true.
_HIDDEN = {
    "positive": ({"positive": True}, lambda v: gt(v + sp.exp(v))),
    "nonnegative": ({"nonnegative": True}, lambda v: ge(v**3 + v)),
    "negative": ({"negative": True}, lambda v: gt(-v)),
    "nonzero": ({"real": True, "nonzero": True}, lambda v: gt(v**2)),
    "prime": ({"prime": True}, lambda v: gt(v, 1)),
    "even": ({"even": True}, lambda v: ne(v, 1)),
    "odd": ({"odd": True}, lambda v: ne(v, 0)),
    "irrational": ({"irrational": True}, lambda v: ne(v, 2)),
    "positive integer": ({"integer": True, "positive": True}, lambda v: ge(v, 1)),
    "zero": ({"zero": True}, lambda v: ge(-(v**2))),
    "complex": ({}, lambda v: ge(v**2)),
    "imaginary": ({"imaginary": True}, lambda v: ne(v, 1)),
    "infinite": ({"extended_real": True}, lambda v: gt(v + 1, v)),
}


def _hidden(assumed, statement) -> Build:
    return lambda: claim(Entails("step", statement(sp.Symbol("x", **assumed))))


def _lent(assumed, statement) -> Build:
    """Said of the symbol with the property, and from there of the real symbol that prints like it."""

    def build():
        hidden = Entails("hidden", statement(sp.Symbol("x", **assumed)))
        return claim(hidden, Entails("for every real x", statement(x), uses=("hidden",)))

    return build


def _by_induction_on_its_namesake(statement) -> Build:
    def build():
        whole = sp.Symbol("x", integer=True, nonnegative=True)
        general = Induction("for whole numbers", statement(whole), over=whole)
        return claim(general, Entails("for every real x", statement(x), uses=("for whole numbers",)))

    return build


def _instance_captures(general, at, said) -> Build:
    """A true identity about a bound variable, read with that variable put in from outside."""

    def build():
        first = Equal("general", general)
        return claim(first, Instance("read", said, uses=("general",), of=general, at=at))

    return build


_SLOPE = eq(sp.Derivative(a * x, x), a)
_SECOND = eq(sp.Derivative(a * x**2, (x, 2)), 2 * a)
_TAYLOR = eq(Coefficient(a * y, y, _Z, _ONE), a)
_AT_ZERO = eq(Coefficient(a + y, y, _Z, _Z), a)
_P, _Q = Prop("lemma", "Two is even."), Prop("lemma", "Two is odd.")

FALSEHOODS: dict[str, Build] = {
    **{
        f"Monotone's own point named {name}, power {power}, {'strict' if strict else 'weak'}": _captured_by_monotone(
            name, power, strict
        )
        for name in ("_x", "x_", "s", "_s", "x'")
        for power in (2, 4)
        for strict in (True, False)
    },
    **{f"a symbol that is {kind} unsaid": _hidden(*how) for kind, how in _HIDDEN.items()},
    **{f"a real symbol named like one that is {kind}": _lent(*how) for kind, how in _HIDDEN.items()},
    **{
        f"{what} for every real x, by induction on its namesake": _by_induction_on_its_namesake(statement)
        for what, statement in {
            "x^2 >= x": lambda v: ge(v**2, v),
            "x >= 0": lambda v: ge(v),
            "2^x >= 1": lambda v: ge(2**v, 1),
            "x^3 >= x^2": lambda v: ge(v**3 - v**2 + v, v),
        }.items()
    },
    "a slope read at its own variable": _instance_captures(_SLOPE, {a: x}, eq(sp.Derivative(x**2, x), x)),
    "a slope read elsewhere in its variable": _instance_captures(
        _SLOPE, {x: 2 * y}, eq(sp.Derivative(2 * a * y, y), a)
    ),
    "a second slope read at its variable": _instance_captures(
        _SECOND, {a: x}, eq(sp.Derivative(x**3, (x, 2)), 2 * x)
    ),
    "a slope with both renamed": _instance_captures(_SLOPE, {a: y, x: y}, eq(sp.Derivative(y**2, y), y)),
    "a Taylor coefficient read at its variable": _instance_captures(
        _TAYLOR, {a: y}, eq(Coefficient(y**2, y, _Z, _ONE), y)
    ),
    "a value read at its variable": _instance_captures(_AT_ZERO, {a: y}, eq(Coefficient(2 * y, y, _Z, _Z), y)),
    "a value read at a function of it": _instance_captures(
        _AT_ZERO, {a: y + 1}, eq(Coefficient(2 * y + 1, y, _Z, _Z), y + 1)
    ),
    "a natural and a real number of one name": lambda: claim(
        Entails("sum", ge(sp.Symbol("x", integer=True, nonnegative=True) + x**2))
    ),
    "two letters that print alike": lambda: claim(
        Entails("less", gt(x**2 + real("x1") ** 2, 2 * x * real("x_1"))), given=(gt(real("x1") ** 2, real("x_1") ** 2),)
    ),
    "an integer and a real number of one name": lambda: claim(
        Entails("either", ge(sp.Symbol("x", integer=True) ** 2 + x**4, sp.Symbol("x", integer=True)))
    ),
    "a condition on the free y for the bound one": identical(eq(Coefficient(sp.Abs(y), y, sp.S(-1), _ONE), 1), gt(y)),
    "a condition on the free y for a bound denominator": entailed(
        ge(Coefficient(1 / y, y, _Z, _Z) ** 2), ne(y, 0)
    ),
    "two propositions of one name": lambda: claim(
        Accept("known", _P, source="Arithmetic"), Entails("wrong", _Q, uses=("known",))
    ),
    "two propositions of one name in one formula": lambda: claim(Entails("same", implies(_P, _Q))),
}  # fmt: skip
