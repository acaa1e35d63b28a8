"""Small claims from a statement and the steps that pretend to prove it; each is built when it is put to the test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.claim import BEYOND, Catalogue, Claim
from saddlecheck.theory.claims.steps import Entails, Equal, Step, stated

Build = Callable[[], Claim | Catalogue]
NAME = "falsehood"  # of the claim that is wrong; others of its catalogue are what it cites or amends


def wrong(built: Claim | Catalogue) -> Claim:
    """The claim that is wrong, among those with which it was built."""
    return built[NAME] if isinstance(built, Catalogue) else built


def real(name: str) -> Any:
    """A real symbol."""
    return sp.Symbol(name, real=True)


x, y, z, a, b, t = map(real, "xyzabt")
m = sp.Symbol("m", integer=True)
n = sp.Symbol("n", integer=True, nonnegative=True)


def claim(*steps: Step, given: tuple[Any, ...] = (), statement: Any = None) -> Claim:
    """A claim that its last step concludes."""
    return Claim(
        NAME, "A falsehood", BEYOND, "What is not so.", stated(steps[-1]) if statement is None else statement,
        given, tuple(steps),
    )  # fmt: skip


def entailed(formula: Any, *given: Any) -> Build:
    """The claim that a formula follows from its conditions at once."""
    return lambda: claim(Entails("it follows", formula), given=given)


def identical(equation: Any, *given: Any) -> Build:
    """The claim that an equation is an identity under its conditions."""
    return lambda: claim(Equal("identity", equation), given=given)


def eq(left: Any, right: Any) -> Any:
    """An equation that SymPy leaves alone."""
    return sp.Eq(left, right, evaluate=False)


def ne(left: Any, right: Any) -> Any:
    """An inequality between things that differ."""
    return sp.Ne(left, right, evaluate=False)


def gt(left: Any, right: Any = 0) -> Any:
    """The left side is greater."""
    return sp.Gt(left, right, evaluate=False)


def ge(left: Any, right: Any = 0) -> Any:
    """The left side is not smaller."""
    return sp.Ge(left, right, evaluate=False)


def both(*parts: Any) -> Any:
    """All parts."""
    return sp.And(*parts, evaluate=False)


def either(*parts: Any) -> Any:
    """One of the parts."""
    return sp.Or(*parts, evaluate=False)


def implies(condition: Any, conclusion: Any) -> Any:
    """The conclusion wherever the condition holds."""
    return sp.Implies(condition, conclusion, evaluate=False)


def no(part: Any) -> Any:
    """The negation."""
    return sp.Not(part, evaluate=False)


def times(*factors: Any) -> Any:
    """A product whose factors stay as they are."""
    return sp.Mul(*factors, evaluate=False)


def plus(*terms: Any) -> Any:
    """A sum whose terms stay as they are."""
    return sp.Add(*terms, evaluate=False)


def power(base: Any, exponent: Any) -> Any:
    """A power that stays as it is."""
    return sp.Pow(base, exponent, evaluate=False)
