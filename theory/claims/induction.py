"""The proof rule behind statements for every number of steps: true at 0, and true at n + 1 whenever at n."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.kinds import kind
from saddlecheck.theory.claims.outcome import Decide, Finding, Probe
from saddlecheck.theory.claims.steps import Premises, Step, paired
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.engines import smt
from saddlecheck.theory.symbols import Formula


@dataclass(frozen=True)
class Induction(Step):
    """A relation for every natural number, by induction on the symbol `over`.

    formula: an equation or inequality in `over`.  The premises may say nothing about `over`.
    Engines: SymPy with Z3, and Arb with cvc5. The first of each pair checks that powers such as q^(n+1) are split
    rightly into q q^n, the second that the relation holds at 0, and at n + 1 if it does at n. The passage from
    there to every n is the principle of induction itself.
    """

    over: Any = field(kw_only=True)

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        if not isinstance(self.formula, sp.core.relational.Relational):
            raise self._malformed(f"Induction takes an equation or inequality, got {self.formula}")
        if not (isinstance(self.over, sp.Symbol) and kind(self.over) == "natural"):
            raise self._malformed(f"{self.over} is no natural number; declare it as one")
        if guilty := self._restricting(premises):
            raise self._malformed(f"the premise {guilty[0]} restricts {self.over}; induct without it")
        yield from self._or_search(premises, paired(partial(self._by, premises)))

    def _restricting(self, premises: Premises) -> list[Formula]:
        """The premises that speak of `over`: what they say holds at this number, not at all of them."""
        return [p for p in premises if self.over in p.free_symbols]

    def _by(self, premises: Premises, decide: Decide, solver: smt.Engine) -> Finding:
        at_zero, following = (put(self.formula, {self.over: k}) for k in (sp.S.Zero, self.over + 1))
        split = self._with(sp.expand(sp.expand_power_exp(side)) for side in following.args)
        for side, rewritten in zip(following.args, split.args, strict=True):
            found = decide([sp.Eq(side, rewritten, evaluate=False)], premises)
            if found[0] != "proved":
                return found
        if (gap := smt.undefined([self.formula], premises, solver)) is not None:
            return "undecided", gap, None
        for given, goal, what in ((premises, at_zero, "at 0"), ([*premises, self.formula], split, "from n to n + 1")):
            answer = smt.entails(given, goal, solver)
            if answer.status != "proved":
                return "undecided", f"not proved {what}: {answer.why or answer.status}", None
        return "proved", "", None

    def _with(self, sides: Iterator[Any]) -> Formula:
        """The relation with other sides, left as it stands."""
        return self.formula.func(*sides, evaluate=False)
