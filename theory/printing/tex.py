r"""One LaTeX printer for every page and figure: the paper's letters in the paper's order, low powers first.

SymPy orders products by name, which puts $\lambda\rho$ where the paper writes $\rho\lambda$, and sums by degree,
which puts $\rho\lambda + 1$ where everybody reads $1 + \rho\lambda$.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from saddlecheck.theory.claims.nodes import Coefficient, Prop, conjuncts
from saddlecheck.theory.symbols import ALPHABET, Expr

_ALPHABET: ContextVar[Mapping[str, str]] = ContextVar("alphabet", default=ALPHABET)


@contextmanager
def alphabet(symbols: Mapping[Any, str]) -> Iterator[None]:
    """Print with other letters: symbol or its name -> LaTeX, in the order of a product. Empty means those of before."""
    chosen = {str(symbol): letter for symbol, letter in symbols.items()}
    token = _ALPHABET.set(chosen or _ALPHABET.get())
    try:
        yield
    finally:
        _ALPHABET.reset(token)


def _is_negative(term: Expr) -> bool:
    """Whether a term of a sum is printed behind a minus; of a product with matrices its scalar factor decides."""
    factor = term.as_coeff_mmul()[0] if isinstance(term, sp.MatMul) else term
    return bool(factor.could_extract_minus_sign())


class PaperPrinter(LatexPrinter):  # type: ignore[misc]  # sympy is untyped
    """SymPy's LaTeX printer with the paper's order of letters and terms.

    named: expressions that are printed by a name, wherever they occur.
    """

    def __init__(self, settings: Mapping[str, Any], named: Mapping[Expr, str]) -> None:
        super().__init__(dict(settings))
        self.named = named

    def _print(self, expr: Any, **kwargs: Any) -> str:
        name = self.named.get(expr) if isinstance(expr, sp.Basic) else None
        return str(super()._print(expr, **kwargs)) if name is None else name

    def parenthesize(self, item: Any, *args: Any, **kwargs: Any) -> str:
        """A part in parentheses where it needs them; a name needs none."""
        return self.named.get(item) or str(super().parenthesize(item, *args, **kwargs))

    def _needs_brackets(self, expr: Any) -> bool:
        return expr not in self.named and bool(super()._needs_brackets(expr))

    def _needs_mul_brackets(self, expr: Any, *args: Any, **kwargs: Any) -> bool:
        # A coefficient's bracket binds all that follows it, so that as a factor it needs parentheses.
        binds = isinstance(expr, Coefficient) and expr.args[3] != 0
        return expr not in self.named and (binds or bool(super()._needs_mul_brackets(expr, *args, **kwargs)))

    def _print_Add(self, expr: Any, order: Any = None) -> str:  # noqa: N802  # SymPy's own naming
        terms = list(self._as_ordered_terms(expr, order=order or "rev-lex"))
        if _is_negative(terms[0]):
            positive = next((term for term in terms if not _is_negative(term)), terms[0])
            terms = [positive, *(term for term in terms if term is not positive)]
        text = ""
        for i, term in enumerate(terms):
            minus = _is_negative(term)
            shown = self._print(-term if minus else term)
            if (bare := -term if minus else term).is_Add and bare not in self.named:
                shown = rf"\left({shown}\right)"
            text += ("-" if minus else "") + shown if i == 0 else (" - " if minus else " + ") + shown
        return text

    def _print_Implies(self, expr: Any) -> str:  # noqa: N802  # SymPy's own naming
        condition, conclusion = expr.args
        return rf"{self._print(condition)} \;\Longrightarrow\; {self._print(conclusion)}"

    def _print_And(self, expr: Any) -> str:  # noqa: N802  # SymPy's own naming
        return r" \;\wedge\; ".join(self._grouped(arg) for arg in expr.args)

    def _print_Or(self, expr: Any) -> str:  # noqa: N802  # SymPy's own naming
        return r" \;\vee\; ".join(self._grouped(arg) for arg in expr.args)

    def _grouped(self, arg: Any) -> str:
        text = self._print(arg)
        return rf"\left({text}\right)" if isinstance(arg, (sp.And, sp.Or, sp.Implies)) else text


def tex(expr: Expr, named: Mapping[Expr, str] = MappingProxyType({})) -> str:
    """Return LaTeX for math mode, without dollar signs, of an expression, a formula or a proposition (set as text).

    `named`: parts that are printed by a name instead of written out.
    """
    if isinstance(expr, Prop):
        return str(expr._latex(None))
    if not isinstance(expr, sp.Basic):  # a number of Python's, or what has no hash
        return _written(expr, named)
    return _remembered(type(expr).__name__, expr, tuple(named.items()), tuple(_ALPHABET.get().items()))


@lru_cache(maxsize=20_000)
def _remembered(_kind: str, expr: Expr, named: tuple[tuple[Expr, str], ...], _letters: tuple[object, ...]) -> str:
    """A page prints a formula again for its width, for what differs, and for the pages beside it."""
    return _written(expr, dict(named))


def _written(expr: Expr, named: Mapping[Expr, str]) -> str:
    renamed, names = _renamed(expr)
    settings = {"symbol_names": names, "inv_trig_style": "power"}
    return str(PaperPrinter(settings, {_renamed(part)[0]: name for part, name in named.items()}).doprint(renamed))


def tex_lines(formula: Expr, named: Mapping[Expr, str] = MappingProxyType({})) -> list[str]:
    """A formula as lines for display: the parts of a conjunction each on its own."""
    return [tex(part, named) for part in conjuncts(formula)]


def _renamed(expr: Expr) -> tuple[Expr, dict[Any, str]]:
    """The expression with symbols whose names sort in the paper's order, and how each is to be printed."""
    table, names = {}, {}
    for symbol in getattr(expr, "atoms", lambda *_: set())(sp.Symbol):
        if not isinstance(symbol, sp.Dummy):
            stand_in = sp.Symbol(_rank(symbol.name), **symbol._assumptions_orig)
            table[symbol], names[stand_in] = stand_in, _letter(symbol.name)
    return (_rebuilt(expr, table) if table else expr), names


def _rebuilt(expr: Expr, table: dict[Any, Any]) -> Expr:
    """Return the expression with its symbols exchanged, and nothing else: what was left unevaluated stays so.

    `table`: symbol -> stand-in; rebuilt parts are added to it.
    """
    if expr not in table:
        args = [_rebuilt(arg, table) for arg in expr.args]
        kept = isinstance(expr, _FORMULAS) or (isinstance(expr, _KEPT) and expr.func(*expr.args) != expr)
        table[expr] = expr if not args else expr.func(*args, evaluate=False) if kept else expr.func(*args)
    return table[expr]


_FORMULAS = (sp.core.relational.Relational, sp.And, sp.Or, sp.Not, sp.Implies, sp.Equivalent)
_KEPT = (sp.Add, sp.Mul, sp.Pow, sp.Function)


def _rank(name: str) -> str:
    letters = list(_ALPHABET.get())
    return f"s{letters.index(name) if name in letters else len(letters):03d}_{name}"


def _letter(name: str) -> str:
    return _ALPHABET.get().get(name) or _usual(name)


@cache
def _usual(name: str) -> str:
    return str(sp.latex(sp.Symbol(name)))
