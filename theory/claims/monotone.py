"""The proof rule behind inequalities with exponentials: a function moves one way as long as its derivative has a sign.

The passage itself is the mean value theorem: f(x) - f(p) = f'(s) (x - p) for some s strictly between p and x. What
can be computed about it is checked by engines that share no code; nothing about f'(s) is assumed beyond a cited step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.kinds import kind
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.obligations import Obligation, continuous, exists, exists_at
from saddlecheck.theory.claims.outcome import Decide, Finding, Probe
from saddlecheck.theory.claims.steps import Premises, Step, paired
from saddlecheck.theory.claims.substitution import fresh, put
from saddlecheck.theory.engines import smt
from saddlecheck.theory.symbols import Expr, Formula

# Strongest first; a strict sign of the derivative moves f strictly, because s lies strictly between p and x.
_SIGNS = (sp.StrictGreaterThan, sp.StrictLessThan, sp.GreaterThan, sp.LessThan)
_TURNED = dict(zip(_SIGNS, (sp.StrictLessThan, sp.StrictGreaterThan, sp.LessThan, sp.GreaterThan), strict=True))


@dataclass(frozen=True)
class Monotone(Step):
    """An inequality about f(x), from f at a base point and the sign of f' between the base point and x.

    of: f.  along: its variable x.  base: the point p.  value: f(p), or the limit of f there.  slope: an expression
    for f'.  sign: the formula of a cited step, from which the sign of `slope` between p and x follows.
    formula: what follows for f(x), as it stands or as the conclusion of an Implies.

    Engines: SymPy with Z3, and Arb with cvc5. Each checks that `slope` is the derivative wherever the conditions hold
    and `value` the value, with f continuous there; that the conditions at x hold at every point between p and x (else
    the cited sign would be used where it is not proved); the sign of the slope there; and that the formula follows.
    """

    of: Expr = field(kw_only=True)
    along: Any = field(kw_only=True)
    base: Expr = field(default=sp.S.Zero, kw_only=True)
    value: Expr = field(default=sp.S.Zero, kw_only=True)
    slope: Expr = field(kw_only=True)
    sign: Formula = field(kw_only=True)

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        if self.sign not in premises.cited:
            raise self._malformed(
                f"the sign of the slope is to follow from {self.sign}, "
                "which no cited step says; cite the step that does."
            )
        self.require_line()
        yield from self._or_search(premises, paired(partial(self.by, premises)))

    def require_line(self) -> None:
        """Refuse what is no line from the base along a real symbol.

        Raises:
            MalformedStep: what it moves along is no real symbol, or the base depends on it.
        """
        if not (isinstance(self.along, sp.Symbol) and kind(self.along) == "real"):
            raise self._malformed(f"it moves along {self.along}, which is no real symbol.")
        if self.along in sp.S(self.base).free_symbols | sp.S(self.value).free_symbols:
            raise self._malformed(f"the base {self.base} and the value {self.value} must not depend on {self.along}.")

    def by(self, premises: Premises, decide: Decide, solver: smt.Engine) -> Finding:
        """One engine's whole check; the first part that is not proved is the finding."""
        guard, conclusion = _parts(self.formula)
        regular = self._is_regular()
        for part in self._equations(regular):
            found = decide([part], [p for p in premises if p != self.sign])
            if found[0] != "proved":
                return found
        if regular and (gap := smt.undefined((), premises, solver, self._at_base())) is not None:
            return "undecided", gap, None
        facts, gap = self._moves(premises, guard, solver)
        if gap:
            return "undecided", gap, None
        if regular:
            facts.append(sp.Implies(sp.Eq(self.along, self.base), sp.Eq(self.of, self.value), evaluate=False))
        answer = smt.entails([*premises, guard, *facts], conclusion, solver)
        return ("proved" if answer.status == "proved" else "undecided"), answer.why, None

    def _is_regular(self) -> bool:
        """Whether f has a value at the base by its form; else it has a limit there, and the base itself is left out."""
        denominators = (o.needs.lhs for o in exists(self.of) if isinstance(o.needs, sp.Ne) and o.needs.rhs == 0)
        return not any(put(d, {self.along: sp.S(self.base)}) == 0 for d in denominators)

    def _at_base(self) -> list[Obligation]:
        """What makes f have a value at the base and be continuous there."""
        base = {self.along: sp.S(self.base)}
        no_jump = [replace(o, needs=put(o.needs, base)) for o in continuous(self.of, self.along)]
        return [*exists(base[self.along]), *exists_at(self.of, base), *no_jump]

    def _equations(self, regular: bool) -> Iterator[Any]:
        """That the slope is the derivative, and the value the value (a limit where f itself is not defined)."""
        yield sp.Eq(sp.Derivative(self.of, self.along), self.slope, evaluate=False)
        at_base = sp.S(self.base)
        limit = Coefficient(self.of, self.along, at_base, sp.S.Zero)
        start = put(self.of, {self.along: at_base}) if regular else limit
        yield sp.Eq(start, self.value, evaluate=False)

    def _moves(self, premises: Premises, guard: Formula, solver: smt.Engine) -> tuple[list[Formula], str]:
        """How f(x) compares with its value at the base on either side of it, and what is missing for that, if any."""
        x, p = self.along, self.base
        s = fresh(x)  # the intermediate point
        facts: list[Formula] = []
        for side, between in (
            (sp.Gt(x, p), sp.And(sp.Gt(s, p), sp.Gt(x, s))),
            (sp.Lt(x, p), sp.And(sp.Lt(s, p), sp.Lt(x, s))),
        ):
            here = [*premises, guard, side, between]
            if smt.entails([*premises, guard, side], sp.false, solver).status == "proved":
                continue  # no x on this side
            for condition in premises.given:
                if smt.entails(here, put(condition, {x: s}), solver).status != "proved":
                    return [], f"{condition} at {x} does not give it between {p} and {x}"
            there = [*here, *(put(k, {x: s}) for k in premises)]
            slope = put(self.slope, {x: s})
            signs = (r for r in _SIGNS if smt.entails(there, r(slope, 0, evaluate=False), solver).status == "proved")
            if (sign := next(signs, None)) is not None:
                moved = sign if side == sp.Gt(x, p) else _TURNED[sign]
                facts.append(sp.Implies(side, moved(self.of, self.value, evaluate=False), evaluate=False))
        return facts, ""


def _parts(formula: Formula) -> tuple[Formula, Formula]:
    """The condition and the conclusion of a formula; the condition is `true` if there is none."""
    return formula.args if isinstance(formula, sp.Implies) else (sp.true, formula)


__all__ = ["Monotone"]
