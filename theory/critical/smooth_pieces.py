"""A loss with abs, relu, max or min as smooth formulas, each on the side of every kink where it applies."""

from dataclasses import dataclass

import sympy as sp

from saddlecheck.theory.critical.conditions import Condition, pruned
from saddlecheck.theory.critical.objective import Objective
from saddlecheck.theory.errors import BadLoss

MAX_PARTS = 64
_KINKED = (sp.Abs, sp.Max, sp.Min, sp.sign, sp.Heaviside)


@dataclass(frozen=True)
class Part:
    """A smooth formula and the conditions under which it is the loss; together the parts cover all but the kinks."""

    expr: sp.Expr
    conditions: tuple[Condition, ...]


def parts(loss: Objective) -> tuple[Part, ...]:
    """Smooth parts of a loss: itself where it has no kinks.  Raises BadLoss for more than MAX_PARTS."""
    found: list[Part] = []
    todo: list[tuple[sp.Tuple, frozenset[sp.Expr]]] = [
        (sp.Tuple(loss.expr, *(c.expr for c in loss.domain)), frozenset())
    ]
    while todo:
        formulas, sides = todo.pop()
        node = _innermost(formulas)
        if node is None:
            expr, *conditions = formulas
            held = [Condition(c.kind, e, c.written) for c, e in zip(loss.domain, conditions, strict=True)]
            ordered = sorted(sides, key=sp.default_sort_key)
            found.append(Part(expr, pruned([*held, *(Condition("side", s, str(s)) for s in ordered)])))
            continue
        for choice, needed in _choices(node):
            more = {_primitive(n) for n in needed}
            if not any(n.is_negative or n.is_zero or _primitive(-n) in sides for n in more):
                todo.append((formulas.xreplace({node: choice}), sides | {n for n in more if not n.is_positive}))
        if len(todo) + len(found) > MAX_PARTS:
            raise BadLoss(f"the loss consists of more than {MAX_PARTS} smooth pieces; use fewer abs, relu, max or min.")
    return tuple(reversed(found))


def _innermost(formulas: sp.Tuple) -> sp.Expr | None:
    kinked = sorted(formulas.atoms(*_KINKED), key=sp.default_sort_key)
    return next((k for k in kinked if not any(a.has(*_KINKED) for a in k.args)), None)


def _choices(node: sp.Expr) -> list[tuple[sp.Expr, tuple[sp.Expr, ...]]]:
    """What the node is, and what has to be positive for that."""
    a = node.args[0]
    if isinstance(node, sp.Abs):
        return [(a, (a,)), (-a, (-a,))]
    if isinstance(node, sp.sign):
        return [(sp.Integer(1), (a,)), (sp.Integer(-1), (-a,))]
    if isinstance(node, sp.Heaviside):
        return [(sp.Integer(1), (a,)), (sp.Integer(0), (-a,))]
    direction = 1 if isinstance(node, sp.Max) else -1
    return [(b, tuple(direction * (b - c) for c in node.args if c != b)) for b in node.args]


def _primitive(e: sp.Expr) -> sp.Expr:
    """The expression up to a positive factor."""
    return sp.expand(e).as_content_primitive()[1]
