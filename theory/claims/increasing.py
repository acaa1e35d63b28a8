"""The proof rule for a function that increases along a variable: it exceeds its value at the start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.monotone import Monotone
from saddlecheck.theory.claims.outcome import Decide, Finding, Probe
from saddlecheck.theory.claims.steps import Premises, Step, paired
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.engines import smt
from saddlecheck.theory.symbols import Expr, Formula


@dataclass(frozen=True)
class Increasing(Step):
    """An inequality about f, whose derivative along a variable is positive, or not negative, under the premises.

    of: f.  along: its variable.  from_: where it starts.  slope: f'.  formula: what follows for f, see `increasing`.
    Engines: as for `Monotone`, of which this is the case in which the solver finds the sign of the derivative from the
    premises, so that no step has to state it. That `slope` is the derivative is checked as there.
    """

    of: Expr = field(kw_only=True)
    along: Any = field(kw_only=True)
    from_: Expr = field(default=sp.S.Zero, kw_only=True)
    slope: Expr = field(kw_only=True)

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        self._rule(sp.S.true).require_line()
        yield from self._or_search(premises, paired(partial(self._by, premises)))

    def _by(self, premises: Premises, decide: Decide, solver: smt.Engine) -> Finding:
        for sign in (sp.Gt(self.slope, 0, evaluate=False), sp.Ge(self.slope, 0, evaluate=False)):
            answer = smt.entails(premises, sign, solver)
            if answer.status == "proved":
                there = Premises(premises.given, (*premises.cited, sign))
                return self._rule(sign).by(there, decide, solver)
        return "undecided", f"the sign of the derivative {self.slope} is not known: {answer.why or answer.status}", None

    def _rule(self, sign: Formula) -> Monotone:
        """The rule of which this is a case, once the sign of the derivative is known."""
        return Monotone(
            self.name, self.formula, of=self.of, along=self.along, base=self.from_,
            value=put(self.of, {self.along: sp.S(self.from_)}), slope=self.slope, sign=sign,
        )  # fmt: skip


def increasing(
    name: str, of: Expr, *, along: Any, from_: Expr = sp.S.Zero, strict: bool = True, because: str = "",
    uses: tuple[str, ...] = (),
) -> Increasing:  # fmt: skip
    """The step that f exceeds its value at the start.

    Args:
        name: The step's name, unique in its claim.
        of: The function f.
        along: Its variable, which the claim's conditions keep beyond the start.
        from_: The start; f has a value there.
        strict: Whether f is greater, or at least as great.
        because: The reason that a reader is given.
        uses: Steps from which the sign of the derivative follows.

    Returns:
        The step, with the formula f > f(start), or >=.
    """
    relation = sp.Gt if strict else sp.Ge
    formula = relation(of, put(of, {along: sp.S(from_)}), evaluate=False)
    return Increasing(
        name,
        formula,
        because or f"it increases with {along}",
        uses=uses,
        of=of,
        along=along,
        from_=from_,
        slope=sp.diff(of, along),
    )


__all__ = ["Increasing", "increasing"]
