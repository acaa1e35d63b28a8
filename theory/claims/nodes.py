"""Two node types that SymPy lacks: a proposition in words, and a Taylor coefficient that is not yet computed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from saddlecheck.theory.errors import Pole


class Prop(Boolean):  # type: ignore[misc]  # sympy is untyped
    """A proposition that SymPy has no formula for: a textbook lemma, or what a simulation is to show.

    name: a short handle, unique within its claim.  text: the proposition, a full sentence.
    No engine evaluates it: only an `Accept` step (with a source) or an experiment bears on it.
    """

    def __new__(cls, name: str, text: str) -> Prop:
        """A proposition; equal to another with the same name and text."""
        obj = super().__new__(cls)
        obj.name, obj.text = name, text
        return obj  # type: ignore[no-any-return]

    def _hashable_content(self) -> tuple[str, str]:
        return (self.name, self.text)

    def __getnewargs__(self) -> tuple[str, str]:
        return (self.name, self.text)

    def sort_key(self, order: Any = None) -> Any:  # noqa: ARG002  # SymPy's signature
        """By name, as symbols are: else the order in a conjunction, and with it every digest, would be the hash's."""
        return self.class_key(), (2, (self.name, self.text)), sp.S.One.sort_key(), sp.S.One

    @property
    def free_symbols(self) -> set[Any]:
        """None: the proposition is closed."""
        return set()

    def _sympystr(self, _printer: Any) -> str:
        return str(self.text)

    def _latex(self, _printer: Any) -> str:
        # Text mode knows neither exponents nor indices: w^p is set as mathematics within the sentence.
        set_up = re.sub(
            r"([A-Za-z]+)([_^])(\w+)",
            lambda m: f"}}{sp.latex(sp.Symbol(m[1]))}{m[2]}{{{m[3]}}}\\text{{",  # eta as the letter
            rf"\text{{{self.text}}}",
        )
        return re.sub(r"\^\(([^()]*)\)", r"}^{\1}\\text{", set_up)


def conjuncts(formula: Any) -> tuple[Any, ...]:
    """The parts of a conjunction; of another formula itself alone."""
    return formula.args if isinstance(formula, sp.And) else (formula,)


def exact_part(formula: Any) -> Any:
    """Return what a formula asserts beside propositions in words: itself, the other conjuncts, or None for none.

    A point that refutes this part refutes the formula, whatever the propositions say.
    """
    if not formula.has(Prop):
        return formula
    exact = [part for part in conjuncts(formula) if not part.has(Prop)]
    return sp.And(*exact, evaluate=False) if len(exact) > 1 else next(iter(exact), None)


class Coefficient(sp.Function):  # type: ignore[misc]  # sympy is untyped
    r"""`Coefficient(f, x, p, k)`: the coefficient of $(x-p)^k$ in the Taylor expansion of f at p.

    f may have a removable singularity at p; k = 0 is the value at p, or the limit there. Unevaluated, so that a step
    prints what it checks; `doit` uses SymPy's series, `saddlecheck.theory.engines.ball` uses power-series arithmetic
    that shares nothing with it.
    """

    nargs = 4

    @classmethod
    def eval(cls, *_args: Any) -> None:
        """Never by itself."""
        return

    @property
    def free_symbols(self) -> set[Any]:
        """Those of f without x (which is bound), and those of p."""
        f, x, p, _ = self.args
        free: set[Any] = (f.free_symbols - {x}) | p.free_symbols
        return free

    def _eval_subs(self, old: Any, new: Any) -> Any:
        f, x, p, k = self.args
        if x in new.free_symbols and old != x:  # what is put in means another x than the bound one
            bound = sp.Dummy(x.name, real=True)
            f, x = f.xreplace({x: bound}), bound
        return Coefficient(f if old == x else f.subs(old, new), x, p.subs(old, new), k)

    def doit(self, **_hints: Any) -> Any:
        """SymPy's own series coefficient. Raises Pole where there is none."""
        return _series_coefficient(*(arg.doit() for arg in self.args))

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        f, x, p, k = self.args
        shown = printer._print(f)
        shift = printer._print(x - p)
        shift = shift if p == 0 or k == 1 else rf"\left({shift}\right)"
        power = "" if k == 1 else f"^{{{printer._print(k)}}}"
        # The bracket binds what follows it, so that a sum needs parentheses of its own.
        inside = rf"\left({shown}\right)" if f.is_Add else shown
        text = rf"\left[{shift}{power}\right]\;{inside}"
        if k == 0:
            text = rf"\left. {shown} \right|_{{{printer._print(x)} = {printer._print(p)}}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


