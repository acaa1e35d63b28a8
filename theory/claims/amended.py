"""The commonest repair of a claim: the same statement, under more conditions."""

from __future__ import annotations

from typing import TypedDict

from saddlecheck.theory.claims.claim import Claim, Voice
from saddlecheck.theory.claims.display import Display
from saddlecheck.theory.claims.place import Place
from saddlecheck.theory.symbols import Formula


class Amendment(TypedDict):
    """The arguments of a `Claim` that a repair by conditions has from the claim that it repairs."""

    place: Place
    voice: Voice
    statement: Formula
    display: Display | None
    given: tuple[Formula, ...]
    amends: str


def under(claim: Claim, *conditions: Formula) -> Amendment:
    """What the claim states, in its place and as it is displayed, under further conditions: a repair of ours.

    Args:
        claim: the claim that is repaired.
        conditions: what it leaves out.

    Returns:
        The arguments `place`, `voice`, `statement`, `display`, `given` and `amends` of the repair.

    Raises:
        ValueError: no condition.

    Example:
        >>> from saddlecheck.theory import BEYOND, Claim
        >>> from saddlecheck.theory.symbols import real
        >>> x = real("x")
        >>> claim = Claim("square", "A square is larger", BEYOND, "The square of x is at least x.", x**2 >= x)
        >>> repair = Claim(id="square-above", title="Above 1", says="For x > 1.", **under(claim, x > 1))
        >>> repair.amends, repair.given
        ('square', (x > 1,))
    """
    if not conditions:
        raise ValueError(f"a repair of {claim.id} needs a condition that {claim.id} does not have; name one.")
    return {
        "place": claim.place,
        "voice": "ours",
        "statement": claim.statement,
        "display": claim.display,
        "given": (*claim.given, *conditions),
        "amends": claim.id,
    }
