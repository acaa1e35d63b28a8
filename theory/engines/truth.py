"""Truth of a formula at a point, without SymPy's evaluation: exact where the numbers are rational, else by balls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from saddlecheck.theory.engines import ball
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.engines.ball import Point
from saddlecheck.theory.symbols import Expr


def truth(formula: Expr, point: Point) -> bool | None:
    """Whether a Boolean formula is true at a rational point: exactly if it can be, else by balls; None if undecided."""
    if formula in (sp.true, sp.false):
        return bool(formula)
    if isinstance(formula, sp.Not):
        inner = truth(formula.args[0], point)
        return None if inner is None else not inner
    if isinstance(formula, sp.Implies):  # the conclusion need have a value only where the condition holds
        condition = truth(formula.args[0], point)
        conclusion = None if condition is False else truth(formula.args[1], point)
        return True if condition is False or conclusion is True else (conclusion if condition else None)
    if isinstance(formula, sp.Equivalent):
        values = [truth(arg, point) for arg in formula.args]
        return None if None in values else len(set(values)) == 1
    if isinstance(formula, (sp.And, sp.Or)):
        decisive = isinstance(formula, sp.Or)
        values = [truth(arg, point) for arg in formula.args]
        return decisive if decisive in values else (None if None in values else not decisive)
    if not isinstance(formula, sp.core.relational.Relational):
        raise Unsupported(f"no truth value for {type(formula).__name__}")
    return _compare(formula, point)


def _compare(relation: Expr, point: Point) -> bool | None:
    difference = sp.Add(relation.lhs, sp.Mul(-1, relation.rhs, evaluate=False), evaluate=False)
    test: Callable[[Any], bool] = {
        sp.Eq: lambda v: v == 0,
        sp.Ne: lambda v: v != 0,
        sp.StrictLessThan: lambda v: v < 0,
        sp.LessThan: lambda v: v <= 0,
        sp.StrictGreaterThan: lambda v: v > 0,
        sp.GreaterThan: lambda v: v >= 0,
    }[type(relation)]
    try:
        return test(ball.exact(difference, point))
    except Unsupported:
        pass
    for prec in (64, 256, 1024):
        value = ball.enclose(difference, point, prec)
        if not value.is_finite():
            raise Unsupported(f"{relation} has no finite value there")
        if value > 0 or value < 0 or value.is_zero():  # e^0 - 1 is exactly 0 in balls too
            return test((value > 0) - (value < 0))
    return None
