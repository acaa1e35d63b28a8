"""Claims by their ids, and what to say of an id that no claim has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from saddlecheck.verification.errors import UnknownClaim


def known(ids: Iterable[str] | None, existing: Collection[str]) -> list[str]:
    """The ids, each of which must be a claim's; None means all.

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
    wanted = list(existing) if ids is None else list(ids)
    for i in wanted:
        if i not in existing:
            near = difflib.get_close_matches(i, existing, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else "`saddlecheck claims` lists them all."
            raise UnknownClaim(f"no claim is called {i!r}: {hint}")
    return wanted
