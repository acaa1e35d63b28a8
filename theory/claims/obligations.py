"""What must hold for every value in a formula to exist: the one place that knows where a function has a real value.

A formula without a value is neither true nor false, so every rule asks for these obligations before it says "proved".
What is not listed here is refused by name: the kernel does not guess where an unknown function is defined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean, BooleanFalse, BooleanTrue

from saddlecheck.theory.claims.domains import FUNCTIONS, LONGEST, power_needs
from saddlecheck.theory.claims.formulas import above, differ
from saddlecheck.theory.claims.kinds import admits, is_whole, kind
from saddlecheck.theory.claims.nodes import Coefficient, Prop, leading, value_at
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.errors import BadSymbol, NoRule, Pole
from saddlecheck.theory.symbols import Expr, Formula


@dataclass(frozen=True)
class Obligation:
    """`needs` must hold wherever `where` does (the conditions of the implications and branches passed on the way)."""

    needs: Formula
    where: tuple[Formula, ...] = ()


Where = tuple[Formula, ...]
_RELATIONS = (sp.Eq, sp.Ne, sp.StrictLessThan, sp.LessThan, sp.StrictGreaterThan, sp.GreaterThan)
_JUNCTIONS = (sp.And, sp.Or, sp.Not, sp.Equivalent)


@lru_cache(maxsize=4096)  # a rule asks about the same premises again and again
def obligations(formula: Formula) -> tuple[Obligation, ...]:
    """The obligations of a formula, innermost first, each once. Raises NoRule for a part that has no rule.

    The condition of an Implies is the guard of its conclusion, and the test of a Piecewise that of its branch; parts
    joined by And and Or stand in no order, so that each must exist by itself.

    Returns:
        What has to hold, each with its guard and with the part that needs it.
    """
    return tuple(dict.fromkeys(o for o in _formula(formula, ()) if not _plain(o.needs)))


def said(needs: Formula) -> str:
    """What is needed, as a reader writes it."""
    return f"{needs.lhs} != {needs.rhs}" if isinstance(needs, sp.Ne) else str(needs)


def exists(expr: Expr) -> tuple[Obligation, ...]:
    """The obligations of a term."""
    return tuple(dict.fromkeys(o for o in _term(expr, ()) if not _plain(o.needs)))


def exists_at(e: Any, at: Mapping[Any, Expr]) -> tuple[Obligation, ...]:
    """Return the obligations of a term or a formula, read at values of its symbols, each with its guard.

    Putting the values in first would not do: y/x at x = y becomes 1, which exists at y = 0 as well.
    """
    found = obligations(e) if isinstance(e, Boolean) else exists(e)
    return tuple(Obligation(put(o.needs, at), tuple(put(guard, at) for guard in o.where)) for o in found)


def continuous(expr: Expr, variable: Any) -> Iterator[Obligation]:
    """What makes a term continuous in a variable where it exists: only signs jump, and a Piecewise is refused."""
    if variable not in expr.free_symbols:
        return
    if isinstance(expr, sp.Piecewise):
        raise NoRule(f"a Piecewise is not known to be continuous: {expr}")
    if isinstance(expr, Coefficient):
        f, x, p, _ = expr.args
        moving = ({variable} - {x}) | ({x} if variable in p.free_symbols else set())
        yield from continuous(p, variable)
        yield from _at_point((o for v in moving for o in continuous(f, v)), x, p, ())
        return
    if isinstance(expr, sp.sign):
        yield Obligation(differ(expr.args[0], sp.S.Zero))
    for part in expr.args:
        yield from continuous(part, variable)


def _plain(needs: Formula) -> bool:
    """Whether it is a true relation between numbers, such as 2 != 0."""
    return not needs.free_symbols and bool(needs.doit() == sp.true)


def _formula(f: Formula, where: Where) -> Iterator[Obligation]:
    if isinstance(f, (BooleanTrue, BooleanFalse, Prop)):
        return
    if isinstance(f, sp.Implies):
        condition, conclusion = f.args
        yield from _formula(condition, where)
        yield from _formula(conclusion, (*where, condition))
    elif isinstance(f, _JUNCTIONS):
        for part in f.args:
            yield from _formula(part, where)
    elif isinstance(f, _RELATIONS):
        for side in f.args:
            yield from _term(side, where)
    else:
        raise NoRule(f"{type(f).__name__} is no formula of real arithmetic: {f}")


def _term(e: Expr, where: Where) -> Iterator[Obligation]:
    if isinstance(e, sp.Symbol):
        _require_kind(e)
    elif isinstance(e, sp.Rational) or e in (sp.pi, sp.E):
        return
    elif isinstance(e, (sp.Add, sp.Mul)):
        for part in e.args:
            yield from _term(part, where)
    elif isinstance(e, sp.Pow):
        for part in e.args:
            yield from _term(part, where)
        yield from (Obligation(needs, where) for needs in power_needs(*e.args))
    elif isinstance(e, sp.Piecewise):
        yield from _piecewise(e, where)
    elif isinstance(e, sp.Derivative):
        f, *orders = e.args
        _require_orders(e, orders)
        yield from _term(f, where)
        yield from _smooth(f, frozenset(x for x, _ in orders), where)
    elif isinstance(e, Coefficient):
        yield from _coefficient(e, where)
    elif type(e) in FUNCTIONS:
        for part in e.args:
            yield from _term(part, where)
        yield from (Obligation(needs, where) for needs in FUNCTIONS[type(e)][0](*e.args))
    else:
        raise NoRule(f"{e} is not a real number that the kernel knows: {_why(e)}")


def _require_kind(symbol: Any) -> None:
    try:
        kind(symbol)
    except BadSymbol as error:
        raise NoRule(str(error)) from error


def _why(e: Expr) -> str:
    if isinstance(e, sp.Float):
        return "a float stands for no exact number; write a fraction"
    if isinstance(e, sp.core.function.AppliedUndef):
        return f"the function {type(e).__name__} is not given"
    return f"there is no rule for {type(e).__name__}"


def _piecewise(e: Expr, where: Where) -> Iterator[Obligation]:
    if e.args[-1][1] != sp.true:
        raise NoRule(f"a Piecewise without a default branch: {e}")
    for branch, test in e.args:
        yield from _formula(test, where)
        yield from _term(branch, (*where, test) if test != sp.true else where)
        where = (*where, sp.Not(test, evaluate=False))


def _require_orders(e: Expr, orders: list[Any]) -> None:
    for x, k in orders:
        if not isinstance(x, sp.Symbol) or kind(x) != "real":
            raise NoRule(f"{e} differentiates by {x}, which is no real symbol")
        if not (k.is_Integer and k <= LONGEST):
            raise NoRule(f"{e} has an order that is no number")


def _smooth(e: Expr, along: frozenset[Any], where: Where) -> Iterator[Obligation]:
    """What makes an expression smooth in some symbols at a point where it exists; all of it is open in the point."""
    if not (e.free_symbols & along) or isinstance(e, sp.Symbol):
        return
    if isinstance(e, sp.Derivative):
        f, *orders = e.args
        yield from _smooth(f, along | {x for x, _ in orders}, where)
        return
    if isinstance(e, Coefficient):
        yield from _regular(e, along, where)
        return
    if isinstance(e, sp.Pow):
        if not is_whole(e.exp):
            yield Obligation(above(e.base, sp.S.Zero), where)
    elif type(e) in FUNCTIONS:
        yield from (Obligation(needs, where) for needs in FUNCTIONS[type(e)][1](*e.args))
    elif not isinstance(e, (sp.Add, sp.Mul)):
        raise NoRule(f"{type(e).__name__} is not known to be smooth: {e}")
    for part in e.args:
        yield from _smooth(part, along, where)


def _coefficient(e: Expr, where: Where) -> Iterator[Obligation]:
    """A Taylor coefficient exists where the function is analytic at the point, up to a removable singularity."""
    f, x, p, k = e.args
    yield from _term(p, where)
    if k == 0 and isinstance(x, sp.Symbol) and kind(x) != "real":  # the value at a whole number
        if not (p.is_Integer and admits(x, p)):
            raise NoRule(f"{e} is read at {p}, which is no value of {x}")
        yield from _at_point(_term(f, ()), x, p, where)
        return
    if not (isinstance(x, sp.Symbol) and kind(x) == "real" and k.is_Integer and 0 <= k <= LONGEST):
        raise NoRule(f"{e} is no Taylor coefficient in a real symbol of an order that is a natural number")
    yield from _analytic(f, x, p, where)
    try:
        value_at(f, x, p)  # all leading coefficients of denominators are nonzero: what is left to see is the pole
    except Pole as pole:
        raise NoRule(f"{e} does not exist: {pole}") from pole


def _regular(e: Coefficient, along: frozenset[Any], where: Where) -> Iterator[Obligation]:
    """What makes a Taylor coefficient smooth in other symbols: its function is smooth in all of them at the point."""
    f, x, p, _ = e.args
    yield from _smooth(p, along, where)
    yield from _at_point((*_term(f, ()), *_smooth(f, along | {x}, ())), x, p, where)


def _at_point(found: Iterable[Obligation], x: Any, p: Expr, where: Where) -> Iterator[Obligation]:
    """Obligations of what stands under a bound symbol, at the point for which it stands."""
    for o in found:
        yield Obligation(put(o.needs, {x: p}), (*where, *(put(guard, {x: p}) for guard in o.where)))


def _analytic(e: Expr, x: Any, p: Expr, where: Where) -> Iterator[Obligation]:
    """What makes an expression analytic in x near p, apart from isolated points at which a denominator vanishes."""
    if x not in e.free_symbols:
        yield from _term(e, where)
        return
    if isinstance(e, sp.Symbol):
        return
    if isinstance(e, Coefficient):
        yield from _at_point(_regular(e, frozenset([x]), ()), x, p, where)
        return
    at_p: list[Formula] = []
    if isinstance(e, sp.Pow):
        base, exponent = e.args
        if exponent.is_Integer and exponent < 0:
            at_p = [differ(leading(base, x, p), sp.S.Zero)]
        elif not exponent.is_Integer:
            at_p = [*power_needs(_at(base, x, p), exponent)]
            at_p += [] if is_whole(exponent) else [above(_at(base, x, p), sp.S.Zero)]
    elif type(e) in FUNCTIONS:
        values = [_at(part, x, p) for part in e.args]
        at_p = [needs for rule in FUNCTIONS[type(e)] for needs in rule(*values)]
    elif not isinstance(e, (sp.Add, sp.Mul)):
        raise NoRule(f"{type(e).__name__} is not known to be analytic: {e}")
    for part in e.args:
        yield from _analytic(part, x, p, where)
    yield from (Obligation(needs, where) for needs in at_p)


def _at(e: Expr, x: Any, p: Expr) -> Expr:
    try:
        return value_at(e, x, p)
    except Pole as pole:
        raise NoRule(f"{e} has no value at {x} = {p}: {pole}") from pole


__all__ = ["NoRule", "Obligation", "continuous", "exists", "exists_at", "obligations", "said"]
