"""SymPy formulas as SMT-LIB text: the one thing that the two solvers share.

A formula becomes a term of the language term by term; both solvers read the same text. A real-valued term that the
theory of real fields cannot state (exp, a derivative, …) becomes an unknown, about which only cited steps say anything:
sound for proofs, and a model of the abstraction is never reported as a counterexample. An exponential is known to be
positive. An integer is a real unknown that is whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
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
    """SymPy to SMT-LIB, for formulas whose obligations are met.

    sorts: the names of all constants, each with its sort.  side: what the translation itself knows (s >= 0, s^2 = x for
    a root).  whole: which unknowns are integers.
    """

    names: dict[Any, str] = field(default_factory=dict)
    opaque: dict[Any, str] = field(default_factory=dict)
    sorts: dict[str, str] = field(default_factory=dict)
    side: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)
    met: set[Obligation] = field(default_factory=set)  # obligations that were proved: premises only grow

    def term(self, expr: Expr) -> str:
        """A real-valued expression."""
        if expr.is_Symbol:
            return self._symbol(expr)
        if expr.is_Rational:
            return rational(int(expr.p), int(expr.q))
        if expr.is_Add:
            return applied("+", map(self.term, expr.args))
        if expr.is_Mul:
            return applied("*", map(self.term, expr.args))
        if expr.is_Pow and expr.exp.is_Rational and max(abs(expr.exp.p), expr.exp.q) <= _LONGEST:
            return self._power(expr.base, expr.exp)
        if isinstance(expr, sp.exp):
            return self._exponential(expr)
        if expr.is_NumberSymbol:
            return self._constant(expr)
        if isinstance(expr, sp.Abs):
            return f"(let ((b {self.term(expr.args[0])})) (ite (>= b 0.0) b (- b)))"
        if isinstance(expr, (sp.Max, sp.Min)):
            return self._extreme(expr)
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr)
        return self._unknown(expr)

    def _symbol(self, symbol: Expr) -> str:
        if symbol not in self.names:
            name = f"v_{len(self.names)}"  # not its own name: a fresh variable may have the same
            self.names[symbol], self.sorts[name] = name, "Real"
            if kind(symbol) != "real":
                self.whole.append(name)
            if kind(symbol) == "natural":
                self.side.append(f"(>= {name} 0.0)")
        return self.names[symbol]

    def _unknown(self, expr: Expr, prefix: str = "term", sort: str = "Real") -> str:
        """What the solver is told nothing about: it exists, and equal terms are equal."""
        if expr not in self.opaque:
            name = f"{prefix}_{len(self.opaque)}"
            self.opaque[expr], self.sorts[name] = name, sort
        return self.opaque[expr]

    def formula(self, f: Formula) -> str:
        """A Boolean formula."""
        if f in (sp.true, sp.false):
            return str(bool(f)).lower()
        if isinstance(f, (sp.And, sp.Or)):
            return applied("and" if isinstance(f, sp.And) else "or", map(self.formula, f.args))
        if isinstance(f, sp.Not):
            return negation(self.formula(f.args[0]))
        if isinstance(f, sp.Implies):
            return f"(or {negation(self.formula(f.args[0]))} {self.formula(f.args[1])})"
        if isinstance(f, sp.Equivalent):
            return applied("=", map(self.formula, f.args))
        if isinstance(f, Prop):
            return self._unknown(f, "prop", "Bool")
        for cls, sign in _RELATIONS.items():
            if isinstance(f, cls):
                return f"({sign} {self.term(f.lhs)} {self.term(f.rhs)})"
        raise NoRule(f"{type(f).__name__} is no formula of real arithmetic: {f}")

    def _power(self, base: Expr, exponent: Expr) -> str:
        p, q = int(exponent.p), int(exponent.q)
        power = repeated(self.term(base) if q == 1 else self._root(base, q), abs(p))
        return power if p >= 0 else f"(/ 1.0 {power})"

    def _root(self, base: Expr, q: int) -> str:
        key = sp.Pow(base, sp.Rational(1, q), evaluate=False)
        if key not in self.opaque:
            root = self._unknown(key, "root")
            # Guarded: the definition must not prove its own obligation.
            known = f"(or (< b 0.0) (and (>= {root} 0.0) (= {repeated(root, q)} b)))"
            self.side.append(f"(let ((b {self.term(base)})) {known})")
        return self.opaque[key]

    def _exponential(self, expr: Expr) -> str:
        key = sp.exp(sp.expand(expr.args[0]), evaluate=False)  # e^(log(y)/2) is positive, sqrt(y) is another unknown
        if key not in self.opaque:
            self.side.append(f"(> {self._unknown(key, 'exp')} 0.0)")
        return self.opaque[key]

    def _constant(self, expr: Expr) -> str:
        """pi, e and their like: an unknown between two rationals."""
        if expr not in self.opaque:
            value = self._unknown(expr, "constant")
            low, high = map(self.term, expr.approximation_interval(sp.Integer))
            self.side += [f"(> {value} {low})", f"(< {value} {high})"]
        return self.opaque[expr]

    def _extreme(self, expr: Expr) -> str:
        sign = ">=" if isinstance(expr, sp.Max) else "<="
        first, *rest = map(self.term, expr.args)
        for other in rest:
            first = f"(let ((b {first}) (c {other})) (ite ({sign} b c) b c))"
        return first

    def _piecewise(self, expr: Expr) -> str:
        *branches, (last, _) = expr.args
        result = self.term(last)
        for value, test in reversed(branches):
            result = f"(ite {self.formula(test)} {self.term(value)} {result})"
        return result


class Linear(Translator):
    """Products and powers as unknowns: weaker, so what it proves is proved, and quickly where a step only adds."""

    def term(self, expr: Expr) -> str:
        """A real-valued expression, linear in monomials that are not looked into."""
        number, monomial = expr.as_coeff_Mul()
        if monomial.is_Mul or monomial.is_Pow:
            return f"(* {rational(int(number.p), int(number.q))} {self._unknown(monomial)})"
        return super().term(expr)


class Factors(Translator):
    """Sums as unknowns: weaker too, and enough where a step only multiplies."""

    def term(self, expr: Expr) -> str:
        """A real-valued expression, a product of sums that are not looked into."""
        if not expr.is_Add:
            return super().term(expr)
        if expr.could_extract_minus_sign():
            return f"(- {self.term(-expr)})"
        return self._unknown(expr)


# A let binds b to the text of a term, in which b is not yet bound: one letter serves however deep lets are nested.


def rational(p: int, q: int) -> str:
    """The number p/q."""
    size = f"{abs(p)}.0" if q == 1 else f"(/ {abs(p)}.0 {q}.0)"
    return size if p >= 0 else f"(- {size})"


def applied(sign: str, terms: Iterable[str]) -> str:
    """A function of several terms; of one term the term itself."""
    first, *rest = terms
    return f"({sign} {first} {' '.join(rest)})" if rest else first


def repeated(term: str, times: int) -> str:
    """A natural power, multiplied out."""
    if times < 2:
        return term if times else "1.0"
    return f"(let ((b {term})) (* {' '.join(['b'] * times)}))"


def negation(formula: str) -> str:
    """What holds where a formula does not."""
    return f"(not {formula})"


_RELATIONS: dict[Any, str] = {
    **{sp.Eq: "=", sp.Ne: "distinct", sp.StrictLessThan: "<", sp.LessThan: "<="},
    **{sp.StrictGreaterThan: ">", sp.GreaterThan: ">="},
}


__all__ = ["Factors", "Linear", "Translator", "applied", "negation"]
