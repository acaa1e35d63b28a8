"""Polynomial statements over the reals, refuted or proved by two SMT solvers that share no code: Z3 and cvc5.

A SymPy formula becomes a solver formula term by term. A real-valued term that the theory of real fields cannot
state (exp, a derivative, …) becomes an unknown, about which only cited steps say anything: sound for proofs, and a
model of the abstraction is never reported as a counterexample. An exponential is known to be positive.
Denominators and radicands are obligations: they are proved to be nonzero (nonnegative) first, never assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.engines import solver_process
from saddlecheck.theory.errors import NotPolynomial as NotPolynomial
from saddlecheck.theory.symbols import Expr, Formula

Engine = Literal["z3", "cvc5"]
ENGINES: tuple[Engine, ...] = ("z3", "cvc5")
TIMEOUT = 15.0  # seconds a query; every proof in the ledger needs a tenth of that, so that a busy machine proves it too
_patience = [TIMEOUT]


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Another time limit for the queries of a block, where an answer is wanted only if it comes quickly."""
    _patience.append(seconds)
    try:
        yield
    finally:
        _patience.pop()


@dataclass(frozen=True)
class Answer:
    """What a solver said: "proved", "refuted" (with a model where it is rational) or "unknown" (with the reason)."""

    status: Literal["proved", "refuted", "unknown"]
    model: dict[Any, Any] | None = None
    why: str = ""


@dataclass
class Translator:
    """SymPy to one solver's terms.

    side: what the translation itself knows (s >= 0, s^2 = x for a root).
    obligations: what must be proved before the translation means what SymPy meant.
    """

    api: Any
    names: dict[Any, Any] = field(default_factory=dict)
    opaque: dict[Any, Any] = field(default_factory=dict)
    side: list[Any] = field(default_factory=list)
    obligations: list[Formula] = field(default_factory=list)
    met: set[Formula] = field(default_factory=set)  # obligations that were proved: premises only grow

    def term(self, expr: Expr) -> Any:
        """A real-valued expression."""
        if expr.is_Symbol:
            if not expr.is_extended_real:
                raise NotPolynomial(f"the symbol {expr} is not declared real")
            return self.names.setdefault(expr, self.api.Real(f"v_{expr.name}"))
        if expr.is_Rational:
            return self.api.Q(int(expr.p), int(expr.q))
        if expr.is_Add:
            return reduce(lambda p, q: p + q, map(self.term, expr.args))
        if expr.is_Mul:
            return reduce(lambda p, q: p * q, map(self.term, expr.args))
        if expr.is_Pow and expr.exp.is_Rational:
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
        if expr.is_extended_real is False or not isinstance(expr, sp.Expr):
            raise NotPolynomial(f"{expr} is not a real number")
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
            return self.opaque.setdefault(f, self.api.Bool(f"prop_{f.name}"))
        for cls, make in _RELATIONS:
            if isinstance(f, cls):
                return make(self.term(f.lhs), self.term(f.rhs))
        raise NotPolynomial(f"{type(f).__name__} is no formula of real arithmetic: {f}")

    def _power(self, base: Expr, exponent: Expr) -> Any:
        p, q = int(exponent.p), int(exponent.q)
        if p < 0:
            self.obligations.append(sp.Ne(base, 0))
        body = self.term(base) if q == 1 else self._root(base, q)
        power = reduce(lambda u, v: u * v, [body] * abs(p))
        return power if p > 0 else self.api.Q(1, 1) / power

    def _root(self, base: Expr, q: int) -> Any:
        key = sp.Pow(base, sp.Rational(1, q), evaluate=False)
        if key not in self.opaque:
            self.obligations.append(sp.Ge(base, 0))
            root = self.api.Real(f"root_{len(self.opaque)}")
            self.opaque[key] = root
            radicand = self.term(base)
            power = reduce(lambda u, v: u * v, [root] * q)
            # Guarded: the definition must not prove its own obligation.
            self.side.append(self.api.Or(radicand < 0, self.api.And(root >= 0, power == radicand)))
        return self.opaque[key]

    def _exponential(self, expr: Expr) -> Any:
        key = sp.exp(sp.expand(expr.args[0]))
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
        *branches, (last, condition) = expr.args
        if condition != sp.true:
            raise NotPolynomial(f"a Piecewise without a last resort: {expr}")
        result = self.term(last)
        for value, test in reversed(branches):
            result = self.api.If(self.formula(test), self.term(value), result)
        return result