@lru_cache(maxsize=1024)  # formulas that differ in one place share all other coefficients, and some take half a second
def _series_coefficient(f: Any, x: Any, p: Any, k: Any) -> Any:
    if f.has(Coefficient):  # carried out first: SymPy would look for a series of what it knows nothing about
        f = f.replace(lambda e: isinstance(e, Coefficient), lambda e: e.doit())
    if x.is_integer:
        if k != 0:
            raise Pole(f"{x} is a whole number; nothing is expanded in it")
        return f.subs(x, p)
    if _entire(f, x):  # no branch and no singularity: much faster than a series expansion
        return sp.diff(f, x, k).subs(x, p) / sp.factorial(k)
    if k == 0 and _continuous(f) and not (value := f.subs(x, p)).has(sp.nan, sp.zoo, sp.oo):
        return value
    s = sp.Dummy("s", positive=True)  # a positive increment keeps sqrt and Abs on one branch
    series = sp.expand(sp.series(f.subs(x, p + s), s, 0, int(k) + 1).removeO())
    _require_taylor(series, s)
    return sp.simplify(series.coeff(s, int(k)))


def _require_taylor(series: Any, s: Any) -> None:
    """Raise Pole for an expansion with other than natural powers of s."""
    strange: dict[Any, Any] = {}
    for term in sp.Add.make_args(series):
        c, power = term.as_coeff_exponent(s)
        if s in c.free_symbols or not (power.is_Integer and power >= 0):
            strange[power] = strange.get(power, sp.S.Zero) + c
    for power, c in strange.items():
        if sp.simplify(c) != 0:
            raise Pole(f"the expansion has the term {c} s^({power})")


def value_at(f: Any, x: Any, p: Any) -> Any:
    """The value of f at x = p, or its limit there. Raises Pole where there is neither."""
    return _series_coefficient(f, x, sp.S(p), sp.S.Zero)


_ORDERS = 8  # the highest order to which a denominator may vanish


@lru_cache(maxsize=1024)
def leading(f: Any, x: Any, p: Any) -> Any:
    """Return the first Taylor coefficient of f in x at p not identically 0: where it is not 0, f has isolated zeros.

    Raises:
        Pole: the first few all vanish.
    """
    for k in range(_ORDERS + 1):
        c = _series_coefficient(f, x, p, sp.Integer(k))
        if sp.simplify(c) != 0:
            return c
    raise Pole(f"{f} vanishes at {x} = {p} to more than order {_ORDERS}")


def value(expr: Any, x: Any, p: Any) -> Coefficient:
    """The value of an expression at x = p, or its limit there: not yet computed, so that the engines compute it."""
    return Coefficient(expr, x, sp.S(p), sp.S.Zero)


_ENTIRE = (sp.Add, sp.Mul, sp.exp, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.erf)


def _entire(f: Any, x: Any) -> bool:
    """Whether f is built from x by sums, products, natural powers and entire functions."""
    if x not in f.free_symbols or f == x:
        return True
    natural = f.is_Pow and f.exp.is_Integer and f.exp > 0
    return (natural or isinstance(f, _ENTIRE)) and all(_entire(arg, x) for arg in f.args)


def _continuous(f: Any) -> bool:
    """Whether f is built by sums, products, powers and continuous functions, so that its value is its limit."""
    return f.is_Atom or (isinstance(f, (*_ENTIRE, sp.Pow, sp.log, sp.Abs)) and all(map(_continuous, f.args)))
