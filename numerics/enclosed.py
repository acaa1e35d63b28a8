"""A SymPy formula as a function of floats that is right to the last digits, whatever cancels in it."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, ctx

from saddlecheck.numerics import certain
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.engines.arithmetic import rational
from saddlecheck.theory.engines.ball import enclose, exact
from saddlecheck.theory.engines.tape import Tape
from saddlecheck.theory.symbols import Expr

Root = tuple[Fraction, int, Fraction]  # (m, s, d): the number m + s sqrt(d)


class Formula:
    """An expression compiled for ball arithmetic. Calling it doubles the precision until the value is certain.

    |x| of a symbol x is computed apart, because the tape knows powers and elementary functions only.
    """

    def __init__(self, expr: Expr) -> None:
        self._expr = expr
        self._sizes = {sp.Abs(s): sp.Dummy() for s in expr.free_symbols if expr.has(sp.Abs(s))}
        self._symbols = sorted(expr.free_symbols, key=str)
        plain = not expr.has(Coefficient, sp.hyper)
        self._tape = Tape([expr.xreplace(self._sizes)], [*self._symbols, *self._sizes.values()]) if plain else None

    def __call__(self, values: Mapping[Any, float], roots: Mapping[Any, Root] | None = None) -> float:
        """The value at floats, and at square roots of rationals; inf beyond the largest float.

        Returns:
            float64, rounded from an enclosure of at least 62 bits.

        Raises:
            ArithmeticError: where no precision suffices: the formula is singular there.
        """
        try:
            return certain.value(lambda: self._enclosure(values, roots or {}))
        except ArithmeticError as singular:
            raise ArithmeticError(f"{self._expr} has no certain value at {dict(values)}: {singular}") from None

    def exactly(self, values: Mapping[Any, Fraction]) -> Fraction:
        """The value of a rational formula at rationals."""
        found = exact(self._expr, {s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()})
        return Fraction(int(found.p), int(found.q))

    def _enclosure(self, values: Mapping[Any, float], roots: Mapping[Any, Root]) -> Any:
        env = {s: arb(v) for s, v in values.items() if s in self._symbols}
        env |= {s: _ball(m) + sign * _ball(d).sqrt() for s, (m, sign, d) in roots.items()}
        if self._tape is None:
            return enclose(self._expr, env, ctx.prec)
        sizes = [abs(env[size.args[0]]) for size in self._sizes]
        return self._tape([*(env[s] for s in self._symbols), *sizes], _ball)[0]


def _ball(value: Fraction) -> Any:
    return arb(rational(sp.Rational(value.numerator, value.denominator)))
