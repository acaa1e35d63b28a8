"""SymPy formulas in a solver's terms, Z3's or cvc5's: the one thing that the two solvers share.

A formula becomes a solver's formula term by term. A real-valued term that the theory of real fields cannot state (exp,
a derivative, …) becomes an unknown, about which only cited steps say anything: sound for proofs, and a model of the
abstraction is never reported as a counterexample. An exponential is known to be positive. An integer is a real unknown
that is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.kinds import kind
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.obligations import Obligation
from saddlecheck.theory.errors import NoRule
from saddlecheck.theory.symbols import Expr, Formula

_LONGEST = 64  # of an exponent that is multiplied out; a higher power is an unknown


@dataclass
class Translator:
    """SymPy to one solver's terms, for formulas whose obligations are met.

    side: what the translation itself knows (s >= 0, s^2 = x for a root).  whole: which unknowns are integers.
    """

    api: Any
    names: dict[Any, Any] = field(default_factory=dict)
    opaque: dict[Any, Any] = field(default_factory=dict)
    side: list[Any] = field(default_factory=list)
    whole: list[Any] = field(default_factory=list)
    met: set[Obligation] = field(default_factory=set)  # obligations that were proved: premises only grow

    def term(self, expr: Expr) -> Any:
        """A real-valued expression."""
        if expr.is_Symbol:
            return self._symbol(expr)
        if expr.is_Rational:
            return self.api.Q(int(expr.p), int(expr.q))
        if expr.is_Add:
            return reduce(lambda p, q: p + q, map(self.term, expr.args))
        if expr.is_Mul:
            return reduce(lambda p, q: p * q, map(self.term, expr.args))
        if expr.is_Pow and expr.exp.is_Rational and max(abs(expr.exp.p), expr.exp.q) <= _LONGEST:
            return self._power(expr.base, expr.exp)
        if isinstance(expr, sp.exp):
            return self._exponential(expr)
        if expr.is_NumberSymbol:
            return self._constant(expr)
        if isinstance(expr, sp.Abs):
            inner = self.term(expr.args[0])
            return self.api.If(inner >= 0, inner, -inner)
        if isinstance(expr, (sp.Max, sp.Min)):
            return self._extreme(expr)
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr)
        return self._unknown(expr)

    def _symbol(self, symbol: Expr) -> Any:
        if symbol not in self.names:
            variable = self.api.Real(f"v_{len(self.names)}")  # not its name: a fresh variable may have the same
            self.names[symbol] = variable
            if kind(symbol) != "real":
                self.whole.append(variable)
            if kind(symbol) == "natural":
                self.side.append(variable >= 0)
        return self.names[symbol]

    def _unknown(self, expr: Expr) -> Any:
        """What the solver is told nothing about: it exists, and equal terms are equal."""
        return self.opaque.setdefault(expr, self.api.Real(f"term_{len(self.opaque)}"))

    def formula(self, f: Formula) -> Any:
        """A Boolean formula."""
        if f in (sp.true, sp.false):
            return self.api.BoolVal(bool(f))
        if isinstance(f, sp.And):
            return self.api.And(*map(self.formula, f.args))
        if isinstance(f, sp.Or):
            return self.api.Or(*map(self.formula, f.args))
        if isinstance(f, sp.Not):
            return self.api.Not(self.formula(f.args[0]))
        if isinstance(f, sp.Implies):
            return self.api.Or(self.api.Not(self.formula(f.args[0])), self.formula(f.args[1]))
        if isinstance(f, sp.Equivalent):
            first, *rest = map(self.formula, f.args)
            return self.api.And(*(first == other for other in rest))
        if isinstance(f, Prop):
            return self.opaque.setdefault(f, self.api.Bool(f"prop_{len(self.opaque)}"))
        for cls, make in _RELATIONS:
            if isinstance(f, cls):
                return make(self.term(f.lhs), self.term(f.rhs))
        raise NoRule(f"{type(f).__name__} is no formula of real arithmetic: {f}")

    def _power(self, base: Expr, exponent: Expr) -> Any:
        p, q = int(exponent.p), int(exponent.q)
        body = self.term(base) if q == 1 else self._root(base, q)
        power = reduce(lambda u, v: u * v, [body] * abs(p), self.api.Q(1, 1)) if p else self.api.Q(1, 1)
        return power if p >= 0 else self.api.Q(1, 1) / power

    def _root(self, base: Expr, q: int) -> Any:
        key = sp.Pow(base, sp.Rational(1, q), evaluate=False)
        if key not in self.opaque:
            root = self.api.Real(f"root_{len(self.opaque)}")
            self.opaque[key] = root
            radicand = self.term(base)
            power = reduce(lambda u, v: u * v, [root] * q)
            # Guarded: the definition must not prove its own obligation.
            self.side.append(self.api.Or(radicand < 0, self.api.And(root >= 0, power == radicand)))
        return self.opaque[key]

    def _exponential(self, expr: Expr) -> Any:
        key = sp.exp(sp.expand(expr.args[0]), evaluate=False)  # e^(log(y)/2) is positive, sqrt(y) is another unknown
        if key not in self.opaque:
            value = self.api.Real(f"exp_{len(self.opaque)}")
            self.opaque[key] = value
            self.side.append(value > 0)
        return self.opaque[key]

    def _constant(self, expr: Expr) -> Any:
        """pi, e and their like: an unknown between two rationals."""
        if expr not in self.opaque:
            value = self.api.Real(f"constant_{len(self.opaque)}")
            self.opaque[expr] = value
            low, high = map(self.term, expr.approximation_interval(sp.Integer))
            self.side += [value > low, value < high]
        return self.opaque[expr]

    def _extreme(self, expr: Expr) -> Any:
        larger = isinstance(expr, sp.Max)
        return reduce(lambda p, q: self.api.If((p >= q) if larger else (p <= q), p, q), map(self.term, expr.args))

    def _piecewise(self, expr: Expr) -> Any:
        *branches, (last, _) = expr.args
        result = self.term(last)
        for value, test in reversed(branches):
            result = self.api.If(self.formula(test), self.term(value), result)
        return result


class Linear(Translator):
    """Products and powers as unknowns: weaker, so what it proves is proved, and quickly where a step only adds."""

    def term(self, expr: Expr) -> Any:
        """A real-valued expression, linear in monomials that are not looked into."""
        number, monomial = expr.as_coeff_Mul()
        if monomial.is_Mul or monomial.is_Pow:
            return self.api.Q(int(number.p), int(number.q)) * self._unknown(monomial)
        return super().term(expr)


class Factors(Translator):
    """Sums as unknowns: weaker too, and enough where a step only multiplies."""

    def term(self, expr: Expr) -> Any:
        """A real-valued expression, a product of sums that are not looked into."""
        if not expr.is_Add:
            return super().term(expr)
        if expr.could_extract_minus_sign():
            return -self.term(-expr)
        return self._unknown(expr)


_RELATIONS: tuple[tuple[Any, Callable[[Any, Any], Any]], ...] = (
    (sp.Eq, lambda p, q: p == q),
    (sp.Ne, lambda p, q: p != q),
    (sp.StrictLessThan, lambda p, q: p < q),
    (sp.LessThan, lambda p, q: p <= q),
    (sp.StrictGreaterThan, lambda p, q: p > q),
    (sp.GreaterThan, lambda p, q: p >= q),
)


__all__ = ["Factors", "Linear", "Translator"]
