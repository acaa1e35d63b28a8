"""What is known of the sign of a number: the set of the signs, of -1, 0 and 1, that it may have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Sign = frozenset[int]
ANY, NONZERO, NONNEGATIVE, POSITIVE = map(frozenset, ((-1, 0, 1), (-1, 1), (0, 1), (1,)))


def of_product(c: Any, signs: Iterable[tuple[Sign, int]]) -> Sign:
    """The signs of c times powers of numbers of these signs."""
    found = frozenset({(c > 0) - (c < 0)})
    for sign, k in signs:
        found = frozenset(a * b**k for a in found for b in sign)
    return found


def of_sum(signs: Iterable[Sign]) -> Sign:
    """The signs of a sum of numbers of these signs."""
    found: Sign = frozenset({0})
    for sign in signs:
        found = frozenset[int]().union(*(ANY if a * b < 0 else {a or b} for a in found for b in sign))
    return found
