"""The stored certificates of consequences: what they prove is checked anew on each run, what is missing is searched.

`theory/data/certificates.json` holds a certificate for each consequence, under the digest of what it proves. It is
written by `python -m saddlecheck.theory.papers.certify`. It is not trusted: an entry that is wrong, or stands under
another digest, proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

from saddlecheck.theory.claims import serial
from saddlecheck.theory.symbols import Formula

STORE = Path(__file__).resolve().parent.parent / "data" / "certificates.json"
_SEARCH = 60.0  # seconds for one certificate

Subject = tuple[Any, list[Any]]  # the conclusion and the premises, as the ledger serialises them


def subject(premises: Sequence[Formula], conclusion: Formula) -> Subject:
    """What a certificate is about. Raises serial.Unreadable for a node that has no serialised form."""
    return serial.encode(conclusion), [serial.encode(premise) for premise in premises]


def prove(premises: Sequence[Formula], conclusion: Formula) -> tuple[Literal["proved", "undecided"], str]:
    """Whether a stored certificate proves that the premises entail the conclusion; if not, why."""
    from saddlecheck.theory.checker.tree import Damaged

    try:
        about = subject(premises, conclusion)
        certificate = _stored(STORE).get(serial.digest(about))
        if certificate is None:
            return "undecided", "no certificate is stored"
        verify(about, certificate)
    except (serial.Unreadable, Damaged) as error:
        return "undecided", str(error)
    return "proved", ""


def stored(digest: str) -> Any:
    """The certificate that is stored under a digest of what it proves, or None."""
    return _stored(STORE).get(digest)


def verify(about: Subject, certificate: Any) -> None:
    """Return if the certificate proves what it is about; raises the checker's Damaged if not."""
    from saddlecheck.theory.checker import positivity, tree

    conclusion, premises = about
    positivity.verify([tree.parse(premise) for premise in premises], tree.parse(conclusion), certificate)


def complete(about: Iterable[Subject], store: Path = STORE, seconds: float = _SEARCH) -> Iterator[tuple[str, bool]]:
    """Write a store for exactly these subjects: its valid certificates stay, those that are missing are searched.

    Yields each subject's digest and whether it has a certificate now. The store is written after each search.

    Yields:
        (digest, whether there is a certificate) of each subject.
    """
    from saddlecheck.theory.checker.tree import Damaged

    subjects = {serial.digest(each): each for each in about}
    kept = {name: found for name, found in _stored(store).items() if name in subjects}
    for name, each in subjects.items():
        try:
            verify(each, kept[name])
        except (KeyError, Damaged):
            kept.pop(name, None)
            if (found := _search(each, seconds)) is not None:
                kept[name] = found
                write(kept, store)
        yield name, name in kept
    write(kept, store)


def write(certificates: Mapping[str, Any], store: Path) -> None:
    """Write certificates, one a line."""
    lines = (f"{json.dumps(name)}: {json.dumps(found, separators=(',', ':'))}" for name, found in certificates.items())
    text = ",\n".join(sorted(lines))
    store.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")
    _stored.cache_clear()


def _search(about: Subject, seconds: float) -> Any:
    """A certificate that the checker accepts, or None."""
    from saddlecheck.theory.checker import facts, tree
    from saddlecheck.theory.engines import case_tree

    conclusion, premises = about
    try:
        refutation = facts.Refutation([tree.parse(premise) for premise in premises], tree.parse(conclusion))
    except tree.Damaged:  # a formula of another kind, such as a proposition in words
        return None
    certificate = case_tree.search(refutation, seconds)
    if certificate is not None:
        verify(about, certificate)
    return certificate


@cache
def _stored(store: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(store.read_text("utf-8"))
    except (OSError, ValueError):  # a store that cannot be read proves nothing
        return {}
    return data if isinstance(data, dict) else {}
