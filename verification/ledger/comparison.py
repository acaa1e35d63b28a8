"""What this project's papers say of each other: claims that contradict each other, and formulas that several have.

A contradiction is verified anew whenever it is asked for. The formulas take longer and prove nothing: they are kept
for the code and the claims that they were found with.
"""

from __future__ import annotations

from dataclasses import dataclass

from saddlecheck.theory.claims import serial
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.conflict import Clash, Contradiction, clash
from saddlecheck.theory.claims.paper import Paper
from saddlecheck.theory.papers import shared
from saddlecheck.theory.papers.shared import Occurrence, Shared
from saddlecheck.verification.ledger import cache, library


@dataclass(frozen=True)
class Pair:
    """Two claims that cannot both be right, their papers, and the point that separates them."""

    contradiction: Contradiction
    clash: Clash
    claims: tuple[Claim, Claim]
    papers: tuple[Paper, Paper]

    @property
    def known(self) -> tuple[str, str]:
        """Of each claim, how its words are known."""
        return known(self.claims[0]), known(self.claims[1])

    @property
    def words(self) -> str:
        """Which wordings exclude each other: printed, attributed and worded by us, read literally, or our result."""
        one, other = self.known
        if one == other:
            return f"The two cannot both hold {one}."
        return f"{self.claims[0].id} {_as(one)} and {self.claims[1].id} {_as(other)} cannot both hold."


def _as(known: str) -> str:
    return known if known.startswith("as ") else f"({known})"


def known(claim: Claim) -> str:
    """As printed, as attributed, read literally, or a result of ours."""
    if claim.voice == "reading":
        return "read literally"
    if claim.voice != "paper":
        return "a result of ours"
    return "as printed" if claim.provenance == "seen" else "as attributed"


def pairs() -> tuple[Pair, ...]:
    """Every contradiction, verified now; raises MalformedClaim for one that is none."""
    from saddlecheck.theory.papers.contradictions import CONTRADICTIONS

    house = library.house()
    paper = {claim.id: p for p in house.papers for claim in p.claims}
    found = []
    for c in CONTRADICTIONS:
        ids = (c.first.claim, c.second.claim)
        first, second = (house.catalogue[i] for i in ids)
        found.append(Pair(c, clash(c, house.catalogue), (first, second), (paper[ids[0]], paper[ids[1]])))
    return tuple(found)


def formulas() -> tuple[Shared, ...]:
    """The formulas that claims of at least two papers assert, cached."""
    papers = library.house().papers
    fingerprints = [[p.id, [c.fingerprint for c in p.claims]] for p in papers]
    path, key = cache.folder() / "shared-formulas.json", cache.key(serial.digest(fingerprints))
    if (stored := cache.load_json(path, key)) is not None:
        return tuple(_read(entry) for entry in stored)
    found = shared.shared(papers)
    cache.store_json(path, key, [_written(s) for s in found])
    return found


_PLACES = ("asserted", "assumed", "normalised")


def _written(one: Shared) -> list[object]:
    places = [[[p.paper, p.claim, serial.encode(p.polynomial)] for p in getattr(one, name)] for name in _PLACES]
    return [serial.encode(one.polynomial), *places]


def _read(entry: list[list[list[object]]]) -> Shared:
    groups = [tuple(Occurrence(str(p), str(c), serial.decode(e)) for p, c, e in places) for places in entry[1:]]
    return Shared(serial.decode(entry[0]), *groups)
