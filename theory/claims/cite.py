"""The proof rule that uses another claim: its statement, read at given values of its symbols.

The claim is named by its id and copied with its conditions, so that the step can be checked by itself. That the copy
is what the claim says, and that no claim rests on itself, is the catalogue's check (`graph`). What the step hands on
is as good as the claim that it cites: the judge sees to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.asserted import Asserted
from saddlecheck.theory.claims.instance import misfit, missing
from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.outcome import Finding, Probe
from saddlecheck.theory.claims.steps import Premises, Step
from saddlecheck.theory.claims.substitution import put
from saddlecheck.theory.engines import smt
from saddlecheck.theory.symbols import Formula

_BINDS = (sp.Derivative, sp.Integral, sp.Sum, sp.Limit, sp.Subs)


@dataclass(frozen=True)
class Cite(Step):
    """A consequence of another claim.

    claim: its id.  of, conditions: its statement and its conditions.  at: symbol -> the expression put for it, all of
    them simultaneously; symbols left out stand for themselves.
    Engines: Z3 and cvc5. Each checks that every value is of its symbol's kind, that the conditions hold at the values,
    and that the formula follows from what the claim says there.
    """

    claim: str = field(kw_only=True)
    of: Formula = field(kw_only=True)
    conditions: tuple[Formula, ...] = field(default=(), kw_only=True)
    at: Mapping[Any, Any] = field(default_factory=dict, kw_only=True)

    def _probes(self, premises: Premises) -> Iterator[Probe]:
        asserted = (self.of, *self.conditions)
        if strange := set(self.at) - set().union(*(f.free_symbols for f in asserted)):
            raise self._malformed(f"claim {self.claim} has no symbol {min(strange, key=str)}.")
        moved = set(self.at).union(*(sp.S(v).free_symbols for v in self.at.values()))
        if caught := moved & set().union(*map(_bound, asserted)):
            raise self._malformed(
                f"claim {self.claim} differentiates or binds {min(caught, key=str)}, which cannot be replaced or put "
                "in; state what follows at every value in the claim itself."
            )
        if why := misfit(self.at):
            raise self._malformed(why)
        yield from self._or_search(premises, ((s, partial(self._by, premises, s)) for s in smt.ENGINES))

    def _by(self, premises: Premises, solver: smt.Engine) -> Finding:
        if gap := missing(self.at, self.conditions, premises, solver):
            return "undecided", f"{self.claim} asks for what is not given: {gap}", None
        answer = smt.entails([*premises, read(self.of, self.at)], self.formula, solver)
        return ("proved" if answer.status == "proved" else "undecided"), answer.why, None


def cite(
    name: str, claim: Asserted, at: Mapping[Any, Any] | None = None, formula: Formula | None = None, because: str = "",
    *, uses: tuple[str, ...] = (),
) -> Cite:  # fmt: skip
    """The step that reads a claim at some values.

    Args:
        name: The step's name, unique in its claim.
        claim: The claim cited; its id, statement and conditions become part of the step.
        at: Symbol of the claim -> expression put for it. Symbols left out stand for themselves.
        formula: What follows. None means the statement at these values, as it is.
        because: The reason that a reader is given. Empty means the claim's id.
        uses: Earlier steps from which the claim's conditions follow.

    Returns:
        The step.
    """
    at = dict(at or {})
    concluded = read(claim.statement, at) if formula is None else formula
    because = because or f"claim {claim.id}"
    return Cite(name, concluded, because, uses=uses, claim=claim.id, of=claim.statement, conditions=claim.given, at=at)


def read(formula: Formula, at: Mapping[Any, Any]) -> Formula:
    """A formula with values put for symbols, simultaneously."""
    return put(formula, {symbol: sp.S(value) for symbol, value in at.items()})


def _bound(formula: Formula) -> set[Any]:
    """The symbols that a formula differentiates by, integrates over, or expands in."""
    names: set[Any] = set()
    for node in sp.preorder_traversal(formula):
        if isinstance(node, _BINDS):
            names |= {s for argument in node.args[1:] for s in argument.free_symbols}
        elif isinstance(node, Coefficient):
            names.add(node.args[1])
    return names


__all__ = ["Cite", "cite", "read"]
