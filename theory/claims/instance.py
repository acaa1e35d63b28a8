"""The proof rule that uses a general step at one place: an expression put for a symbol that was arbitrary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from saddlecheck.theory.claims.steps import Finding, Probe, Step
from saddlecheck.theory.engines import smt
from saddlecheck.theory.symbols import Formula


@dataclass(frozen=True)
class Instance(Step):
    """A consequence of a cited step, read at other values of its symbols.

    of: the cited step's formula.  at: symbol -> the expression put for it, all at once.
    Engines: Z3 and cvc5. Each checks that the conditions hold at the new values (the cited step was proved only
    where they do) and that the formula follows.
    """

    of: Formula = field(kw_only=True)
    at: Mapping[Any, Any] = field(kw_only=True)

    def _probes(self, premises: Sequence[Formula]) -> Iterator[Probe]:
        if self.of not in premises:
            raise ValueError(f"step {self.name!r}: it reads {self.of} elsewhere, which no cited step says; cite it.")
        for solver in smt.ENGINES:
            yield solver, lambda solver=solver: self._by(premises, solver)  # type: ignore[misc]  # binds the loop variable

    def _by(self, premises: Sequence[Formula], solver: smt.Engine) -> Finding:
        for premise in premises:
            moved = premise.subs(self.at, simultaneous=True)
            if premise != self.of and smt.entails(premises, moved, solver).status != "proved":
                return "undecided", f"{premise} is not known at {dict(self.at)}", None
        read = self.of.subs(self.at, simultaneous=True)
        answer = smt.entails([*premises, read], self.formula, solver)
        return ("proved" if answer.status == "proved" else "undecided"), answer.why, None


__all__ = ["Instance"]
