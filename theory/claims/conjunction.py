"""A claim of several things: each part is a step of its own, and the statement is their conjunction."""

from __future__ import annotations

from typing import TypedDict

from saddlecheck.theory.claims.formulas import every
from saddlecheck.theory.claims.steps import STATEMENT, Entails, MalformedStep, Step, stated
from saddlecheck.theory.symbols import Formula


class Conjunction(TypedDict):
    """The two arguments of a `Claim` that a conjunction gives."""

    statement: Formula
    steps: tuple[Step, ...]


def conjunction(name: str, *steps: Step, of: tuple[str, ...] = (), because: str | None = None) -> Conjunction:
    """The statement and the steps of a claim whose parts are steps, so that each formula is written once.

    Args:
        name: of the last step, which joins the parts.
        steps: in their order, the parts among them.
        of: names of the steps that are parts; none: all of them.
        because: the reason of the last step; None: that it is the conjunction of the parts, by their names.

    Returns:
        The arguments `statement` and `steps` of the claim.

    Raises:
        MalformedStep: fewer than two parts, or a part that is no step.

    Example:
        >>> from saddlecheck.theory import BEYOND, Claim
        >>> from saddlecheck.theory.claims.steps import Entails
        >>> from saddlecheck.theory.symbols import real
        >>> x = real("x")
        >>> parts = Entails("above", x**2 > x, "x > 1"), Entails("positive", x > 0, "x > 1")
        >>> Claim("two", "Two", BEYOND, "Both hold.", given=(x > 1,), **conjunction("both", *parts)).statement
        (x > 0) & (x**2 > x)
    """
    by_name = {step.name: step for step in steps}
    parts = of or tuple(by_name)
    if strange := [part for part in parts if part not in by_name]:
        raise MalformedStep(f"{name!r} joins {strange[0]!r}, which is no step; the steps are {sorted(by_name)}.")
    if len(parts) < 2:
        raise MalformedStep(f"{name!r} joins {len(parts)} step(s); a conjunction has at least two parts.")
    if because is None:
        *first, last = (repr(part) for part in parts)
        because = f"the conjunction of {', '.join(first)} and {last}"
    joined = Entails(name, STATEMENT, because, uses=parts)
    return {"statement": every(*(stated(by_name[part]) for part in parts)), "steps": (*steps, joined)}
