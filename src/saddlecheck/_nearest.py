"""What to say of a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def hint(name: str, known: Iterable[str], otherwise: str, *, most: int = 3) -> str:
    """The names nearest to one that is not known, as a question.

    Args:
        name: what was asked for.
        known: the names that there are.
        otherwise: what to say where none of them is near.
        most: how many names are offered.

    Returns:
        A sentence, or `otherwise`.

    Example:
        >>> hint("thm", ["thm1", "thm2"], "")
        'did you mean thm2 or thm1?'
        >>> hint("sam", ["thm1"], "`saddlecheck claims` lists them all.")
        '`saddlecheck claims` lists them all.'
    """
    near = difflib.get_close_matches(name, list(known), most)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
