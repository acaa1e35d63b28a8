"""The proof rule that uses a general step at one place: an expression put for a symbol that was arbitrary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.kinds import is_whole, kind
from saddlecheck.theory.claims.obligations import exists, exists_at
from saddlecheck.theory.claims.outcome import Finding, Probe
from saddlecheck.theory.claims.steps import Premises, Step
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.engines import smt
from saddlecheck.theory.symbols import Formula


@dataclass(frozen=True)
class Instance(Step):
    """A consequence of a cited step, read at other values of its symbols.

    of: the cited step's formula.  at: symbol -> the expression put for it; all are put simultaneously.
    Engines: Z3 and cvc5. Each checks that what is put in exists and is of the symbol's kind, that every condition of
    the claim holds at the new values (the cited step was proved only where they do), and that the formula follows.
    """

    of: Formula = field(kw_only=True)
    at: Mapping[Any, Any] = field(kw_only=True)

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        if self.of not in premises.cited:
            raise self._malformed(f"it reads {self.of} elsewhere, which no cited step says; cite it.")
        if why := misfit(self.at):
            raise self._malformed(why)
        for solver in smt.ENGINES:
            yield solver, partial(self._by, premises, solver)

    def _by(self, premises: Premises, solver: smt.Engine) -> Finding:
        if gap := missing(self.at, premises.given, premises, solver):
            return "undecided", gap, None
        answer = smt.entails([*premises, put(self.of, self.at)], self.formula, solver)
        return ("proved" if answer.status == "proved" else "undecided"), answer.why, None


def misfit(at: Mapping[Any, Any]) -> str:
    """Why values cannot stand for their symbols by their form; empty if they can."""
    for symbol, value in at.items():
        if not isinstance(symbol, sp.Symbol):
            return f"a value is put for {symbol}, which is no symbol."
        if not isinstance(value, sp.Expr):
            return f"{value!r} is put for {symbol}; put an expression."
        if kind(symbol) != "real" and not is_whole(sp.S(value)):
            return f"{value} is put for {symbol}, which stands for whole numbers only."
    return ""


def missing(
    at: Mapping[Any, Any], conditions: Sequence[Formula], premises: Sequence[Formula], solver: smt.Engine
) -> str:
    """What the premises lack of this: the values exist, are of their symbols' kinds, and meet the conditions."""
    at = {symbol: sp.S(value) for symbol, value in at.items()}
    found = [o for value in at.values() for o in exists(value)]
    found += [o for condition in conditions for o in exists_at(condition, at) if put(condition, at) != condition]
    if (gap := smt.undefined((), premises, solver, found)) is not None:
        return gap
    signs = [sp.Ge(value, 0, evaluate=False) for symbol, value in at.items() if kind(symbol) == "natural"]
    for needed, what in [*((s, s) for s in signs), *((put(c, at), c) for c in conditions)]:
        if needed not in premises and smt.entails(premises, needed, solver).status != "proved":
            return f"{what} is not known at {at}"
    return ""


__all__ = ["Instance", "misfit", "missing"]
