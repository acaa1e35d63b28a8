"""Claims by their ids, and what to say of an id that no claim has."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from saddlecheck import _nearest
from saddlecheck.verification.errors import UnknownClaim


def known(ids: Iterable[str] | None, existing: Collection[str]) -> list[str]:
    """The ids, in any case, each of which must be a claim's; None means all.

    Returns:
        The ids, in the order in which they are named, or all that exist in theirs.

    Raises:
        UnknownClaim: one of them is no claim's; the message names the nearest ids.

    Example:
        >>> known(["thm1"], ["thm1", "thm2"])
        ['thm1']
        >>> from saddlecheck.verification.errors import UnknownClaim
        >>> try:
        ...     known(["thm"], ["thm1", "thm2"])
        ... except UnknownClaim as error:
        ...     print(error)
        no claim is called 'thm': did you mean thm2 or thm1?
    """
    if ids is None:
        return list(existing)
    named = list(ids)
    for i in named:
        if i.lower() not in existing:
            raise UnknownClaim(f"no claim is called {i!r}: {hint(i.lower(), existing)}")
    return [i.lower() for i in named]


def hint(words: str, ids: Collection[str]) -> str:
    """What to do about an id that is none: the nearest ones, or where all are listed."""
    return _nearest.hint(words, ids, "`saddlecheck claims` lists them all.")
