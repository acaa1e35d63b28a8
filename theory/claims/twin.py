"""A falsehood beside a claim, which shows that the machinery can tell them apart."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from saddlecheck.theory.claims.steps import STATEMENT
from saddlecheck.theory.symbols import Formula


@dataclass(frozen=True)
class Twin:
    """A nearby falsehood that the machinery must refute: the claim's statement with one deliberate mistake.

    Attributes:
        mistake: what is wrong with it, in words.
        statement: the false formula; STATEMENT for the claim's own, where the mistake is in the conditions.
        given: its conditions; None means the claim's own.

    Example:
        >>> from saddlecheck.theory import Twin
        >>> from saddlecheck.theory.engines.counterexample import counterexample
        >>> from saddlecheck.theory.symbols import real
        >>> x, y = real("x"), real("y")
        >>> twin = Twin("the inequality turned round", x**2 + y**2 <= 2 * x * y)
        >>> counterexample(twin.statement, ())
        {x: 0, y: 1}
    """

    mistake: str
    statement: Formula
    given: tuple[Formula, ...] | None = None


def about(twin: Twin, statement: Formula) -> Twin:
    """The twin of a claim with that statement, which takes the place of STATEMENT."""
    return dataclasses.replace(twin, statement=statement) if twin.statement == STATEMENT else twin


def defect(twin: Twin, statement: Formula, given: tuple[Formula, ...]) -> str:
    """What makes it no twin of the claim that the statement holds under the conditions; empty if nothing does."""
    if twin.statement in (True, False):
        return (
            f"twin {twin.mistake!r} is {twin.statement} by its form, which SymPy decided when it was made; no engine "
            "would have to refute it."
        )
    if twin.statement == statement and twin.given in (None, given):
        return f"twin {twin.mistake!r} says what the claim says, under the same conditions; make the mistake."
    return ""
