"""The proof rule behind inequalities with exponentials: a function moves one way as long as its derivative has a sign.

The passage itself is the mean value theorem: f(x) - f(p) = f'(s) (x - p) for some s strictly between p and x. What
can be computed about it is checked by engines that share no code; nothing about f'(s) is assumed beyond a cited step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Decide, Finding, Probe, Step, paired
from saddlecheck.theory.engines import identity, smt
from saddlecheck.theory.engines.arithmetic import Unsupported
from saddlecheck.theory.symbols import Expr, Formula

_SMOOTH = (sp.exp, sp.sinh, sp.cosh, sp.tanh, sp.sin, sp.cos, sp.erf, sp.erfi, sp.atan)
# Strongest first; a strict sign of the derivative moves f strictly, because s lies strictly between p and x.
_SIGNS = (sp.StrictGreaterThan, sp.StrictLessThan, sp.GreaterThan, sp.LessThan)
_TURNED = dict(zip(_SIGNS, (sp.StrictLessThan, sp.StrictGreaterThan, sp.LessThan, sp.GreaterThan), strict=True))


@dataclass(frozen=True)
class Monotone(Step):
    """An inequality about f(x), from f at a base point and the sign of f' between the base point and x.

    of: f.  along: its variable x.  base: the point p.  value: f(p), or the limit of f there.  slope: an expression
    for f'.  sign: the formula of a cited step, from which the sign of `slope` between p and x follows.
    formula: what follows for f(x), as it stands or as the conclusion of an Implies.

    Engines: SymPy with Z3, and Arb with cvc5. Each checks that `slope` is the derivative and `value` the value;
    that f is smooth between p and x; that the premises at x hold at every point between p and x (else the cited sign
    would be used where nobody proved it); the sign of the slope there; and that the formula follows.
    """

    of: Expr = field(kw_only=True)
    along: Any = field(kw_only=True)
    base: Expr = field(default=sp.S.Zero, kw_only=True)
    value: Expr = field(default=sp.S.Zero, kw_only=True)
    slope: Expr = field(kw_only=True)
    sign: Formula = field(kw_only=True)

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:
        if self.sign not in premises:
            raise ValueError(
                f"step {self.name!r}: the sign of the slope is to follow from {self.sign}, "
                "which no cited step says; cite the step that does."
            )
        if self.along in sp.S(self.base).free_symbols | sp.S(self.value).free_symbols:
            raise ValueError(
                f"step {self.name!r}: the base {self.base} and the value {self.value} must not depend on {self.along}."
            )
        yield from self._or_search(premises, paired(partial(self.by, premises)))

    def by(self, premises: Sequence[Formula], decide: Decide, solver: smt.Engine) -> Finding:
        """One engine's whole check; the first part that is not proved is the finding."""
        guard, conclusion = _parts(self.formula)
        regular = not any(d.subs(self.along, self.base) == 0 for d in identity.denominators(self.of))
        for part in self._equations(regular):
            found = decide([part], _without(self.sign, premises))
            if found[0] != "proved":
                return found
        facts, gap = self._moves([*premises, guard], solver)
        if gap:
            return "undecided", gap, None
        if regular:
            facts.append(sp.Implies(sp.Eq(self.along, self.base), sp.Eq(self.of, self.value), evaluate=False))
        answer = smt.entails([*premises, guard, *facts], conclusion, solver)
        return ("proved" if answer.status == "proved" else "undecided"), answer.why, None

    def _equations(self, regular: bool) -> Iterator[Any]:
        """That the slope is the derivative, and the value the value (a limit where f itself is not defined)."""
        yield sp.Eq(sp.Derivative(self.of, self.along), self.slope, evaluate=False)
        at_base = self.of.subs(self.along, self.base)
        start = at_base if regular else Coefficient(self.of, self.along, sp.S(self.base), sp.S.Zero)
        yield sp.Eq(start, self.value, evaluate=False)

    def _moves(self, known: Sequence[Formula], solver: smt.Engine) -> tuple[list[Formula], str]:
        """How f(x) compares with its value at the base on either side of it, and what is missing for that, if any."""
        x, p = self.along, self.base
        s = sp.Symbol(f"_{x}", real=True)  # the intermediate point
        facts: list[Formula] = []
        for side, between in (
            (sp.Gt(x, p), sp.And(sp.Gt(s, p), sp.Gt(x, s))),
            (sp.Lt(x, p), sp.And(sp.Lt(s, p), sp.Lt(x, s))),
        ):
            here = [*known, side, between]
            if smt.entails([*known, side], sp.false, solver).status == "proved":
                continue  # no x on this side
            for premise in _without(self.sign, known[:-1]):
                if smt.entails(here, premise.subs(x, s), solver).status != "proved":
                    return [], f"{premise} at {x} does not give it between {p} and {x}"
            there = [*here, *(k.subs(x, s) for k in known[:-1])]
            for needed in self._smoothness(s):
                if smt.entails(there, needed, solver).status != "proved":
                    return [], f"needs {needed} between {p} and {x}"
            signs = (r for r in _SIGNS if smt.entails(there, r(self.slope.subs(x, s), 0), solver).status == "proved")
            if (sign := next(signs, None)) is not None:
                moved = sign if side == sp.Gt(x, p) else _TURNED[sign]
                facts.append(sp.Implies(side, moved(self.of, self.value), evaluate=False))
        return facts, ""

    def _smoothness(self, s: Any) -> Iterator[Formula]:
        """What makes f smooth at s: nonzero denominators, positive arguments of roots and logarithms."""
        for node in sp.preorder_traversal(self.of.subs(self.along, s)):
            if node.is_Pow and not node.exp.is_Integer and node.free_symbols:
                yield sp.Gt(node.base, 0)
            elif node.is_Pow and node.exp.is_negative and node.base.free_symbols:
                yield sp.Ne(node.base, 0)
            elif isinstance(node, sp.log):
                yield sp.Gt(node.args[0], 0)
            elif isinstance(node, sp.Function) and s in node.free_symbols and not isinstance(node, _SMOOTH):
                raise Unsupported(f"{type(node).__name__} is not known to be smooth")


def _parts(formula: Formula) -> tuple[Formula, Formula]:
    """The condition and the conclusion of a formula; the condition is `true` if there is none."""
    return formula.args if isinstance(formula, sp.Implies) else (sp.true, formula)


def _without(formula: Formula, premises: Sequence[Formula]) -> list[Formula]:
    return [p for p in premises if p != formula]


__all__ = ["Monotone"]
