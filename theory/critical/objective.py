"""A real function of real variables as an exact formula: its gradient, its Hessian, and where it is defined."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp

from saddlecheck.theory.critical import conditions
from saddlecheck.theory.critical.constants import without_zeros
from saddlecheck.theory.critical.parse import parse, variable_key
from saddlecheck.theory.errors import BadLoss


@dataclass(frozen=True)
class Objective:
    """A real function of real variables, held exactly, from the arguments that `Loss` lists."""

    expr: sp.Expr
    variables: tuple[sp.Symbol, ...] = ()
    domain: tuple[conditions.Condition, ...] = ()
    undecided: tuple[sp.Expr, ...] = field(default=(), compare=False)
    name: str | None = field(default=None, compare=False)

    def __init__(
        self,
        expr: sp.Expr | str | float,
        variables: tuple[sp.Symbol, ...] | None = None,
        name: str | None = None,
        domain: tuple[conditions.Condition, ...] = (),
    ) -> None:
        if isinstance(expr, str):
            exact, found, own = parse(expr)
        else:
            exact, found, own = _signless(expr)
        exact, undecided = without_zeros(exact)
        order = found if variables is None else tuple(sp.Symbol(str(v), real=True) for v in variables)
        missing = [v.name for v in found if v not in order]
        if missing or len(set(order)) < len(order):
            raise BadLoss(
                f"the variables given are {', '.join(map(str, order))}, the formula uses "
                f"{', '.join(map(str, found))}; give each of them once."
            )
        if not order:
            raise BadLoss("the loss has no variables, so it has no landscape; name at least one, as in x**2 - y**2.")
        object.__setattr__(self, "expr", exact)
        object.__setattr__(self, "variables", order)
        object.__setattr__(self, "domain", conditions.pruned([*domain, *own]))
        object.__setattr__(self, "undecided", undecided)
        object.__setattr__(self, "name", name)

    @cached_property
    def gradient(self) -> sp.ImmutableMatrix:
        """Column of first derivatives, shape (n, 1); at a kink of abs or max, their mean over the sides."""
        return sp.ImmutableMatrix([self.expr.diff(v) for v in self.variables])

    @cached_property
    def hessian(self) -> sp.ImmutableMatrix:
        """Matrix of second derivatives, shape (n, n); what a kink concentrates on itself is left out."""
        rows = [[g.diff(v) for v in self.variables] for g in self.gradient]
        return sp.ImmutableMatrix(rows).replace(sp.DiracDelta, lambda *_: sp.Integer(0))

    def __str__(self) -> str:
        return self.name or str(self.expr)


def _signless(expr: object) -> tuple[sp.Expr, tuple[sp.Symbol, ...], tuple[conditions.Condition, ...]]:
    """Expression with exact numbers and real, signless symbols; these, sorted; and its conditions as it was given."""
    if isinstance(expr, (int, float)) and not isinstance(expr, bool):
        expr = sp.Float(repr(expr)) if isinstance(expr, float) else sp.Integer(expr)
    if not isinstance(expr, sp.Expr):
        raise BadLoss(f"a loss is text or a SymPy expression, not {type(expr).__name__}; write it as in 'x**2 - y**2'.")
    replacement: dict[sp.Basic, sp.Basic] = {s: sp.Symbol(s.name, real=True) for s in expr.free_symbols}
    if len({s.name for s in expr.free_symbols}) < len(expr.free_symbols):
        raise BadLoss("two different symbols of the expression share one name; rename one of them.")
    replacement |= {f: sp.Rational(str(f)) for f in expr.atoms(sp.Float) if f.is_finite}
    exact = expr.xreplace(replacement)
    if exact.has(sp.Piecewise):
        raise BadLoss("a loss by cases (Piecewise) is not read; write it with abs, relu, max or min.")
    if exact.has(sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I):
        raise BadLoss("the expression is not a finite real formula (it contains an infinity, nan or i); correct it.")
    symbols = sorted((s for s in replacement.values() if isinstance(s, sp.Symbol)), key=lambda s: variable_key(s.name))
    own = [replace(c, expr=c.expr.xreplace(replacement)) for c in conditions.of_expression(expr)]
    return exact, tuple(symbols), conditions.pruned(own)
