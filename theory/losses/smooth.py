"""A loss with abs, relu, max or min as smooth formulas, each on the side of every kink where it applies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from theory.losses.bounded import BadLoss
from theory.losses.conditions import Condition, pruned

if TYPE_CHECKING:
    from theory.losses.loss import Loss

MAX_PARTS = 64
_KINKED = (sp.Abs, sp.Max, sp.Min, sp.sign, sp.Heaviside)


@dataclass(frozen=True)
class Part:
    """A smooth formula and the conditions under which it is the loss; together the parts cover all but the kinks."""

    expr: sp.Expr
    conditions: tuple[Condition, ...]


def parts(loss: "Loss") -> tuple[Part, ...]:
    """Smooth parts of a loss: itself where it has no kinks.  Raises BadLoss for more than MAX_PARTS."""
    found: list[Part] = []
    todo: list[tuple[sp.Tuple, tuple[sp.Expr, ...]]] = [(sp.Tuple(loss.expr, *(c.expr for c in loss.domain)), ())]
    while todo:
        formulas, sides = todo.pop()
        node = _innermost(formulas)
        if node is None:
            expr, *conditions = formulas
            held = [Condition(c.kind, e, c.written) for c, e in zip(loss.domain, conditions, strict=True)]
            found.append(Part(expr, pruned([*held, *(Condition("side", s, str(s)) for s in sides)])))
            continue
        for choice, needed in _choices(node):
            more = tuple(n for n in needed if not _known(n, sides))
            if not any(n.is_negative or n.is_zero or _known(-n, sides) for n in more):
                todo.append((formulas.xreplace({node: choice}), sides + tuple(n for n in more if not n.is_positive)))
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


def _known(positive: sp.Expr, sides: Sequence[sp.Expr]) -> bool:
    """Whether it is positive because it is, up to a positive factor, one of those that are."""
    return any((ratio := sp.cancel(positive / s)).is_number and ratio > 0 for s in sides)
