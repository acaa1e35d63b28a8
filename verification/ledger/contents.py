"""The table of contents of this project: every claim's words, its module and what it rests on, without building it.

To build all claims takes longer than to settle most of them, so a question about a few builds those and what they rest
on. `verification/data/claims.json` lists what there is, beside a digest of the code that makes the claims; beside other
code it is not used and all claims are built. It decides nothing: a claim is the object that its module holds,
and one that is not as it is listed is refused. `python -m saddlecheck.verification.ledger.contents` writes it.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import saddlecheck
from saddlecheck._files import write_whole
from saddlecheck.theory.claims.place import Place

if TYPE_CHECKING:
    from saddlecheck.theory.claims.claim import Catalogue, Claim

STORE = Path(__file__).parent.parent / "data" / "claims.json"
_PAPERS = "saddlecheck.theory.papers."
_MAKERS = ("theory/*.py", "theory/papers/**/*.py", "theory/claims/*.py", "theory/optimisers/*.py")
_RUNS = ("numerics/experiment.py", "numerics/experiments/*.py", "nets/training_evidence.py")


@dataclass(frozen=True)
class ListedClaim:
    """A claim as it is listed.

    Attributes:
        id: of the claim.
        paper: id of its paper.
        module: where it is written, within `saddlecheck.theory.papers`.
        place: where in the paper it stands.
        title: of the claim.
        says: the assertion in words.
        amends: the claim that it repairs.
        voice: who asserts it.
        provenance: how the statement is known.
        beside: ids of the claims that it cites, is read by or amends, and of its repairs.
        runs: the modules of `saddlecheck.numerics.experiments` in which there are experiments that bear on it.
        trained: whether training records bear on it.
    """

    id: str
    paper: str
    module: str
    place: Place
    title: str
    says: str
    amends: str | None
    voice: str | None
    provenance: str | None
    beside: tuple[str, ...]
    runs: tuple[str, ...]
    trained: bool


@functools.cache
def listed(store: Path = STORE) -> Mapping[str, ListedClaim]:
    """The claims by id, in the order of the papers; none if the list is missing, damaged or of other code."""
    try:
        data = json.loads(store.read_text("utf-8"))
        if data["code"] != code():
            return {}
        return {e["id"]: _entry(e) for e in data["claims"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _entry(e: Mapping[str, Any]) -> ListedClaim:
    return ListedClaim(**{**e, "place": Place(**e["place"]), "beside": tuple(e["beside"]), "runs": tuple(e["runs"])})


def code() -> str:
    """A digest of the code on which the list depends."""
    root = Path(str(saddlecheck.__file__)).parent
    hasher = hashlib.sha256()
    for path in sorted({path for pattern in (*_MAKERS, *_RUNS) for path in root.glob(pattern)}):
        hasher.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return hasher.hexdigest()


def around(ids: Iterable[str], entries: Mapping[str, ListedClaim]) -> list[str]:
    """The ids of all claims on which some claims, those that they amend or their repairs rest, in the list's order."""
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        if (key := waiting.pop()) not in found:
            found.add(key)
            waiting += entries[key].beside
    return [key for key in entries if key in found]


def built(ids: Iterable[str], entries: Mapping[str, ListedClaim]) -> Catalogue:
    """The claims, with what `around` lists, as a catalogue of their own, which checks them as that of all does.

    Args:
        ids: claims of the list.
        entries: the list.

    Returns:
        The catalogue, in the list's order.

    Raises:
        MalformedClaim: a claim is not as it is listed, or does not go with the others.
    """
    from saddlecheck.theory.claims.claim import Catalogue, MalformedClaim

    claims = []
    for key in around(ids, entries):
        claim = next((c for c in _claims(import_module(_PAPERS + entries[key].module)) if c.id == key), None)
        if claim is None or _words(claim) != _words(entries[key]):
            raise MalformedClaim(f"claim {key} is not as {STORE.name} lists it; delete {STORE}.")
        claims.append(claim)
    return Catalogue(claims, elsewhere=entries)


def _words(claim: Claim | ListedClaim) -> tuple[Any, ...]:
    return (claim.id, claim.place, claim.title, claim.says, claim.amends, claim.voice, claim.provenance)


def write(store: Path = STORE) -> None:
    """Write the list, one claim a line, from the claims as they are built."""
    from saddlecheck.nets import training_evidence
    from saddlecheck.numerics.experiments.registry import SETS
    from saddlecheck.theory import CLAIMS, PAPERS
    from saddlecheck.theory.claims import graph

    homes = _homes()
    lines = []
    for paper in PAPERS:
        for c in paper.claims:
            beside = [*graph.grounds(c), *([c.amends] if c.amends else []), *(r.id for r in CLAIMS.amendments(c.id))]
            words = (c.title, c.says, c.amends, c.voice, c.provenance)
            runs = [m.__name__.rpartition(".")[2] for m in SETS if any(e.claim == c.id for e in m.EXPERIMENTS)]
            trained = c.id in training_evidence.CLAIMS
            entry = ListedClaim(c.id, paper.id, homes[id(c)], c.place, *words, tuple(beside), tuple(runs), trained)
            lines.append(json.dumps(asdict(entry), ensure_ascii=False))
    rows = ",\n".join(lines)
    write_whole(store, f'{{"code": "{code()}",\n"claims": [\n{rows}\n]}}\n')
    listed.cache_clear()


def _homes() -> dict[int, str]:
    """Of each claim as an object, the module that holds it; that which holds the fewest others where several do."""
    found = [(_claims(m), name.removeprefix(_PAPERS)) for name, m in sys.modules.items() if name.startswith(_PAPERS)]
    return {id(claim): name for claims, name in sorted(found, key=lambda pair: -len(pair[0])) for claim in claims}


def _claims(module: Any) -> tuple[Claim, ...]:
    """The claims that a module of a paper lists as its own, or those of the papers that are made there."""
    own = vars(module).get("CLAIMS", ())
    papers = (*vars(module).get("PAPERS", ()), *([module.PAPER] if "PAPER" in vars(module) else []))
    return own if own and isinstance(own, tuple) else tuple(claim for paper in papers for claim in paper.claims)


if __name__ == "__main__":
    write()
