"""Three checks of an identity that share no code: SymPy's algebra, the checker's normal forms, and Arb's balls.

The first two are proofs, the third is a test at random rational points.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import sympy as sp
from flint import ctx

from saddlecheck.theory.checker.algebra import identical
from saddlecheck.theory.checker.tree import Damaged, Tree, children, parse
from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.nodes import conjuncts
from saddlecheck.theory.engines import ball, counterexample, smt
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.symbols import Expr, Formula

Finding = tuple[Literal["proved", "refuted", "undecided"], str, Mapping[Any, Any] | None]

POINTS = 12  # random points an identity is evaluated at; both sides must have a value at each of them
PREC = 256  # bits
RADIUS = 2.0**-100  # the widest ball around zero that still counts as zero; PREC leaves 150 bits for cancellation


def by_algebra(equations: Sequence[Any], premises: Sequence[Formula]) -> Finding:
    """SymPy: the difference of the sides reduces to 0 once signs known from the premises are used."""
    if (gap := smt.undefined(equations, premises, "z3")) is not None:
        return "undecided", gap, None
    signs = _signs(premises)
    for equation in equations:
        residual = _reduce((equation.lhs - equation.rhs).doit().subs(signs))
        if residual == 0:
            continue
        # The search comes before `simplify`, which a true identity seldom needs and which takes long on a false one.
        found = counterexample.counterexample(equation, premises)
        if found is None and (residual := sp.simplify(residual)) == 0:
            continue
        back = {v if v.is_Symbol else -v: k if v.is_Symbol else -k for k, v in signs.items()}
        return "undecided" if found is None else "refuted", f"left over: {residual.subs(back)}", found
    return "proved", "", None


def by_balls(equations: Sequence[Any], premises: Sequence[Formula]) -> Finding:
    """Arb: both sides agree to 2^-100 at `POINTS` random points where the premises hold."""
    if (gap := smt.undefined(equations, premises, "cvc5")) is not None:
        return "undecided", gap, None
    symbols = set().union(*(e.free_symbols for e in (*equations, *premises)))
    points = counterexample.samples(premises, symbols, POINTS)
    if not points:
        return "undecided", "no random rational point satisfies the conditions", None
    for equation, point in itertools.product(equations, points):
        try:
            residual = _residual(equation, point)
        except Unsupported as error:
            return "undecided", f"no value at {_shown(point)}: {error}", None
        if not residual.is_finite():
            return "undecided", f"no finite value at {_shown(point)}", None
        if not residual.contains(0):
            return "refuted", f"{equation} is off by {residual.str(6, radius=False)}", point
        if not residual.rad() < RADIUS:
            return "undecided", f"the sides agree at {_shown(point)} to no more than {residual.rad().str(3)}", None
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


def _shown(point: Mapping[Any, Any]) -> str:
    return ", ".join(f"{s} = {v}" for s, v in point.items()) or "no variables"


def _residual(equation: Any, point: Mapping[Any, Any]) -> Any:
    """Left side minus right side at a point, with more bits where the sides are so large that `PREC` is too few."""
    for prec in (PREC, 4 * PREC, 64 * PREC, 256 * PREC):
        with ctx.workprec(prec):
            residual = ball.enclose(equation.lhs, point, prec) - ball.enclose(equation.rhs, point, prec)
        if not residual.contains(0) or residual.rad() < RADIUS:
            break
    return residual


def _signs(premises: Sequence[Formula]) -> dict[Any, Any]:
    """For each symbol whose sign a premise states, a SymPy symbol that carries it (so that Abs and roots resolve)."""
    table: dict[Any, Any] = {}
    for premise in premises:
        for part in conjuncts(premise):
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
    """0 if the numerator over one denominator multiplies out to 0; else what multiplying out first makes of it."""
    # In this order: multiplied out first, each product carries its denominators along, several times the work.
    numerator, _ = sp.fraction(sp.together(residual))
    if sp.expand(numerator) == 0:
        return sp.S.Zero
    expanded = sp.expand(residual)
    return expanded if expanded == 0 else sp.cancel(sp.together(expanded))
