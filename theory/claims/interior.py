"""Whether a counterexample is robust: the same question with every closed inequality of the conditions opened.

A point at which a condition holds with equality, or the statement fails only by equality, may be the edge of a whole
region of counterexamples, or all that there is. The formulas made here are false, under the conditions made here, at
points of the interior only.
"""

from __future__ import annotations

import sympy as sp

from saddlecheck.theory.symbols import Formula

_OPENED = {sp.Ge: sp.Gt, sp.Le: sp.Lt}
_CLOSED = {sp.Gt: sp.Ge, sp.Lt: sp.Le}
_OPPOSITE = {sp.Ge: sp.Lt, sp.Le: sp.Gt, sp.Gt: sp.Le, sp.Lt: sp.Ge, sp.Eq: sp.Ne, sp.Ne: sp.Eq}


def opened(formula: Formula) -> Formula:
    """A condition with >= and <= read as > and <: what is true there stays true nearby, equations apart."""
    return _rewritten(formula, _OPENED)


def closed(formula: Formula) -> Formula:
    """A statement with > and < read as >= and <=: where this fails, the statement fails nearby as well."""
    return _rewritten(formula, _CLOSED)


def _rewritten(formula: Formula, change: dict[type, type]) -> Formula:
    if isinstance(formula, sp.core.relational.Relational):
        kind = change.get(type(formula), type(formula))
        return kind(*formula.args, evaluate=False)
    if isinstance(formula, (sp.And, sp.Or)):
        return formula.func(*(_rewritten(part, change) for part in formula.args), evaluate=False)
    if isinstance(formula, sp.Implies):
        premise, conclusion = formula.args
        return sp.Or(_rewritten(_denied(premise), change), _rewritten(conclusion, change), evaluate=False)
    if isinstance(formula, sp.Not):
        return _rewritten(_denied(formula.args[0]), change)
    if isinstance(formula, sp.Equivalent):
        left, right = formula.args
        both = sp.And(left, right, evaluate=False), sp.And(_denied(left), _denied(right), evaluate=False)
        return sp.Or(*(_rewritten(part, change) for part in both), evaluate=False)
    return formula


def _denied(formula: Formula) -> Formula:
    """The negation, pushed down to the relations."""
    if isinstance(formula, sp.core.relational.Relational):
        return _OPPOSITE[type(formula)](*formula.args, evaluate=False)
    if isinstance(formula, (sp.And, sp.Or)):
        join = sp.Or if isinstance(formula, sp.And) else sp.And
        return join(*map(_denied, formula.args), evaluate=False)
    if isinstance(formula, sp.Implies):
        return sp.And(formula.args[0], _denied(formula.args[1]), evaluate=False)
    if isinstance(formula, sp.Not):
        return formula.args[0]
    return sp.Not(formula, evaluate=False)


__all__ = ["closed", "opened"]
