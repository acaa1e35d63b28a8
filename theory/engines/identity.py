"""Three checks of an identity that share no code: SymPy's algebra, the checker's normal forms, and Arb's balls.

The first two are proofs, the third is a test at random rational points.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import sympy as sp
from flint import ctx

from saddlecheck.theory.checker.algebra import identical
from saddlecheck.theory.checker.tree import Damaged, Tree, children, parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.engines import ball, counterexample, smt
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.symbols import Expr, Formula

Finding = tuple[Literal["proved", "refuted", "undecided"], str, Mapping[Any, Any] | None]

POINTS = 12  # random points an identity is evaluated at
USABLE = 8  # at least so many must be in the domain of both sides
PREC = 256  # bits
RADIUS = 2.0**-100  # the widest ball around zero that still counts as zero; PREC leaves 150 bits for cancellation


def by_algebra(equations: Sequence[Any], premises: Sequence[Formula]) -> Finding:
    """SymPy: the difference of the sides reduces to 0 once signs known from the premises are used."""
    if (gap := _undefined(equations, premises, "z3")) is not None:
        return "undecided", gap, None
    signs = _signs(premises)
    for equation in equations:
        residual = _reduce((equation.lhs - equation.rhs).doit().subs(signs))
        if residual == 0:
            continue
        # The search comes before `simplify`, which a true identity seldom needs and a false one keeps busy in vain.
        found = _witness(equation, premises)
        if found is None and (residual := sp.simplify(residual)) == 0:
            continue
        back = {v if v.is_Symbol else -v: k if v.is_Symbol else -k for k, v in signs.items()}
        return "undecided" if found is None else "refuted", f"left over: {residual.subs(back)}", found
    return "proved", "", None


def _witness(equation: Any, premises: Sequence[Formula]) -> Mapping[Any, Any] | None:
    """A counterexample; None also where the search has no arithmetic for a part of the equation."""
    try:
        return counterexample.counterexample(equation, premises)
    except (TypeError, ValueError, IndexError, NotImplementedError):  # NumPy's, on what SymPy's printer gives it
        return None


def by_balls(equations: Sequence[Any], premises: Sequence[Formula]) -> Finding:
    """Arb: both sides agree to 2^-100 at `POINTS` random points where the premises hold."""
    if (gap := _undefined(equations, premises, "cvc5")) is not None:
        return "undecided", gap, None
    symbols = set().union(*(e.free_symbols for e in (*equations, *premises)))
    points = counterexample.samples(premises, symbols, POINTS)
    for equation in equations:
        usable = 0
        for point in points:
            try:
                residual = _residual(equation, point)
            except Unsupported as error:
                last = str(error)
                continue
            if not residual.is_finite():
                continue
            if not residual.contains(0):
                return "refuted", f"{equation} is off by {residual.str(6, radius=False)}", point
            usable += bool(residual.rad() < RADIUS)
        if usable < min(USABLE, len(points)) or not points:
            why = last if points and not usable and "last" in locals() else f"{usable} of {len(points)} points usable"
            return "undecided", why, None
    return "proved", f"{len(points)} points, to 2^-100", None


def by_normal_forms(equations: Sequence[Any], premises: Sequence[Formula]) -> Finding:
    """The checker's own algebra over FLINT. What it cannot see of the signs that it needs, Z3 has to prove."""
    try:
        given = [parse(serial.encode(p)) for p in premises]
        for equation in equations:
            found = identical(parse(serial.encode(equation.lhs)), parse(serial.encode(equation.rhs)), given)
            if not found.proved:
                return "undecided", found.why, None
            for needed in map(_formula, found.obligations):
                if smt.entails(premises, needed, "z3").status != "proved":
                    why = f"needs {needed.lhs} {needed.rel_op} {needed.rhs}, which the conditions do not give"
                    return "undecided", why, None
    except (Damaged, serial.Unreadable) as error:
        return "undecided", str(error), None
    return "proved", "", None


def _formula(tree: Tree) -> Formula:
    """The SymPy formula of an obligation."""
    return serial.decode(_data(tree))


def _data(tree: Tree) -> Any:
    if tree[0] == "Symbol":
        return ["Symbol", tree[1], dict(tree[2])]
    if tree[0] == "Rational":
        return ["Rational", str(tree[1])]
    inner = children(tree)
    return [*tree[: len(tree) - len(inner)], *map(_data, inner)]


def _residual(equation: Any, point: Mapping[Any, Any]) -> Any:
    """Left side minus right side at a point, with more bits where the sides are so large that `PREC` is too few."""
    for prec in (PREC, 4 * PREC, 64 * PREC):
        with ctx.workprec(prec):
            residual = ball.enclose(equation.lhs, point, prec) - ball.enclose(equation.rhs, point, prec)
        if not residual.contains(0) or residual.rad() < RADIUS:
            break
    return residual


def denominators(expr: Expr, bound: frozenset[Any] = frozenset()) -> Iterable[Expr]:
    """Every base of a negative power, outermost first, except those that a Coefficient's own variable reaches."""
    if isinstance(expr, Coefficient):
        bound = bound | {expr.args[1]}
    if expr.is_Pow and expr.exp.is_negative and not expr.base.is_Number and not (expr.base.free_symbols & bound):
        yield expr.base
    for arg in expr.args:
        yield from denominators(arg, bound)


def _undefined(equations: Sequence[Any], premises: Sequence[Formula], engine: smt.Engine) -> str | None:
    """The first denominator that the premises do not keep away from zero, as a sentence; None if there is none."""
    for base in dict.fromkeys(base for e in equations for base in denominators(e)):
        if smt.entails(premises, sp.Ne(base, 0), engine).status != "proved":
            return f"needs {base} != 0, which the conditions do not give"
    return None


def _signs(premises: Sequence[Formula]) -> dict[Any, Any]:
    """For each symbol whose sign a premise states, a SymPy symbol that carries it (so that Abs and roots resolve)."""
    table: dict[Any, Any] = {}
    for premise in premises:
        for part in premise.args if isinstance(premise, sp.And) else (premise,):
            if not isinstance(part, sp.core.relational.Relational) or not part.lhs.is_Symbol or not part.rhs.is_number:
                continue
            s, v = part.lhs, part.rhs
            if isinstance(part, (sp.StrictGreaterThan, sp.GreaterThan)) and v >= 0:
                strict = v > 0 or isinstance(part, sp.StrictGreaterThan)
                table[s] = sp.Symbol(s.name, positive=True) if strict else sp.Symbol(s.name, nonnegative=True)
            elif isinstance(part, sp.StrictLessThan) and v <= 0:
                table[s] = -sp.Symbol(f"|{s.name}|", positive=True)
    return table


def _reduce(residual: Expr) -> Expr:
    """The residual multiplied out, then over one denominator if that is not enough."""
    expanded = sp.expand(residual)
    return expanded if expanded == 0 else sp.cancel(sp.together(expanded))
