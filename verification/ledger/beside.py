"""What became of the statements next to each claim when that was last looked at, and which of them are undecided.

`verification/data/neighbours.json` holds, for each claim of the ledger that is proved, what was found of its
neighbours (see `neighbours`): how many are refuted, which are true as well, and which nothing decides, with the reason.
An entry counts for the assertion that it was found for, and for no other. It is written by
`python -m saddlecheck.verification.ledger.beside`, which keeps what still counts and looks at the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from saddlecheck._files import write_whole
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.claims.steps import Accept
from saddlecheck.verification.ledger.neighbours import neighbours

STORE = Path(__file__).parent.parent / "data" / "neighbours.json"
MOST = 1  # changes of one place that are looked at in a claim; every condition is left out in turn


@dataclass(frozen=True)
class Beside:
    """What was found of the statements next to a claim.

    of: digest of the claim's assertion.  refuted: how many are.  proved: those that are true as well, by what is
    changed.  undecided: what is changed -> why nothing decides it.
    """

    of: str
    refuted: int = 0
    proved: tuple[str, ...] = ()
    undecided: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many were looked at."""
        return self.refuted + len(self.proved) + len(self.undecided)


def has_neighbours(claim: Claim) -> bool:
    """Whether a claim is proved here, so that what stands next to it can be told from it."""
    return bool(claim.steps) and claim.is_formula and not any(isinstance(step, Accept) for step in claim.steps)


def stored(claim: Claim) -> Beside | None:
    """What is stored of a claim, as it stands; None if nothing is."""
    found = _store().get(claim.id)
    return Beside(**{**found, "proved": tuple(found["proved"])}) if found and found["of"] == claim.assertion else None


def lines(claims: Iterable[Claim]) -> list[str]:
    """What is stored of some claims, as text: the counts, then each undecided neighbour with the reason."""
    asked = [claim for claim in claims if has_neighbours(claim)]
    known = {claim.id: found for claim in asked if (found := stored(claim)) is not None}
    if not known:
        return []
    total = sum(found.count for found in known.values())
    left = [f"undecided: {i}, {change}: {why}" for i, found in known.items() for change, why in found.undecided.items()]
    proved = sum(len(found.proved) for found in known.values())
    counts = (
        f"{total - proved - len(left)} refuted, {proved} true as well, {len(left)} undecided ({len(left) / total:.1%})"
    )
    missing = f"; {len(asked) - len(known)} claims were not looked at" if len(known) < len(asked) else ""
    return [f"statements next to {len(known)} claims, as last looked at: {counts}{missing}", *left]


def look(claim: Claim) -> Beside:
    """What becomes of the statements next to a claim."""
    found = list(neighbours(claim, MOST))
    by = {status: [n for n in found if n.found == status] for status in ("refuted", "proved", "undecided")}
    return Beside(
        claim.assertion,
        len(by["refuted"]),
        tuple(n.change for n in by["proved"]),
        {n.change: n.why for n in by["undecided"]},
    )


@cache
def _store() -> Mapping[str, Any]:
    return dict(json.loads(STORE.read_text("utf-8"))) if STORE.exists() else {}


def _write(entries: Mapping[str, Any]) -> None:
    written = [f"{json.dumps(i)}: {json.dumps(entries[i], ensure_ascii=False)}" for i in sorted(entries)]
    write_whole(STORE, "{\n" + ",\n".join(written) + "\n}\n")
    _store.cache_clear()


def main() -> None:
    """Look at the neighbours of the ledger's claims of which nothing is stored, claim by claim."""
    from saddlecheck.theory import CLAIMS

    kept = {i: asdict(found) for i, c in CLAIMS.items() if has_neighbours(c) and (found := stored(c)) is not None}
    for claim in CLAIMS.values():
        if has_neighbours(claim) and claim.id not in kept:
            kept[claim.id] = asdict(look(claim))
            _write(kept)
    _write(kept)
    print("\n".join(lines(CLAIMS.values())))


if __name__ == "__main__":
    main()
