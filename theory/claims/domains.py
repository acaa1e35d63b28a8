"""Where a real function has a value, and where it is smooth (has derivatives of every order): one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.formulas import above, at_least, differ
from saddlecheck.theory.claims.kinds import is_whole
from saddlecheck.theory.errors import NoRule
from saddlecheck.theory.symbols import Expr, Formula

LONGEST = 10_000  # of an exponent: a higher power is written out by no engine


Needs = Callable[..., Iterator[Formula]]  # a function's arguments to what they must satisfy


def _nothing(*_: Expr) -> Iterator[Formula]:
    yield from ()


def _within_one(v: Expr) -> Iterator[Formula]:
    yield from (at_least(v, sp.S.NegativeOne), at_least(sp.S.One, v))


def _strictly_within_one(v: Expr) -> Iterator[Formula]:
    yield from (above(v, sp.S.NegativeOne), above(sp.S.One, v))


def _distinct(*values: Expr) -> Iterator[Formula]:
    yield from (differ(p, q) for p, q in combinations(values, 2))


# The functions with a real value: where they have one, and what else makes them smooth (infinitely differentiable).
FUNCTIONS: dict[Any, tuple[Needs, Needs]] = {
    **dict.fromkeys((sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh), (_nothing, _nothing)),
    **dict.fromkeys((sp.atan, sp.asinh, sp.erf, sp.erfi), (_nothing, _nothing)),
    **dict.fromkeys((sp.asin, sp.acos), (_within_one, _strictly_within_one)),
    **dict.fromkeys((sp.Abs, sp.sign), (_nothing, lambda v: iter([differ(v, sp.S.Zero)]))),
    **dict.fromkeys((sp.Max, sp.Min), (_nothing, _distinct)),
    sp.log: (lambda v: iter([above(v, sp.S.Zero)]), _nothing),
    sp.tan: (lambda v: iter([differ(sp.cos(v), sp.S.Zero)]), _nothing),
    sp.atanh: (_strictly_within_one, _nothing),
    sp.acosh: (lambda v: iter([at_least(v, sp.S.One)]), lambda v: iter([above(v, sp.S.One)])),
}


def power_needs(base: Expr, exponent: Expr) -> Iterator[Formula]:
    """Where a real power exists. x^0 is 1 for every x, 0^0 included; a root is one of a nonnegative number."""
    if exponent.is_Integer:
        if abs(exponent) > LONGEST:
            raise NoRule(f"the exponent {exponent} is longer than {LONGEST}; no engine writes such a power out")
        if exponent < 0:
            yield differ(base, sp.S.Zero)
    elif exponent.is_Rational:
        yield at_least(base, sp.S.Zero) if exponent > 0 else above(base, sp.S.Zero)
    elif is_whole(exponent):
        yield sp.Or(at_least(exponent, sp.S.Zero), differ(base, sp.S.Zero), evaluate=False)
    else:
        yield above(base, sp.S.Zero)
