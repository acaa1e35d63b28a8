"""Two claims that cannot both be right: they speak of one quantity, and no value of it makes both true.

That a claim is false somewhere contradicts nothing but mathematics. Two claims contradict each other where, the
quantity being left open, what one says of it rules out what the other says; so each is first stripped of the quantity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.nodes import conjuncts, exact_part
from saddlecheck.theory.engines import counterexample, identity, smt
from saddlecheck.theory.errors import MalformedClaim
from saddlecheck.theory.symbols import Expr, Formula, real

Q = real("Q")  # the quantity of which both claims speak


@dataclass(frozen=True)
class Side:
    """What one claim says of the quantity.

    Attributes:
        claim: its id.
        speaks_of: expressions of the claim's formula -> what they are in terms of Q.
        at: its letters -> expressions in the letters that both sides share.
    """

    claim: str
    speaks_of: Mapping[Expr, Expr]
    at: Mapping[Any, Expr] = field(default_factory=dict)


@dataclass(frozen=True)
class Contradiction:
    """Two claims and the quantity about which they disagree.

    Attributes:
        first, second: what each says.
        quantity: its value, in the letters that both share.
        about: what it is, in words.
    """

    first: Side
    second: Side
    quantity: Expr
    about: str


@dataclass(frozen=True)
class Clash:
    """A point at which both claims have their conditions and no value of the quantity makes both true.

    Attributes:
        point: letter -> rational number.
        value: what the quantity is there.
        says: what each of the two says of Q there, as a formula in Q.
        allowed: for each a value that makes it true.
        engines: that found no value for both.
    """

    point: Mapping[Any, Any]
    value: Expr
    says: tuple[Formula, Formula]
    allowed: tuple[Expr, Expr]
    engines: tuple[str, ...] = smt.ENGINES

    @property
    def brief(self) -> tuple[Formula, Formula]:
        """The same without what a value that is given anyway makes superfluous, Q on the left."""
        return _brief(self.says[0]), _brief(self.says[1])


def clash(contradiction: Contradiction, claims: Mapping[str, Claim]) -> Clash:
    """Find the point, and have both solvers prove there that no value of the quantity serves both claims.

    Args:
        contradiction: the two sides.
        claims: by id.

    Returns:
        The simplest point that the search finds.

    Raises:
        MalformedClaim: a claim that is not there or does not speak of the quantity; sides that mean two quantities;
            no point with the conditions of both at which one is wrong; a point at which some value serves both, or
            at which one of them is wrong whatever the value.
    """
    sides = (contradiction.first, contradiction.second)
    read = [_Read(side, claims) for side in sides]
    given = tuple(g for r in read for g in r.given)
    for r in read:
        r.require(contradiction.quantity, given)
    # As the quantity has the same value on both sides, they clash only where one of them is false.
    both = sp.And(*(r.statement for r in read), evaluate=False)
    point = counterexample.counterexample(both, given)
    if point is None:
        raise MalformedClaim(_refusal(sides, "no point was found at which one of them is wrong"))
    first, second = (r.at(point) for r in read)
    shown = ", ".join(f"{s} = {v}" for s, v in point.items())
    if any(smt.entails((first, second), sp.false, engine).status != "proved" for engine in smt.ENGINES):
        raise MalformedClaim(
            _refusal(sides, f"at {shown} some value of the quantity may serve both: {first}; {second}")
        )
    serves = [counterexample.model((says,)) for says in (first, second)]
    if none := [s.claim for s, a in zip(sides, serves, strict=True) if a is None]:
        raise MalformedClaim(_refusal(sides, f"at {shown} {none[0]} is wrong by itself, whatever the quantity is"))
    allowed = tuple(a.get(Q, sp.S.Zero) for a in serves if a is not None)
    return Clash(point, contradiction.quantity.xreplace(point), (first, second), (allowed[0], allowed[1]))


class _Read:
    """A claim in the letters that both sides share: as it stands, and stripped of the quantity."""

    def __init__(self, side: Side, claims: Mapping[str, Claim]) -> None:
        if side.claim not in claims:
            raise MalformedClaim(f"{side.claim!r} is no claim; a contradiction names two that exist.")
        claim = claims[side.claim]
        statement = exact_part(claim.statement)
        if statement is None or not all(statement.has(e) for e in side.speaks_of):
            raise MalformedClaim(f"claim {side.claim} does not speak of {[*side.speaks_of]}; copy it from its formula.")
        self.side = side
        self.statement = self._named(counterexample.carried_out(statement))
        self.given = tuple(self._named(g) for g in claim.given)
        stripped = counterexample.carried_out(statement.xreplace(dict(side.speaks_of)))
        self.stripped = self._named(stripped)

    def _named(self, formula: Formula) -> Formula:
        return formula.subs(dict(self.side.at), simultaneous=True)

    def require(self, quantity: Expr, given: Sequence[Formula]) -> None:
        """Raise MalformedClaim unless its expressions are the quantity, by both engines that prove identities."""
        for expression, reads in self.side.speaks_of.items():
            own = self._named(counterexample.carried_out(expression))
            equation = sp.Eq(own, reads.subs(Q, quantity), evaluate=False)
            premises = [g for g in given if g is not sp.true]
            for prove in (identity.by_algebra, identity.by_normal_forms):
                status, why, _ = prove([equation], premises)
                if status != "proved":
                    raise MalformedClaim(
                        f"claim {self.side.claim}: {expression} is not shown to be {reads} with Q = {quantity}: "
                        f"{why or status}; the two claims may speak of two things."
                    )

    def at(self, point: Mapping[Any, Any]) -> Formula:
        """What the claim says of Q at a point."""
        return self.stripped.xreplace(dict(point))


def _brief(says: Formula) -> Formula:
    relation = sp.core.relational.Relational
    turned = [p.reversed if isinstance(p, relation) and p.rhs.has(Q) else p for p in conjuncts(says)]
    value = next((p for p in turned if isinstance(p, sp.Eq) and p.lhs == Q and p.rhs.is_number), None)
    return sp.And(*turned) if value is None else value


def _refusal(sides: Sequence[Side], why: str) -> str:
    return f"{sides[0].claim} and {sides[1].claim} are not shown to contradict each other: {why}."


__all__ = ["Clash", "Contradiction", "Q", "Side", "clash"]