class Linear(Translator):
    """Products and powers as unknowns: weaker, so what it proves is proved, and at once where a step only adds."""

    def term(self, expr: Expr) -> Any:
        """A real-valued expression, linear in monomials that are not looked into."""
        number, monomial = expr.as_coeff_Mul()
        if monomial.is_Mul or monomial.is_Pow:
            unknown = self.opaque.setdefault(monomial, self.api.Real(f"term_{len(self.opaque)}"))
            return self.api.Q(int(number.p), int(number.q)) * unknown
        return super().term(expr)


class Factors(Translator):
    """Sums as unknowns: weaker too, and enough where a step only multiplies."""

    def term(self, expr: Expr) -> Any:
        """A real-valued expression, a product of sums that are not looked into."""
        if not expr.is_Add:
            return super().term(expr)
        if expr.could_extract_minus_sign():
            return -self.term(-expr)
        return self.opaque.setdefault(expr, self.api.Real(f"term_{len(self.opaque)}"))


_RELATIONS: tuple[tuple[Any, Callable[[Any, Any], Any]], ...] = (
    (sp.Eq, lambda p, q: p == q),
    (sp.Ne, lambda p, q: p != q),
    (sp.StrictLessThan, lambda p, q: p < q),
    (sp.LessThan, lambda p, q: p <= q),
    (sp.StrictGreaterThan, lambda p, q: p > q),
    (sp.GreaterThan, lambda p, q: p >= q),
)


def entails(premises: Sequence[Formula], conclusion: Formula, engine: Engine, timeout: float | None = None) -> Answer:
    """Whether every real point of the premises satisfies the conclusion, by refuting the negation.

    Obligations of the translation (nonzero denominators, nonnegative radicands) are proved from the premises
    that stand before them, with the same engine; one that is not proved makes the answer "unknown".
    """
    timeout = _patience[-1] if timeout is None else min(timeout, _patience[-1])
    translator = Translator(_api(engine))
    known: list[Any] = []
    for premise in premises:
        known.append(translator.formula(premise))
        if (bad := _unmet(translator, known, engine, timeout)) is not None:
            return bad
    goal = translator.formula(conclusion)
    if (bad := _unmet(translator, known, engine, timeout)) is not None:
        return bad
    if any(_follows(kind(translator.api), premises, conclusion, engine) for kind in (Linear, Factors)):
        return Answer("proved")
    status, model = _solve(translator, [*known, translator.api.Not(goal)], engine, timeout)
    if status == "unsat":
        return Answer("proved")
    if status == "sat" and not translator.opaque:
        return Answer("refuted", model)
    unknown = ", ".join(sorted(map(str, translator.opaque)))
    reason = f"does not follow while {unknown} could be anything: cite a bound" if status == "sat" else status
    return Answer("unknown", why=reason)


def _follows(weaker: Translator, premises: Sequence[Formula], conclusion: Formula, engine: Engine) -> bool:
    """Whether a translation that knows less is enough; its obligations are those that were proved already."""
    formulas = [*map(weaker.formula, premises), weaker.api.Not(weaker.formula(conclusion))]
    return _solve(weaker, formulas, engine, timeout=min(1.0, _patience[-1]))[0] == "unsat"


def satisfiable(premises: Iterable[Formula], engine: Engine, timeout: float | None = None) -> Answer:
    """Whether the premises have a model: "refuted" carries it (the claim that there is none is refuted)."""
    return entails(list(premises), sp.false, engine, timeout)


def _unmet(translator: Translator, known: list[Any], engine: Engine, timeout: float) -> Answer | None:
    while translator.obligations:
        obligation = translator.obligations.pop()
        if obligation in translator.met:
            continue
        negated = translator.api.Not(translator.formula(obligation))
        status, _ = _solve(translator, [*known, negated], engine, timeout)
        if status != "unsat":
            return Answer("unknown", why=f"needs {obligation}, which the conditions do not give")
        translator.met.add(obligation)
    return None


def _solve(
    translator: Translator, formulas: list[Any], engine: Engine, timeout: float
) -> tuple[str, dict[Any, Any] | None]:
    constants = {_name(c): str(c.sort()) for c in (*translator.names.values(), *translator.opaque.values())}
    assertions = [term.sexpr() for term in (*translator.side, *formulas)]
    reply = solver_process.solve(engine, constants, assertions, timeout)
    if reply.status != "sat":
        return ("no answer in time" if reply.status == "unknown" else reply.status), None
    values = {symbol: reply.values.get(_name(term)) for symbol, term in translator.names.items()}
    if None in values.values():
        return "sat", None  # an irrational point
    return "sat", {symbol: sp.Rational(value) for symbol, value in values.items()}


def _name(constant: Any) -> str:
    return str(constant.sexpr()).strip("|")


def _api(engine: Engine) -> Any:
    if engine == "z3":
        import z3

        return z3
    import cvc5.pythonic

    return cvc5.pythonic
