r"""A claim's statement in the notation of its source: a formula in named parts, and what each name stands for.

What an engine can check is often an encoding: a mean value written as a Taylor coefficient, a matrix by its entries. A
display is for the reader, $\frac{d}{dt}\sigma^2(t) = 2D - 2a\,\sigma^2(t)$ where $\sigma^2(t) = \dots$, and is checked:
with every name written out it has to be the statement (`claims.agreement`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean, BooleanFunction

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.theory.symbols import Expr, Formula

_RELATION = sp.core.relational.Relational


@dataclass(frozen=True)
class Display:
    """A statement as its source would print it.

    Attributes:
        formula: one formula, or several that are all asserted, in the order in which they are to be read.
        where: name -> meaning, in reading order: a meaning may use the names after it. A name is a symbol, a matrix
            symbol (its meaning is a matrix of its shape), or an undefined function of symbols, whose meaning is
            written in those symbols and holds for any arguments.

    Raises:
        MalformedClaim: a name that is none of these, that nothing uses, or that its own meaning leads back to.

    Example:
        >>> from saddlecheck.theory.claims.display import Display
        >>> from saddlecheck.theory.symbols import lam, mu, rho
        >>> Display(lam + rho * lam**2 > 0, {lam: -mu}).written_out
        (mu**2*rho - mu > 0,)
    """

    formula: Formula | tuple[Formula, ...]
    where: Mapping[Any, Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if strange := [p for p in self.parts if not isinstance(p, Boolean)]:
            raise MalformedClaim(f"a display asserts formulas; {strange[0]!r} is none, write a relation.")
        for name in self.where:
            if not _is_name(name):
                raise MalformedClaim(f"{name} names no part of a display; use a symbol, or a function of symbols.")
        _ = self.written_out

    @property
    def parts(self) -> tuple[Formula, ...]:
        """The formulas that are asserted, in reading order."""
        return self.formula if isinstance(self.formula, tuple) else (self.formula,)

    @cached_property
    def written_out(self) -> tuple[Formula, ...]:
        """The parts with every name replaced by its meaning; an equation between matrices is one for each entry."""
        parts = self.parts
        for name, meaning in self.where.items():
            if not any(_uses(part, name) for part in parts):
                raise MalformedClaim(f"a display says what {name} is, and nothing before that uses it; leave it out.")
            parts = tuple(_replaced(part, name, meaning) for part in parts)
        if back := [name for name in self.where if any(_uses(part, name) for part in parts)]:
            raise MalformedClaim(
                f"a display uses {back[0]} after saying what it is; put the name after those whose meanings use it."
            )
        return tuple(entry for part in parts for entry in _entries(part))

    def clash(self, formulas: Iterable[Formula]) -> str | None:
        """What keeps a display of these formulas from being read: a name that is one of their symbols, in words."""
        used = set().union(*(formula.free_symbols for formula in formulas))
        if taken := sorted(str(name) for name in self.where if name in used):
            return f"its display gives {taken[0]} a meaning, which it has; use another name."
        return None


def _is_name(name: Any) -> bool:
    if isinstance(name, AppliedUndef):
        return all(arg.is_Symbol for arg in name.args) and len(set(name.args)) == len(name.args)
    return isinstance(name, (sp.Symbol, sp.MatrixSymbol))


def _uses(expr: Expr, name: Any) -> bool:
    return bool(expr.has(name.func if isinstance(name, AppliedUndef) else name))


def _replaced(expr: Expr, name: Any, meaning: Expr) -> Expr:
    """The expression with the meaning for the name, and nothing else changed: relations stay as they are written.

    Returns:
        The new expression.

    Raises:
        MalformedClaim: a replacement that a derivative or an expansion would bind.
    """
    if not _uses(expr, name):
        return expr
    if expr == name:
        return meaning
    args = [_replaced(arg, name, meaning) for arg in expr.args]
    if isinstance(name, AppliedUndef) and expr.func == name.func:
        return put(meaning, dict(zip(name.args, args, strict=True)))
    if isinstance(expr, Coefficient):
        brought = meaning.free_symbols - set(getattr(name, "args", ()))
        if expr.args[1] in brought and not isinstance(name, AppliedUndef):
            raise MalformedClaim(f"{name} means something in {expr.args[1]}, by which {expr} is expanded; rename one.")
    if isinstance(expr, (_RELATION, BooleanFunction)):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def _entries(part: Formula) -> Iterator[Formula]:
    """An equation between matrices as equations between their entries; any other formula as it is."""
    if isinstance(part, _RELATION) and any(getattr(side, "is_Matrix", False) for side in part.args):
        left, right = (sp.Matrix(side.as_explicit()) for side in part.args)
        for pair in zip(left, right, strict=True):
            yield part.func(*pair, evaluate=False)
    else:
        yield part


__all__ = ["Display"]
