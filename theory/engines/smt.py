"""Polynomial statements over the reals, refuted or proved by two SMT solvers that share no code: Z3 and cvc5.

A SymPy formula becomes a solver formula term by term. A real-valued term that the theory of real fields cannot
state (exp, a derivative, …) becomes an unknown, about which only cited steps say anything: sound for proofs, and a
model of the abstraction is never reported as a counterexample. An exponential is known to be positive.
That every value exists is an obligation (see `claims.obligations`): it is proved first, never assumed.  An integer is
a real unknown that is whole: what follows for every real is proved without that, the rest with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, Literal

import sympy as sp

from saddlecheck.theory.claims.kinds import kind
from saddlecheck.theory.claims.nodes import Prop
from saddlecheck.theory.claims.obligations import NoValue, Obligation, obligations, said
from saddlecheck.theory.engines import solver_process
from saddlecheck.theory.symbols import Expr, Formula

Engine = Literal["z3", "cvc5"]
ENGINES: tuple[Engine, ...] = ("z3", "cvc5")
TIMEOUT = 15.0  # seconds a query; every proof in the ledger needs a tenth of that, so that a busy machine proves it too
_patience = [TIMEOUT]
_LONGEST = 64  # of an exponent that is multiplied out; a higher power is an unknown


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Another time limit for the queries of a block, where an answer is wanted only if it comes quickly."""
    _patience.append(seconds)
    try:
        yield
    finally:
        _patience.pop()


NotPolynomial = NoValue  # a node that has no real value, so that no solver can be asked about it


@dataclass(frozen=True)
class Answer:
    """What a solver said: "proved", "refuted" (with a model where it is rational) or "unknown" (with the reason)."""

    status: Literal["proved", "refuted", "unknown"]
    model: dict[Any, Any] | None = None
    why: str = ""


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
                self.whole.append(self.api.IsInt(variable))
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
        raise NotPolynomial(f"{type(f).__name__} is no formula of real arithmetic: {f}")

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
        *branches, (last, _) = expr.args
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


def entails(premises: Sequence[Formula], conclusion: Formula, engine: Engine, timeout: float | None = None) -> Answer:
    """Whether every point of the premises satisfies the conclusion, by refuting the negation.

    The obligations of each premise are proved from other premises whose own were proved, those of the conclusion from
    all of them, with the same engine; one that is not proved makes the answer "unknown".
    """
    timeout = _patience[-1] if timeout is None else min(timeout, _patience[-1])
    translator = Translator(_api(engine))
    known, gap = _established(translator, premises, engine, timeout)
    gap = gap or _unmet(translator, known, conclusion, engine, timeout)
    if gap:
        return Answer("unknown", why=gap)
    if any(_follows(weaker(translator.api), premises, conclusion, engine) for weaker in (Linear, Factors)):
        return Answer("proved")
    status, model = _solve(translator, [*known, translator.api.Not(translator.formula(conclusion))], engine, timeout)
    if status == "unsat":
        return Answer("proved")
    if status == "sat" and not translator.opaque:
        return Answer("refuted", model)
    unknown = ", ".join(sorted(map(str, translator.opaque)))
    reason = f"does not follow while {unknown} could be anything: cite a bound" if status == "sat" else status
    return Answer("unknown", why=reason)


def undefined(
    formulas: Sequence[Formula], premises: Sequence[Formula], engine: Engine, found: Sequence[Obligation] = ()
) -> str | None:
    """What keeps a value in the formulas from existing wherever the premises hold, as a sentence; None if nothing.

    found: obligations to prove besides those of the formulas.
    """
    try:
        needed = dict.fromkeys([*(o for f in formulas for o in obligations(f)), *found])
    except NoValue as refusal:
        return str(refusal)
    if not needed:
        return None
    translator = Translator(_api(engine))
    known, gap = _established(translator, premises, engine, _patience[-1])
    return gap or next(filter(None, (_open(translator, known, o, engine, _patience[-1]) for o in needed)), None)


def _established(
    translator: Translator, premises: Sequence[Formula], engine: Engine, timeout: float
) -> tuple[list[Any], str | None]:
    """The premises translated, each once its obligations follow from those before it, in whatever order they stand."""
    known: list[Any] = []
    waiting, gap = list(premises), None
    while waiting:
        later = []
        for premise in waiting:
            if (missing := _unmet(translator, known, premise, engine, timeout)) is None:
                known.append(translator.formula(premise))
            else:
                later.append(premise)
                gap = gap or missing
        if len(later) == len(waiting):
            return known, gap
        waiting, gap = later, None
    return known, None


def _follows(weaker: Translator, premises: Sequence[Formula], conclusion: Formula, engine: Engine) -> bool:
    """Whether a translation that knows less is enough; its obligations are those that were proved already."""
    formulas = [*map(weaker.formula, premises), weaker.api.Not(weaker.formula(conclusion))]
    return _solve(weaker, formulas, engine, timeout=min(1.0, _patience[-1]))[0] == "unsat"


def satisfiable(premises: Iterable[Formula], engine: Engine, timeout: float | None = None) -> Answer:
    """Whether the premises have a model: "refuted" carries it (the claim that there is none is refuted)."""
    return entails(list(premises), sp.false, engine, timeout)


def _unmet(translator: Translator, known: list[Any], formula: Formula, engine: Engine, timeout: float) -> str | None:
    """The first obligation of a formula that does not follow, as a sentence; None if all do."""
    return next(filter(None, (_open(translator, known, o, engine, timeout) for o in obligations(formula))), None)


def _open(translator: Translator, known: list[Any], o: Obligation, engine: Engine, timeout: float) -> str | None:
    if o in translator.met:
        return None
    where = [translator.formula(guard) for guard in o.where]
    negated = translator.api.Not(translator.formula(o.needs))
    if _solve(translator, [*known, *where, negated], engine, timeout)[0] != "unsat":
        return f"needs {said(o.needs)}, which the conditions do not give"
    translator.met.add(o)
    return None


def _solve(
    translator: Translator, formulas: list[Any], engine: Engine, timeout: float
) -> tuple[str, dict[Any, Any] | None]:
    """Over the reals first, which decides most questions about integers too; then with what is whole said to be so."""
    status, model = _ask(translator, formulas, engine, timeout)
    if status == "unsat" or not translator.whole:
        return status, model
    return _ask(translator, [*formulas, *translator.whole], engine, timeout)


def _ask(
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
