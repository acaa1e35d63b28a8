"""The proofs that go into a certificate: of all consequences that the checker's rules ask for.

Those of the ledger are stored: of consequences that are steps in `theory/data/certificates.json`, of what the other
rules ask for beside it, in `proofs.json`. A store is not trusted: the checker verifies what it holds.
`python -m saddlecheck.verification.ledger.proofs` searches what is missing.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from saddlecheck.theory.checker import certificate as checker
from saddlecheck.theory.checker import positivity, rules
from saddlecheck.theory.checker.tree import Damaged, Tree, children, parse
from saddlecheck.theory.claims import serial, step_serial
from saddlecheck.theory.claims.claim import Claim
from saddlecheck.theory.engines import certificates
from saddlecheck.verification.ledger import cache

STORE = certificates.STORE.with_name("proofs.json")
_SEARCH = 8.0  # seconds for one proof
Find = Callable[[Sequence[Tree], Tree], Any]  # a proof that premises entail a goal, or None


class ReadStep(NamedTuple):
    """A step as the checker reads it from a certificate.

    data: as it is written there.  rule: its kind, formula and fields.  given: the conditions of its claim.  cited: what
    the steps that it uses state.
    """

    data: dict[str, Any]
    rule: tuple[str, Tree, dict[str, Any]]
    given: list[Tree]
    cited: list[Tree]


def read(claim: Claim) -> Iterator[ReadStep]:
    """The steps of a claim in order. Raises Damaged for one that the checker cannot read."""
    given = [parse(serial.encode(condition)) for condition in claim.given]
    known: dict[str, Tree] = {}
    for step in claim.steps:
        data = step_serial.encode(step)
        rule = checker.step(data)
        known[step.name] = rules.stated(*rule)
        yield ReadStep(data, rule, given, [known[name] for name in step.uses])


class Prover:
    """Proves what the rules of the checker ask for. used: the proofs of the steps that it has verified, by key."""

    def __init__(self, find: Find) -> None:
        self.used: dict[str, Any] = {}
        self._find = find

    def verifies(self, rule: tuple[str, Tree, dict[str, Any]], given: Sequence[Tree], cited: Sequence[Tree]) -> bool:
        """Whether the checker verifies a step with the proofs that are found."""
        found: dict[str, Any] = {}

        def prove(premises: Sequence[Tree], goal: Tree) -> None:
            if rules.at_hand(premises, goal):
                return
            if (proof := self._find(premises, goal)) is None:
                raise Damaged("no proof was found")
            positivity.verify(list(premises), goal, proof)
            found[checker.key(premises, goal)] = proof

        try:
            rules.verify(*rule, given, cited, prove)
        except Damaged:
            return False
        self.used |= found
        return True


def stored(premises: Sequence[Tree], goal: Tree) -> Any:
    """The stored proof of a consequence, or None."""
    if (proof := _store().get(checker.key(premises, goal))) is not None:
        return proof
    about = serialised(goal), [serialised(premise) for premise in premises]
    return certificates.stored(serial.digest(about))


def searched(premises: Sequence[Tree], goal: Tree, seconds: float = _SEARCH) -> Any:
    """The stored proof of a consequence, or one that is searched now, or None."""
    from saddlecheck.theory.checker.facts import Refutation
    from saddlecheck.theory.engines import case_tree

    if (proof := stored(premises, goal)) is not None:
        return proof
    return case_tree.search(Refutation(list(premises), goal), seconds)


def kept(premises: Sequence[Tree], goal: Tree) -> Any:
    """Return the stored proof of a consequence, or one that is searched once and then read from the cache, or None.

    For claims outside the ledger, whose proofs no store of ours holds.
    """
    if (proof := stored(premises, goal)) is not None:
        return proof
    name = checker.key(premises, goal)
    path, used = cache.folder() / "proofs" / f"{name}.json", cache.key(name)
    if (found := cache.load_json(path, used)) is None:
        found = {"proof": searched(premises, goal)}
        cache.store_json(path, used, found)
    return found["proof"]


def serialised(tree: Tree) -> Any:
    """A tree of the checker as JSON data, as the ledger serialises its formulas."""
    head, *args = tree
    if head == "Symbol":
        return ["Symbol", args[0], dict(args[1])]
    if head in ("Rational", "Boolean"):
        return ["Rational", str(args[0])] if head == "Rational" else args[0]
    if head in ("Derivative", "Integral", "Sum"):
        return [head, serialised(args[0]), ["Tuple", *map(serialised, args[1:])]]
    if head == "Subs":
        return [head, serialised(args[0]), ["Tuple", serialised(args[1])], ["Tuple", serialised(args[2])]]
    parts = children(tree)
    return [head, *args[: len(args) - len(parts)], *map(serialised, parts)]


@functools.cache
def _store() -> Mapping[str, Any]:
    return dict(json.loads(STORE.read_text("utf-8"))) if STORE.exists() else {}


def write(proofs: Mapping[str, Any]) -> None:
    """Write the store, one proof a line."""
    lines = (f"{json.dumps(key)}: {json.dumps(proofs[key], separators=(',', ':'))}" for key in sorted(proofs))
    STORE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    _store.cache_clear()


def main() -> None:
    """Search the proofs that the ledger's claims lack, and write the store anew, claim by claim."""
    from saddlecheck.theory import CLAIMS

    failed = set[str]()
    elsewhere = set[str]()

    def find(premises: Sequence[Tree], goal: Tree) -> Any:
        key = checker.key(premises, goal)
        about = serialised(goal), [serialised(premise) for premise in premises]
        if (proof := certificates.stored(serial.digest(about))) is not None:
            elsewhere.add(key)
            return proof
        proof = None if key in failed else searched(premises, goal)
        failed.update([key] if proof is None else [])
        return proof

    used: dict[str, Any] = {}
    for claim in CLAIMS.values():
        prover = Prover(find)
        for data, rule, given, cited in read(claim):
            if rule[0] in rules.RULES and not prover.verifies(rule, given, cited):
                print(f"not verified: {claim.id}, step {data['name']!r} ({rule[0]})")
        used |= {key: proof for key, proof in prover.used.items() if key not in elsewhere}
        write({**_store(), **used})
    write(used)
    print(f"{len(used)} proofs are stored")


if __name__ == "__main__":
    main()
