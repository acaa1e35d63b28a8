"""What rests on what: the claims as a graph whose edges are data, without cycles.

A claim rests on the claims that its steps cite, and on those by which its words are read as its formula (`rests`).
A claim that is false as printed rests on its repairs. The judge gives no verdict that is stronger than those of the
claims below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from saddlecheck.theory.claims.asserted import Asserted
from saddlecheck.theory.claims.cite import Cite
from saddlecheck.theory.errors import MalformedClaim

How = Literal["cites", "is read by", "is repaired by"]
Node = TypeVar("Node", bound=Asserted)


@dataclass(frozen=True)
class Edge:
    """One dependency: `claim` rests on `on`. step, at: of a citation, its step and the values put in."""

    claim: str
    on: str
    how: How
    step: str = ""
    at: Mapping[Any, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        values = ", ".join(f"{symbol} = {value}" for symbol, value in self.at.items())
        where = f" in step {self.step!r}" if self.step else ""
        return f"{self.claim} {self.how} {self.on}{where}{f' at {values}' if values else ''}"


def cited(claim: Asserted) -> Iterator[Edge]:
    """What a claim by itself rests on: citations in its steps, and the claims by which its words are read."""
    for step in claim.steps:
        if isinstance(step, Cite):
            yield Edge(claim.id, step.claim, "cites", step.name, step.at)
    for name in claim.rests:
        yield Edge(claim.id, name, "is read by")


def grounds(claim: Asserted) -> tuple[str, ...]:
    """The ids of the claims that a claim by itself rests on, each once."""
    return tuple(dict.fromkeys(edge.on for edge in cited(claim)))


def edges(claims: Mapping[str, Asserted], key: str) -> Iterator[Edge]:
    """All edges that leave a claim, its repairs included."""
    yield from cited(claims[key])
    for other in claims.values():
        if other.amends == key:
            yield Edge(key, other.id, "is repaired by")


def below(claims: Mapping[str, Asserted], keys: Iterable[str]) -> dict[str, tuple[Edge, ...]]:
    """The claims that some claims rest on, themselves included: id -> the edges that leave it, nearest first."""
    found: dict[str, tuple[Edge, ...]] = {}
    waiting = list(keys)
    while waiting:
        key = waiting.pop(0)
        if key not in found:
            found[key] = tuple(edges(claims, key))
            waiting += [edge.on for edge in found[key]]
    return found


def behind(own: Mapping[str, Node], known: Mapping[str, Node]) -> dict[str, Node]:
    """The known claims on which a list of claims rests and that are not in it, nearest first, with their repairs.

    Args:
        own: the list.
        known: all claims, those of the list included.

    Returns:
        Id -> claim.

    Raises:
        MalformedClaim: one of them speaks of a claim whose id the list uses for another.
    """
    found: dict[str, Node] = {}
    waiting = [edge.on for claim in own.values() for edge in cited(claim)]
    while waiting:
        key = waiting.pop(0)
        if key in own or key in found or key not in known:
            continue
        found[key] = claim = known[key]
        meant = [*grounds(claim), *([claim.amends] if claim.amends else [])]
        if taken := [i for i in meant if i in own]:
            raise MalformedClaim(f"claim {taken[0]!r} has the id of another, of which {key} speaks; rename it.")
        waiting += [edge.on for edge in edges(known, key)]
    return found


def misquoted(claims: Mapping[str, Asserted]) -> str:
    """The first edge that does not lead to a claim, or quotes another one than stands there; empty if all are right."""
    for claim in claims.values():
        for edge in cited(claim):
            if edge.on not in claims:
                return f"claim {edge} which is no claim."
        for step in claim.steps:
            if not isinstance(step, Cite):
                continue
            source = claims[step.claim]
            if (step.of, step.conditions) != (source.statement, source.given):
                return (
                    f"claim {claim.id}: step {step.name!r} quotes {step.claim} otherwise than it stands; cite it anew."
                )
    return ""


def cycle(claims: Mapping[str, Asserted]) -> list[str]:
    """Claims each of which rests on the next, the last one being the first again; empty if there are none."""
    repairs: dict[str, list[str]] = {key: [] for key in claims}
    for claim in claims.values():
        if claim.amends in repairs:
            repairs[claim.amends].append(claim.id)
    done: set[str] = set()

    def search(key: str, path: list[str]) -> list[str]:
        if key in path:
            return [*path[path.index(key) :], key]
        if key in done:
            return []
        for following in (*grounds(claims[key]), *repairs[key]):
            if found := search(following, [*path, key]):
                return found
        done.add(key)
        return []

    return next((found for key in claims if (found := search(key, []))), [])


__all__ = ["Edge", "behind", "below", "cited", "cycle", "edges", "grounds", "misquoted"]
