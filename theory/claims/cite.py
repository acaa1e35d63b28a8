"""The proof rule that uses another claim: its statement, read at given values of its symbols.

The claim is named by its id and copied with its conditions, so that the step can be checked by itself. That the copy
is what the claim says, and that no claim rests on itself, is the catalogue's check (`graph`). What the step hands on
is as good as the claim that it cites: the judge sees to that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import sympy as sp

from saddlecheck.theory.claims.nodes import Coefficient
from saddlecheck.theory.claims.steps import Finding, Probe, Step
from saddlecheck.theory.engines import smt
from saddlecheck.theory.symbols import Expr, Formula

if TYPE_CHECKING:
    from saddlecheck.theory.claims.claim import Claim

# What is real wherever its arguments are real and its denominators are not 0.
_REAL = (sp.Add, sp.Mul, sp.exp, sp.Abs, sp.sin, sp.cos, sp.sinh, sp.cosh, sp.tanh, sp.atan, sp.erf, sp.erfi)
_BINDS = (sp.Derivative, sp.Integral, sp.Sum, sp.Limit, sp.Subs)
_SIGNS = {"positive": sp.Gt, "nonnegative": sp.Ge, "negative": sp.Lt, "nonpositive": sp.Le, "nonzero": sp.Ne}


@dataclass(frozen=True)
class Cite(Step):
    """A consequence of another claim.

    claim: its id.  of, conditions: its statement and its conditions.  at: symbol -> the expression put for it, all at
    once; symbols left out stand for themselves.
    Engines: Z3 and cvc5. Each checks that every value is of its symbol's kind, that the conditions hold at the values,
    and that the formula follows from what the claim says there.
    """

    claim: str = field(kw_only=True)
    of: Formula = field(kw_only=True)
    conditions: tuple[Formula, ...] = field(default=(), kw_only=True)
    at: Mapping[Any, Any] = field(default_factory=dict, kw_only=True)

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:
        asserted = (self.of, *self.conditions)
        if strange := set(self.at) - set().union(*(f.free_symbols for f in asserted)):
            raise ValueError(f"step {self.name!r}: claim {self.claim} has no symbol {min(strange, key=str)}.")
        put = set(self.at).union(*(sp.S(v).free_symbols for v in self.at.values()))
        if caught := put & set().union(*map(_bound, asserted)):
            raise ValueError(
                f"step {self.name!r}: claim {self.claim} differentiates or binds {min(caught, key=str)}, which cannot "
                "be replaced or put in; state what follows at every value in the claim itself."
            )
        yield from self._or_search(premises, ((s, partial(self._by, premises, s)) for s in smt.ENGINES))

    def _by(self, premises: Sequence[Formula], solver: smt.Engine) -> Finding:
        for symbol, value in self.at.items():
            if why := _misfit(symbol, sp.S(value), premises, solver):
                return "undecided", f"{value} is put for {symbol}, and {why}", None
        for condition in self.conditions:
            moved = condition.subs(self.at, simultaneous=True)
            if moved not in premises and smt.entails(premises, moved, solver).status != "proved":
                return "undecided", f"{self.claim} asks for {condition}, which is not known at {dict(self.at)}", None
        answer = smt.entails([*premises, read(self.of, self.at)], self.formula, solver)
        return ("proved" if answer.status == "proved" else "undecided"), answer.why, None


def cite(
    name: str, claim: Claim, at: Mapping[Any, Any] | None = None, formula: Formula | None = None, because: str = "",
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
    """A formula with values put for symbols, all at once."""
    return formula.subs(at, simultaneous=True) if at else formula


def _misfit(symbol: Any, value: Expr, premises: Sequence[Formula], solver: smt.Engine) -> str:
    """Why a value is not of its symbol's kind (real, integer, positive, …); empty if it is."""
    for name, wanted in symbol._assumptions_orig.items():
        if getattr(value, f"is_{name}") is wanted:
            continue
        if not wanted or name not in {*_SIGNS, "real"}:
            return f"it is not known to be {name if wanted else f'not {name}'}"
        # A square is not negative; asking for it makes the solver ask for the denominators.
        goal = sp.Ge(value**2, 0, evaluate=False) if name == "real" else _SIGNS[name](value, 0)
        if not _is_real(value) or (goal is not sp.true and smt.entails(premises, goal, solver).status != "proved"):
            return f"it is not known to be {name}"
    return ""


def _is_real(value: Expr) -> bool:
    """Whether a value is real wherever its denominators are not 0."""
    if value.is_real:
        return True
    whole = value.is_Pow and value.exp.is_Integer
    return (whole or isinstance(value, _REAL)) and all(map(_is_real, value.args))


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
